"""Balls: enclosures of real numbers and of functions, by python-flint.

A ball (`arb`) is a number with a bound on its error; every operation returns a ball that contains the exact result.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from ..errors import InputError
from ..support.arguments import instance_of

__all__ = ["CONSTANTS", "FUNCTIONS", "algebraic_ball", "bounds", "whole_power"]


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
    result, factor = arb(1), abs(base) if k % 2 == 0 else base
    for bit in f"{abs(k):b}":
        result = result * result * factor if bit == "1" else result * result
    return result if k >= 0 else 1 / result


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
