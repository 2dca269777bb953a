"""Relations between state and time along integrated trajectories, and what bounds them."""

from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import x
from scipy.integrate import solve_ivp

from symssl import Flow, Refusal
from symssl.scalar.quadrature import rational_cases

A, B = sp.symbols("A B", real=True)
t = sp.Symbol("t", nonnegative=True)
x0 = sp.Symbol("x0", real=True)
RATES = (x * (x - A) * (x - B), (x**2 + A) * (x - B), x * (1 - A * x + B * x**2), (x - A) / (x - B), A + B * x - x**3)


@cache
def cases_of(rate):
    return tuple(rational_cases(rate, x, t, x0))


@given(st.sampled_from(RATES), st.integers(-2, 2), st.integers(-2, 2), st.integers(-3, 3))
@settings(max_examples=40)
def test_the_time_along_a_trajectory_and_no_further(rate, A_, B_, start):
    at, begin = {A: A_, B: B_}, sp.Rational(start) + sp.Rational(1, 5)
    holding = [case for case in cases_of(rate) if case.given.subs(at) == True]  # noqa: E712
    assert len(holding) == 1
    f = sp.lambdify(x, sp.cancel(rate.subs(at)))
    path = solve_ivp(lambda _, z: [f(z[0])], (0, 0.3), [float(begin)], "DOP853", rtol=1e-11, atol=1e-13)
    case, end = holding[0], sp.Rational(float(path.y[0, -1]))
    if path.status != 0 or abs(end) > 100 or (case.implicit is None and case.solution is None):
        return
    if case.implicit is None:
        value = complex(case.solution.subs({**at, x0: begin, t: sp.Rational(3, 10)}).evalf())
        assert abs(value - float(end)) < 1e-7 * (1 + abs(value))
        return
    now = {**at, x0: begin, x: end}
    passed, speed = complex(case.implicit.lhs.subs(now).evalf(20)), abs(f(float(end)))
    assert case.holds.subs(now) == True and abs(passed - 0.3) < 1e-7 + 1e-9 / max(speed, 1e-12)  # noqa: E712
    for zero in sp.real_roots(sp.numer(sp.cancel(rate.subs(at))), x):
        beyond = {**now, x: zero + (sp.Rational(1, 10) if zero > begin else -sp.Rational(1, 10))}
        assert case.holds.subs(beyond) == False  # noqa: E712


def test_cases_of_coinciding_zeros():
    cases = cases_of(x * (x - A) * (x - B))
    for values, logarithms in (((1, 2), 3), ((0, 2), 2), ((1, 1), 2)):
        (case,) = (c for c in cases if c.given.subs(dict(zip((A, B), values, strict=True))) == True)  # noqa: E712
        assert len(case.implicit.lhs.atoms(sp.log)) == logarithms
    (cube,) = (c for c in cases if c.given.subs({A: 0, B: 0}) == True)  # noqa: E712
    assert cube.kind == "Bernoulli" and cube.end.subs(x0, 1) == sp.Rational(1, 2)


def test_what_has_no_quadrature():
    with pytest.raises(Refusal, match="not rational"):
        tuple(rational_cases(sp.sin(x), x, t, x0))
    with pytest.raises(Refusal, match="repeated nonlinear"):
        tuple(rational_cases((x**2 + 1) ** 2 * (x - 1), x, t, x0))
    generic, *_, last = tuple(rational_cases(x**4 + (A**2 + B**2 - 1) * x - 1, x, t, x0))
    assert generic.implicit is not None and last.solution is None


def test_backwards_lambert_ends_at_infinity():
    form = Flow({x: x**2 * (1 - x)}).closed_form(x, time=sp.Symbol("t", real=True))
    start = form.initial[0][1]
    begin = float(form.begin.subs(start, 2))
    assert form.kind == "Lambert" and begin == pytest.approx(-(sp.log(2) - sp.Rational(1, 2)).evalf())
    for moment, held in ((0.9, True), (1.1, False)):
        at = {start: 2, form.time: sp.Rational(moment * begin).limit_denominator(1000)}
        assert form.condition.subs(at) == held
