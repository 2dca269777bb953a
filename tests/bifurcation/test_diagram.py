"""Bifurcation diagrams on problems whose branches and events are known."""

import re

import numpy as np
import pytest
import sympy as sp
from bifurcation_helpers import diagram
from hypothesis import assume, given, settings, strategies as st
from problems import BIFURCATIONS, A, B, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    Settings,
    bifurcation_diagram,
    find_equilibria,
)
from symssl.errors import Refusal

named = pytest.mark.parametrize("problem", BIFURCATIONS, ids=lambda p: p.name)


def assert_known(problem, found):
    assert len(found.branches) == problem.branches, [(b.lam[[0, -1]], b.x[[0, -1]]) for b in found.branches]
    events = [(e.label, e.name, e.parameter, e.state) for e in found.events]
    assert [e[:2] for e in events] == [e[:2] for e in problem.events]
    for (*_, parameter, state), (*_, wanted, where) in zip(events, problem.events):
        assert parameter == pytest.approx(wanted, abs=1e-11)
        assert state == pytest.approx(where, abs=1e-7)
    for branch in found.branches:
        field = sp.lambdify(
            (*problem.flow.states, problem.parameter),
            [f.subs(dict(problem.values)) for f in problem.flow.rhs.values()],
        )
        residual = np.abs(np.array([np.broadcast_to(f, branch.lam.shape) for f in field(*branch.x.T, branch.lam)]))
        assert residual.max() < 1e-9 and branch.residual.max() < 1e-9


def exported():
    """Every scalar or planar rational flow that a paper exports, with all parameters but the first at one half."""
    from symssl.claims.discovery import discover
    from symssl.claims.places import DERIVATIONS

    for name, paper in discover(DERIVATIONS).papers.items():
        for model in paper.models:
            yield pytest.param(paper, model, id=f"{name}.{model}")


@named
def test_diagram_by_continuation(problem):
    found = diagram(problem, method="continuation")
    assert_known(problem, found)
    assert found.complete == (problem.name != "Bratu, scalar form")


@named
def test_diagram_by_whatever_is_best(problem):
    assert_known(problem, diagram(problem))


@named
def test_stability_changes_at_events_only(problem):
    for branch in diagram(problem, method="continuation").branches:
        jumps = branch.lam[:-1][np.diff(branch.unstable) != 0]
        for jump in jumps:
            assert min(abs(e.parameter - jump) for e in branch.events) < 0.1 * np.ptp(problem.bounds)


@given(
    st.sampled_from([p for p in BIFURCATIONS if len(p.flow.states) == 1 and not p.within]),
    st.fractions(sp.Rational(1, 5), 5, max_denominator=9),
    st.fractions(sp.Rational(1, 5), 5, max_denominator=9),
)
def test_invariance_under_scaling_of_state_and_parameter(problem, a, b):
    """u = a y, m = b n: the same diagram in other units."""
    a, b = sp.Rational(a), sp.Rational(b)
    (f,) = problem.flow.rhs.values()
    y, n = sp.symbols("y n", real=True)
    flow = Flow({y: f.subs({u: a * y, problem.parameter: b * n}, simultaneous=True) / a}, (n,))
    found = bifurcation_diagram(flow, n, tuple(limit / float(b) for limit in problem.bounds), method="continuation")
    assert len(found.branches) == problem.branches
    assert [(e.label, e.name) for e in found.events] == [e[:2] for e in problem.events]
    for e, (_, _, at, state) in zip(found.events, problem.events):
        assert e.parameter * float(b) == pytest.approx(at, abs=1e-9)
        assert np.array(e.state) * float(a) == pytest.approx(state, abs=1e-6)


@settings(max_examples=15)
@given(st.lists(st.integers(-2, 2), min_size=4, max_size=4))
def test_invariance_under_linear_changes_of_state(entries):
    T = sp.Matrix(2, 2, entries)
    assume(T.det() != 0)
    problem = next(p for p in BIFURCATIONS if p.name == "Brusselator")
    y = sp.symbols("y_1:3", real=True)
    old = T * sp.Matrix(y)
    rhs = T.inv() * sp.Matrix([f.subs(dict(zip((u, v), old)), simultaneous=True) for f in problem.flow.rhs.values()])
    found = bifurcation_diagram(Flow(dict(zip(y, rhs)), problem.flow.parameters), B, problem.bounds, {A: 1})
    (event,) = found.events
    assert event.label == "HB" and event.parameter == pytest.approx(2, abs=1e-10)
    assert np.array(T.tolist(), float) @ event.state == pytest.approx([1, 2], abs=1e-8)


