"""Certified equilibria, continuation, events and curves on problems whose answers are known."""

import json
import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from problems import BIFURCATIONS, BOGDANOV_TAKENS, A, B, bratu_on_a_grid, m, mu, u, v
from problems import k as K

from symssl import Flow
from symssl.bifurcation import (
    Branch,
    Event,
    FieldProblem,
    ModeProblem,
    bifurcation_diagram,
    continue_branch,
    critical_coefficients,
    critical_points,
    find_equilibria,
    fold_curve,
    hopf_curve,
    load,
)
from symssl.errors import InputError, Refusal

named = pytest.mark.parametrize("problem", BIFURCATIONS, ids=lambda p: p.name)
rational = st.fractions(-3, 3, max_denominator=8)


def diagram(problem, flow=None, **options):
    return bifurcation_diagram(
        flow or problem.flow,
        problem.parameter,
        problem.bounds,
        dict(problem.values),
        within=dict(problem.within) or None,
        **options,
    )


# --- certified equilibria -----------------------------------------------------------------


@given(st.lists(rational, min_size=1, max_size=5), st.sampled_from([1, -1]))
def test_equilibria_of_a_product_are_its_roots(roots, lead):
    f = lead * sp.prod(u - sp.Rational(r.numerator, r.denominator) for r in roots)
    found = find_equilibria(Flow({u: sp.expand(f)}))
    distinct = sorted(set(roots))
    assert found.complete and [e.exact[u] for e in found] == [sp.Rational(r) for r in distinct]
    for e, r in zip(found, distinct):
        order = roots.count(r)
        slope = lead * np.prod([float(r - q) for q in roots if q != r])
        assert e.multiplicity == order
        assert e.stability == ("half-stable" if order % 2 == 0 else "stable" if slope < 0 else "unstable")


@given(st.lists(st.lists(st.integers(-4, 4), min_size=3, max_size=3), min_size=3, max_size=3))
def test_stability_of_a_linear_field_against_its_eigenvalues(rows):
    matrix = sp.Matrix(rows)
    assume(matrix.det() != 0)
    states = sp.symbols("q_1:4", real=True)
    (point,) = find_equilibria(Flow(dict(zip(states, matrix * sp.Matrix(states)))))
    real = np.linalg.eigvals(np.array(rows, float)).real
    # exactly on the axis: a common root of the even and the odd part of the characteristic polynomial
    s = sp.Symbol("s")
    poly = matrix.charpoly(s).as_expr()
    on_axis = (
        any(r.is_nonpositive for r in sp.gcd(poly, poly.subs(s, -s)).subs(s, sp.sqrt(s)).as_poly(s).real_roots())
        if sp.gcd(poly, poly.subs(s, -s)).has(s)
        else False
    )
    if (real > 1e-9).any():
        assert point.stability == "unstable"
    elif on_axis:
        assert point.stability == "nonhyperbolic"
    else:
        assert point.stability == "stable"


@given(st.floats(0.05, 3), st.floats(-1, 1))
def test_a_transcendental_field_in_a_box(a, b):
    """sin u - a u + b: bisection finds as many zeros as a fine scan sees sign changes, away from tangency."""
    found = find_equilibria(Flow({u: sp.sin(u) - sp.Rational(a) * u + sp.Rational(b)}), within={u: (-9, 9)})
    grid = np.linspace(-9, 9.0001, 200_001)  # zero, a likely root, is no node
    f = np.sin(grid) - a * grid + b
    assume(np.abs(np.cos(grid) - a)[np.abs(f) < 1e-2].min(initial=1.0) > 1e-2)  # no zero is nearly multiple
    assert found.complete and len(found) == (np.diff(np.sign(f)) != 0).sum()
    for e in found:
        ((low, high),) = e.bounds.values()
        assert (sp.sin(low) - sp.Rational(a) * low + sp.Rational(b)).evalf(40) * (
            sp.sin(high) - sp.Rational(a) * high + sp.Rational(b)
        ).evalf(40) <= 0


def test_a_double_equilibrium_of_a_transcendental_field_is_reported_not_guessed():
    found = find_equilibria(Flow({u: sp.exp(u) - 1 - u}), within={u: (-1, 1)})
    assert not found.complete and "neither" in found.note and not len(found)


def test_many_states_need_seeds_and_say_that_more_may_exist():
    states = sp.symbols("q_1:6", real=True)
    flow = Flow({q: sp.exp(-q) - q for q in states})
    found = find_equilibria(flow, seeds=[[0.5] * 5])
    assert not found.complete and len(found) == 1
    assert found[0].point == pytest.approx([0.5671432904097838] * 5, abs=1e-14)


