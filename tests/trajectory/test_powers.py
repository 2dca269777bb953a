"""Closed trajectories against 40-digit arithmetic and an integrator; times to a level against trajectories."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.integrate import solve_ivp
from sympy import Rational, symbols

from symssl import Flow
from symssl.errors import InputError, Refusal
from symssl.trajectory import power_trajectory

s, a, b = symbols("s a b", positive=True)
g = symbols("g", real=True)
GROWTH = power_trajectory(Flow({s: 4 * (1 - g * s**2) * g * s}, (g,)))
LINEAR = power_trajectory(Flow({s: g * s - s**3}, (g,)))

rates = st.floats(-8, 3).map(lambda k: 10.0**k)
starts = st.floats(-7, 1).map(lambda k: 10.0**k)
times = st.just(0.0) | st.floats(-12, 6).map(lambda k: 10.0**k)


def reference(t, s0, gamma):
    with mpmath.workdps(60):
        t, s0, gamma = map(mpmath.mpf, (t, s0, gamma))
        grown = mpmath.exp(-8 * gamma * t)
        return s0 / mpmath.sqrt(grown + gamma * s0**2 * (1 - grown))


def relative(value, wanted):
    return float(abs(mpmath.mpf(float(value)) - wanted) / abs(wanted))


@given(times, starts, rates | st.just(0.0))
def test_growth_is_exact_at_every_time(t, s0, gamma):
    assert relative(GROWTH.at([t], s0, {g: gamma})[0], reference(t, s0, gamma)) < 4e-15


@given(times, starts, rates)
def test_decay_is_as_exact_as_its_condition_allows(t, s0, gamma):
    wanted, x = reference(t, s0, -gamma), 8 * gamma * t
    if x < 1400:
        assert relative(GROWTH.at([t], s0, {g: -gamma})[0], wanted) < (4e-15 if x <= 20 else 4e-16 * (4 + x / 2))
    logarithm = GROWTH.at([t], s0, {g: -gamma}, logarithm=True)[0]
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(float(logarithm)) - mpmath.log(wanted)) < 1e-15 * (4 + abs(mpmath.log(wanted)) + x)


@given(
    st.sampled_from([2, 3, Rational(3, 2), Rational(1, 2), -1]),
    st.sampled_from([-1, 1]),
    st.sampled_from([-1, 1]),
    st.floats(0.2, 2),
    st.floats(0.2, 2),
    st.floats(0.3, 3),
)
def test_every_exponent_and_sign_against_an_integrator(n, sign_a, sign_b, rate, weight, start):
    flow = Flow({s: sign_a * a * s + sign_b * b * s**n}, (a, b))
    path = power_trajectory(flow)

    def fall(_, y):
        return y[0] - 1e-3

    def rise(_, y):
        return y[0] - 1e3

    fall.terminal = rise.terminal = True
    found = solve_ivp(
        lambda _, y: sign_a * rate * y + sign_b * weight * y ** float(n),
        (0, 1.5),
        [start],
        method="DOP853",
        rtol=1e-11,
        atol=1e-14,
        dense_output=True,
        events=(fall, rise),
    )
    at = np.linspace(0, 0.999 * found.t[-1], 7)
    wanted = found.sol(at)[0]
    assert np.allclose(path.at(at, start, {a: rate, b: weight}), wanted, rtol=1e-6)
    if abs(wanted[-1] / start - 1) > 1e-3 and abs(sign_a * rate * start + sign_b * weight * start ** float(n)) > 1e-3:
        assert path.time_to(wanted[-1], start, {a: rate, b: weight}) == pytest.approx(at[-1], rel=1e-5)


@given(rates, starts, st.floats(0.01, 0.99))
def test_times_invert_the_trajectory(gamma, s0, share):
    limit = GROWTH.limit({g: gamma})
    assert limit == pytest.approx(gamma**-0.5, rel=1e-14)
    level = limit * share
    t = GROWTH.time_to(level, s0, {g: gamma})
    if s0 < level:
        assert GROWTH.at([t], s0, {g: gamma})[0] == pytest.approx(level, rel=1e-11)
    elif level < s0 < limit:
        assert np.isnan(t)
    half = GROWTH.half_time(s0, {g: gamma})
    if gamma * s0**2 < 0.49:
        assert gamma * GROWTH.at([half], s0, {g: gamma})[0] ** 2 == pytest.approx(0.5, rel=1e-11)
        assert GROWTH.step_time(s0, {g: gamma}) == pytest.approx(
            -np.log(s0**2 * gamma) / (8 * gamma), rel=1e-9, abs=1e-9 / gamma
        )


@given(rates, st.floats(-0.9, 3) | st.floats(-15, 0).map(lambda k: 10.0**k))
def test_the_pace_of_descent_is_that_of_its_steps(size, grown):
    """A small state is multiplied by 1 + eta a in every step, by e^(a eta pace) in the flow slowed down."""
    rate = np.copysign(size, grown)
    eta = grown / rate
    pace = LINEAR.pace(eta, {g: rate})
    with mpmath.workdps(40):
        z = mpmath.mpf(float(eta * rate))
        assert relative(pace, mpmath.log1p(z) / z if z else mpmath.mpf(1)) < 1e-15
    if abs(grown) > 1e-12:  # descent grows more slowly, and falls faster
        assert (pace < 1) == (grown > 0)


def test_descent_grows_at_its_pace():
    """Steps of descent from a small state against the trajectory at the times that the pace predicts."""
    gammas, eta, x = np.array([1.0, 0.25, 0.0, -0.5]), 0.1, np.full(4, 1e-12)
    for _ in range(20):
        x = x + eta * 4 * (1 - gammas * x**2) * gammas * x
    pace = GROWTH.pace(eta, {g: gammas})
    assert pace[2] == 1 and (pace[:2] < 1).all() and pace[3] > 1
    for k, gamma in enumerate(gammas):
        assert GROWTH.at([20 * eta * pace[k]], 1e-12, {g: gamma})[0] == pytest.approx(x[k], rel=1e-12)
    assert GROWTH.pace(eta, {g: 1.0}) == pytest.approx(np.log(1.4) / 0.4, rel=1e-15)


def test_the_pace_of_steps_that_change_the_sign_is_refused():
    assert GROWTH.pace(0.9, {g: -0.25}) == pytest.approx(np.log(0.1) / -0.9, rel=1e-14)
    for eta in (1.0, 1.5):
        with pytest.raises(InputError, match=f"steps of {eta:g} the state changes its sign"):
            GROWTH.pace(eta, {g: [1.0, -0.25]})


def test_an_equilibrium_is_never_reached_and_what_lies_behind_neither():
    assert GROWTH.time_to(1.0, 0.5, {g: 1.0}) == np.inf
    assert np.isnan(GROWTH.time_to(2.0, 0.5, {g: 1.0})) and np.isnan(GROWTH.time_to(0.1, 0.5, {g: 1.0}))
    assert np.isnan(GROWTH.half_time(0.5, {g: -1.0})) and GROWTH.time_to(0.5, 0.5, {g: 1.0}) == 0


def test_escape_in_finite_time_stays_infinite():
    burst = power_trajectory(Flow({s: a * s + b * s**2}, (a, b)))
    assert burst.at([0, 0.5, 1, 2], 1.0, {a: 1e-9, b: 1.0})[1:].tolist() == [pytest.approx(2, rel=1e-8), np.inf, np.inf]


@given(st.sampled_from([2, 3, Rational(1, 2), Rational(-1, 2), -1]), rates, rates, starts, st.booleans(), st.booleans())
def test_the_end_of_a_trajectory(n, rate, weight, start, grows, adds):
    """Before its end a trajectory is positive; after it infinite, at rest at zero, or at a pole no number."""
    flow = Flow({s: (1 if grows else -1) * a * s + (1 if adds else -1) * b * s**n}, (a, b))
    path, values = power_trajectory(flow), {a: rate, b: weight}
    end = path.end_time(start, values)
    if np.isinf(end):
        assert np.isfinite(path.at([1e-3 / rate, 1.0 / rate], start, values)).all()
        return
    before, after = path.at([end * (1 - 1e-9), end * (1 + 1e-9)], start, values)
    assert 0 < before < np.inf
    assert np.isnan(after) if n < 0 else after == (np.inf if n > 1 else 0.0)


def test_shapes_and_chunks():
    gammas = np.linspace(-1, 3, 10_007)
    whole = GROWTH.at([0, 1, 2], 0.1, {g: gammas})
    assert whole.shape == (3, 10_007) and GROWTH.at([0], 0.1, {g: np.ones((2, 3))}).shape == (1, 2, 3)
    assert GROWTH.at([0, 1], 0.1, {g: 1.0}).shape == (2,)
    parts = list(GROWTH.chunks([0, 1, 2], 0.1, size=1000, values={g: gammas}))
    assert np.array_equal(np.concatenate([x for _, x in parts], axis=1), whole) and parts[-1][0] == slice(
        10_000, 10_007
    )


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: GROWTH.at([-1.0], 1.0, {g: 1.0}), "times"),
        (lambda: GROWTH.at([np.nan], 1.0, {g: 1.0}), "times"),
        (lambda: GROWTH.at([1.0], 0.0, {g: 1.0}), "start"),
        (lambda: GROWTH.at([1.0], 1.0), "values has no number for the parameters g"),
        (lambda: GROWTH.at([1.0], 1.0, {g: 1.0, "h": 2}), "does not have: h"),
        (lambda: GROWTH.at([1.0], 1.0, {g: np.inf}), "g is not finite"),
        (lambda: GROWTH.time_to(-1.0, 1.0, {g: 1.0}), "level"),
        (lambda: GROWTH.at([1.0], [1.0, 2.0, 3.0], {g: [1.0, 2.0]}), r"g \(2,\)"),
        (lambda: power_trajectory(s), "not s"),
    ],
)
def test_bad_input_is_named(call, culprit):
    with pytest.raises(InputError, match=culprit):
        call()


@pytest.mark.parametrize("rhs", [g - s**2 + 0 * s, s * (1 - s) * (2 - s), symbols("s", positive=True) ** g - s])
def test_other_flows_are_refused(rhs):
    with pytest.raises(Refusal, match="no sum"):
        power_trajectory(Flow({s: rhs}, (g,)))
