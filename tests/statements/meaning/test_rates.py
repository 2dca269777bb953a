"""Rates, steps and gradients agree with difference quotients, with each other, and with what geometry demands."""

from math import tanh

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from symssl import Grassmann, ModeSum, Stiefel, Symmetric, inner, samples, sg, sq, total
from symssl.language import At, Gradient, GradientDescent, GradientFlow, Next, Rate, VectorField
from symssl.language.scalars import ScalarNode
from symssl.statements.meaning.algebra import array_of, identity, product, squares
from symssl.statements.meaning.rates import gradients, slope_along, velocities
from symssl.statements.meaning.scene import Scene, Special, Unknown, evaluator
from symssl.statements.meaning.values import apply, as_ball

W, V = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("V", 3, 2)
C = sp.MatrixSymbol("C", 3, 3)
U, F = sp.MatrixSymbol("U", 3, 2), sp.MatrixSymbol("F", 3, 2)
x, y = sp.symbols("x y", real=True)
eta, rho = sp.symbols("eta rho", positive=True)
INTEGERS = st.integers(-3, 3)


def arrays(rows, columns):
    return st.lists(INTEGERS, min_size=rows * columns, max_size=rows * columns).map(
        lambda e: array_of(np.array(e, dtype=object).reshape(rows, columns))
    )


def along_line(value_at):
    """The slope at 0 of a polynomial of degree six at most, from its values: exact, by central differences."""
    quotients = [(value_at(h) - value_at(-h)) * (1 / (2 * h)) for h in (fmpq(1), fmpq(2), fmpq(3))]
    return quotients[0] * fmpq(3, 2) - quotients[1] * fmpq(3, 5) + quotients[2] * fmpq(1, 10)


LOSS = sq(sp.Identity(2) - W * V) + inner(W * C, W) * sp.Trace(C) / 3


@given(arrays(2, 3), arrays(3, 2), arrays(3, 3), arrays(2, 3), arrays(3, 2))
def test_gradients_are_the_slopes_along_every_direction(w, v, c, dw, dv):
    scene = Scene({W: w, V: v, C: c})
    slope = along_line(lambda h: scene.within({W: w + dw * h, V: v + dv * h}).value(LOSS))
    by_w, by_v = gradients(LOSS, (W, V), scene)
    assert (by_w * dw).sum() + (by_v * dv).sum() == slope
    assert slope_along(LOSS, {W: dw, V: dv}, scene) == slope
    assert np.array_equal(scene.value(Gradient(LOSS, W)), by_w)


@given(arrays(2, 3), arrays(3, 2), arrays(3, 3))
def test_a_rate_is_the_slope_of_a_step_in_its_size(w, v, c):
    """d/d eta of f(W + eta velocity) at 0, with rates, decay and another term."""
    options = {"decay": rho, "rates": {W: 2, V: rho}, "extra": {V: V * W * V}}
    term = V * W * C
    scene = Scene({W: w, V: v, C: c, rho: fmpq(2, 3)})
    descent = GradientDescent(LOSS, (W, V), step=eta, **options)
    stepped = along_line(lambda h: scene.within({eta: h}).value(Next(term, descent)))
    assert np.array_equal(scene.value(Rate(term, GradientFlow(LOSS, (W, V), **options))), stepped)


@given(arrays(2, 3), arrays(3, 3))
def test_velocities_follow_rates_decay_and_extra_terms(w, c):
    """From the definition -r grad - rho W + e, for a loss whose gradient is W (C + C^T)."""
    scene = Scene({W: w, C: c, rho: fmpq(5)})
    flow = GradientFlow(inner(W * C, W), W, decay=rho, rates={W: 3}, extra={W: 7 * W * C})
    wanted = product(w, c + c.T) * fmpq(-3) - w * fmpq(5) + product(w, c) * fmpq(7)
    assert np.array_equal(velocities(flow, scene)[W], wanted)


