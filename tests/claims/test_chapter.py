"""Chapters: sentences with their derivations, in order, under one id each."""

import pickle

import pytest
from sympy import Eq, Gt, Symbol

from symssl import InputError, Step
from symssl.claims import Chapter, Paper, check
from symssl.language import GradientFlow, Object, Rate, Vocabulary
from symssl.statements import derive

w = Symbol("w", real=True)
WORDS = Vocabulary(Object(w, "the weight"))
FLOW = GradientFlow(w**2 / 2, w)
RATE = WORDS.sentence(Eq(Rate(w**2, FLOW), -2 * w**2, evaluate=False))
chapter = Chapter("demo")


@chapter.claim("eq1", "equation", RATE, cite="Eq. (1)")
def eq1():
    yield Step("differentiate along the flow", derive(Rate(w**2, FLOW)))


chapter.claim("slip", "lemma", WORDS.sentence(Gt(w, 0, evaluate=False)), cite="Lemma 2")
chapter.claim("slip.fixed", "consequence", WORDS.sentence(Gt(w**2 + 1, 0, evaluate=False)), corrects="slip")


def test_claims_come_in_the_order_in_which_they_are_stated():
    assert [c.id for c in chapter.claims] == ["demo.eq1", "demo.slip", "demo.slip.fixed"]
    assert [check(c).verdict for c in chapter.claims] == ["holds", "refuted", "holds"]
    fixed = chapter.claims[-1]
    assert (fixed.source, fixed.corrects) == ("new", "demo.slip")
    assert eq1().__next__().text == "differentiate along the flow"


def test_a_claim_with_its_derivation_is_sent_to_a_worker():
    again = pickle.loads(pickle.dumps(chapter.claims[0]))
    assert again.sentence == RATE and check(again).verdict == "holds"
    assert Paper("demo", "T", "c", chapter.claims).claims == chapter.claims


def test_bad_claims_are_named():
    with pytest.raises(InputError, match="two claims with the id 'demo.eq1'"):
        chapter.claim("eq1", "equation", RATE)
    with pytest.raises(InputError, match=r"demo\.two: sentence"):
        chapter.claim("two", "equation", RATE.claim)
    with pytest.raises(InputError, match="kind"):
        chapter.claim("two", "guess", RATE)
    with pytest.raises(InputError, match="witness"):
        chapter.claim("three", "equation", RATE, witness=3)
