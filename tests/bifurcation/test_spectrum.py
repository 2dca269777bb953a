"""Paths of eigenvalues: matched by where they go, and divided where it is not clear whether they meet the axis."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.polynomial import Polynomial

from symssl.bifurcation.spectrum import EigenvaluePath, Spectrum, paths


def spectrum(functions, s, order):
    values = np.array([f(s) for f in functions], complex)
    rates = np.array([f.deriv()(s) for f in functions], complex)
    return Spectrum(values[order], rates[order], np.full(len(order), 1e-14))


lines = st.lists(st.tuples(st.floats(-1, 1), st.floats(-2, 2)), min_size=2, max_size=5, unique_by=lambda c: c[1])


@given(lines, st.randoms(use_true_random=False))
def test_lines_are_matched_with_themselves_however_they_cross(coefficients, random):
    """Of lines, each value and slope at the end belongs to one at the start, whatever its neighbours do."""
    functions = [Polynomial(c) for c in coefficients]
    orders = [random.sample(range(len(functions)), len(functions)) for _ in range(2)]
    found = paths(spectrum(functions, 0.0, orders[0]), spectrum(functions, 1.0, orders[1]), 1.0)
    total = sum(abs(p.spread) for p in found)
    assert total == pytest.approx(0, abs=1e-9) and len(found) == len(functions)
    assert sum(p.crosses for p in found) == sum((f(0.0) > 1e-14) != (f(1.0) > 1e-14) for f in functions)


def test_two_that_cross_zero_in_opposite_directions_are_seen():
    """Their values at both ends are the same set, and so is the number of positive ones."""
    functions = [Polynomial([-1, 2]), Polynomial([1, -2])]
    found = paths(spectrum(functions, 0.0, [0, 1]), spectrum(functions, 1.0, [1, 0]), 1.0)
    assert [p.crosses and p.unclear() is None for p in found] == [True, True]
    assert [p.root() for p in found] == pytest.approx([0.5, 0.5])


@given(st.floats(0.1, 0.9), st.floats(1e-3, 0.05), st.sampled_from([-1, 1]))
def test_a_dip_is_divided_where_it_is_deepest(place, depth, sign):
    f = sign * (Polynomial([-place, 1]) ** 2 - depth**2)
    path = EigenvaluePath(f(0.0), f(1.0), f.deriv()(0.0), f.deriv()(1.0), 1.0, 0.0, 0.0)
    assert not path.crosses and path.unclear() == pytest.approx(place if 0.05 < place < 0.95 else 0.5)
    assert path.least == pytest.approx(min(depth**2, place**2 - depth**2, (1 - place) ** 2 - depth**2), abs=1e-12)


def test_a_path_that_stays_away_is_clear_and_one_without_derivatives_only_where_it_hardly_moves():
    nan = complex("nan")
    assert EigenvaluePath(-1.0, -1.1, -0.1, -0.1, 1.0, 0, 0).unclear() is None
    assert EigenvaluePath(-1.0, -1.1, nan, nan, 1.0, 0, 0).unclear() is None
    assert EigenvaluePath(-1.0, -3.0, nan, nan, 1.0, 0, 0).unclear() == 0.5
    assert EigenvaluePath(-1.0, -1.1, 30.0, -30.0, 1.0, 0, 0).unclear() == pytest.approx(0.5, abs=0.01)


def test_a_complex_pair_that_becomes_real_keeps_both_members():
    """One of them may cross zero before they meet."""
    a = Spectrum(np.array([0.1, -0.5], complex), np.array([-1, 1], complex), np.zeros(2))
    b = Spectrum(np.array([-0.2 + 0.3j, -0.2 - 0.3j]), np.array([0, 0], complex), np.zeros(2))
    assert sum(p.crosses for p in paths(a, b, 1.0)) == 1 and len(paths(a, b, 1.0)) == 2
    assert sum(p.crosses for p in paths(b, a, 1.0)) == 1
    assert all(p.unclear() == 0.5 for p in paths(a, b, 1.0) if p.crosses)
