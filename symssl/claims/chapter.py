"""A chapter of a paper: its claims, each written as a sentence with its derivation below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import InputError
from ..language.sentences import Sentence
from ..support.arguments import instance_of, text_of
from ..support.display import summary
from .claim import Claim, Source, Step

__all__ = ["Chapter"]

Derivation = Callable[[], Iterable[Step]]


class Chapter:
    """The claims of one module of a paper, in the order in which they are written.

    ``chapter.claim(label, kind, sentence, ...)`` states one; used as a decorator it takes the function below as the
    derivation, whose steps come to facts.  Without a derivation the engine derives each term of the sentence.

    Attributes
    ----------
    paper : the name of the paper, the first part of every id.
    claims : what has been stated so far.

    >>> from sympy import Eq, Symbol
    >>> from symssl.language import GradientFlow, Object, Rate, Vocabulary
    >>> from symssl.statements import derive
    >>> w = Symbol("w", real=True)
    >>> words, descent = Vocabulary(Object(w, "the weight")), GradientFlow(w**2/2, w)
    >>> chapter = Chapter("demo")
    >>> claimed = words.sentence(Eq(Rate(w**2, descent), -2*w**2, evaluate=False))
    >>> @chapter.claim("eq1", "equation", claimed, cite="Eq. (1)")
    ... def eq1():
    ...     yield Step("differentiate along the flow", derive(Rate(w**2, descent)))
    >>> [claim.id for claim in chapter.claims]
    ['demo.eq1']
    """

    def __init__(self, paper: str) -> None:
        self.paper = text_of("the name of a paper", paper)
        self._claims: dict[str, Claim] = {}

    def __repr__(self) -> str:
        return summary(f"Chapter of {self.paper}: {len(self._claims)} claims", list(self._claims))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims in the order in which they were stated."""
        return tuple(self._claims.values())

    def claim(
        self,
        label: str,
        kind: str,
        sentence: Sentence,
        *,
        cite: str = "",
        source: Source = "printed",
        corrects: str = "",
        witness: Mapping[Any, Any] | None = None,
        argument: bool = False,
        note: str = "",
    ) -> Callable[[Derivation], Derivation]:
        """State a claim.

        Parameters
        ----------
        label : what follows the paper's name in the id.
        kind, cite, source, note : as of :class:`symssl.Claim`.
        sentence : what is claimed.
        corrects : label of the claim of this paper whose statement this one puts right; it is then "new".
        witness : values of objects at which the sentence fails.
        argument : the sentence is a step of the printed argument.

        Returns
        -------
        A decorator for the derivation: a function of nothing that yields `Step`, each with a fact or without result.

        Raises
        ------
        InputError
            A label that is taken, or what no claim may be.
        """
        name = f"{self.paper}.{text_of('the label of a claim', label)}"
        instance_of(f"claim {name}: sentence", sentence, Sentence, "a Sentence: vocabulary.sentence(...)")
        if name in self._claims:
            raise InputError(f"two claims with the id {name!r}: give one of them another label")
        self._claims[name] = Claim(
            name,
            kind,
            sentence,
            source="new" if corrects else source,
            cite=cite,
            corrects=f"{self.paper}.{corrects}" if corrects else "",
            witness={} if witness is None else witness,
            argument=argument,
            note=note,
        )

        def derived(steps: Derivation) -> Derivation:
            self._claims[name] = replace(self._claims[name], steps=steps)  # type: ignore[arg-type]
            return steps

        return derived
