"""All branches through a branch point, whatever the dimension of its kernel."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from problems import m, u, v, w

from symssl import Flow
from symssl.bifurcation import Event, FieldProblem, Settings, branches_through, continue_branch
from symssl.bifurcation.switching import half_branches, switch_directions
from symssl.errors import InputError, Refusal

r2 = u**2 + v**2
TRIANGLE = {u: m * u + u**2 - v**2 - u * r2, v: m * v - 2 * u * v - v * r2}
SQUARE = {u: m * u - u * (u**2 + 2 * v**2), v: m * v - v * (v**2 + 2 * u**2)}
CASES = [  # field, dimension of the kernel, branches through the origin with the trivial one
    ({u: m * u - u**3}, 1, 2),
    ({u: u * (m - u) * (m + u)}, 1, 3),
    ({u: u * (m - u**2) * (m + u**2)}, 1, 3),
    ({u: m * u - u**3, v: m * v - v**3}, 2, 5),
    (TRIANGLE, 2, 4),
    (SQUARE, 2, 5),
    ({u: m * u - u**2, v: m * v - v**2}, 2, 4),
    ({u: m * u - u**3, v: -v + u * w, w: m * w - w**3}, 2, 5),
    ({u: m * u - u**3, v: m * v - v**3, w: m * w - w**3}, 3, 14),
]


@pytest.mark.parametrize("field, kernel, count", CASES)
def test_every_branch_through_a_point_is_met_on_the_sphere(field, kernel, count):
    problem = FieldProblem(Flow(field, (m,)), m)
    n = len(field)
    found = half_branches(problem, np.zeros(n + 1), np.ones(n + 1), kernel)
    assert found.isolated and len(found.points) == 2 * 2 * count  # two ends of each, on two spheres
    for z, direction in found.points:
        assert np.abs(problem.evaluate(z)[0]).max() < 1e-12 and np.linalg.norm(direction) == pytest.approx(1)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_branches_through_a_double_pitchfork_in_any_unit(size):
    flow = Flow({x: m * x - sp.Rational(size) ** -2 * x**3 for x in (u, v)}, (m,))
    event = Event("BP", 0.0, (0.0, 0.0), kernel=2)
    found = branches_through(flow, m, event, bounds=(-1, 1), settings=Settings(size=size, state_bound=10 * size))
    ends = {tuple(np.round(b.x[k] / size, 9) + 0.0) for b in found for k in (0, -1) if b.lam[k] == 1}
    assert ends == set(product((-1.0, 0.0, 1.0), repeat=2)) and len(found) == 5


def test_the_branch_with_two_neighbours_in_the_kernel():
    """Its event has the kernel, and what continues from it is every branch; the trivial one changes stability."""
    flow = Flow({u: m * u - u**3, v: m * v - v**3}, (m,))
    branch = continue_branch(flow, m, (0, 0), at=-1, bounds=(-1, 1))
    (event,) = branch.events
    assert (event.label, event.kernel, event.converged) == ("BP", 2, True) and abs(event.parameter) < 1e-12
    through = branches_through(flow, m, event, bounds=(-1, 1))
    assert len(through) == 5 and all(b.status == "bound" for b in through)
    for b in through:
        assert ((b.x**2 < 1e-12) | (np.abs(b.x**2 - b.lam[:, None]) < 1e-9)).all()


def test_where_a_circle_of_equilibria_leaves_it_is_refused():
    flow = Flow({u: m * u - u * r2, v: m * v - v * r2}, (m,))
    with pytest.raises(Refusal, match="fill a surface"):
        branches_through(flow, m, Event("BP", 0.0, (0.0, 0.0), kernel=2), bounds=(-1, 1))


@pytest.mark.parametrize(
    "event, word",
    [
        (Event("LP", 0.0, (0.0,)), "labelled BP, not at LP"),
        (Event("BP", 0.5, (0.5,)), "no equilibrium"),
        (Event("BP", 0.0, (0.0, 0.0)), "must list 2 finite numbers"),
        ("BP", "an Event of a branch"),
    ],
)
def test_events_at_which_nothing_branches(event, word):
    with pytest.raises(InputError, match=word):
        branches_through(Flow({u: m * u - u**3}, (m,)), m, event, bounds=(-1, 1))


def test_tangents_of_a_transcritical_point():
    problem = FieldProblem(Flow({u: u * (2 * m - u)}, (m,)), m)
    slopes = sorted(abs(d[0] / d[1]) for d in switch_directions(problem, np.zeros(2), np.ones(2)))
    assert slopes == pytest.approx([0, 2], abs=1e-12)
    assert switch_directions(FieldProblem(Flow({u: u * (m**2 - u**2)}, (m,)), m), np.zeros(2), np.ones(2)) == []
