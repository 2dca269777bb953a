"""The verdict on a claim that states a sentence: facts entail it or not, and its meaning is asked besides.

A sentence holds where facts entail it and its meaning fails at no instance that was tried.  It is refuted by an
instance at which its meaning is certainly false, or at which facts entail that it fails and the meaning does not say
otherwise.  Where the two contradict each other something is wrong with the engine or with the meaning: that is told
with both, and nobody gets a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError, SymsslError
from ..language.quantifiers import External
from ..statements.entailment import Entailment, entails
from ..statements.facts import Fact
from ..statements.truth import Survey, survey, truth
from ..support.arguments import described

if TYPE_CHECKING:
    from .checking import Verdict
    from .claim import Claim, Step

__all__ = ["DEFINING_KINDS", "INSTANCES", "Contradiction", "facts_of", "settle"]

DEFINING_KINDS = ("definition", "assumption", "hypothesis")
INSTANCES = 24  # at which the meaning of a sentence is asked


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


def settle(claim: Claim, steps: Sequence[Step]) -> Verdict:
    """The verdict on a claim that states a sentence, its steps taken."""
    from .checking import Verdict

    sentence = claim.sentence
    if isinstance(sentence.claim, External):
        return Verdict(claim.id, "open", reason=f"not decided here: {sentence.claim.text} ({sentence.claim.source})")
    found = entails(sentence, facts_of(claim, steps))
    asked = survey(sentence, INSTANCES)
    if asked.empty:
        return Verdict(claim.id, "open", reason=f"the sentence is empty: {asked.empty}", meaning=asked.counts)
    if claim.kind in DEFINING_KINDS:
        return _stipulated(claim, found, asked)
    if found.held and asked.counterexample is not None and asked.certain:
        raise Contradiction(
            f"claim {claim.id}: facts entail the sentence ({'; '.join(str(f.proposition) for f in found.facts)}), and "
            f"its meaning is false at {asked.counterexample}"
        )
    if found.held:
        return _held(claim, found, asked)
    return _failed(claim, found, asked)


def _held(claim: Claim, found: Entailment, asked: Survey) -> Verdict:
    from .checking import Verdict

    at = f"found at {', '.join(found.sizes)}" if found.sizes else ""
    doubt = "" if asked.counterexample is None else f"an estimate of its meaning fails at {asked.counterexample}"
    if doubt:
        return Verdict(
            claim.id, "open", found.level, _joined(doubt, *found.provisos), proof=found, meaning=asked.counts
        )
    return Verdict(claim.id, "holds", found.level, _joined(at, *found.provisos), proof=found, meaning=asked.counts)


def _stipulated(claim: Claim, found: Entailment, asked: Survey) -> Verdict:
    """A definition or assumption contradicts nothing where some instance satisfies it."""
    from .checking import Verdict

    if asked.example is None and not found.held:
        return Verdict(claim.id, "open", reason="no instance was found that satisfies it", meaning=asked.counts)
    witness = "" if asked.example is None else str(asked.example)
    return Verdict(claim.id, "stipulated", "symbolic", witness=witness, proof=found, meaning=asked.counts)


def _failed(claim: Claim, found: Entailment, asked: Survey) -> Verdict:
    from .checking import Verdict

    verdict = "gap" if claim.argument else "refuted" if found.correction is None else "corrected"
    given = dict(claim.witness)
    if given:
        here = truth(claim.sentence, given)
        if here.value is True and here.certain:
            raise InputError(f"claim {claim.id}: the sentence holds at the witness {given}")
        at = entails(claim.sentence, at=given)
        if (here.value is False and here.certain) or (at.held is False and here.value is not True):
            level: Any = "symbolic" if here.certain else at.level
            witness = ", ".join(f"{k} = {_short(v)}" for k, v in given.items())
            return Verdict(
                claim.id,
                verdict,
                level,
                witness=witness,
                correction=found.correction,
                proof=found,
                meaning=asked.counts,
            )
    elif asked.counterexample is not None and (asked.certain or found.held is False):
        return Verdict(
            claim.id,
            verdict,
            "symbolic" if asked.certain else found.level,
            witness=str(asked.counterexample),
            correction=found.correction,
            proof=found,
            meaning=asked.counts,
        )
    support = "" if asked.counterexample is None else f"an estimate of its meaning fails at {asked.counterexample}"
    return Verdict(
        claim.id,
        "open",
        "numerical" if support else "none",
        _joined(found.reason, support),
        proof=found,
        meaning=asked.counts,
    )


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _short(value: Any) -> str:
    return str(value.tolist()) if hasattr(value, "tolist") else str(value)