@pytest.mark.parametrize(
    "field, events",
    [
        (m - u**3, [("LP", "inflection", 3)]),
        (m * u - u**5, [("BP", "pitchfork", 5)]),
        (u * (m - u**3), [("BP", "transcritical", 4)]),
        (u * (m - u) * (m + u), [("BP", "degenerate", 3)]),
        (u * ((m**2 - sp.Rational(1, 10**6)) - u**2), [("BP", "pitchfork", 3), ("BP", "pitchfork", 3)]),
    ],
)
@pytest.mark.parametrize("method", ["auto", "continuation"])
def test_kinds_of_degenerate_events(field, events, method):
    found = bifurcation_diagram(Flow({u: field}, (m,)), m, (-1, 1), method=method)
    assert [(e.label, e.name, e.multiplicity) for e in found.events] == events


@pytest.mark.parametrize(
    "field, count", [(m * u - 1, 2), (u - 1 / m, 2), (1 - m * u**2, 2), ((m - sp.Rational(1, 3)) * u - 1, 2)]
)
def test_no_branch_is_missed_that_comes_from_infinity(field, count):
    """The range is symmetric about the pole or the middle: its centre alone would show nothing."""
    found = bifurcation_diagram(
        Flow({u: field}, (m,)), m, (-1, 1), method="continuation", settings=Settings(state_bound=30)
    )
    assert len(found.branches) == count and found.complete


def test_a_field_that_vanishes_identically_is_refused():
    with pytest.raises(Refusal, match="identically"):
        bifurcation_diagram(Flow({u: 0 * u}, (m,)), m, (-1, 1))


@pytest.mark.parametrize("paper, model", list(exported()))
def test_flows_of_the_papers(paper, model):
    flow = paper.model(model)
    if not flow.parameters:
        found = find_equilibria(flow, within=dict.fromkeys(flow.states, (-2, 2)))
        assert found.complete or found.note
        return
    parameter, *rest = flow.parameters
    values = {q: sp.Rational(1, 2) for q in rest}
    try:
        found = bifurcation_diagram(flow, parameter, (0.01, 1), values, within=dict.fromkeys(flow.states, (-4, 4)))
    except Refusal as refusal:  # of equilibria that fill a curve, say
        found, reason = None, refusal.reason
    if found is None:
        assert reason
        return
    rhs = [f.subs(values) for f in flow.rhs.values()]
    field = sp.lambdify((*flow.states, parameter), rhs)
    for branch in found.branches:
        here = np.array([np.broadcast_to(f, branch.lam.shape) for f in field(*branch.x.T, branch.lam)])
        assert np.abs(here).max() < 1e-9
    for at in (0.0937, 0.517, 0.93):  # what is proved at one parameter lies on the branches of a complete diagram
        exact = find_equilibria(flow, {**values, parameter: at}, within=dict.fromkeys(flow.states, (-4, 4)))
        crossings = sum(int((np.diff(np.sign(b.lam - at)) != 0).sum()) for b in found.branches)
        assert not (found.complete and exact.complete) or crossings == len(exact)


def test_all_branches_are_found_where_elimination_is_given_up(monkeypatch):
    """Two coupled cells of a saturating reaction: the symmetric branch with its branch points, and the loop between."""
    from symssl.bifurcation import diagram as module

    def given_up(*args, **options):
        raise Refusal("not tried")

    monkeypatch.setattr(module, "critical_points", given_up)
    monkeypatch.setattr(module, "_SAMPLES", 5)

    def r(x):
        return 100 * x / (1 + x + x**2)

    flow = Flow({u: m - 2 * u + v - r(u), v: m - 2 * v + u - r(v)}, (m,))
    found = bifurcation_diagram(flow, m, (0, 60))
    assert [b.status for b in found.branches] == ["bound", "closed"]
    assert not found.complete and "critical points are not known exactly" in found.note
    # the symmetric states solve m = x + r(x); the symmetric mode is critical where r' = -1, the other where r' = -3
    x = sp.Symbol("x", positive=True)
    for shift, label, name in ((-1, "LP", ""), (-3, "BP", "pitchfork")):
        at = [complex(z) for z in sp.Poly(sp.numer(sp.together(sp.diff(r(x), x) - shift)), x).nroots()]
        wanted = sorted(float((z + r(z)).real) for z in at if abs(z.imag) < 1e-12 and z.real > 0)
        symmetric = [e for e in found.events if e.label == label and abs(e.state[0] - e.state[1]) < 1e-6]
        assert sorted(e.parameter for e in symmetric) == pytest.approx(wanted, abs=1e-9) and len(wanted) == 2
        assert {e.name for e in symmetric} == {name}
    rest = [e for e in found.events if abs(e.state[0] - e.state[1]) > 1e-6]
    assert [e.label for e in rest] == ["LP"] * 4 and all(e.converged for e in found.events)
    assert [round(e.parameter, 4) for e in rest] == [25.3727, 25.3727, 26.6221, 26.6221]


