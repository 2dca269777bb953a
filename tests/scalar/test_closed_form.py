"""Closed forms by substitution and against mpmath's and SciPy's integrators."""

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import MODES, RATIO, SCALAR, a, b, k, m, mu, p, rho, s, sigma2, x, y
from scipy.integrate import solve_ivp

from symssl import Flow, InputError, Refusal
from symssl.scalar import ClosedForm

CUBIC = next(q.flow for q in SCALAR if q.name == "cubic with decay")
w = sp.Symbol("w", positive=True)

# right-hand side, kind, parameter values to try, initial value
EXPLICIT = (
    (-mu * x, "linear", ({mu: 2},), 1.5),
    (m * x + a, "linear", ({m: -1, a: 2}, {m: 1, a: 2}, {m: 0, a: 2}), 0.5),
    (a * x * (1 - x / b), "Bernoulli", ({a: 2, b: 3},), 0.25),
    (m * x - x**2, "Bernoulli", ({m: 1}, {m: -1}, {m: 0}), 0.5),
    (m * x - a * x**3, "Bernoulli", ({m: 1, a: 2}, {m: -1, a: 2}, {m: 0, a: 2}), -0.5),
    (x**3, "Bernoulli", ({},), 0.5),
    (4 * a * x * (1 - a * x**2), "Bernoulli", ({a: 1.5},), 0.01),
    (1 + x**2, "Riccati", ({},), -0.3),
    (m + k * x - x**2, "Riccati", ({m: 1, k: 0.5}, {m: -0.25, k: 1}, {m: -1, k: 0.5}), 0.75),
    (x**2 * (1 - a * x), "Lambert", ({a: 2},), 0.25),
    ((2 - x) * (x - 1) ** 2, "Lambert", ({},), 1.25),
)


@pytest.mark.parametrize("rhs, kind, points, start", EXPLICIT, ids=lambda v: str(v)[:30])
def test_explicit_forms_against_mpmath(rhs, kind, points, start):
    flow = Flow({x: rhs}, tuple(rhs.free_symbols - {x}))
    form = flow.closed_form()
    assert form.kind == kind and form.verify()
    x0 = form.initial[0][1]
    for values in points:
        f = sp.lambdify(x, rhs.subs(values), "mpmath")
        with mpmath.workdps(20):
            path = mpmath.odefun(lambda _, v, f=f: f(v), 0, mpmath.mpf(start))
            for time in (0.25, 0.75):
                # exact rational data, so that a Piecewise in a sign takes the right branch
                at = {
                    **{q: sp.Rational(v) for q, v in values.items()},
                    x0: sp.Rational(start),
                    form.time: sp.Rational(time),
                }
                assert abs(mpmath.mpf(form.solution.subs(at).n(20)) - path(time)) < 1e-12


@pytest.mark.parametrize(
    "rhs, values, start, limit",
    [
        (a * x * (1 - x / b), {a: 2, b: 3}, 0.25, 3),
        (-a * x + x**2, {a: 2}, 0.25, 0),
        (m * x - x**2, {m: 3}, 2.0, 3),
        (m * x - x**2, {m: -3}, 2.0, 0),
        (4 * a * x * (1 - b * x**2), {a: 1, b: 4}, 1e-6, 0.5),
        (a + k * x - x**2, {a: 2, k: 1}, 5.0, 2),
        (x**2 * (1 - a * x), {a: 2}, 0.25, 0.5),
        (-mu * x, {mu: 1}, 1.0, 0),
        (-mu * x + a, {mu: 1, a: 2}, 1.0, 2),
    ],
    ids=str,
)
def test_long_times_neither_overflow_nor_cancel(rhs, values, start, limit):
    """Double precision at times where the exponential of the growing sign has long overflowed."""
    form = Flow({x: rhs}, tuple(rhs.free_symbols - {x})).closed_form()
    f = sp.lambdify([form.time, form.initial[0][1]], form.solution.subs(values), ["scipy", "numpy"])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for time in (100.0, 1e3, 1e6):
            assert float(np.real(f(time, start))) == pytest.approx(limit, rel=1e-12, abs=1e-12)


@cache
def implicit_form():
    return CUBIC.closed_form()


