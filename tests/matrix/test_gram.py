"""Gram determinants against numpy's QR factorization, and as identities of words."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Matrix, MatrixSymbol, eye, symbols

from symssl import InputError, Refusal, inner, matrix_equal, sq
from symssl.matrix.gram import gram_matrix, qr, qr_squares, unprojected

d = symbols("d", integer=True, positive=True)
u, v, w = (MatrixSymbol(name, d, 1) for name in "uvw")


def explicit(expr, values):
    """An expression in inner products at explicit columns."""
    return expr.subs(values).replace(inner, lambda a, b: (a.T * b)[0]).replace(sq, lambda a: (a.T * a)[0])


@given(st.integers(1, 3).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 4), st.integers(0, 10**6))))
def test_the_squares_are_those_of_numpy(case):
    k, rows, seed = case
    M = np.random.default_rng(seed).integers(-5, 6, size=(rows, k))
    if np.linalg.matrix_rank(M) < k:
        return
    names = [MatrixSymbol(f"c{j}", rows, 1) for j in range(k)]
    values = {name: Matrix(M[:, j]) for j, name in enumerate(names)}
    found = [float(explicit(q, values)) for q in qr_squares(*names)]
    assert np.allclose(found, np.diag(np.linalg.qr(M)[1]) ** 2)


@given(st.integers(1, 3).flatmap(lambda a: st.tuples(st.just(a), st.integers(a, 4), st.integers(0, 10**6))))
def test_the_factorization_of_explicit_matrices(case):
    a, b, seed = case
    M = Matrix(np.random.default_rng(seed).integers(-4, 5, size=(a, b)))
    if M[:, :a].det() == 0:
        with pytest.raises(Refusal):
            qr(M)
        return
    Q, R = qr(M)
    assert (Q * R - M).applyfunc(lambda e: e.simplify()).is_zero_matrix
    assert (Q.T * Q - eye(a)).applyfunc(lambda e: e.simplify()).is_zero_matrix
    assert all(R[j, j].is_positive for j in range(a)) and R.is_upper


@pytest.mark.parametrize("others", [(u,), (u, v)])
def test_what_is_left_is_orthogonal_and_has_the_length_of_the_determinant(others):
    left = unprojected(w, *others)
    below, above = gram_matrix(*others).det(), gram_matrix(*others, w).det()
    assert all(matrix_equal(inner(left, q), 0) for q in others)
    assert matrix_equal(inner(left, w), above)
    assert matrix_equal(sq(left), below * above)
    assert not matrix_equal(sq(left), above)


def test_malformed_input():
    with pytest.raises(InputError):
        gram_matrix()
    with pytest.raises(InputError):
        gram_matrix(u, MatrixSymbol("y", d + 1, 1))
    with pytest.raises(InputError):
        qr(u)
    with pytest.raises(Refusal):
        qr(Matrix([1, 2]))
    assert unprojected(u) == u
