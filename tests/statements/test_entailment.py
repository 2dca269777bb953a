"""Sentences with answers known by hand: entailed, contradicted with a correction, or left open."""

import pytest
from sympy import (
    And,
    Contains,
    Eq,
    Equivalent,
    FiniteSet,
    Gt,
    Implies,
    Integer,
    Lt,
    MatrixSymbol,
    Not,
    Or,
    Rational,
    Symbol,
    diag,
    exp,
    oo,
    symbols,
)

from symssl import InputError, Symmetric, inner, samples, sq, total
from symssl.language import (
    Along,
    Count,
    Eigenvalue,
    Exists,
    External,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Growth,
    Let,
    Limit,
    Next,
    Object,
    Optimum,
    Order,
    Rate,
    Stability,
    VectorField,
    Vocabulary,
    Zeros,
)
from symssl.language.relations import Orthonormal
from symssl.statements import entails

h, d, z, n = symbols("h d z n", integer=True, positive=True)
i = Symbol("i", integer=True)
X, Xp, Xm = samples("a", d, n), samples("a^+", d, n), samples("a^-", d, n)
Theta, C, S = MatrixSymbol("Theta", z, d), MatrixSymbol("C", d, d), MatrixSymbol("S", d, d)
TILDE = total(X[i] * (Xm[i] - Xp[i]).T, i)
LOSS = GradientFlow(total(inner(Theta * X[i], Theta * (Xm[i] - Xp[i])), i), Theta)
x, y = symbols("x y", real=True)
x0, k, t, eta = symbols("x_0 k t eta", positive=True)
F = MatrixSymbol("F", 3, 2)
WORDS = Vocabulary(
    *(Object(size, "a size") for size in (h, d, z, n)),
    *(Object(family, "samples") for family in (X, Xp, Xm)),
    Object(Theta, "weights"),
    Object(S, "a matrix"),
    Let(C, (TILDE + TILDE.T) / 2),
    *(Object(s, "a number") for s in (x, y, x0, k, t, eta)),
)
LOGISTIC = VectorField({x: k * x * (1 - x)})


def equal(a, b):
    return Eq(a, b, evaluate=False)


TRUE = [
    equal(Rate(Theta, LOSS), -2 * Theta * C),
    equal(Rate(sq(Theta), GradientFlow(sq(Theta) / 2, Theta)), -2 * sq(Theta)),
    equal(Gradient(sq(Theta), Theta), 2 * Theta),
    equal(Next(Theta, GradientDescent(sq(Theta) / 2, Theta, step=eta)), Theta - eta * Theta),
    equal(Limit(Along(x, LOGISTIC, t, {x: x0}), t, oo), 1),
    equal(Along(x**2, VectorField({x: -x}), t, {x: x0}), x0**2 * exp(-2 * t)),
    equal(Zeros(LOGISTIC), FiniteSet(1, 0)),
    equal(Zeros(x**2 - k, x, x > 0), FiniteSet(k ** Rational(1, 2))),
    Contains(Count(Zeros(VectorField({x: k - x**2}))), FiniteSet(2, 3)),
    equal(Count(Zeros(VectorField({x: k - x**2}))), 2),
    Stability(LOGISTIC, {x: 1}, "stable"),
    Not(Stability(LOGISTIC, {x: 0}, "stable")),
    Stability(VectorField({x: x, y: -k * y}), {x: 0, y: 0}, "saddle"),
    equal(Growth(LOGISTIC, {x: 1}), FiniteSet(-k)),
    ForAll(x, Gt(x**2 + k, 0, evaluate=False)),
    Exists(x, Lt(x, -k, evaluate=False), witness={x: -2 * k}),
    equal(Order(k / (t + 1), t, oo), -1),
    equal(Eigenvalue(diag(3, -k, 1), 1), -k),
    equal(Eigenvalue(diag(-3, 1), 1, "singular"), 3),
    equal(Optimum(inner(F, diag(-2, 5, 1) * F), F, Orthonormal(F)), -1),
    Implies(x > k, Gt(x, 0, evaluate=False)),
    Or(equal(x, 3), Lt(-k, x0, evaluate=False)),
    Equivalent(Gt(k * x, 0, evaluate=False), Gt(x, 0)),
]


@pytest.mark.parametrize("number", range(len(TRUE)))
def test_true_sentences_are_entailed(number):
    found = entails(WORDS.sentence(TRUE[number]))
    assert found.held is True, found
    assert found.level == "symbolic" and found.sizes == ()


FALSE = [
    equal(Rate(Theta, LOSS), -Theta * C),
    equal(Limit(Along(x, LOGISTIC, t, {x: x0}), t, oo), 0),
    equal(Zeros(LOGISTIC), FiniteSet(0)),
    equal(Count(Zeros(VectorField({x: k - x**2}))), 3),
    Contains(Count(Zeros(VectorField({x: k - x**2}))), FiniteSet(3, 4)),
    Stability(LOGISTIC, {x: 0}, "stable"),
    equal(Growth(LOGISTIC, {x: 1}), FiniteSet(k)),
    equal(Order(k / (t + 1), t, oo), 1),
    equal(Optimum(inner(F, diag(-2, 5, 1) * F), F, Orthonormal(F)), -2),
    And(Gt(k, -1, evaluate=False), Lt(k, -x0, evaluate=False)),
    Gt(-k, x0, evaluate=False),
]


@pytest.mark.parametrize("number", range(len(FALSE)))
def test_false_sentences_are_contradicted(number):
    found = entails(WORDS.sentence(FALSE[number]))
    assert found.held is False, found
    assert found.reason


def test_a_limit_is_corrected_by_a_limit():
    claim = equal(Limit(Along(x, LOGISTIC, t, {x: x0}), t, oo), 0)
    found = entails(WORDS.sentence(claim))
    assert found.correction == equal(claim.lhs, Integer(1))
    assert entails(WORDS.sentence(found.correction)).held


def test_a_hypothesis_makes_the_difference():
    claim = equal(
        Rate(sq(Theta * S), GradientFlow(inner(Theta, Theta * S) / 2, Theta)), -2 * inner(Theta * S, Theta * S * S)
    )
    assert entails(WORDS.sentence(claim, given=(Symmetric(S),))).held
    assert entails(WORDS.sentence(claim)).held is not True


@pytest.mark.parametrize(
    "claim",
    [
        Gt(x, 0, evaluate=False),
        Exists(x, Gt(x, k, evaluate=False)),
        External("Sec. 6", "Deep networks behave alike."),
        equal(Limit(Along(x, LOGISTIC, t, {x: y}), t, oo), 1),
    ],
)
def test_what_is_not_settled_is_left_open(claim):
    found = entails(WORDS.sentence(claim))
    assert found.held is None and found.reason


def test_a_sentence_at_an_instance():
    claim = equal(Limit(Along(x, LOGISTIC, t, {x: y}), t, oo), 1)
    assert entails(WORDS.sentence(claim), at={y: Integer(0)}).held is False
    assert entails(WORDS.sentence(claim), at={y: Rational(1, 2)}).held is True


def test_forged_facts_are_refused():
    with pytest.raises(InputError, match="no fact"):
        entails(WORDS.sentence(Gt(x, 0, evaluate=False)), [Gt(x, 0, evaluate=False)])