@given(st.floats(0.02, 0.11), st.floats(0.1, 1.5), st.floats(0.05, 1.5))
@settings(max_examples=10)
def test_implicit_form_along_a_trajectory(rate, spread, start):
    form = implicit_form()
    assert form.solution is None and form.verify()
    values = {rho: rate, sigma2: spread}
    f = sp.lambdify(p, CUBIC.states[p].subs(values))
    path = solve_ivp(lambda _, v: f(v), (0, 2), [start], rtol=1e-11, atol=1e-13)
    left = form.implicit.lhs.subs(values).subs({form.initial[0][1]: start, p: path.y[0, -1]})
    assert abs(sp.re(left.n()) - 2) < 1e-4 * (1 + 1 / abs(f(path.y[0, -1])) * 1e-4)


def test_implicit_form_with_a_sum_over_roots():
    rhs = x**2 - x**3 / 2 - 2 * x**6 - x / 4
    form = Flow({x: rhs}).closed_form()
    assert form.kind == "separable" and form.verify()
    at = {x: sp.Rational(4, 5), form.initial[0][1]: sp.Rational(11, 10)}  # right of the largest equilibrium
    exact = mpmath.quad(lambda v: 1 / (v**2 - v**3 / 2 - 2 * v**6 - v / 4), [1.1, 0.8])
    assert abs(sp.re(form.implicit.lhs.subs(at).n(20)) - exact) < 1e-9 < abs(exact)


def test_arctangent_for_complex_pairs():
    form = Flow({x: (1 + x**2) * (2 + x)}).closed_form()
    assert form.verify() and form.implicit.lhs.has(sp.atan)
    exact = mpmath.quad(lambda v: 1 / ((1 + v**2) * (2 + v)), [0.5, 1.75])
    assert abs(form.implicit.lhs.subs({x: 1.75, form.initial[0][1]: 0.5}) - exact) < 1e-12


@pytest.mark.parametrize("flow", [MODES, RATIO], ids=("modes", "ratio"))
def test_an_expression_that_closes_on_itself(flow):
    ratio = 1 if flow is MODES else flow.parameters[0]
    form = flow.closed_form(s - p**2 / ratio)
    ((_, u0),) = form.initial
    assert sp.simplify(form.solution - u0 * sp.exp(-2 * rho * form.time)) == 0 and form.verify()


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.lists(st.integers(-2, 2), min_size=2, max_size=2))
@settings(max_examples=15)
def test_linear_systems_against_scipy(entries, constant):
    matrix = sp.Matrix(2, 2, entries)
    flow = Flow(dict(zip((x, y), matrix * sp.Matrix([x, y]) + sp.Matrix(constant), strict=True)))
    if matrix.det() == 0 or matrix[0, 1] == 0:
        return
    form = flow.closed_form(x)
    assert form.kind == "linear system" and form.verify()
    starts = dict(zip(("x0", "y0"), (0.5, -1.0), strict=True))
    value = form.solution.subs({q: starts[q.name] for q in form.solution.free_symbols if q.name in starts})
    path = solve_ivp(
        lambda _, v: np.array(entries).reshape(2, 2) @ v + constant, (0, 0.8), [0.5, -1.0], rtol=1e-10, atol=1e-12
    )
    assert abs(complex(value.subs(form.time, 0.8).n()) - path.y[0, -1]) < 1e-6 * max(1, abs(path.y[0, -1]))


def test_fractional_power_until_it_reaches_zero():
    form = Flow({w: w - sp.sqrt(w)}).closed_form()
    at = {form.initial[0][1]: 4, form.time: 1}
    assert form.verify() and form.condition.subs(at) == True  # noqa: E712
    path = solve_ivp(lambda _, v: v - np.sqrt(v), (0, 1), [4.0], rtol=1e-11, atol=1e-12)
    assert abs(form.solution.subs(at).n() - path.y[0, -1]) < 1e-8


def test_growth_with_the_two_thirds_power():
    form = Flow({w: a * w ** sp.Rational(2, 3) - b * w}, (a, b)).closed_form()
    at = {a: 3, b: 2, form.initial[0][1]: sp.Rational(1, 8), form.time: 1}
    path = solve_ivp(lambda _, v: 3 * v ** (2 / 3) - 2 * v, (0, 1), [0.125], rtol=1e-11, atol=1e-13)
    assert form.verify() and abs(form.solution.subs(at).n() - path.y[0, -1]) < 1e-8


