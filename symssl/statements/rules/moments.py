"""Expectations over Gaussian vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import Refusal
from ...language.operators import Expectation, MatrixExpectation
from ...language.random_matrices import RandomMatrix
from .derivation import Found, rule_for

__all__: list[str] = []


@rule_for(Expectation, MatrixExpectation, opaque=False)
def _expectation(term: Any, given: Sequence[Any]) -> Found:
    """The terms inside have their values, which hold for every outcome; what is left is a moment."""
    from ...words.moments import expect

    if matrices := term.args[0].atoms(RandomMatrix):
        raise Refusal(f"the mean over {min(map(str, matrices))} is not found: it is taken over Gaussian vectors", term)
    value = expect(term)
    if value.has(Expectation, MatrixExpectation):
        raise Refusal(f"{value} is no polynomial in Gaussian vectors", value)
    return value, {"rule": "Isserlis' theorem"}
