"""The audit of sentences: nothing gets through that is not proved, and a checker that errs is seen."""

import pytest
from audited import EXAMPLES, WORDS, equal, k, m, x
from sympy import Gt, Integer, Rational

from symssl import Claim, audit
from symssl.claims.auditing.attack import OUTCOMES, tally
from symssl.claims.auditing.sentence_attack import SentenceTarget
from symssl.language import Rate, VectorField
from symssl.statements import entailment

QUICK = ["relation", "product", "frozen", "descent", "gradient", "at", "zeros", "growth", "eigenvalue", "moment"]
LOGIC = ["count", "stability", "case", "alternative", "equivalence", "quantifiers", "almost", "weak"]


def target(sentence, **more):
    return SentenceTarget(Claim("demo.one", "equation", sentence, **more))


def changed(one, end="sentence"):
    return [one.attack(label) for label in one.mutants if label.startswith(end)]


@pytest.mark.parametrize("name", QUICK + LOGIC)
def test_nothing_gets_through_that_is_not_proved(name):
    one = target(EXAMPLES[name])
    assert one.verdict.verdict == "holds"
    found = changed(one)
    assert {f.outcome for f in found} <= {"rejected", "equivalent", "true"}
    assert sum(f.outcome == "rejected" for f in found) > len(found) / 3
    assert all(f.how for f in found)


FIELD = VectorField({x: -k * x})
RATE = WORDS.sentence(equal(Rate(x**2, FIELD), -2 * k * x**2))


def outcomes(sentence):
    return {f.mutation.partition(": ")[2]: f.outcome for f in changed(target(sentence))}


def test_what_is_equivalent_true_and_wrong_is_told_apart():
    found = outcomes(RATE)
    assert found["sign of x**2 (the left side, the rate)"] == "rejected"
    assert found["factor of -k*x (the dynamics, the right-hand side)"] == "rejected"
    assert found["dropped assumption of k (the declaration of k)"] == "true"
    weak = outcomes(WORDS.sentence(Gt(k + m, 0, evaluate=False)))
    assert weak["strictness of k + m > 0"] == "true" and weak["direction of k + m > 0"] == "rejected"
    assert weak["dropped assumption of k (the declaration of k)"] == "rejected"


def test_a_hypothesis_that_is_needed_and_one_that_is_not():
    found = outcomes(EXAMPLES["relation"])
    assert found["dropped hypothesis of Symmetric(S) (the declaration of S)"] == "rejected"
    found = outcomes(EXAMPLES["frozen"])
    assert found["dropped hypothesis of Symmetric(S) (the declaration of S)"] == "true"


def test_a_checker_that_accepts_everything_is_caught(monkeypatch):
    one = target(RATE)
    monkeypatch.setattr(entailment, "decided", lambda condition, given: (True, "equal", ""))
    found = changed(one)
    assert sum(f.outcome == "survived" for f in found) > len(found) / 2
    assert any("meaning is false" in f.how for f in found)


def test_the_correction_is_attacked_in_place_of_what_is_wrong():
    one = target(WORDS.sentence(equal(Rate(x**2, FIELD), -k * x**2)))
    assert one.sentence.claim == RATE.claim and one.verdict.verdict == "holds"
    assert "survived" not in {f.outcome for f in changed(one)}


def test_a_witness_is_attacked_with_other_points_and_with_the_negation():
    false = WORDS.sentence(Gt(x * k, 0, evaluate=False))
    one = target(false, witness={x: Integer(-1), k: Rational(1, 2)})
    assert one.verdict.verdict == "refuted"
    found = {f.mutation.partition(": ")[2]: f for f in changed(one, "witness")}
    assert found["negation of the sentence"].outcome == "rejected"
    assert found["sign of x"].outcome == "rejected"  # there it holds
    assert found["plus one of x"].outcome == "true"  # at zero it fails too
    assert found["sign of k"].outcome == "rejected"  # which is declared positive
    without = changed(target(false), "witness")
    assert [f.outcome for f in without] == ["rejected"]


def test_the_audit_prints_what_it_finds_of_sentences():
    found = audit([Claim("demo.one", "equation", RATE)])
    counts = tally(found)
    assert counts["sentence: sign"]["rejected"] >= 3 and counts["forgery: made by hand"]["rejected"] >= 3
    assert {outcome for row in counts.values() for outcome in row} <= set(OUTCOMES)
    assert "true" in OUTCOMES
