"""Kinks and jumps: branches against SymPy's own values, continuity against limits."""

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl.errors import Refusal
from symssl.exact.kinks import (
    branch,
    chosen,
    folds,
    is_smooth,
    jumps,
    keys_of,
    switch,
    switches,
    truth_by_signs,
    vanishes,
    vanishing,
)

x, y = sp.symbols("x y", real=True)
simple = st.fractions(-3, 3, max_denominator=2).map(sp.Rational)
FIELDS = (
    sp.Max(0, x, y),
    sp.Min(x, 1 - x, x * y),
    sp.Abs(x - y) + sp.Max(0, -x) * sp.sign(y),
    sp.Piecewise((x, (x > 1) & (y < 0)), (y, x <= 0), (x * y, sp.Ne(y, 1)), (3, True)),
    sp.Piecewise((x, (x > 1) | ~(y < 0)), (y, True)),
    sp.Heaviside(1 - x) * sp.Max(x, sp.Min(y, 1)),
    sp.Abs(sp.Abs(x) - 1) - sp.Max(0, sp.Abs(x) - y),
)


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=15)
@given(a=simple, b=simple)
def test_the_branch_at_a_point_has_the_value_there(field, a, b):
    point = {x: a, y: b}

    def decide(key):
        return int(sp.sign(key.subs(point)))

    found = branch(field, decide)
    assert is_smooth(found) and found.subs(point) == field.subs(point)
    assert all(decide(key) in (-1, 0, 1) for key in switches([field]))


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=15)
@given(a=simple, b=simple)
def test_the_value_is_among_those_chosen_without_signs(field, a, b):
    point = {x: a, y: b}
    for node in sp.preorder_traversal(field):
        options = chosen(node, lambda key: None) if isinstance(node, sp.Expr) else None
        if options is not None:
            assert node.subs(point) in [None if o is None else o.subs(point) for o in options]


@given(simple, simple, st.sampled_from([1, -1, 2, sp.Rational(-2, 3)]))
def test_a_switch_is_one_up_to_a_factor(a, b, factor):
    expr = x - a * y + b
    (key, side), (same, turned) = switch(expr), switch(sp.expand(factor * expr))
    assert key == same and turned == side * sp.sign(factor)
    point = {x: 3, y: sp.Rational(1, 7)}
    assert sp.sign(expr.subs(point)) == side * sp.sign(key.subs(point))


@pytest.mark.parametrize(
    "node, wanted",
    [
        (sp.Piecewise((x, x > 0), (0, True)), set()),
        (sp.Piecewise((x, x > 0), (1, True)), {x}),
        (sp.Piecewise((sp.exp(x) - 1, x > 0), (sp.sin(x), True)), set()),
        (sp.Piecewise((x**2, x < y), (y**2, True)), set()),
        (sp.Piecewise((x, sp.Eq(x, 0)), (2 * x, True)), set()),
        (sp.Piecewise((5, sp.Eq(x, 0)), (2 * x, True)), {x}),
        (sp.Piecewise((0, (x < 0) & (y < 0)), (x, x >= 0), (3, True)), {x, y}),
        (sp.Piecewise((1, x > 0), (2, x < 0)), {x}),  # undefined between
        (sp.sign(x - y), {x - y}),
        (sp.Heaviside(x), {x}),
        (sp.Abs(x), set()),
        (sp.Max(x, y), set()),
    ],
)
def test_where_nodes_jump(node, wanted):
    assert jumps(node) == wanted


def test_truth_from_signs_that_are_partly_known():
    both = (x > 0) & (y > 0)
    assert truth_by_signs(both, {x: -1}.get) is False and truth_by_signs(both, {x: 1}.get) is None
    assert truth_by_signs((x > 0) | (y > 0), {x: 1}.get) is True
    assert truth_by_signs(sp.Ne(x, 0), {x: 0}.get) is False and truth_by_signs(x >= 0, {x: 0}.get) is True
    with pytest.raises(Refusal, match="comparisons"):
        truth_by_signs(sp.Symbol("b"), {}.get)


def test_what_an_expression_is_where_a_switch_vanishes():
    assert vanishing(x + y, x - 2 * y) == 3 * y
    assert vanishes(vanishing(x**4 - y**4, x**2 + y**2))
    assert not vanishes(vanishing(x + 1, x**2 - y**2))
    assert vanishes(vanishing(sp.sin(x) * y, sp.sin(x)))
    assert not vanishes(1 / x) and not vanishes(sp.zoo)


def test_what_has_no_switches():
    assert switches([sp.exp(x)]) == () and not is_smooth(sp.frac(x))
    assert list(folds(sp.Min(x, y, 1))) == [(1, x), (sp.Min(1, x), y)] and keys_of(sp.Heaviside(2 - x)) == [x - 2]
    with pytest.raises(Refusal, match="every integer"):
        switches([sp.floor(x)])