@pytest.mark.parametrize(
    "flow, values, options, error, word",
    [
        (Flow({u: 0 * u}), {}, {}, Refusal, "identically"),
        (Flow({u: m - u}, (m,)), {}, {}, InputError, "give a value to the parameter m"),
        (Flow({u: m - u}, (m,)), {m: float("nan")}, {}, InputError, "NaN"),
        (Flow({u: sp.exp(u) - 2}), {}, {}, InputError, "within"),
        (Flow({u: sp.exp(u) - 2}), {}, {"within": {u: (1, 0)}}, InputError, "reversed"),
        (Flow({u: v * u, v: v * u}), {}, {}, Refusal, "isolated"),
        (Flow({u: m - u}, (m,)), {"mm": 1}, {}, InputError, "did you mean m"),
    ],
)
def test_equilibria_bad_input(flow, values, options, error, word):
    with pytest.raises(error, match=word):
        find_equilibria(flow, values, **options)


# --- diagrams -----------------------------------------------------------------------------


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
            problem.flow.fix(dict(problem.values)).fix({}).rhs
            if not problem.values
            else [f.subs(dict(problem.values)) for f in problem.flow.rhs.values()],
        )
        residual = np.abs(np.array([np.broadcast_to(f, branch.lam.shape) for f in field(*branch.x.T, branch.lam)]))
        assert residual.max() < 1e-9 and branch.residual.max() < 1e-9


@named
def test_diagram_by_continuation(problem):
    found = diagram(problem, method="continuation")
    assert_known(problem, found)
    assert found.complete == (problem.name != "Bratu, scalar form")


@named
def test_diagram_by_whatever_is_best(problem):
    assert_known(problem, diagram(problem))


@named
def test_exact_critical_points_agree(problem):
    if problem.within:
        with pytest.raises(Refusal):
            critical_points(problem.flow.fix(dict(problem.values)), problem.parameter)
        return
    found = critical_points(problem.flow.fix(dict(problem.values)), problem.parameter)
    inside = [c for c in found if problem.bounds[0] < c.centre[problem.parameter.name] < problem.bounds[1]]
    wanted = [(label, pytest.approx(at, abs=1e-15)) for label, _, at, _ in problem.events if label != "HB"]
    assert [(c.label, c.centre[problem.parameter.name]) for c in inside] == wanted


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
    (f,) = problem.flow.rhs
    y, n = sp.symbols("y n", real=True)
    flow = Flow({y: f.subs({u: a * y, problem.parameter: b * n}, simultaneous=True) / a}, (n,))
    found = bifurcation_diagram(flow, n, tuple(limit / float(b) for limit in problem.bounds), method="continuation")
    assert len(found.branches) == problem.branches
    assert [(e.label, e.name) for e in found.events] == [e[:2] for e in problem.events]
    for e, (_, _, at, state) in zip(found.events, problem.events):
        assert e.parameter * float(b) == pytest.approx(at, abs=1e-9)
        assert np.array(e.state) * float(a) == pytest.approx(state, abs=1e-6)


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


def test_enclosures_and_multiplicities_of_events():
    (event,) = bifurcation_diagram(Flow({u: m * u - u**3 + u**2}, (m,)), m, (-0.5, -0.1)).events
    assert event.multiplicity == 2 and {k: tuple(map(sp.Rational, b)) for k, b in event.enclosure.items()} == {
        "m": (sp.Rational(-1, 4),) * 2,
        "u": (sp.Rational(1, 2),) * 2,
    }


@pytest.mark.parametrize(
    "name, exact", [("Brusselator", {"B": 2, "u": 1, "v": 2}), ("Lorenz", {"R": sp.Rational(470, 19)})]
)
def test_hopf_points_are_enclosed(name, exact):
    problem = next(p for p in BIFURCATIONS if p.name == name)
    found = [e for e in diagram(problem).events if e.label == "HB"]
    assert found
    for event in found:
        for key, value in exact.items():
            low, high = map(sp.Rational, event.enclosure[key])
            assert low <= value <= high and high - low < 1e-15


def test_neutral_saddles_are_no_hopf_points():
    saddle = Flow({u: v, v: u + m * v}, (m,))  # trace m, determinant -1: opposite real eigenvalues at m = 0
    assert bifurcation_diagram(saddle, m, (-1, 1)).events == ()


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


def test_a_fold_as_narrow_as_asked_for():
    p = sp.Symbol("p", real=True)
    flow = Flow({p: (p**2 - p**3 / 2 - 2 * p**6) * sp.Rational(4, 5) - m * p}, (m,))
    (fold,) = [c for c in critical_points(flow, m, digits=40) if c.bounds["p"][0] > 0]
    low, high = fold.bounds["m"]
    assert 0 < high - low < sp.Rational(1, 10**39)
    reference = sp.Rational("0.25108006340350989418805089320303363399729174822870")  # mpmath, 50 digits
    assert abs((low + high) / 2 - reference) < sp.Rational(1, 10**39)


