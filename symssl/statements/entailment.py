"""Whether facts entail a sentence: what is left when every term has the value that the engine found is decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import And, Basic, Contains, Eq, Equivalent, FiniteSet, Implies, Ne, Not, Or, Tuple, false, true
from sympy.core.relational import Relational

from ..errors import InputError, Refusal
from ..language.quantifiers import Exists, External, ForAll
from ..language.relations import Relation
from ..language.sentences import Sentence
from ..language.terms import Count, Stability, Zeros
from ..support.arguments import described, instance_of, sequence_of
from ..support.display import summary
from .facts import Fact, Level, decided, is_genuine, replaced, weakest
from .rules.derivation import needs_rule, value_of

__all__ = ["Entailment", "entails"]


@dataclass(frozen=True, repr=False)
class Entailment:
    """What facts say about a sentence.

    Attributes
    ----------
    held : True where they entail it, False where they entail that it fails, None where neither is known.
    reason : why it fails or is not settled, in words.
    facts : what was used, in order; `level`, `sizes` and `provisos` are theirs.
    clause : the part that fails or is not settled.
    correction : what holds in its place, where that was found.
    """

    held: bool | None
    reason: str = ""
    facts: tuple[Fact, ...] = ()
    clause: Any = None
    correction: Any = None
    entries: bool = field(default=False)

    def __repr__(self) -> str:
        said = {True: "entailed", False: "contradicted", None: "not settled"}[self.held]
        lines = [self.reason] if self.reason else []
        return summary(f"Entailment: {said}", [*lines, *(str(f.proposition) for f in self.facts)])

    @property
    def level(self) -> Level:
        """The weakest level of what was used."""
        levels: list[Level] = [*(f.level for f in self.facts), *(["instance"] if self.entries else [])]  # type: ignore[list-item]
        return weakest(levels)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes at which the engine ran; empty where it ran for all."""
        at = dict.fromkeys(size for f in self.facts for size in f.sizes)
        return tuple(at) or (("the sizes stated",) if self.entries else ())

    @property
    def provisos(self) -> tuple[str, ...]:
        """Assumptions, approximations and citations that it rests on."""
        return tuple(dict.fromkeys(proviso for f in self.facts for proviso in f.provisos))


def entails(sentence: Sentence, facts: Iterable[Fact] = (), *, at: Any = None) -> Entailment:
    """Whether facts, and what the engine derives of the terms that they leave, entail a sentence.

    Parameters
    ----------
    sentence : decided clause by clause, under its hypotheses.
    facts : equations replace their terms; other facts are hypotheses.  A fact counts where its own hypotheses follow.
    at : values of objects, exact: the sentence is decided at that instance instead of for all.

    >>> from sympy import Symbol
    >>> from symssl.language import GradientFlow, Object, Rate, Vocabulary
    >>> w = Symbol("w", real=True)
    >>> claim = Eq(Rate(w**2, GradientFlow(w**2/2, w)), -2*w**2, evaluate=False)
    >>> entails(Vocabulary(Object(w, "the weight")).sentence(claim)).held
    True
    """
    instance_of("sentence", sentence, Sentence)
    facts = sequence_of("facts", facts, "facts")
    for fact in facts:
        if not is_genuine(fact):
            raise InputError(f"{described(fact)} is no fact: only rules make facts")
    claim, given = (
        sentence.expanded,
        tuple(sentence.expand(h) if isinstance(h, Basic) else h for h in sentence.hypotheses),
    )
    if at:
        claim = claim.xreplace(dict(at)).doit()
        given = tuple(h for h in (_specialised(h, dict(at)) for h in given) if h not in (true, None))
        if false in given:
            raise InputError("the instance does not keep the hypotheses of the sentence")
        facts = ()
    usable = tuple(fact for fact in facts if all(_granted(h, given) for h in fact.given))
    return _entails(claim, given, usable)


def _specialised(hypothesis: Any, values: dict[Any, Any]) -> Any:
    if isinstance(hypothesis, Relation):
        return None if set(hypothesis.matrices) & set(values) else hypothesis
    return hypothesis.xreplace(values)


