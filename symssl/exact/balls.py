"""Balls: enclosures of real numbers and of functions, by python-flint.

A ball (`arb`) is a number with a bound on its error; every operation returns a ball that contains the exact result.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from ..errors import InputError
from ..support.arguments import instance_of

__all__ = ["CONSTANTS", "FUNCTIONS", "algebraic_ball", "bounds", "narrow", "whole_power"]


def algebraic_ball(root: sp.CRootOf) -> arb:
    """A ball around an algebraic number given by its polynomial and index, at the working precision."""
    bits = ctx.prec
    middle = root.eval_rational(n=max(15, bits * 3 // 10))
    return arb(fmpq(int(middle.p), int(middle.q)), arb(2) ** (-bits * 9 // 10))


FUNCTIONS = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.sinh: arb.sinh,
    sp.cosh: arb.cosh,
    sp.tanh: arb.tanh,
    sp.atan: arb.atan,
    sp.asin: arb.asin,
    sp.acos: arb.acos,
    sp.erf: arb.erf,
    sp.gamma: arb.gamma,
    sp.LambertW: arb.lambertw,
}
_WIDE = 20  # bits of accuracy below which the ends of a ball are looked at
CONSTANTS = {
    sp.pi: arb.pi,
    sp.E: arb.const_e,
    sp.EulerGamma: arb.const_euler,
    sp.Catalan: arb.const_catalan,
    sp.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
}


def whole_power(base: Any, k: int) -> Any:
    """A power with a whole exponent, by squaring: python-flint gives a ball around zero no power.

    >>> whole_power(arb(0, 1), 2)  # between -1 and 1
    [+/- 1.01]
    """
    if not isinstance(base, arb):
        return base**k
    if base.is_finite() and not base.is_exact() and base.rel_accuracy_bits() < _WIDE and abs(k) > 1:
        return _wide_power(base, k)
    result, factor = arb(1), abs(base) if k % 2 == 0 else base
    for bit in f"{abs(k):b}":
        result = result * result * factor if bit == "1" else result * result
    return result if k >= 0 else 1 / result


def _wide_power(base, k):
    """The hull of the powers of a wide ball, from its ends: a product forgets that its factors are equal."""
    n = abs(k)
    ends = [_exact_power(end, n) for end in (base.lower(), base.upper())]
    result = ends[0].union(ends[1])
    if n % 2 == 0 and base.contains(0):
        result = arb(0).union(result)
    return result if k > 0 else 1 / result


def _exact_power(base, n):
    result = arb(1)
    for bit in f"{n:b}":
        result = result * result * base if bit == "1" else result * result
    return result


def bounds(ball: arb) -> tuple[sp.Rational, sp.Rational]:
    """The exact rational (lower, upper) bounds of a ball.

    >>> bounds(arb(3) / 4)
    (3/4, 3/4)
    """
    instance_of("ball", ball, arb, "an arb")
    if not ball.is_finite():
        raise InputError(f"the ball {ball} is not bounded")
    mantissa, exponent = ball.mid().man_exp()
    middle = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    mantissa, exponent = ball.rad().man_exp()
    radius = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    return middle - radius, middle + radius


def narrow(lower: sp.Rational, upper: sp.Rational, digits: int) -> bool:
    """Whether two bounds have one sign and agree to so many decimal digits, relative to the smaller one.

    >>> narrow(sp.Rational(1, 3), sp.Rational(334, 1000), 2), narrow(sp.Integer(-1), sp.Integer(1), 2)
    (True, False)
    """
    one_sign = lower * upper > 0
    return bool(
        lower == upper or (one_sign and (upper - lower) * sp.Integer(10) ** digits <= min(abs(lower), abs(upper)))
    )
