"""Expectations over Gaussian vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import Refusal
from ...language.operators import Expectation, MatrixExpectation
from .derivation import Found, rule_for

__all__: list[str] = []


@rule_for(Expectation, MatrixExpectation)
def _expectation(term: Any, given: Sequence[Any]) -> Found:
    from ...words.moments import expect

    value = expect(term)
    if value.has(Expectation, MatrixExpectation):
        raise Refusal(f"{value} is no polynomial in Gaussian vectors", value)
    return value, {"rule": "Isserlis' theorem"}
