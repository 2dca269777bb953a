"""The zero test: against values on a grid computed without SymPy, and known identities beyond rational functions."""

from fractions import Fraction

import pytest
import sympy as sp
from expressions import EXPRESSIONS, GRID, x, y, z
from hypothesis import assume, given
from sympy import exp, sqrt, symbols

from symssl.errors import InputError, Undecided
from symssl.exact.identity import Comparison, compare, remainder
from symssl.exact.points import Undefined, evaluate

r = sp.Symbol("r", real=True)
a, b = symbols("a b", positive=True)
u = symbols("u", real=True)


@pytest.mark.parametrize(
    "left, right",
    [
        (sqrt(exp(u) * a), exp(u / 2) * sqrt(a)),
        (exp(u) / sqrt(1 / a + exp(2 * u) - 1), 1 / sqrt(exp(-2 * u) / a + 1 - exp(-2 * u))),
        (sqrt(a * exp(-3 * u) + b * exp(u)), exp(u / 2) * sqrt(a * exp(-4 * u) + b)),
        ((a * exp(u) + a * b * exp(u)) ** (a**0 / 3), exp(u / 3) * (a * (1 + b)) ** (a**0 / 3)),
    ],
)
def test_exponentials_leave_a_radicand(left, right):
    assert compare(left, right).equal
    assert not compare(left, 2 * right).equal


@pytest.mark.parametrize("right", [exp(u) * sqrt(a), exp(-u / 2) * sqrt(a), -exp(u / 2) * sqrt(a)])
def test_the_exponent_is_halved_and_the_root_positive(right):
    assert not compare(sqrt(exp(u) * a), right).equal


@given(EXPRESSIONS)
def test_every_rearrangement_is_recognised(pair):
    expr, _ = pair
    for other in (sp.expand(expr), sp.factor(expr), sp.together(expr)):
        assert compare(expr, other).equal


@given(EXPRESSIONS, EXPRESSIONS)
def test_comparison_agrees_with_fractions(left, right):
    """Equal exactly if all values on a grid agree, as computed without SymPy."""
    assume(left[0] != right[0])
    found = compare(left[0], right[0])
    values = [(left[1](v), right[1](v)) for v in GRID]
    if found.equal:
        assert all(a == b for a, b in values)
    else:
        at = [
            Fraction(int(q.p), int(q.q)) for q in (found.point.get(s, 1) for s in (x, y, z)) if not isinstance(q, int)
        ]
        point = {s: Fraction(int(q.p), int(q.q)) for s, q in found.point.items()}
        v = tuple(point.get(s, Fraction(1)) for s in (x, y, z))
        assert left[1](v) != right[1](v) and all(q > 0 for q in at)


@pytest.mark.parametrize(
    "a, b",
    [
        (sp.sqrt(x**3 + x**2), x * sp.sqrt(x + 1)),
        (sp.exp(-2 * r * x) * sp.exp(r * x), 1 / sp.exp(r * x)),
        (sp.sqrt(5 + 2 * sp.sqrt(6)), sp.sqrt(2) + sp.sqrt(3)),
        (sp.cosh(x), (sp.exp(x) + sp.exp(-x)) / 2),
        (sp.log(x * y), sp.log(x) + sp.log(y)),
        (sp.sin(x) ** 2, 1 - sp.cos(x) ** 2),
        (x ** (y + 1) / x, x**y),
        ((x + y) ** sp.Rational(5, 2), (x + y) ** 2 * sp.sqrt(x + y)),
        (1 / (1 + sp.sqrt(x)), (1 - sp.sqrt(x)) / (1 - x)),
        (sp.exp(-2 * sp.LambertW(x * y)), sp.LambertW(x * y) ** 2 / (x * y) ** 2),
    ],
)
def test_identities_beyond_rational_functions(a, b):
    assert compare(a, b).equal
    assert not compare(a, b + sp.Rational(1, 10**30)).equal
    assert not compare(a, 2 * b).equal


def test_a_root_of_a_square_is_not_the_number_itself():
    assert not compare(sp.sqrt(r**2), r).equal
    assert remainder(sp.sqrt(x**2) - x) == 0


def test_what_is_nowhere_defined_is_not_accepted():
    with pytest.raises(Undecided):
        compare(sp.sqrt(-x), sp.sqrt(-x) + 0 * x + sp.log(-y) - sp.log(-y) + sp.sqrt(-y))
    with pytest.raises(Undefined):
        evaluate(1 / (x - 1), {x: 1})


def test_a_difference_is_shown_where_both_sides_are_defined():
    u, v = sp.symbols("u v", real=True)
    a = sp.log(u - 5) + v
    found = compare(a, a + v)
    assert not found.equal and found.point[u] > 5


def test_a_division_by_zero_has_no_remainder():
    with pytest.raises(InputError, match="divides by zero"):
        remainder(1 / (x * (x + 1) - x**2 - x))


def test_malformed_input_is_named():
    for wrong in ("x", None, sp.Matrix([x]), sp.MatrixSymbol("A", 2, 2), x > 1):
        with pytest.raises(InputError, match="b must be a scalar expression"):
            compare(x, wrong)
    with pytest.raises(InputError, match="given must be a sequence"):
        compare(x, y, x > 1)


def test_a_comparison_shows_the_values_that_differ():
    assert repr(Comparison(True)) == "Comparison(equal, decided by field)"
    text = repr(compare(x + y, x - y))
    assert text.startswith("Comparison") and "different" in text and "x = " in text


def test_logarithms_of_products_are_those_of_the_factors():
    a, b, c = sp.symbols("a b c", positive=True)
    assert compare(sp.log(2 * a * b + 4 * c) - sp.log(4 * c), sp.log(1 + a * b / (2 * c))).equal
    assert compare(sp.log((a - b) / a), sp.log(a - b) - sp.log(a), (a > b,)).equal
    assert not compare(sp.log(2 * a * b + 4 * c), sp.log(a * b + 2 * c)).equal
    assert not compare(sp.log(a) - sp.log(b), sp.log(b) - sp.log(a)).equal


def test_exponents_that_hold_logarithms_are_multiplied_out():
    a, t = sp.symbols("a t", positive=True)
    assert compare(sp.exp(-2 * a * (t - sp.log(t) / (2 * a))), t * sp.exp(-2 * a * t)).equal
    assert not compare(sp.exp(-2 * a * (t - sp.log(t) / a)), t * sp.exp(-2 * a * t)).equal
