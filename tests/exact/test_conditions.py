"""Proved signs, against values on a grid; and what each rule demands of a comparison."""

from fractions import Fraction

import pytest
import sympy as sp
from expressions import x, y
from hypothesis import given, strategies as st

from symssl.errors import InputError, Undecided
from symssl.exact.conditions import ALLOWED, RULES, sign_of

r = sp.Symbol("r", real=True)
_COEFFICIENTS = st.lists(st.integers(-4, 4), min_size=6, max_size=6)


@given(_COEFFICIENTS)
def test_proved_signs_are_the_signs_of_all_values(coefficients):
    monomials = [x**2, x * y, y**2, x, y, sp.S.One]
    expr = sum(c * m for c, m in zip(coefficients, monomials))
    try:
        signs = sign_of(expr)
    except Undecided:
        return
    for a in (Fraction(1, 100), Fraction(1, 3), Fraction(1), Fraction(7, 2), Fraction(300)):
        for b in (Fraction(1, 200), Fraction(2, 3), Fraction(1), Fraction(9, 2), Fraction(500)):
            value = sum(c * m for c, m in zip(coefficients, [a * a, a * b, b * b, a, b, 1]))
            assert (value > 0) - (value < 0) in signs


@pytest.mark.parametrize(
    "expr, given, signs",
    [
        (x**2 - x * y + y**2, [], {1}),
        (r**2 + r * x + x**2, [], {1}),
        (r**2, [], {0, 1}),
        (1 - 4 * x, [x < sp.Rational(1, 4)], {1}),
        (y - x, [x < y], {1}),
        (sp.sqrt(1 - 4 * x), [x < sp.Rational(1, 4)], {1}),
        (x - 1, [sp.Eq(x, y + 2)], {1}),
        (-(x**5) + x - 1, [], {-1}),
        (sp.S.Zero, [], {0}),
    ],
)
def test_signs(expr, given, signs):
    assert sign_of(expr, given) == signs


@pytest.mark.parametrize(
    "expr, given", [(x - y, []), (x - 1, [x > y]), (sp.Symbol("complex"), []), (x**3 - x + y, []), (sp.log(x), [])]
)
def test_signs_that_are_not_settled(expr, given):
    with pytest.raises(Undecided):
        sign_of(expr, given)


# --- rules ---------------------------------------------------------------------------------

OPERATORS = (sp.Eq, sp.Ne, sp.Gt, sp.Ge, sp.Lt, sp.Le)


@given(st.sampled_from(OPERATORS), st.integers(-3, 3), st.integers(-3, 3))
def test_the_allowed_signs_are_those_of_true_comparisons(operator, a, b):
    difference = (a > b) - (a < b)
    assert (difference in ALLOWED[operator]) == bool(operator(sp.Integer(a), sp.Integer(b)))


@given(
    st.sampled_from(OPERATORS),
    st.sampled_from(OPERATORS),
    st.integers(-4, 4).filter(bool),
    st.sampled_from(["plain", "flipped"]),
)
def test_conditions_agree_exactly_where_they_are_equivalent(printed, derived, factor, side):
    """x - 1 against factor*(x - 1), for every pair of comparisons: met exactly if both hold at the same points."""
    one = printed(x, 1, evaluate=False)
    sides = (factor * x, sp.Integer(factor)) if side == "plain" else (sp.Integer(factor), factor * x)
    other = derived(*sides, evaluate=False)
    met = all(set(sign_of(expr)) <= allowed for expr, allowed in RULES["condition"](one, other))
    at = [sp.Rational(1, 2), sp.Integer(1), sp.Integer(2)]
    same = all(bool(one.subs(x, v)) == bool(other.subs(x, v)) for v in at)
    assert met == same


def test_differences_and_lists_of_conditions():
    assert RULES["sides"](x > y, None) == [(x - y, {1})]
    assert RULES["difference"](x >= y, x - y) == [(0, {0}), (x - y, {0, 1})]
    both = sp.And(x > 1, y > 2)
    parts = both.args
    order = (0, 1)
    assert all(sign_of(expr) <= allowed for expr, allowed in RULES["conditions"](both, sp.And(*parts), order))
    for wrong in ((), (0, 0), (1,)):
        assert RULES["conditions"](both, both, wrong) == [(0, set())]
    assert not sign_of(sp.Integer(0)) <= set()


def test_malformed_input_is_named():
    with pytest.raises(InputError, match="expr must be an expression"):
        sign_of("x")
    with pytest.raises(InputError, match="given must be a sequence"):
        sign_of(x, x > 1)
