"""Zeros case by case against exact isolation at random parameters, degenerate ones among them."""

from collections import Counter
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl.scalar.root_cases import Root, root_cases, verdict, within

A, B, C = sp.symbols("A B C", real=True)
DOMAINS = {
    "real": lambda z: True,
    "positive": lambda z: z > 0,
    "nonnegative": lambda z: z >= 0,
    "negative": lambda z: z < 0,
}
STATES = {name: sp.Symbol("x", **{name: True}) for name in DOMAINS}
FIELDS = (
    lambda x: A * x - x**3,
    lambda x: A + B * x + C * x**2,
    lambda x: (x - A) * (x - B) * (x - C),
    lambda x: A * x**3 + B * x - x**2,
    lambda x: (A * x - 1) * (B * x**2 + x - 2),
    lambda x: x * (x - A) / (1 + B * x),
    lambda x: x**2 * (A - x**2) ** 2 * (x - B),
    lambda x: A / x + B + C * x,
)


@cache
def found(index, name):
    x = STATES[name]
    return root_cases(FIELDS[index](x), x, lambda *_: None)


@given(
    st.integers(0, len(FIELDS) - 1),
    st.sampled_from(sorted(DOMAINS)),
    st.lists(st.integers(-2, 2), min_size=3, max_size=3),
)
@settings(max_examples=60)
def test_exactly_the_zeros_each_once_with_its_multiplicity(index, name, numbers):
    at, x = dict(zip((A, B, C), numbers, strict=True)), STATES[name]
    f = sp.cancel(FIELDS[index](x).subs(at))
    holding = [r for r in found(index, name) if r.condition.subs(at) == True]  # noqa: E712
    if f == 0:
        assert [(r.point, r.equation) for r in holding] == [(None, 0)]
        return
    if any(r.point is None for r in holding):
        return
    z = sp.Symbol("z")
    top = sp.numer(f).subs(x, z)
    roots = sp.Poly(top, z).real_roots() if top.has(z) else []
    truth = Counter(r for r in roots if DOMAINS[name](r))
    assert Counter({sp.nsimplify(r.point.subs(at)): r.multiplicity for r in holding}) == truth
    assert len(holding) == len(truth)


def test_a_pitchfork_has_one_triple_zero():
    (single, *pair, triple) = found(0, "real")
    assert (single.point, single.multiplicity, single.condition) == (0, 1, sp.Ne(A, 0))
    assert (triple.point, triple.multiplicity, triple.condition, triple.stability) == (0, 3, sp.Eq(A, 0), "stable")
    assert {r.condition for r in pair} == {A > 0} and [r.stability for r in pair] == ["stable", "stable"]


def test_what_cannot_be_solved_for_is_left_as_an_equation():
    x = STATES["real"]
    zeros = root_cases(x * (x - A**2 - B**2 + 1), x, lambda *_: None)
    assert sum(r.point is None for r in zeros) == 1 and isinstance(zeros[0], Root)
    at = {A: 1, B: 0}
    assert [r.condition.subs(at) for r in zeros].count(sp.true) == 1


@pytest.mark.parametrize(
    "order, leading, wanted", [(1, -1, "stable"), (3, 1, "unstable"), (2, None, "half-stable"), (1, None, None)]
)
def test_the_first_derivative_that_does_not_vanish_decides(order, leading, wanted):
    assert verdict(order, leading) == wanted
    assert within(STATES["negative"], A) == (A < 0) and within(sp.Symbol("q", nonzero=True), A) == sp.Ne(A, 0)
