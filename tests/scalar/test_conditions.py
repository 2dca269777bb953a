"""Conjunctions against their truth at random numbers, and what is eliminated against back-substitution."""

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import a, k, m, x

from symssl import latex
from symssl.scalar.conditions import NoRootBetween, conjunction, eliminated, never_zero, ordered, undecided, vanishing

RELATIONS = (sp.Eq, sp.Ne, sp.Gt, sp.Lt, sp.Ge, sp.Le)
POLYNOMIALS = (m, k, m - k, -2 * m, m * k, m**2, m**2 - k, 1 - k, a * m, m**2 + 1, k**2 * m, 3 - m * k)
small = st.integers(-2, 3)


@given(
    st.lists(st.tuples(st.sampled_from(RELATIONS), st.sampled_from(POLYNOMIALS)), min_size=1, max_size=4), small, small
)
@settings(max_examples=150)
def test_a_conjunction_is_true_where_all_its_parts_are(parts, one, two):
    relations = [relation(polynomial, 0, evaluate=False) for relation, polynomial in parts]
    at = {m: one, k: two, a: 2}
    truth = all(bool(relation(polynomial.subs(at), 0)) for relation, polynomial in parts)
    assert conjunction(*relations).subs(at) == sp.sympify(truth)


@pytest.mark.parametrize(
    "parts, whole",
    [
        ((m > 0, sp.Ne(m, 0)), m > 0),
        ((m > 0, m < 0), sp.false),
        ((sp.Eq(m, 0), sp.Ne(m * k, 0)), sp.false),
        ((sp.Eq(m, k), sp.Ne(m, 0), sp.Ne(k, 0)), sp.Eq(k - m, 0) & sp.Ne(m, 0)),
        ((a > 0,), sp.true),
        ((m**2 >= 0, 4 * k > 0), k > 0),
    ],
)
def test_what_follows_is_left_out(parts, whole):
    assert conjunction(*parts) == whole


@given(st.sampled_from(POLYNOMIALS), small)
def test_what_is_eliminated_solves_the_equation(q, value):
    at = eliminated(q, [k])
    assert at is None or sp.cancel(q.subs(at)) == 0
    chain = ordered([q, m * k + 1])
    for position, polynomial in enumerate(chain):
        solved = eliminated(polynomial, chain[:position])
        assert solved is None or sp.cancel(polynomial.subs(solved)) == 0


def test_what_may_vanish():
    assert vanishing(a * m * k, [k]) == [m] and undecided(a**2 + 1) == [] and set(undecided(m * k)) == {m, k}
    assert never_zero(m**2 + m + 1) and not never_zero(m**2 + m - 1) and not never_zero(sp.Integer(0))
    assert eliminated(m**2 + k**2 - 1) is None and eliminated(m * k - 1) == {k: 1 / m}
    assert ordered([m * k + x**2], [])[0] in (m, k)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4), st.fractions(-5, 5), st.fractions(-5, 5))
def test_roots_between_two_numbers(roots, one, two):
    v = sp.Symbol("v", real=True)
    polynomial = sp.Lambda(v, sp.expand(sp.prod([v - r for r in roots])))
    low, high = sorted((one, two))
    free = not any(low <= r <= high for r in roots)
    assert NoRootBetween(polynomial, sp.Rational(one), sp.Rational(two)) == sp.sympify(free)
    left_open = NoRootBetween(polynomial, x, sp.Rational(two))
    assert left_open.subs(x, sp.Rational(one)) == sp.sympify(free) and r"\neq 0 \text{ for }" in latex(left_open)


v = sp.Symbol("v", real=True)


@pytest.mark.parametrize(
    "polynomial, one, other, apart",
    [
        ((v**2 - 2) ** 2, 1, sp.sqrt(3), False),
        ((v**2 - 2) ** 2, 2, sp.sqrt(3), True),
        ((v**2 - 2) ** 2, sp.sqrt(2), 2, False),  # at an end
        ((v**2 - 2) ** 3 * (v - 5), sp.sqrt(3), sp.pi, True),
        (v**2 - sp.pi, 1, sp.E, False),
        (v**2 - sp.pi, 2, sp.E, True),
        (v**2 + 1, -sp.pi, sp.pi, True),
    ],
)
def test_roots_between_irrational_numbers_are_told_exactly(polynomial, one, other, apart):
    assert NoRootBetween(sp.Lambda(v, polynomial), one, other) == sp.sympify(apart)