P = sp.Symbol("P", positive=True)


@pytest.mark.parametrize(
    "flow, complete, ranges, unstable",
    [
        (Flow({u: m * u - 1}, (m,)), True, [(-1, 0), (0, 1)], [{0}, {1}]),  # leaves to infinity at m = 0
        (Flow({u: (u - m) ** 2}, (m,)), True, [(-1, 1)], [{-1}]),  # half-stable everywhere
        (Flow({u: (u - m) ** 3}, (m,)), True, [(-1, 1)], [{1}]),
        (Flow({u: (m - u) ** 3}, (m,)), True, [(-1, 1)], [{0}]),
        (Flow({u: u * (m - sp.Rational(1, 2))}, (m,)), False, [(-1, 1)], [{0, 1}]),  # a vertical line of equilibria
        (Flow({P: m * P - P**3}, (m,)), True, [(0, 1)], [{0}]),  # the state has one sign
        (Flow({P: m - P}, (m,)), True, [(0, 1)], [{0}]),
    ],
)
def test_explicit_branches_at_their_limits(flow, complete, ranges, unstable):
    found = bifurcation_diagram(flow, m, (-1, 1), method="explicit")
    assert found.complete == complete
    assert [(b.lam.min(), b.lam.max()) for b in found.branches] == [pytest.approx(r, abs=1e-5) for r in ranges]
    assert [set(b.unstable.tolist()) for b in found.branches] == unstable


@pytest.mark.parametrize(
    "field, count", [(m * u - 1, 2), (u - 1 / m, 2), (1 - m * u**2, 2), ((m - sp.Rational(1, 3)) * u - 1, 2)]
)
def test_no_branch_is_missed_that_comes_from_infinity(field, count):
    """The range is symmetric about the pole or the middle: its centre alone would show nothing."""
    found = bifurcation_diagram(Flow({u: field}, (m,)), m, (-1, 1), method="continuation", state_bound=30)
    assert len(found.branches) == count and found.complete


def test_a_field_that_vanishes_identically_is_refused():
    with pytest.raises(Refusal, match="identically"):
        bifurcation_diagram(Flow({u: 0 * u}, (m,)), m, (-1, 1))


@pytest.mark.parametrize("n, error", [(6, 2e-3), (10, 3e-6), (14, 3e-8)])
def test_the_fold_of_bratu_on_a_chebyshev_grid(n, error):
    flow = bratu_on_a_grid(n)
    branch = continue_branch(flow, mu, [0.0] * len(flow.states), at=0, bounds=(0, 4), direction=1, state_bound=8)
    (fold,) = [e for e in branch.events if e.label == "LP"]
    assert error / 10 < abs(fold.parameter - 3.513830719125161) < error


# --- branches -----------------------------------------------------------------------------


def test_save_load_and_restart(tmp_path):
    problem = BIFURCATIONS[0]
    found = diagram(problem, method="continuation")
    found.save(tmp_path / "d.json")
    again = load(tmp_path / "d.json")
    for a, b in zip(found.branches, again.branches):
        assert np.array_equal(a.x, b.x) and np.array_equal(a.lam, b.lam) and a.events == b.events
    json.loads((tmp_path / "d.json").read_text())
    short = continue_branch(problem.flow, m, 1, at=1, bounds=(-1, 1), points=5, direction=-1)
    assert short.status == "points" and "raise" in short.message
    more = continue_branch(problem.flow, m, short, bounds=(-1, 1))
    assert [e.label for e in more.events] == ["LP"] and more.x[-1, 0] == pytest.approx(-1)


def test_load_what_is_no_diagram(tmp_path):
    (tmp_path / "x.json").write_text('{"branches": [1]}')
    with pytest.raises(InputError, match="no saved diagram"):
        load(tmp_path / "x.json")
    with pytest.raises(InputError, match="no saved branch"):
        Branch.from_dict({"lam": [1]})


def test_data_frame_or_a_clear_word_without_pandas():
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 1))
    try:
        import pandas  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="pandas"):
            branch.to_dataframe()
    else:
        assert list(branch.to_dataframe().columns) == ["m", "u", "unstable", "stable", "residual"]


def test_user_functions_are_located():
    branch = continue_branch(
        BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 1), functions={"half": lambda x, at: x[0] - 0.5}
    )
    event = next(e for e in branch.events if e.label == "UZ")
    assert (event.name, event.parameter) == ("half", pytest.approx(0.25, abs=1e-14))


