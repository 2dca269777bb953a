"""Balls contain what they enclose, against mpmath at higher precision."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.exact.balls import CONSTANTS, FUNCTIONS, algebraic_ball, bounds, narrow, whole_power

x = sp.Symbol("x")
rationals = st.fractions(-3, 3, max_denominator=50)
INSIDE = {"log": (1, 9), "asin": (-1, 1), "acos": (-1, 1), "gamma": (1, 9), "LambertW": (0, 5), "tan": (-1, 1)}


def inside(value, low, high):
    return low <= value <= high


def exactly(value):
    """The rational value of an mpmath number."""
    return sp.Rational(*mpmath.libmp.to_rational(value._mpf_))


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@given(position=st.fractions(0, 1, max_denominator=40))
def test_enclosures_of_functions(function, position):
    low, high = INSIDE.get(function.__name__, (-2, 2))
    at = sp.Rational(low) + sp.Rational(high - low) * sp.Rational(position)
    if function is sp.log and at == 0:
        return
    lower, upper = bounds(arb(FUNCTIONS[function](arb(fmpq(int(at.p), int(at.q))))))
    with mpmath.workdps(60):
        name = {sp.LambertW: "lambertw"}.get(function, function.__name__)
        true = getattr(mpmath, name)(mpmath.mpf(int(at.p)) / int(at.q)).real
    assert inside(exactly(true), lower - sp.Rational(1, 10**50), upper + sp.Rational(1, 10**50))
    assert upper - lower < sp.Rational(1, 10**10) * max(1, abs(upper))


@pytest.mark.parametrize("constant", CONSTANTS, ids=str)
def test_enclosures_of_constants(constant):
    lower, upper = bounds(CONSTANTS[constant]())
    assert lower < sp.Rational(str(constant.n(40))) < upper


@given(rationals, st.fractions(0, 1, max_denominator=20), st.integers(0, 7))
def test_powers_of_balls_contain_the_powers_of_their_points(middle, radius, exponent):
    ball = arb(fmpq(middle.numerator, middle.denominator), fmpq(radius.numerator, radius.denominator))
    lower, upper = bounds(arb(whole_power(ball, exponent)))
    for part in (-1, 0, 1):
        assert inside(sp.Rational((middle + part * radius) ** exponent), lower, upper)
    assert whole_power(fmpq(2, 3), exponent) == fmpq(2, 3) ** exponent
    if abs(middle) > 12 * radius:  # the power of a wider ball may contain zero
        below, above = bounds(arb(whole_power(ball, -exponent)))
        assert inside(sp.Rational(middle) ** -exponent, below, above)


@given(st.integers(2, 200), st.integers(2, 5), st.sampled_from([53, 200, 700]))
def test_algebraic_numbers_are_enclosed(radicand, degree, bits):
    root = sp.Poly(x**degree - radicand, x).real_roots(radicals=False)[-1]
    with ctx.workprec(bits):
        ball = arb(algebraic_ball(root)) if root.has(sp.CRootOf) else arb(int(root))
        lower, upper = bounds(ball)
    assert lower**degree <= radicand <= upper**degree and upper - lower < sp.Rational(1, 2 ** (bits // 2))


def test_bounds_are_exact_and_of_balls_only():
    assert bounds(arb(3) / 8) == (sp.Rational(3, 8), sp.Rational(3, 8))
    lower, upper = bounds(arb(1, 2) / 3)
    assert lower < sp.Rational(-1, 3) < 1 < upper
    for wrong in (1.0, "1", None, np.ones(2), sp.pi):
        with pytest.raises(InputError, match="ball must be an arb"):
            bounds(wrong)
    with pytest.raises(InputError, match="not bounded"):
        bounds(arb(-1).log())


@given(st.fractions(-9, 9, max_denominator=99), st.fractions(0, 1), st.integers(1, 30))
def test_narrow_bounds_agree_to_their_digits(low, width, digits):
    """Enough digits of the smaller one are those of the other; bounds around zero never are."""
    high = low + width / 10**digits
    lower, upper = (sp.Rational(v.numerator, v.denominator) for v in (low, high))
    smaller = min(abs(low), abs(high))
    apart = low < high and (low <= 0 <= high or width > smaller)
    assert narrow(lower, upper, digits) is not apart
    assert narrow(lower, lower, digits)