def _granted(hypothesis: Any, given: Sequence[Any]) -> bool:
    """Whether a hypothesis of a fact follows from those of the sentence."""
    return hypothesis in given or (not isinstance(hypothesis, Relation) and decided(hypothesis, given)[0] is True)


def _entails(condition: Any, given: tuple[Any, ...], facts: tuple[Fact, ...]) -> Entailment:
    if condition in (true, false):
        return Entailment(condition == true, "" if condition == true else "it is false as it stands", clause=condition)
    for fact in facts:
        if fact.proposition == condition:
            return Entailment(True, facts=(fact,))
    try:
        return _by_kind(condition, given, facts)
    except Refusal as refusal:
        return Entailment(None, str(refusal), clause=condition)


def _by_kind(condition: Any, given: tuple[Any, ...], facts: tuple[Fact, ...]) -> Entailment:
    if isinstance(condition, External):
        return Entailment(None, f"not decided here: {condition.source}", clause=condition)
    if isinstance(condition, And):
        parts = [_entails(part, given, facts) for part in condition.args]
        return _corrected(condition, parts, _all(parts))
    if isinstance(condition, Or):
        return _any([_entails(part, given, facts) for part in condition.args], condition)
    if isinstance(condition, Not):
        return _negated(_entails(condition.args[0], given, facts), condition)
    if isinstance(condition, Implies):
        premise, conclusion = condition.args
        return _entails(conclusion, (*given, *And.make_args(premise)), facts)
    if isinstance(condition, Equivalent):
        return _all(
            [
                _entails(b, (*given, *And.make_args(a)), facts)
                for k, a in enumerate(condition.args)
                for m, b in enumerate(condition.args)
                if k != m
            ]
        )
    if isinstance(condition, ForAll):
        return _entails(condition.body, (*given, *condition.given), facts)
    if isinstance(condition, Exists):
        return _exists(condition, given, facts)
    if isinstance(condition, Contains):
        return _member(condition, given, facts)
    if isinstance(condition, Stability):
        value, used = value_of(condition, given)
        return Entailment(value == true, "" if value == true else "it is of another kind", tuple(used), condition)
    if isinstance(condition, Relational):
        return _related(condition, given, facts)
    return Entailment(None, f"there is no rule for {type(condition).__name__}", clause=condition)


def _all(parts: list[Entailment]) -> Entailment:
    facts = tuple(dict.fromkeys(f for part in parts for f in part.facts))
    for held in (False, None):
        for part in parts:
            if part.held is held:
                return Entailment(held, part.reason, facts, part.clause, part.correction, part.entries)
    return Entailment(True, "", facts, entries=any(part.entries for part in parts))


def _corrected(condition: Any, parts: list[Entailment], whole: Entailment) -> Entailment:
    """A conjunction is corrected by one in which the clauses that fail are corrected, where all of these are."""
    failing = [part for part in parts if part.held is not True]
    if whole.held is not False or any(part.correction is None for part in failing):
        return replace(whole, correction=None)
    mended = [part.correction if part.held is False else clause for part, clause in zip(parts, condition.args)]
    return replace(whole, correction=And(*mended, evaluate=False))


def _any(parts: list[Entailment], condition: Any) -> Entailment:
    for part in parts:
        if part.held:
            return part
    if all(part.held is False for part in parts):
        return Entailment(False, "no alternative holds", tuple(f for p in parts for f in p.facts), condition)
    return Entailment(None, "; ".join(p.reason for p in parts if p.held is None), clause=condition)


def _negated(part: Entailment, condition: Any) -> Entailment:
    if part.held is None:
        return part
    return Entailment(not part.held, "" if not part.held else "what is denied holds", part.facts, condition)


def _exists(condition: Any, given: tuple[Any, ...], facts: tuple[Fact, ...]) -> Entailment:
    if not condition.witness:
        return Entailment(None, "that something exists is shown by a witness; none is given", clause=condition)
    if condition.unique:
        return Entailment(None, "that it is the only one was not settled", clause=condition)
    values = condition.witness
    conditions = [_specialised(h, values) for h in condition.given]
    if None in conditions:
        return Entailment(None, "that the witness keeps the relations was not settled", clause=condition)
    parts = [_entails(h, given, facts) for h in conditions]
    found = _all([*parts, _entails(condition.body.xreplace(values).doit(), given, facts)])
    return (
        found
        if found.held
        else Entailment(None, f"the witness does not show it: {found.reason}", found.facts, condition)
    )


