"""Closed trajectories against 40-digit arithmetic and an integrator; times to a level against trajectories."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from sympy import Integer, Rational, symbols

from symssl import Flow
from symssl.errors import InputError, Refusal
from symssl.trajectory import integrate, power_trajectory

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
    assert relative(GROWTH.at([t], s0, g=gamma)[0], reference(t, s0, gamma)) < 4e-15


@given(times, starts, rates)
def test_decay_is_as_exact_as_its_condition_allows(t, s0, gamma):
    wanted, x = reference(t, s0, -gamma), 8 * gamma * t
    if x < 1400:
        assert relative(GROWTH.at([t], s0, g=-gamma)[0], wanted) < (4e-15 if x <= 20 else 4e-16 * (4 + x / 2))
    logarithm = GROWTH.at([t], s0, g=-gamma, logarithm=True)[0]
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
    assert np.allclose(path.at(at, start, a=rate, b=weight), wanted, rtol=1e-6)
    if abs(wanted[-1] / start - 1) > 1e-3 and abs(sign_a * rate * start + sign_b * weight * start ** float(n)) > 1e-3:
        assert path.time_to(wanted[-1], start, a=rate, b=weight) == pytest.approx(at[-1], rel=1e-5)


@given(rates, starts, st.floats(0.01, 0.99))
def test_times_invert_the_trajectory(gamma, s0, share):
    limit = GROWTH.limit(g=gamma)
    assert limit == pytest.approx(gamma**-0.5, rel=1e-14)
    level = limit * share
    t = GROWTH.time_to(level, s0, g=gamma)
    if s0 < level:
        assert GROWTH.at([t], s0, g=gamma)[0] == pytest.approx(level, rel=1e-11)
    elif level < s0 < limit:
        assert np.isnan(t)
    half = GROWTH.half_time(s0, g=gamma)
    if gamma * s0**2 < 0.49:
        assert gamma * GROWTH.at([half], s0, g=gamma)[0] ** 2 == pytest.approx(0.5, rel=1e-11)
        assert GROWTH.step_time(s0, g=gamma) == pytest.approx(
            -np.log(s0**2 * gamma) / (8 * gamma), rel=1e-9, abs=1e-9 / gamma
        )


@given(rates, st.floats(-0.9, 3) | st.floats(-15, 0).map(lambda k: 10.0**k))
def test_the_pace_of_descent_is_that_of_its_steps(size, grown):
    """A small state is multiplied by 1 + eta a in every step, by e^(a eta pace) in the flow slowed down."""
    rate = np.copysign(size, grown)
    eta = grown / rate
    pace = LINEAR.pace(eta, g=rate)
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
    pace = GROWTH.pace(eta, g=gammas)
    assert pace[2] == 1 and (pace[:2] < 1).all() and pace[3] > 1
    for k, gamma in enumerate(gammas):
        assert GROWTH.at([20 * eta * pace[k]], 1e-12, g=gamma)[0] == pytest.approx(x[k], rel=1e-12)
    assert GROWTH.pace(eta, g=1.0) == pytest.approx(np.log(1.4) / 0.4, rel=1e-15)


def test_the_pace_of_steps_that_change_the_sign_is_refused():
    assert GROWTH.pace(0.9, g=-0.25) == pytest.approx(np.log(0.1) / -0.9, rel=1e-14)
    for eta in (1.0, 1.5):
        with pytest.raises(InputError, match=f"steps of {eta:g} the state changes its sign"):
            GROWTH.pace(eta, g=[1.0, -0.25])


def test_an_equilibrium_is_never_reached_and_what_lies_behind_neither():
    assert GROWTH.time_to(1.0, 0.5, g=1.0) == np.inf
    assert np.isnan(GROWTH.time_to(2.0, 0.5, g=1.0)) and np.isnan(GROWTH.time_to(0.1, 0.5, g=1.0))
    assert np.isnan(GROWTH.half_time(0.5, g=-1.0)) and GROWTH.time_to(0.5, 0.5, g=1.0) == 0


def test_escape_in_finite_time_stays_infinite():
    burst = power_trajectory(Flow({s: a * s + b * s**2}, (a, b)))
    assert burst.at([0, 0.5, 1, 2], 1.0, a=1e-9, b=1.0)[1:].tolist() == [pytest.approx(2, rel=1e-8), np.inf, np.inf]


def test_shapes_and_chunks():
    gammas = np.linspace(-1, 3, 10_007)
    whole = GROWTH.at([0, 1, 2], 0.1, g=gammas)
    assert whole.shape == (3, 10_007) and GROWTH.at([0], 0.1, g=np.ones((2, 3))).shape == (1, 2, 3)
    assert GROWTH.at([0, 1], 0.1, g=1.0).shape == (2,)
    parts = list(GROWTH.chunks([0, 1, 2], 0.1, size=1000, g=gammas))
    assert np.array_equal(np.concatenate([x for _, x in parts], axis=1), whole) and parts[-1][0] == slice(
        10_000, 10_007
    )


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: GROWTH.at([-1.0], 1.0, g=1.0), "times"),
        (lambda: GROWTH.at([np.nan], 1.0, g=1.0), "times"),
        (lambda: GROWTH.at([1.0], 0.0, g=1.0), "start"),
        (lambda: GROWTH.at([1.0], 1.0), "missing parameters: g"),
        (lambda: GROWTH.at([1.0], 1.0, g=1.0, h=2), "unknown parameters: h"),
        (lambda: GROWTH.at([1.0], 1.0, g=np.inf), "g is not finite"),
        (lambda: GROWTH.time_to(-1.0, 1.0, g=1.0), "level"),
        (lambda: GROWTH.at([1.0], [1.0, 2.0, 3.0], g=[1.0, 2.0]), r"g \(2,\)"),
        (lambda: power_trajectory(s), "got Symbol"),
    ],
)
def test_bad_input_is_named(call, culprit):
    with pytest.raises(InputError, match=culprit):
        call()


@pytest.mark.parametrize("rhs", [g - s**2 + 0 * s, s * (1 - s) * (2 - s), symbols("s", positive=True) ** g - s])
def test_other_flows_are_refused(rhs):
    with pytest.raises(Refusal, match="no sum"):
        power_trajectory(Flow({s: rhs}, (g,)))


# --- integration --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["DOP853", "LSODA", "BDF", "Radau"])
def test_every_mode_keeps_the_tolerance(method):
    """Many quiet modes do not hide the error of the few that move."""
    flow = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
    gammas = np.append(np.full(2000, 1e-6), [1.0, 3.0])
    at = np.linspace(0, 5, 6)
    tolerance = 1e-8 if method == "DOP853" else 1e-6
    path = integrate(flow, {s: np.full(gammas.size, 1e-5)}, at, rtol=tolerance, method=method, g=gammas)
    wanted = GROWTH.at(at, 1e-5, g=gammas)
    assert path.status == "finished" and path.states["s"].shape == wanted.shape
    # local errors grow with the state until it saturates: 12 = log(limit/start) of them at most
    assert abs(path.states["s"] / wanted - 1).max() < 200 * tolerance


@given(
    st.sampled_from(["RK23", "RK45", "DOP853"]),
    st.integers(2, 3000),
    st.floats(-9, -4),
    st.sampled_from([None, 1e-9, 1e-5]),
)
def test_a_mode_among_resting_ones_takes_the_steps_that_it_takes_alone(method, modes, exponent, atol):
    """The tolerance is one of components: neither of their mean, which rests dilute, nor of their sum."""
    flow = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
    at, rtol = np.linspace(0, 2, 5), 10.0 ** max(exponent, -6 if method == "RK23" else -9)
    start = np.zeros(modes)
    start[modes // 2] = 0.01
    alone = integrate(flow, {s: [0.01]}, at, rtol=rtol, atol=atol, method=method, g=1.0)
    path = integrate(flow, {s: start}, at, rtol=rtol, atol=atol, method=method, g=1.0)
    assert path.evaluations == alone.evaluations
    np.testing.assert_allclose(path.states["s"][:, modes // 2], alone.states["s"][:, 0], rtol=1e-12)
    assert not np.delete(path.states["s"], modes // 2, axis=1).any()


@pytest.mark.parametrize("method", ["RK45", "DOP853", "LSODA", "BDF", "Radau"])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("moving", [0, 1, 2])
def test_small_states_keep_their_own_tolerance(method, swapped, moving):
    """A state of the size 1 rests, one of 1e-14 grows in one mode: no step is short because of another component."""
    u, v, k = symbols("u v k", positive=True)
    growth, at = 2.0 * (np.arange(3) == moving), np.linspace(0, 2, 5)
    states = {u: k * u * (1 - u), v: k * v} if not swapped else {v: k * v, u: k * u * (1 - u)}
    path = integrate(Flow(states, (k,)), {u: np.ones(3), v: np.full(3, 1e-14)}, at, rtol=1e-6, method=method, k=growth)
    assert path.status == "finished" and (path.states["u"] == 1).all()
    np.testing.assert_allclose(path.states["v"], 1e-14 * np.exp(np.outer(at, growth)), rtol=4e-5)


@pytest.mark.parametrize("method", ["RK45", "LSODA"])
def test_by_default_the_absolute_tolerance_is_1e_12_of_the_largest_start(method):
    flow, start = Flow({s: -g * s}, (g,)), {s: np.array([3.0, 0.5])}
    default, given_ = (
        integrate(flow, start, [0, 30], method=method, rtol=1e-6, atol=atol, g=1.0) for atol in (None, 3e-12)
    )
    assert default.states["s"].tobytes() == given_.states["s"].tobytes() and default.evaluations == given_.evaluations


def test_errors_of_equal_modes_are_smaller_the_more_they_are():
    """N modes that all move have N errors of one size: the tolerance of each is met with N**(1/2) to spare, not exceeded."""
    flow, errors = Flow({s: -g * s}, (g,)), []
    for modes in (1, 100, 10_000):
        path = integrate(flow, {s: np.ones(modes)}, [0, 1], rtol=1e-4, method="RK45", g=1.0)
        errors.append(abs(path.states["s"][-1] * np.e - 1).max())
    assert errors[0] < 1e-4 and errors[1] < errors[0] / 4 and errors[2] < errors[1] / 4


@pytest.mark.parametrize("compiled", [True, False])
def test_coupled_modes_against_their_solution(compiled):
    """s_j' = (r - M) s_j with M the sum of s: shares stay, and M is logistic."""
    from symssl import ModeSum
    from symssl.modes.flow import ModeFlow

    r, M, n = symbols("r M n", positive=True)
    modes = ModeFlow({s: (r - M) * s}, {M: ModeSum(s)}, (r,), n)
    modes = modes.compile() if compiled else modes
    start = np.linspace(1, 2, 50_000) / 50_000
    path = integrate(modes, {s: start}, [0, 1, 3], r=2.0, dense=True)  # compiled or not
    total = start.sum()
    for t, found in zip(path.times, path.states["s"]):
        assert np.allclose(found, start * 2 / (total + (2 - total) * np.exp(-2 * t)), rtol=1e-9)
    assert np.allclose(path.dense(3.0)["s"], path.states["s"][-1], rtol=1e-9)


