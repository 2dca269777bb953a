"""Taylor series against the closed form, to rounding."""

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Max, symbols

from symssl import Flow
from symssl.errors import InputError, Refusal
from symssl.trajectory import integrate, power_trajectory

s = symbols("s", positive=True)
g = symbols("g", real=True)
GROWTH = power_trajectory(Flow({s: 4 * (1 - g * s**2) * g * s}, (g,)))


@given(st.lists(st.floats(-6, -1), min_size=1, max_size=4), st.floats(0.2, 3), st.booleans())
def test_series_against_the_closed_form(exponents, speed, dense):
    pytest.importorskip("heyoka")
    flow = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
    first, gammas, at = 10.0 ** np.array(exponents), np.linspace(0.1, speed, len(exponents)), np.linspace(0, 5, 6)
    path = integrate(flow, {s: first}, at, method="heyoka", rtol=1e-16, dense=dense, values={g: gammas})
    wanted = GROWTH.at(at, first, {g: gammas})
    assert path.status == "finished" and abs(path["s"] / wanted - 1).max() < 3e-13
    if dense:
        assert abs(path.dense(2.5)["s"] / GROWTH.at([2.5], first, {g: gammas})[0] - 1).max() < 3e-13


def test_series_of_two_states_conserve_energy_and_end_at_a_pole():
    pytest.importorskip("heyoka")
    u, v = symbols("u v", real=True)
    turn = integrate(Flow({u: v, v: -u}), {u: 1.0, v: 0.0}, [0, 1, 1000], method="heyoka", rtol=1e-16)
    assert turn["u"][-1] == pytest.approx(np.cos(1000), abs=1e-12) and turn["v"][1] == pytest.approx(
        -np.sin(1), abs=1e-15
    )
    pole = integrate(Flow({s: s**2}), {s: np.array([1.0, 0.1])}, [0, 0.5, 2], method="heyoka")
    assert pole.status == "failed" and pole.times.tolist() == [0, 0.5] and "t = " in pole.message
    assert pole["s"].shape == (2, 2)


def test_what_series_do_not_do():
    pytest.importorskip("heyoka")
    with pytest.raises(InputError, match="without events"):
        integrate(Flow({s: -s}), {s: 1.0}, [0, 1], method="heyoka", events=[lambda t, w: 1.0])
    with pytest.raises(Refusal, match="cannot read"):
        integrate(Flow({s: Max(s, 1)}), {s: 1.0}, [0, 1], method="heyoka")


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "heyoka", None)
    with pytest.raises(InputError, match=r"symssl\[fast\]"):
        integrate(Flow({s: -s}), {s: 1.0}, [0, 1], method="heyoka")


def test_a_series_pickles_with_its_interpolant():
    pytest.importorskip("heyoka")
    path = integrate(Flow({s: -s}), {s: [1.0, 2.0]}, [0, 1], method="heyoka", dense=True)
    copy = pickle.loads(pickle.dumps(path))
    assert copy == path and copy.dense(0.5)["s"] == pytest.approx(np.exp(-0.5) * np.array([1, 2]), rel=1e-14)


def test_fractions_and_constants_are_read():
    pytest.importorskip("heyoka")
    from sympy import E, Rational, pi, sqrt

    x = symbols("x", real=True)
    for rate, exact in ((-x / 3, -1 / 3), (pi * x / 7, np.pi / 7), (-E * sqrt(2) * x, -np.e * 2**0.5)):
        path = integrate(Flow({x: rate}), {x: 1.0}, [0, 0.5, 1], method="heyoka", rtol=1e-15)
        assert path.status == "finished" and path["x"] == pytest.approx(np.exp(exact * path.times), rel=1e-14)
    root = integrate(Flow({s: s ** Rational(1, 3)}), {s: 1.0}, [0, 1.5], method="heyoka", rtol=1e-15)
    assert root["s"][-1] == pytest.approx(2**1.5, rel=1e-12)


def test_a_series_does_not_go_on_where_the_solution_ends():
    """x' = -sqrt(x) reaches zero at t = 2; the series of the solution, (1 - t/2)**2, would rise again."""
    pytest.importorskip("heyoka")
    from sympy import sqrt

    path = integrate(Flow({s: -sqrt(s)}), {s: 1.0}, [0, 1, 1.5, 3], method="heyoka")
    assert path.status == "failed" and path.times[-1] < 2 and "solution ends" in path.message
    near = integrate(Flow({s: 1e50 / s}), {s: 1e6}, [1, 2], method="heyoka")
    assert near.status == "failed" and near.times.tolist() == [1] and near["s"].tolist() == [1e6]
    slow = integrate(Flow({s: -s}), {s: 1.0}, [0, 1e9], method="heyoka", budget=1e-9)
    assert slow.status == "failed" and "budget" in slow.message
