"""Every integration ends, whatever the field, the method and the scale: with the value, or a status and a reason."""

import time
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, Rational, exp, floor, li, log, sign, sqrt, symbols

from symssl import Flow, InputError
from symssl.trajectory import integrate
from symssl.trajectory.stepping import Ended, Watch, watched

x, y = symbols("x y", real=True)
u = symbols("u", positive=True)
METHODS = ("RK23", "RK45", "DOP853", "LSODA", "BDF", "Radau")


@pytest.mark.parametrize("method", METHODS)
def test_a_state_that_starts_at_zero_is_followed(method):
    path = integrate(Flow({x: -x, y: x - y}), {x: 1, y: 0}, [0, 1], method=method, rtol=1e-6)
    assert path.status == "finished" and path["y"][-1] == pytest.approx(np.exp(-1), rel=1e-5)
    small = integrate(Flow({x: -x, y: 1e-9 * x - y}), {x: 1e9, y: 0}, [0, 1], method=method, rtol=1e-6)
    assert small["y"][-1] == pytest.approx(np.exp(-1), rel=1e-5)


# right-hand side, start, when the solution ends (None: it does not), its value at half of that time or at 1
ENDS = (
    (Flow({x: x**2}), 1.0, 1.0, 2.0),
    (Flow({x: exp(x)}), 1.0, np.exp(-1), 1 - np.log(0.5)),
    (Flow({u: -sqrt(u)}), 1.0, 2.0, 0.25),
    (Flow({u: -1 / u}), 1.0, 0.5, np.sqrt(0.5)),
    (Flow({u: log(u)}), 0.5, None, None),
    (Flow({x: -x / 3}), 1.0, None, np.exp(-1 / 3)),
)


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("flow, start, end, value", ENDS, ids=lambda v: str(v)[:24])
def test_what_ends_ends_with_its_time_and_nothing_after_it(flow, start, end, value, method):
    ((state, _),) = flow.states.items()
    if end is None and value is None:
        end = -float(li(Rational(1, 2)))  # the integral of -1/log v from 0 to 1/2
    times = [0, 1] if end is None else [0, end / 2, 2 * end]
    began = time.monotonic()
    path = integrate(flow, {state: start}, times, method=method, rtol=1e-5, budget=8)
    assert time.monotonic() - began < 12
    if times == [0, 1]:
        assert path.status == "finished" and path[state][-1] == pytest.approx(value, rel=1e-3)
        return
    assert path.status == "failed" and path.message and path.times[-1] < end and np.isfinite(path[state]).all()
    if len(path.times) == 2 and value is not None:
        assert path[state][-1] == pytest.approx(value, rel=1e-3)


FIELDS = (-sign(x), -sign(x) * sqrt(Abs(x)), floor(1 / x), 1 / x, -1 / x, exp(-x) / x, -(10**12) * x, x * sqrt(Abs(x)))


@given(
    st.sampled_from(FIELDS),
    st.sampled_from(METHODS),
    st.sampled_from([1.0, -1.0, 1e-200, 1e200, -0.3, 2e-12]),
    st.sampled_from([1e-300, 1e-9, 1.0, 1e9, 1e300]),
)
@settings(max_examples=15)
def test_every_call_ends_within_its_budget(rhs, method, start, span):
    began = time.monotonic()
    path = integrate(Flow({x: rhs}), {x: start}, [0, span], method=method, budget=0.2)
    assert path.status in ("finished", "failed") and (path.status == "finished") == (path.times[-1] == span)
    assert path.times[0] == 0 and np.isfinite(path["x"]).all()
    assert time.monotonic() - began < 2


def test_a_field_that_is_no_number_at_the_start_is_refused():
    with pytest.raises(InputError, match="not finite at the start"):
        integrate(Flow({x: exp(exp(x))}), {x: 1e3}, [0, 1])


@pytest.mark.parametrize("times", [[1, 0], [0, 0], [0, 0, 1], [0], [], [0, np.inf], [np.nan, 1], [-1.5e308, 1.5e308]])
def test_times_that_are_no_span_are_refused(times):
    with pytest.raises(InputError, match="times"):
        integrate(Flow({x: -x}), {x: 1.0}, times)


@pytest.mark.parametrize("method", ["RK45", "LSODA"])
def test_the_budget_ends_a_chattering_field(method):
    path = integrate(Flow({x: -sign(x)}), {x: 1.0}, [0, 0.5, 3], method=method, budget=0.2)
    assert path.status == "failed" and "budget of 0.2 s" in path.message and path.times.tolist() == [0, 0.5]
    with pytest.raises(InputError, match="budget"):
        integrate(Flow({x: -x}), {x: 1.0}, [0, 1], budget=0)
    for name in ("DOP853", method):
        assert integrate(Flow({x: -x}), {x: 1.0}, [0, 1], method=name, budget=None).status == "finished"


def test_a_path_that_fails_at_once_holds_its_start():
    path = integrate(Flow({u: 1e50 / u}), {u: 1e6}, [1, 2], dense=True, events=lambda t, w: w["u"] - 1)
    assert path.status == "failed" and path.times.tolist() == [1] and path["u"].tolist() == [1e6]
    assert len(path.events) == 1 and "step size" in path.message
    lsoda = integrate(Flow({u: 1e50 / u}), {u: 1e6}, [1, 2], method="LSODA")
    assert lsoda["u"][-1] == pytest.approx(np.sqrt(2e50), rel=1e-6)


def test_a_watch_ends_what_has_no_numbers():
    watch = Watch(lambda t, y: y * np.nan, budget=60)
    with pytest.raises(Ended, match="not finite near t = 3"):
        deque((watch(3.0, np.ones(1)) for _ in range(3000)), maxlen=0)
    assert 2000 <= watch.evaluations < 2100


def test_an_error_of_the_linear_algebra_is_a_failed_step():
    solver = watched("BDF")(lambda t, y: -np.sqrt(y), 0.0, np.array([1.0]), 5.0, rtol=1e-6, atol=1e-9)
    message = None
    while solver.status == "running":
        message = solver.step()
    assert solver.status == "failed" and message and np.isfinite(solver.y).all() and solver.t < 2.001
