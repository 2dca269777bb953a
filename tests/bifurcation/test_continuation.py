"""Continuation: starts, bounds, the ends of branches, and what the status says."""

import numpy as np
import pytest
import sympy as sp
from problems import BIFURCATIONS, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    Settings,
    bifurcation_diagram,
    continue_branch,
)
from symssl.errors import InputError

P = sp.Symbol("P", positive=True)


@pytest.mark.parametrize(
    "arguments, options, word",
    [
        ((5,), {"at": 0.5, "bounds": (-1, 1)}, None),  # Newton's method corrects the start
        ((0,), {"at": -0.5, "bounds": (-1, 1)}, "no equilibrium"),
        ((1,), {"at": 2, "bounds": (-1, 1)}, "outside"),
        ((1,), {"at": 1, "bounds": (1, -1)}, "reversed"),
        ((1,), {"at": 1, "bounds": (-1, float("inf"))}, "not finite"),
        ((1,), {"at": 1, "bounds": "ab"}, "two numbers"),
    ],
)
def test_starts_and_bounds(arguments, options, word):
    if word is None:
        assert continue_branch(BIFURCATIONS[0].flow, m, *arguments, **options).events
        return
    with pytest.raises(InputError, match=word):
        continue_branch(BIFURCATIONS[0].flow, m, *arguments, **options)


def test_a_branch_that_ends_says_so():
    """u = 1/m on the right only: the field ends where the logarithm does."""
    branch = continue_branch(
        Flow({u: sp.log(m) - u}, (m,)), m, 0, at=1, bounds=(-1, 2), settings=Settings(state_bound=30)
    )
    assert branch.status in ("step", "state bound") and branch.message


def test_natural_steps_are_equal_in_the_parameter_and_end_at_a_fold():
    branch = continue_branch(
        BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 2), method="natural", settings=Settings(largest=0.01)
    )
    assert branch.status == "fold" and "cannot pass a fold" in branch.message and not branch.events
    assert 0 <= branch.lam.min() < 1e-3 and branch.x[:, 0] ** 2 == pytest.approx(branch.lam, abs=1e-12)
    steps = np.diff(branch.lam)
    assert steps.max() == pytest.approx(0.03) and (steps > 0).all()
    with pytest.raises(InputError, match="one of 'arclength'"):
        continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 2), method="euler")


def test_a_branch_ends_exactly_at_the_faces_of_its_box():
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 4), within={u: (-0.5, 1.5)})
    assert branch.status == "state bound" and "u reaches" in branch.message
    assert (
        branch.x[0, 0] in (-0.5, 1.5)
        and branch.x[-1, 0] in (-0.5, 1.5)
        and branch.lam[[0, -1]] == pytest.approx([0.25, 2.25])
    )
    P = sp.Symbol("P", nonnegative=True)
    kept = continue_branch(Flow({P: m - P}, (m,)), m, 1, at=1, bounds=(-1, 2))
    assert kept.x.min() == 0 and kept.lam.min() == pytest.approx(0, abs=1e-15)
    found = bifurcation_diagram(Flow({u: m * u - u**3}, (m,)), m, (-1, 1), within={u: (0.25, 2)})
    (upper,) = found.branches
    assert (
        found.complete
        and not found.events
        and upper.x.min() == pytest.approx(0.25)
        and upper.lam.min() == pytest.approx(0.0625)
    )


@pytest.mark.parametrize("offset", [0, 1e-9, -1e-9])
def test_a_start_on_a_fold_is_passed_in_both_directions(offset):
    branch = continue_branch(BIFURCATIONS[0].flow, m, offset, at=abs(offset), bounds=(-1, 1))
    assert [e.label for e in branch.events] == ["LP"] and branch.events[0].parameter == pytest.approx(0, abs=1e-14)
    assert sorted(branch.x[[0, -1], 0]) == pytest.approx([-1, 1])


@pytest.mark.parametrize(
    "flow, start", [(Flow({u: m * u - u**2}, (m,)), 0), (Flow({u: m * u - u**3, v: -v}, (m,)), (0, 0))]
)
def test_a_start_on_a_branch_point_is_refused_with_a_way_out(flow, start):
    with pytest.raises(InputError, match="is a branch point: start beside it, near"):
        continue_branch(flow, m, start, at=0, bounds=(-1, 1))


@pytest.mark.parametrize(
    "start, word",
    [
        ("abc", "must list 1 finite number"),
        ((1, 2), "must list 1 finite number"),
        (float("nan"), "must list 1 finite number"),
        (0.7, "the field there is 0.51"),
    ],
)
def test_starts_that_are_none(start, word):
    with pytest.raises(InputError, match=word):
        continue_branch(
            Flow({u: m + 1 + u**2}, (m,)) if start == 0.7 else BIFURCATIONS[0].flow,
            m,
            start,
            at=-0.98 if start == 0.7 else 1,
            bounds=(-1, 1),
        )


def test_starts_outside_of_the_limits_are_refused():
    """The branch would be followed outside of them up to where it enters."""
    flow = Flow({u: 10 * m - u}, (m,))
    on_the_face = continue_branch(flow, m, 4, at=0.4, bounds=(0, 1), settings=Settings(state_bound=4))
    assert on_the_face.lam.max() == pytest.approx(0.4)
    for limits in ({"settings": Settings(state_bound=4)}, {"within": {u: (-9, 4)}}, {"within": {u: (6, 9)}}):
        with pytest.raises(InputError, match="u = 5 lies outside the limits"):
            continue_branch(flow, m, 5, at=0.5, bounds=(0, 1), **limits)
