"""Series of a root and their radius, against numerical roots and contour integrals."""

import cmath

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import InputError, Refusal
from symssl.exact.series import inverse_branch

x, v = sp.symbols("x v")
k = sp.Symbol("k", nonnegative=True)
weights = st.lists(st.fractions(0, 3, max_denominator=5), min_size=1, max_size=4)


def polynomial(ps):
    return x * (1 - sum(sp.Rational(p.numerator, p.denominator) * x**n for n, p in enumerate(ps, 1)))


@settings(max_examples=40, deadline=None)
@given(weights.filter(any))
def test_the_root_is_the_sum_of_the_series_inside_the_radius(ps):
    branch = inverse_branch(polynomial(ps), x, v)
    low, high = branch.radius()
    assert 0 < low <= high and high - low < 1e-12 * high
    point = float(low) / 8
    coefficients = [float(-p) for p in reversed(ps)] + [1.0, -point]
    roots = [r.real for r in np.roots(coefficients) if abs(r.imag) < 1e-9 and r.real > 0]
    assert float(branch.series(12).subs(v, point)) == pytest.approx(min(roots), rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(-2, 2, max_denominator=4), min_size=1, max_size=3), st.integers(1, 6))
def test_coefficients_by_contour_integrals(ps, n):
    """n c_n is 1/(2 pi i) times the integral of (1/g)^n about zero, for either sign."""
    g = polynomial(ps)
    found = float(inverse_branch(g, x, v).coefficients(n)[-1])
    f = sp.Poly(g, x)
    size = 256
    circle = [0.1 * cmath.exp(2j * cmath.pi * a / size) for a in range(size)]
    value = (
        sum(
            complex(f.eval(sp.Integer(0))) * 0 + z / np.polyval([complex(c) for c in f.all_coeffs()], z) ** n
            for z in circle
        )
        / size
        / n
    )
    assert value.real == pytest.approx(found, rel=1e-8, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(weights.filter(lambda ps: any(ps[:1])))
def test_the_radius_is_a_branch_point_and_the_root_test_agrees(ps):
    branch = inverse_branch(polynomial(ps), x, v)
    low, high = branch.radius()
    assert any(a <= high and low <= b for a, b in branch.branch_points())
    ratio = [float(c) for c in branch.coefficients(25)]
    assert ratio[-1] <= float(1 / low) ** 25 < 1e9 * max(ratio[-1], 1e-300) * 25**2


def test_a_perturbed_radius_fails_the_root_test():
    """The quadratic has the Catalan numbers; a radius wrong by a factor of two would show."""
    branch = inverse_branch(x - x**2, x, v)
    assert branch.coefficients(6) == (1, 1, 2, 5, 14, 42)
    assert branch.radius() == (sp.Rational(1, 4),) * 2
    last = branch.coefficients(60)
    assert float(last[-2] / last[-1]) == pytest.approx(0.25, rel=0.05)


def test_symbols_stay_symbols():
    branch = inverse_branch(x - k * x**2, x, v)
    assert branch.singularity == (1 - 2 * k * x, x - k * x**2)
    assert branch.radius({k: 3}) == (sp.Rational(1, 12),) * 2
    assert branch.branch_points({k: 3})[0][0] <= sp.Rational(1, 12) <= branch.branch_points({k: 3})[0][1]


def test_what_cannot_be_told_is_refused():
    for function in (x + x**2, x - sp.Symbol("m", real=True) * x**2, x):
        with pytest.raises(Refusal):
            _ = inverse_branch(function, x, v).singularity
    with pytest.raises(Refusal):
        inverse_branch(sp.sin(x), x, v)
    for function in (1 + x, x**2, x * v):
        with pytest.raises(InputError):
            inverse_branch(function, x, v)
    for order in (0, -1, True, 2.0):
        with pytest.raises(InputError):
            inverse_branch(x - x**2, x, v).coefficients(order)
    with pytest.raises(InputError):
        inverse_branch(x - k * x**2, x, v).branch_points()
    with pytest.raises(Refusal, match="converges everywhere"):
        inverse_branch(x - k * x**2, x, v).radius({k: 0})
    with pytest.raises(InputError, match="no symbol q"):
        inverse_branch(x - k * x**2, x, v).radius({"q": 1})
    with pytest.raises(InputError, match="give a value to k"):
        inverse_branch(x - k * x**2, x, v).radius()
