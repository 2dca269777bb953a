"""Expectations over Gaussian vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...errors import InputError, Refusal
from ...language.operators import Expectation, MatrixExpectation
from ...language.random_matrices import RandomMatrix
from .derivation import Found, rule_for

__all__ = ["stands_for_itself"]


@lru_cache(maxsize=1024)
def stands_for_itself(term: Any) -> bool:
    """Whether an expectation is one that the engine neither finds nor simplifies: it is then a name for its value."""
    from ...words.moments import expect

    if not isinstance(term, (Expectation, MatrixExpectation)) or term.args[0].atoms(RandomMatrix):
        return False
    try:
        return bool(expect(term) == term)
    except (Refusal, InputError):
        return False


@rule_for(Expectation, MatrixExpectation, opaque=False)
def _expectation(term: Any, given: Sequence[Any]) -> Found:
    """The terms inside have their values, which hold for every outcome; what is left is a moment.

    What is no polynomial in the Gaussian vectors is left in its normal form.
    """
    from ...words.moments import expect

    if matrices := term.args[0].atoms(RandomMatrix):
        raise Refusal(f"the mean over {min(map(str, matrices))} is not found: it is taken over Gaussian vectors", term)
    value = expect(term)
    if value == term:
        raise Refusal(f"{value} is no polynomial in Gaussian vectors", value)
    return value, {"rule": "Isserlis' theorem"}
