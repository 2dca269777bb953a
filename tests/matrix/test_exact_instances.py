"""Exact instances satisfy what they were made for."""

import numpy as np
import pytest
from numerics import Point
from sympy import (
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    symbols,
)

from symssl import (
    Commutes,
    Diagonal,
    Orthonormal,
    Symmetric,
    matrix_equal,
    samples,
)
from symssl.exact.rational_matrices import as_floats
from symssl.matrix.exact_instances import instances

n, k, d, N = symbols("n k d N", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
U, V = MatrixSymbol("U", n, k), MatrixSymbol("V", n, n)
W = MatrixSymbol("W", k, n)
X = samples("x", d, N)


@pytest.mark.parametrize(
    "relations",
    [
        (Orthonormal(U),),
        (Orthonormal(V), Symmetric(V)),
        (Commutes(A, B), Commutes(B, C)),
        (Diagonal(A), Symmetric(B)),
        (Commutes(W.T * W, A), Symmetric(A)),
        (Orthonormal(W.T),),
        (Symmetric(A), Symmetric(B), Commutes(A, B), Commutes(A, C)),
    ],
    ids=str,
)
def test_instances_satisfy_their_relations(relations):
    found = list(instances((), relations))
    assert found
    for instance in found:
        values = {X: np.array(as_floats(M)) for X, M in instance.matrices.items()}
        point = Point({**{name: int(size) for name, size in instance.sizes.items()}, **values})
        for r in relations:
            if isinstance(r, Diagonal):
                assert np.allclose(point(r.A), np.diag(np.diag(point(r.A))))
            else:
                assert all(np.allclose(point(q), 0, atol=1e-9) for q in r.defect())


@pytest.mark.parametrize(
    "assumption", ["positive", "negative", "nonpositive", "integer", "even", "odd", "prime", "real"]
)
def test_scalars_of_instances_keep_their_assumptions(assumption):
    q = Symbol("q", **{assumption: True})
    for instance in instances((q * Trace(A),)):
        value = instance.scalar(q)
        assert getattr(Rational(int(value.p), int(value.q)), f"is_{assumption}") is True


def test_sizes_of_instances_keep_their_assumptions():
    even = Symbol("even", even=True, positive=True)
    half = MatrixSymbol("H", even / 2, even / 2)
    assert matrix_equal(Trace(half), Trace(half.T))
    for instance in instances((Trace(half),)):
        assert instance.sizes[even] % 2 == 0
