"""The two kinds of failure: malformed input, and a question the engine refuses.

A malformed input raises :class:`InputError` where it is given.  A question
that the engine cannot settle is a :class:`Refusal`: an exception that carries
its reason and, where there is one, the residual that stands in the way.
"""

from typing import Any

__all__ = ["InputError", "NotIsolated", "OverBudget", "Refusal", "SymsslError", "Undecided"]


class SymsslError(Exception):
    """Base class of every error that symssl raises on purpose."""


class InputError(SymsslError, ValueError):
    """The input is malformed; the message names the culprit and the remedy."""


class Refusal(SymsslError):
    """The engine declines to answer.

    Attributes
    ----------
    reason : str
        Why, in one sentence.
    residual : object or None
        What is left over where the refusal has a witness.
    """

    reason: str
    residual: Any

    def __init__(self, reason: str, residual: Any = None) -> None:
        super().__init__(reason if residual is None else f"{reason}; residual: {residual}")
        self.reason = reason
        self.residual = residual

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.residual)


class NotIsolated(Refusal):
    """The solutions form a continuum where a list of them was asked for."""


class Undecided(Refusal):
    """Neither a proof nor a counterexample was found."""


class OverBudget(Refusal):
    """A computation was stopped, since the seconds that were allowed for it are over."""
