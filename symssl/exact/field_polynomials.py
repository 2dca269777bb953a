"""Polynomials in one unknown over a number field: division, greatest common divisors, factors without repeated roots.

A polynomial is the list of its coefficients, lowest power first and without leading zeros; the empty list is zero.  A
coefficient is an element of the field Q[t]/(modulus): a polynomial in t (`fmpq_poly`) of lower degree than the modulus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import fmpq_poly

__all__ = ["common_divisor", "derivative", "divided", "square_free", "trimmed"]


def trimmed(poly: Sequence[Any]) -> list[Any]:
    """A polynomial without its leading zeros.

    >>> trimmed([fmpq_poly([1]), fmpq_poly([])])
    [1]
    """
    end = len(poly)
    while end and poly[end - 1].degree() < 0:
        end -= 1
    return list(poly[:end])


def derivative(poly: Sequence[Any]) -> list[Any]:
    """The derivative in the unknown.

    >>> derivative([fmpq_poly([1]), fmpq_poly([1]), fmpq_poly([0, 1])])
    [1, 2*x]
    """
    return [c * k for k, c in enumerate(poly)][1:]


def divided(a: Sequence[Any], b: Sequence[Any], modulus: Any) -> tuple[list[Any], list[Any]]:
    """Quotient and remainder by a monic polynomial.

    >>> root = fmpq_poly([0, 1])  # of 2
    >>> divided([fmpq_poly([-2]), fmpq_poly([]), fmpq_poly([1])], [-root, fmpq_poly([1])], fmpq_poly([-2, 0, 1]))
    ([x, 1], [])
    """
    rest, quotient = list(a), []
    while len(rest) >= len(b):
        lead = rest.pop()
        quotient.append(lead)
        shift = len(rest) - len(b) + 1
        if lead.degree() >= 0:
            for i, c in enumerate(b[:-1]):
                rest[shift + i] = rest[shift + i] - lead * c % modulus
    return quotient[::-1], trimmed(rest)


def common_divisor(
    a: Sequence[Any], b: Sequence[Any], modulus: Any, *, before: Callable[..., None] | None = None
) -> list[Any]:
    """The monic greatest common divisor; that of zero and zero is zero.

    `before` is called with "field", the modulus and an element that is to be inverted; it may raise where that would
    take too long.

    >>> root, one = fmpq_poly([0, 1]), fmpq_poly([1])  # of 2
    >>> common_divisor([fmpq_poly([-2]), fmpq_poly([]), one], [root, one], fmpq_poly([-2, 0, 1]))
    [x, 1]
    """
    a, b = trimmed(a), trimmed(b)
    if len(a) < len(b):
        a, b = b, a
    while b:
        b = _monic(b, modulus, before)
        a, b = b, divided(a, b, modulus)[1]
    return _monic(a, modulus, before) if a else []


def _monic(poly, modulus, before):
    if before is not None:
        before("field", modulus, poly[-1])
    inverse = poly[-1].xgcd(modulus)[1]
    return [*(c * inverse % modulus for c in poly[:-1]), fmpq_poly([1])]


def square_free(poly: Sequence[Any], modulus: Any) -> list[tuple[list[Any], int]]:
    """Factors without repeated roots and without common ones, each with the multiplicity of its roots (Yun 1976).

    >>> root, one = fmpq_poly([0, 1]), fmpq_poly([1])  # of 2
    >>> square_free([fmpq_poly([2]), -2 * root, one], fmpq_poly([-2, 0, 1]))
    [([(-1)*x, 1], 2)]
    """
    poly = trimmed(poly)
    common = common_divisor(poly, derivative(poly), modulus)
    rest, parts, multiplicity = divided(poly, common, modulus)[0], [], 0
    while len(rest) > 1:
        multiplicity += 1
        deeper = common_divisor(common, derivative(common), modulus) if len(common) > 1 else common
        following = divided(common, deeper, modulus)[0] if len(common) > 1 else [fmpq_poly([1])]
        exactly = divided(rest, common_divisor(rest, following, modulus) or [fmpq_poly([1])], modulus)[0]
        if len(exactly) > 1:
            parts.append((exactly, multiplicity))
        rest, common = following, deeper
    return parts
