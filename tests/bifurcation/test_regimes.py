"""Regime maps: right at the fold, against exact fractions and NumPy's roots."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given, settings, strategies as st
from regime_helpers import CUBIC, HYSTERESIS, SIXTH, a, b, c, k, m, number, p, rho, s2, u

from symssl import Flow
from symssl.bifurcation import regime_map
from symssl.errors import InputError

positive = st.floats(0.25, 4)


def fold_of_sixth(a_, b_, c_, s_):
    """rho at the fold as an exact function of p: F/p = 0 solved for rho, at the p where its slope vanishes."""
    level = (p / (a * b) - c * p**2 / b**2 - 2 * p**5 / (a * b**3)) / (1 + s2)
    at = level.subs({a: sp.Rational(a_), b: sp.Rational(b_), c: sp.Rational(c_), s2: sp.Rational(s_)})
    slope = sp.Poly(sp.numer(sp.together(sp.diff(at, p))), p)
    root = max(slope.real_roots())
    return at.subs(p, root)


@settings(max_examples=20)
@given(positive, positive, st.floats(-1, 1), st.floats(0, 2))
@example(1.0, 1.5, 1.0, 2.225073858507e-311)
def test_near_the_fold_of_the_sixth_degree(a_, b_, c_, s_):
    """Cells at relative distances down to one unit in the last place are right for the stored doubles."""
    exact = fold_of_sixth(a_, b_, c_, s_)
    centre = float(exact.evalf(40))
    assume(centre > 1e-3)
    offsets = [1e-12, 1e-14, 1e-15]
    cells = sorted(
        {
            *(centre * (1 - d) for d in offsets),
            *(centre * (1 + d) for d in offsets),
            np.nextafter(centre, 0),
            centre,
            np.nextafter(centre, 2 * centre),
        }
    )
    for method in ("discriminant", "sturm"):
        found = regime_map(SIXTH, {rho: np.array(cells)}, {a: a_, b: b_, c: c_, s2: s_}, method=method)
        codes, names = found.labelled(number)
        reference = exact.evalf(60)
        wanted = [4 if sp.Rational(cell) < reference else 2 for cell in cells]
        assert [int(names[code]) for code in codes] == wanted


@given(st.floats(0, 3))
def test_near_the_fold_of_the_cubic(s_):
    exact = Fraction(1, 4) / (1 + Fraction(s_))
    centre = float(exact)
    cells = sorted(
        {
            centre * (1 - 1e-12),
            centre * (1 - 1e-15),
            np.nextafter(centre, 0),
            centre,
            np.nextafter(centre, 1),
            centre * (1 + 1e-15),
            centre * (1 + 1e-12),
        }
    )
    found = regime_map(CUBIC, {rho: np.array(cells)}, {s2: s_})
    codes, names = found.labelled(number)
    wanted = [3 if Fraction(cell) < exact else 1 if Fraction(cell) > exact else 2 for cell in cells]
    assert [int(names[code]) for code in codes] == wanted


def test_a_cell_on_the_fold_has_a_code_of_its_own():
    found = regime_map(CUBIC, {rho: (0.125, 0.375, 9)}, {s2: 0})
    assert found.classes.tolist()[:4] == [found.classes[0]] * 4 and (found.classes == found.classes[4]).sum() == 1
    assert found.patterns[int(found.classes[4])].stability == ("stable", "half-stable")
    assert found.rechecked == 1


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0.1, 10))
def test_coefficients_of_any_size(one, other, width):
    """one m + other k > 0 decides: neither coefficient divides the other."""
    flow = Flow({u: one * m + other * k - u**2}, (m, k))
    found = regime_map(flow, {m: (-width, 1.01 * width, 7), k: (-1.0, 1.02, 8)})
    codes, names = found.labelled(number)
    for i, mv in enumerate(found.axes["m"]):
        for j, kv in enumerate(found.axes["k"]):
            value = one * Fraction(mv) + other * Fraction(kv)
            assert int(names[codes[i, j]]) == (value > 0) * 2 + (value == 0)


def test_relabelling_computes_nothing(monkeypatch):
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)})
    monkeypatch.setattr("symssl.bifurcation.regimes.fill", None)
    monkeypatch.setattr("symssl.bifurcation.regime_conditions.count_at_numbers", None)
    assert sum(found.counts(number).values()) == 930
    assert set(found.counts(lambda q: "several" if q.number > 1 else "one")) == {"several", "one"}


def test_a_map_carries_its_label():
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)}, label=number)
    assert found.counts() == found.counts(number) != found.counts(str)
    assert found.to_xarray().attrs["method"] == "discriminant" and set(found.labelled()[1]) == {"1", "3"}
    with pytest.raises(InputError, match="function of a Pattern"):
        regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)}, label="number")


def test_one_and_three_axes():
    three = regime_map(SIXTH, {rho: (0.01, 0.5, 5), b: (0.5, 2, 6), c: (-1.0, 1.0, 7)}, {a: 1, s2: 0})
    assert three.classes.shape == (5, 6, 7)
    for i, value in enumerate(three.axes["rho"]):
        plane = regime_map(SIXTH, {b: (0.5, 2, 6), c: (-1.0, 1.0, 7)}, {a: 1, s2: 0, rho: float(value)})
        left, right = (np.array(q.labelled(str)[1])[q.labelled(str)[0]] for q in (three, plane))
        assert np.array_equal(left[i], right)


def test_xarray_with_flags():
    import xarray

    found = regime_map(CUBIC, {rho: (0.125, 0.375, 9)}, {s2: 0})
    data = found.to_xarray(number)
    assert isinstance(data, xarray.Dataset) and data.regime.dims == ("rho",)
    assert len(data.regime.flag_meanings.split()) == len(data.regime.flag_values) == 3
    assert data.attrs["fixed_s2"] == "0"


@pytest.mark.parametrize(
    "axes, values, word",
    [
        ({}, {}, "at least one axis"),
        ({m: (0, 1, 1), k: (0, 1, 5)}, {}, "at least 2"),
        ({m: (1, 0, 5), k: (0, 1, 5)}, {}, "reversed"),
        ({m: (0, float("nan"), 5), k: (0, 1, 5)}, {}, "not finite"),
        ({m: np.array([0.0, 0.0, 1.0]), k: (0, 1, 5)}, {}, "increasing"),
        ({m: (0, 1, 5)}, {}, "give a value to the parameter k"),
        ({m: (0, 1, 5)}, {k: 1, m: 2}, "is an axis"),
        ({"mm": (0, 1, 5)}, {k: 1}, "did you mean m"),
        ({m: (0, 1, 5)}, {k: float("inf")}, "infinite"),
    ],
)
def test_bad_axes(axes, values, word):
    with pytest.raises(InputError, match=word):
        regime_map(HYSTERESIS, axes, values)


def test_an_axis_must_keep_the_assumptions():
    with pytest.raises(InputError, match="positive"):
        regime_map(CUBIC, {rho: (0.0, 1, 5)}, {s2: 0})


@pytest.mark.parametrize("method", ["auto", "cellwise"])
def test_a_cell_in_which_every_state_is_an_equilibrium_says_so(method):
    found = regime_map(Flow({u: m * (u**2 - 1)}, (m,)), {m: (-1, 1, 5)}, method=method)
    patterns = [found.patterns[number].stability for number in found.classes.tolist()]
    assert patterns == [("unstable", "stable")] * 2 + [("not isolated",)] + [("stable", "unstable")] * 2