@given(st.permutations(range(3)))
def test_invariance_under_reordering(order):
    problem = next(p for p in BIFURCATIONS if p.name == "Lorenz")
    states = list(problem.flow.states.items())
    found = diagram(problem, Flow(dict(states[k] for k in order), problem.flow.parameters))
    assert [e.label for e in found.events] == ["BP", "HB", "HB"] and len(found.branches) == 2 and found.complete
    for e in found.events[1:]:
        assert e.parameter == pytest.approx(470 / 19) and [
            abs(e.state[order.index(k)]) for k in range(3)
        ] == pytest.approx([abs(c) for c in problem.events[1][3]])


@settings(max_examples=25)
@given(st.integers(-9, 9).filter(bool), st.integers(-4, 4), st.integers(-5, 4), st.integers(1, 5), st.booleans())
def test_a_branch_is_found_wherever_it_lies_in_a_box(slope, shift, lower, width, planar):
    """u = slope m + shift is in the box for a range of m that is known, however short it is."""
    field = {u: slope * m + shift - u, **({v: 2 * u - v} if planar else {})}
    box = {u: (lower, lower + width), **({v: (-100, 100)} if planar else {})}
    found = bifurcation_diagram(Flow(field, (m,)), m, (-1, 1), within=box, method="continuation")
    first, last = sorted(((lower - shift) / slope, (lower + width - shift) / slope))
    first, last = max(first, -1), min(last, 1)
    assume(abs(last - first) > 1e-3 or last < first)  # the box is not met in a corner only
    assert found.complete and len(found.branches) == (first < last)
    for branch in found.branches:
        assert (branch.lam.min(), branch.lam.max()) == pytest.approx((first, last), abs=1e-9)
        assert branch.x[:, 0] == pytest.approx(slope * branch.lam + shift, abs=1e-9)


@pytest.mark.parametrize(
    "field, options, word",
    [
        (m * u - u**3, {"settings": Settings(points=4)}, "4 points were not enough"),  # a branch that was given up
        (
            10 * m - u,
            {"settings": Settings(state_bound=4)},
            "u = 5 lies outside the limits -4..4",
        ),  # met at m = 1/2, and not followed
        (m + (u - 10) ** 2 - 1, {"settings": Settings(state_bound=8)}, r"critical point .* lies on no branch"),
        (u * (m - sp.Rational(1, 3)), {}, "a curve of equilibria lies at m = 0.333333 alone"),
        (sp.exp(u) - 1 - m, {"within": {u: (-2, 2)}}, "critical points are not known"),
        (
            sp.exp(u) - 1 - u - m + sp.Rational(1, 2),
            {"within": {u: (-2, 2)}},
            "at m = 0.5: in .* neither the existence nor the absence",
        ),
    ],
)
def test_a_diagram_says_what_may_be_missing(field, options, word):
    found = bifurcation_diagram(Flow({u: field}, (m,)), m, (-1, 2), method="continuation", **options)
    assert not found.complete and re.search(word, found.note)


def test_a_diagram_without_anything_missing_has_no_note():
    for method in ("explicit", "continuation"):
        found = bifurcation_diagram(Flow({u: m * u - u**3}, (m,)), m, (-1, 1), method=method)
        assert found.complete and found.note == "" and len(found.branches) == 2


@pytest.mark.parametrize(
    "field, label, kernel, multiplicity",
    [
        ({u: m * u - u**3, v: m * v - v**3}, "BP", 2, None),
        ({u: m - u**2 - v, v: u - v}, "BT", 1, 2),  # the trace and the determinant vanish at u = -1/2
        ({u: m * u - v - u**3, v: u + m * v, A: m - A**2}, "ZH", 1, 2),
    ],
)
def test_a_multiple_event_is_one_event(field, label, kernel, multiplicity):
    flow = Flow({sp.Symbol(x.name, real=True): f.subs(A, sp.Symbol("A", real=True)) for x, f in field.items()}, (m,))
    (event,) = bifurcation_diagram(flow, m, (-1, 1), method="continuation").events
    assert (event.label, event.kernel, event.multiplicity) == (label, kernel, multiplicity)
    assert event.enclosure is not None


@pytest.mark.parametrize("factor, word", [(u**2 - 1, "a curve of equilibria lies at"), (u**2 + 1, "form a continuum")])
def test_where_every_state_is_an_equilibrium_the_diagram_says_so(factor, word):
    found = bifurcation_diagram(Flow({u: (3 * m - 1) * factor}, (m,)), m, (-1, 1), method="continuation")
    assert not found.complete and word in found.note and "m = 0.333333" in found.note