@pytest.mark.parametrize(
    "arguments, options, word",
    [
        ((5,), {"at": 0.5, "bounds": (-1, 1)}, None),  # Newton's method corrects the start
        ((0,), {"at": -0.5, "bounds": (-1, 1)}, "no equilibrium"),
        ((1,), {"at": 2, "bounds": (-1, 1)}, "outside"),
        ((1,), {"at": 1, "bounds": (1, -1)}, "reversed"),
        ((1,), {"at": 1, "bounds": (-1, float("inf"))}, "not finite"),
        ((1,), {"at": 1, "bounds": "ab"}, "pair"),
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
    branch = continue_branch(Flow({u: sp.log(m) - u}, (m,)), m, 0, at=1, bounds=(-1, 2), state_bound=30)
    assert branch.status in ("step", "state bound") and branch.message


def test_natural_steps_are_equal_in_the_parameter_and_end_at_a_fold():
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 2), method="natural", largest=0.01)
    assert branch.status == "step" and "cannot pass a fold" in branch.message and not branch.events
    assert 0 <= branch.lam.min() < 1e-3 and branch.x[:, 0] ** 2 == pytest.approx(branch.lam, abs=1e-12)
    steps = np.diff(branch.lam)
    assert steps.max() == pytest.approx(0.03) and (steps > 0).all()
    with pytest.raises(InputError, match="choose 'arclength'"):
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
        ("abc", "does not list numbers"),
        ((1, 2), "must list 1 finite numbers"),
        (float("nan"), "must list 1 finite numbers"),
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


@given(st.floats(0.1, 0.9), st.floats(0.02, 0.05))
def test_two_zeros_of_a_function_in_one_step(centre, apart):
    branch = continue_branch(
        Flow({u: m - u}, (m,)),
        m,
        0,
        at=0,
        bounds=(0, 1),
        step=0.2,
        largest=0.2,
        samples=16,
        functions={"pair": lambda x, at: (x[0] - centre) ** 2 - apart**2},
    )
    wanted = [c for c in (centre - apart, centre + apart) if c < 1]
    assert [e.parameter for e in branch.events] == pytest.approx(wanted, abs=1e-13)


def test_points_off_the_branch_are_not_accepted(monkeypatch):
    """A corrector that stops too early is found out by the residual."""
    from symssl.bifurcation import continuation

    def sloppy(problem, guess, row, level, scale):
        return guess, 1

    honest = continuation.correct
    monkeypatch.setattr(continuation, "correct", lambda *args: honest(*args) if args[1][-1] == 1 else sloppy(*args))
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 2))
    assert branch.status == "step" and branch.residual.max() < 1e-9


# --- radicals and living norms ------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 5))
def test_equilibria_of_a_field_with_a_norm(a, b):
    """u' = a u - r u, v' = a v - r v - b v with r = |(u, v)|: on the axis v = 0 at distance a, and r = a - b on the other."""
    r = sp.sqrt(u**2 + v**2)
    found = find_equilibria(Flow({u: a * u - r * u, v: (a - b) * v - r * v}))
    wanted = {(-a, 0), (0, 0), (a, 0)} | ({(0, a - b), (0, b - a)} if a > b else set())
    assert found.complete and {e.point for e in found} == wanted
    assert {e.point: e.stability for e in found}[a, 0] == "stable"
    assert {e.point: e.stability for e in found}[0, 0] == "undecided"  # the norm has no derivative there


@pytest.mark.parametrize(
    "field, points",
    [
        (sp.sqrt(u) - u, [(0, "undecided"), (1, "stable")]),
        (u**2 - sp.sqrt(2), [(-(2**0.25), "stable"), (2**0.25, "unstable")]),
        (sp.Abs(u) - 1, [(-1, "stable"), (1, "unstable")]),
        (sp.sqrt(sp.sqrt(u) + 2) - u ** sp.Rational(1, 2), [(4, "stable")]),
        (u * sp.Abs(u) - u, [(-1, "unstable"), (0, "undecided"), (1, "unstable")]),
        (sp.sqrt(1 + u**2) + u, []),
        (sp.cbrt(u) - 2, [(8, "unstable")]),
    ],
)
def test_scalar_fields_with_radicals(field, points):
    found = find_equilibria(Flow({u: field}))
    assert found.complete and [(e.point, e.stability) for e in found] == [(pytest.approx(x), one) for x, one in points]


def living_norm(modes):
    """The closed system of the cosine loss, norms alive, on its invariant parabola."""
    from symssl.derivations.bao2023 import COSINE, parabola

    flow = parabola(COSINE).expand(modes)
    return flow, {name: sp.Rational(1, 4) for name in ("rho", "sigma2")}


def test_a_closed_system_without_equilibrium_is_a_result():
    flow, values = living_norm(2)
    found = find_equilibria(flow, values, within=dict.fromkeys(flow.states, (0.05, 6)))
    assert found.complete and not len(found)