def _member(condition: Any, given: tuple[Any, ...], facts: tuple[Fact, ...]) -> Entailment:
    element, elements = condition.args
    element = replaced(element, facts)
    used = tuple(f for f in facts if condition.has(f.proposition.args[0]))
    if isinstance(element, Count) and isinstance(element.args[0], Zeros) and isinstance(elements, FiniteSet):
        from .rules.equilibria import possible_counts

        strange = possible_counts(element, given) - {int(n) for n in elements}
        return Entailment(not strange, f"there may be {sorted(strange)}" if strange else "", used, condition)
    element, found = value_of(element, given)
    elements, more = value_of(elements, given)
    used = (*used, *found, *more)
    if not isinstance(elements, FiniteSet):
        return Entailment(None, f"membership in {elements} was not settled", used, condition)
    held = [decided(Eq(element, one, evaluate=False), given)[0] for one in elements]
    if True in held:
        return Entailment(True, "", used)
    if None in held:
        return Entailment(None, f"whether {element} is one of {elements} was not settled", used, condition)
    return Entailment(False, f"{element} is none of {elements}", used, condition)


def _related(condition: Any, given: tuple[Any, ...], facts: tuple[Fact, ...]) -> Entailment:
    used = tuple(f for f in facts if isinstance(f.proposition, Eq) and condition.has(f.term))
    more = tuple(f for f in facts if not isinstance(f.proposition, Eq))
    left, found = value_of(replaced(condition.lhs, facts), given)
    right, other = value_of(replaced(condition.rhs, facts), given)
    used = (*used, *found, *other)
    here = condition.func(left, right, evaluate=False)
    if isinstance(left, FiniteSet) or isinstance(right, FiniteSet):
        return _same_sets(condition, left, right, given, used)
    hypotheses = (*given, *(f.proposition for f in more))
    held, method, why = _decided(here, hypotheses)
    if held and more and _decided(here, given)[0] is not True:
        used = (*used, *more)
    correction = None
    if held is False and isinstance(condition, Eq) and needs_rule(condition.lhs):
        correction = Eq(condition.lhs, left, evaluate=False)
    if held is False and not why:
        why = f"it would read {here}"
    return Entailment(held, why, used, None if held else condition, correction, method == "entries")


def _decided(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    if isinstance(condition, Ne):
        held, method, why = decided(Eq(*condition.args, evaluate=False), given)
        return (None if held is None else not held), method, why or ("both sides are equal" if held else "")
    return decided(condition, given)


def _same_sets(condition: Any, left: Any, right: Any, given: tuple[Any, ...], used: tuple[Fact, ...]) -> Entailment:
    """Two finite sets, element by element."""
    if not (isinstance(left, FiniteSet) and isinstance(right, FiniteSet)):
        return Entailment(None, f"{left} and {right} were not compared", used, condition)
    pairs = {(a, b): _equal_elements(a, b, given) for a in left for b in right}
    missing = [a for a in left if not any(pairs[a, b] for b in right)] + [
        b for b in right if not any(pairs[a, b] for a in left)
    ]
    if not missing:
        return Entailment(True, "", used)
    open_ = any(pairs[a, b] is None for a, b in pairs if a in missing or b in missing)
    correction = Eq(condition.lhs, left, evaluate=False) if needs_rule(condition.lhs) else None
    said = f"{missing[0]} is in one set only"
    return Entailment(None if open_ else False, said, used, condition, None if open_ else correction)


def _equal_elements(a: Any, b: Any, given: Sequence[Any]) -> bool | None:
    left, right = (tuple(x) if isinstance(x, Tuple) else (x,) for x in (a, b))
    if len(left) != len(right):
        return False
    held = [decided(Eq(x, y, evaluate=False), given)[0] for x, y in zip(left, right)]
    return True if all(held) else False if False in held else None