@given(arrays(2, 3), arrays(3, 3))
def test_stopped_copies_are_constant_in_gradients_and_move_in_rates(w, c):
    scene = Scene({W: w, C: c})
    term = inner(W * C, sg(W))
    assert np.array_equal(scene.value(Gradient(term, W)), product(w, c.T))
    assert np.array_equal(scene.value(Gradient(sg(term), W)), w * fmpq(0))
    flow = VectorField({W: W * C})
    assert scene.value(Rate(term, flow)) == scene.value(Rate(inner(W * C, W), flow))
    # of second derivatives too: what is stopped stays so
    assert np.array_equal(scene.value(Gradient(sq(Gradient(term, W)), W)), w * fmpq(0))


@given(arrays(2, 3), arrays(3, 3))
def test_rates_of_rates(w, c):
    """On W' = W C the matrix has W'' = W C^2, and |W|^2 has the second derivative 2<WC, WC> + 2<W, WC^2>."""
    scene, flow = Scene({W: w, C: c}), VectorField({W: W * C})
    assert np.array_equal(scene.value(Rate(Rate(W, flow), flow)), product(w, product(c, c)))
    twice = scene.value(Rate(Rate(sq(W), flow), flow))
    assert twice == 2 * squares(product(w, c)) + 2 * (w * product(w, product(c, c))).sum()
    descent = GradientFlow(inner(W * C, W), W)
    s = c + c.T
    assert np.array_equal(scene.value(Rate(Rate(W, descent), descent)), product(w, product(s, s)))


def frame():
    return array_of([[fmpq(1, 3), fmpq(2, 3)], [fmpq(2, 3), fmpq(1, 3)], [fmpq(2, 3), fmpq(-2, 3)]])


@pytest.mark.parametrize("geometry", [Stiefel(), Stiefel("euclidean"), Grassmann()])
@given(arrays(3, 3), arrays(3, 2), arrays(3, 2))
def test_gradients_on_frames_are_tangent_and_steepest(geometry, c, other, force):
    """Tangent, and <gradient, Z> in the metric is the slope along every tangent Z."""
    u = frame()
    assert np.array_equal(product(u.T, u), identity(2))
    loss = inner(U, C * U)
    if not isinstance(geometry, Grassmann):  # of the subspace alone the term is no function
        loss += inner(U, F)
    scene = Scene({U: u, C: c, F: force})
    gradient = velocities(GradientFlow(loss, U, geometry={U: geometry}), scene)[U] * fmpq(-1)
    assert np.array_equal(product(u.T, gradient) + product(gradient.T, u), identity(2) * fmpq(0))
    across = product(u.T, other)
    tangent = other - product(u, across + across.T) * fmpq(1, 2)
    if isinstance(geometry, Grassmann):
        tangent = other - product(u, across)
    paired = (gradient * tangent).sum()
    if geometry == Stiefel():  # the canonical metric counts rotations within the span once, not twice
        paired = paired - (gradient * product(u, product(u.T, tangent))).sum() / 2
    assert paired == slope_along(loss, {U: tangent}, scene)


@given(arrays(3, 3))
def test_frames_of_rows_are_transposed_frames_of_columns(c):
    rows, u = sp.MatrixSymbol("R", 2, 3), frame()
    flow = GradientFlow(inner(rows * C, rows), rows, geometry={rows: Stiefel(rows=True)})
    mirrored = GradientFlow(inner(U, C * U), U, geometry={U: Stiefel()})
    found = velocities(flow, Scene({rows: u.T, C: c}))[rows]
    assert np.array_equal(found.T, velocities(mirrored, Scene({U: u, C: c.T}))[U])


def test_symmetric_weights_move_by_symmetric_gradients():
    a, b = array_of([[1, 2], [2, 5]]), array_of([[0, 3], [1, 4]])
    S, B = sp.MatrixSymbol("S", 2, 2), sp.MatrixSymbol("B", 2, 2)
    found = velocities(GradientFlow(sp.Trace(S * B), S, geometry={S: Symmetric()}), Scene({S: a, B: b}))[S]
    assert np.array_equal(found, array_of([[0, -2], [-2, -4]]))


