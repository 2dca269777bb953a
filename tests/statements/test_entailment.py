"""Sentences with answers known by hand: entailed, contradicted with a correction, or left open."""

import pytest
from sympy import (
    Abs,
    And,
    Contains,
    Eq,
    Equivalent,
    FiniteSet,
    Ge,
    Gt,
    Identity,
    Implies,
    Integer,
    Lt,
    MatrixSymbol,
    Ne,
    Not,
    Or,
    Rational,
    Symbol,
    Trace,
    diag,
    exp,
    oo,
    symbols,
)

from symssl import E, InputError, Symmetric, gaussians, inner, potential, samples, sg, sq, total
from symssl.language import (
    Along,
    At,
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
    gaussian_matrix,
)
from symssl.language.relations import Orthonormal
from symssl.statements import assumed, entails, proved

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
    equal(total(Eigenvalue(diag(3, -k, 1), i), (i, 2)), 1 - k),
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


def test_a_wrong_sign_is_corrected():
    loss = total(inner(Theta * X[i], Theta * (Xm[i] - Xp[i])), i)
    found = entails(WORDS.sentence(equal(loss, -Trace(Theta * C * Theta.T))))
    assert found.held is not True and found.correction.lhs == loss
    assert entails(WORDS.sentence(found.correction)).held
    assert entails(WORDS.sentence(equal(loss, 2 * Trace(Theta * C * Theta.T)))).correction is None


def test_what_stands_inside_an_expectation_is_derived_first():
    w, v = gaussians("w v", h)
    W, a, b = gaussian_matrix("W", h, d), MatrixSymbol("a", d, 1), MatrixSymbol("b", d, 1)
    words = Vocabulary(*(Object(o, str(o)) for o in (h, d, w, v, W, a, b)))

    def product(one, two):
        return inner(Gradient(inner(one, W * a), W), Gradient(inner(two, W * b), W))

    for mean, value in (
        (product(w, w), h * inner(a, b)),
        (product(w, v), 0),
        (product(w, v) ** 2, h * inner(a, b) ** 2),
    ):
        assert entails(words.sentence(equal(E(mean), value))).held is True
        assert entails(words.sentence(equal(E(mean), value + 1))).held is False
    open_ = entails(words.sentence(equal(E(sq(W)), sq(W))))
    assert open_.held is None and "the mean over W is not found" in open_.reason


def test_gradients_of_an_unspecified_function_are_told_apart_by_their_samples():
    theta = MatrixSymbol("theta", h, 1)
    u = potential("u", theta, X[i])
    words = Vocabulary(WORDS, Object(theta, "parameters"), Object(potential("u", theta, Theta), "any function"))
    slope, loss = Gradient(u, theta), total(u**2, i)
    assert entails(words.sentence(equal(Gradient(loss, theta), total(2 * u * slope, i)))).held is True
    apart = entails(words.sentence(equal(Gradient(loss, theta), 2 * total(u, i) * total(slope, i) / n)))
    assert apart.held is not True


def test_a_correction_keeps_what_stands_around_it():
    wrong = equal(Along(x, VectorField({x: -x}), t, {x: y}), y)
    right = equal(wrong.lhs, y * exp(-t))
    premise = Gt(y, k, evaluate=False)
    assert entails(WORDS.sentence(Implies(premise, wrong))).correction == Implies(premise, right)
    assert entails(WORDS.sentence(ForAll(y, wrong, Gt(y, 0)))).correction == ForAll(y, right, Gt(y, 0))
    assert entails(WORDS.sentence(Or(wrong, equal(x, 1)))).correction is None
    assert entails(WORDS.sentence(Equivalent(premise, wrong))).correction is None
    assert entails(WORDS.sentence(equal(At(sq(Theta), {Theta: 2 * Theta}), sq(Theta)))).correction is None


def test_the_one_clause_that_is_not_settled_is_the_one_to_correct():
    right, other = equal(Rate(x, LOGISTIC), k * x * (1 - x)), Gt(x, 0, evaluate=False)
    unsettled = equal(Rate(Theta, LOSS), -2 * Theta * S)  # it may hold for the S that the hypothesis admits
    met = equal(S, S * S)
    found = entails(WORDS.sentence(And(right, unsettled, evaluate=False), given=(met,)))
    assert found.held is None and set(found.correction.args) == {right, equal(unsettled.lhs, found.facts[-1].value)}
    assert entails(WORDS.sentence(And(right, unsettled, other, evaluate=False), given=(met,))).correction is None


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


