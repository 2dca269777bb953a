"""Moments of Gaussian vectors are exact for polynomials, whatever the law; null sets and half-spaces have theirs."""

from itertools import product
from math import comb, erf

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, strategies as st

from symssl import E, cosine, gaussians, inner, sg, sq
from symssl.language import Gradient, GradientFlow, Probability, Rate
from symssl.statements.meaning import logic, moments  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.moments import cubature
from symssl.statements.meaning.scene import Scene, Unknown

W = sp.MatrixSymbol("W", 2, 2)
C, m = sp.MatrixSymbol("C", 2, 2), sp.MatrixSymbol("m", 2, 1)
c = sp.Symbol("c", positive=True)
small = st.integers(-3, 3)
first = sp.Matrix([[1, 0]])


def coordinate(x, k):
    return sp.Trace(sp.Matrix([[int(k == j) for j in range(2)]]) * x)


def double_factorial(n):
    return 1 if n <= 0 else n * double_factorial(n - 2)


@pytest.mark.parametrize("degree", range(9))
def test_the_moments_of_a_normal_variable(degree):
    (x,) = gaussians("x", 1, cov=[[c]])
    scene = Scene({c: fmpq(2, 3)})
    exact = 0 if degree % 2 else double_factorial(degree - 1) * fmpq(2, 3) ** (degree // 2)
    assert scene.value(E(sp.Trace(x) ** degree)) == exact if degree else True
    assert scene.estimates == []


@given(st.integers(1, 3), st.integers(0, 8))
def test_the_cubature_is_exact_to_its_degree(count, degree):
    variances = [fmpq(k + 1, 2) for k in range(count)]
    rule = cubature(variances, degree)
    for powers in product(range(degree + 1), repeat=count):
        if sum(powers) > degree:
            continue
        found = sum((w * fmpq(int(np.prod([x**p for x, p in zip(node, powers)]))) for node, w in rule), fmpq(0))
        exact = fmpq(1)
        for p, v in zip(powers, variances):
            exact *= 0 if p % 2 else double_factorial(p - 1) * v ** (p // 2)
        assert found == exact
    assert len(rule) <= sum(comb(count, k) * comb(degree // 2, k) * 2**k for k in range(count + 1))


def test_beyond_its_degree_the_cubature_is_not_exact():
    assert sum(w * node[0] ** 6 for node, w in cubature([fmpq(1)], 4)) != 15


@given(st.lists(small, min_size=4, max_size=4), st.lists(small, min_size=2, max_size=2))
def test_isserlis(entries, mean):
    """Fourth moments around any mean: of pairs, by the covariance L L^T."""
    L = np.array(entries).reshape(2, 2)
    S = L @ L.T
    (x,) = gaussians("x", 2, mean=[m], cov=[[C]])
    scene = Scene({C: array_of(S), m: array_of([[mean[0]], [mean[1]]])})
    u, v = coordinate(x - m, 0), coordinate(x - m, 1)
    assert scene.value(E(u * v)) == S[0, 1]
    assert scene.value(E(u**2 * v**2)) == S[0, 0] * S[1, 1] + 2 * S[0, 1] ** 2
    assert scene.value(E(u**3 * v)) == 3 * S[0, 0] * S[0, 1]
    assert scene.value(E(u**4 * v**4)) == (
        9 * S[0, 0] ** 2 * S[1, 1] ** 2 + 72 * S[0, 0] * S[1, 1] * S[0, 1] ** 2 + 24 * S[0, 1] ** 4
    )
    assert scene.value(E(sq(x))) == np.trace(S) + mean[0] ** 2 + mean[1] ** 2
    assert scene.estimates == []


def test_matrices_views_and_copies():
    x, y = gaussians("x y", 2, cov=[[2, 1], [1, 3]])
    scene = Scene({W: array_of([[1, 2], [3, 4]])})
    assert (scene.value(E(x * y.T)) == np.eye(2, dtype=int)).all()
    assert (scene.value(E(W * x * x.T * W.T)) == 2 * np.array([[5, 11], [11, 25]])).all()
    other = x.copied(2)
    assert scene.value(E(inner(x, other))) == 0 and scene.value(E(inner(x, other) ** 2)) == 8


def test_conditional_expectations():
    x, y = gaussians("x y", 2, cov=[[2, 1], [1, 3]])
    scene = Scene({x: array_of([[2], [4]])})
    assert (scene.value(E(y, given=(x,))) == np.array([[1], [2]])).all()
    assert scene.value(E(sq(y), given=(x,))) == 5 + 2 * fmpq(5, 2)
    # and the tower
    assert Scene({}).value(E(E(inner(x, y) ** 2, given=(x,)))) == Scene({}).value(E(inner(x, y) ** 2))


def test_derivatives_go_through_an_expectation():
    x, y = gaussians("x y", 2, cov=[[2, 1], [1, 3]])
    scene = Scene({W: array_of([[1, 2], [3, 4]]), c: fmpq(1, 2)})
    loss = E(sq(W * x - sg(W) * y))
    assert (scene.value(Gradient(loss, W)) == 2 * np.array([[1, 2], [3, 4]])).all()  # 2 W (2 - 1)
    # d/dt E|W x|^2 = -8 |W|^2 for the flow W' = -2 W of |W|^2
    assert scene.value(Rate(E(sq(W * x)), GradientFlow(sq(W), W))) == -4 * 2 * 30
    (z,) = gaussians("z", 2, cov=[[c]])
    assert scene.value(sp.Derivative(E(sq(z) ** 2), c)) == 8  # of 8 c^2


def test_what_is_no_polynomial_is_sampled_with_an_error_that_holds():
    (x,) = gaussians("x", 2)
    scene = Scene({})
    value = scene.value(E(1 / (1 + sq(x))))
    exact = float(sp.N(sp.exp(sp.Rational(1, 2)) * sp.expint(1, sp.Rational(1, 2)) / 2))
    assert scene.estimates and abs(float(value) - exact) < float(value.rad()) < 0.1
    y, z = gaussians("y z", 3, cov=[[1, 0], [0, 1]])
    assert Scene({}).value(E(cosine(y, z))).contains(0)


def test_a_law_that_is_none():
    (x,) = gaussians("x", 2, cov=[[C]])
    with pytest.raises(Unknown, match="positive semidefinite"):
        Scene({C: array_of([[1, 2], [2, 1]])}).value(E(sq(x)))
    with pytest.raises(Unknown, match="positive semidefinite"):
        Scene({C: array_of([[0, 1], [1, 1]])}).value(E(sq(x)))
    assert Scene({C: array_of([[1, 1], [1, 1]])}).value(E(coordinate(x, 0) * coordinate(x, 1))) == 1


# --- probabilities ------------------------------------------------------------------------------


def probability(event, values=()):
    scene = Scene(dict(values))
    return scene.value(Probability(event)), scene.estimates


def test_polynomials_vanish_almost_never_or_always():
    x, y = gaussians("x y", 2)
    assert probability(sp.Eq(inner(x, y), 0, evaluate=False)) == (0, [])
    assert probability(sp.Ne(sq(x), sq(y), evaluate=False)) == (1, [])
    square = sq(x - y) - sq(x) - sq(y) + 2 * inner(x, y)
    assert probability(sp.Eq(square, 0, evaluate=False)) == (1, [])
    assert probability(sp.Eq(x, y, evaluate=False)) == (0, [])
    # on a degenerate law a polynomial that is not zero vanishes always
    (z,) = gaussians("z", 2, cov=[[C]])
    degenerate = {C: array_of([[1, 1], [1, 1]])}
    assert probability(sp.Eq(coordinate(z, 0), coordinate(z, 1), evaluate=False), degenerate) == (1, [])


def test_half_spaces_are_exact():
    x, y = gaussians("x y", 2, mean=[sp.Matrix([1, 0]), 0], cov=[[2, 1], [1, 3]])
    value, estimates = probability(sp.Gt(coordinate(x, 0), 2))
    assert abs(float(value) - (1 + erf(-1 / 2)) / 2) < 1e-15 and not estimates
    value, _ = probability(sp.Le(coordinate(x, 0), coordinate(y, 0)))
    assert abs(float(value) - (1 + erf(-1 / 6**0.5)) / 2) < 1e-15
    (z,) = gaussians("z", 2, cov=[[C]])
    for value, held in ((1, 1), (fmpq(-1, 2), 0), (0, 0)):
        certain = {C: array_of([[1, 1], [1, 1]]), c: fmpq(value)}
        assert probability(sp.Gt(coordinate(z, 0) + c, coordinate(z, 1)), certain) == (held, [])
    assert probability(sp.Ge(coordinate(z, 0), coordinate(z, 1)), {C: array_of([[1, 1], [1, 1]])}) == (1, [])


def test_other_events_are_sampled():
    x, y = gaussians("x y", 2)
    value, estimates = probability(sp.Gt(inner(x, y), 0))
    assert value.contains(arb(1) / 2) and float(value.rad()) < 0.1 and estimates
    value, _ = probability(sp.And(sp.Gt(coordinate(x, 0), 0), sp.Gt(coordinate(y, 0), 0)))
    assert value.contains(arb(1) / 4)