def test_events_end_a_path_and_are_reported():
    def half(t, states):
        return states["s"] - 0.5

    half.terminal = True
    path = integrate(Flow({s: s * (1 - s)}), {s: 0.01}, [0, 2, 50], events=[half])
    assert (
        path.status == "event"
        and path.times.tolist() == [0, 2]
        and path.events[0] == pytest.approx([np.log(99)], rel=1e-8)
    )


# --- Taylor series --------------------------------------------------------------------------------


@given(st.lists(st.floats(-6, -1), min_size=1, max_size=4), st.floats(0.2, 3), st.booleans())
def test_series_against_the_closed_form(exponents, speed, dense):
    pytest.importorskip("heyoka")
    flow = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
    first, gammas, at = 10.0 ** np.array(exponents), np.linspace(0.1, speed, len(exponents)), np.linspace(0, 5, 6)
    path = integrate(flow, {s: first}, at, method="heyoka", rtol=1e-16, dense=dense, g=gammas)
    wanted = GROWTH.at(at, first, g=gammas)
    assert path.status == "finished" and abs(path.states["s"] / wanted - 1).max() < 3e-13
    if dense:
        assert abs(path.dense(2.5)["s"] / GROWTH.at([2.5], first, g=gammas)[0] - 1).max() < 3e-13


