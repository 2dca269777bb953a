"""Proved signs, against the signs of values at admissible points."""

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.exact.signs import irreducible_factors, sign

k = sp.Symbol("k", real=True)
a, b = sp.symbols("a b", positive=True)
rationals = st.fractions(min_value=-4, max_value=4, max_denominator=30)


@given(rationals, rationals, st.lists(st.sampled_from([a, b, a + b, 1 + a**2, -a]), max_size=4))
def test_sign_is_right_at_every_admissible_point(q, extra, factors):
    expr = sp.Rational(q) * sp.prod(factors) / (1 + b)
    for at in ({a: 1, b: 2}, {a: sp.Rational(1, 7), b: 5}):
        assert sign(expr) == sp.sign(expr.subs(at))
    assert sign(expr * (a - b) ** 2) in ((None, 0) if q == 0 else (None,))


def test_known_signs_and_normal_factors():
    constant, factors = irreducible_factors((b - a) / (2 * a))
    assert constant == -sp.Rational(1, 2) and dict(factors) == {a - b: 1, a: -1}
    assert sign((b - a) ** 3 / a, {a - b: 1}) == -1 and sign((b - a) ** 2, {a - b: -1}) == 1
    assert sign(a - b) is None and sign(sp.Integer(0)) == 0 and sign(k) is None and sign(k**2) is None


FACTORS = [a - b, a + b, a, b + 2, k, k**2 + 1, 2 * a - 3 * k, sp.Integer(-3), sp.Rational(2, 5)]


@given(st.lists(st.tuples(st.sampled_from(FACTORS), st.integers(-2, 3)), max_size=5))
def test_factors_multiply_to_the_expression_and_are_normal(powers):
    expr = sp.prod(factor**exponent for factor, exponent in powers)
    constant, factors = irreducible_factors(expr)
    assert sp.cancel(constant * sp.prod(f**e for f, e in factors) - expr) == 0
    for factor, exponent in factors:
        poly = sp.Poly(factor, *sorted(factor.free_symbols, key=str))
        assert exponent != 0 and poly.is_irreducible and poly.LC() > 0 and poly.primitive()[0] == 1


@given(st.lists(st.tuples(st.sampled_from(FACTORS), st.integers(-2, 3)), max_size=5), st.sampled_from([-1, 1]))
def test_a_sign_given_for_a_factor_is_used(powers, one):
    """With a - b of known sign, the sign of a product agrees with its value at a point of that sign."""
    expr = sp.Mul(*(factor**exponent for factor, exponent in powers if not factor.has(k)))
    at = {a: 5, b: 5 - one}
    assert sign(expr, {a - b: one}) == sp.sign(expr.subs(at))


def test_irrational_coefficients_have_signs_too():
    assert sign(a * sp.sqrt(2) + sp.pi) == 1 and sign(-sp.sqrt(3) * a) == -1
    assert sign(sp.exp(k)) == 1 and sign(sp.sin(k)) is None


def test_malformed_input_is_named():
    for wrong in (
        "a",
        None,
        sp.Matrix([a]),
        sp.MatrixSymbol("A", 2, 2),
        a > 0,
        sp.Lambda(a, a),
        sp.Symbol("z", commutative=False),
    ):
        with pytest.raises(InputError, match="expr must be an expression"):
            sign(wrong)
    with pytest.raises(InputError, match="known must be a mapping"):
        sign(a - b, [a - b])
