"""Attack the verdict on a sentence: wrong versions of it, other witnesses, forged derivations.

A wrong version that the checker accepts is either the same statement in another form, or true in its own right; then
it is listed with the proof of that.  Anything else that gets through is a defect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import Any

import sympy as sp

from ...errors import InputError, Refusal, SymsslError
from ...language.inputs import is_matrix
from ...language.quantifiers import External
from ...language.sentences import Object, Sentence, Vocabulary
from ...statements.entailment import Entailment, entails
from ...statements.rules.derivation import needs_rule
from ...statements.truths import Survey, survey, truth
from ..checking import Verdict, attempt, judge
from ..claim import Claim
from ..settling import INSTANCES, Contradiction, facts_of, settle
from .attack import Finding, OutcomeName
from .forgeries import forgeries
from .sentence_mutants import denied, sentence_mutants, witness_mutants

__all__ = ["SentenceTarget"]

_INSTANCES, _SEED = 12, 1  # at which an accepted version is asked: others than those of a verdict
_SECONDS = 3.0  # for the meaning of what is attacked
_PATIENCE = 1.0  # seconds for two of them, beyond which these must do


class SentenceTarget:
    """A claim that states a sentence, under attack: its derivation taken once, and what it affirms.

    For a claim that holds this is its sentence, for a corrected one the correction.  A refuted claim, or a gap, affirms
    that the sentence fails at its witness.  Open and stipulated claims affirm nothing; what is forged for them must not
    change that.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.steps, refusal = attempt(claim)
        self.verdict = self._settled(refusal)
        if self.verdict.verdict == "corrected":
            self.claim = replace(claim.with_printed(self.verdict.correction), witness={})
            self.verdict = self._settled()
        self.facts = facts_of(self.claim, self.steps)

    def _settled(self, refusal: Refusal | None = None) -> Verdict:
        """The verdict, its meaning asked less often than when it is decided: that was done before."""
        if refusal is not None:
            return judge(self.claim, self.steps, refusal)
        return settle(self.claim, self.steps, _INSTANCES, _SECONDS)

    @property
    def sentence(self) -> Sentence:
        """What is decided."""
        if self.claim.sentence is None:
            raise InputError(f"claim {self.claim.id} states no sentence")
        return self.claim.sentence

    @cached_property
    def mutants(self) -> dict[str, tuple[str, Any]]:
        """Label -> what is attacked with."""
        mutants: dict[str, tuple[str, Any]] = {}
        if isinstance(self.sentence.claim, External):
            return mutants
        if self.verdict.verdict == "holds":
            mutants |= {f"sentence {label}": ("sentence", m) for label, m in sentence_mutants(self.sentence)}
        elif self.verdict.verdict in ("refuted", "gap"):
            mutants["witness 1: negation of the sentence"] = ("negation", None)
            others = witness_mutants(self.sentence, dict(self.claim.witness))
            mutants |= {f"witness {int(k) + 1}: {rest}": ("witness", m) for (k, rest), m in _split(others)}
        return mutants | {f"forgery {label}": ("forgery", build) for label, build in forgeries(self.sentence)}

    def attack(self, label: str) -> Finding:
        """The finding for one mutant or forgery."""
        end, mutant = self.mutants[label]
        ways: dict[str, Callable[[Any], tuple[OutcomeName, str]]] = {
            "sentence": self._sentence,
            "negation": self._negation,
            "witness": self._witness,
            "forgery": self._forgery,
        }
        try:
            outcome, how = ways[end](mutant)
        except Contradiction as contradiction:
            outcome, how = "survived", f"the facts entail what its meaning denies: {contradiction}"
        except SymsslError as refusal:
            outcome, how = "rejected", f"refused: {refusal}"
        return Finding(self.claim.id, label, outcome, how)

    def _sentence(self, mutant: Sentence) -> tuple[OutcomeName, str]:
        found = entails(mutant, self.facts)
        if not found.held:
            said = "contradict" if found.held is False else "do not settle"
            return "rejected", f"the facts {said} it: {found.reason}"
        return _accepted(self.sentence, mutant, found)

    def _negation(self, _: Any) -> tuple[OutcomeName, str]:
        """Where the sentence is false, its negation must not be."""
        opposite = denied(self.sentence)
        at: Any = dict(self.claim.witness)
        if not at:
            failing = survey(self.sentence, INSTANCES, budget=4 * _SECONDS).failing
            if failing is None:
                return "survived", "no instance is known at which it fails"
            at = failing[0]
        there = truth(opposite, at)
        if there.value is False:
            return "survived", "sentence and negation are both false at the witness"
        return "rejected", f"the negation is {'true' if there.value else 'not told'} at the witness"

    def _witness(self, witness: dict[Any, Any]) -> tuple[OutcomeName, str]:
        verdict = judge(replace(self.claim, witness=witness), self.steps)
        if verdict.verdict != self.verdict.verdict:
            return "rejected", f"the verdict becomes {verdict.verdict}"
        there = truth(self.sentence, witness)
        if there.value is False and there.certain:
            return "true", "another witness: the meaning of the sentence is certainly false there too"
        return "survived", f"the meaning of the sentence is {there.value} there, {there.reason}"

    def _forgery(self, build: Any) -> tuple[OutcomeName, str]:
        sentence, steps = build()
        claim = replace(self.claim.with_printed(sentence), witness={})
        forged = facts_of(claim, steps)
        found = entails(sentence, forged)
        if not found.held:
            return "rejected", f"it does not count: {found.reason}"
        alone = entails(sentence)
        if alone.held and (alone.level, alone.provisos) == (found.level, found.provisos):
            return "rejected", "it makes no difference: the engine derives the sentence without it"
        verdict = judge(claim, steps)
        if verdict.verdict != "holds":
            return "rejected", f"the verdict is {verdict.verdict}: {verdict.reason}"
        return "survived", "the checker accepts it"


