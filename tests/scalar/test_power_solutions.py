"""Where a solution of a power law holds, against integration until it ends, degenerate parameters too."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import a, m, x
from scipy.integrate import solve_ivp

from symssl import Flow
from symssl.codegen import compile_function
from symssl.scalar.power_solutions import by_sign, power_cases, power_terms, signed

A, B, C = sp.symbols("A B C", real=True)
w = sp.Symbol("w", positive=True)
t, both = sp.Symbol("t", nonnegative=True), sp.Symbol("t", real=True)


@cache
def quadratic(state, time=None):
    flow = Flow({state: A + B * state + C * state**2}, (A, B, C))
    return flow.closed_form(state) if time is None else flow.closed_form(state, time=time)


small = st.integers(-2, 2)


def ending(f, start, direction=1, floor=None):
    """When a solution is far away, or falls below a floor, within two units of time; None where it does not."""

    def far(_, z):
        return abs(z[0]) - 1e12

    def low(_, z):
        return 1.0 if floor is None else z[0] - floor

    far.terminal = low.terminal = True
    path = solve_ivp(
        lambda _, z: direction * f(z),
        (0, 2),
        [float(start)],
        "DOP853",
        rtol=1e-11,
        atol=1e-14,
        events=(far, low),
        dense_output=True,
    )
    return None if path.status == 0 else path.t[-1], path.sol


def check(form, at, f, start, direction=1, floor=None):
    """Condition, value and end of a form against the integration."""
    end, path = ending(f, start, direction, floor)
    stated = sp.re((form.end if direction > 0 else form.begin).subs(at).evalf()) * direction
    assert (stated >= 2 * (1 - 1e-7)) if end is None else stated == pytest.approx(end, rel=1e-4, abs=1e-4)
    for share in (0.3, 0.9):
        moment = direction * sp.Rational(round(share * (end or 2), 4)).limit_denominator(10**4)
        now = {**at, form.time: moment}
        assert form.condition.subs(now) == True  # noqa: E712
        for expression in (form.solution, form.piecewise):
            found = complex(expression.subs(now).evalf(20))
            assert abs(found - path(abs(float(moment)))[0]) < 1e-6 * (1 + abs(found))
    if end is not None:
        after = {**at, form.time: direction * sp.Rational(round(1.1 * end + 0.01, 4))}
        assert form.condition.subs(after) == False and form.piecewise.subs(after) is sp.nan  # noqa: E712


@given(small, small, small, st.integers(-3, 3), st.sampled_from([1, -1]))
@settings(max_examples=12)
def test_quadratic_rates_in_both_directions(A_, B_, C_, start, direction):
    form = quadratic(x, both)
    at = dict(zip((A, B, C, form.initial[0][1]), (A_, B_, C_, start), strict=True))
    check(form, at, lambda z: A_ + B_ * z + C_ * z**2, start, direction)


@given(small, small, small, st.integers(1, 3))
@settings(max_examples=8)
def test_a_state_that_is_declared_positive_ends_at_zero(A_, B_, C_, start):
    at = dict(zip((A, B, C, quadratic(w).initial[0][1]), (A_, B_, C_, start), strict=True))
    check(quadratic(w), at, lambda z: A_ + B_ * z + C_ * z**2, start, floor=0.0)


@pytest.mark.parametrize(
    "rhs, f, start, floor",
    [
        (-sp.sqrt(w), lambda z: -np.sqrt(np.maximum(z, 0)), 2.25, 1e-13),
        (-1 / w, lambda z: -1 / z, 1.5, 1e-9),
        (w - 2 * w ** sp.Rational(1, 3), lambda z: z - 2 * np.cbrt(z), 1.0, 1e-13),
        (w - w**-2, lambda z: z - z**-2.0, 0.75, 1e-9),
        (w ** sp.Rational(3, 2), lambda z: z**1.5, 1.25, None),
        (w - w ** sp.Rational(5, 2), lambda z: z - z**2.5, 1.25, None),
    ],
    ids=lambda v: str(v)[:20],
)
def test_extinction_poles_and_blow_up(rhs, f, start, floor):
    form = Flow({w: rhs}).closed_form()
    check(form, {form.initial[0][1]: sp.Rational(start)}, f, start, floor=floor)


def test_the_time_of_extinction_is_exact():
    form = Flow({w: -sp.sqrt(w)}).closed_form()
    w0 = form.initial[0][1]
    assert form.end == 2 * sp.sqrt(w0) and form.condition == (form.time < 2 * sp.sqrt(w0))
    assert sp.simplify(form.solution - w0 * (1 - form.time / (2 * sp.sqrt(w0))) ** 2) == 0
    burst = Flow({x: x**2}).closed_form()
    x0 = burst.initial[0][1]
    assert burst.condition == (1 - burst.time * x0 > 0) and burst.end.subs(x0, 4) == sp.Rational(1, 4)
    assert burst.end.subs(x0, -1) == sp.oo and burst.begin == 0


def test_a_symbolic_exponent_of_a_saturating_state():
    X, al = sp.symbols("X al", positive=True)
    form = Flow({X: X - X ** (1 + al)}, (al,)).closed_form()
    assert form.kind == "Bernoulli" and form.verify() and form.condition == sp.true
    for exponent in (sp.Rational(1, 3), 1, 2, sp.Rational(7, 2)):
        value = form.solution.subs({al: exponent, form.initial[0][1]: sp.Rational(1, 4), form.time: 1}).evalf()
        _, path = ending(lambda z, n=float(exponent): z - z ** (1 + n), 0.25)
        assert float(value) == pytest.approx(path(1.0)[0], rel=1e-8)


def test_starts_without_a_unique_or_a_real_solution_are_excluded():
    third = Flow({x: x ** sp.Rational(1, 3)}).closed_form()
    pole = Flow({x: 1 / x}).closed_form()
    for form, allowed in ((third, {-1: False, 0: False, 1: True}), (pole, {-1: True, 0: False, 1: True})):
        x0 = form.initial[0][1]
        assert {s: bool(form.condition.subs({x0: s, form.time: 1})) for s in allowed} == allowed


def test_compiled_it_never_gives_a_value_beyond_its_end():
    form = quadratic(x, t)
    code = compile_function(form.piecewise, [A, B, C, form.initial[0][1], form.time])
    times = np.array([0.5, 1.5, 2.0, 10.0])
    for values, end in (
        ((1, 0, 1, 0), np.pi / 2),
        ((0, 0, 1, 1), 1.0),
        ((0, 1, 1, 1), np.log(2)),
        ((1, 2, 0, 1), np.inf),
    ):
        assert np.isnan(code(*values, times)).tolist() == (times >= end).tolist()


@given(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2))
def test_one_case_holds_for_every_parameter(A_, B_, C_):
    at = {A: A_, B: B_, C: C_}
    for form in (quadratic(x, t), quadratic(w)):
        assert [case.given.subs(at) for case in form.cases].count(sp.true) == 1


def test_terms_and_signs():
    assert power_terms(sp.sin(x), x) is None and power_terms(sp.Integer(0), x) == {}
    assert power_cases({sp.Integer(1): a, sp.Integer(4): a, sp.Integer(2): a}, x, t, x) is None
    assert signed(-1 - x**2) == -1 and len(list(by_sign(m, 1, 2, 3))) == 3
