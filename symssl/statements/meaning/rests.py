"""Where a trajectory comes to rest, integrated in floats: an estimate of its limit.

A start on the border between two basins would be carried away by rounding.  The integration is therefore repeated
from starts on both sides of the given one; where these come to rest elsewhere, nothing is told.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from ...language.dynamics import Dynamics, GradientDescent
from .floats import Floats
from .functions import Function
from .scene import Scene, Unknown

__all__ = ["rest_of"]

STAGES = 9  # of integration, each four times as long as the one before
MOST_STEPS = 400  # in a stage
ASIDE = 1e-7  # how far the other starts are away, relative to the size of the first
SLOW = 1e-9  # a speed, relative to the states, at which a trajectory is taken to rest
DIGITS = 256  # bits, in which the place of rest is polished


def rest_of(dynamics: Dynamics, start: Mapping[Any, Any], scene: Scene) -> dict[Any, Any] | None:
    """The states in which the trajectory from a start comes to rest; None where that is not seen.

    Where the start is at rest exactly, it is returned as it is; else an estimate is noted.
    """
    if isinstance(dynamics, GradientDescent):
        return None
    velocity = Function.velocity(dynamics, scene, scene.bits)
    flat = velocity.coordinates.flat(start)
    if all(isinstance(x, (int, fmpq)) for x in flat) and _at_rest(velocity, flat):
        return dict(start)
    table = Floats.of(velocity)
    if table is None:
        return None
    begin = np.array([float(arb(x).mid()) for x in flat])
    direction = np.random.default_rng(len(flat)).normal(size=len(flat))
    aside = ASIDE * max(1.0, np.abs(begin).max()) * direction / np.abs(direction).max()
    ends = [_end(table, begin + side * aside) for side in (0, 1, -1)]
    if any(end is None for end in ends):
        return None
    size = max(1.0, np.abs(ends[0]).max())
    if max(np.abs(end - ends[0]).max() for end in ends[1:]) > 1e3 * ASIDE * size:
        return None
    scene.estimate("a trajectory was followed in floats until it came to rest")
    place = _polished(velocity, table, ends[0])
    if place is None or max(abs(float(x.mid()) - y) for x, y in zip(place, ends[0])) > 1e-5 * size:
        return None
    return velocity.coordinates.values(place)


def _polished(velocity: Function, table: Floats, states: Any) -> Any:
    """The point nearby at which the velocities vanish, of several the nearest, in many digits by Newton's method.

    The inverse of the slopes is had in floats once, the velocities in many digits, so that every round gains some.
    """
    for _ in range(4):
        states = states - np.linalg.pinv(table.slopes(states), rcond=1e-6) @ table(states)
    inverse = np.linalg.pinv(table.slopes(states), rcond=1e-6)
    with ctx.workprec(DIGITS):
        point = [arb(float(x)) for x in states]
        for _ in range(12):
            speeds = [arb(f).mid() for f in velocity(point)]
            size = max(float(abs(f)) for f in speeds)
            if size < 2.0**-120:
                return [arb(x.mid(), arb(2) ** -110 * max(1.0, float(abs(x)))) for x in point]
            step = inverse @ np.array([float(f / size) for f in speeds])
            point = [(x - arb(float(s)) * size).mid() for x, s in zip(point, step)]
    return None


def _at_rest(velocity: Function, flat: Any) -> bool:
    try:
        return all(isinstance(f, (int, fmpq)) and f == 0 for f in velocity(flat))
    except (Unknown, TypeError):
        return False


def _end(table: Floats, begin: Any) -> Any:
    """The states once they hardly move, over longer and longer times."""
    from scipy.integrate import ODEintWarning, odeint

    states, length = begin, 1.0
    for _ in range(STAGES):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ODEintWarning)
            path, told = odeint(
                lambda _, x: table(x),
                states,
                [0.0, length],
                tfirst=True,
                rtol=1e-10,
                atol=1e-12,
                mxstep=MOST_STEPS,
                full_output=True,
            )
        states = path[-1]
        if told["message"] != "Integration successful." or not np.all(np.isfinite(states)):
            return None
        if np.abs(table(states)).max() <= SLOW * max(1.0, np.abs(states).max()):
            return states
        length *= 4
    return None
