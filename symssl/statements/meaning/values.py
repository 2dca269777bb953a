"""Numbers of a scene: exact rationals, balls that contain a real number for certain, and the infinities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpz
from sympy import Integer, Rational, oo

from .derivatives import Element, Tracked, plain
from .scene import NotCarried, Unknown

__all__ = ["FUNCTIONS", "apply", "as_ball", "as_value", "compare", "is_exact", "is_infinite", "power", "root_of"]

_NARROW = 2**-80  # balls that overlap count as equal where both are narrower than this, relative to their size


def as_value(number: Any) -> Any:
    """A number of the scene from Python's or SymPy's: exact ones only; the infinities stay as they are.

    >>> as_value(Rational(1, 2))
    1/2
    """
    if isinstance(number, (fmpq, arb, Tracked)) or is_infinite(number):
        return number
    if isinstance(number, (int, np.integer, fmpz, Integer)):
        return fmpq(int(number))
    if isinstance(number, Rational):
        return fmpq(int(number.p), int(number.q))
    if type(number).__name__ == "Fraction":
        return fmpq(number.numerator, number.denominator)
    raise Unknown(f"{number} is no exact number")


def is_exact(value: Any) -> bool:
    """Whether a number is an exact rational."""
    return isinstance(value, fmpq)


def is_infinite(value: Any) -> bool:
    """Whether this is one of SymPy's infinities.

    >>> is_infinite(-oo), is_infinite(fmpq(1))
    (True, False)
    """
    return value is oo or value is -oo


def as_ball(value: Any, bits: int | None = None) -> Any:
    """A finite number as a ball, at the precision of the scene that is at work, or at `bits`.

    Derivatives do not go through it: `NotCarried` for a number that carries some.
    """
    if isinstance(value, Tracked):
        raise NotCarried("derivatives do not go through this term")
    if is_infinite(value):
        raise Unknown("an infinity is no number to calculate with")
    if bits is None:
        return arb(value)
    with ctx.workprec(bits):
        return arb(value)


def compare(a: Any, b: Any) -> tuple[int | None, bool]:
    """Sign of ``a - b``, None where it cannot be told, and whether that is certain.

    Two narrow balls that overlap count as equal, which is not certain.

    >>> with ctx.workprec(200):
    ...     root = arb(2).sqrt()
    ...     compare(fmpq(1, 2), fmpq(1, 3)), compare(root**2, fmpq(2))
    ((1, True), (0, False))
    """
    a, b = plain(a), plain(b)
    if is_infinite(a) or is_infinite(b):
        left, right = (((x is oo) - (x is -oo)) for x in (a, b))
        return (left > right) - (left < right), True
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return (a > b) - (a < b), True
    with ctx.workprec(max(ctx.prec, 256)):
        a, b = arb(a), arb(b)
        if a < b:
            return -1, True
        if a > b:
            return 1, True
        if a.is_exact() and b.is_exact() and a == b:
            return 0, True
        width, scale = arb((a - b).rad()), max(arb(1), abs(a).upper(), abs(b).upper(), key=float)
        return (0 if width <= scale * _NARROW else None), False


# --- functions ----------------------------------------------------------------------------


def _gamma_slope(x: Any, y: Any) -> Any:
    return y * arb(x).digamma()


_EXACT: dict[str, dict[int, int]] = {
    "exp": {0: 1},
    "log": {1: 0},
    "cos": {0: 1},
    "cosh": {0: 1},
    "acosh": {1: 0},
    "acos": {1: 0},
    "gamma": {1: 1, 2: 1},
    **{name: {0: 0} for name in ("sin", "tan", "sinh", "tanh", "asin", "atan", "asinh", "atanh", "erf", "LambertW")},
}
# name in SymPy -> the function on balls, and its derivative at x, where its value is y
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "exp": (arb.exp, lambda x, y: y),
    "log": (arb.log, lambda x, y: 1 / x),
    "sin": (arb.sin, lambda x, y: apply("cos", x)),
    "cos": (arb.cos, lambda x, y: -apply("sin", x)),
    "tan": (arb.tan, lambda x, y: 1 + y * y),
    "sinh": (arb.sinh, lambda x, y: apply("cosh", x)),
    "cosh": (arb.cosh, lambda x, y: apply("sinh", x)),
    "tanh": (arb.tanh, lambda x, y: 1 - y * y),
    "asin": (arb.asin, lambda x, y: 1 / power(1 - x * x, fmpq(1, 2))),
    "acos": (arb.acos, lambda x, y: -1 / power(1 - x * x, fmpq(1, 2))),
    "atan": (arb.atan, lambda x, y: 1 / (1 + x * x)),
    "asinh": (arb.asinh, lambda x, y: 1 / power(1 + x * x, fmpq(1, 2))),
    "acosh": (arb.acosh, lambda x, y: 1 / power(x * x - 1, fmpq(1, 2))),
    "atanh": (arb.atanh, lambda x, y: 1 / (1 - x * x)),
    "erf": (arb.erf, lambda x, y: 2 * apply("exp", -x * x) / arb.pi().sqrt()),
    "gamma": (arb.gamma, _gamma_slope),
    "loggamma": (arb.lgamma, lambda x, y: arb(x).digamma()),
    "LambertW": (arb.lambertw, lambda x, y: 1 / (apply("exp", y) * (1 + y))),
}


def apply(name: str, x: Any) -> Any:
    """A function of SymPy's name at a number, with its derivatives.

    >>> apply("exp", fmpq(0))
    1
    """
    if isinstance(x, Element):
        return x.applied(name)
    if isinstance(x, Tracked):
        y = apply(name, x.value)
        return x.made(y, [(x, FUNCTIONS[name][1](x.value, y))])
    if isinstance(x, fmpq) and x.q == 1 and int(x) in _EXACT.get(name, {}):
        return fmpq(_EXACT[name][int(x)])
    if is_infinite(x):
        ends = {"exp": (oo, fmpq(0)), "tanh": (fmpq(1), fmpq(-1)), "erf": (fmpq(1), fmpq(-1)), "log": (oo, None)}
        end = ends.get(name, (None, None))[0 if x is oo else 1]
        if end is None:
            raise Unknown(f"{name} has no value at {x}")
        return end
    return _finite(FUNCTIONS[name][0](arb(x)), f"{name}({x})")


def _finite(ball: Any, what: str) -> Any:
    if not ball.is_finite():
        raise Unknown(f"{what} has no finite real value here")
    return ball


def root_of(x: Any, degree: int) -> Any:
    """The root of a number that is not negative: exact where it is rational.

    >>> root_of(fmpq(4, 9), 2)
    2/3
    """
    if isinstance(x, fmpq):
        if x < 0:
            raise Unknown(f"a root of {x} is not real")
        p, q = x.p.root(degree), x.q.root(degree)
        if p**degree == x.p and q**degree == x.q:
            return fmpq(p, q)
    ball = arb(x)
    return _finite(ball.sqrt() if degree == 2 else ball.root(degree), f"the root of {x}")


def power(base: Any, exponent: Any) -> Any:
    """A power, with its derivatives; exact where base, exponent and value are rational.

    >>> power(fmpq(4), fmpq(-1, 2))
    1/2
    """
    if isinstance(base, Tracked) or isinstance(exponent, Tracked):
        return _tracked_power(base, exponent)
    if is_infinite(base) or is_infinite(exponent):
        return _infinite_power(base, exponent)
    if isinstance(exponent, fmpq):
        p, q = int(exponent.p), int(exponent.q)
        if p < 0 and compare(base, fmpq(0))[0] in (0, None):
            raise Unknown("a division by zero")
        if abs(p) > 10_000:
            raise Unknown(f"the exponent {exponent} is too large")
        root = base if q == 1 else root_of(base, q)
        return root**p if p >= 0 else 1 / root**-p
    sign = compare(base, fmpq(0))[0]
    if sign == 0 and compare(exponent, fmpq(0))[0] == 1:
        return fmpq(0)
    if sign != 1:
        raise Unknown(f"the power {base}**{exponent} is not real")
    return apply("exp", exponent * apply("log", base))


def _tracked_power(base: Any, exponent: Any) -> Any:
    if isinstance(base, Element) and getattr(exponent, "tag", 0) <= base.tag:
        return base.powered(exponent)
    if isinstance(exponent, Element) and not isinstance(base, Tracked):
        return exponent.raising(base)
    tag = max(getattr(base, "tag", 0), getattr(exponent, "tag", 0))
    b = base.value if (of_base := getattr(base, "tag", 0) == tag) else base
    e = exponent.value if (of_exponent := getattr(exponent, "tag", 0) == tag) else exponent
    value, parts = power(b, e), []
    if of_base and not (isinstance(e, fmpq) and e == 0):
        parts.append((base, e * power(b, e - 1)))
    if of_exponent:
        parts.append((exponent, value * apply("log", b)))
    return (base if of_base else exponent).made(value, parts) if parts else value


def _infinite_power(base: Any, exponent: Any) -> Any:
    if base is oo and (sign := compare(exponent, fmpq(0))[0]):
        return oo if sign > 0 else fmpq(0)
    if base is -oo and isinstance(exponent, fmpq) and exponent.q == 1 and exponent != 0:
        return fmpq(0) if exponent < 0 else (oo if int(exponent) % 2 == 0 else -oo)
    if is_infinite(exponent) and compare(base, fmpq(0))[0] == 1 and (sign := compare(base, fmpq(1))[0]):
        return oo if (sign > 0) == (exponent is oo) else fmpq(0)
    raise Unknown(f"{base}**{exponent} has no value")