def _split(pairs: list[tuple[str, Any]]) -> list[tuple[tuple[str, str], Any]]:
    return [((label.split(": ", 1)[0], label.split(": ", 1)[1]), value) for label, value in pairs]


def _accepted(sentence: Sentence, mutant: Sentence, found: Entailment) -> tuple[OutcomeName, str]:
    """What a version is that facts entail: the same, true in its own right, or a defect.

    Its meaning, which does not know the facts, is asked at instances other than those of a verdict.
    """
    if found.level not in ("symbolic", "certified") or found.provisos:
        return "survived", f"accepted at the level {found.level} only" + "".join(f"; {p}" for p in found.provisos)
    asked = _asked(mutant)
    if asked.empty:
        return "rejected", f"the verdict becomes open: it is empty, {asked.empty}"
    if asked.failing is not None and not asked.failing[1].certain:
        return "rejected", f"the verdict becomes open: an estimate of its meaning fails at {asked.failing[0]}"
    if asked.failing is not None:
        return "survived", f"facts entail it, and its meaning is false at {asked.failing[0]}"
    relation = _relation(sentence, mutant)
    if relation == "equivalent":
        return "equivalent", "statement and mutant imply each other, whatever their terms are"
    if _same_values(sentence, mutant):
        return "equivalent", "the engine finds the same value for what was changed"
    if not asked.held:
        return "survived", f"its meaning is told at no instance: {'; '.join(asked.reasons)}"
    said = f"facts entail it, and its meaning holds at {asked.held} of {asked.tried} other instances"
    return "true", f"{relation}: {said}"


def _asked(mutant: Sentence) -> Survey:
    """Few instances where each takes long."""
    started = perf_counter()
    asked = survey(mutant, 2, _SEED)
    return survey(mutant, _INSTANCES, _SEED) if perf_counter() - started < _PATIENCE else asked


def _relation(sentence: Sentence, mutant: Sentence) -> str:
    """How two sentences compare when nothing is known of their terms: "equivalent", weaker, stronger, or neither."""
    if _declarations(sentence) != _declarations(mutant):
        return "true also under other hypotheses"
    names: dict[Any, Any] = {}
    one, other = (_blank(s.expanded, names) for s in (sentence, mutant))
    words = Vocabulary(sentence.vocabulary, *(Object(name, "a term") for name in names.values()))
    if not names:
        return "true as well"

    def follows(premise: Any, conclusion: Any) -> bool:
        try:
            claim = sp.Implies(premise, conclusion, evaluate=False)
            return entails(Sentence(claim, words, sentence.given)).held is True
        except (SymsslError, TypeError, ValueError):
            return False

    weaker, stronger = follows(one, other), follows(other, one)
    if weaker and stronger:
        return "equivalent"
    return "weaker" if weaker else "stronger" if stronger else "true as well"


def _same_values(sentence: Sentence, mutant: Sentence) -> bool:
    """Whether two equations are equal side by side."""
    one, other = sentence.claim, mutant.claim
    if not (isinstance(one, sp.Eq) and isinstance(other, sp.Eq)) or _declarations(sentence) != _declarations(mutant):
        return False
    sides = [pair for pair in zip(one.args, other.args) if pair[0] != pair[1]]
    try:
        return all(entails(replace(sentence, claim=sp.Eq(*pair, evaluate=False))).held is True for pair in sides)
    except (SymsslError, TypeError, ValueError):
        return False


def _declarations(sentence: Sentence) -> tuple[Any, ...]:
    return sentence.given, sentence.almost, sentence.vocabulary


def _blank(expr: Any, names: dict[Any, Any]) -> Any:
    """The expression with a new name for every term that only a rule can give a value."""
    if isinstance(expr, sp.Expr) and needs_rule(expr) and not _is_algebra(expr):
        if expr not in names:
            name = f"term{len(names) + 1}"
            names[expr] = sp.MatrixSymbol(name, *expr.shape) if is_matrix(expr) else sp.Symbol(name, real=True)
        return names[expr]
    if not isinstance(expr, sp.Basic) or not expr.args or not needs_rule(expr):
        return expr
    args = [_blank(arg, names) for arg in expr.args]
    return expr.func(*args, evaluate=False) if isinstance(expr, sp.Rel) else expr.func(*args)


def _is_algebra(expr: Any) -> bool:
    return isinstance(expr, (sp.Add, sp.Mul, sp.Pow, sp.MatAdd, sp.MatMul, sp.MatPow, sp.Transpose))
