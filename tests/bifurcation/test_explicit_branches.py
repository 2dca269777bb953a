"""Branches of scalar fields that are solved for the parameter."""

import pytest
import sympy as sp
from problems import m, u

from symssl import Flow
from symssl.bifurcation import (
    bifurcation_diagram,
)

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
