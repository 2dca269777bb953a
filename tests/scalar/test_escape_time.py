"""Escape times against numerical integrals."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import Flow, InputError, Refusal
from symssl.scalar.escape_time import escape_time

x = sp.Symbol("x", real=True)
a, b, c, k = sp.symbols("a b c k", positive=True)
shifts = st.lists(st.fractions(0, 5, max_denominator=4), min_size=2, max_size=4)


@settings(max_examples=40, deadline=None)
@given(shifts, st.fractions(1, 9, max_denominator=3), st.fractions("1/4", 3, max_denominator=4))
def test_against_the_integral(roots, factor, start):
    """Repeated roots included."""
    f = sp.Rational(factor.numerator, factor.denominator)
    f *= sp.prod([x + sp.Rational(r.numerator, r.denominator) for r in roots])
    x0 = sp.Rational(start.numerator, start.denominator)
    found = escape_time(Flow({x: sp.expand(f)}), initial=x0)
    shifts = [mpmath.mpf(r.numerator) / r.denominator for r in roots]
    value = mpmath.quad(
        lambda z: 1 / float(factor) / mpmath.fprod(z + shift for shift in shifts),
        [mpmath.mpf(start.numerator) / start.denominator, 10, 100, mpmath.inf],
    )
    assert float(found) == pytest.approx(float(value), rel=1e-8)


def test_symbolic_roots():
    found = escape_time(Flow({x: 2 * k * (x + a) * (x + b) * (x + c)}, (k, a, b, c)), initial=0)
    at = {k: 0.7, a: 0.3, b: 1.1, c: 2.5}
    value = mpmath.quad(lambda z: 1 / (1.4 * (z + 0.3) * (z + 1.1) * (z + 2.5)), [0, 1, 10, mpmath.inf])
    assert float(found.subs(at)) == pytest.approx(float(value), rel=1e-9)
    assert escape_time(Flow({x: x**2 * (x + a)}, (a,)), initial=1).equals(1 / a - sp.log(1 + a) / a**2)


def test_what_does_not_escape_is_refused():
    for rate in (k * x, sp.exp(x), x**2 + 1, x**2 - 9, -(x**2), 1 + 0 * x):
        with pytest.raises(Refusal):
            escape_time(Flow({x: rate}, (k,)), initial=1)
    with pytest.raises(Refusal):
        escape_time(Flow({x: x**2, a: -a * x}), "a", initial=1)
    for initial in (x, "1", None):
        with pytest.raises((InputError, sp.SympifyError)):
            escape_time(Flow({x: x**2}), initial=initial)
