"""A derivation line by line: how each line was obtained, and what was done to check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from ..errors import Refusal
from ..exact.statements import as_statement
from ..matrix.difference_quotients import recheck_gradient
from ..statements.entailment import Entailment
from ..statements.facts import Fact
from ..statements.matching import pairs, same
from .claim import Claim, Step
from .evidence import Counterexample, Enclosure, NumericalExperiment, ProvedIdentity, SignCondition, Stipulation

if TYPE_CHECKING:
    from .checking import Verdict

__all__ = ["CheckedLine", "assumptions", "comparison", "derived_steps", "explained"]

BY = {"field": "algebra over a field", "words": "words, for all sizes", "entries": "entries, at the stated sizes"}


@dataclass(frozen=True)
class CheckedLine:
    """A step and what is known about it.

    `mark` is "derived" (a fact), "proved", "rechecked", "computed", "assumed", "approximated", "cited" or "words";
    `how` says it in a sentence.
    """

    step: Step
    mark: str
    how: str


def explained(claim: Claim, steps: Sequence[Step]) -> tuple[CheckedLine, ...]:
    """The lines of a derivation, each with its check.

    >>> from symssl.claims import Claim
    >>> from symssl.claims.deciders import identity
    >>> x = sp.Symbol("x")
    >>> steps = (Step("start", (x + 1)**2), Step("expand", x**2 + 2*x + 1, same=True))
    >>> for line in explained(Claim("a", "equation", x**2 + 2*x + 1, lambda m: steps, identity()), steps):
    ...     print(line.mark, "-", line.how)
    computed - computed by the engine
    proved - equals line 1: proved by algebra over a field
    """
    lines = []
    for number, step in enumerate(steps, 1):
        lines.append(CheckedLine(step, *_checked(claim, step, steps[number - 2] if number > 1 else None, number)))
    return tuple(lines)


def derived_steps(verdict: "Verdict") -> tuple[Step, ...]:
    """What the engine derived by itself to settle a sentence, as steps: one for each term, and what it rests on."""
    if not isinstance(verdict.proof, Entailment):
        return ()
    facts = dict.fromkeys(fact for used in verdict.proof.facts for fact in used.history)
    return tuple(Step(f"{fact.rule}", fact) for fact in facts)


def _checked(claim, step, before, number):
    if step.kind != "exact":
        return {
            "assumption": ("assumed", "taken for granted; the conclusion rests on it"),
            "approximation": (
                "approximated",
                f"replaced, the error is of order {step.order}; the conclusion rests on it",
            ),
            "cited": ("cited", f"taken from {step.cite}; the conclusion rests on it"),
        }[step.kind]
    if step.result is None:
        return "words", "said in words; nothing is computed"
    if isinstance(step.result, Fact):
        return _of_fact(step.result)
    if step.same:
        return _repeated(claim, step, before, number)
    if isinstance(getattr(step.result, "certificate", None), str):
        return _certified(step.result)
    return _gradient(claim, step) or ("computed", "computed by the engine")


def _of_fact(fact):
    """What kind of fact a line is, and what it rests on."""
    strength = {
        "symbolic": "for all sizes and parameters",
        "certified": "by rigorous bounds",
        "instance": f"at {', '.join(fact.sizes) or 'stated sizes'}",
        "numerical": "numerically, which is no proof",
    }[fact.level]
    rests = f"; rests on: {'; '.join(fact.provisos)}" if fact.provisos else ""
    return ("assumed" if fact.provisos else "derived"), f"by {fact.rule}, {strength}{rests}"


def _repeated(claim, step, before, number):
    try:
        matched = pairs(as_statement(before.result), as_statement(step.result))
        compared = None if matched is None else [same(a, b, claim.given) for a, b in matched if a != b]
    except Refusal as refusal:
        return "words", f"should equal line {number - 1}, and that was not decided: {refusal}"
    if compared is None or not all(comparison.equal for comparison in compared):
        return "words", f"should equal line {number - 1}, and does NOT"
    by = ", ".join(sorted({BY[comparison.method] for comparison in compared}))
    return "proved", f"equals line {number - 1}: " + (f"proved by {by}" if by else "the same expression")


def _certified(proof):
    by = BY.get(getattr(proof, "method", ""), "the engine")
    where = "; ".join(getattr(proof, "rechecked", ()))
    what = "proved" if getattr(proof, "holds", True) else "proved to differ"
    return "proved", f"{what} by {by}" + (f"; rechecked at exact matrices ({where})" if where else "")


def _gradient(claim, step):
    """The line is the gradient flow of the model: the loss itself is asked along random directions."""
    model, velocity = claim.model, getattr(step.result, "rhs", step.result)
    if model is None or set(model.options) - {"rates"} or not hasattr(velocity, "keys"):
        return None
    if set(velocity.keys()) != set(model.weights):
        return None
    try:
        exact = model.flow().rhs
        if any(exact[W] != velocity[W] for W in model.weights):
            return None
        shapes = recheck_gradient(
            model.loss,
            dict(exact),
            weight_decay=model.weight_decay,
            rates=model.options.get("rates"),
            where=model.where,
        )
    except (Refusal, TypeError):
        return None
    if not shapes:
        return None
    return "rechecked", (
        "the gradient flow of the loss; along a random direction of each weight the loss changes at "
        f"this rate, by difference quotients to 25 digits at exact matrices ({'; '.join(shapes)})"
    )


def assumptions(claim: Claim) -> dict[sp.Symbol, str]:
    """What is assumed about each symbol, in words.

    >>> from symssl.claims import Claim
    >>> from symssl.claims.deciders import valid
    >>> x, n = sp.Symbol("x", positive=True), sp.Symbol("n", integer=True, positive=True)
    >>> assumptions(Claim("a", "lemma", sp.Gt(x**n, 0, evaluate=False), lambda m: (), valid()))
    {n: 'positive integer', x: 'positive'}
    """
    parts = [claim.printed, *claim.given] + ([claim.model.loss] if claim.model else [])
    symbols = {s for part in parts for s in getattr(part, "free_symbols", ()) if isinstance(s, sp.Symbol)}
    return {s: words for s in sorted(symbols, key=str) if (words := _assumed(s))}


def _assumed(symbol):
    sign = next(
        (
            name
            for name in ("positive", "negative", "nonnegative", "nonpositive", "nonzero")
            if getattr(symbol, f"is_{name}")
        ),
        "",
    )
    kind = "integer" if symbol.is_integer else "" if sign else "real" if symbol.is_real else ""
    return " ".join(filter(None, (sign, kind)))


def comparison(claim: Claim, verdict: "Verdict") -> str:
    """How the statement was compared with what was derived, in words; empty where nothing was."""
    proof = verdict.proof
    if isinstance(proof, Entailment):
        return _entailed_in_words(verdict, proof)
    if isinstance(proof, ProvedIdentity):
        return _identity_in_words(claim, proof)
    if isinstance(proof, SignCondition):
        listed = "; ".join(
            f"{margin} is {' or '.join(_SIGN[s] for s in sorted(allowed, reverse=True))}"
            for margin, allowed in proof.obligations
        )
        return f"follows from signs, each proved from the assumptions and looked at again at exact points: {listed}"
    if isinstance(proof, Counterexample):
        return (
            "fails at the witness, which keeps every hypothesis; both were evaluated again "
            "without the code that found it"
        )
    if isinstance(proof, Enclosure):
        return "decided by rigorous bounds"
    if isinstance(proof, NumericalExperiment):
        return "compared with a seeded experiment"
    if isinstance(proof, Stipulation):
        return "stipulated, and satisfied by the instance below, so it contradicts nothing"
    return ""


def _entailed_in_words(verdict, found):
    held, failed, untold = verdict.meaning
    tried = held + failed + untold
    asked = f"; its meaning was asked at {tried} instances: true at {held}, false at {failed}, not told at {untold}"
    said = {
        True: "the facts entail the sentence",
        False: f"the facts contradict the sentence ({found.reason})",
        None: f"the facts do not settle the sentence ({found.reason})",
    }[found.held]
    return said + (asked if tried else "")


_SIGN = {1: "positive", 0: "zero", -1: "negative"}


def _identity_in_words(claim: Claim, proof: ProvedIdentity) -> str:
    what = "the two sides of the statement" if proof.derived is None else "statement and derived result"
    parts = proof.parts or []
    by = ", ".join(sorted({BY[same(a, b, claim.given).method] for a, b in parts if a != b}))
    count = f", in {len(parts)} parts" if len(parts) > 1 else ""
    if not by:
        return f"{what} are the same expression{count}"
    reduction = f"; these sizes suffice: {proof.reduction}" if proof.reduction else ""
    return f"{what} are equal{count}: proved by {by}, looked at again at exact points{reduction}"