def test_samples_move_with_their_family():
    X, i = samples("u", 2, 3), sp.Symbol("i")
    scene = Scene({"u": array_of([[1, 2, 3], [4, 5, 6]])})
    term = total(sq(X[i]), i)
    assert np.array_equal(scene.value(Gradient(term, X[2])), array_of([[4], [10]]))
    assert scene.value(Rate(term, VectorField({X[2]: 3 * X[2]}))) == 2 * 3 * (4 + 25)


def test_values_at_a_point_are_simultaneous_and_seen_from_outside():
    scene = Scene({x: fmpq(2), y: fmpq(5)})
    assert scene.value(At(x - 3 * y, {x: y, y: x})) == 5 - 6
    assert scene.value(At(Rate(x**2, VectorField({x: -x})), {x: y + 1})) == -72


def test_derivatives_by_symbols():
    scene = Scene({x: fmpq(2), y: fmpq(3)})
    f = x**3 * y**2
    assert scene.value(sp.Derivative(f, x, y)) == 3 * 4 * 2 * 3
    assert scene.value(sp.Derivative(f, (x, 3))) == 6 * 9
    assert scene.value(sp.Subs(sp.Derivative(f, x), x, y)) == 3 * 9 * 9
    assert scene.value(Gradient(f, y)) == 8 * 6


def test_all_modes_move():
    """s_j' = s_j (1 - sum of s): the sum moves as its own logistic equation says."""
    dynamics = VectorField({x: x * (1 - ModeSum(x))})
    scene = Scene({x: fmpq(2), Special.MODES: ({x: fmpq(2)}, {x: fmpq(3)})})
    assert scene.value(Rate(ModeSum(x), dynamics)) == 5 * (1 - 5)
    assert scene.value(Rate(x, dynamics)) == 2 * (1 - 5)
    assert scene.value(Rate(ModeSum(x**2), dynamics)) == 2 * (4 + 9) * (1 - 5)


class Closed(ScalarNode):
    """tanh of a number, by an evaluator that derivatives do not go through."""

    def __new__(cls, expr):
        return sp.Basic.__new__(cls, sp.sympify(expr))


@evaluator(Closed)
def _closed(node, scene):
    return apply("tanh", as_ball(scene.value(node.args[0])))


def test_where_derivatives_do_not_go_through_quotients_are_extrapolated_and_said_to_be():
    scene = Scene({x: fmpq(1, 3), W: array_of([[1, 0, 2], [0, 1, 1]])})
    slope = scene.value(Rate(Closed(x**2), VectorField({x: x})))
    assert scene.estimates == ["difference quotients were extrapolated"]
    exact = Scene({x: fmpq(1, 3)}).value(Rate(sp.tanh(x**2), VectorField({x: x})))
    assert slope.overlaps(exact)
    assert float(slope.rad()) < 1e-24
    by_w = scene.value(Gradient(Closed(sq(W) / 10), W))
    assert abs(float(by_w[0, 2].mid()) - (1 - tanh(0.7) ** 2) * 0.4) < 1e-14


def test_where_quotients_do_not_settle_or_copies_are_stopped_nothing_is_told():
    scene = Scene({x: fmpq(0)})
    with pytest.raises(Unknown, match="do not settle"):
        scene.value(Gradient(Closed(sp.sin(10**4 * x)), x))
    with pytest.raises(Unknown, match="derivatives do not go through"):
        scene.value(Gradient(Closed(x) * sg(x), x))


def test_quotients_of_quotients():
    found, t = Scene({x: fmpq(1, 3)}).value(Gradient(Gradient(Closed(x), x), x)), tanh(1 / 3)
    assert abs(float(found.mid()) + 2 * t * (1 - t**2)) < 1e-15
