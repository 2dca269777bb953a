"""Polynomials in floats, for searches and integrations whose outcome is an estimate anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from .functions import Function
from .scene import Unknown

__all__ = ["Floats"]


class Floats:
    """Polynomials and their derivatives in floats, evaluated together."""

    def __init__(self, terms: Sequence[Any], count: int) -> None:
        self.polynomials = [
            (
                np.array([[int(k) for k in e] for e, _ in t]).reshape(len(t), count),
                np.array([float(arb(c)) for _, c in t]),
            )
            for t in terms
        ]
        monomials = sorted({tuple(row) for e, _ in self.polynomials for row in e.tolist()})
        place = {row: k for k, row in enumerate(monomials)}
        self._exponents = np.array(monomials, dtype=int).reshape(len(monomials), count)
        self._columns, self._degrees = np.arange(count), np.arange(max(map(max, monomials), default=0) + 1)
        self._rows = np.zeros((len(self.polynomials), len(monomials)))
        for r, (e, c) in enumerate(self.polynomials):
            for row, value in zip(e.tolist(), c):
                self._rows[r, place[tuple(row)]] = value

    @classmethod
    def of(cls, function: Function) -> Floats | None:
        try:
            above, below = function.ratios()
        except (Unknown, TypeError, AttributeError):
            return None
        if not all(b.is_one() for b in below):
            return None
        return cls([list(p.terms()) for p in above], function.coordinates.count)

    def __call__(self, point: Any) -> Any:
        powers = point[:, None] ** self._degrees
        return self._rows @ powers[self._columns, self._exponents].prod(axis=1)

    def slopes(self, point: Any) -> Any:
        """Derivatives by all coordinates."""
        out = np.zeros((len(self.polynomials), len(point)))
        for row, (e, c) in enumerate(self.polynomials):
            for k in range(len(point)):
                if len(c) and e[:, k].any():
                    lower = e.copy()
                    lower[:, k] = np.maximum(lower[:, k] - 1, 0)
                    out[row, k] = float((c * e[:, k]) @ np.prod(point**lower, axis=1))
        return out