def test_the_equilibrium_of_negative_modes_repels_in_the_whole_system():
    """n equal modes rest at -sqrt(2/(rho (1 + sigma2)))/n; one mode alone is stable there, two apart are not."""
    for modes, stability in ((1, "stable"), (2, "unstable")):
        flow, values = living_norm(modes)
        (found,) = find_equilibria(flow, values, within=dict.fromkeys(flow.states, (-8, -0.5)))
        assert np.atleast_1d(found.point) == pytest.approx([-np.sqrt(2 / (1 / 4 * 5 / 4)) / modes] * modes)
        assert found.stability == stability
        rhs, h = (
            sp.lambdify(
                list(flow.states), [f.subs({q: values[q.name] for q in flow.parameters}) for f in flow.rhs.values()]
            ),
            1e-6,
        )
        at = np.atleast_1d(found.point)
        J = np.array([(np.array(rhs(*(at + h * e))) - rhs(*(at - h * e))) / (2 * h) for e in np.eye(modes)]).T
        assert (np.linalg.eigvals(J).real > 0).any() == (stability == "unstable")


# --- codimension two and normal forms -----------------------------------------------------


def test_cusp():
    k = sp.Symbol("k", real=True)
    curve = fold_curve(Flow({u: m + k * u - u**3}, (m, k)), (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    assert [e.label for e in curve.events] == ["CP"]
    assert (*curve.events[0].state, curve.events[0].parameter) == pytest.approx((0, 0, 0), abs=1e-10)
    assert 27 * curve.values[:, 0] ** 2 == pytest.approx(4 * curve.values[:, 1] ** 3, abs=1e-11)


def test_bogdanov_takens():
    folds = fold_curve(BOGDANOV_TAKENS, (A, B), (0.0, 0.0, 0.0, 1.0), bounds=(-1, 2))
    assert folds.values[:, 0] == pytest.approx(0, abs=1e-12)
    assert "BT" in [e.label for e in folds.events]
    hopf = hopf_curve(BOGDANOV_TAKENS, (A, B), (-0.5, 0.0, -0.25, 0.5), bounds=(-1, 2))
    assert hopf.values[:, 0] == pytest.approx(-(hopf.values[:, 1] ** 2), abs=1e-12)
    assert (hopf.values[:, 1] >= 0).all() and [e.label for e in hopf.events] == ["BT"]
    assert (*hopf.events[0].state, hopf.events[0].parameter) == pytest.approx((0, 0, 0, 0), abs=1e-14)
    form = critical_coefficients(FieldProblem(BOGDANOV_TAKENS, (A, B)), hopf.events[0])
    assert form.kind == "Bogdanov-Takens" and form.coefficients == pytest.approx({"a": 1, "b": 1}, abs=1e-12)
    # u' = v, v' = A + B v + u^2 + u v: unstable cycles, as the Lyapunov coefficient beside it says
    near = critical_coefficients(FieldProblem(BOGDANOV_TAKENS, A, {B: 0.1}), Event("HB", -0.01, (-0.1, 0.0)))
    assert near.coefficients["l1"] > 0 and "unstable" in form.meaning


def test_hopf_curve_of_the_brusselator():
    flow = next(p for p in BIFURCATIONS if p.name == "Brusselator").flow
    curve = hopf_curve(flow, (B, A), (1, 2, 2, 1), bounds=(0.2, 3))
    assert curve.values[:, 0] == pytest.approx(1 + curve.values[:, 1] ** 2, abs=1e-12)
    assert curve.values[:, 1].min() == pytest.approx(0.2) and curve.values[:, 1].max() == pytest.approx(3)


@pytest.mark.parametrize(
    "flow, values, event, kind, coefficients",
    [
        (Flow({u: m - u**2}, (m,)), {}, Event("LP", 0.0, (0.0,)), "fold", {"a": -1, "b": 1}),
        (Flow({u: m * u - u**2}, (m,)), {}, Event("BP", 0.0, (0.0,)), "transcritical", {"a": -1, "b": 1}),
        (Flow({u: m * u - u**3}, (m,)), {}, Event("BP", 0.0, (0.0,)), "pitchfork", {"b": 1, "c": -1}),
        (Flow({u: m * u + u**3}, (m,)), {}, Event("BP", 0.0, (0.0,)), "pitchfork", {"b": 1, "c": 1}),
        (Flow({u: m - u**3}, (m,)), {}, Event("LP", 0.0, (0.0,)), "cusp", {"a": 0, "c": -1}),
        (
            Flow({u: m * u - v - u * (u**2 + v**2), v: u + m * v - v * (u**2 + v**2)}, (m,)),
            {},
            Event("HB", 0.0, (0.0, 0.0)),
            "Hopf",
            {"l1": -2, "frequency": 1},
        ),
        (
            Flow({u: m * u - 2 * v + u * (u**2 + v**2), v: 2 * u + m * v + v * (u**2 + v**2)}, (m,)),
            {},
            Event("HB", 0.0, (0.0, 0.0)),
            "Hopf",
            {"l1": 1, "frequency": 2},
        ),
        # a quadratic centre manifold: v = u**2 to lowest order, so u' = m u + u v gives the cubic +1
        (Flow({u: m * u + u * v, v: -v + u**2}, (m,)), {}, Event("BP", 0.0, (0.0, 0.0)), "pitchfork", {"b": 1, "c": 1}),
    ],
)
def test_normal_forms(flow, values, event, kind, coefficients):
    found = critical_coefficients(FieldProblem(flow, m, values), event)
    assert found.kind == kind and found.meaning
    assert found.coefficients == pytest.approx(coefficients, abs=1e-12)


def test_the_lorenz_hopf_point_is_subcritical():
    problem = next(p for p in BIFURCATIONS if p.name == "Lorenz")
    label, _, at, state = problem.events[-1]
    found = critical_coefficients(FieldProblem(problem.flow, problem.parameter), Event(label, at, state))
    assert found.coefficients["l1"] > 0 and found.meaning.startswith("subcritical")
    # the squared frequency is b (sigma + r) on this branch
    assert found.coefficients["frequency"] ** 2 == pytest.approx(8 / 3 * (10 + 470 / 19), rel=1e-9)


@pytest.mark.parametrize("method", ["explicit", "continuation"])
@pytest.mark.parametrize(
    "field, first, second, start, bounds, exact, cusps",
    [
        # two parameters by the state: m = -2 u^3, k = 3 u^2
        (m + K * u - u**3, m, K, (1.0, -2.0, 3.0), (-1, 4), lambda x, a, b: (a + 2 * x**3, b - 3 * x**2), [(0, 0, 0)]),
        # a state that no parameter moves: f = (u - u^2) q/(1 + q) - m u has its fold at u = 0 only; here u = 1/2
        (
            u**2 * (1 - u) / (1 + K**2) - m * u,
            m,
            K,
            (0.5, 0.125, 1.0),
            (-2, 2),
            lambda x, a, b: (x - 0.5, a - 0.25 / (1 + b**2)),
            [],
        ),
        # the parameter enters squared, so that the state is a function of it
        (m - (u - K) ** 2 - K, m, K, (1.0, 1.0, 1.0), (-2, 2), lambda x, a, b: (x - b, a - b), []),
    ],
)
def test_fold_curves(method, field, first, second, start, bounds, exact, cusps):
    curve = fold_curve(Flow({u: field}, (second, first)), (first, second), start, bounds=bounds, method=method)
    for defect in exact(curve.x[:, 0], *curve.values.T):
        assert np.abs(defect).max() < 1e-11
    assert [(*e.state, e.parameter) for e in curve.events if e.label == "CP"] == [
        pytest.approx(c, abs=1e-9) for c in cusps
    ]
    assert curve.residual.max() < 1e-12 and curve.status == "bound"
    assert max(curve.values[[0, -1], 1]) == pytest.approx(bounds[1], abs=1e-9)


def test_fold_curves_without_a_closed_form_are_continued():
    flow = Flow({u: m + K * u - u**3 - K**3 * u**2}, (m, K))
    (fold, _) = bifurcation_diagram(flow, m, (-3, 3), {K: 1}).events
    with pytest.raises(Refusal):
        fold_curve(flow, (K, m), fold.state + (1.0, fold.parameter), bounds=(-3, 3), method="explicit")
    curve = fold_curve(flow, (m, K), fold, {K: 1}, bounds=(0.5, 1.5))
    x, (a, b) = curve.x[:, 0], curve.values.T
    assert a + b * x - x**3 - b**3 * x**2 == pytest.approx(
        0, abs=1e-12
    ) and b - 3 * x**2 - 2 * b**3 * x == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "start, options, error, word",
    [
        ((1.0, -2.0, 3.5), {"method": "explicit"}, InputError, "lies on no fold"),
        ((1.0, -2.0, 9.0), {}, InputError, "outside the bounds"),
        ((1.0, -2.0), {}, InputError, "lists 1 states and two parameters"),
        ((1.0, -2.0, 3.0), {"method": "guess"}, InputError, "choose"),
        (Event("HB", 0.0, (0.0,)), {}, InputError, "labelled LP, not HB"),
        (Event("LP", 0.0, (0.0,)), {}, InputError, "needs the value of k"),
    ],
)
def test_starts_of_fold_curves(start, options, error, word):
    with pytest.raises(error, match=word):
        fold_curve(Flow({u: m + K * u - u**3}, (m, K)), (m, K), start, bounds=(-1, 4), **options)


def test_curves_of_many_states():
    """Eight states, of which the others follow the first: its cusp; two of them turn: their Hopf points at m = k^2."""
    others = sp.symbols("q_1:8", real=True)
    lazy = {q: u * (i + 1) - q - q**3 / 9 for i, q in enumerate(others)}
    curve = fold_curve(
        Flow({u: m + K * u - u**3, **lazy}, (m, K)), (m, K), _at_rest(others, 1.0) + (-2.0, 3.0), bounds=(-1, 4)
    )
    assert [e.label for e in curve.events] == ["CP"] and 27 * curve.values[:, 0] ** 2 == pytest.approx(
        4 * curve.values[:, 1] ** 3, abs=1e-10
    )
    turning = {u: (m - K**2) * u - 2 * v - u * (u**2 + v**2), v: 2 * u + (m - K**2) * v - v * (u**2 + v**2)}
    hopf = hopf_curve(Flow({**turning, **lazy}, (m, K)), (m, K), (0.0,) * 9 + (1.0, 1.0), bounds=(-1, 2))
    assert hopf.values[:, 0] == pytest.approx(hopf.values[:, 1] ** 2, abs=1e-12) and hopf.events == ()


def _at_rest(others, x):
    """u = x with the others where q + q^3/9 = x (i + 1)."""
    roots = [np.roots([1 / 9, 0, 1, -x * (i + 1)]) for i in range(len(others))]
    return (x, *(float(r[np.abs(r.imag) < 1e-12].real[0]) for r in roots))


def test_a_hopf_curve_changes_its_criticality():
    """l1 is proportional to k: generalised Hopf at k = 0."""
    turn = u**2 + v**2
    flow = Flow({u: m * u - v + K * u * turn - u * turn**2, v: u + m * v + K * v * turn - v * turn**2}, (m, K))
    curve = hopf_curve(flow, (m, K), (0.0, 0.0, 0.0, 1.0), bounds=(-1, 2))
    assert [(e.label, e.parameter) for e in curve.events] == [("GH", pytest.approx(0, abs=1e-9))]
    with pytest.raises(InputError, match="no complex pair"):
        hopf_curve(Flow({u: m * u, v: -v + K}, (m, K)), (m, K), (0.0, 1.0, 0.5, 1.0), bounds=(-1, 2))


@given(st.floats(0.2, 3), st.floats(0.2, 3))
def test_criticality_at_a_double_zero(a, b):
    """The sign of a b is that of the Lyapunov coefficient beside it, for both signs of b."""
    for sign in (1, -1):
        flow = Flow({u: v, v: A + B * v + sp.Float(a) * u**2 + sign * sp.Float(b) * u * v}, (A, B))
        form = critical_coefficients(FieldProblem(flow, (A, B)), Event("BT", 0.0, (0.0, 0.0, 0.0)))
        assert form.coefficients == pytest.approx({"a": a, "b": sign * b})
        shift = -sign * 0.05 / b  # the trace B + sign b u vanishes at u = shift for B = 0.05
        hopf = Event("HB", -a * shift**2, (min(shift, -shift), 0.0))
        B_ = -sign * b * hopf.state[0]
        near = critical_coefficients(FieldProblem(flow, A, {B: B_}), hopf)
        assert np.sign(near.coefficients["l1"]) == sign


# --- all flows of the derivations, reordered and in other units ---------------------------


def exported():
    """Every scalar or planar rational flow that a paper exports, with all parameters but the first at one half."""
    from symssl.claims.discovery import discover
    from symssl.claims.places import DERIVATIONS

    for name, paper in discover(DERIVATIONS).papers.items():
        for model in paper.models:
            yield pytest.param(paper, model, id=f"{name}.{model}")


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
    except Refusal as refusal:
        assert str(refusal)  # equilibria that fill a curve, say, with the reason
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


# --- structured problems ------------------------------------------------------------------


def mean_field(count, c=0.3):
    from symssl import ModeSum
    from symssl.modes.flow import ModeFlow

    s, g, mu, M, n, c_ = sp.symbols("s g mu M n c", real=True)
    modes = ModeFlow({s: s * (g - s - c_ * M) - mu * s}, {M: ModeSum(s) / n}, (g, c_, mu, n), n)
    growth = np.linspace(1.5, 2.5, count)
    problem = ModeProblem(modes.compile(), "mu", {"g": growth, "c": c, "n": count})
    return problem, lambda mu: growth - mu - c * (growth.mean() - mu) / (1 + c)


@pytest.mark.parametrize("count", [3, 40, 200])
def test_structured_branch_against_its_closed_form(count):
    problem, exact = mean_field(count)
    branch = continue_branch(None, "mu", exact(0.0), at=0.0, bounds=(0.0, 1.0), problem=problem)
    assert branch.status == "bound" and (branch.unstable == 0).all() and branch.residual.max() < 1e-12
    for at, state in zip(branch.lam, branch.x):
        assert state == pytest.approx(exact(at), abs=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 30))
