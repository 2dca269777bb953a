"""The polynomials that tell regimes apart, and the certified signs of their values."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from regime_helpers import HYSTERESIS, SIXTH, a, b, c, k, m, number, rho, s2, u

from symssl import Flow
from symssl.bifurcation import regime_map
from symssl.bifurcation.regime_conditions import CertifiedSign, regime_conditions
from symssl.errors import InputError, OverBudget, Refusal

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


ROOT = sp.CRootOf(sp.Symbol("x") ** 5 - sp.Symbol("x") - 1, 0)
ALGEBRAIC = (
    sp.sqrt(2),
    sp.sqrt(2) + sp.sqrt(3),
    -sp.sqrt(2),
    sp.GoldenRatio,
    sp.Rational(2) ** sp.Rational(1, 3),
    ROOT,
)
NUMBERS = (*ALGEBRAIC, sp.pi, sp.E, sp.cos(1), sp.log(2), sp.pi + sp.E)


@pytest.mark.parametrize("method", ["auto", "sturm"])
@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_irrational_values_are_taken_exactly(number, method):
    """m + k x - x^3 has three equilibria where 27 m^2 < 4 k^3, and m = (k - 1) x - x^3 a pitchfork at k = 1."""
    x, m, k = sp.symbols("x m k", real=True)
    shown = regime_map(Flow({x: m + k * x - x**3}, (m, k)), {m: (-1, 1, 11)}, {k: number}, method=method)
    wanted = [3 if 27 * sp.Rational(v) ** 2 < (4 * number**3).evalf(30) else 1 for v in shown.axes["m"].tolist()]
    assert [shown.patterns[c].number for c in shown.classes.tolist()] == wanted
    assert shown.method != "cellwise"


def test_a_cell_on_the_boundary_of_an_irrational_value_is_seen():
    """x' = (m - k^2) x - x^3 with k = sqrt(2): the cell m = 2 lies on the boundary, exactly."""
    x, m, k = sp.symbols("x m k", real=True)
    flow = Flow({x: (m - k**2) * x - x**3}, (m, k))
    shown = regime_map(flow, {m: [2.0 - 2**-50, 2.0, 2.0 + 2**-50]}, {k: sp.sqrt(2)})
    assert [str(shown.patterns[c]) for c in shown.classes.tolist()] == ["stable", "stable", "stable, unstable, stable"]
    assert [shown.patterns[c].zero for c in shown.classes.tolist()] == [1, 3, 1] and shown.rechecked >= 1


def test_signs_with_constants_agree_with_many_digits():
    m, k = sp.symbols("m k", real=True)
    sign = CertifiedSign(m * k - sp.pi * m + sp.sqrt(2) * k**2 - 1, (m, k))
    ms, ks = np.linspace(-2, 2, 41), np.linspace(-3, 3, 61)
    value, bound = sign.evaluate([ms[:, None]], ks, np.empty((41, 61)))
    exact = [[sign.exact([float(a), float(b)]) for b in ks] for a in ms]
    certain = np.abs(value) > bound
    assert certain.mean() > 0.99 and (np.sign(value) == exact)[certain].all()


def test_a_count_that_takes_too_long_is_stopped():
    x, m = sp.symbols("x m", real=True)
    p = sp.symbols("p0:8", real=True)
    flow = Flow({x: m + sum(c * x**j for j, c in enumerate(p, 1))}, (m, *p))
    with pytest.raises(OverBudget, match="conditions that separate the regimes|count of equilibria"):
        regime_conditions(flow, (m, *p), budget=0.3)
    with pytest.raises(InputError, match="budget"):
        regime_conditions(flow, (m, *p), budget=-1)
