"""`check`: the only place where a verdict is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter
from typing import Any, Literal

import sympy as sp

from ..errors import InputError, Refusal, Undecided
from ..exact.points import find_point, hypotheses
from ..exact.statements import as_statement
from ..statements.entailment import Entailment
from ..statements.matching import pairs, same
from ..support.arguments import described, instance_of, number
from ..support.display import html_table, summary
from .claim import Claim, Model, Step
from .evidence import Evidence, Stipulation

__all__ = ["LEVELS", "VERDICTS", "Verdict", "attempt", "check", "derive", "judge"]

VerdictName = Literal["holds", "corrected", "refuted", "gap", "open", "stipulated"]
Level = Literal["symbolic", "certified", "instance", "numerical", "none"]
VERDICTS = ("holds", "corrected", "refuted", "gap", "open", "stipulated")
LEVELS = ("symbolic", "certified", "instance", "numerical", "none")


@dataclass(frozen=True, repr=False)
class Verdict:
    """What the machine decided about a claim.

    Attributes
    ----------
    verdict : one of :data:`VERDICTS`; evidence : one of :data:`LEVELS`.
    reason : why it is open, what it rests on, what repairs it.
    witness : the point or instance that makes the case, as text.
    correction : the derived statement, where the printed one fails.
    steps : the steps taken, without their results.
    proof : the verified evidence; for a sentence, what facts say of it.
    meaning : at how many instances the meaning of a sentence was asked: held, failed, not told.
    error : text of a crash; empty in every proper verdict.
    """

    id: str
    verdict: VerdictName
    evidence: Level = "none"
    reason: str = ""
    seconds: float = 0.0
    witness: str = ""
    correction: Any = None
    steps: tuple[Step, ...] = ()
    proof: Evidence | Entailment | None = None
    error: str = ""
    meaning: tuple[int, int, int] = (0, 0, 0)

    def __repr__(self) -> str:
        return summary(f"Verdict on {self.id}: {self.verdict} ({self.evidence})", self._lines())

    def _lines(self) -> list[str]:
        shown = {"correction": self.correction, "witness": self.witness, "reason": self.reason}
        lines = [f"{name}: {value}" for name, value in shown.items() if value is not None and value != ""]
        return lines + ([f"crashed: {self.error.strip().splitlines()[-1]}"] if self.error else [])

    def _repr_html_(self) -> str:
        rows = [("verdict", self.verdict), ("evidence", self.evidence)]
        return html_table(self.id, (), [*rows, *(line.split(": ", 1) for line in self._lines())])


def derive(claim: Claim, model: Model | None = None) -> tuple[Step, ...]:
    """Run the steps of a claim; returns them as a tuple.  The last result is *derived*."""
    steps, refusal = attempt(claim, model)
    if refusal is not None:
        raise refusal
    return steps


def attempt(claim: Claim, model: Model | None = None) -> tuple[tuple[Step, ...], Refusal | None]:
    """Steps taken, and the refusal that ended the derivation early or None."""
    steps = []
    try:
        for step in claim.derivation(model):
            if not isinstance(step, Step):
                raise InputError(f"claim {claim.id}: its derivation must yield steps, not {described(step)}")
            steps.append(step)
    except Refusal as refusal:
        return tuple(steps), refusal
    if not steps and claim.sentence is None:
        raise InputError(f"claim {claim.id}: its derivation has no step")
    return tuple(steps), None


def check(claim: Claim, *, model: Model | None = None, printed: Any = None, time_limit: float | None = None) -> Verdict:
    """Derive, decide, verify: the verdict on one claim.

    Parameters
    ----------
    claim : Claim
    model, printed : put in place of the claim's own (this is how `audit` attacks).
    time_limit : seconds; the claim is then checked in a process that is killed
        when they are over, which needs `steps` to be importable functions.

    Raises
    ------
    InputError
        for a malformed claim or derivation.

    >>> from symssl.claims.deciders import identity
    >>> x = sp.Symbol('x')
    >>> def steps(model):
    ...     yield Step("expand", sp.expand((x + 1)**2))
    >>> check(Claim("demo.square", "equation", x**2 + 2*x + 1, steps, identity())).verdict
    'holds'
    """
    instance_of("claim", claim, Claim)
    if model is not None:
        instance_of("model", model, Model)
    if printed is not None:
        claim = claim.with_printed(printed)
    if time_limit is not None:
        from ..support.workers import run_one

        return run_one(
            check,
            (claim,),
            {"model": model},
            number("time_limit", time_limit, 0),
            late=lambda spent: Verdict(claim.id, "open", reason="time limit", seconds=spent),
        )
    started = perf_counter()
    verdict = judge(claim, *attempt(claim, model))
    return replace(verdict, seconds=perf_counter() - started)


def judge(claim: Claim, steps: Sequence[Step], refusal: Refusal | None = None) -> Verdict:
    """The verdict on a claim whose steps have been taken, as far as the engine went."""
    if refusal is not None:
        return Verdict(claim.id, "open", reason=f"the derivation was refused: {refusal}", steps=_stripped(steps))
    if claim.sentence is not None:
        from .settling import settle

        return replace(settle(claim, steps), steps=_stripped(steps))
    derived = steps[-1].result
    if derived is not None:
        derived = as_statement(derived, f"claim {claim.id}: the derived result")
    kept = _stripped(steps)
    provisions = "; ".join(filter(None, (step.provision for step in steps)))
    undecided = Verdict(claim.id, "open", reason=provisions, steps=kept)
    try:
        _refuse_namesakes(claim, derived)
        _satisfiable(claim)
        evidence = claim.decide(claim.printed, derived, claim.given)  # type: ignore[misc]  # a sentence was settled above
        objection = broken_line(claim, steps) or _objection(evidence, claim, derived, steps[-1].kind)
    except Refusal as refusal:
        return replace(undecided, reason=_join(str(refusal), provisions))
    if objection:
        return replace(undecided, evidence=evidence.level, reason=_join(objection, provisions))
    level: Any = "instance" if claim.sizes and evidence.level == "symbolic" else evidence.level
    return Verdict(
        claim.id,
        evidence.verdict_on(claim.kind),
        level,
        _join(getattr(evidence, "remark", ""), provisions),
        witness=evidence.witness,
        correction=getattr(evidence, "correction", None),
        steps=kept,
        proof=evidence,
    )


def broken_line(claim: Claim, steps: Sequence[Step]) -> str | None:
    """Which line that should repeat the line before does not, or None."""
    for position, (before, line) in enumerate(pairwise(steps), 2):
        if not line.same:
            continue
        matched = pairs(as_statement(before.result), as_statement(line.result))
        if matched is None or not all(same(a, b, claim.given).equal for a, b in matched):
            return f"line {position} of the derivation does not equal the line before"
    return None


def _stripped(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps without their results, which may be large."""
    return tuple(replace(step, result=None, same=False) for step in steps)


