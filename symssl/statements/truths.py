"""Whether a sentence holds at an instance, found from what its terms mean and without any derivation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from sympy.core.relational import Relational

from ..language.names import names_in
from ..language.sentences import Sentence
from ..support.arguments import instance_of, whole
from ..support.display import summary
from .instance import Instance, checked_values, instances, opened
from .meaning.scene import Scene, Unknown

__all__ = ["Survey", "Truth", "survey", "truth"]

_BITS = (256, 1024)  # of balls: more where the first do not tell


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
    told = Truth(None, False, "nothing was tried")
    for bits in _BITS:
        scene = Scene(values, bits, Random(seed))
        told = _told(parts, scene)
        if told.value is not None:
            break
    return told


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


@dataclass(frozen=True, repr=False)
class Survey:
    """How a sentence fares at many instances.

    Attributes
    ----------
    held, failed, unknown : how many; vacuous : how many of those held say nothing there.
    certain : how many of those held or failed are proved at their instance.
    failing : an instance at which it fails with its truth: a certain one where there is one, the plainest of them.
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


def survey(sentence: Sentence, count: int = 20, seed: int = 0) -> Survey:
    """Whether a sentence holds at random, structured and exceptional instances.

    >>> from sympy import Ge, Symbol
    >>> from symssl.language import Object, Vocabulary
    >>> x = Symbol("x", real=True)
    >>> found = survey(Vocabulary(Object(x, "a number")).sentence(Ge(x**2, x)), 14)
    >>> found.failed > 0, found.failing[1].certain
    (True, True)
    """
    instance_of("sentence", sentence, Sentence)
    counts = {True: 0, False: 0, None: 0}
    certain = vacuous = 0
    failing: tuple[Instance, Truth] | None = None
    reasons: dict[str, None] = {}
    for instance in instances(sentence, whole("count", count, 1), seed):
        told = truth(sentence, instance)
        counts[told.value] += 1
        certain += told.value is not None and told.certain
        vacuous += told.vacuous
        if told.reason:
            reasons[told.reason] = None
        if told.value is False and (failing is None or _plainness(instance, told) < _plainness(*failing)):
            failing = (instance, told)
    held, failed, unknown = counts[True], counts[False], counts[None]
    return Survey(held, failed, unknown, certain, vacuous, failing, tuple(reasons), _empty(sentence, counts, vacuous))


def _plainness(instance: Instance, told: Truth) -> tuple[bool, int]:
    """Certain ones first, then those with the fewest and shortest numbers: a reader has to look at them."""
    numbers = [n for value in instance.values.values() for n in np.ravel(np.asarray(value, dtype=object))]
    return not told.certain, sum(len(str(number)) for number in numbers)


def _empty(sentence: Sentence, counts: Mapping[Any, int], vacuous: int) -> str:
    claim = opened(sentence).claim
    if not names_in(claim):
        return f"{claim} names nothing: it says the same whatever holds"
    if isinstance(claim, Relational) and claim.lhs == claim.rhs:
        return f"both sides of {claim} are the same expression"
    if vacuous and vacuous == counts[True] and not counts[False]:
        return (
            "it holds only since a premise fails, or since there is nothing that it speaks about, wherever it is told"
        )
    return ""
