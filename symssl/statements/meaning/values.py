"""Numbers of a scene: exact rationals, balls that contain a real number for certain, and the infinities."""

from __future__ import annotations

from typing import Any

from flint import arb, ctx, fmpq, fmpz
from sympy import Integer, Rational, oo

from .scene import Unknown

__all__ = ["as_ball", "as_value", "compare", "is_exact"]

_NARROW = 2**-80  # balls that overlap count as equal where both are narrower than this, relative to their size


def as_value(number: Any) -> Any:
    """A number of the scene from Python's or SymPy's: exact ones only; the infinities stay as they are.

    >>> as_value(Rational(1, 2))
    1/2
    """
    if isinstance(number, (fmpq, arb)) or number in (oo, -oo):
        return number
    if isinstance(number, (int, fmpz, Integer)):
        return fmpq(int(number))
    if isinstance(number, Rational):
        return fmpq(int(number.p), int(number.q))
    raise Unknown(f"{number} is no exact number")


def is_exact(value: Any) -> bool:
    """Whether a number is an exact rational."""
    return isinstance(value, fmpq)


def as_ball(value: Any, bits: int = 256) -> Any:
    """A finite number as a ball."""
    if value in (oo, -oo):
        raise Unknown("an infinity is no number to calculate with")
    before, ctx.prec = ctx.prec, bits
    try:
        return arb(value)
    finally:
        ctx.prec = before


def compare(a: Any, b: Any) -> tuple[int | None, bool]:
    """Sign of ``a - b``, None where it cannot be told, and whether that is certain.

    Two narrow balls that overlap count as equal, which is not certain.

    >>> with ctx.workprec(200):
    ...     root = arb(2).sqrt()
    ...     compare(fmpq(1, 2), fmpq(1, 3)), compare(root**2, fmpq(2))
    ((1, True), (0, False))
    """
    infinite = {oo: 1, -oo: -1}
    if a in infinite or b in infinite:
        left, right = infinite.get(a, 0), infinite.get(b, 0)
        return (left > right) - (left < right), True
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return (a > b) - (a < b), True
    a, b = as_ball(a), as_ball(b)
    if a < b:
        return -1, True
    if a > b:
        return 1, True
    width, scale = float((a - b).rad()), max(1.0, float(abs(a).upper()), float(abs(b).upper()))
    return (0 if width <= _NARROW * scale else None), False