def _refuse_namesakes(claim: Claim, derived: Any) -> None:
    """Two symbols that print alike but differ in assumptions would differ for ever."""
    seen: dict[str, sp.Symbol] = {}
    for part in (claim.printed, derived, *hypotheses(claim.given)[0]):
        for symbol in getattr(part, "free_symbols", ()):
            if not isinstance(symbol, sp.Dummy) and seen.setdefault(str(symbol), symbol) != symbol:
                raise InputError(
                    f"claim {claim.id}: two different symbols are called {symbol}: "
                    "declare it once, with one set of assumptions"
                )


def _satisfiable(claim: Claim) -> None:
    """Exhibit a point, or exact matrices, that keep every hypothesis; `Undecided` otherwise."""
    comparisons, relations = hypotheses(claim.given)
    if comparisons:
        find_point([claim.printed], comparisons)
    if relations:
        from ..matrix.exact_instances import instances

        if next(instances((), relations), None) is None:
            raise Undecided(
                "no exact matrices were found that keep every hypothesis; they may contradict "
                "each other: " + ", ".join(map(str, relations))
            )


def _objection(evidence: Any, claim: Claim, derived: Any, last: str) -> str | None:
    """Why the evidence does not carry, or None."""
    if not isinstance(evidence, Evidence):
        raise InputError(f"claim {claim.id}: its decider must return evidence, not {described(evidence)}")
    if evidence.derived is not None:
        if evidence.derived != derived:
            return "the evidence is not about the derived result"
        if last in ("assumption", "cited") and not isinstance(evidence, Stipulation):
            return f"the last step is {last}, so nothing is derived"
    if getattr(evidence, "correction", None) not in (None, derived):
        return "the correction is not what was derived"
    return evidence.verify(claim.printed, claim.given)


def _join(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))
