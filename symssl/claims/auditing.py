"""Attack the checker from both ends and see what it lets through.

A claim that stands must stop standing when its statement is made wrong, and
when the model it is derived from is changed, unless the change is proved to
make no difference.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from ..equality import Disagreement
from ..errors import Refusal, SymsslError
from .checking import attempt, derive, judge
from .discovery import discover
from .evidence import Identity
from .matching import pairs, same
from .mutants import model_mutants, statement_mutants
from .pool import run_tasks
from .statement import as_statement

__all__ = ["OUTCOMES", "Finding", "audit", "audit_all", "insensitive", "plan"]

OUTCOMES = ("rejected", "equivalent", "survived", "timeout")
_INSENSITIVE = "model: no mutant is rejected"


@dataclass(frozen=True)
class Finding:
    """What the checker made of one mutant of one claim; `how` says why."""

    claim: str
    mutation: str
    outcome: str
    how: str = ""


class Target:
    """A claim under attack: its derivation taken once, and the statement it affirms.

    For a claim that holds this is the printed statement, for a corrected one
    the correction.  A refuted claim, or a gap, denies its statement: it is
    attacked with the negation.  Open and stipulated claims affirm nothing.
    """

    def __init__(self, claim):
        self.claim = claim
        self.steps, refusal = attempt(claim)
        self.verdict = judge(claim, self.steps, refusal)
        if self.verdict.verdict == "corrected":
            self.claim = claim.with_printed(self.verdict.correction)
            self.verdict = judge(self.claim, self.steps)

    @cached_property
    def mutants(self):
        """Label -> ("printed", statement) or ("model", model)."""
        found = {}
        if self.verdict.verdict == "holds":
            found |= {f"printed {label}": ("printed", m) for label, m in statement_mutants(self.claim.printed)}
        elif self.verdict.verdict in ("refuted", "gap"):
            if isinstance(self.claim.printed, sp.logic.boolalg.Boolean):
                found["printed 1: negation"] = ("printed", sp.Not(self.claim.printed))
        else:
            return {}
        if self.claim.model is not None:
            found |= {f"model {label}": ("model", m) for label, m in model_mutants(self.claim.model)}
        return found

    def attack(self, label):
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
        if isinstance(verdict.proof, Identity) and isinstance(self.verdict.proof, Identity):
            return "equivalent", "mutant and statement are both proved equal to the derived result"
        return self._equality(self.claim.printed, mutant)

    def _model(self, mutant):
        steps = derive(self.claim, mutant)
        verdict = judge(self.claim, steps)
        if (verdict.verdict, verdict.witness) != (self.verdict.verdict, self.verdict.witness):
            return "rejected", f"the verdict becomes {verdict.verdict}"
        return self._equality(self.steps[-1].result, steps[-1].result)

    def _equality(self, a, b):
        """Equivalent where the engine proves `a` and `b` equal, survived otherwise."""
        if a is None or b is None:
            return "survived", "nothing is derived"
        try:
            matched = pairs(as_statement(a), as_statement(b))
            if matched is not None and all(same(x, y, self.claim.given).equal for x, y in matched):
                return "equivalent", "proved equal"
        except Refusal as refusal:
            return "survived", f"not proved equal: {refusal}"
        return "survived", "the checker accepts it"


def audit(claims):
    """Attack claims in this process; `audit_all` does the same in worker processes.

    Returns a list of `Finding`; a claim with a model none of whose mutants is
    rejected is reported as survived.

    >>> from symssl.claims import Claim, Step
    >>> from symssl.claims.deciders import same_value
    >>> claim = Claim("demo.two", "result", 2, lambda model: [Step("count", 1 + 1)], same_value())
    >>> [(f.mutation, f.outcome) for f in audit([claim])]
    [('printed 1: integer of 2', 'rejected'), ('printed 2: integer of 2', 'rejected')]
    """
    findings = []
    for claim in claims:
        target = Target(claim)
        findings += [target.attack(label) for label in target.mutants]
    return findings + insensitive(findings)


def insensitive(findings):
    """A survivor for each claim that no change of its model moves."""
    attacked = {}
    for finding in findings:
        if finding.mutation.startswith("model "):
            attacked.setdefault(finding.claim, set()).add(finding.outcome)
    return [Finding(claim, _INSENSITIVE, "survived", "the claim does not depend on the model it is derived from")
            for claim, outcomes in attacked.items() if not outcomes & {"rejected", "timeout"}]


@lru_cache(maxsize=8)
def _target(package, claim_id):
    return Target(discover(package).claim(claim_id))


def _labels(package, claim_id):
    return list(_target(package, claim_id).mutants)


def _attack(package, claim_id, label):
    return _target(package, claim_id).attack(label)


def plan(library, claims, *, jobs=None):
    """The tasks of an audit, one for each mutant of each claim; worker processes derive the claims."""
    labels = {}
    tasks = [(claim.id, _labels, (library.package, claim.id)) for claim in claims]
    for outcome in run_tasks(tasks, jobs=jobs):
        labels[outcome.key] = _value(outcome)
    return [((claim.id, label), _attack, (library.package, claim.id, label))
            for claim in claims for label in labels[claim.id]]


def audit_all(tasks, *, jobs=None, time_limit=60.0):
    """Yield a `Finding` for each task of a `plan`, as they come, then the insensitive claims.

    A mutant that overruns `time_limit` seconds is reported as "timeout".
    """
    findings = []
    for outcome in run_tasks(tasks, jobs=jobs, time_limit=time_limit):
        findings.append(_finding(outcome, time_limit))
        yield findings[-1]
    yield from insensitive(findings)


def _finding(outcome, time_limit):
    """A mutant on which the checker crashes has not been rejected: it survives, and the rest goes on."""
    if outcome.late:
        return Finding(*outcome.key, "timeout", f"stopped after {time_limit:g} s")
    if outcome.error is not None:
        return Finding(*outcome.key, "survived", f"the checker crashed: {str(outcome.error).strip().splitlines()[-1]}")
    return outcome.value


def _value(outcome):
    if outcome.error is not None:
        raise outcome.error
    return outcome.value
