"""Limits and orders: known ones are found, those that do not exist are not, and all are estimates."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from symssl import sq
from symssl.language import Along, Count, GradientDescent, GradientFlow, Limit, Order, VectorField, Zeros
from symssl.statements.meaning import equilibria, logic, spectra, trajectories  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.limits import settled
from symssl.statements.meaning.scene import Scene, Unknown
from symssl.statements.meaning.values import compare

x, y, x0 = sp.symbols("x y x_0", real=True)
h = sp.Symbol("h", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
W, S = sp.MatrixSymbol("W", 2, 2), sp.MatrixSymbol("S", 2, 2)
fractions = st.fractions(min_value="1/4", max_value=3, max_denominator=6)


def limit(term, variable, to, side="", values=()):
    scene = Scene(dict(values))
    value = scene.value(Limit(term, variable, to, side))
    alone = isinstance(term, Along) and len(term.args[1].states) == 1 and not hasattr(term, "shape")
    assert scene.estimates or alone, "no other limit is proved"
    return value


@pytest.mark.parametrize(
    "term, variable, to, exact",
    [
        (sp.sin(x) / x, x, 0, 1),
        ((1 - sp.cos(h)) / h**2, h, 0, sp.Rational(1, 2)),
        (h * sp.log(h), h, 0, 0),
        (sp.sqrt(h**2 + h) - h, h, sp.oo, sp.Rational(1, 2)),
        (sp.sqrt(h), h, 0, 0),
        (sp.atan(h), h, sp.oo, sp.pi / 2),
        (sp.Rational(1, 2) ** n, n, sp.oo, 0),
        ((x**2 - 4) / (x - 2), x, 2, 4),
        (sp.exp(x), x, -sp.oo, 0),
    ],
)
def test_known_limits(term, variable, to, exact):
    assert compare(limit(term, variable, to), Scene({}).value(sp.sympify(exact)))[0] == 0


@pytest.mark.parametrize(
    "term, variable, to, infinite",
    [(1 / h, h, 0, sp.oo), (sp.log(h), h, 0, -sp.oo), (h - h**2, h, sp.oo, -sp.oo), (sp.log(h), h, sp.oo, sp.oo)],
)
def test_what_grows_beyond_every_bound_is_infinite(term, variable, to, infinite):
    assert limit(term, variable, to) is infinite


@pytest.mark.parametrize(
    "term, variable, to",
    [
        (sp.sin(1 / h), h, 0),
        (sp.cos(2 * sp.pi * h), h, sp.oo),  # at every whole number it is 1
        ((-1) ** n, n, sp.oo),  # at every even number it is 1
        (1 / x, x, 0),
        (sp.Abs(x) / x, x, 0),
        (1 / sp.log(h), h, sp.oo),  # too slow to be told from one that does not vanish
        (1 / (h - h), h, 0),
    ],
)
def test_what_has_no_limit_or_none_that_can_be_told(term, variable, to):
    with pytest.raises(Unknown):
        limit(term, variable, to)


def test_sides():
    assert compare(limit(sp.Abs(x) / x, x, 0, "-"), fmpq(-1))[0] == 0
    assert limit(1 / x, x, 0, "-") is -sp.oo
    assert compare(limit(sp.sqrt(x), x, 0), fmpq(0))[0] == 0  # on one side it is not defined, and that is no objection


@given(fractions, fractions, st.integers(-3, 3))
def test_sums_of_powers_are_extrapolated_exactly(p, q, c):
    values = [c + arb(2) ** (-k * float(p)) - 3 * arb(2) ** (-k * float(q)) for k in range(40)]
    with ctx.workprec(200):
        value, error = settled(values)
        assert abs(float(value) - c) <= float(error) + 1e-12
        assert float(error) < 1e-3


def test_a_sequence_that_converges_is_not_narrower_than_it_is():
    """The error that is told is one: partial sums of the series of pi^2/6 along powers of two."""
    partial = [sum(arb(1) / j**2 for j in range(1, 2**k + 1)) for k in range(2, 11)]
    value, error = settled(partial)
    assert abs(float(value) - np.pi**2 / 6) <= float(error)
    assert float(error) < 1e-5


def test_trajectories_to_the_end_of_time():
    logistic = Along(x, VectorField({x: x * (1 - x)}), h, {x: x0})
    assert compare(limit(logistic, h, sp.oo, "", {x0: fmpq(1, 9)}), fmpq(1))[0] == 0
    assert compare(limit(Along(x, VectorField({x: -(x**3)}), h, {x: 1}), h, sp.oo), fmpq(0))[0] == 0
    assert limit(Along(x, VectorField({x: x}), h, {x: 1}), h, sp.oo) is sp.oo


def test_a_limit_cycle_has_a_radius_and_no_point(monkeypatch):
    monkeypatch.setattr(trajectories, "MOST_STEPS", 120)
    field = VectorField({x: -y + 4 * x * (1 - x**2 - y**2), y: x + 4 * y * (1 - x**2 - y**2)})
    start = {x: sp.Rational(1, 2), y: 0}
    radius = limit(Along(x**2 + y**2, field, h, start), h, sp.oo)
    assert abs(float(radius) - 1) < 1e-9 and radius.contains(1)
    with pytest.raises(Unknown):
        limit(Along(x, field, h, start), h, sp.oo)


def test_a_gradient_flow_of_a_matrix_ends_in_a_factor():
    """Of S = L L^T, which one depends on the start; W W^T does not."""
    flow = GradientFlow(sq(W * W.T - S) / 4, W)
    value = limit(
        Along(W * W.T, flow, h, {W: sp.Matrix([[1, 0], [1, 1]])}), h, sp.oo, "", {S: array_of([[3, 1], [1, 2]])}
    )
    assert np.allclose(value.astype(float), [[3, 1], [1, 2]], atol=1e-15)


def test_gradient_descent_ends_where_its_flow_does():
    descent = GradientDescent(sq(W - sp.Identity(2)) / 2, W, step=sp.Rational(1, 2))
    value = limit(Along(W, descent, n, {W: sp.Matrix([[1, 2], [3, 4]])}), n, sp.oo)
    assert np.allclose(value.astype(float), np.eye(2), atol=1e-20)
    with pytest.raises(Unknown):  # it jumps to and fro
        limit(Along(x, GradientDescent(x**2 / 2, x, step=2), n, {x: 1}), n, sp.oo)


@pytest.mark.parametrize(
    "term, variable, to, order",
    [
        (sp.sqrt(h) * sp.sin(h), h, 0, sp.Rational(3, 2)),
        (1 - sp.cos(x), x, 0, 2),
        (x**2 - x, x, sp.oo, 2),
        (1 / h + 1 / h**2, h, sp.oo, -1),
        (3 / h**2 + 1 / h, h, 0, -2),
        ((h - 2) ** 3 * sp.exp(h), h, 2, 3),
        (sp.exp(-1 / h), h, 0, sp.oo),
        (5 + h, h, 0, 0),
    ],
)
def test_known_orders(term, variable, to, order):
    scene = Scene({})
    value = scene.value(Order(term, variable, to))
    assert value == Scene({}).value(sp.sympify(order)) and scene.estimates


@pytest.mark.parametrize("power", [3, 5])
def test_the_order_of_decay_at_a_degenerate_equilibrium(power):
    """x' = -x^p decays like t^(-1/(p - 1))."""
    path = Along(x, VectorField({x: -(x**power)}), h, {x: 1})
    assert Scene({}).value(Order(path, h, sp.oo)) == fmpq(-1, power - 1)