# --- what must not be entailed, and what must not be denied ----------------------------------

Y0 = VectorField({x: y - x**2})
NOT_ENTAILED = {  # fails somewhere, often at one value only
    "an equation that fails at a point is not denied everywhere": Ne(x, 1, evaluate=False),
    "nor by Not": Not(equal(x, 1), evaluate=False),
    "a count leaves no case out": Contains(Count(Zeros(Y0)), FiniteSet(0, 2)),
    "elements may coincide": equal(Count(FiniteSet(0, y)), 2),
    "a leading coefficient may vanish": equal(Limit(y * t / (y * t + 1), t, oo), 1),
    "also where it is no symbol": equal(Limit((1 - k) * t / ((1 - k) * t + 1), t, oo), 1),
    "and in a denominator": equal(Limit(1 / (y * t + 1), t, oo), 0),
    "an order has a leading coefficient": equal(Order((k - 1) * t**2 + t, t, oo), 2),
    "an order has two sides": equal(Order(x + Abs(x), x, 0), 1),
    "no limit beyond the range of the variable": equal(Limit(1 / (t + 1), t, -oo), 0),
    "what is no equilibrium is no saddle": Stability(VectorField({x: x, y: -y}), {x: 1, y: 0}, "saddle"),
    "what is no equilibrium is not stable": Stability(VectorField({x: 1 - x}), {x: 0}, "stable"),
    "a centre is no saddle": Stability(VectorField({x: y, y: -x}), {x: 0, y: 0}, "saddle"),
    "sets that are equal do not differ": Ne(Zeros(x**2 - 1, x), FiniteSet(-1, 1), evaluate=False),
    "an opaque term has no sign": Ge(Optimum(inner(F, diag(-2, 5, 1) * F), F, Orthonormal(F)), 0),
    "a zero may need a hypothesis": equal(Zeros(y * x - 1, x), FiniteSet(1 / y)),
}


@pytest.mark.parametrize("said", NOT_ENTAILED)
def test_what_fails_at_some_value_is_not_entailed(said):
    assert entails(WORDS.sentence(NOT_ENTAILED[said])).held is not True


NOT_DENIED = {  # holds, or says nothing
    "each part of an alternative may fail": Or(equal(x, Abs(x)), equal(x, -Abs(x))),
    "so with members of a set": Contains(x, FiniteSet(Abs(x), -Abs(x))),
    "and with sets": equal(FiniteSet(x, -x), FiniteSet(Abs(x), -Abs(x))),
    "a premise that fails": Implies(Lt(k, 0, evaluate=False), Lt(k, -5, evaluate=False)),
    "equal elements": equal(FiniteSet(Abs(x)), FiniteSet((x**2) ** Rational(1, 2))),
}


@pytest.mark.parametrize("said", NOT_DENIED)
def test_what_holds_is_not_contradicted(said):
    assert entails(WORDS.sentence(NOT_DENIED[said])).held is not False


def test_hypotheses_that_a_difference_ignores_do_not_refute():
    said = equal(k * Theta, Theta)
    assert entails(WORDS.sentence(said)).held is False
    assert entails(WORDS.sentence(said, given=(equal(k, 1),))).held is not False


def test_a_bound_name_does_not_inherit_the_hypotheses_on_its_namesake():
    inside = ForAll(x, Gt(x, 0, evaluate=False))
    assert entails(WORDS.sentence(And(inside, Lt(-x, 0, evaluate=False)), given=(x > 0,))).held is not True
    assert entails(WORDS.sentence(Lt(-x, 0, evaluate=False), given=(x > 0,))).held is True
    at = equal(At(Limit(1 / (x * t + 1), t, oo), {x: 0}), 0)
    assert entails(WORDS.sentence(And(at, Gt(x, -1, evaluate=False)), given=(x > 0,))).held is not True


