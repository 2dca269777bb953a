"""Velocities of singular values and vectors, against differences of numerical decompositions."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Matrix, MatrixSymbol, Ne, Rational, nan, oo, symbols

from symssl.errors import InputError
from symssl.matrix.singular_values import singular_flow

a, b, c = symbols("a b c", positive=True)


def path(shape, seed):
    """A path with well separated singular values, and its exact factors at t = 0."""
    rng = np.random.default_rng(seed)
    rows, cols = shape
    U = np.linalg.qr(rng.normal(size=(rows, rows)))[0]
    V = np.linalg.qr(rng.normal(size=(cols, cols)))[0]
    values = 1 + np.arange(min(shape))[::-1] + rng.uniform(0, 0.4, min(shape))
    S = np.zeros(shape)
    np.fill_diagonal(S, values)
    return U, values, V, U @ S @ V.T, rng.normal(size=shape)


def aligned(W, U, V):
    """Singular vectors of W with the signs of U and V."""
    u, s, vh = np.linalg.svd(W, full_matrices=False)
    signs = np.sign(np.sum(u * U[:, : len(s)], axis=0))
    return u * signs, s, vh.T * signs


@settings(max_examples=30)
@given(st.sampled_from([(2, 2), (3, 3), (4, 2), (2, 4), (3, 2)]), st.integers(0, 10**6))
def test_against_differences(shape, seed):
    U, values, V, W, velocity = path(shape, seed)
    seen = U.T @ velocity @ V
    names = symbols(f"s:{len(values)}", positive=True)
    found = singular_flow(Matrix(*shape, lambda i, j: Rational(seen[i, j])), names)
    at = dict(zip(names, map(Rational, values)))
    h = 1e-5
    ahead, behind = aligned(W + h * velocity, U, V), aligned(W - h * velocity, U, V)
    U_dot, s_dot, V_dot = ((p - q) / (2 * h) for p, q in zip(ahead, behind))
    np.testing.assert_allclose([float(found.values[s].subs(at)) for s in names], s_dot, atol=1e-6)
    k = len(values)
    left = np.array(found.left.subs(at).tolist(), float)
    right = np.array(found.right.subs(at).tolist(), float)
    np.testing.assert_allclose(left[:, :k], U.T @ U_dot, atol=1e-5)
    np.testing.assert_allclose(right[:, :k], V.T @ V_dot, atol=1e-5)


def test_the_factors_give_the_velocity_back():
    M = MatrixSymbol("M", 3, 3).as_explicit()
    flow = singular_flow(M, (a, b, c))
    S = Matrix.diag(a, b, c)
    seen = flow.left * S + Matrix.diag(*(flow.values[s] for s in (a, b, c))) - S * flow.right
    assert (seen - M).applyfunc(lambda e: e.cancel()) == Matrix.zeros(3, 3)
    assert flow.left.T == -flow.left and flow.right.T == -flow.right


def test_what_has_to_hold_is_said():
    assert singular_flow(Matrix(2, 2, [1, 2, 3, 4]), (a, b)).given == (Ne(a**2, b**2),)
    assert set(singular_flow(Matrix(3, 2, range(6)), (a, b)).given) == {
        Ne(a**2, b**2),
        Ne(a, 0, evaluate=False),
        Ne(b, 0, evaluate=False),
    }


def test_a_repeated_value_has_no_velocity():
    with pytest.raises(InputError, match="repeated"):
        singular_flow(Matrix(2, 2, [1, 2, 3, 4]), (a, a))


@pytest.mark.parametrize(
    "velocity, values",
    [
        (MatrixSymbol("M", 2, 2), (a, b)),
        (Matrix(2, 2, [1, 2, 3, 4]), (a,)),
        (Matrix(2, 3, range(6)), (a, b, c)),
        (Matrix(2, 2, [nan, nan, nan, nan]), (a, b)),
        (Matrix(2, 2, [oo, 1, 1, 1]), (a, b)),
        (Matrix(1, 1, [1]), (Matrix([a]),)),
    ],
)
def test_malformed_input_is_named(velocity, values):
    with pytest.raises(InputError):
        singular_flow(velocity, values)
