"""Whether a sentence holds at an instance, found from what its terms mean and without any derivation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

import numpy as np
from sympy.core.relational import Relational

from ..errors import OverBudget
from ..language.names import names_in
from ..language.sentences import Sentence
from ..support.arguments import instance_of, whole
from ..support.budgets import limited
from ..support.display import summary
from .instance import Instance, checked_values, instances, opened
from .meaning.moments import differentiates_means
from .meaning.scene import BITS, Scene, Special, Unknown

__all__ = ["Survey", "Truth", "survey", "truth"]

POINTS = 5  # on which laws are put where derivatives of means are taken


@dataclass(frozen=True)
class Truth:
    """Whether a sentence holds at an instance.

    Attributes
    ----------
    value : True, False, or None where it is not told.
    certain : whether that is proved for this instance: by exact numbers and enclosures alone.
    reason : what an uncertain value rests on, why it is not told, or for want of what it holds.
    vacuous : whether it holds only since a premise fails, or since there is nothing that it speaks about.
    """

    value: bool | None
    certain: bool
    reason: str = ""
    vacuous: bool = False

    def __bool__(self) -> bool:
        return self.value is True


def truth(sentence: Sentence, instance: Instance | Mapping[Any, Any]) -> Truth:
    """Whether a sentence holds at concrete values of its objects.

    The value of every term is found from its definition - rates and gradients by differentiating along with the
    evaluation, sums term by term, quantifiers by trying - in rational numbers where these suffice, else in balls.

    Parameters
    ----------
    instance : an `Instance`, or values by symbol or name: exact numbers, matrices as lists of rows.

    Raises
    ------
    InputError
        A name that is no object of the sentence, or a value that is not exact.

    >>> from sympy import Eq, Symbol
    >>> from symssl.language import GradientFlow, Object, Rate, Vocabulary
    >>> w = Symbol("w", real=True)
    >>> sentence = Vocabulary(Object(w, "a weight")).sentence(Eq(Rate(w**2, GradientFlow(w**2/2, w)), -2*w**2))
    >>> truth(sentence, {w: 3})
    Truth(value=True, certain=True, reason='', vacuous=False)
    """
    instance_of("sentence", sentence, Sentence)
    parts = opened(sentence)
    if isinstance(instance, Instance):
        values, seed = dict(instance.values), f"{instance.seed}/{instance.number}"
    else:
        values, seed = checked_values(sentence, instance), "given"
    if differentiates_means(parts.claim):
        return _of_other_laws(_told(parts, Scene({**values, Special.POINTS: POINTS}, BITS[0], Random(seed))))
    told = Truth(None, False, "nothing was tried")
    for bits in BITS:
        scene = Scene(values, bits, Random(seed))
        told = _told(parts, scene)
        if told.value is not None:
            break
    return told


def _of_other_laws(told: Truth) -> Truth:
    """What holds of random vectors on a few points that were drawn holds of any law; what fails may hold of the one."""
    if not told.value:
        reason = told.reason or "it fails where the random vectors take a few values"
        return Truth(None, False, f"derivatives of a mean are not told: {reason}")
    reason = f"the random vectors were given a law on {POINTS} points; {told.reason}".rstrip("; ")
    return Truth(True, False, reason, told.vacuous)


def _told(parts: Any, scene: Scene) -> Truth:
    for hypothesis in parts.hypotheses:
        told = scene.kept(hypothesis)
        if told.held is not True:
            why = f": {told.reason}" if told.reason else ""
            return Truth(None, False, f"the hypothesis {hypothesis} does not hold at this instance{why}")
        scene.note(told)
    try:
        held = scene.truth(parts.claim)
    except Unknown as error:
        return Truth(None, False, str(error))
    if held is None:
        return Truth(None, False, f"whether {parts.claim} holds is not told at this precision")
    if held is False and parts.almost:
        names = ", ".join(map(str, parts.almost))
        scene.estimate(f"one choice of {names} refutes nothing that is said of almost all")
    vacuous = held and bool(scene.vacuous)
    return Truth(held, not scene.estimates, "; ".join([*scene.estimates, *(scene.vacuous if vacuous else ())]), vacuous)


def _is_special(value: Any) -> bool:
    """Whether entries of a value vanish or coincide, as on sets of measure zero."""
    entries = [abs(x) for x in np.ravel(np.asarray(value, dtype=object)) if x is not None]
    return any(x == 0 for x in entries) or any(x == y for k, x in enumerate(entries) for y in entries[:k])


@dataclass(frozen=True, repr=False)
class Survey:
    """How a sentence fares at many instances.

    Attributes
    ----------
    held, failed, unknown : how many; vacuous : how many of those held say nothing there.
    certain : how many of those held or failed are proved at their instance.
    failing : an instance at which it fails with its truth: a certain one where there is one, the plainest of the
        first ones.
    reasons : why it was not told, and what it rests on, each once.
    empty : why the sentence has no content at any instance tried; "" where it has.
    """

    held: int
    failed: int
    unknown: int
    certain: int
    vacuous: int
    failing: tuple[Instance, Truth] | None
    reasons: tuple[str, ...]
    empty: str = ""

    @property
    def tried(self) -> int:
        """The number of instances."""
        return self.held + self.failed + self.unknown

    def __repr__(self) -> str:
        lines = [f"held {self.held}, failed {self.failed}, not told {self.unknown}; {self.certain} certain"]
        lines += [f"empty: {self.empty}"] if self.empty else []
        lines += [f"fails at {self.failing[0]!r}"] if self.failing else []
        return summary("Survey", [*lines, *self.reasons])


def survey(sentence: Sentence, count: int = 20, seed: int = 0, budget: float | None = None) -> Survey:
    """Whether a sentence holds at random, structured and exceptional instances.

    Parameters
    ----------
    count, seed : as of :func:`instances`.
    budget : after so many seconds the instance at work is given up and none is begun, and no instance gets more than
        a quarter of them; `Survey.reasons` then says so.

    Raises
    ------
    Undecided
        Where no instance was found.

    >>> from sympy import Ge, Symbol
    >>> from symssl.language import Object, Vocabulary
    >>> x = Symbol("x", real=True)
    >>> found = survey(Vocabulary(Object(x, "a number")).sentence(Ge(x**2, x)), 14)
    >>> found.failed > 0, found.failing[1].certain
    (True, True)
    """
    instance_of("sentence", sentence, Sentence)
    count, start = whole("count", count, 1), monotonic()
    asked: list[tuple[Instance, Truth]] = []
    reasons: dict[str, None] = {}
    for instance in instances(sentence, count, seed):
        if budget is not None and monotonic() - start > budget:
            reasons[f"{len(asked)} of {count} instances were tried within {budget} seconds"] = None
            break
        left = None if budget is None else min(max(budget - (monotonic() - start), 0.1), _SHARE * budget)
        told = truth_within(sentence, instance, left)
        if told.value is False and any(_is_special(instance.values.get(symbol)) for symbol in opened(sentence).almost):
            told = Truth(None, False, f"{told.reason}, and this one is special")
        asked.append((instance, told))
    all_told = [here for _, here in asked]
    reasons |= dict.fromkeys(here.reason for here in all_told if here.reason)
    failing = [pair for pair in asked if pair[1].value is False]
    early = [pair for pair in asked[:_EARLY] if pair[1].value is False and pair[1].certain]
    return Survey(
        held=sum(here.value is True for here in all_told),
        failed=len(failing),
        unknown=sum(here.value is None for here in all_told),
        certain=sum(here.value is not None and here.certain for here in all_told),
        vacuous=sum(here.vacuous for here in all_told),
        failing=min(early or failing, key=lambda pair: _plainness(*pair), default=None),
        reasons=tuple(reasons),
        empty=_empty(sentence, all_told),
    )


_EARLY = 8  # a failing instance is taken from so many where it can be, whatever time there is for more
_SHARE = 0.25  # of the budget for one instance, so that a dear one does not keep the others from being asked


def truth_within(sentence: Sentence, instance: Instance | Mapping[Any, Any], seconds: float | None) -> Truth:
    """The truth at an instance, not told where it takes longer."""
    try:
        with limited(seconds, "the evaluation at an instance"):
            return truth(sentence, instance)
    except OverBudget as over:
        return Truth(None, False, str(over))


def _plainness(instance: Instance, told: Truth) -> tuple[bool, int]:
    """Certain ones first, then those with the fewest and shortest numbers: a reader has to look at them."""
    numbers = [n for value in instance.values.values() for n in np.ravel(np.asarray(value, dtype=object))]
    return not told.certain, sum(len(str(number)) for number in numbers)


def _empty(sentence: Sentence, told: Sequence[Truth]) -> str:
    claim = opened(sentence).claim
    if not names_in(claim):
        return f"{claim} names nothing: it says the same whatever holds"
    if isinstance(claim, Relational) and claim.lhs == claim.rhs:
        return f"both sides of {claim} are the same expression"
    known = [here for here in told if here.value is not None]
    if known and all(here.vacuous for here in known):
        return "wherever it is told, a premise of it fails or there is nothing that it speaks about"
    return ""