def test_facts_count_in_the_scope_of_their_hypotheses_only():
    decay = VectorField({x: -x})
    here = proved(equal(x, y), [equal(x, y)])
    said = equal(Rate(x**2, decay), 0)
    assert entails(WORDS.sentence(said, given=(equal(x, y),)), [here]).held is not True
    assert entails(WORDS.sentence(equal(x + 1, y + 1), given=(equal(x, y),)), [here]).held is True
    assert entails(WORDS.sentence(equal(x + 1, y + 1)), [here]).held is not True


def test_what_is_held_constant_is_not_exchanged_inside_a_loss():
    frozen, free = inner(Theta, sg(Theta)), sq(Theta)
    alike = equal(frozen, free)
    taken = assumed(alike, "both have one value")
    for factor, held in ((1, True), (2, False)):
        said = WORDS.sentence(equal(Rate(Theta, GradientFlow(frozen, Theta)), -factor * sg(Theta)), given=(alike,))
        assert (entails(said, [taken]).held is True) is held


def test_derivatives_of_terms_that_rules_find():
    decay = VectorField({x: -x})
    assert entails(WORDS.sentence(equal(Rate(Rate(x**2, decay), decay), 4 * x**2))).held is True
    assert entails(WORDS.sentence(equal(Rate(Rate(x**2, decay), decay), 2 * x**2))).held is False


def test_an_existence_that_never_happens_is_contradicted():
    assert entails(WORDS.sentence(Exists(x, Lt(x**2 + k, 0, evaluate=False)))).held is False
    assert entails(WORDS.sentence(Not(Exists(x, Lt(x**2 + k, 0, evaluate=False))))).held is True


def test_an_instance_keeps_declarations_and_hypotheses():
    said = WORDS.sentence(Gt(k * x, 0, evaluate=False), given=(x < 5,))
    assert entails(said, at={k: 2, x: -1}).held is False
    for at, match in (({k: -2}, "declared"), ({x: 7}, "does not keep the hypothesis")):
        with pytest.raises(InputError, match=match):
            entails(said, at=at)
    square = MatrixSymbol("A", 2, 2)
    words = Vocabulary(WORDS, Object(square, "a matrix"))
    symmetric = words.sentence(equal(square * square.T, Identity(2)), given=(Symmetric(square),))
    with pytest.raises(InputError, match="does not keep the hypothesis"):
        entails(symmetric, at={square: [[1, 2], [3, 4]]})
    assert entails(symmetric, at={square: [[1, 2], [2, 4]]}).held is False
    rate = WORDS.sentence(equal(Rate(x**2, VectorField({x: -x})), -2 * x**2 + x - 3))
    assert entails(rate, at={x: 3}).held is True and entails(rate, at={x: 4}).held is False


def test_alternatives_and_cases():
    assert entails(WORDS.sentence(Or(Ge(x, 0), Lt(x - 1, 0)))).held is True
    assert entails(WORDS.sentence(Implies(Or(x > 1, x < -1), Gt(x**2, 1, evaluate=False)))).held is True
    assert entails(WORDS.sentence(Contains(k + 1, FiniteSet(1 - k, 1 + k), evaluate=False))).held is True
    assert entails(WORDS.sentence(Contains(-1 - k, FiniteSet(k, k + 1), evaluate=False))).held is False


def test_limits_that_hold_for_all_parameters():
    for term, value in (
        ((y * t + 1) / (t + 1), y),
        ((y * exp(-k * t) + 2) / (1 + y**2 * exp(-t)), 2),
        (k * t / (k * t + y), 1),
        (y + (1 - y) * exp(-k * t), y),
    ):
        assert entails(WORDS.sentence(equal(Limit(term, t, oo), value))).held is True
    assert entails(WORDS.sentence(equal(Limit(t / (y * t + 1), t, oo), 1 / y), given=(y > 0,))).held is True


def test_facts_with_provisos_are_the_last_resort():
    said = WORDS.sentence(Gt(k, 0, evaluate=False), given=(Gt(x, 0),))
    taken = assumed(Gt(x, 0), "the state is positive")
    assert entails(said, [taken]).provisos == ()
    other = WORDS.sentence(Gt(x * k, 0, evaluate=False), given=(Gt(x, 0),))
    assert entails(other, [taken]).held is True
