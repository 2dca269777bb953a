"""Zeros, counts and stability: no case is left out, and what is no equilibrium is neither stable nor unstable."""

from math import prod

import pytest
from hypothesis import given, strategies as st
from sympy import Contains, Eq, FiniteSet, Ne, oo, sqrt, symbols

from symssl import Refusal
from symssl.language import Count, Growth, Limit, Object, Stability, VectorField, Vocabulary, Zeros
from symssl.statements import derive, entails
from symssl.statements.rules.equilibria import possible_counts

x, y, a = symbols("x y a", real=True)
k = symbols("k", positive=True)
WORDS = Vocabulary(*(Object(s, "a number") for s in (x, y, a, k)))


def test_every_case_of_a_count_is_there():
    zeros = Count(Zeros(VectorField({x: a - x**2})))
    assert set(possible_counts(zeros, ())) == {0, 1, 2}
    assert possible_counts(zeros, (a > 0,)) == {2: True}
    assert entails(WORDS.sentence(Contains(zeros, FiniteSet(0, 2)))).held is False
    assert entails(WORDS.sentence(Contains(zeros, FiniteSet(0, 1, 2)))).held is True
    assert derive(zeros, given=(a < 0,)).value == 0


def test_elements_are_counted_once():
    with pytest.raises(Refusal, match="differ"):
        derive(Count(FiniteSet(0, a)))
    assert derive(Count(FiniteSet(0, a)), given=(Ne(a, 0),)).value == 2
    assert derive(Count(FiniteSet(0, k))).value == 2
    assert derive(Count(Zeros(k**2 - 1, k))).value == 1


def test_zeros_that_depend_on_a_case_are_refused():
    for system in (a * x - 1, a * x):
        with pytest.raises(Refusal):
            derive(Zeros(system, x))
    assert derive(Zeros(a * x - 1, x), given=(Ne(a, 0),)).value == FiniteSet(1 / a)
    assert derive(Zeros(x**2 - k**2, x, x > 0)).value == FiniteSet(k)


@pytest.mark.parametrize(
    "field, point, kind, held",
    [
        ({x: a * x}, {x: 0}, "stable", True),  # under a < 0
        ({x: a * x}, {x: 0}, "unstable", False),
        ({x: x**3}, {x: 0}, "unstable", True),
        ({x: x**2}, {x: 0}, "half-stable", True),
        ({x: x - y, y: x + y}, {x: 0, y: 0}, "unstable", True),
        ({x: x - y, y: x + y}, {x: 0, y: 0}, "saddle", False),
        ({x: x, y: -y}, {x: 0, y: 0}, "unstable", True),
        ({x: x, y: a * y}, {x: 0, y: 0}, "saddle", True),
        ({x: y, y: -x}, {x: 0, y: 0}, "nonhyperbolic", True),
    ],
)
def test_kinds_of_equilibria(field, point, kind, held):
    assert (derive(Stability(VectorField(field), point, kind), given=(a < 0,)).value == True) is held  # noqa: E712


@pytest.mark.parametrize(
    "field, point, kind",
    [
        ({x: 1 - x}, {x: 0}, "stable"),
        ({x: x, y: -y}, {x: 1, y: 0}, "saddle"),
        ({x: a * x}, {x: 0}, "stable"),
        ({x: a - x}, {x: 0}, "stable"),
        ({x: x}, {x: 0}, "saddle"),
        ({x: y, y: -x}, {x: 0, y: 0}, "stable"),
    ],
)
def test_what_is_not_told_is_refused(field, point, kind):
    with pytest.raises(Refusal):
        derive(Stability(VectorField(field), point, kind))


def test_growth_at_a_point():
    assert derive(Growth(VectorField({x: k * x * (1 - x)}), {x: 1})).value == FiniteSet(-k)
    assert derive(Growth(VectorField({x: x, y: -k * y}), {x: 0, y: 0})).value == FiniteSet(1, -k)


def of_kind(field, *domain, kind=None):
    (state,) = field.states
    kinds = () if kind is None else (Stability(field, {state: y}, kind),)
    return Count(Zeros(field.rhs[state].xreplace({state: y}), y, (*domain, *kinds)))


@given(
    st.dictionaries(st.integers(-3, 3), st.integers(1, 2), min_size=1, max_size=4),
    st.sampled_from([1, -1]),
)
def test_zeros_are_counted_on_a_side_and_by_their_kind(roots, sign):
    field = VectorField({x: sign * prod((x - r) ** m for r, m in roots.items())})
    kinds = {}
    for r, m in roots.items():
        above = sign * (-1) ** sum(n for s, n in roots.items() if s > r)  # the sign of the velocity just above
        kinds[r] = "half-stable" if m == 2 else "unstable" if above > 0 else "stable"
    for kind in ("stable", "unstable", "half-stable"):
        for side, inside in (((), lambda r: True), ((y > 0,), lambda r: r > 0), ((y <= 0,), lambda r: r <= 0)):
            wanted = sum(found == kind and inside(r) for r, found in kinds.items())
            assert derive(of_kind(field, *side, kind=kind)).value == wanted


def test_a_stability_of_another_flow_is_no_kind_of_a_zero():
    other = VectorField({x: x - x**3})
    with pytest.raises(Refusal):
        derive(Count(Zeros(k * y - y**3, y, Stability(other, {x: y}, "stable"))))


def test_a_hypothesis_on_the_number_selects_the_case():
    field = VectorField({x: a - x**2})
    four = Eq(of_kind(field), 2, evaluate=False)
    assert derive(of_kind(field, kind="stable"), given=(four,)).value == 1
    with pytest.raises(Refusal):
        derive(of_kind(field, kind="stable"))
    with pytest.raises(Refusal):  # of another flow
        derive(of_kind(field, kind="stable"), given=(Eq(of_kind(VectorField({x: a - x**4})), 2, evaluate=False),))


def test_the_number_of_zeros_in_the_end():
    few = Count(Zeros(y**2 - 1 + k, y))
    assert derive(Limit(few, k, oo)).value == 0 and derive(Limit(few, k, 0)).value == 2
    assert derive(Limit(Count(Zeros(y**2 - sqrt(k) + k, y)), k, 0, "+")).value == 2
    with pytest.raises(Refusal):
        derive(Limit(Count(Zeros(y**2 - a * k, y)), k, oo))
    assert derive(Limit(Count(Zeros(y**2 - a * k, y)), k, oo), given=(a > 0,)).value == 2
    with pytest.raises(Refusal):
        derive(Limit(few, k, 1))