def test_the_order_of_what_vanishes_is_not_told():
    with pytest.raises(Unknown):
        Scene({}).value(Order(sp.sin(h) ** 2 + sp.cos(h) ** 2 - 1, h, 0))


def test_an_estimate_is_not_forgotten_at_a_second_look():
    """The same limit on both sides, and again in another condition: neither is proved."""
    scene = Scene({})
    term = Limit(sp.sin(x) / x, x, 0)
    for condition in (sp.Le(term, term + 1, evaluate=False), sp.Gt(term, 0, evaluate=False)):
        assert scene.judged(condition).estimates


@given(st.integers(1, 200))
def test_a_number_of_zeros_jumps_late(threshold):
    k, y = sp.Symbol("k", positive=True), sp.Symbol("y", real=True)
    count = Count(Zeros(y**2 - threshold + k, y))
    for end, number in ((sp.oo, 0), (0, 2)):
        value = Scene({}).value(Limit(count, k, end))
        assert value.contains(number) and value.rad() < 1e-6


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=3, unique=True), st.integers(-8, 8), st.sampled_from([1, -1]))
def test_a_state_that_moves_alone_ends_at_the_next_zero(roots, start, direction):
    x, t = sp.Symbol("x", real=True), sp.Symbol("t", positive=True)
    f = direction * sp.prod([x - r for r in roots]) / (1 + x**2)
    begin = sp.Rational(start, 2)
    speed = f.subs(x, begin)
    ahead = sorted((r for r in roots if (r - begin) * speed > 0), key=lambda r: abs(r - begin))
    if ahead or speed == 0:
        scene = Scene({})
        end = scene.value(Limit(Along(x, VectorField({x: f}), t, {x: begin}), t, sp.oo))
        assert end == (ahead[0] if ahead else begin) and not scene.estimates


def test_a_pole_on_the_way_is_no_end():
    x, t = sp.Symbol("x", real=True), sp.Symbol("t", positive=True)
    scene = Scene({})
    with pytest.raises(Unknown):
        scene.value(Limit(Along(x, VectorField({x: -1 / x}), t, {x: 1}), t, sp.oo))