def test_series_of_two_states_conserve_energy_and_end_at_a_pole():
    pytest.importorskip("heyoka")
    u, v = symbols("u v", real=True)
    turn = integrate(Flow({u: v, v: -u}), {u: 1.0, v: 0.0}, [0, 1, 1000], method="heyoka", rtol=1e-16)
    assert turn.states["u"][-1] == pytest.approx(np.cos(1000), abs=1e-12) and turn.states["v"][1] == pytest.approx(
        -np.sin(1), abs=1e-15
    )
    pole = integrate(Flow({s: s**2}), {s: np.array([1.0, 0.1])}, [0, 0.5, 2], method="heyoka")
    assert pole.status == "failed" and pole.times.tolist() == [0, 0.5] and "t = " in pole.reason
    assert pole.states["s"].shape == (2, 2)


def test_what_series_do_not_do():
    pytest.importorskip("heyoka")
    with pytest.raises(InputError, match="without events"):
        integrate(Flow({s: -s}), {s: 1.0}, [0, 1], method="heyoka", events=[lambda t, w: 1.0])
    with pytest.raises(Refusal, match="cannot read"):
        from sympy import Max

        integrate(Flow({s: Max(s, 1)}), {s: 1.0}, [0, 1], method="heyoka")


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "heyoka", None)
    with pytest.raises(InputError, match=r"symssl\[fast\]"):
        integrate(Flow({s: -s}), {s: 1.0}, [0, 1], method="heyoka")


