"""The sentences of the papers: what a claim states, and what is stated and not yet settled.

Every name is declared (or there would be no sentence), LaTeX is legal, nothing depends on the process.
"""

import importlib
import pickle
import pkgutil

import pytest
from latex_rules import closes, doubled

import symssl.derivations
from symssl.claims import Claim, discover
from symssl.claims.ledger.fingerprint import Fingerprint
from symssl.typeset.formulas import latex

CLAIMED = {
    c.id: (c.sentence, discover().papers[p].notation)
    for p in discover().papers
    for c in discover().papers[p].claims
    if c.sentence
}


def waiting():
    """Sentences that are not yet claims: id -> sentence."""
    for module in pkgutil.walk_packages(symssl.derivations.__path__, "symssl.derivations."):
        if ".sentences." in module.name:
            yield from importlib.import_module(module.name).SENTENCES.items()


WAITING = dict(waiting())


def stated(sentence):
    """What is said, whatever order the parts of a conjunction have."""
    return Fingerprint(Claim("a.b", "equation", sentence)).stated


def test_no_sentence_waits_that_is_claimed():
    assert not set(CLAIMED) & set(WAITING)


@pytest.mark.parametrize("name", [*CLAIMED, *WAITING])
def test_it_reads_as_a_formula_with_every_name_defined(name):
    sentence, notation = CLAIMED.get(name) or (WAITING[name], {})
    text = latex(sentence, names=notation)
    assert closes(text) and not doubled(text)
    rows = sentence.definitions(notation)
    assert {entry.name for entry in (*sentence.objects, *sentence.lets)} <= {row.name for row in rows}
    assert all(closes(row.line) and not doubled(row.line) for row in rows)
    again = pickle.loads(pickle.dumps(sentence))  # products that nobody evaluated may be evaluated now, and only once
    assert (again.objects, again.lets, again.given) == (sentence.objects, sentence.lets, sentence.given)
    assert stated(pickle.loads(pickle.dumps(again))) == stated(again)
