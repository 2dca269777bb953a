"""Flow: construction, calculus, restriction, compilation."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from problems import MODES, RATIO, SCALAR, a, b, c_x, k, m, mu, p, r, rho, s, x, y
from scipy.integrate import solve_ivp

from symssl import Flow, InputError, Refusal

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=20)


@given(st.lists(numbers, min_size=6, max_size=6), numbers, numbers)
def test_lie_is_the_derivative_along_the_flow(coefficients, at_x, at_y):
    """Against a finite difference of the observable along one Euler step of shrinking length."""
    q = [sp.Rational(f) for f in coefficients]
    flow = Flow({x: q[0] + q[1] * x * y, y: q[2] * x - q[3] * y**2})
    g = q[4] * x**2 * y + q[5] * y**3
    here = {x: sp.Rational(at_x), y: sp.Rational(at_y)}
    eps = sp.Rational(1, 10**12)
    there = {v: here[v] + eps * flow.states[v].subs(here) for v in here}
    slope = (g.subs(there) - g.subs(here)) / eps
    assert abs(slope - flow.lie(g).subs(here)) < sp.Rational(1, 10**6)


@given(numbers)
def test_fix_takes_numbers_exactly(value):
    flow = Flow({x: m * x - x**3}, (m,))
    assert flow.fix({"m": value}) == flow.fix({m: sp.Rational(value)}) == flow.fix({"m": Fraction(value)})
    assert flow.fix({"m": float(value)}).rhs == {x: sp.Rational(float(value)) * x - x**3}
    assert flow.fix({"m": np.float64(value)}) == flow.fix({"m": float(value)})


@pytest.mark.parametrize("problem", SCALAR, ids=lambda q: q.name)
def test_compiled_flow_agrees_with_exact_rationals(problem):
    values, _ = problem.counts[0]
    f = problem.flow.to_function()
    f = pickle.loads(pickle.dumps(f))
    ((state, rhs),) = problem.flow.states.items()
    for point in (-1.5, -0.25, 0.75, 2.0):
        exact = rhs.subs({k: v for k in problem.flow.parameters for n, v in values if k.name == n}).subs(
            state, sp.Rational(point)
        )
        got = f(0.0, [point], {n: float(v) for n, v in values})
        assert np.allclose(got, [float(exact)], rtol=1e-13)


def test_flow_is_a_value():
    other = pickle.loads(pickle.dumps(MODES))
    assert other == MODES and hash(other) == hash(MODES)
    assert list(other.states) == [p, s] and other.jacobian() == MODES.jacobian()
    with pytest.raises(TypeError):
        MODES.states[p] = x


@pytest.mark.parametrize("curve", [{s: p**2}, {"s": p**2}, sp.Eq(s, p**2), s - p**2, 3 * p**2 - 3 * s])
def test_restrict_to_the_parabola(curve):
    restricted = MODES.restrict(curve)
    expected = r * (p**2 / (a * b) - c_x * p**3 / b**2 - 2 * p**6 / (a * b**3)) - rho * p
    assert sp.expand(restricted.states[p] - expected) == 0
    assert restricted.parameters == MODES.parameters


def test_restrict_agrees_with_integration_of_both_states():
    values = {"alpha": 2, "r": 1.25, "rho": 0.1}
    restricted = RATIO.restrict({s: p**2 / RATIO.parameters[0]})
    full = solve_ivp(RATIO.to_function(values), (0, 3), [0.4, 0.08], rtol=1e-10, atol=1e-12)
    one = solve_ivp(restricted.to_function(values), (0, 3), [0.4], rtol=1e-10, atol=1e-12)
    assert abs(full.y[0, -1] - one.y[0, -1]) < 1e-8


def test_restrict_refuses_with_the_residual():
    with pytest.raises(Refusal) as refusal:
        MODES.restrict({s: 2 * p**2})
    assert refusal.value.residual.has(p) and "not invariant" in refusal.value.reason
    with pytest.raises(Refusal, match="linear in no state"):
        Flow({x: y, y: -x}).restrict(x**2 + y**2 - 1)


def test_latex_names_every_state():
    text = Flow({x: m * x - x**3}, (m,)).latex()
    assert text == r"\dot{x} = m x - x^{3}"


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: Flow({}), "at least one state"),
        (lambda: Flow([x]), "must map symbols"),
        (lambda: Flow({x: m * x}), "m, which is not declared"),
        (lambda: Flow({x: sp.Symbol("m") * x}, (m,)), "other assumptions"),
        (lambda: Flow({x: x}, (x,)), "used twice"),
        (lambda: Flow({x: x, sp.Symbol("x"): x}), "used twice"),
        (lambda: Flow({x: m}, (m, m)), "used twice"),
        (lambda: Flow({x: "x**2"}), "must be an expression"),
        (lambda: Flow({x: sp.nan}), "not finite"),
        (lambda: Flow({x: sp.I * x}), "imaginary unit"),
        (lambda: Flow({"x": x}), "must be a Symbol"),
        (lambda: Flow({x: x}, ("m",)), "must be a Symbol"),
        (lambda: MODES.fix({"rh": 1}), "did you mean rho"),
        (lambda: MODES.fix({"p": 1}), "p is a state"),
        (lambda: MODES.fix({"rho": -1}), "rho is declared positive"),
        (lambda: MODES.fix({"rho": 0}), "rho is declared positive"),
        (lambda: MODES.fix({"rho": float("nan")}), "NaN"),
        (lambda: MODES.fix({"rho": float("inf")}), "infinite"),
        (lambda: MODES.fix({"rho": sp.nan}), "finite"),
        (lambda: MODES.fix({"rho": "1/4"}), "must be a number"),
        (lambda: MODES.fix({"c_x": sp.I}), "c_x is declared real"),
        (lambda: MODES.lie(mu), "mu, which is not declared"),
        (lambda: MODES.lie("p"), "must be an expression"),
        (lambda: MODES.restrict({s: p**2, p: s}), "appears on the right"),
        (lambda: MODES.restrict({k: p}), "not a state"),
        (lambda: Flow({x: x}).restrict({x: sp.Integer(0)}), "no state"),
        (MODES.state, "name one of the states"),
        (lambda: MODES.to_function()(0, [1, 2], {"rho": 1}), "give a value"),
        (lambda: RATIO.to_function({"alpha": 1, "r": 1, "rho": 1})(0, [1]), "2 states"),
        (lambda: RATIO.to_function({"alpha": 1, "r": 1, "rho": 1})(0, [1, 2], {"rho": 1}), "not a parameter"),
    ],
)
def test_malformed_input_is_named(build, message):
    with pytest.raises(InputError, match=message):
        build()


def test_what_is_nested_too_deeply_is_refused_in_words():
    """SymPy differentiates by recursion, and the stack of Python ends at a thousand calls."""
    x, m = sp.symbols("x m", real=True)
    nested = x
    for _ in range(90):
        nested = sp.sin(nested) + 1
    flow = Flow({x: m - nested}, (m,))
    with pytest.raises(Refusal, match="nested too deeply"):
        flow.jacobian()
    with pytest.raises(Refusal, match="nested too deeply"):
        flow.lie(nested)
