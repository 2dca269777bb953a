"""Wrong versions of sentences: every kind of node is changed, in words, and what comes out is a sentence again."""

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from audited import EXAMPLES, WORDS, k, x
from hypothesis import given, settings, strategies as st
from sympy import Gt, Integer, Matrix, MatrixSymbol, Rational

from symssl import sq
from symssl.claims.auditing.mutants import kind_of
from symssl.claims.auditing.sentence_mutants import denied, sentence_mutants, witness_mutants
from symssl.language import Exists, External, ForAll, Object, Sentence, Vocabulary

KINDS = {
    "rate": {"sign", "factor", "added transpose", "integer", "equation denied", "rate"},
    "relation": {"dropped hypothesis"},
    "product": {"factors exchanged", "lost transpose", "added transpose", "dropped hypothesis"},
    "frozen": {"stop-gradient removed", "dropped term", "dropped assumption"},
    "descent": {"exponent", "added decay"},
    "at": {"sign", "integer"},
    "trajectory": {"sign", "factor", "swapped symbols"},
    "limit": {"end", "dropped assumption", "dropped hypothesis"},
    "side": {"side -", "side both", "end"},
    "time": {"direction", "strictness", "equation denied"},
    "zeros": {"dropped hypothesis", "dropped element", "strictness"},
    "count": {"dropped element", "integer"},
    "stability": {"stability unstable", "dropped negation", "And into Or"},
    "eigenvalue": {"entry", "eigenvalue kind", "integer"},
    "optimum": {"optimum kind", "dropped hypothesis", "entry"},
    "moment": {"factor", "integer"},
    "probability": {"direction"},
    "order": {"end"},
    "case": {"implication reversed", "dropped premise", "direction"},
    "alternative": {"dropped alternative", "Or into And"},
    "equivalence": {"equivalence denied"},
    "quantifiers": {"quantifier", "uniqueness", "dropped assumption"},
    "hypothesis": {"dropped hypothesis", "strictness", "direction"},
    "almost": {"dropped almost", "inequation denied"},
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_of_node_is_changed(name):
    sentence = EXAMPLES[name]
    mutants = mutants_of(name)
    labels = [label for label, _ in mutants]
    assert len(set(labels)) == len(labels) >= 8
    assert all(isinstance(m, Sentence) and m != sentence for _, m in mutants)
    assert [int(label.partition(":")[0]) for label in labels] == list(range(1, len(labels) + 1))
    kinds = {kind_of(label) for label in labels}
    assert kinds >= KINDS.get(name, set()) and kinds & {"negation", "equation denied", "inequation denied"}


def test_the_order_of_quantifiers_is_exchanged_where_no_witness_is_given():
    sentence = WORDS.sentence(ForAll(k, Exists(x, x > k)))
    assert any(kind_of(label) == "quantifiers exchanged" for label, _ in sentence_mutants(sentence))


def test_a_place_is_said_in_words():
    labels = [label for label, _ in sentence_mutants(EXAMPLES["limit"])]
    for words in ("(the dynamics, the right-hand side)", "(the limit, the start)", "(the left side)"):
        assert any(label.endswith(words) for label in labels)
    assert any(label.endswith("(the declaration of x_0)") for label in labels)
    assert any(label.endswith("the term of C)") for label, _ in sentence_mutants(EXAMPLES["rate"]))


def test_the_order_does_not_depend_on_the_process():
    here = Path(__file__).parents[2]
    program = (
        "from audited import EXAMPLES; from symssl.claims.auditing.sentence_mutants import sentence_mutants\n"
        "print([[label, str(m.claim)] for s in list(EXAMPLES.values())[::5] for label, m in sentence_mutants(s)])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1 and len(runs.pop()) > 5000


@lru_cache
def mutants_of(name):
    return sentence_mutants(EXAMPLES[name])


@settings(max_examples=12)
@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_mutants_can_be_changed_again(name, data):
    """What comes out is a sentence like any other."""
    _, mutant = data.draw(st.sampled_from(mutants_of(name)))
    assert any(again != mutant for _, again in sentence_mutants(mutant))


def test_hypotheses_and_assumptions_are_dropped_throughout():
    mutants = dict(sentence_mutants(EXAMPLES["limit"]))
    label = next(one for one in mutants if "dropped assumption of k" in one)
    (found,) = [o.symbol for o in mutants[label].objects if o.name == "k"]
    assert found.is_positive is None and found.is_real
    assert k not in mutants[label].claim.free_symbols
    label = next(one for one in mutants if "dropped hypothesis of x_0 < 1" in one)
    assert mutants[label].hypotheses == () and EXAMPLES["limit"].hypotheses != ()


def test_what_is_external_is_not_changed():
    assert sentence_mutants(WORDS.sentence(External("Sec. 6", "Deep networks behave alike."))) == []


def test_other_witnesses():
    sentence = WORDS.sentence(Gt(x, k, evaluate=False))
    found = dict(witness_mutants(sentence, {x: Integer(-1), k: Rational(1, 2)}))
    assert found["4: sign of x"] == {x: 1, k: Rational(1, 2)}
    assert len(found) == 6
    assert denied(sentence).claim == (x <= k)


def test_witnesses_may_be_lists_of_rows():
    A = MatrixSymbol("A", 1, 2)
    sentence = Vocabulary(Object(A, "a matrix")).sentence(Gt(sq(A), 0, evaluate=False))
    for witness in ({A: [[0, 1]]}, {A: Matrix([[0, 1]])}):
        found = {str(changed[A].tolist()) for _, changed in witness_mutants(sentence, witness)}
        assert found == {"[[0, -1]]", "[[1, 2]]", "[[-1, 0]]"}
