"""Critical points and Hopf points of rational fields, exactly."""

import math
import time

import pytest
import sympy as sp
from bifurcation_helpers import diagram
from problems import BIFURCATIONS, m, u, v
from textbook import SYSTEMS, hill

from symssl import Flow
from symssl.bifurcation import bifurcation_diagram, critical_points, hopf_points
from symssl.bifurcation.exact_critical_points import _imaginary_pair, escape_parameters
from symssl.errors import InputError, OverBudget, Refusal
from symssl.exact.polynomial_systems import solve_system

named = pytest.mark.parametrize("problem", BIFURCATIONS, ids=lambda p: p.name)


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


def test_a_fold_as_narrow_as_asked_for():
    p = sp.Symbol("p", real=True)
    flow = Flow({p: (p**2 - p**3 / 2 - 2 * p**6) * sp.Rational(4, 5) - m * p}, (m,))
    (fold,) = [c for c in critical_points(flow, m, digits=40) if c.bounds["p"][0] > 0]
    low, high = fold.bounds["m"]
    assert 0 < high - low < sp.Rational(1, 10**39)
    reference = sp.Rational("0.25108006340350989418805089320303363399729174822870")  # mpmath, 50 digits
    assert abs((low + high) / 2 - reference) < sp.Rational(1, 10**39)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.__name__)
def test_textbook_systems(system):
    flow, (low, high), known = system()
    (parameter,) = flow.parameters
    found = list(critical_points(flow, parameter))
    if any(label == "HB" for label, _ in known):
        found += hopf_points(flow, parameter)
    events = sorted((c.label, c.centre[parameter.name]) for c in found if low < c.centre[parameter.name] < high)
    assert [label for label, _ in events] == [label for label, _ in sorted(known)]
    assert [at for _, at in events] == pytest.approx([at for _, at in sorted(known)], rel=1e-5, abs=1e-9)


def test_each_point_solves_its_equations_at_both_ends_of_its_bounds():
    flow, _, _ = SYSTEMS[0]()
    (parameter,) = flow.parameters
    for point in critical_points(flow, parameter, digits=30):
        at = {s: (sum(point.bounds[s.name]) / 2).evalf(40) for s in (*flow.states, parameter)}
        slopes = sp.Matrix([[entry.subs(at) for entry in row] for row in flow.jacobian().tolist()])
        assert all(abs(c) < 1e-25 for c in (*(f.subs(at) for f in flow.rhs.values()), slopes.det()))
        assert all(hi - lo <= abs(lo) * sp.Rational(1, 10**30) for lo, hi in point.bounds.values())


def test_two_parameters_kept_one_after_the_other():
    """The folds of m + k x - x^3 in m lie at m^2 = 4 k^3/27, whatever number k is."""
    k = sp.Symbol("k", real=True)
    flow = Flow({u: m + k * u - u**3}, (m, k))
    for value in (3, sp.sqrt(2), sp.Rational(2) ** sp.Rational(1, 3), sp.GoldenRatio, sp.CRootOf(u**5 - u - 1, 0)):
        found = critical_points(flow.fix({k: value}), m)
        assert found.proved and [c.label for c in found] == ["LP", "LP"]
        for point, sign in zip(found, (-1, 1)):
            low, high = point.bounds["m"]
            exact = (sign * 2 * (value / 3) ** sp.Rational(3, 2)).evalf(40)
            assert low - sp.Rational(1, 10**35) <= exact <= high + sp.Rational(1, 10**35)
    found = critical_points(flow.fix({k: sp.pi}), m)
    assert not found.proved and "pi" in found.tried[0] and not any(c.proved for c in found)
    assert [c.centre["m"] for c in found] == pytest.approx([-2 * (math.pi / 3) ** 1.5, 2 * (math.pi / 3) ** 1.5])


