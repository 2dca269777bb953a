"""Numerical trajectories: tolerances of every mode, coupled modes, events, bad input."""

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Integer, symbols

from symssl import Flow
from symssl.errors import InputError
from symssl.trajectory import integrate, power_trajectory

s = symbols("s", positive=True)
g = symbols("g", real=True)
FLOW = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
GROWTH = power_trajectory(FLOW)


@pytest.mark.parametrize("method", ["DOP853", "LSODA", "BDF", "Radau"])
def test_every_mode_keeps_the_tolerance(method):
    """Many quiet modes do not hide the error of the few that move."""
    flow = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
    gammas = np.append(np.full(2000, 1e-6), [1.0, 3.0])
    at = np.linspace(0, 5, 6)
    tolerance = 1e-8 if method == "DOP853" else 1e-6
    path = integrate(flow, {s: np.full(gammas.size, 1e-5)}, at, rtol=tolerance, method=method, values={g: gammas})
    wanted = GROWTH.at(at, 1e-5, {g: gammas})
    assert path.status == "finished" and path["s"].shape == wanted.shape
    # local errors grow with the state until it saturates: 12 = log(limit/start) of them at most
    assert abs(path["s"] / wanted - 1).max() < 200 * tolerance


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
    alone = integrate(flow, {s: [0.01]}, at, rtol=rtol, atol=atol, method=method, values={g: 1.0})
    path = integrate(flow, {s: start}, at, rtol=rtol, atol=atol, method=method, values={g: 1.0})
    assert path.evaluations == alone.evaluations
    np.testing.assert_allclose(path["s"][:, modes // 2], alone["s"][:, 0], rtol=1e-10)
    assert not np.delete(path["s"], modes // 2, axis=1).any()


@pytest.mark.parametrize("method", ["RK45", "DOP853", "LSODA", "BDF", "Radau"])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("moving", [0, 1, 2])
def test_small_states_keep_their_own_tolerance(method, swapped, moving):
    """A state of the size 1 rests, one of 1e-14 grows in one mode: no step is short because of another component."""
    u, v, k = symbols("u v k", positive=True)
    growth, at = 2.0 * (np.arange(3) == moving), np.linspace(0, 2, 5)
    states = {u: k * u * (1 - u), v: k * v} if not swapped else {v: k * v, u: k * u * (1 - u)}
    path = integrate(
        Flow(states, (k,)), {u: np.ones(3), v: np.full(3, 1e-14)}, at, rtol=1e-6, method=method, values={k: growth}
    )
    assert path.status == "finished" and (path["u"] == 1).all()
    np.testing.assert_allclose(path["v"], 1e-14 * np.exp(np.outer(at, growth)), rtol=4e-5)


@pytest.mark.parametrize("method", ["RK45", "LSODA"])
def test_by_default_the_absolute_tolerance_is_1e_12_of_the_largest_start(method):
    flow, start = Flow({s: -g * s}, (g,)), {s: np.array([3.0, 0.5])}
    default, given_ = (
        integrate(flow, start, [0, 30], method=method, rtol=1e-6, atol=atol, values={g: 1.0}) for atol in (None, 3e-12)
    )
    assert default["s"].tobytes() == given_["s"].tobytes() and default.evaluations == given_.evaluations


def test_errors_of_equal_modes_are_smaller_the_more_they_are():
    """N modes that all move have N errors of one size: each meets its tolerance with N**(1/2) to spare."""
    flow, errors = Flow({s: -g * s}, (g,)), []
    for modes in (1, 100, 10_000):
        path = integrate(flow, {s: np.ones(modes)}, [0, 1], rtol=1e-4, method="RK45", values={g: 1.0})
        errors.append(abs(path["s"][-1] * np.e - 1).max())
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
    path = integrate(modes, {s: start}, [0, 1, 3], {r: 2.0}, dense=True)  # compiled or not
    total = start.sum()
    for t, found in zip(path.times, path["s"]):
        assert np.allclose(found, start * 2 / (total + (2 - total) * np.exp(-2 * t)), rtol=1e-9)
    assert np.allclose(path.dense(3.0)["s"], path["s"][-1], rtol=1e-9)


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


@pytest.mark.parametrize(
    "options, culprit",
    [
        (dict(start={s: 1.0, "u": 2.0}), "the states are s"),
        (dict(start={s: np.nan}), "start of s"),
        (dict(times=[0, 0]), "times"),
        (dict(times=[1.0]), "times"),
        (dict(values=None), "no number for the parameters g"),
        (dict(values={g: 1.0, "k": 1.0}), "does not have: k"),
        (dict(values={g: 1.0, "g": 1.0}), "gives g twice"),
        (dict(values={1.0}), "values must be a mapping"),
        (dict(values={1: 1.0}), "keys of values"),
        (dict(rtol=0), "rtol"),
        (dict(method="Euler"), "one of 'RK23'"),
        (dict(values={g: np.nan}), "parameter g is not finite"),
        (dict(values={g: [1.0, 2.0]}), r"g has the shape \(2,\)"),
        (dict(atol=-1.0), "atol"),
        (dict(events=1), "events"),
        (dict(start=1.0), "mapping"),
    ],
)
def test_bad_input_of_an_integration_is_named(options, culprit):
    options = {"start": {s: 1.0}, "times": [0, 1], "values": {g: 1.0}, **options}
    with pytest.raises(InputError, match=culprit):
        integrate(Flow({s: -g * s}, (g,)), options.pop("start"), options.pop("times"), **options)


@pytest.mark.parametrize("flow, culprit", [(s, "not s"), (Flow({s: 1 / s}), "not finite at the start")])
def test_what_cannot_be_integrated_is_named(flow, culprit):
    with pytest.raises(InputError, match=culprit):
        integrate(flow, {s: 0.0}, [0, 1])


def test_one_event_needs_no_list():
    assert integrate(Flow({s: Integer(1)}), {s: -1.0}, [0, 2], events=lambda t, at: at["s"]).events[0] == pytest.approx(
        [1]
    )


def test_a_path_pickles_with_its_interpolant_and_compares_by_content():
    path = integrate(FLOW, {s: [1e-3, 1e-2]}, [0, 1, 2], {"g": 1.0}, dense=True)
    copy = pickle.loads(pickle.dumps(path))
    assert copy == path and np.array_equal(copy.dense(0.7)["s"], path.dense(0.7)["s"])
    assert path != integrate(FLOW, {s: [1e-3, 2e-2]}, [0, 1, 2], {g: 1.0})


@pytest.mark.parametrize("method", ["RK45", "DOP853"])
def test_what_fails_says_when_and_what_to_try(method):
    path = integrate(Flow({s: s**2}), {s: 1.0}, [0, 0.5, 2], method=method)
    assert path.status == "failed" and path.times[-1] < 1 and "loosen rtol" in path.message


def test_a_matrix_flow_is_named_as_what_it_is():
    from sympy import MatrixSymbol

    from symssl import gradient_flow, sq

    A = MatrixSymbol("A", 2, 2)
    with pytest.raises(InputError, match="flow must be a Flow, a ModeFlow or a CoupledFlow, not a MatrixFlow"):
        integrate(gradient_flow(sq(A), A), {"A": np.eye(2)}, [0, 1])
