"""Attack the checker from both ends and see what it lets through.

A claim that stands must stop standing when its statement is made wrong, and
when the model it is derived from is changed, unless the change is proved to
make no difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, zip_longest
from typing import Any, Literal

import sympy as sp

from ...errors import Refusal, SymsslError
from ...exact.statements import as_statement
from ...matrix.equality import Disagreement
from ...statements.matching import is_matrix_statement, pairs, same
from ...support.arguments import instance_of, number, sequence_of, whole
from ...support.display import html_table, summary
from ...support.workers import Outcome, Task, run_tasks
from ..batch import origin
from ..checking import attempt, derive, judge
from ..claim import Claim
from ..discovery import Library, home
from ..evidence import ProvedIdentity
from ..lines import BY
from .mutants import kind_of, model_mutants, statement_mutants

__all__ = ["OUTCOMES", "Finding", "audit", "audit_all", "insensitive", "sampled", "tally"]

OutcomeName = Literal["rejected", "equivalent", "true", "survived", "timeout"]
OUTCOMES = ("rejected", "equivalent", "true", "survived", "timeout")
_INSENSITIVE = "model: no mutant is rejected"


@dataclass(frozen=True, repr=False)
class Finding:
    """What the checker made of one mutant of one claim; `how` says why.

    The outcome is "rejected", "equivalent" (proved to say the same), "true" (accepted, and proved in its own right: a
    hypothesis that is not needed, a weaker statement), "survived" (a defect), or "timeout".
    """

    claim: str
    mutation: str
    outcome: OutcomeName
    how: str = ""

    def __repr__(self) -> str:
        return summary(f"Finding on {self.claim}: {self.mutation}: {self.outcome}", [self.how] if self.how else [])

    def _repr_html_(self) -> str:
        rows = [(name, getattr(self, name)) for name in ("mutation", "outcome", "how")]
        return html_table(self.claim, (), rows)

    @property
    def kind(self) -> str:
        """What was changed: "printed: sign", "sentence: quantifier", "model: covariance", ..."""
        end, _, change = self.mutation.partition(" ")
        return f"{end.rstrip(':')}: {kind_of(change)}"


class Target:
    """A claim under attack: its derivation taken once, and the statement it affirms.

    For a claim that holds this is the printed statement, for a corrected one
    the correction.  A refuted claim, or a gap, denies its statement: it is
    attacked with the negation.  Open and stipulated claims affirm nothing.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.steps, refusal = attempt(claim)
        self.verdict = judge(claim, self.steps, refusal)
        if self.verdict.verdict == "corrected":
            self.claim = claim.with_printed(self.verdict.correction)
            self.verdict = judge(self.claim, self.steps)

    @cached_property
    def mutants(self) -> dict[str, tuple[str, Any]]:
        """Label -> ("printed", statement) or ("model", model)."""
        mutants: dict[str, tuple[str, Any]] = {}
        if self.verdict.verdict == "holds":
            mutants |= {f"printed {label}": ("printed", m) for label, m in statement_mutants(self.claim.printed)}
        elif self.verdict.verdict in ("refuted", "gap"):
            if isinstance(self.claim.printed, sp.logic.boolalg.Boolean):
                mutants["printed 1: negation"] = ("printed", sp.Not(self.claim.printed))
        else:
            return {}
        if self.claim.model is not None:
            mutants |= {f"model {label}": ("model", m) for label, m in model_mutants(self.claim.model)}
        return mutants

    def attack(self, label: str) -> Finding:
        """The finding for one mutant."""
        end, mutant = self.mutants[label]
        try:
            outcome, how = (self._printed if end == "printed" else self._model)(mutant)
        except Disagreement:
            raise
        except SymsslError as refusal:
            outcome, how = "rejected", f"refused: {refusal}"
        except Exception as failure:
            if end == "printed":
                raise
            outcome, how = "rejected", f"the derivation breaks down: {type(failure).__name__}: {failure}"
        return Finding(self.claim.id, label, outcome, how)

    def _printed(self, mutant):
        verdict = judge(self.claim.with_printed(mutant), self.steps)
        if verdict.verdict != self.verdict.verdict:
            return "rejected", f"the verdict becomes {verdict.verdict}"
        if isinstance(verdict.proof, ProvedIdentity) and isinstance(self.verdict.proof, ProvedIdentity):
            return "equivalent", "statement and mutant both proved equal to the derived result"
        return self._equality(self.claim.printed, mutant)

    def _model(self, mutant):
        steps = derive(self.claim, mutant)
        verdict = judge(self.claim, steps)
        if (verdict.verdict, verdict.witness) != (self.verdict.verdict, self.verdict.witness):
            return "rejected", f"the verdict becomes {verdict.verdict}"
        return self._equality(self.steps[-1].result, steps[-1].result)

    def _equality(self, a, b):
        """Equivalent where the engine proves that `a` and `b` say the same, survived otherwise."""
        if a is None or b is None:
            return "survived", "nothing is derived"
        a, b, given = as_statement(a), as_statement(b), self.claim.given
        try:
            matched = pairs(a, b)
            compared = None if matched is None else [same(x, y, given) for x, y in matched]
            if compared is not None and all(comparison.equal for comparison in compared):
                by = ", ".join(sorted({BY[comparison.method] for comparison in compared}))
                return "equivalent", f"proved equal by {by}" if by else "the same result comes out"
        except Refusal as refusal:
            return "survived", f"not proved equal: {refusal}"
        if _one_condition(a, b):
            return "equivalent", "the same condition, times a number"
        return "survived", "the checker accepts it"


