"""Statements at points that give explicit matrices, against the same statements in NumPy."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import InputError, Symmetric, sq
from symssl.matrix.points import holds_at, is_matrix_point, keeps, missing_matrices

n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
a = sp.Symbol("a", real=True)
matrices = st.integers(1, 3).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(-2, 2), min_size=k * k, max_size=k * k)] * 2)
)


def squares(entries):
    k = int(len(entries[0]) ** 0.5)
    return [sp.Matrix(k, k, e) for e in entries]


@given(matrices, st.integers(-4, 4))
def test_statements_against_numpy(entries, bound):
    one, two = squares(entries)
    point = {A: one, B: two, a: bound}
    P, Q = (np.array(M.tolist(), dtype=int) for M in (one, two))
    assert holds_at(sp.Eq(A * B, B * A), point) == np.array_equal(P @ Q, Q @ P)
    assert holds_at(sp.Ne(A, B.T), point) == (not np.array_equal(P, Q.T))
    assert holds_at(sp.Trace(A * B) <= a, point) == (np.trace(P @ Q) <= bound)
    assert holds_at(sp.And(sq(A) > a, sp.Eq(n, len(P))), point) == (np.sum(P * P) > bound)
    assert holds_at(sp.Not(sp.Eq(A, A.T)), point) == (not np.array_equal(P, P.T))
    assert keeps(Symmetric(A), point) == np.array_equal(P, P.T)


def test_what_a_point_gives():
    assert is_matrix_point({A: sp.eye(2)}) and not is_matrix_point({a: 1})
    assert missing_matrices(sp.Eq(A * B, A), {A: sp.eye(2)}) == {B}
    assert holds_at(a > 0, {a: 1})


@pytest.mark.parametrize(
    "statement, point, reason",
    [
        (sp.Eq(A, B), {A: sp.eye(2)}, "no value to B"),
        (sp.Eq(A, B), {A: sp.eye(2), B: sp.eye(3)}, "does not fit"),
        (sp.Eq(A, A.T), {A: sp.Matrix([[sp.sqrt(2), 0], [0, 1]])}, "must be rational"),
        (sp.Eq(A, A.T), {A: 3}, "explicit matrix"),
        (sp.Eq(A, A.T), {A: sp.eye(2), a: sp.sqrt(2)}, "must be rational"),
    ],
)
def test_points_that_do_not_fit(statement, point, reason):
    with pytest.raises(InputError, match=reason):
        holds_at(statement, point)
