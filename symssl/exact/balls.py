"""Balls: enclosures of real numbers and of functions, by python-flint."""

import sympy as sp
from flint import arb, ctx, fmpq

__all__ = ["CONSTANTS", "FUNCTIONS", "algebraic_ball", "ball_functions", "bounds", "whole_power"]


def algebraic_ball(root):
    """A ball around an algebraic number given by its polynomial and index."""
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
CONSTANTS = {sp.pi: arb.pi, sp.E: arb.const_e, sp.EulerGamma: arb.const_euler}


def whole_power(base, k):
    """A power by squaring: python-flint has no value for that of a ball around zero."""
    if not isinstance(base, arb):
        return base**k
    result, factor = arb(1), abs(base) if k % 2 == 0 else base
    for bit in bin(abs(k))[2:]:
        result = result * result * factor if bit == "1" else result * result
    return result if k >= 0 else 1 / result


def ball_functions():
    """What kernels of balls call; each result contains the value at every point of the arguments."""
    from flint import arb

    from .balls import whole_power

    def sign(x):
        return arb(1) if x > 0 else arb(-1) if x < 0 else arb(0, 1)

    def smaller(a, b):
        a, b = arb(a), arb(b)
        return (a + b - abs(a - b)) / 2

    named = {
        "mpf": arb,
        "pi": arb.pi,
        "power": lambda x, n: whole_power(arb(x), n),
        "sign": sign,
        "LambertW": arb.lambertw,
        "min": smaller,
        "max": lambda a, b: -smaller(-arb(a), -arb(b)),
        "abs": abs,
    }
    return named | {
        name: getattr(arb, name)
        for name in (
            "exp",
            "log",
            "sqrt",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "asin",
            "acos",
            "atan",
            "asinh",
            "acosh",
            "atanh",
            "erf",
            "gamma",
        )
    }


def bounds(ball):
    """Exact rational bounds of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    middle = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    mantissa, exponent = ball.rad().man_exp()
    radius = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    return middle - radius, middle + radius
