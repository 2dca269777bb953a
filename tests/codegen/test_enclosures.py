"""Enclosures over boxes hold the values, and the slopes between any two points, of every branch that a box meets."""

import pytest
import sympy as sp
from flint import arb
from hypothesis import assume, given, settings, strategies as st

from symssl.codegen.compile import compile_function
from symssl.codegen.enclosures import Enclosures
from symssl.errors import InputError

x, y = sp.symbols("x y", real=True)
FIELDS = (
    sp.Max(0, x, y),
    sp.Min(x, 1 - x, x * y),
    sp.Abs(x - y) + sp.Max(0, -x) * sp.sign(y),
    sp.Piecewise((x, (x > 1) & (y < 0)), (y, x <= 0), (x * y, sp.Ne(y, 1)), (3, True)),
    sp.Piecewise((x**2, x < y), (y**2, True)),
    sp.Heaviside(1 - x) * sp.Max(x, sp.Min(y, 1)),
    sp.floor(x + y) * x,
    sp.ceiling(2 * x) - sp.frac(y),
    sp.Mod(x, 3) * sp.Mod(y, -2),
    sp.sqrt(x + 3) * sp.exp(y) + (y + 4) ** x,
    sp.log(y + 4) * sp.LambertW(x + 4) + sp.gamma(x + 4) - sp.loggamma(y + 4),
    sp.asin(x / 4) + sp.acosh(y + 4) - sp.atanh(x / 4) * sp.erfc(x * y) + sp.digamma(x + 4),
    sp.tan(x / 3) - sp.coth(x + sp.Rational(7, 2)) + sp.acos(y / 4) * sp.asinh(x) + sp.atan(x * y) * sp.erf(y),
    sp.Abs(x) ** sp.Rational(3, 2) / sp.cbrt(y + 4) ** 2,
    sp.Piecewise((sp.log(x + 1), x > 0), (x, True)) + sp.sin(x) * sp.cosh(y) - sp.cos(y) * sp.sinh(x) * sp.tanh(y),
)
tenths = st.integers(-20, 20).map(lambda k: sp.Rational(k, 10))
widths = st.integers(0, 8).map(lambda k: sp.Rational(k, 10))
quarters = st.integers(-4, 4).map(lambda k: sp.Rational(k, 4))


def ball(middle, radius):
    return arb(int(middle.p)) / int(middle.q) + arb(0, float(radius) * (1 + 1e-12))


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=15)
@given(
    middle=st.tuples(tenths, tenths),
    radius=st.tuples(widths, widths),
    one=st.tuples(quarters, quarters),
    other=st.tuples(quarters, quarters),
)
def test_values_and_slopes_are_enclosed(field, middle, radius, one, other):
    here = Enclosures([field], [x, y]).at([ball(m, r) for m, r in zip(middle, radius)])
    points = [tuple(m + r * t for m, r, t in zip(middle, radius, place)) for place in (one, other)]
    values = [field.subs(dict(zip((x, y), p))) for p in points]
    assume(all(v.is_real and v.is_finite for v in values))
    (value,), (slopes,) = here.values, here.slopes
    assert value is not None
    if value.is_finite():
        assert all(value.overlaps(arb(float(v), 1e-12 * (1 + abs(float(v))))) for v in values)
    if here.sloping:
        rise = sum(s * ball(a - b, 0) for s, a, b in zip(slopes, *points))
        gap = float((values[0] - values[1]).evalf(30))
        assert rise.overlaps(arb(gap, 1e-11))


def test_slopes_are_hulls_over_the_branches_that_are_met():
    enclosures = Enclosures([sp.Max(0, 1 - x)], [x])
    left, kink, right = (enclosures.at([arb(m, 0.25)]) for m in (0, 1, 2))
    assert left.slopes[0][0] == -1 and right.slopes[0][0] == 0 and not left.open and not right.open
    assert kink.slopes[0][0].contains(-1) and kink.slopes[0][0].contains(0) and not kink.slopes[0][0].contains(0.01)
    assert kink.open == (x - 1,)
    # both hinges turn at once: no branch has the slopes 0 or -2 that the sum of two hulls would hold
    both = Enclosures([-sp.Max(0, x) + sp.Max(0, -x)], [x]).at([arb(0, 1)])
    assert both.slopes[0][0].contains(-1) and float(both.slopes[0][0].rad()) < 1e-9


@pytest.mark.parametrize(
    "jumping",
    [
        sp.sign(x),
        sp.Heaviside(x),
        sp.floor(x),
        sp.Piecewise((1 + x, x > 0), (x, True)),
        sp.sqrt(x),
        1 / x,
        sp.log(x),
        sp.sqrt(sp.Abs(x)),
        sp.Piecewise((x, sp.log(x + 1) > 0), (x, True)) / sp.Piecewise((1, x < 5), (1, x > 6)) + sp.sign(x),
    ],
)
def test_there_are_no_slopes_over_a_jump_or_an_edge(jumping):
    enclosures = Enclosures([jumping], [x])
    assert not enclosures.at([arb(0, 0.5)]).sloping
    assert not enclosures.at([arb(0)]).sloping  # nor at the very point
    assert enclosures.at([arb(0.5, 0.25)]).sloping


def test_what_is_nowhere_defined_has_no_value():
    for expr in (sp.log(x), sp.sqrt(x), x ** sp.Rational(-1, 3), sp.Piecewise((1, x > 0)), sp.loggamma(x)):
        assert Enclosures([expr], [x]).at([arb(-2, 1)]).values == [None]
    assert Enclosures([1 / x], [x]).at([arb(0)]).values == [None]
    assert Enclosures([sp.sqrt(x) - 1], [x]).at([arb(-2, 1)]).excluded


def test_parts_of_a_box_exclude_zeros_of_a_jump():
    enclosures = Enclosures([sp.sign(x) - sp.Rational(1, 2)], [x])
    box = [arb(0, 1)]
    assert not enclosures.run(box).excluded
    assert all(part.excluded for part in enclosures.parts(box, enclosures.run(box).open).values())
    assert not enclosures.run([arb(0)], sloped=False).slopes


@pytest.mark.parametrize(
    "expr",
    [
        sp.DiracDelta(x),
        sp.re(sp.Symbol("w")),
        sp.arg(x),
        sp.Derivative(sp.sign(x), x),
        sp.Function("f")(x),
        sp.besselj(0, x),
    ],
)
def test_what_has_no_enclosure_is_refused_by_name(expr):
    with pytest.raises(InputError, match="ball arithmetic|not among the arguments"):
        Enclosures([expr], [x])
    with pytest.raises(InputError, match="ball arithmetic|not among the arguments"):
        compile_function(expr, [x], backend="ball")


def test_compiled_balls_are_hulls_and_have_slopes():
    f = compile_function([sp.Piecewise((1, x > 0), (3, True)), sp.Max(0, x)], [x], backend="ball")
    values = f(arb(0, 1))
    assert all(values[0].contains(v) for v in (1, 3)) and values[1].contains(0) and values[1].contains(1)
    slopes = f.slopes(arb(0, 1))
    assert slopes.shape == (2, 1) and not slopes[0, 0].is_finite() and slopes[1, 0].contains(0.5)