def target_of(claim):
    """The claim under attack, as a sentence or as transcribed."""
    if claim.sentence is None:
        return Target(claim)
    from .sentence_attack import SentenceTarget

    return SentenceTarget(claim)


def _one_condition(a, b):
    """Whether two comparisons of scalars differ by a constant factor of the sign that their directions ask for."""
    if not (isinstance(a, sp.Rel) and isinstance(b, sp.Rel)) or is_matrix_statement(a) or is_matrix_statement(b):
        return False
    ratio = sp.cancel((a.lhs - a.rhs) / (b.lhs - b.rhs)) if b.lhs != b.rhs else sp.nan
    if not ratio.is_Rational or not ratio:
        return False
    return a.func is (b.func if ratio > 0 else b.reversed.func)


def audit(claims: Iterable[Claim]) -> list[Finding]:
    """Attack claims in this process; `audit_all` does the same in worker processes.

    Returns a list of `Finding`; a claim with a model none of whose mutants is
    rejected is reported as survived.

    >>> from symssl.claims import Claim, Step
    >>> from symssl.claims.deciders import same_value
    >>> claim = Claim("demo.two", "result", 2, lambda model: [Step("count", 1 + 1)], same_value())
    >>> [(f.mutation, f.outcome) for f in audit([claim])]
    [('printed 1: integer of 2', 'rejected'), ('printed 2: integer of 2', 'rejected')]
    """
    findings: list[Finding] = []
    for claim in sequence_of("claims", claims, "claims"):
        instance_of("each of the claims", claim, Claim)
        target = target_of(claim)
        findings += [target.attack(label) for label in target.mutants]
    return findings + insensitive(findings)


def insensitive(findings: Iterable[Finding]) -> list[Finding]:
    """A survivor for each claim that no change of its model moves."""
    attacked: dict[str, set[str]] = {}
    for finding in findings:
        if finding.mutation.startswith("model "):
            attacked.setdefault(finding.claim, set()).add(finding.outcome)
    return [
        Finding(claim, _INSENSITIVE, "survived", "the claim does not depend on the model it is derived from")
        for claim, outcomes in attacked.items()
        if not outcomes & {"rejected", "timeout"}
    ]


def sampled(labels: Iterable[str], most: int | None) -> list[str]:
    """At most so many labels, kind after kind, in an order that is the same in every process.

    Mutants of a model are taken in the order in which they are made, so that claims
    from one model are attacked with the same mutants and share what is derived.

    >>> sampled(["printed 1: sign of x", "printed 2: sign of y", "printed 3: factor of x"], 2)
    ['printed 1: sign of x', 'printed 3: factor of x']
    """
    if most is None:
        return list(labels)
    kinds: dict[str, list[str]] = {}
    for label in labels:
        kinds.setdefault(Finding("", label, "survived").kind, []).append(label)
    rounds = chain.from_iterable(zip_longest(*kinds.values()))
    return [label for label in rounds if label is not None][:most]


