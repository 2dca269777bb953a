"""Values at exact instances against floating-point numbers."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from numerics import Point, losses
from sympy import (
    MatrixSymbol,
    Symbol,
    Trace,
    log,
    symbols,
)

from symssl import (
    Undecided,
    matrix_equal,
    sq,
)
from symssl.matrix.exact_instances import instances

n, k, d, N = symbols("n k d N", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
W = MatrixSymbol("W", k, n)


def test_an_instance_without_a_value_confirms_nothing():
    with pytest.raises(Undecided):  # the logarithm of a negative number everywhere
        matrix_equal(log(-1 - sq(A)), log(-1 - Trace(A * A.T)))
    with pytest.raises(Undecided):
        matrix_equal(Symbol("q", imaginary=True) * Trace(A), Symbol("q", imaginary=True) * Trace(A.T))


@settings(max_examples=60)
@given(losses((A, W), (n, k)), st.integers(0, 5))
def test_values_at_instances_against_floats(e, seed):
    """The exact path and the one in floating point share nothing."""
    (instance,) = instances((e, Trace(A), sq(W)), shapes=1, shrink=seed + 1)
    numbers = {
        X: np.array([[float(M[i, j]) for j in range(M.ncols())] for i in range(M.nrows())])
        for X, M in ((X, instance.matrix(X)) for X in (A, W))
    }
    point = Point({**{size: int(value) for size, value in instance.sizes.items()}, **numbers})
    wanted = point(e)
    assume(np.isfinite(wanted) and point.smallest > 1e-6)
    value = instance.value(e)
    if hasattr(value, "is_finite"):  # a ball
        assert value.rad() < 1e-30 * (1 + abs(value))
    assert np.isclose(float(value), wanted, rtol=1e-8, atol=1e-8)


@given(losses((A, W), (n, k)), losses((A, W), (n, k)))
def test_a_value_is_the_same_every_time(one, two):
    for instance in instances((one, two, Trace(A), sq(W)), shapes=1):
        try:
            first = instance.gap(one, two)
        except (ZeroDivisionError, ValueError):
            continue
        assert str(first) == str(instance.gap(one, two))
