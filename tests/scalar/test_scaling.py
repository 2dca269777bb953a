"""Dimensionless forms, against trajectories of the original flow and hand-counted groups."""

import functools
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from problems import SCALAR, SIXTH, a, b, c, c_x, d, m, mu, p, rho, sigma2, x, y
from scipy.integrate import solve_ivp

from symssl import Flow, InputError, Refusal, Scaling

CUBIC = next(q.flow for q in SCALAR if q.name == "cubic with decay")
LOTKA = Flow({x: a * x - b * x * y, y: -c * y + d * x * y}, (a, b, c, d))
HILL = Flow({x: a * x / (b + x) - c * x**2}, (a, b, c))
positive = st.floats(min_value=0.3, max_value=3)


def test_five_parameters_become_two():
    result = SIXTH.nondimensionalize(normalise=(p**2, p**6))
    assert isinstance(result, Scaling) and result.verify()
    state, rhs = next(iter(result.flow.states.items()))
    linear, cubic = (-sp.Poly(rhs, state).coeff_monomial(state**n) for n in (1, 3))
    assert sp.expand(rhs - (state**2 - cubic * state**3 - 2 * state**6 - linear * state)) == 0
    assert set(result.flow.parameters) == {linear, cubic}
    assert sp.simplify(result.groups[linear] - rho * (1 + sigma2) * a * sp.sqrt(b)) == 0
    assert sp.simplify(result.groups[cubic] - c_x * a / sp.sqrt(b)) == 0
    assert linear.is_positive and cubic.is_real and cubic.is_positive is None
    assert result.substitution[p] == sp.sqrt(b) * state


@pytest.mark.parametrize(
    "flow, number",
    [
        (SIXTH, 2),
        (CUBIC, 1),
        (LOTKA, 1),
        (HILL, 1),
        (Flow({x: -a * x}, (a,)), 0),
        (Flow({x: a * x - b * x**2}, (a, b)), 0),
        (Flow({x: a - b * x + c * x**2 - d * x**3}, (a, b, c, d)), 2),
        (Flow({x: x**2 - x}), 0),
        (Flow({x: a + b}, (a, b)), 0),
        (Flow({x: m * x - a * x**3}, (m, a)), 1),
        (Flow({x: a * b * x - a * b * x**2 + a**2 * b**2}, (a, b)), 1),
    ],
    ids=str,
)
def test_the_number_of_groups_is_minimal(flow, number):
    result = flow.nondimensionalize()
    assert len(result.groups) == len(result.flow.parameters) == number and result.verify()


@given(st.lists(positive, min_size=4, max_size=4), positive, positive)
def test_trajectories_agree_in_two_states(values, x0, y0):
    check_trajectory(LOTKA, dict(zip(LOTKA.parameters, values, strict=True)), [x0, y0], 1.0)


@given(positive, positive, st.floats(-2, 2), positive, positive, st.floats(0.05, 0.9))
def test_trajectories_agree_for_the_sixth_order_field(a_, b_, c_, s_, rate, start):
    values = dict(zip(SIXTH.parameters, (a_, b_, c_, s_, rate), strict=True))
    for normalise in ((), (p**2, p), (p**6, p)):
        check_trajectory(SIXTH, values, [start], 0.5, normalise)


reduced = functools.cache(lambda flow, normalise: flow.nondimensionalize(normalise=normalise))


def check_trajectory(flow, values, start, end, normalise=()):
    """Integrate both flows with unrelated right-hand sides and compare in the old units."""
    result = reduced(flow, normalise)
    old = sp.lambdify([tuple(flow.states), tuple(flow.parameters)], list(flow.rhs.values()))
    new = sp.lambdify([tuple(result.flow.states), tuple(result.flow.parameters)], list(result.flow.rhs.values()))
    groups = [float(g.subs(values)) for g in result.groups.values()]
    t, tau = result.time
    clock = float((result.substitution[t] / tau).subs(values))
    scales = np.array(
        [float((result.substitution[q] / w).subs(values)) for q, w in zip(flow.states, result.flow.states, strict=True)]
    )
    options = dict(rtol=1e-10, atol=1e-12)
    first = solve_ivp(lambda _, v: old(v, list(values.values())), (0, end), start, **options)
    second = solve_ivp(lambda _, v: new(v, groups), (0, end / clock), np.array(start) / scales, **options)
    assert np.allclose(first.y[:, -1], scales * second.y[:, -1], rtol=1e-7, atol=1e-9)


def test_a_wrong_scaling_is_noticed():
    result = CUBIC.nondimensionalize()
    wrong = dict(result.groups)
    wrong[next(iter(wrong))] *= 2
    assert not replace(result, groups=wrong).verify()


def test_names_and_states_may_be_given():
    u, lam = sp.Symbol("u", real=True), sp.Symbol("lam")
    result = CUBIC.nondimensionalize(states={p: u}, names=(lam,))
    assert list(result.flow.states) == [u] and result.flow.parameters[0].name == "lam"
    assert result.flow.parameters[0].is_positive


def test_parameters_of_unknown_sign_are_not_divided_by():
    result = Flow({x: m * x - x**2 + mu * x**3}, (m, mu)).nondimensionalize()
    for scale in result.substitution.values():
        assert not scale.has(m)


@pytest.mark.parametrize(
    "flow, normalise, message",
    [
        (SIXTH, (p**5,), "no term p\\*\\*5"),
        (SIXTH, (p**3,), "sign of c_x"),
        (SIXTH, (p**2, p**6, p), "cannot all be normalised"),
        (LOTKA, (x * y,), "several equations"),
    ],
)
def test_malformed_normalisation(flow, normalise, message):
    with pytest.raises(InputError, match=message):
        flow.nondimensionalize(normalise=normalise)


def test_a_pair_names_the_equation():
    result = LOTKA.nondimensionalize(normalise=((x, x * y), (y, x * y), (y, y)))
    assert result.verify() and len(result.groups) == 1


def test_refuses_what_is_not_a_sum_of_monomials():
    with pytest.raises(Refusal, match="sums of monomials"):
        Flow({x: a * sp.sin(b * x)}, (a, b)).nondimensionalize()
