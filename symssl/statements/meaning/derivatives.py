"""Numbers that carry derivatives: whatever is calculated from them is differentiated exactly along with it.

A `Dual` carries the derivative in one direction (for a rate), a `Taped` remembers what it was made from (for a
gradient, which is then collected backwards).  Their parts are numbers again, and may carry derivatives of their own,
so that derivatives nest; `tag` tells which differentiation a number belongs to, the inner ones having the greater tag.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np
from flint import fmpq

__all__ = ["Dual", "Element", "GradientTape", "Taped", "Tracked", "new_tag", "plain", "slopes", "without"]

_TAGS = count(1)
_ONE = fmpq(1)


def new_tag() -> int:
    """A tag for a differentiation inside all that have begun."""
    return next(_TAGS)


class Tracked:
    """A number with derivatives; subclasses say how these are kept."""

    __slots__ = ("tag", "value")
    tag: float  # whole but for elements, which lie below every differentiation
    value: Any

    def made(self, value: Any, parts: Sequence[tuple[Any, Any]]) -> Any:
        """The number of this kind with a value and partial derivatives by its parts of the same tag."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return _joined(_sum, _sum_slopes, self, other)

    def __radd__(self, other: Any) -> Any:
        return _joined(_sum, _sum_slopes, other, self)

    def __sub__(self, other: Any) -> Any:
        return _joined(lambda a, b: a - b, lambda a, b: (_ONE, -_ONE), self, other)

    def __rsub__(self, other: Any) -> Any:
        return _joined(lambda a, b: a - b, lambda a, b: (_ONE, -_ONE), other, self)

    def __mul__(self, other: Any) -> Any:
        return _joined(_product, _product_slopes, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _joined(_product, _product_slopes, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _joined(lambda a, b: a / b, lambda a, b: (1 / b, -a / (b * b)), self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _joined(lambda a, b: a / b, lambda a, b: (1 / b, -a / (b * b)), other, self)

    def __neg__(self) -> Any:
        return self.made(-self.value, [(self, -1)])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value})"


def _sum(a: Any, b: Any) -> Any:
    return a + b


def _sum_slopes(a: Any, b: Any) -> tuple[Any, Any]:
    return _ONE, _ONE


def _product(a: Any, b: Any) -> Any:
    return a * b


def _product_slopes(a: Any, b: Any) -> tuple[Any, Any]:
    return b, a


def _joined(
    operate: Callable[[Any, Any], Any], slopes_at: Callable[[Any, Any], tuple[Any, Any]], left: Any, right: Any
) -> Any:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return NotImplemented
    tag = max(getattr(left, "tag", 0), getattr(right, "tag", 0))
    a = left.value if (mine := getattr(left, "tag", 0) == tag) else left
    b = right.value if (yours := getattr(right, "tag", 0) == tag) else right
    da, db = slopes_at(a, b)
    top = left if mine else right
    return top.made(operate(a, b), ([(left, da)] if mine else []) + ([(right, db)] if yours else []))


class Dual(Tracked):
    """A number and its derivative in one direction."""

    __slots__ = ("slope",)

    def __init__(self, value: Any, slope: Any, tag: float) -> None:
        self.value, self.slope, self.tag = value, slope, tag

    def made(self, value: Any, parts: Sequence[tuple[Any, Any]]) -> Any:
        """See `Tracked.made`."""
        slope: Any = None
        for part, partial in parts:
            more = part.slope if partial is _ONE else partial * part.slope
            slope = more if slope is None else slope + more
        return Dual(value, slope, self.tag)


class Element(Tracked):
    """A number of another kind - a power series, a quotient of polynomials - of which derivatives may be taken.

    Subclasses are in `symssl.statements.meaning.functions`.
    """

    __slots__ = ()

    def applied(self, name: str) -> Any:
        """A function of SymPy's name."""
        raise NotImplementedError

    def powered(self, exponent: Any) -> Any:
        """A power of it."""
        raise NotImplementedError

    def raising(self, base: Any) -> Any:
        """A number to the power of it."""
        raise NotImplementedError


class GradientTape:
    """The numbers of one gradient, in the order in which they were made."""

    def __init__(self) -> None:
        self.tag = new_tag()
        self.length = 0
        self.nodes: list[Taped] = []

    def variable(self, value: Any) -> Taped:
        """A number by which the derivative is taken."""
        return Taped(value, (), self)

    def weights(self, result: Any) -> dict[int, Any]:
        """The derivatives of a result by the numbers on the tape, by their places; what is left out is zero."""
        if getattr(result, "tag", 0) != self.tag:
            return {}
        weights: dict[int, Any] = {result.place: _ONE}
        for place in range(result.place, -1, -1):
            if (weight := weights.get(place)) is None:
                continue
            for part, partial in self.nodes[place].parts:
                more = weight if partial is _ONE else weight * partial
                before = weights.get(part.place)
                weights[part.place] = more if before is None else before + more
        return weights


class Taped(Tracked):
    """A number that remembers what it was made from."""

    __slots__ = ("parts", "place", "tape")

    def __init__(self, value: Any, parts: Sequence[tuple[Taped, Any]], tape: GradientTape) -> None:
        self.value, self.parts, self.tape, self.tag = value, parts, tape, tape.tag
        self.place = len(tape.nodes)
        tape.nodes.append(self)

    def made(self, value: Any, parts: Sequence[tuple[Any, Any]]) -> Any:
        """See `Tracked.made`."""
        return Taped(value, parts, self.tape)


def plain(number: Any) -> Any:
    """The number without its derivatives.

    >>> plain(Dual(fmpq(2), fmpq(1), new_tag()))
    2
    """
    while isinstance(number, Tracked):
        number = number.value
    return number


def without(number: Any, tags: frozenset[int]) -> Any:
    """The number without the derivatives of these tags; others are kept."""
    if not isinstance(number, Tracked) or isinstance(number, Element):
        return number
    if number.tag in tags:
        return without(number.value, tags)
    if isinstance(number, Dual):
        return Dual(without(number.value, tags), without(number.slope, tags), number.tag)
    return number.made(without(number.value, tags), [(number, fmpq(1))])


def slopes(value: Any, tag: int) -> Any:
    """The derivatives of a number or a matrix in the direction of a tag.

    >>> tag = new_tag()
    >>> slopes(Dual(fmpq(3), fmpq(1), tag) * 5, tag)
    5
    """
    if isinstance(value, np.ndarray):
        out = np.empty(value.shape, dtype=object)
        for place, entry in np.ndenumerate(value):
            out[place] = slopes(entry, tag)
        return out
    return value.slope if getattr(value, "tag", 0) == tag else fmpq(0)
