"""Certified real roots, against SymPy's exact counts and against construction."""

import itertools
from math import prod

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import InputError, real_roots

x, k = sp.symbols("x k", real=True)
rationals = st.fractions(min_value=-4, max_value=4, max_denominator=30)


@given(st.lists(st.tuples(rationals, st.integers(1, 3)), max_size=4), st.lists(rationals, max_size=2))
def test_constructed_roots_come_back_with_multiplicity(roots, pairs):
    """A product of linear factors and of quadratics without real roots."""
    poly = prod((x - sp.Rational(r)) ** n for r, n in roots) * prod((x - sp.Rational(q)) ** 2 + 1 for q in pairs)
    expected = {}
    for r, n in roots:
        expected[sp.Rational(r)] = expected.get(sp.Rational(r), 0) + n
    found = real_roots(sp.expand(poly), x)
    assert [(r.exact, r.multiplicity) for r in found] == sorted(expected.items())


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=8))
def test_counts_agree_with_sympys_sturm_sequences(coefficients):
    poly = sp.Poly(coefficients, x)
    if poly.is_zero:
        return
    found = real_roots(poly.as_expr(), x)
    assert len(found) == sum(1 for _ in poly.sqf_part().intervals()) if poly.degree() > 0 else found == ()
    for root in found:
        if root.exact is None:
            assert poly.sqf_part().count_roots(root.lower, root.upper) == 1
            assert (root.upper - root.lower) * 10**16 <= abs(root.lower)
        else:
            assert poly.eval(root.exact) == 0
    assert all(left.upper < right.lower for left, right in itertools.pairwise(found))


@pytest.mark.parametrize("exponent", [12, 14, 16, 40, 200])
def test_near_a_double_root_the_count_is_exact(exponent):
    """x**2 - 2 shifted by far less than a rounding error on either side of a double root."""
    tiny = sp.Rational(1, 10**exponent)
    square = (x**2 - 2) ** 2
    assert [r.multiplicity for r in real_roots(square, x)] == [2, 2]
    assert len(real_roots(square - tiny, x)) == 4
    assert real_roots(square + tiny, x) == ()


def test_values_are_exact_and_enclosures_bracket_a_sign_change():
    (root,) = real_roots(x**3 - k, x, {k: 0.1})
    value = sp.Rational(0.1)
    assert root.lower**3 < value < root.upper**3 and root.sign == 1
    assert real_roots(x * (x - k), x, {k: 0})[0].multiplicity == 2
    assert float(real_roots(x**2 - 2, x)[1]) == pytest.approx(2**0.5, rel=1e-15)
    (fine,) = real_roots(x**3 - 2, x, digits=80)
    assert (fine.upper - fine.lower) < sp.Rational(1, 10**79)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((x**2 - k, x), "give a value to k"),
        ((sp.Integer(0), x), "vanishes identically"),
        ((x - k, x, {k: float("nan")}), "NaN"),
        ((x - sp.I, x), "not real"),
        ((sp.sin(x), x), "not a polynomial"),
        ((1 / x, x), "not a polynomial"),
        (("x**2", x), "poly must be an expression"),
        ((x**2, "x"), "var must be a Symbol"),
        ((x - k, x, {"q": 1}), "no symbol q"),
        ((x - k, x, [1]), "values must be a mapping"),
    ],
)
def test_malformed_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        real_roots(*arguments)


@pytest.mark.parametrize("digits", [-1, 0, 1.5, "3", True, None])
def test_digits_are_a_positive_integer(digits):
    with pytest.raises(InputError, match="digits"):
        real_roots(x**2 - 2, x, digits=digits)


def test_values_are_named_by_symbol_or_name():
    assert real_roots(x - k, x, {"k": 0.5}) == real_roots(x - k, x, {k: sp.Rational(1, 2)})
    assert real_roots(x - k, x, {k: 2, sp.Symbol("another"): 3})[0].exact == 2


def test_a_root_is_shown_by_its_value():
    assert [repr(r) for r in real_roots(x * (x**2 - 2) ** 2, x)] == [
        "RealRoot(about -1.414213562373095; multiplicity 2)",
        "RealRoot(0; multiplicity 1)",
        "RealRoot(about 1.414213562373095; multiplicity 2)",
    ]