def test_continua_are_named_and_the_other_points_found():
    flow = Flow({u: u * (m - 1) - u**3 + u * v**2, v: v * (m - 2) * (u**2 + 1)}, (m,))  # at m = 2 all v with u = 0
    found = critical_points(flow, m)
    assert found.continua == ((2, 2),)
    assert {c.label for c in found} == {"BP"} and {c.centre["m"] for c in found} == {1.0}
    shown = bifurcation_diagram(flow, m, (0, 3))
    assert not shown.complete and "at m = 2 equilibria form a continuum" in shown.note


def test_a_curve_of_complex_solutions_through_a_real_one_is_no_continuum():
    radius = u**2 + v**2
    flow = Flow({u: m * u - v - u * radius, v: u + m * v - v * radius}, (m,))
    assert [c.centre["m"] for c in hopf_points(flow, m)] == [0.0]


def test_what_comes_from_infinity_or_meets_a_pole():
    assert [float(r) for r in escape_parameters(Flow({u: m * u - 1}, (m,)), m)] == [0.0]
    assert [float(r) for r in escape_parameters(Flow({u: (u - m) / (u - 3)}, (m,)), m)] == [3.0]
    # numerators and pole vanish together at u = -1 for every m: no equilibrium is near
    flow = Flow({u: u * (1 - u) - u * v / (1 + u), v: v * (u / (1 + u) - m)}, (m,))
    assert 1.0 in (found := {float(r) for r in escape_parameters(flow, m)}) and found <= {0.0, 1.0}


@pytest.mark.parametrize(
    "roots, expected",
    [
        ([1j, -1j], True),
        ([1, -1], False),
        ([1j, -1j, 2j, -2j], True),
        ([1, -1, 2, -2], False),
        ([1j, -1j, 1, -1, -3], True),
        ([0, 0, -1], False),
        ([0, 1j, -1j], True),
        ([1 + 1j, 1 - 1j, -1 + 1j, -1 - 1j], False),
        ([1j, -1j, 1j, -1j], True),
    ],
)
def test_imaginary_pairs_are_told_exactly(roots, expected):
    t = sp.Symbol("t")
    poly = sp.Poly(sp.expand(sp.prod(t - sp.nsimplify(r) for r in roots)), t)
    field = solve_system([t], [t])[0].field
    assert _imaginary_pair([field.element(c) for c in poly.all_coeffs()]) is expected


def test_a_search_that_takes_too_long_is_stopped_and_the_diagram_goes_on(monkeypatch):
    monkeypatch.setenv("PATH", "")  # no msolve
    w = sp.Symbol("w", real=True)
    flow = Flow({u: m - 2 * u + v - hill(u), v: m - 3 * v + u + w - hill(v), w: m - 2 * w + v - hill(w)}, (m,))
    with pytest.raises(OverBudget):
        critical_points(flow, m, budget=1)
    with pytest.raises(InputError, match="budget"):
        critical_points(flow, m, budget=0)
    shown = bifurcation_diagram(
        Flow({u: m - 2 * u + v - hill(u), v: m - 2 * v + u - hill(v)}, (m,)), m, (18, 19), budget=1e-3
    )
    assert not shown.complete and "budget" in shown.note


@pytest.mark.parametrize(
    "factor, places", [(m, [0]), (m * (2 * m - 1), [0, 0.5]), (m**2 - 2, [-math.sqrt(2), math.sqrt(2)]), (m**2 + 1, [])]
)
def test_parameters_at_which_every_state_is_an_equilibrium(factor, places):
    found = critical_points(Flow({u: factor * (u**2 - 3)}, (m,)), m)
    assert not found and [float(low) for low, _ in found.continua] == pytest.approx(places)
    assert ("continua of critical points" in repr(found)) == bool(places)


def test_a_budget_ends_arithmetic_in_a_large_field():
    """Its inverses are single calls of C code, which take many seconds each."""
    field = {
        u: u**6 * v - 3 * u**4 * v**5 + 7 * u * v + m - 1,
        v: v**7 * u**2 - 5 * u**5 + 3 * v * u**3 - 2 * m,
    }
    start = time.monotonic()
    with pytest.raises(OverBudget):
        critical_points(Flow(field, (m,)), m, budget=2.5)
    assert time.monotonic() - start < 8
