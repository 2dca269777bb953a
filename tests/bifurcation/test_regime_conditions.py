"""The polynomials that tell regimes apart, and the certified signs of their values."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from regime_helpers import HYSTERESIS, SIXTH, a, b, c, k, m, number, rho, s2, u

from symssl import Flow
from symssl.bifurcation import regime_map
from symssl.errors import InputError, Refusal

fraction = st.fractions(Fraction(1, 4), 4, max_denominator=20)


@given(st.floats(-2, 2), st.floats(0.3, 3), st.sampled_from(["discriminant", "sturm"]))
def test_numbers_against_numpy_roots(shift, width, method):
    axes = {m: (shift - width, shift + width, 14), k: (-1.0, 2.0, 13)}
    found = regime_map(HYSTERESIS, axes, method=method)
    codes, names = found.labelled(number)
    for i, mv in enumerate(found.axes["m"]):
        for j, kv in enumerate(found.axes["k"]):
            roots = np.roots([-1, 0, kv, mv])
            if np.abs(27 * mv**2 - 4 * kv**3) > 1e-6:  # away from the fold, where NumPy is right
                assert int(names[codes[i, j]]) == (np.abs(roots.imag) < 1e-7).sum()


@given(fraction, fraction, st.fractions(-1, 1, max_denominator=9), st.fractions(0, 2, max_denominator=9), fraction)
def test_both_methods_agree_on_the_sixth_degree(a_, b_, c_, s_, width):
    values = {a: a_, c: c_, s2: s_}
    axes = {rho: (0.01, float(width), 23), b: (0.3 * float(b_), 2 * float(b_), 19)}
    one, other = (regime_map(SIXTH, axes, values, method=method) for method in ("discriminant", "sturm"))
    assert np.array_equal(*(np.array(q.labelled(str)[1])[q.labelled(str)[0]] for q in (one, other)))


def test_kept_conditions_are_those_of_the_values(monkeypatch):
    """What is kept for later maps depends on values and axes, and a second map counts nothing again."""
    axes = {rho: (0.05, 0.5, 9), b: (0.5, 2, 8)}
    first = regime_map(SIXTH, axes, {a: 1, c: 0, s2: 1}, label=number)
    other = regime_map(SIXTH, axes, {a: 1, c: 0, s2: 0}, label=number)
    assert first.counts() != other.counts()
    monkeypatch.setattr("symssl.bifurcation.regime_conditions.count_at_numbers", None)
    assert np.array_equal(regime_map(SIXTH, axes, {a: 1.0, c: 0.0, s2: 1.0}).classes, first.classes)


def test_boundaries_are_zeros_of_the_discriminant():
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)})
    curves = found.boundaries(points=60)
    assert curves
    for x, y in curves:
        inside = np.isfinite(x) & np.isfinite(y)
        assert 27 * x[inside] ** 2 == pytest.approx(4 * y[inside] ** 3, abs=1e-9)


def test_fields_without_polynomial_conditions_are_refused():
    v = sp.Symbol("v", real=True)
    several = Flow({u: m - v, v: u}, (m,))
    with pytest.raises(Refusal, match="one state"):
        regime_map(several, {m: (0, 1, 5)}, method="discriminant")
    with pytest.raises(Refusal, match="each of the 30000 cells"):
        regime_map(several, {m: (0, 1, 30_000)})
    with pytest.raises(InputError, match="give a box"):
        regime_map(Flow({u: sp.exp(u) - m}, (m,)), {m: (0, 1, 5)})
    with pytest.raises(InputError, match="one of 'auto', 'discriminant'"):
        regime_map(HYSTERESIS, {m: (0, 1, 5)}, {k: 1}, method="guess")
