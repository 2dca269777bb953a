"""Forged derivations are refused, or count for nothing; and the audit sees it where one does count."""

import pytest
from audited import EXAMPLES, WORDS, equal, k, m, x
from sympy import Gt

from symssl import Claim
from symssl.claims.auditing.forgeries import forgeries
from symssl.claims.auditing.mutants import kind_of
from symssl.claims.auditing.sentence_attack import SentenceTarget
from symssl.language import External, Limit, Rate, VectorField
from symssl.statements import entailment, facts

ALWAYS = {
    "typed-in sentence",
    "made by hand",
    "proposition replaced",
    "hypotheses removed",
    "proviso removed",
    "assumed",
    "cited",
    "hypothesis smuggled in",
    "refusal swallowed",
    "assumed as a whole",
    "cited as a whole",
}
OF_TERMS = {"another loss", "another decay", "another term", "special size", "typed-in value", "typed-in table"}


def forged(sentence):
    return SentenceTarget(Claim("demo.one", "equation", sentence))


@pytest.mark.parametrize("name", ["rate", "descent", "gradient", "at", "growth", "moment", "quantifiers", "almost"])
def test_no_forgery_counts(name):
    target = forged(EXAMPLES[name])
    labels = [label for label in target.mutants if label.startswith("forgery")]
    assert {kind_of(label.removeprefix("forgery ")) for label in labels} >= ALWAYS
    assert len(labels) >= 30
    found = [target.attack(label) for label in labels]
    assert {f.outcome for f in found} == {"rejected"}


def test_facts_about_something_else_are_given_out():
    assert {kind_of(label) for label, _ in forgeries(EXAMPLES["rate"])} >= OF_TERMS
    kinds = {kind_of(label) for label, _ in forgeries(EXAMPLES["at"])}
    assert kinds >= {"another vector field", "special value"}


def test_labels_are_numbered():
    labels = [label for label, _ in forgeries(EXAMPLES["hypothesis"])]
    assert [int(label.partition(":")[0]) for label in labels] == list(range(1, len(labels) + 1))


def test_nothing_is_forged_for_what_is_not_decided():
    assert forged(WORDS.sentence(External("Sec. 6", "Deep networks behave alike."))).mutants == {}


def survivors(sentence):
    target = forged(sentence)
    found = [target.attack(label) for label in target.mutants if label.startswith("forgery")]
    return {kind_of(f.mutation.removeprefix("forgery ")) for f in found if f.outcome == "survived"}


SAID = WORDS.sentence(equal(Rate(x, VectorField({x: -k * x})), -k * x))


def test_a_checker_that_takes_any_fact_is_caught(monkeypatch):
    for module in (facts, entailment):
        monkeypatch.setattr(module, "is_genuine", lambda fact: isinstance(fact, facts.Fact))
    assert survivors(SAID) >= {"made by hand", "proposition replaced"}


def test_a_checker_that_forgets_hypotheses_is_caught(monkeypatch):
    monkeypatch.setattr(entailment, "_granted", lambda hypothesis, given: True)
    assert "hypothesis smuggled in" in survivors(SAID)


def test_a_rule_that_mistakes_one_value_for_all_is_caught(monkeypatch):
    """A fact at one value of a parameter that is taken for one at all values."""

    def careless(fact, values):
        made = facts.specialised(fact, values)
        object.__setattr__(made, "proposition", equal(fact.term, made.value))
        facts._MADE[made] = tuple(getattr(made, name) for name in facts.Fact.__dataclass_fields__)
        return made

    monkeypatch.setattr("symssl.claims.auditing.forgeries.specialised", careless)
    assert survivors(SAID) == {"special value"}


def test_a_citation_of_the_sentence_itself_derives_nothing():
    opaque = WORDS.sentence(Gt(Limit(x * k / (k + x * m), k, m), 0, evaluate=False), given=(x > 0,))
    target = forged(opaque)
    labels = [label for label in target.mutants if "cited as a whole" in label]
    assert labels and {target.attack(label).outcome for label in labels} == {"rejected"}