def test_structured_elimination_against_dense_algebra(seed, count):
    problem, _ = mean_field(count)
    rng = np.random.default_rng(seed)
    _, slopes = problem.evaluate(np.append(rng.uniform(0.3, 1, count), rng.uniform(0, 1)))
    D, low, high, f = slopes
    row, right = rng.normal(size=(2, count + 1))
    dense = np.vstack([np.column_stack([np.diag(D) + low.T @ high, f]), row])
    assume(np.linalg.cond(dense) < 1e8 and np.abs(D).min() > 1e-4)
    assert problem.solve(slopes, row, right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-5, abs=1e-5)
    assert problem.determinant_sign(slopes, row) == np.sign(np.linalg.det(dense))


@given(st.lists(st.sampled_from([-4, -1, -1, 2, 2, 3]), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_stability_where_eigenvalues_coincide(diagonal, random):
    """x' = T x with a triangular T: its eigenvalues are on the diagonal, and it need not have a full eigenbasis."""
    n = len(diagonal)
    states = sp.symbols(f"x1:{n + 1}", real=True)
    T = sp.Matrix(n, n, lambda i, j: diagonal[i] if i == j else random.randint(-2, 2) if j > i else 0)
    lower = sp.Matrix(n, n, lambda i, j: 1 if i == j else random.randint(-1, 1) if j < i else 0)
    (one,) = find_equilibria(Flow(dict(zip(states, lower * T * lower.inv() * sp.Matrix(states)))))
    assert one.unstable == sum(d > 0 for d in diagonal)
    assert one.stability == ("unstable" if max(diagonal) > 0 else "stable")


# --- what is said to be complete ---------------------------------------------------------------


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


def test_equilibria_on_a_face_of_the_box_for_all_parameters():
    """u = 0 lies on the face and does not cross it; with a second state that is not proved, and said."""
    pitchfork = bifurcation_diagram(Flow({u: m * u - u**3}, (m,)), m, (-1, 1), within={u: (0, 2)})
    assert pitchfork.complete and len(pitchfork.branches) == 2
    planar = bifurcation_diagram(Flow({u: m * u - u**3, v: u - v}, (m,)), m, (-1, 1), within={u: (0, 2), v: (-1, 3)})
    assert not planar.complete and "where branches enter the box is not known" in planar.note


@pytest.mark.parametrize(
    "field, options, word",
    [
        (m * u - u**3, {"points": 4}, "4 points were not enough"),  # a branch that was given up
        (10 * m - u, {"state_bound": 4}, "u = 5 lies outside the limits -4..4"),  # met at m = 1/2, and not followed
        (m + (u - 10) ** 2 - 1, {"state_bound": 8}, r"critical point .* lies on no branch"),
        (u * (m - sp.Rational(1, 3)), {}, "ended early"),  # a vertical line of equilibria
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


def test_starts_outside_of_the_limits_are_refused():
    """The branch would be followed outside of them up to where it enters."""
    flow = Flow({u: 10 * m - u}, (m,))
    assert continue_branch(flow, m, 4, at=0.4, bounds=(0, 1), state_bound=4).lam.max() == pytest.approx(
        0.4
    )  # on the face
    for limits in ({"state_bound": 4}, {"within": {u: (-9, 4)}}, {"within": {u: (6, 9)}}):
        with pytest.raises(InputError, match="u = 5 lies outside the limits"):
            continue_branch(flow, m, 5, at=0.5, bounds=(0, 1), **limits)


@pytest.mark.parametrize(
    "field, options, complete, number",
    [
        ({u: u**2 - 2}, {}, True, 2),
        ({u: u**2 + 1}, {}, True, 0),
        ({u: u**2 - 2}, {"within": {u: (0, 3)}}, True, 1),
        ({u: (u**2 - 2) ** 2, v: v - u}, {}, True, 2),  # algebra finds multiple ones too
        ({u: sp.cos(u)}, {"within": {u: (-2, 2)}}, True, 2),
        ({u: sp.exp(u)}, {"within": {u: (-2, 2)}}, True, 0),
        ({u: sp.exp(u) - 1, v: sp.sin(v) - u}, {"within": {u: (-1, 1), v: (-1, 4)}}, True, 2),
        ({u: 1 - sp.cos(u)}, {"within": {u: (-1, 1)}}, False, 0),  # a double one is not proved
        ({u: sp.cos(50 * u)}, {"within": {u: (-2, 2)}, "boxes": 5}, False, None),  # too few boxes
    ],
)
def test_equilibria_are_complete_where_that_is_proved_and_only_there(field, options, complete, number):
    found = find_equilibria(Flow(field), **options)
    assert found.complete == complete and bool(found.note) == (not complete)
    assert number is None or len(found) == number
