"""Exact points: they keep hypotheses and assumptions; values at them agree with Fractions."""

from fractions import Fraction

import pytest
import sympy as sp
from expressions import EXPRESSIONS, x, y, z
from flint import arb, fmpq
from hypothesis import example, given, strategies as st

from symssl.errors import InputError, SymsslError, Undecided
from symssl.exact.points import (
    Undefined,
    coordinates,
    evaluate,
    find_point,
    holds_at_point,
    hypotheses,
    points,
    respects,
    solve_equalities,
)

r = sp.Symbol("r", real=True)


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
    assert holds_at_point(hypothesis, find_point([r], [hypothesis]))


def test_points_solve_equalities_and_keep_assumptions():
    for point, _ in zip(points([x, y, z], [sp.Eq(x, y + z**2), x < 5], seed=3), range(10)):
        assert point[x] == point[y] + point[z] ** 2 and 0 < point[x] < 5


def test_contradictory_hypotheses_have_no_point():
    with pytest.raises(Undecided, match="contradict"):
        find_point([x], [x > y, y > x])


def test_an_irrational_solution_is_no_value_for_a_rational_symbol():
    whole = sp.Symbol("whole", integer=True, positive=True)
    with pytest.raises(Undecided):
        find_point([whole], [sp.Eq(whole, sp.sqrt(2) + y - y)])


def test_truth_at_irrational_points():
    assert holds_at_point(x**2 < 3, {x: sp.sqrt(2)}) is True
    assert holds_at_point(sp.Eq(x**2, 2), {x: sp.sqrt(2)}) is None
    assert holds_at_point(sp.And(x > 1, y > 1), {x: 2, y: Fraction(1, 2)}) is False


def test_powers_of_enclosures_around_zero_have_a_value():
    assert holds_at_point(x**2 < 2, {x: arb(0, 1)}) is True


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.integers(0, 10**6))
def test_linear_equalities_are_solved(coefficients, seed):
    """Whatever equality is solved, its two sides agree at every point, exactly."""
    a, b, c = coefficients
    given_ = [sp.Eq(x, a * r + b * y**2 + c, evaluate=False), r > -50]
    for point, _ in zip(points([x, y, r], given_, seed=seed, tries=200), range(3)):
        assert point[x] == a * point[r] + b * point[y] ** 2 + c and point[x] > 0 and point[y] > 0 and point[r] > -50


@given(
    st.sampled_from(["positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer"]), st.fractions(-4, 4)
)
def test_a_value_respects_an_assumption_as_sympy_says(assumption, value):
    symbol = sp.Symbol("s", real=True, **{assumption: True})
    assert respects(symbol, value) == bool(getattr(sp.Rational(value), f"is_{assumption}"))


def test_the_sequence_depends_on_the_seed_only():
    def first(seed):
        return [point for point, _ in zip(points([x * y], [x < y], seed=seed), range(5))]

    assert first(3) == first(3) != first(4)


def test_functions_are_coordinates_and_equalities_are_set_apart():
    f = sp.Function("f")
    assert coordinates(f(x) + y, z > 1) == {f(x), y, z}
    assert solve_equalities([sp.Eq(x**2, y), x < 3]) == ({y: x**2}, [x < 3])
    assert solve_equalities([sp.Eq(x**2, y**2)])[1] == [sp.Eq(x**2, y**2)]
    assert hypotheses([x > 1, "a relation between matrices"]) == ([x > 1], ["a relation between matrices"])


def test_what_has_no_value():
    for expr, point in ((sp.log(x), {x: -1}), (x / y, {x: 1, y: 0}), (sp.sqrt(x), {x: -2}), (x + y, {x: 1})):
        with pytest.raises(Undefined):
            evaluate(expr, point)
    assert issubclass(Undefined, SymsslError) and issubclass(Undefined, ArithmeticError)
    with pytest.raises(Undefined):
        holds_at_point(1 / r > 0, {r: 0})


def test_an_enclosure_contains_the_value():
    value = evaluate(sp.exp(x) + sp.sqrt(y), {x: 1, y: 2}, 200)
    assert isinstance(value, arb) and value.overlaps(arb(1).exp() + arb(2).sqrt()) and value.rad() < 1e-50
    assert evaluate(sp.Max(x, y) - sp.Abs(r), {x: 1, y: 2, r: fmpq(-1, 2)}) == fmpq(3, 2)
    assert evaluate(sp.Piecewise((x, y > 1), (0, True)), {x: 5, y: 2}) == 5


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: evaluate("x", {}), "expr must be a scalar expression, not the string 'x'"),
        (lambda: evaluate(x, {x}), "point must be a mapping"),
        (lambda: evaluate(x, {x: 0.5}), "0.5 is not an exact number"),
        (lambda: holds_at_point(x, {x: 1}), "not a comparison"),
        (lambda: holds_at_point("x > 1", {}), "not a comparison"),
        (lambda: find_point("x"), "objects must be a sequence"),
        (lambda: find_point(["x"]), "one is the string 'x'"),
        (lambda: find_point([x], x > 1), "given must be a sequence of comparisons"),
    ],
)
def test_malformed_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
