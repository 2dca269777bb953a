"""Equilibria of fields that are not algebraic, searched in a box or from seeds."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, strategies as st
from problems import u

from symssl import Flow
from symssl.bifurcation import (
    find_equilibria,
)


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