@pytest.mark.parametrize(
    "options, culprit",
    [
        (dict(start={s: 1.0, "u": 2.0}), "the states are s"),
        (dict(start={s: np.nan}), "start of s"),
        (dict(times=[0, 0]), "times"),
        (dict(times=[1.0]), "times"),
        (dict(g=None), "missing parameters: g"),
        (dict(k=1.0), "unknown parameters: k"),
        (dict(rtol=0), "rtol"),
        (dict(method="Euler"), "choose RK23"),
        (dict(g=np.nan), "parameter g is not finite"),
        (dict(g=[1.0, 2.0]), r"g has the shape \(2,\)"),
        (dict(atol=-1.0), "atol"),
        (dict(events=1), "events"),
        (dict(start=1.0), "mapping"),
    ],
)
def test_bad_input_of_an_integration_is_named(options, culprit):
    options = {"start": {s: 1.0}, "times": [0, 1], "g": 1.0, **options}
    if options["g"] is None:
        del options["g"]
    with pytest.raises(InputError, match=culprit):
        integrate(Flow({s: -g * s}, (g,)), options.pop("start"), options.pop("times"), **options)


@pytest.mark.parametrize("flow, culprit", [(s, "got Symbol"), (Flow({s: 1 / s}), "not finite at the start")])
def test_what_cannot_be_integrated_is_named(flow, culprit):
    with pytest.raises(InputError, match=culprit):
        integrate(flow, {s: 0.0}, [0, 1])


def test_one_event_needs_no_list():
    assert integrate(Flow({s: Integer(1)}), {s: -1.0}, [0, 2], events=lambda t, at: at["s"]).events[0] == pytest.approx(
        [1]
    )
