"""Zeros, counts and stability: no case is left out, and what is no equilibrium is neither stable nor unstable."""

import pytest
from sympy import Contains, FiniteSet, Ne, symbols

from symssl import Refusal
from symssl.language import Count, Growth, Object, Stability, VectorField, Vocabulary, Zeros
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
