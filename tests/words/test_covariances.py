"""Laws of Gaussian vectors are checked where they are first read."""

import pytest
from hypothesis import given, strategies as st
from sympy import Identity, Matrix, MatrixSymbol, Trace, symbols

from symssl import E, InputError, expect, gaussians, gradient_flow, inner, sq
from symssl.words.covariances import check_covariance, symmetric_blocks

d = symbols("d", integer=True, positive=True)
B, C = MatrixSymbol("B", d, d), MatrixSymbol("C", d, d)
NOT_SYMMETRIC = [[[B * C]], [[B, C], [C, B]], [[B, C.T], [2 * C, B]], [[B * C + C * B + B, C], [C.T, B]]]


@pytest.mark.parametrize("cov", NOT_SYMMETRIC)
def test_a_law_that_is_not_symmetric_is_refused_at_its_first_use(cov):
    x = gaussians("x y"[: 2 * len(cov) - 1], d, cov=cov)[0]
    for use in (lambda: expect(E(sq(x))), lambda: gradient_flow(E(inner(x, B * x)), B)):
        with pytest.raises(InputError, match="not symmetric"):
            use()


@pytest.mark.parametrize(
    "cov",
    [
        [[B]],
        [[2 * B]],
        [[2 * B - Identity(d)]],
        [[B, C], [C.T, B]],
        [[B + C, B], [B, 3 * B]],
        [[B, 2 * C + B], [B + 2 * C.T, C]],
    ],
)
def test_a_symmetric_law_is_read(cov):
    x = gaussians("x y"[: 2 * len(cov) - 1], d, cov=cov)[0]
    assert expect(E(sq(x))) is not None
    assert check_covariance(x.joint, d) is None


def test_blocks_on_the_diagonal_are_symmetric_by_what_they_are():
    assert [str(r) for r in symmetric_blocks([2 * B, d * C - B, d])] == ["Symmetric(B)", "Symmetric(C)"]
    assert symmetric_blocks([B * C, B.T, Identity(d)]) == ()


entries = st.integers(-2, 2)


@given(st.lists(entries, min_size=4, max_size=4))
def test_explicit_covariances_are_symmetric(table):
    M = Matrix(2, 2, table)
    (x,) = gaussians("x", 2, cov=[[M]])
    if M.is_symmetric():
        assert expect(E(sq(x))) == M.trace()
    else:
        with pytest.raises(InputError, match="not symmetric"):
            expect(E(sq(x)))


@given(st.integers(1, 3), entries, entries)
def test_blocks_that_are_each_others_transpose(a, b, c):
    x, _ = gaussians("x y", d, cov=[[a * B, b * C], [c * C.T, B]])
    if b == c:
        assert expect(E(inner(x, x))) == a * Trace(B)
    else:
        with pytest.raises(InputError, match="not the transpose"):
            expect(E(inner(x, x)))
