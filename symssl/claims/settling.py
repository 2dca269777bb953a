"""The verdict on a claim that states a sentence: facts entail it or not, and its meaning is asked besides.

A sentence holds where facts entail it and its meaning fails at no instance that was tried.  It is refuted by an
instance at which its meaning is certainly false, or at which facts entail that it fails and the meaning does not say
otherwise.  Where the two contradict each other something is wrong with the engine or with the meaning: that is told
with both, and nobody gets a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from sympy import Basic, Eq, Gt, Symbol

from ..errors import InputError, SymsslError, Undecided
from ..language.functions import FunctionSymbol
from ..language.names import names_in
from ..language.operators import Expectation
from ..language.quantifiers import External
from ..language.random_matrices import RandomMatrix
from ..language.random_vectors import GaussianVector
from ..language.scalars import Potential
from ..language.sentences import Sentence
from ..statements.entailment import Entailment, entails
from ..statements.facts import Fact, is_citation
from ..statements.instance import Instance, instances
from ..statements.truths import Survey, survey, truth_within
from ..support.arguments import described

if TYPE_CHECKING:
    from .checking import Verdict
    from .claim import Claim, Step

__all__ = ["DEFINING_KINDS", "INSTANCES", "SECONDS", "Contradiction", "facts_of", "settle"]

DEFINING_KINDS = ("definition", "assumption", "hypothesis")
INSTANCES = 24  # at which the meaning of a sentence is asked
SECONDS = 12.0  # and no longer than that
STIPULATED = 3.0  # the same for what is stipulated


class Contradiction(SymsslError):
    """Facts and meaning of a sentence say the opposite of each other."""


def facts_of(claim: Claim, steps: Sequence[Step]) -> tuple[Fact, ...]:
    """The facts that the steps of a derivation come to.

    Raises
    ------
    InputError
        for a step whose result is no fact: a value, an expression put together by hand.
    """
    facts = []
    for number, step in enumerate(steps, 1):
        if step.result is None:
            continue
        if not isinstance(step.result, Fact):
            raise InputError(
                f"claim {claim.id}: step {number} ({step.text}) comes to {described(step.result)}, which is no fact: "
                "let the engine find it, with derive(...) for a term and proved(...) for a comparison"
            )
        facts.append(step.result)
    return tuple(facts)


def settle(claim: Claim, steps: Sequence[Step], count: int = INSTANCES, seconds: float = SECONDS) -> Verdict:
    """The verdict on a claim that states a sentence, its steps taken.

    Its meaning is asked at `count` instances, and for so many seconds.
    """
    from .checking import Verdict

    sentence = claim.sentence
    if sentence is None:
        raise InputError(f"claim {claim.id} states no sentence: its decider judges it")
    if isinstance(sentence.claim, External):
        return Verdict(claim.id, "open", reason=f"not decided here: {sentence.claim.text} ({sentence.claim.source})")
    named = _name_of(sentence) if claim.kind in DEFINING_KINDS and sentence.expanded.has(Expectation) else None
    if named is not None:  # a mean that is estimated at an instance shows nothing, and takes long
        return Verdict(claim.id, "stipulated", "symbolic", witness=f"{named} may be chosen so")
    found = entails(sentence, facts_of(claim, steps))
    seconds = min(seconds, STIPULATED) if claim.kind in DEFINING_KINDS else seconds
    try:
        asked = survey(sentence, count, budget=seconds)
    except Undecided as refusal:
        return Verdict(claim.id, "open", reason=f"its meaning was asked nowhere: {refusal}", proof=found)
    told = partial(Verdict, claim.id, proof=found, meaning=(asked.held, asked.failed, asked.unknown))
    if claim.kind in DEFINING_KINDS:
        return _stipulated(sentence, told)
    if asked.empty:
        return told("open", reason=f"the sentence is empty: {asked.empty}")
    if found.held:
        return _held(claim, sentence, found, asked, told)
    return _failed(claim, sentence, found, asked, told)


def _held(claim: Claim, sentence: Sentence, found: Entailment, asked: Survey, told: Any) -> Verdict:
    if quoted := [f for f in found.facts if is_citation(f) and sentence.expanded.has(f.proposition)]:
        return told("open", reason=f"nothing is derived: it is cited as it stands, {'; '.join(quoted[0].provisos)}")
    if claim.witness:
        raise InputError(f"claim {claim.id}: a witness is given against a sentence that facts entail: leave it out")
    if asked.failing is not None:
        instance, here = asked.failing
        if here.certain:
            raise Contradiction(
                f"claim {claim.id}: facts entail the sentence ({'; '.join(str(f.proposition) for f in found.facts)}), "
                f"and its meaning is false at {shown(instance, sentence)}"
            )
        doubt = f"an estimate of its meaning ({here.reason}) fails at {shown(instance, sentence)}"
        return told("open", reason=_joined(doubt, *found.provisos))
    at = f"found at {', '.join(found.sizes)}" if found.sizes else ""
    return told("holds", found.level, _joined(at, *(f"given {proviso}" for proviso in found.provisos)))


def _stipulated(sentence: Sentence, told: Any) -> Verdict:
    """A definition or assumption contradicts nothing where some instance satisfies it."""
    satisfied, start = [], monotonic()
    for at in instances(sentence, INSTANCES):
        left = STIPULATED - (monotonic() - start)
        if left < 0:
            break
        if truth_within(sentence, at, left / 4).value:
            satisfied.append(shown(at, sentence))
    if satisfied:
        return told("stipulated", "symbolic", witness=min(satisfied, key=len))
    if (name := _name_of(sentence)) is not None:
        return told("stipulated", "symbolic", witness=f"{name} may be chosen so")
    if (signed := _signed_term(sentence)) is not None and survey(signed, INSTANCES, budget=STIPULATED).held:
        return told("stipulated", "symbolic", witness=f"{sentence.claim.lhs} may be chosen so")
    return told("open", reason="no instance was found that satisfies it")


def _signed_term(sentence: Sentence) -> Sentence | None:
    """That the term has the sign of the number that is given to it; None where the sentence says something else."""
    if not isinstance(sentence.claim, Eq) or not isinstance(sentence.claim.lhs, Symbol):
        return None
    name, term = sentence.claim.args
    bound = any(name.name in names_in(h) for h in sentence.hypotheses) or name.name in names_in(term)
    if bound or name.assumptions0 != Symbol("x", positive=True).assumptions0:
        return None
    return replace(sentence, claim=Gt(term, 0, evaluate=False))


def _name_of(sentence: Sentence) -> Any:
    """The name of any number or matrix that a sentence gives to a term; None where it says something else."""
    if not isinstance(sentence.claim, Eq):
        return None
    name, term = sentence.claim.args
    if name not in [entry.symbol for entry in sentence.objects] or name.name in names_in(term):
        return None
    bounds = [h for h in sentence.hypotheses if name.name in names_in(h)]
    signed = isinstance(name, Symbol) and name.assumptions0 != Symbol("x", real=True).assumptions0
    return None if bounds or signed else name


def _failed(claim: Claim, sentence: Sentence, found: Entailment, asked: Survey, told: Any) -> Verdict:
    """Refuted where an instance shows it: certain by its meaning, or by facts that the meaning does not gainsay."""
    verdict = "gap" if claim.argument else "refuted" if found.correction is None else "corrected"
    failing = partial(
        told, verdict, correction=None if found.correction is None else sentence.with_claim(found.correction)
    )
    if claim.witness:
        here = truth_within(sentence, claim.witness, SECONDS / 2)
        if here.value is True and here.certain:
            raise InputError(f"claim {claim.id}: the sentence holds at the witness")
        if here.value is False and here.certain:
            return failing("symbolic", witness=_named(claim.witness))
        at = entails(sentence, at=claim.witness)
        if at.held is False and here.value is not True:
            return failing(at.level, witness=_named(claim.witness))
        support = f"its meaning is {here.value} at the witness ({here.reason}), where facts say: {at.reason or at.held}"
        return told("open", "numerical" if here.value is False else "none", _joined(found.reason, support))
    if asked.failing is None:
        return told("open", reason=found.reason)
    instance, here = asked.failing
    if here.certain:
        return failing("symbolic", witness=shown(instance, sentence))
    if found.held is False:
        return failing(found.level, witness=shown(instance, sentence))
    support = f"an estimate of its meaning ({here.reason}) fails at {shown(instance, sentence)}"
    return told("open", "numerical", _joined(found.reason, support))


def shown(instance: Instance, sentence: Sentence) -> str:
    """The values of the objects of a sentence at an instance, in one line.

    Left out is what has no value to read: functions that are not specified, and what is random and averaged over.
    """
    symbols = {entry.name: entry.symbol for entry in sentence.objects}
    values = {}
    for key, value in instance.values.items():
        symbol = symbols.get(getattr(key, "name", str(key)))
        unspecified = isinstance(symbol, (Potential, FunctionSymbol)) and not isinstance(value, Basic)
        if symbol is not None and not unspecified and not isinstance(symbol, (GaussianVector, RandomMatrix)):
            values[key] = value
    return ", ".join(line.strip() for line in repr(replace(instance, values=values)).splitlines()[1:])


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _named(values: Any) -> str:
    return ", ".join(
        f"{getattr(k, 'name', k)} = {v.tolist() if hasattr(v, 'tolist') else v}" for k, v in values.items()
    )