def test_a_wrong_solution_is_noticed():
    form = Flow({x: a * x * (1 - x)}, (a,)).closed_form()
    assert not replace(form, solution=form.solution + 1).verify()
    assert not replace(form, solution=form.solution.subs(form.time, 2 * form.time)).verify()
    implicit = CUBIC.closed_form()
    assert not replace(implicit, implicit=sp.Eq(2 * implicit.implicit.lhs, form.time)).verify()


def test_refusals_and_input():
    with pytest.raises(Refusal, match="coupled nonlinearly"):
        MODES.closed_form(p)
    with pytest.raises(Refusal, match="not a function of"):
        MODES.closed_form(s + p)
    with pytest.raises(Refusal, match="not rational"):
        Flow({x: sp.sin(x)}).closed_form()
    with pytest.raises(InputError, match="cannot name the time"):
        Flow({x: sp.Symbol("t") * x}, (sp.Symbol("t"),)).closed_form()
    with pytest.raises(InputError, match="x0 is in use"):
        Flow({x: sp.Symbol("x0") * x}, (sp.Symbol("x0"),)).closed_form()
    with pytest.raises(InputError, match="name one of"):
        MODES.closed_form()
    for cases in (np.array([x, "x"], dtype=object), [sp.true], {x: 1}):
        with pytest.raises(InputError, match="cases must be"):
            ClosedForm("linear", x, x, sp.Symbol("t"), (), x, None, cases=cases)
    assert y not in MODES.states


@pytest.mark.parametrize("decay, order", [(0, 1), (0, 2), (0.4, 1), (0.4, 3)])
def test_a_symbolic_exponent(decay, order):
    """x' = a*x**(2*j + 1) - m*x for every j, against the integrator at some."""
    j = sp.Symbol("j", integer=True, positive=True)
    u, c, r = sp.symbols("u c r", positive=True)
    flow = Flow({u: c * u ** (2 * j + 1) - (r * u if decay else 0)}, (c, j, r) if decay else (c, j))
    form = flow.closed_form()
    assert form.kind == "Bernoulli" and form.verify()
    at = {j: order, c: 0.7, r: decay}
    start = form.initial[0][1]
    ode = solve_ivp(lambda _, z: 0.7 * z ** (2 * order + 1) - decay * z, (0, 0.5), [0.8], rtol=1e-11, atol=1e-12)
    assert float(form.solution.subs(at).subs({start: 0.8, form.time: 0.5})) == pytest.approx(ode.y[0, -1], rel=1e-8)
    assert form.condition.subs(at).subs({start: 0.8, form.time: 0.5}) == sp.true


def test_a_symbolic_exponent_that_may_be_one_is_a_case_of_its_own():
    u, j = sp.Symbol("u", positive=True), sp.Symbol("j", integer=True, nonnegative=True)
    form = Flow({u: -2 * u ** (j + 1) + u}, (j,)).closed_form()
    start = form.initial[0][1]
    assert form.verify() and {case.given for case in form.cases} == {j > 0, sp.Eq(j, 0)}
    at = {start: sp.Rational(1, 3), form.time: 1}
    assert form.solution.subs({**at, j: 0}) == sp.exp(-1) / 3
    path = solve_ivp(lambda _, z: z - 2 * z**3, (0, 1), [1 / 3], rtol=1e-11, atol=1e-12)
    assert float(form.solution.subs({**at, j: 2})) == pytest.approx(path.y[0, -1], rel=1e-8)


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4))
@settings(max_examples=10)
def test_a_pair_whose_eigenvalues_are_real_for_all_parameters(values):
    """The discriminant (m - k)**2/4 + 1 has no sign that SymPy knows, and its condition is not compared with 0."""
    form = Flow({x: m * x + y, y: x + k * y}, (m, k)).closed_form("x")
    assert form.verify()
    at = {"m": values[0], "k": values[1], "x0": values[2], "y0": values[3]}
    value = form.solution.subs({q: sp.Rational(at[q.name]) for q in form.solution.free_symbols if q.name in at})
    matrix = np.array([[values[0], 1], [1, values[1]]])
    path = solve_ivp(lambda _, v: matrix @ v, (0, 1), values[2:], rtol=1e-11, atol=1e-12)
    assert abs(complex(value.subs(form.time, 1).n()) - path.y[0, -1]) < 1e-6
