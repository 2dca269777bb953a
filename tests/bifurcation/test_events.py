"""Events between two points of a branch: where they lie, to machine precision."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import BIFURCATIONS, bratu_on_a_grid, m, mu, u, v, w

from symssl import Flow
from symssl.bifurcation import (
    Settings,
    continue_branch,
    events as events_module,
)

q = sp.Symbol("q", real=True)


def turning(s, frequency, x, y):
    """A Hopf normal form whose pair has the real part s."""
    return {x: s * x - frequency * y - x * (x**2 + y**2), y: frequency * x + s * y - y * (x**2 + y**2)}


def along_zero(field, low=-1, high=1, **options):
    flow = Flow(field, (m,))
    return continue_branch(flow, m, [0] * len(field), at=low, bounds=(low, high), direction=1, **options)


def told(branch):
    return [(e.label, e.kernel, e.multiplicity, e.converged) for e in branch.events]


@pytest.mark.parametrize("n, error", [(6, 2e-3), (10, 3e-6), (14, 3e-8)])
def test_the_fold_of_bratu_on_a_chebyshev_grid(n, error):
    flow = bratu_on_a_grid(n)
    branch = continue_branch(
        flow, mu, [0.0] * len(flow.states), at=0, bounds=(0, 4), direction=1, settings=Settings(state_bound=8)
    )
    (fold,) = [e for e in branch.events if e.label == "LP"]
    assert error / 10 < abs(fold.parameter - 3.513830719125161) < error


def test_user_functions_are_located():
    branch = continue_branch(
        BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 1), functions={"half": lambda x, at: x[0] - 0.5}
    )
    event = next(e for e in branch.events if e.label == "UZ")
    assert (event.name, event.parameter) == ("half", pytest.approx(0.25, abs=1e-14))


@given(st.floats(0.1, 0.9), st.floats(0.02, 0.05))
def test_two_zeros_of_a_function_in_one_step(centre, apart):
    branch = continue_branch(
        Flow({u: m - u}, (m,)),
        m,
        0,
        at=0,
        bounds=(0, 1),
        settings=Settings(step=0.2, largest=0.2, samples=16),
        functions={"pair": lambda x, at: (x[0] - centre) ** 2 - apart**2},
    )
    wanted = [c for c in (centre - apart, centre + apart) if c < 1]
    assert [e.parameter for e in branch.events] == pytest.approx(wanted, abs=1e-13)


thousandth, tiny = sp.Rational(1, 1000), sp.Rational(1, 10**6)
SEVERAL = {
    "two pairs cross in opposite directions in one step": (
        turning(m, 1, u, v) | turning(-(m - thousandth), 2, w, q),
        [("HB", 0), ("HB", 1e-3)],
    ),
    "the same, nearer": (turning(m, 1, u, v) | turning(tiny - m, 2, w, q), [("HB", 0), ("HB", 1e-6)]),
    "a pair dips over the axis and returns": (turning(thousandth**2 - m**2, 1, u, v), [("HB", -1e-3), ("HB", 1e-3)]),
    "a pair touches the axis": (turning(-(m**2), 1, u, v), [("HB", 0)]),
    "a pair comes near and stays away": (turning(-(m**2) - tiny, 1, u, v), []),
    "three eigenvalues cross in one step, one of them back": (
        {u: m * u - u**3, v: (m - tiny) * v - v**2, w: (2 * tiny - m) * w - w**3},
        [("BP", 0), ("BP", 1e-6), ("BP", 2e-6)],
    ),
    "two real ones cross in opposite directions at once": ({u: m * u - u**3, v: -m * v - v**3}, [("BP", 0)]),
    "two pairs at once": (turning(m, 1, u, v) | turning(m, sp.Rational(7, 5), w, q), [("HH", 0)]),
    "a pair and a real one at once": (turning(m, 1, u, v) | {w: m * w - w**2}, [("ZH", 0)]),
    "the sum of two real ones vanishes": ({u: u - u**3, v: (m - 1) * v - v**3}, [("BP", 1)]),
    "a pair collides and becomes real away from the axis": ({u: -u + v, v: -v + m * u / 2}, []),
    "a pair collides and one of the two crosses": ({u: -u + v, v: -v + 3 * (m + sp.Rational(1, 3)) * u}, [("BP", 0)]),
    "a stiff neighbour": ({u: m * u - u**3, v: -(10**8) * v + u}, [("BP", 0)]),
    "neighbours that are nearly the same": (
        {u: m * u + v - u**3, v: (m + sp.Rational(1, 10**4)) * v - v**3},
        [("BP", -1e-4), ("BP", 0)],
    ),
    "an inner extremum of two signs": (
        turning(m * (m**2 - thousandth**2), 1, u, v),
        [("HB", x) for x in (-1e-3, 0, 1e-3)],
    ),
}


@pytest.mark.parametrize("field, wanted", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("low", [-1, -0.37])
def test_every_change_of_the_spectrum_is_an_event(field, wanted, low):
    """The frequency or the parameter of no event is that of a step: steps are some hundredths long."""
    branch = along_zero(field, low, 1.1)
    assert [e.label for e in branch.events] == [label for label, _ in wanted]
    assert [e.parameter for e in branch.events] == pytest.approx([at for _, at in wanted], abs=1e-9)
    assert all(e.converged for e in branch.events) and branch.status == "bound"
    rhs, states = sp.Matrix(list(field.values())), list(field)
    jacobian = sp.lambdify((m, *states), rhs.jacobian(states))
    for at, x, unstable in zip(branch.lam, branch.x, branch.unstable):
        real = np.linalg.eigvals(np.array(jacobian(at, *x), float)).real
        assert np.abs(real).min() < 1e-9 or unstable == (real > 0).sum()


def test_multiple_events_say_how_many_eigenvalues_meet():
    assert told(along_zero({x: m * x - x**3 for x in (u, v, w)})) == [("BP", 3, None, True)]
    pairs = turning(m, 1, u, v) | turning(m, 2, w, q)
    assert told(along_zero(pairs)) == [("HH", None, 2, True)]
    assert told(along_zero({u: v, v: m * u + m * v - u**3})) == [("BT", 1, None, True)]


@pytest.mark.parametrize("low, high", [(-1, 0), (0, 1)])
def test_events_exactly_at_the_ends_of_a_branch(low, high):
    at = low if high == 0 else high  # the start itself may be no branch point
    for field, label in (({u: m * u - u**3}, "BP"), (turning(m, 1, u, v), "HB"), (turning(-m, 1, u, v), "HB")):
        branch = continue_branch(Flow(field, (m,)), m, [0] * len(field), at=at, bounds=(low, high))
        assert [e.label for e in branch.events] == [label] and abs(branch.events[0].parameter) < 1e-12
    for field in (turning(m, 1, u, v), turning(-m, 1, u, v)):  # a Hopf point may be a start
        branch = continue_branch(Flow(field, (m,)), m, (0, 0), at=0, bounds=(low, high))
        assert [e.label for e in branch.events] == ["HB"]
        branch = continue_branch(Flow(field, (m,)), m, (0, 0), at=0, bounds=(-1, 1))
        assert [e.label for e in branch.events] == ["HB"]


def test_a_pair_that_rests_on_the_axis_is_no_event():
    """Predators and prey: the coexistence point is a centre for every value of the parameter."""
    flow = Flow({u: u * (m - v), v: v * (u - 1)}, (m,))
    branch = continue_branch(flow, m, (1, 2), at=2, bounds=(1, 3))
    assert branch.events == () and branch.status == "bound" and (branch.unstable == 0).all()


def test_a_pole_of_a_function_is_no_zero_of_it():
    branch = along_zero({u: -u}, functions={"pole": lambda x, at: 1 / (at - 0.123), "zero": lambda x, at: at - 0.4})
    assert [(e.name, e.parameter) for e in branch.events] == [("zero", pytest.approx(0.4))]


def test_an_event_that_is_not_located_says_so_and_lies_on_the_branch(monkeypatch):
    """Without a corrector inside of steps the event cannot be closed in; the chord's middle is far from the curve."""

    def nothing(*args):
        raise events_module.Lost

    monkeypatch.setattr(events_module, "_closed_in", nothing)
    flow = Flow({u: m - u**2, v: (u - sp.Rational(1, 3)) * v - v**3}, (m,))
    branch = continue_branch(flow, m, (1, 0), at=1, bounds=(0.02, 1), settings=Settings(largest=0.2, step=0.2))
    (event,) = branch.events
    assert not event.converged and "not located" in repr(event) and "not located" in repr(branch)
    assert event.parameter == pytest.approx(event.state[0] ** 2, abs=1e-12)


