"""Numbers that carry derivatives agree with the derivatives that SymPy finds by rules, nested ones too."""

import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from symssl.statements.meaning.derivatives import Dual, GradientTape, new_tag, plain, slopes, without
from symssl.statements.meaning.values import power

x, y = sp.symbols("x y")
LEAVES = st.sampled_from([x, y, sp.Integer(2), sp.Rational(-3, 5)])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.tuples(parts, parts).map(lambda p: p[0] + p[1]),
        st.tuples(parts, parts).map(lambda p: p[0] * p[1]),
        st.tuples(parts, parts).map(lambda p: p[0] - 2 * p[1]),
        parts.map(lambda p: 1 / (1 + p**2)),
    ),
    max_leaves=6,
)
RATIONALS = st.fractions(min_value=-3, max_value=3, max_denominator=7)


def value(expr, numbers):
    """The value by Python's operators alone, as they stand in the expression."""
    if expr in numbers:
        return numbers[expr]
    if expr.is_Rational:
        return fmpq(int(expr.p), int(expr.q))
    parts = [value(part, numbers) for part in expr.args]
    if expr.is_Pow:
        return power(*parts)
    total = parts[0]
    for part in parts[1:]:
        total = total + part if expr.is_Add else total * part
    return total


def exact(number):
    return fmpq(number.numerator, number.denominator)


def by_rules(expr, a, b):
    out = expr.subs({x: sp.Rational(a.numerator, a.denominator), y: sp.Rational(b.numerator, b.denominator)})
    return fmpq(int(out.p), int(out.q))


@given(EXPRESSIONS, RATIONALS, RATIONALS)
def test_a_dual_number_carries_the_derivative_in_its_direction(expr, a, b):
    tag = new_tag()
    found = value(expr, {x: Dual(exact(a), fmpq(2), tag), y: Dual(exact(b), fmpq(-1), tag)})
    assert slopes(found, tag) == by_rules(2 * expr.diff(x) - expr.diff(y), a, b)
    assert plain(found) == by_rules(expr, a, b)


@given(EXPRESSIONS, RATIONALS, RATIONALS)
def test_a_tape_gives_the_gradient(expr, a, b):
    tape = GradientTape()
    variables = {x: tape.variable(exact(a)), y: tape.variable(exact(b))}
    weights = tape.weights(value(expr, variables))
    for symbol, variable in variables.items():
        assert weights.get(variable.place, fmpq(0)) == by_rules(expr.diff(symbol), a, b)


@given(EXPRESSIONS, RATIONALS, RATIONALS)
def test_derivatives_nest(expr, a, b):
    outer, tape = new_tag(), GradientTape()
    moving = Dual(exact(a), fmpq(1), outer)
    variable = tape.variable(moving)
    inner = tape.weights(value(expr, {x: variable, y: exact(b)})).get(variable.place, fmpq(0))
    assert slopes(inner, outer) == by_rules(expr.diff(x, 2), a, b)


def test_two_differentiations_are_not_confused():
    """d/dx [x * d/dy (x + y)] is 1, and not 2: the inner derivative does not see the outer direction."""
    outer = new_tag()
    place = Dual(fmpq(5), fmpq(1), outer)
    inner = new_tag()
    assert slopes(place * slopes(place + Dual(fmpq(7), fmpq(1), inner), inner), outer) == 1


@given(RATIONALS, RATIONALS.filter(bool))
def test_quotients(a, b):
    """(a/b)' = a'/b - a b'/b^2, also where one of the two is a plain number."""
    tag, up, down = new_tag(), exact(a), exact(b)
    top, bottom = Dual(up, fmpq(5), tag), Dual(down, fmpq(7), tag)
    assert slopes(top / bottom, tag) == 5 / down - 7 * up / down**2
    assert slopes(up / bottom, tag) == -7 * up / down**2
    assert slopes(top / down, tag) == 5 / down
    assert slopes(1 - top, tag) == -5
    assert slopes(-top, tag) == -5


def test_a_direction_is_not_taken_for_another():
    first, second = new_tag(), new_tag()
    assert slopes(Dual(fmpq(2), fmpq(3), first), second) == 0
    assert slopes(fmpq(2), second) == 0


def test_what_is_left_out_is_left_out_and_nothing_else():
    outer, inner = new_tag(), new_tag()
    number = Dual(Dual(fmpq(2), fmpq(3), outer), fmpq(5), inner)
    assert slopes(without(number, frozenset({inner})), outer) == 3
    kept = without(number, frozenset({outer}))
    assert slopes(kept, inner) == 5
    assert not isinstance(kept.value, Dual)


@pytest.mark.parametrize("exponent", [fmpq(3), fmpq(-2), fmpq(1, 2)])
def test_powers_are_differentiated_in_base_and_exponent(exponent):
    tag, base = new_tag(), fmpq(9, 4)
    assert slopes(power(Dual(base, fmpq(1), tag), exponent), tag) == exponent * power(base, exponent - 1)
    by_exponent = slopes(power(base, Dual(exponent, fmpq(1), tag)), tag)
    wanted = sp.Rational(9, 4) ** sp.Rational(int(exponent.p), int(exponent.q)) * sp.log(sp.Rational(9, 4))
    assert abs(float(by_exponent) - float(wanted)) < 1e-12
