"""Limits and orders: values at a geometric sequence towards the end, extrapolated, which is an estimate.

Whether a sequence converges, grows beyond every bound or does not settle is read off the ratios of its differences.
What converges is extrapolated by Wynn's epsilon algorithm, which is exact for sums of powers along such a sequence.
Where a single state with a rational velocity goes in the end is not estimated: it is the next zero on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq
from sympy import Product, Sum, oo

from ...language.dynamics import GradientDescent
from ...language.inputs import is_matrix
from ...language.operators import MatrixTotal, Total
from ...language.terms import Along, Count, Limit, Order
from .derivatives import Tracked
from .functions import Function, Opaque
from .rests import rest_of
from .scene import Never, Scene, Unknown, evaluator
from .spectra import real_roots, univariate
from .values import as_ball, compare, is_infinite

__all__ = ["Sequences", "settled"]

FEWEST, MOST = 6, 44  # values of a sequence
LEAST_OF_STEPS = 16  # values of a number that jumps: before it has done so it stands as still as afterwards
MOST_COUNTED = 12  # the same, where the variable is the length of a sum
FIRST = fmpq(5, 7)  # no power of two: what oscillates with the variable is not met at equal phases
CLOSE = 2.0**-100  # of two values, relative to their size, that count as the same
LARGEST_DENOMINATOR = 12  # of an order that is read as a fraction


# --- sequences --------------------------------------------------------------------------------


def settled(values: Sequence[Any]) -> tuple[Any, Any]:
    """The limit of a sequence along geometric arguments and its estimated error; oo or -oo where it diverges.

    Raises `Unknown` where it oscillates or converges too slowly to be told from one that diverges.

    >>> value, error = settled([1 + arb(2)**-k for k in range(20)])
    >>> bool(abs(value - 1) < 1e-9)
    True
    """
    middles = [x.mid() for x in values]
    changes = [b - a for a, b in pairwise(middles)]
    scale = arb.max(arb(1), abs(middles[-1]))
    noise = max((arb(x.rad()) for x in values[-3:]), key=float)
    floor = scale * CLOSE + 4 * noise
    if all(bool(abs(d) <= floor) for d in changes[-2:]):
        return middles[-1], floor
    if (rest := _rest(changes)) is not None:
        return middles[-1], rest + floor
    if len(values) < FEWEST:
        raise Unknown("too few values could be found to tell a limit")
    ratios = [float(b / a) for a, b in pairwise(changes[-5:]) if not bool(a == 0)]
    if len(ratios) < 3 or any(np.isnan(ratios)):
        raise Unknown("the values do not settle")
    if all(r > 1 - 1e-6 for r in ratios[-3:]) and len({bool(d > 0) for d in changes[-4:]}) == 1:
        return (oo if bool(changes[-1] > 0) else -oo), arb(0)
    lag = min(6, len(changes) // 2)
    late, early = (max(float(abs(d) / scale) for d in part) for part in (changes[-3:], changes[-3 - lag : -lag]))
    if not late < 0.8 * early:  # what recurs has an epsilon algorithm, and no limit
        raise Unknown("the values do not settle")
    value, error = _wynn(middles)
    spread = max(ratios[-3:]) - min(ratios[-3:])
    if not (abs(ratios[-1]) < 0.93 and (spread < 0.2 or bool(error < scale * 2.0**-40))):
        raise Unknown("the values do not settle, or too slowly to tell a limit")
    return value, error + floor


def _rest(changes: Sequence[Any]) -> Any:
    """What is left of a sequence that converges faster than any geometric one, by its last changes; None for others."""
    if len(changes) < 4 or any(bool(d == 0) for d in changes[-4:]):
        return None
    falls = [float(abs(b / a)) for a, b in pairwise(changes[-4:])]
    fast = falls[2] < falls[1] / 8 < falls[0] / 64 and falls[2] < 2.0**-16
    return abs(changes[-1]) * falls[2] * 4 if fast else None


def _wynn(middles: Sequence[Any]) -> tuple[Any, Any]:
    """The epsilon algorithm on the whole sequence and without its end; the error is how far these differ."""
    found = [_epsilon(middles[: len(middles) - k]) for k in (0, 1, 2)]
    error = max(abs(found[0] - other) for other in found[1:])
    return found[0], (4 * error).upper()


def _epsilon(middles: Sequence[Any]) -> Any:
    """The deepest entry of the table that differs least from its neighbours."""
    before: list[Any] = [arb(0)] * (len(middles) + 1)
    now = list(middles)
    best, change = now[-1], abs(now[-1] - now[-2])
    for column in range(1, len(middles)):
        later = []
        for k in range(len(now) - 1):
            difference = now[k + 1] - now[k]
            if bool(difference == 0) or float(abs(difference)) < 2.0 ** (-ctx.prec + 30):
                return now[k + 1] if column % 2 == 1 else best
            later.append((before[k + 1] + 1 / difference).mid())
        before, now = now, later
        if column % 2 == 0 and len(now) > 1:
            moved = abs(now[-1] - now[-2])
            if float(moved) < float(change):
                best, change = now[-1], moved
    return best


class Sequences:
    """Sequences of arguments towards the end of a limit, one for each side from which it is approached."""

    def __init__(self, node: Any, term: Any, scene: Scene) -> None:
        self.variable, self.end = node.args[1], scene.value(node.args[2])
        side = str(node.args[3]) if len(node.args) > 3 else ""
        if isinstance(self.end, Tracked):
            raise Opaque("derivatives do not go through a limit")
        x = self.variable
        self.most = MOST
        self.fewest = LEAST_OF_STEPS if isinstance(term, Count) else 4
        self.sides: list[Callable[[int], Any]]
        if is_infinite(self.end):
            sign = 1 if self.end is oo else -1
            if x.is_integer:
                self.most = MOST_COUNTED if term.has(Total, MatrixTotal, Sum, Product) else MOST
                self.sides = [lambda k: fmpq(sign * 2**k), lambda k: fmpq(sign * (2**k + 1))]  # even and odd
            else:
                self.sides = [lambda k: sign * FIRST * fmpq(2) ** k]
        else:
            end = self.end
            sides: dict[str, Callable[[int], Any]] = {
                "+": lambda k: end + FIRST / fmpq(2) ** k,
                "-": lambda k: end - FIRST / fmpq(2) ** k,
            }
            if not side and compare(end, fmpq(0))[0] == 0 and (x.is_nonnegative or x.is_nonpositive):
                side = "+" if x.is_nonnegative else "-"
            self.sides = [sides[side]] if side else list(sides.values())

    def values(self, value_at: Callable[[Any], list[Any]]) -> list[list[list[Any]]]:
        """By side: the values of the entries along the sequence, as far as they can be told and change."""
        out, reasons = [], []
        for side in self.sides:
            found: list[list[Any]] = []
            reason: Unknown | None = None
            for k in range(1, self.most):
                try:
                    found.append([as_ball(v) for v in value_at(side(k))])
                except Never:
                    raise
                except Unknown as error:
                    reason = error
                    if found:
                        break
                    continue
                if len(found) >= self.fewest and all(_still(entry) for entry in zip(*found[-5:])):
                    break
            if len(found) >= self.fewest:
                out.append(found)
            else:
                reasons.append(reason)
        if not out or (reasons and is_infinite(self.end)):
            raise Unknown(f"too few values towards the end could be found: {reasons[0]}")
        return out  # a side on which nothing is defined does not count


def _still(entry: Sequence[Any]) -> bool:
    """Whether more values would add nothing."""
    middles = [x.mid() for x in entry]
    changes = [b - a for a, b in pairwise(middles)]
    bound = arb.max(arb(1), abs(middles[-1])) * CLOSE
    rest = _rest(changes)
    return all(bool(abs(d) <= bound) for d in changes[-2:]) or (rest is not None and bool(rest <= bound))


def _agreed(found: Sequence[tuple[Any, Any]], what: str) -> Any:
    """The limit from both sides; `Unknown` where they differ."""
    balls = [v if is_infinite(v) else arb(v.mid(), (arb(v.rad()) + e).upper()) for v, e in found]
    for other in balls[1:]:
        same = other == balls[0] if is_infinite(other) or is_infinite(balls[0]) else other.overlaps(balls[0])
        if not same:
            raise Unknown(f"{what} does not exist here: the sides tend to {balls[0]} and {other}")
    return balls[0] if is_infinite(balls[0]) else min(balls, key=lambda b: float(b.rad()))


# --- terms --------------------------------------------------------------------------------------


def _states_at_rest(node: Any, scene: Scene) -> dict[Any, Any] | None:
    """Where the trajectory ends that a limit follows to all times; None for other limits, and where it is not seen."""
    term, variable, end = node.args[:3]
    if end is not oo or not isinstance(term, Along) or term.args[2] != variable:
        return None
    expr, dynamics, _, start = term.args
    if any(part.has(variable) for part in (expr, dynamics, start)):
        return None
    begin = {state: scene.value(start[state]) for state in dynamics.states}
    if any(isinstance(x, Tracked) for value in begin.values() for x in np.ravel(np.asarray(value, dtype=object))):
        raise Opaque("derivatives do not go through a limit")
    return rest_of(dynamics, begin, scene)


@evaluator(*Limit.kinds)
def _limit(node: Any, scene: Scene) -> Any:
    term, variable = node.args[0], node.args[1]
    if (end := _destination(node, scene)) is not None:
        return end
    if (states := _states_at_rest(node, scene)) is not None:
        return scene.within(states).value(term.args[0])
    sequences = Sequences(node, term, scene)
    shapes: set[tuple[int, ...]] = set()

    def value_at(x: Any) -> list[Any]:
        value = scene.within({variable: x}).value(term)
        shapes.add(np.shape(value))
        entries = list(value.flat) if isinstance(value, np.ndarray) else [value]
        if any(isinstance(entry, Tracked) for entry in entries):
            raise Opaque("derivatives do not go through a limit")
        return entries

    sides = sequences.values(value_at)
    count = max(len(side) for side in sides)
    out = [
        _agreed([settled(list(entry)) for entry in entries], f"the limit of {term}")
        for entries in zip(*(list(zip(*side)) for side in sides))
    ]
    scene.estimate(f"a limit was extrapolated from {count} values")
    (shape,) = shapes
    if not shape:
        return out[0]
    matrix = np.empty(shape, dtype=object)
    matrix.ravel()[:] = out
    return matrix


def _destination(node: Any, scene: Scene) -> Any:
    """Where a state that moves alone, with a rational velocity, ends; None where that is not asked, or not seen.

    It moves one way and passes no equilibrium: it tends to the next one, unless a pole is on the way.
    """
    if not isinstance(node.args[0], Along) or node.args[2] != oo:
        return None
    state, dynamics, time, start = node.args[0].args
    alone = dynamics.states == (state,) and not is_matrix(state)
    if not alone or time != node.args[1] or isinstance(dynamics, GradientDescent):
        return None
    begin = scene.value(start[state])
    try:
        above, below = (univariate(side[0]) for side in Function.velocity(dynamics, scene).ratios())
    except (Unknown, TypeError, AttributeError):
        return None
    if not isinstance(begin, fmpq) or below(begin) == 0:
        return None
    speed = above(begin) / below(begin)
    if speed == 0:
        return begin
    direction = 1 if speed > 0 else -1
    stops = [(root, p is above) for p in (above, below) for root, _ in real_roots(p)]
    ahead = [(root, stays) for root, stays in stops if compare(root, begin) == (direction, True)]
    if not ahead:
        return None
    end, _ = min(ahead, key=lambda stop: direction * float(arb(stop[0])))
    return end if all(stays for root, stays in ahead if arb(root).overlaps(arb(end))) else None


@evaluator(Order)
def _order(node: Any, scene: Scene) -> Any:
    term, variable = node.args[0], node.args[1]
    sequences = Sequences(node, term, scene)

    def size_at(x: Any) -> list[Any]:
        value = scene.within({variable: x}).value(term)
        if isinstance(value, Tracked):
            raise Opaque("derivatives do not go through an order")
        size = abs(as_ball(value))
        if size.contains(0):
            raise Unknown(f"{term} cannot be told from zero at {variable} = {float(arb(x)):.3g}")
        return [size.log()]

    sides = []
    for found in _without_rest(sequences, size_at):
        falls = [(a - b) / arb(2).log() for a, b in pairwise(found)]
        sides.append(settled([-f for f in falls] if is_infinite(sequences.end) else falls))
    scene.estimate("an order was read off the slopes between values")
    order = _agreed(sides, f"the order of {term}")
    return order if is_infinite(order) else _as_fraction(order)


def _without_rest(sequences: Sequences, size_at: Callable[[Any], list[Any]]) -> list[list[Any]]:
    return [[entries[0] for entries in side] for side in sequences.values(size_at)]


def _as_fraction(order: Any) -> Any:
    """The simple fraction that an order all but is; the ball itself where there is none."""
    middle = float(order.mid())
    simple = Fraction(middle).limit_denominator(LARGEST_DENOMINATOR)
    near = abs(middle - float(simple)) <= max(2 * float(order.rad()), 2.0**-40)
    return fmpq(simple.numerator, simple.denominator) if near and float(order.rad()) < 1e-5 else order
