"""Numbers of a scene: functions and their derivatives against mpmath, roots, infinities, comparisons."""

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from symssl.statements.meaning.derivatives import Dual, new_tag, slopes
from symssl.statements.meaning.scene import NotCarried, Unknown
from symssl.statements.meaning.values import FUNCTIONS, apply, as_ball, as_value, compare, power, root_of

NAMES = {"LambertW": "lambertw", "log": "log"}
POINTS = {"acosh": fmpq(7, 3), "loggamma": fmpq(5, 2), "gamma": fmpq(5, 2)}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_and_their_derivatives_are_those_of_mpmath(name):
    point = POINTS.get(name, fmpq(2, 5))
    at = mpmath.mpf(int(point.p)) / int(point.q)
    reference = getattr(mpmath, NAMES.get(name, name))
    tag = new_tag()
    with ctx.workprec(120), mpmath.workdps(30):
        found = apply(name, Dual(point, fmpq(1), tag))
        at = mpmath.mpf(int(point.p)) / int(point.q)
        assert mpmath.almosteq(mpmath.mpf(found.value.str(30, radius=False)), reference(at).real, 1e-25)
        slope = slopes(found, tag)
        assert mpmath.almosteq(mpmath.mpf(arb(slope).str(25, radius=False)), mpmath.diff(reference, at).real, 1e-12)


@given(st.integers(-30, 30), st.integers(1, 30), st.integers(2, 4))
def test_roots_of_powers_are_exact(p, q, degree):
    base = fmpq(abs(p), q)
    assert root_of(base**degree, degree) == base
    assert type(root_of(base**degree, degree)) is fmpq


@given(st.integers(-4, 4), st.fractions(min_value=-5, max_value=5, max_denominator=9))
def test_powers_are_those_of_rational_numbers(exponent, base):
    number = fmpq(base.numerator, base.denominator)
    if base == 0 and exponent < 0:
        with pytest.raises(Unknown, match="division by zero"):
            power(number, fmpq(exponent))
    else:
        wanted = base**exponent
        assert power(number, fmpq(exponent)) == fmpq(wanted.numerator, wanted.denominator)


def test_what_is_not_real_is_not_told():
    for base, exponent in [(fmpq(-2), fmpq(1, 2)), (fmpq(-2), arb(2).sqrt()), (fmpq(0), fmpq(-1))]:
        with pytest.raises(Unknown):
            power(base, exponent)
    for name, point in [("log", fmpq(0)), ("log", fmpq(-1)), ("asin", fmpq(2)), ("LambertW", fmpq(-1))]:
        with pytest.raises(Unknown, match="no finite real value"):
            apply(name, point)


def test_infinities_in_functions_and_powers():
    assert apply("exp", -sp.oo) == 0
    assert apply("tanh", sp.oo) == 1
    assert power(sp.oo, fmpq(-1)) == 0
    assert power(-sp.oo, fmpq(3)) == -sp.oo
    assert power(fmpq(1, 2), sp.oo) == 0
    with pytest.raises(Unknown):
        power(fmpq(1), sp.oo)
    with pytest.raises(Unknown):
        apply("sin", sp.oo)


@given(st.fractions(), st.fractions())
def test_exact_numbers_are_compared_for_certain(a, b):
    assert compare(as_value(a), as_value(b)) == ((a > b) - (a < b), True)


def test_balls_are_told_apart_equal_only_for_now_or_not_told():
    with ctx.workprec(256):
        root = arb(2).sqrt()
        assert compare(root, fmpq(14, 10)) == (1, True)
        assert compare(fmpq(14, 10), root) == (-1, True)
        assert compare(root * root, fmpq(2)) == (0, False)
        assert compare(arb(0, 1), fmpq(0)) == (None, False)
        assert compare(arb(fmpq(1, 2)), fmpq(1, 2)) == (0, True)
    assert compare(sp.oo, arb(2)) == (1, True)
    assert compare(-sp.oo, -sp.oo) == (0, True)


def test_floats_are_refused_and_derivatives_are_not_dropped():
    with pytest.raises(Unknown, match="no exact number"):
        as_value(0.5)
    with pytest.raises(NotCarried):
        as_ball(Dual(fmpq(1), fmpq(1), new_tag()))
