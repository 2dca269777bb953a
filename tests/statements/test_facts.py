"""Facts come from rules alone, carry what they rest on, and combine as mathematics allows."""

import pickle

import pytest
from sympy import (
    And,
    Eq,
    FiniteSet,
    Float,
    Gt,
    ImmutableMatrix,
    Implies,
    Integer,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Or,
    Rational,
    Symbol,
    exp,
    oo,
    symbols,
)

from symssl import InputError, Refusal, Symmetric, Undecided, inner, sq
from symssl.language import Exists, External, ForAll, GradientFlow, Limit, Optimum, Rate, VectorField
from symssl.statements import (
    Fact,
    assumed,
    by_citation,
    chained,
    derive,
    facts,
    follows,
    proved,
    rewritten,
    specialised,
)
from symssl.statements.facts import decided, is_genuine, opposite, weakest
from symssl.statements.rules.derivation import rule_for

x, y = symbols("x y", real=True)
k, t = symbols("k t", positive=True)
n = Symbol("n", integer=True, positive=True)
W, C = MatrixSymbol("W", 2, n), MatrixSymbol("C", n, n)


def test_nobody_makes_a_fact_by_hand():
    with pytest.raises(InputError, match="made by rules"):
        Fact(Eq(x, 17, evaluate=False), (), "because", (), "symbolic", (), ())
    forged = object.__new__(Fact)
    for name, value in zip(Fact.__dataclass_fields__, (Eq(x, 17, evaluate=False), (), "flow", (), "symbolic", (), ())):
        object.__setattr__(forged, name, value)
    assert not is_genuine(forged)
    with pytest.raises(InputError, match="a rule has made"):
        rewritten(forged, Integer(17))
    with pytest.raises(TypeError, match="stays in the process"):
        pickle.dumps(proved(Gt(k + 1, 0, evaluate=False)))


def test_a_rate_is_that_of_the_loss_and_of_no_other():
    fact = derive(Rate(sq(W), GradientFlow(sq(W * C), W)), given=(Symmetric(C),))
    assert fact.level == "symbolic" and fact.sizes == () and fact.given == (Symmetric(C),)
    assert rewritten(fact, -4 * inner(W, W * C * C)).value == -4 * inner(W, W * C * C)
    with pytest.raises(Refusal, match="differs"):
        rewritten(fact, -2 * inner(W, W * C * C))
    free = derive(Rate(sq(W), GradientFlow(sq(W * C), W)))
    with pytest.raises(Refusal, match="differs"):  # without the symmetry it is another word
        rewritten(free, -4 * inner(W, W * C * C))


def test_what_holds_at_stated_sizes_is_an_instance():
    A, B = MatrixSymbol("A", 2, 2), MatrixSymbol("B", 2, 2)
    fact = proved(Eq((A * B).T, B.T * A.T, evaluate=False))
    assert fact.level in ("symbolic", "instance")
    assert weakest(["symbolic", "certified"]) == "certified"
    assert weakest([]) == "symbolic"


def test_comparisons_are_proved_or_refused():
    assert proved(Gt(x**2 + 1, 0, evaluate=False)).rule == "signs"
    assert proved(Lt(exp(-k * t), 1, evaluate=False)).level == "symbolic"
    assert proved(Gt(x * (1 - exp(-k)) + exp(-k), 0, evaluate=False), [x > 0])
    with pytest.raises(Refusal, match="fails"):
        proved(Lt(k, 0, evaluate=False))
    with pytest.raises(Undecided):
        proved(Gt(x, 0, evaluate=False))
    with pytest.raises(Undecided):
        proved(Lt(exp(k * x), 1, evaluate=False))
    with pytest.raises(Refusal, match="fails"):
        proved(Eq((x + 1) ** 2, x**2 + 1, evaluate=False))


def test_a_chain_is_as_strict_as_its_strictest_link():
    one, two = proved(Le(k, k + 1, evaluate=False)), proved(Lt(k + 1, k + 2, evaluate=False))
    assert chained(one, two).proposition == Lt(k, k + 2, evaluate=False)
    assert chained(one, two).premises == (one, two)
    with pytest.raises(Refusal, match="other way"):
        chained(one, proved(Gt(k + 1, k, evaluate=False)))
    with pytest.raises(InputError, match="does not begin"):
        chained(one, proved(Lt(k, k + 5, evaluate=False)))


