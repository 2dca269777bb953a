"""Minima over two layers: what is said for all sizes agrees with certified minima at explicit matrices."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Eq, Ge, Gt, Le, Lt, MatrixSymbol, Min, Symbol, Trace, diag, oo, symbols

from symssl import Refusal, Symmetric, norm, sq, total
from symssl.language import Eigenvalue, Object, Optimum, Vocabulary
from symssl.language.relations import Orthonormal
from symssl.statements import derive, entails

h, d, z, k = symbols("h d z k", integer=True, positive=True)
c, mu = symbols("c mu", positive=True)
j = Symbol("j", integer=True)


def layers(h=h, d=d, z=z, form=None):
    W, U = MatrixSymbol("W", h, d), MatrixSymbol("U", h, z)
    return W, U, Trace(U.T * W * (MatrixSymbol("C", d, d) if form is None else form) * W.T * U)


def size(matrix):
    return Eigenvalue(matrix, 1, "singular")


def problems(W, U, loss):
    """The four problems: the quotient, two bounded layers, a bounded product, orthonormal columns."""
    return (
        Optimum(loss / (size(W) ** 2 * size(U) ** 2), (W, U), (Gt(norm(W), 0), Gt(norm(U), 0))),
        Optimum(loss, (W, U), (Le(size(W), 1), Le(size(U), 1))),
        Optimum(loss, (W, U), Le(size(U.T * W), 1)),
        Optimum(loss, (W, U), (Orthonormal(W), Orthonormal(U))),
    )


C = MatrixSymbol("C", d, d)
SYMMETRIC = (Symmetric(C),)
NEGATIVE = Lt(Eigenvalue(C, 1), 0)
WIDE = (Ge(h, d), Ge(h, z))
NEGATIVE_PARTS = Min(0, Eigenvalue(C, j))


@settings(max_examples=6)
@given(
    st.lists(st.integers(-3, 3), min_size=2, max_size=3, unique=True),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(0, 99),
)
def test_explicit_minima_are_bounds_that_the_eigenvalues_tell(entries, outputs, width, seed):
    dim, rng = len(entries), np.random.default_rng(seed)
    width = max(width, dim, outputs)
    *_, contractions, product, frames = problems(*layers(width, dim, outputs, diag(*entries)))
    lowest = sorted(entries)[: min(dim, outputs, width)]
    assert derive(contractions).value == derive(product).value == sum(min(0, value) for value in lowest)
    least = float(derive(frames).value)
    for _ in range(20):
        W, U = (np.linalg.qr(rng.normal(size=(width, columns)))[0] for columns in (dim, outputs))
        M = U.T @ W
        assert np.trace(M @ np.diag(entries) @ M.T) >= least - 1e-9
    kept = max(0, dim + outputs - width)
    values = sorted(entries)
    assert least == sum(values[:kept]) + sum(min(0, value) for value in values[kept : min(dim, outputs)])


def test_minima_for_all_sizes():
    quotient, contractions, product, frames = problems(*layers())
    negative = total(NEGATIVE_PARTS, (j, Min(h, d, z)))
    assert derive(contractions, SYMMETRIC).value == derive(product, SYMMETRIC).value == negative
    assert derive(quotient, (*SYMMETRIC, NEGATIVE)).value == negative
    assert derive(product, (*SYMMETRIC, *WIDE)).value == total(NEGATIVE_PARTS, (j, Min(d, z)))
    several = (Le(k, d), Le(k, z), Le(Eigenvalue(C, k), 0), Ge(h, d + z - k))
    assert derive(frames, (*SYMMETRIC, *WIDE, *several)).value == total(NEGATIVE_PARTS, (j, Min(d, z)))
    assert derive(frames, (*SYMMETRIC, *WIDE, Le(z, d), Le(Eigenvalue(C, z), 0))).value == total(
        Eigenvalue(C, j), (j, z)
    )


def test_what_the_minima_rest_on_is_asked_for():
    quotient, contractions, _, frames = problems(*layers())
    several = (Le(k, d), Le(k, z), Le(Eigenvalue(C, k), 0), Ge(h, d + z - k))
    for term, hypotheses in (
        (contractions, ()),  # no symmetry
        (quotient, SYMMETRIC),  # without a negative eigenvalue it is another
        (frames, (*SYMMETRIC, Le(z, d), Le(Eigenvalue(C, z), 0))),  # perhaps no frames
        (frames, (*SYMMETRIC, *WIDE, Le(Eigenvalue(C, z), 0))),
        *((frames, (*SYMMETRIC, *WIDE, *several[:m], *several[m + 1 :])) for m in (1, 3)),
    ):
        with pytest.raises(Refusal):
            derive(term, hypotheses)


def test_a_form_in_a_ball():
    W, U, loss = layers()
    least = Eigenvalue(W * C * W.T, 1)
    ball = Optimum(loss, U, Le(norm(U), c))
    assert derive(ball, SYMMETRIC).value == c**2 * Min(0, least)
    assert derive(ball, (*SYMMETRIC, Ge(least, 0))).value == 0
    F = MatrixSymbol("F", 2, 3)
    assert derive(Optimum(Trace(F.T * diag(-2, 1) * F), F, Le(norm(F), c))).value == -2 * c**2
    for term, hypotheses in ((ball, ()), (Optimum(loss, U, Le(norm(U), Symbol("r", real=True))), SYMMETRIC)):
        with pytest.raises(Refusal):
            derive(term, hypotheses)


def test_what_has_no_lower_bound():
    W, U, loss = layers()
    penalised = loss + mu * (sq(W) + sq(U))
    assert derive(Optimum(penalised, (W, U), (), "inf"), (*SYMMETRIC, NEGATIVE)).value == -oo
    assert derive(Optimum(loss, U, (), "inf"), (Lt(loss, 0),)).value == -oo
    assert derive(Optimum(-loss, U, (), "sup"), (Lt(loss, 0),)).value == oo
    for term, hypotheses in (
        (Optimum(penalised, (W, U), (), "inf"), SYMMETRIC),
        (Optimum(penalised, (W, U), (), "min"), (*SYMMETRIC, NEGATIVE)),
        (Optimum(loss + sq(U) ** 2, U, (), "inf"), (Lt(loss, 0),)),
        (Optimum(loss, U, (), "inf"), ()),
    ):
        with pytest.raises(Refusal):
            derive(term, hypotheses)


def test_eigenvalues_of_unknown_matrices_are_numbers_that_are_not_told_apart_for_nothing():
    words = Vocabulary(Object(d, "a size"), Object(C, "a matrix", Symmetric(C)))
    alike = Eq(Eigenvalue(C, -1), Eigenvalue(C.T, -1), evaluate=False)
    assert entails(words.sentence(alike)).held is None
    assert entails(words.sentence(Lt(Eigenvalue(C, 1), 1, evaluate=False), given=NEGATIVE)).held


def test_a_comparison_of_minima_fails_at_an_instance():
    *_, product, frames = problems(*layers())
    words = Vocabulary(*(Object(s, "it") for s in (h, d, z)), Object(C, "a matrix", Symmetric(C)))
    alike = words.sentence(Eq(product, frames, evaluate=False), (NEGATIVE, *WIDE))
    assert entails(alike).held is None
    assert entails(alike, at={d: 2, h: 2, z: 2, C: diag(-1, 1)}).held is False  # -1 against 0
    assert entails(alike, at={d: 2, h: 3, z: 2, C: diag(-1, 1)}).held
