"""Critical points and Hopf points of rational fields, exactly."""

import pytest
import sympy as sp
from bifurcation_helpers import diagram
from problems import BIFURCATIONS, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    bifurcation_diagram,
    critical_points,
)
from symssl.errors import Refusal

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