def test_stability_that_changes_without_an_event_is_an_error_of_the_run(monkeypatch):
    from symssl.bifurcation import continuation

    monkeypatch.setattr(continuation, "located_events", lambda *args: [])
    branch = along_zero(turning(m, 1, u, v))
    assert branch.status == "spectrum" and "0 eigenvalues are unstable at parameter -0.0" in branch.message
    assert "2 at 0.0" in branch.message and "no event between was located" in branch.message


@pytest.mark.parametrize("at", [1.25e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("unit", [1, sp.Rational(1, 10**6), 10**6])
def test_steps_are_those_of_the_branch_and_not_of_its_start(at, unit):
    """m = u - u^2/2 and a fold at u = 1, from far below it."""
    flow = Flow({u: m * unit - u + u**2 / unit / 2}, (m,))
    branch = continue_branch(flow, m, at * float(unit), at=at, bounds=(at / 2, 1), settings=Settings(state_bound=1e9))
    (fold,) = branch.events
    assert fold.label == "LP" and fold.state[0] == pytest.approx(float(unit)) and fold.parameter == pytest.approx(0.5)
    assert branch.status == "bound" and len(branch) < 400


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_events_known_by_construction(number):
    """Normal forms across a curved stem in many units; hidden ones are in the examination of reliability."""
    from benchmarks.reliability.branches import build, compare

    case = build(7, number, plain=True)
    assert compare(case)[1] is None, case.text


@pytest.mark.parametrize("power", [3, 4, 5])
def test_only_an_odd_contact_is_an_inflection(power):
    branch = continue_branch(Flow({u: m - u**power}, (m,)), m, 1.0, at=1, bounds=(-1, 1))
    (event,) = branch.events
    assert (event.label, event.kernel, event.name) == ("LP", 1, "inflection" if power % 2 else "")