def test_a_fact_at_particular_values_keeps_the_declarations():
    fact = derive(Rate(x, VectorField({x: -k * x})), given=(x < 5,))
    assert specialised(fact, {k: Integer(2)}).value == -2 * x
    assert specialised(fact, {k: t + 1}).given == (x < 5,)
    with pytest.raises(InputError, match="declared"):
        specialised(fact, {k: Integer(-2)})
    with pytest.raises(InputError, match="hypothesis"):
        specialised(fact, {x: Integer(7)})
    assert specialised(fact, {x: Rational(9, 2)}).given == ()


def test_provisos_are_handed_on():
    theorem = External("Ky Fan, 1949", "The minimum is the sum of the least eigenvalues.")
    base = by_citation(theorem, Le(y, x, evaluate=False))
    fact = follows(Lt(y, x + 1, evaluate=False), base, given=(Lt(x - y, 1, evaluate=False), Le(y, x, evaluate=False)))
    assert fact.provisos == base.provisos and "Ky Fan" in fact.provisos[0]
    assert assumed(Eq(x, y, evaluate=False), "both start alike").provisos == ("both start alike",)
    assert base in fact.history and fact.history[-1] is fact


# --- what nobody may do to a fact ------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"proposition": Eq(x, 17, evaluate=False)},
        {"given": ()},
        {"provisos": ()},
        {"level": "certified"},
        {"sizes": ("all",)},
        {"premises": ()},
        {"rule": "the flow"},
    ],
)
def test_a_fact_that_was_changed_is_none(change):
    made = follows(Gt(x + k, 0, evaluate=False), assumed(Gt(x, 0, evaluate=False), "the state is positive"))
    assert is_genuine(made)
    for name, value in change.items():
        object.__setattr__(made, name, value)
    assert not is_genuine(made)
    with pytest.raises(InputError, match="a rule has made"):
        proved(Gt(x, -1, evaluate=False), (), made)


def test_what_a_changed_fact_was_used_for_is_none():
    base = proved(Gt(k + 1, 0, evaluate=False))
    made = follows(Gt(k + 2, 0, evaluate=False), base)
    object.__setattr__(base, "proposition", Gt(k, 5, evaluate=False))
    assert not is_genuine(made)


def test_rules_are_not_at_hand_outside():
    with pytest.raises(InputError, match="made by rules"):
        facts.stated(Eq(x, 17, evaluate=False), (), "the flow")
    with pytest.raises(InputError, match="already"):
        rule_for(Rate)(lambda term, given: (Integer(17), {"rule": "the flow"}))
    with pytest.raises(InputError, match="a fact says"):
        assumed(x, "a number")

    class Forged(Fact):
        pass

    forged = object.__new__(Forged)
    assert not is_genuine(forged)


def test_a_term_without_value_has_no_sign():
    """`proved` decides comparisons as they stand: what a limit is worth `derive` must find."""
    limit = Limit(-x * t / (t + 1), t, oo)
    for claim in (Gt(limit, 0, evaluate=False), Gt(Optimum(x**2 - k, x), 0, evaluate=False)):
        with pytest.raises((Undecided, Refusal)):
            proved(claim)


def test_inequations_are_no_links():
    ne = proved(Ne(k + 1, 0, evaluate=False))
    with pytest.raises(InputError, match="is no link"):
        chained(ne, proved(Eq(Integer(0), 0 * k, evaluate=False)))


def test_special_values_stay_outside_of_derivatives():
    field = VectorField({x: -k * x})
    general = derive(Rate(k * x, field))
    there = specialised(general, {x: Integer(3)})
    assert there.value == -3 * k**2 and there.term != general.term
    assert derive(there.term).value == there.value  # the rate at x = 3, not the rate of a number
    with pytest.raises(InputError, match="float"):
        specialised(general, {k: Float(0.1)})


def test_a_parameter_that_becomes_a_state_is_constant_while_the_rate_is_taken():
    r = Symbol("r", real=True)
    general = derive(Rate(r * x, VectorField({x: -r * x})))
    there = specialised(general, {r: x})
    assert there.value == -(x**3)
    assert there.term != Rate(x**2, VectorField({x: -(x**2)}))  # whose value is -2 x^3
    assert derive(there.term).value == -(x**3)


