"""Exact matrices, against NumPy with Fractions as entries."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from flint import fmpq, fmpq_mat, fmpq_mpoly_ctx
from hypothesis import given, strategies as st

from symssl.exact.rational_matrices import (
    NotPolynomial,
    PolynomialMatrix,
    as_floats,
    block_diagonal,
    entries,
    from_blocks,
    identity_matrix,
    is_matrix,
    random_matrix,
    times,
    trace,
)

sizes = st.integers(1, 4)
seeds = st.integers(0, 10**6)
RING = fmpq_mpoly_ctx.get(("u", "v"), "lex")
U, V = RING.gens()


def array(M):
    """A matrix as an array of Fractions."""
    return np.array([[Fraction(int(M[i, j].p), int(M[i, j].q)) for j in range(M.ncols())] for i in range(M.nrows())])


def polynomial_matrix(n, m, random):
    return PolynomialMatrix(
        [[U * random.randint(-3, 3) + V**2 + random.randint(-2, 2) for _ in range(m)] for _ in range(n)]
    )


def at(M, u, v):
    """A polynomial matrix at a point, as an array of Fractions."""
    rows = [
        [sum(Fraction(int(c.p), int(c.q)) * u ** int(p) * v ** int(q) for (p, q), c in e.to_dict().items()) for e in r]
        for r in M.rows
    ]
    return np.array(rows, dtype=object)


@given(sizes, sizes, seeds)
def test_blocks_traces_and_floats(n, m, seed):
    random = Random(seed)
    A, B, C, D = (random_matrix(*shape, random) for shape in ((n, n), (n, m), (m, n), (m, m)))
    whole = from_blocks([[A, B], [C, D]])
    assert (array(whole) == np.block([[array(A), array(B)], [array(C), array(D)]])).all()
    diagonal = array(block_diagonal([A, D]))
    assert (diagonal[:n, :n] == array(A)).all() and (diagonal[n:, n:] == array(D)).all()
    assert not diagonal[:n, n:].any() and not diagonal[n:, :n].any()
    t = trace(whole)
    assert Fraction(int(t.p), int(t.q)) == array(whole).trace()
    assert [Fraction(int(e.p), int(e.q)) for e in entries(B)] == list(array(B).ravel())
    assert np.array_equal(np.array(as_floats(whole)), array(whole).astype(float))  # the nearest floats, both
    assert (array(identity_matrix(n) * A) == array(A)).all()


@given(sizes, sizes, sizes, seeds)
def test_matrices_of_polynomials_are_evaluated_like_arrays(n, m, k, seed):
    random = Random(seed)
    A, B, C = polynomial_matrix(n, m, random), polynomial_matrix(m, k, random), polynomial_matrix(n, m, random)
    R = random_matrix(k, n, random)
    point = (Fraction(3, 2), Fraction(-1, 3))
    assert (at(A * B, *point) == at(A, *point) @ at(B, *point)).all()
    assert (at(A + C, *point) == at(A, *point) + at(C, *point)).all()
    assert (at(A.transpose(), *point) == at(A, *point).T).all() and (A.nrows(), A.ncols()) == (n, m)
    assert (at(R * A, *point) == array(R) @ at(A, *point)).all()
    assert (at(A * U, *point) == at(A, *point) * point[0]).all() and (at(U * A, *point) == at(A * U, *point)).all()
    square = polynomial_matrix(n, n, random)
    assert (at(square**3, *point) == np.linalg.matrix_power(at(square, *point), 3)).all()


@given(sizes, seeds)
def test_scalars_and_matrices_in_either_order(n, seed):
    A = random_matrix(n, n, Random(seed))
    half = fmpq(1, 2)
    assert times(A, half) == times(half, A) == A * half and times(half, half) == fmpq(1, 4)
    point = (Fraction(2), Fraction(0))
    assert (at(times(A, U), *point) == 2 * array(A)).all() and (at(times(U, A), *point) == 2 * array(A)).all()


def test_what_is_a_matrix_and_what_has_no_inverse():
    A = fmpq_mat(1, 1, [2])
    assert is_matrix(A) and is_matrix(PolynomialMatrix.of(A)) and not is_matrix(fmpq(2))
    assert PolynomialMatrix.of(PolynomialMatrix([[U]])).rows == [[U]] and PolynomialMatrix([[U, V]])[0, 1] == V
    with pytest.raises(NotPolynomial):
        PolynomialMatrix([[U]]).inv()
