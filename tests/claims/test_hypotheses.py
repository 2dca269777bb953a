"""Hypotheses: exact points that keep them, signs that follow from them."""

import operator
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import example, given, strategies as st

from symssl.errors import Undecided
from symssl.exact.conditions import sign_of
from symssl.exact.points import evaluate, find_point, points, truth

x, y, z = sp.symbols("x y z", positive=True)
r = sp.Symbol("r", real=True)


_LEAVES = st.one_of(
    st.sampled_from([(x, lambda v: v[0]), (y, lambda v: v[1]), (z, lambda v: v[2])]),
    st.integers(-3, 3).map(lambda k: (sp.Integer(k), lambda v, k=k: Fraction(k))),
)


def _grow(children):
    def binary(name):
        op = {"+": operator.add, "-": operator.sub, "*": operator.mul}[name]
        return st.tuples(children, children).map(
            lambda ab: (op(ab[0][0], ab[1][0]), lambda v: op(ab[0][1](v), ab[1][1](v)))
        )

    power = st.tuples(children, st.integers(2, 3)).map(lambda ak: (ak[0][0] ** ak[1], lambda v: ak[0][1](v) ** ak[1]))
    quotient = st.tuples(children, children).map(
        lambda ab: (ab[0][0] / (1 + ab[1][0] ** 2), lambda v: ab[0][1](v) / (1 + ab[1][1](v) ** 2))
    )
    return st.one_of(binary("+"), binary("-"), binary("*"), power, quotient)


EXPRESSIONS = st.recursive(_LEAVES, _grow, max_leaves=8)


@given(EXPRESSIONS, st.tuples(*[st.fractions(Fraction(1, 50), 50)] * 3))
def test_evaluation_is_exact(pair, values):
    expr, function = pair
    found = evaluate(expr, dict(zip((x, y, z), values)))
    assert Fraction(int(found.p), int(found.q)) == function(values)


@given(st.fractions(-5, 5), st.fractions(Fraction(1, 10), 5))
@example(Fraction(-2659, 532), Fraction(1, 10))
@example(Fraction(2659, 532), Fraction(1, 10**9))
def test_points_keep_the_hypotheses(low, width):
    low, high = sp.Rational(low), sp.Rational(low + width)
    point = find_point([r], [r > low, r < high])
    value = Fraction(int(point[r].p), int(point[r].q))
    assert Fraction(int(low.p), int(low.q)) < value < Fraction(int(high.p), int(high.q))


@pytest.mark.parametrize("hypothesis", [r > 10**6, r < -(10**6), sp.Integer(10**6) <= r])
def test_points_far_away_are_found(hypothesis):
    assert truth(hypothesis, find_point([r], [hypothesis]))


def test_points_solve_equalities_and_keep_assumptions():
    for point, _ in zip(points([x, y, z], [sp.Eq(x, y + z**2), x < 5], seed=3), range(10)):
        assert point[x] == point[y] + point[z] ** 2
        assert 0 < point[x] < 5


def test_contradictory_hypotheses_have_no_point():
    with pytest.raises(Undecided, match="contradict"):
        find_point([x], [x > y, y > x])


def test_an_irrational_solution_is_no_value_for_a_rational_symbol():
    whole = sp.Symbol("whole", integer=True, positive=True)
    with pytest.raises(Undecided):
        find_point([whole], [sp.Eq(whole, sp.sqrt(2) + y - y)])


def test_truth_at_irrational_points():
    assert truth(x**2 < 3, {x: sp.sqrt(2)}) is True
    assert truth(sp.Eq(x**2, 2), {x: sp.sqrt(2)}) is None
    assert truth(sp.And(x > 1, y > 1), {x: 2, y: Fraction(1, 2)}) is False


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


def test_powers_of_enclosures_around_zero_have_a_value():
    from flint import arb

    assert truth(x**2 < 2, {x: arb(0, 1)}) is True
