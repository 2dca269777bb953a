"""Relations: what each of them means, and what cannot be one."""

import pytest
from hypothesis import given, strategies as st
from sympy import ImmutableMatrix, MatrixSymbol, Symbol, symbols

from symssl import Commutes, Diagonal, InputError, Normalised, Orthonormal, Symmetric
from symssl.language.relations import check_relations
from symssl.matrix import explicit_value

n, k = symbols("n k", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
U, W = MatrixSymbol("U", n, k), MatrixSymbol("W", k, n)


@pytest.mark.parametrize(
    "case",
    [
        lambda: Symmetric(W),
        lambda: Symmetric(A + B),
        lambda: Symmetric("A"),
        lambda: Symmetric(A.T),
        lambda: Symmetric(Symbol("a")),
        lambda: Diagonal(W),
        lambda: Diagonal(A * B),
        lambda: Orthonormal(MatrixSymbol("Q", 2, 3)),
        lambda: Orthonormal(A * B),
        lambda: Orthonormal(MatrixSymbol("Q", 3, 2).T),
        lambda: Orthonormal(3),
        lambda: Commutes(A, W),
        lambda: Commutes(A, 3),
        lambda: Commutes(A, MatrixSymbol("D", k, k)),
        lambda: check_relations((A,)),
        lambda: check_relations(A),
        lambda: check_relations(None),
        lambda: check_relations((Symmetric(),)),
        lambda: check_relations((Symmetric(A), Orthonormal(MatrixSymbol("A", k, n)))),
        lambda: check_relations((Symmetric(MatrixSymbol("A", 2, 2)), Symmetric(MatrixSymbol("A", 3, 3)))),
    ],
)
def test_bad_relations(case):
    with pytest.raises(InputError):
        case()


def test_the_remedy_is_named():
    with pytest.raises(InputError, match="orthonormal rows"):
        Orthonormal(MatrixSymbol("Q", 2, 3))
    with pytest.raises(InputError, match="contradictory"):
        check_relations((Symmetric(MatrixSymbol("A", 2, 2)), Symmetric(MatrixSymbol("A", 3, 3))))


def matrix_of(entries):
    return ImmutableMatrix(2, 2, entries)


@given(st.lists(st.integers(-2, 2), min_size=4, max_size=4), st.lists(st.integers(-2, 2), min_size=4, max_size=4))
def test_a_defect_vanishes_exactly_where_the_relation_holds(one, two):
    P, Q, F = (MatrixSymbol(name, 2, 2) for name in "PQF")
    p, q = matrix_of(one), matrix_of(two)
    for relation, holds in (
        (Symmetric(P), p == p.T),
        (Orthonormal(P), p.T * p == ImmutableMatrix.eye(2)),
        (Commutes(P, Q), p * q == q * p),
        (Normalised(P, Q), q == q.T and p.T * q * p == ImmutableMatrix.eye(2)),
    ):
        values = {P: p, Q: q, F: p}
        defects = [explicit_value(e, values) for e in relation.defect()]
        assert all(e == ImmutableMatrix.zeros(2, 2) for e in defects) == holds


@given(st.lists(st.integers(-2, 2), min_size=4, max_size=4))
def test_only_a_diagonal_matrix_commutes_with_every_diagonal_one(entries):
    P = MatrixSymbol("P", 2, 2)
    (defect,) = Diagonal(P).defect()
    (probe,) = (r.A for r in Diagonal(P).probes)
    value = explicit_value(defect, {P: matrix_of(entries), probe: matrix_of([1, 0, 0, 2])})
    assert (value == ImmutableMatrix.zeros(2, 2)) == (entries[1] == entries[2] == 0)
