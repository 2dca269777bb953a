"""Second variations against differences."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import Point
from sympy import Identity, MatrixSymbol, Rational, lambdify, sqrt, symbols

from symssl import (
    E,
    InputError,
    cosine,
    gaussians,
    hessian,
    inner,
    norm,
    second_variation,
    sq,
)

d, m, k, r, a, b, c = symbols("d m k r a b c", integer=True, positive=True)
W, V, G, A = MatrixSymbol("W", d, m), MatrixSymbol("V", d, m), MatrixSymbol("G", m, m), MatrixSymbol("A", d, m)
LOSSES = {
    "quartic": sq(W * G * W.T - Identity(d)),
    "norm": norm(W) ** 3,
    "cosine": cosine(W, A),
    "mixed": inner(W, A) ** 2 * sq(W.T * W) - inner(W * G, A),
    "root": sqrt(1 + sq(W * G)),
}
seeds = st.integers(0, 10**6)


def difference(f, x, v, step=1e-4):
    """Second derivative of f along v, by five points."""
    up, down = [f(x + n * step * v) for n in (1, 2)], [f(x - n * step * v) for n in (1, 2)]
    return (-up[1] + 16 * up[0] - 30 * f(x) + 16 * down[0] - down[1]) / (12 * step**2)


@pytest.mark.parametrize("name", LOSSES)
@given(seed=seeds, sizes=st.tuples(st.integers(1, 3), st.integers(1, 3)))
@settings(max_examples=15)
def test_second_variation_and_action(name, seed, sizes):
    rng = np.random.default_rng(seed)
    values = {d: sizes[0], m: sizes[1], G: rng.normal(size=(sizes[1], sizes[1]))}
    values |= {X: rng.normal(size=sizes) for X in (W, V, A)}
    point = Point(values)
    wanted = difference(lambda w: point.moved({W: w})(LOSSES[name]), values[W], values[V])
    found = point(second_variation(LOSSES[name], {W: V}))
    assert np.isclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert np.isclose(np.sum(point(hessian(LOSSES[name], {W: V})[W]) * values[V]), found, rtol=1e-9, atol=1e-9)


def test_several_weights_and_expectations():
    (x,) = gaussians("x", m)
    P, Q = MatrixSymbol("P", m, m), MatrixSymbol("Q", m, m)
    loss = E(sq(P * x - A.T * W * x)) / 2
    rng = np.random.default_rng(5)
    point = Point(
        {d: 2, m: 3, **{X: rng.normal(size=(3, 3)) for X in (P, Q)}, **{X: rng.normal(size=(2, 3)) for X in (W, V, A)}}
    )
    found = point(second_variation(loss, {P: Q, W: V}))
    assert np.isclose(found, np.sum((point(Q) - point(A).T @ point(V)) ** 2))


R, P, Q = (MatrixSymbol(name, k + a + b, n) for name, n in (("R", k), ("P", a), ("Q", b)))


@pytest.mark.parametrize(
    "directions, reason",
    [({}, "directions must give"), ({A: A}, "no weight"), ({W: V.T}, "shape"), ({W: 2 * W}, "depends on a weight")],
)
def test_directions_that_do_not_fit(directions, reason):
    with pytest.raises(InputError, match=reason):
        second_variation(LOSSES["quartic"], directions)


def test_one_mode_is_the_second_derivative():
    x = symbols("x", real=True)
    one, u = MatrixSymbol("w", 1, 1), MatrixSymbol("u", 1, 1)
    loss = Rational(1, 4) * sq(one * one.T) - sq(one) / 2
    found = second_variation(loss, {one: u})
    point = Point({one: np.array([[0.7]]), u: np.array([[1.0]])})
    assert np.isclose(point(found), lambdify(x, (x**4 / 4 - x**2 / 2).diff(x, 2))(0.7))