@dataclass
class _Attack:
    """What is known, and still to be found out, about one claim."""

    claim: str
    args: tuple[Any, ...]
    group: tuple[Any, ...]
    most: int | None
    findings: list[Finding] = field(default_factory=list)
    waiting: int = 1
    kept_back: list[str] = field(default_factory=list)  # mutants of the model outside the sample

    def first(self) -> Task:
        return Task((self.claim, None), _labels, self.args, group=self.group)

    def after(self, outcome: Outcome, time_limit: float) -> list[Task]:
        """Take in an outcome; returns the tasks that follow from it."""
        self.waiting -= 1
        if outcome.key[1] is None and outcome.value is not None:
            return self._mutants(outcome.value)
        self.findings.append(_finding(outcome, time_limit))
        if not self.waiting and self.kept_back and insensitive(self.findings):
            labels, self.kept_back = self.kept_back, []
            return self._tasks(labels)  # before a claim is called insensitive, all are tried
        return []

    def _mutants(self, labels: list[str]) -> list[Task]:
        model = [label for label in labels if label.startswith("model ")]
        printed = [label for label in labels if not label.startswith("model ")]
        chosen = sampled(model, self.most)
        self.kept_back = [label for label in model if label not in set(chosen)]
        return self._tasks(sampled(printed, self.most) + chosen)

    def _tasks(self, labels: list[str]) -> list[Task]:
        self.waiting += len(labels)
        return [Task((self.claim, label), _attack, (*self.args, label), group=self.group) for label in labels]


@lru_cache(maxsize=8)
def _target(package, paper, claim_id):
    return target_of(home(package, paper)[claim_id])


def _labels(package, paper, claim_id):
    return list(_target(package, paper, claim_id).mutants)


def _attack(package, paper, claim_id, label):
    return _target(package, paper, claim_id).attack(label)


def audit_all(
    library: Library,
    claims: Iterable[Claim],
    *,
    jobs: int | None = None,
    time_limit: float = 60.0,
    most: int | None = None,
) -> Iterator[tuple[str, list[Finding]]]:
    """Attack claims in worker processes: ``claim id, findings`` for each of them, as they are done.

    Parameters
    ----------
    library, claims : a library and some claims of it.
    time_limit : seconds; a mutant that overruns is reported as "timeout".
    most : attack each claim with this many wrong statements and changed models at most,
        taken evenly from the kinds; with all of them if not given.
    """
    instance_of("library", library, Library)
    limit, most = number("time_limit", time_limit, 0), None if most is None else whole("most", most, 1)
    attacks: dict[str, _Attack] = {}
    for claim in sequence_of("claims", claims, "claims of the library"):
        instance_of("each of the claims", claim, Claim)
        paper = library.paper_of(claim.id)
        attacks[claim.id] = _Attack(
            claim.id, (library.package, paper, claim.id), (paper, origin(claim), claim.id), most
        )
    outcomes = run_tasks(
        [attack.first() for attack in attacks.values()],
        jobs=jobs,
        time_limit=limit,
        then=lambda outcome: attacks[outcome.key[0]].after(outcome, limit),
    )
    return _finished(attacks, outcomes)


def _finished(attacks: dict[str, _Attack], outcomes: Iterator[Outcome]) -> Iterator[tuple[str, list[Finding]]]:
    for outcome in outcomes:
        attack = attacks[outcome.key[0]]
        if not attack.waiting:
            yield attack.claim, attack.findings + insensitive(attack.findings)


def tally(findings: Iterable[Finding]) -> dict[str, Counter[str]]:
    """Kind of change -> how often each outcome."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding.kind, Counter())[finding.outcome] += 1
    return dict(sorted(counts.items()))


def _finding(outcome: Outcome, time_limit: float) -> Finding:
    """A mutant on which the checker crashes has not been rejected: it survives, and the rest goes on."""
    claim, mutation = outcome.key[0], outcome.key[1] or "derivation"
    if outcome.late:
        return Finding(claim, mutation, "timeout", f"stopped after {time_limit:g} s")
    if outcome.error is not None:
        return Finding(
            claim, mutation, "survived", f"the checker crashed: {str(outcome.error).strip().splitlines()[-1]}"
        )
    return outcome.value