def test_relations_are_checked_at_explicit_matrices():
    A = MatrixSymbol("A", 2, 2)
    fact = proved(Eq(A.T * A, A * A, evaluate=False), [Symmetric(A)])
    assert specialised(fact, {A: ImmutableMatrix([[1, 2], [2, 5]])}).given == ()
    with pytest.raises(InputError, match="does not hold there"):
        specialised(fact, {A: ImmutableMatrix([[1, 2], [3, 5]])})


def test_hypotheses_of_a_theorem_are_shown_or_kept():
    theorem, met = External("A book", "Convex functions have one minimum."), Gt(k + 1, 0, evaluate=False)
    said = Le(y, x, evaluate=False)
    assert by_citation(theorem, said, given=[met]).given == (met,)
    assert by_citation(theorem, said, proved(met), given=[met]).given == ()
    assert "not checked" in by_citation(theorem, said).provisos[0]


def test_only_what_fails_for_some_value_is_refused():
    with pytest.raises(Undecided):  # it fails for no k that keeps the hypothesis, for there is none
        proved(Lt(k, -5, evaluate=False), [Lt(k, -1, evaluate=False)])
    assert decided(Ne(x, 1, evaluate=False), ())[0] is None
    assert decided(Ne(1 - x, 0, evaluate=False), (Ne(x, 1, evaluate=False),))[0] is True
    assert decided(Eq(FiniteSet(x), FiniteSet(y), evaluate=False), ())[0] is None


@pytest.mark.parametrize(
    "condition, denied",
    [
        (Gt(x, y, evaluate=False), Le(x, y, evaluate=False)),
        (Eq(x, y, evaluate=False), Ne(x, y, evaluate=False)),
        (And(x > 1, y > 1), Or(x <= 1, y <= 1)),
        (Implies(x > 1, y > 1), And(x > 1, y <= 1)),
        (ForAll(x, x > y), Exists(x, x <= y)),
        (Exists(x, x > y, given=x < 9), ForAll(x, x <= y, given=x < 9)),
        (ForAll(x, x > y, almost=True), None),
        (Exists(x, x > y, unique=True), None),
        (External("Sec. 6", "Deep networks behave alike."), None),
    ],
)
def test_the_opposite_of_a_condition(condition, denied):
    assert opposite(condition) == denied
    assert denied is None or isinstance(condition, Implies) or opposite(denied) == condition


a, b, c = Symbol("a", real=True), *symbols("b c", positive=True)
time = Symbol("time", nonnegative=True)


@pytest.mark.parametrize(
    "condition, given",
    [
        (a * (exp(2 * a * time) - 1) + 1 > 0, (a > 0,)),
        (a * (exp(2 * a * time) - 1) + 1 > 0, (a < 0,)),
        ((exp(time) - exp(-time)) >= 0, ()),
        (Lt(b + c, 1), (1 / (b + c) > 1,)),
        (Gt(b, Rational(1, 4)), (Gt(64 * b**2 - 16 * b, 0, evaluate=False),)),
    ],
)
def test_exponentials_of_times_and_hypotheses_up_to_a_factor(condition, given):
    assert proved(condition, given).proposition == condition


@pytest.mark.parametrize(
    "condition, given",
    [
        (a * (exp(2 * a * time) - 1) - 1 > 0, (a > 0,)),
        (Gt(exp(time), 1, evaluate=False), ()),  # at time 0 they are equal
        (Lt(b + c, 1), (1 / (b + c) < 1,)),
        (Lt(a, 1), (a * c > c**2,)),
    ],
)
def test_what_does_not_follow_of_exponentials_and_factors_is_not_proved(condition, given):
    with pytest.raises((Refusal, Undecided)):
        proved(condition, given)


def test_a_long_inequation_that_is_a_hypothesis_is_not_looked_into():
    a, b, c = symbols("a b c", real=True)
    long = (a - 2 * b) ** 5 * (c + b) ** 3 - a * b * c**4 + 7 * c - 1
    for relation in (Gt, Lt):
        given = relation(long.expand(), 0, evaluate=False)
        assert facts.decided(relation(long, 0, evaluate=False), (given,))[0] is True
        assert facts.decided(Ne(long, 0, evaluate=False), (given,))[0] is True
    weak = Le(long.expand(), 0, evaluate=False)
    assert facts.decided(Lt(long, 0, evaluate=False), (weak,))[0] is None
