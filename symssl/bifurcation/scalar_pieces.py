"""Equilibria of one state whose field is rational between kinks and jumps, exactly.

Between two neighbours among the zeros and poles of all branches and of all switches the field is one rational
function without a zero.  So its value at each of these points, in the number field of the point, and its sign at a
rational between any two of them tell every equilibrium, those on kinks too, and its stability.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import sympy as sp

from ..errors import InputError, Refusal
from ..exact.kinks import branch, is_smooth, switches
from ..exact.polynomial_systems import Solution, solve_system
from ..exact.roots import RealRoot, real_roots
from ..scalar.flow import Flow

__all__ = ["Gap", "PieceZero", "scalar_pieces"]

_MOST = 6  # switches whose signs are all combined


@dataclass(frozen=True)
class PieceZero:
    """A zero of a field in pieces.

    Attributes
    ----------
    solution : the point, in its number field
    multiplicity : of the zero; None on a kink or jump
    sides : signs of the field to the left and to the right; None where it is not defined
    """

    solution: Solution
    multiplicity: int | None
    sides: tuple[int | None, int | None]


@dataclass(frozen=True)
class Gap:
    """An open interval on which the field vanishes identically; None at an end that is infinite."""

    lower: Any
    upper: Any


def scalar_pieces(flow: Flow) -> tuple[list[PieceZero], list[Gap]]:
    """The zeros of a scalar field in rational pieces, and the intervals on which it vanishes.

    Raises
    ------
    Refusal
        For pieces that are not rational, functions that jump at every integer, and more switches than are combined.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> zeros, gaps = scalar_pieces(Flow({x: -x + 2*sp.Max(0, 1 - x)}))
    >>> zeros[0].solution.values[x].rational, zeros[0].sides, gaps
    (2/3, (1, -1), [])
    """
    ((x, f),) = flow.rhs.items()
    keys = switches([f])
    if len(keys) > _MOST:
        raise Refusal(f"the field has {len(keys)} kinks and jumps: too many for all their branches to be combined")
    factors = _factors(x, f, keys)
    points: tuple[Solution, ...] = ()
    roots: tuple[RealRoot, ...] = ()
    if factors:
        whole = sp.Mul(*factors)
        points, roots = solve_system([whole], [x]), real_roots(whole, x)
    signs = [_sign_at(f, keys, x, at) for at in _samples(roots)]
    zeros = []
    for point, sides in zip(points, pairwise(signs)):
        field, on_switch = _field_at(point, f, keys)
        if _is_zero(point, field):
            zeros.append(PieceZero(point, None if on_switch else _order(point, field, x), sides))
    ends = [None, *(point.values[x] for point in points), None]
    return zeros, [Gap(*ends[k : k + 2]) for k, one in enumerate(signs) if one == 0]


def _factors(x, f, keys):
    """The irreducible polynomials at whose zeros a branch of the field or of a switch may vanish or have a pole."""
    # a switch that is smooth vanishes at single points only, which are among those of the other signs
    pieces = {
        branch(e, dict(zip(keys, signs, strict=True)).get)
        for signs in product(*((-1, 1) if is_smooth(key) and key.has(x) else (-1, 0, 1) for key in keys))
        for e in (f, *keys)
    }
    factors = set()
    for piece in pieces - {sp.nan}:
        for part in sp.fraction(sp.cancel(sp.together(piece))):
            if not part.has(x):
                if not part.is_Rational:
                    raise Refusal(f"the field is not rational in {x} between its kinks")
                continue
            if not part.is_polynomial(x) or not all(c.is_Rational for c in sp.Poly(part, x).coeffs()):
                raise Refusal(f"the field is not rational in {x} between its kinks")
            factors |= {factor for factor, _ in sp.factor_list(part, x)[1]}
    return sorted(factors, key=sp.default_sort_key)


def _samples(roots) -> Iterator[sp.Rational]:
    """A rational in each interval between neighbours among the roots."""
    if not roots:
        yield sp.Integer(0)
        return
    yield roots[0].lower - 1
    yield from ((a.upper + b.lower) / 2 for a, b in pairwise(roots))
    yield roots[-1].upper + 1


def _sign_at(f, keys, x, at):
    """The sign of the field at a rational that is no zero of a switch; None where it is not defined."""

    def decide(key):
        value = branch(key, decide).subs(x, at)
        return int(sp.sign(value)) if value.is_Rational else None

    value = branch(f, decide).subs(x, at)
    return int(sp.sign(value)) if value.is_Rational else None


def _field_at(point, f, keys):
    """The branch of the field at a point, and whether a switch that it asks for vanishes there."""
    on_switch = []

    def decide(key):
        value = _value(point, branch(key, decide))
        if value is None:
            return None
        if value.is_zero():
            on_switch.append(key)
        return value.sign()

    return branch(f, decide), bool(on_switch)


def _value(point, expr):
    """The value of a rational expression at a point; None at a pole, and where no branch applies."""
    if expr.has(sp.nan, sp.zoo):
        return None
    try:
        return point.evaluate(expr)
    except InputError:  # a switch that is not defined there
        return None
    except ZeroDivisionError:
        same = sp.cancel(sp.together(expr))  # a pole that cancels is none
        return _value(point, same) if same != expr else None


def _is_zero(point, expr):
    value = _value(point, expr)
    return value is not None and value.is_zero()


def _order(point, expr, x):
    """The multiplicity of a zero of a rational expression, None where it vanishes identically."""
    top = sp.numer(sp.cancel(sp.together(expr)))
    if top == 0:
        return None
    order = 1
    while _is_zero(point, sp.diff(top, x, order)):
        order += 1
    return order
