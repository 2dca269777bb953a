"""Pseudo-arclength continuation of equilibria, and the events on the way.

The curve F(z) = 0, z = (states, parameter), is followed by a step along its
tangent and Newton's method in the plane normal to it.  Lengths are measured in
the units of `Settings.scale`.  Algorithms yield, the caller stops: `walk` gives
one point after the other.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import mapping_of
from .branches import Branch
from .corrector import _NEWTON, _SMALL, correct, point_at, tangent_at
from .events import locate, switch_directions
from .problem import FieldProblem

__all__ = ["Settings", "continue_branch", "parameter_range", "state_scale", "walk"]

_SHARP = 0.96  # cosine of the largest turn of the tangent in one step
_VERTICAL = 1e-6  # a tangent with a smaller part along the parameter is that of a fold
_ASIDE = 1e-2  # how far a start may be moved onto the branch, in scaled length


@dataclass(frozen=True)
class Settings:
    """Where to go, and how finely.

    `low` and `high` limit the states and, last, the parameter.  `step`, `smallest` and
    `largest` are arclengths in units of `scale`; `method` is "arclength", or "natural" for steps
    in the parameter alone, which end at a fold.  `samples` is the number of pieces of a step in
    which a zero of a user's function is looked for.
    """

    low: np.ndarray
    high: np.ndarray
    scale: Any = 1.0
    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.04
    points: int = 2000
    method: str = "arclength"
    samples: int = 4
    functions: dict = field(default_factory=dict)


def walk(problem, start, tangent, settings):
    """Yield points from `start` along `tangent` until a bound, closure or failure.

    The generator returns (status, message); events are not looked for here.
    """
    scale = settings.scale
    problem.accept(start)
    current = point_at(problem, start, tangent_at(problem, start, tangent, scale), scale)
    yield current
    first, step, travelled = current, settings.step, 0.0
    for _ in range(settings.points):
        ahead = _next(problem, current, step, settings)
        if ahead is None:
            step /= 2
            if step < settings.smallest:
                return "step", _stuck(current, step, settings)
            continue
        point, steps = ahead
        if (face := _left(current, point, settings)) is not None:
            if (last := _on_face(problem, current, point, *face, settings)) is not None:
                yield last
            return face_status(problem, *face, len(point.z))
        yield point
        problem.accept(point.z)
        travelled += step
        if travelled > 3 * step and _closes(first, current, point, scale):
            return "closed", "the branch closes upon itself"
        current = point
        step = min(step * (1.6 if steps <= 3 else 1.0 if steps <= 5 else 0.6), settings.largest)
    return "points", f"{settings.points} points were not enough; raise `points`"


def _stuck(current, step, settings):
    where = f"the step shrank to {step:.1e} at parameter {current.z[-1]:.12g}: "
    if settings.method == "natural" and abs(current.tangent[-1]) < 0.1:
        return where + "steps in the parameter cannot pass a fold; follow the branch with method='arclength'"
    return where + "the branch may end or turn sharply here; start nearer or lower `smallest`"


def _next(problem, current, step, settings):
    """The next point and the number of Newton steps, or None."""
    scale, row, direction = settings.scale, current.tangent, current.tangent
    if settings.method == "natural":
        row = np.zeros(len(row))
        row[-1] = np.sign(direction[-1])
        direction = direction / max(abs(direction[-1]), 1e-8)
    guess = current.z + step * direction * scale
    found = correct(problem, guess, row, row @ (guess / scale), scale)
    if found is None:
        return None
    z, steps = found
    if np.linalg.norm((z - guess) / scale) > 0.3 * step * np.linalg.norm(direction) + 1e-12:
        return None
    tangent = tangent_at(problem, z, current.tangent, scale)
    if tangent @ current.tangent < _SHARP:
        return None
    point = point_at(problem, z, tangent, scale)
    return (point, steps) if point.verified else None


# -- the ends of a branch ------------------------------------------------------------------


def _left(inside, outside, settings):
    """(coordinate, bound) of the limit that is crossed first between two points, or None."""
    slack = 1e-9 * settings.scale
    crossed = [
        (k, bound)
        for bounds, beyond in (
            (settings.low, outside.z < settings.low - slack),
            (settings.high, outside.z > settings.high + slack),
        )
        for k, bound in zip(np.flatnonzero(beyond), bounds[beyond])
    ]
    return min(crossed, key=lambda face: _part(inside, outside, *face), default=None)


def _part(inside, outside, k, bound):
    """The part of the way from one point to the other at which a coordinate takes the value of a bound."""
    return (bound - inside.z[k]) / (outside.z[k] - inside.z[k])


def _on_face(problem, inside, outside, k, bound, settings):
    """The point of the branch at which coordinate k takes the value of its bound."""
    guess = inside.z + _part(inside, outside, k, bound) * (outside.z - inside.z)
    row = np.zeros(len(guess))
    row[k] = 1.0
    found = correct(problem, guess, row, bound / settings.scale[k], settings.scale)
    if found is None:
        return None
    z = found[0]
    z[k] = bound
    return point_at(problem, z, tangent_at(problem, z, inside.tangent, settings.scale), settings.scale)


def face_status(problem, k, bound, length):
    """Status and message of a branch that reaches a limit."""
    if k == length - 1:
        return "bound", f"reached {bound:g}"
    return "state bound", f"{names_of(problem, length)[k]} reaches {bound:g}"


def names_of(problem, length):
    """Names of the states of a point with so many coordinates."""
    return tuple(map(str, getattr(problem, "states", ()))) or tuple(f"s_{k + 1}" for k in range(length - 1))


def _closes(first, before, after, scale):
    """Whether the first point lies on the step from `before` to `after`."""
    leg, gap = (after.z - before.z) / scale, (first.z - before.z) / scale
    along = gap @ leg / (leg @ leg)
    return (
        0 < along <= 1
        and np.linalg.norm(gap - along * leg) < 0.2 * np.linalg.norm(leg)
        and first.tangent @ after.tangent > 0.5
    )


def continue_branch(
    flow,
    parameter,
    start,
    values=None,
    /,
    *,
    at=None,
    bounds,
    direction=None,
    functions=None,
    within=None,
    state_bound=1e6,
    method="arclength",
    problem=None,
    size=None,
    **options,
):
    """Follow the equilibrium near `start` in a parameter, in both directions or one.

    Parameters
    ----------
    flow : Flow
    parameter : Symbol or name
    start : sequence or number, the states of an equilibrium (it is corrected; it may be a fold), or a saved `Branch`
    values : mapping of the other parameters to numbers
    at : parameter at the start; the lower bound if not given
    bounds : (lower, upper) limits of the parameter
    direction : +1 or -1 to go one way only; None for both
    functions : mapping {name: callable(states, parameter)} whose zeros are located (label UZ)
    within : mapping {state: (lower, upper)} at which the branch ends; `state_bound` limits the absolute
        value of every other state, and the signs assumed of the states hold in any case
    method : "arclength", or "natural" for steps in the parameter alone, which end at a fold
    size : typical size of the states, the unit of their lengths; that of the start if not given
    options : step, smallest, largest (arclengths in units of the range of the parameter), points, samples

    Returns
    -------
    Branch, with every event located and every residual evaluated anew.

    Raises
    ------
    InputError
        For a start that no equilibrium is near or that is a branch point, reversed bounds, unknown
        parameters, an unknown method.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, m = symbols("x m", real=True)
    >>> branch = continue_branch(Flow({x: m - x**2}, (m,)), m, 1, at=1, bounds=(-1, 1))
    >>> [(e.label, abs(round(e.parameter, 12))) for e in branch.events]
    [('LP', 0.0)]
    """
    low, high = parameter_range(bounds)
    if method not in ("arclength", "natural"):
        raise InputError(f"method {method!r}: choose 'arclength' or 'natural'")
    problem = problem or FieldProblem(flow, parameter, values)
    if isinstance(start, Branch):
        at, near, begin = start.lam[-1], start.tangent, start.x[-1]
        directions = (1,)
    else:
        at, near = low if at is None else float(at), None
        begin = _numbers(problem, start)
        directions = (1, -1) if direction is None else (int(np.sign(direction)),)
    if not low <= at <= high:
        raise InputError(f"the start lies at {at:g}, outside the bounds {low:g}..{high:g}")
    scale = state_scale(begin if size is None else np.full(len(begin), size), low, high)
    limits = _limits(names_of(problem, len(begin) + 1), getattr(problem, "states", ()), within, state_bound)
    settings = Settings(
        np.append(limits[0], low),
        np.append(limits[1], high),
        scale,
        method=method,
        functions=dict(functions or {}),
        **options,
    )
    z, near = _started(problem, begin, at, near, scale)
    _insist_inside(problem, z, settings)
    legs = [_leg(problem, z, sign * near, settings) for sign in directions]
    return _branch(problem, legs, values)


def _insist_inside(problem, z, settings):
    """A start beyond the limits would be followed outside of them, up to where the branch enters."""
    slack = 1e-9 * settings.scale
    for k in np.flatnonzero((z < settings.low - slack) | (z > settings.high + slack)):
        raise InputError(
            f"the start {names_of(problem, len(z))[k]} = {z[k]:g} lies outside the limits "
            f"{settings.low[k]:g}..{settings.high[k]:g} of the state: widen `within` or `state_bound`"
        )


def parameter_range(bounds):
    try:
        low, high = map(float, bounds)
    except (TypeError, ValueError):
        raise InputError(f"bounds are a pair of numbers, got {bounds!r}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(f"the bounds {low:g}..{high:g} are empty, reversed or not finite")
    return low, high


def _numbers(problem, start):
    """The states of a start as an array."""
    try:
        begin = np.atleast_1d(np.asarray(start, float))
    except (TypeError, ValueError):
        raise InputError(f"the start {start!r} does not list numbers") from None
    states = getattr(problem, "states", None)
    if begin.ndim != 1 or (states and len(begin) != len(states)) or not np.isfinite(begin).all():
        wanted = f"{len(states)} finite numbers ({', '.join(map(str, states))})" if states else "finite numbers"
        raise InputError(f"the start must list {wanted}, got {begin.tolist()}")
    return begin


def _limits(names, states, within, state_bound):
    """Lower and upper limits of the states: those given, and the signs that are assumed."""
    low, high = np.full(len(names), -float(state_bound)), np.full(len(names), float(state_bound))
    for name, limits in dict(within or {}).items():
        if str(name) not in names:
            raise InputError(f"{name} is not a state; there are: {', '.join(names)}")
        k = names.index(str(name))
        low[k], high[k] = parameter_range(limits)
    for k, x in enumerate(states):
        if x.is_nonnegative:
            low[k] = max(low[k], 0.0)
        if x.is_nonpositive:
            high[k] = min(high[k], 0.0)
    return low, high


def state_scale(state, low, high):
    """Units: the range of the parameter, and a common size of the states."""
    size = float(np.abs(state).max(initial=0))
    return np.append(np.full(len(state), size if size > 1e-6 else 1.0), high - low)


def _started(problem, begin, at, near, scale):
    """The equilibrium near a start, and the tangent of its branch, along `near` if that is given."""
    z, row = np.append(begin, at), np.zeros(len(begin) + 1)
    row[-1] = 1.0
    problem.accept(z)
    found = correct(problem, z, row, at / scale[-1], scale)
    if found is not None:
        tangent = tangent_at(problem, found[0], row, scale)
        if abs(tangent[-1]) > _VERTICAL:
            return found[0], np.sign(tangent[-1]) * tangent if near is None else near
    place = _singular(problem, z if found is None else found[0], scale)
    if place is None:
        residual = float(np.abs(problem.evaluate(z)[0]).max())
        raise InputError(
            f"no equilibrium is found near {begin.tolist()} at parameter {at:g}: the field there is {residual:.3g}"
        )
    return _beside(problem, *place, scale) if near is None else (place[0], near)


def _beside(problem, z, tangent, scale):
    """A point of the branch close to one at which it is vertical, which is then passed and seen as a fold."""
    guess = z + 1e-3 * tangent * scale
    z, _ = correct(problem, guess, tangent, tangent @ (guess / scale), scale) or (z, 0)
    return z, tangent_at(problem, z, tangent, scale)


def _singular(problem, z, scale):
    """The point of a branch near a start at which the states cannot be solved for, and the tangent; or None.

    Newton's method takes the shortest step onto the branch, which a fold does not hinder.
    """
    begin = z
    with np.errstate(all="ignore"):
        for _ in range(3 * _NEWTON):
            value, slopes = problem.evaluate(z)
            if not isinstance(slopes, np.ndarray) or not np.isfinite(slopes).all():
                return None
            change = np.linalg.lstsq(slopes * scale, -value, rcond=1e-12)[0]
            z = z + change * scale
            if np.linalg.norm(change) <= 1e-13:
                break
    if np.linalg.norm((z - begin) / scale) > _ASIDE or np.abs(value).max() > _SMALL * problem.reach(
        slopes, np.abs(z) + scale
    ):
        return None
    sizes, rows = np.linalg.svd(slopes * scale)[1:]
    if sizes[-1] <= 1e-9 * (sizes[0] or 1.0):
        beside = [(z + 1e-2 * d / np.linalg.norm(d / scale)).tolist() for d in switch_directions(problem, z)]
        raise InputError(
            f"the start {z.tolist()} (states, parameter) is a branch point: start beside it"
            + (f", near {' or '.join(map(str, beside))}" if beside else "")
        )
    return z, rows[-1]


def _leg(problem, z, tangent, settings):
    """The points of one direction, the events between them and how it ended."""
    points, events = [], []
    walker = walk(problem, z, tangent, settings)
    while True:
        try:
            point = next(walker)
        except StopIteration as end:
            return points, events, end.value
        if points:
            events += locate(problem, points[-1], point, settings)
        points.append(point)


def _branch(problem, legs, values):
    forward, *backward = legs
    points, events, (status, message) = forward
    if backward and status != "closed":
        back, more, (other, other_message) = backward[0]
        points = [replace(p, tangent=-p.tangent) for p in back[:0:-1]] + points
        events = [*more[::-1], *events]
        if other not in ("bound", status):
            status, message = other, other_message
    z = np.array([p.z for p in points])
    return Branch(
        str(getattr(problem, "parameter", "")),
        names_of(problem, z.shape[1]),
        {str(k): str(v) for k, v in mapping_of("values", values, "parameters to numbers").items()},
        z[:, -1],
        z[:, :-1],
        np.array([p.unstable for p in points]),
        np.array([p.residual for p in points]),
        points[-1].tangent,
        tuple(events),
        status,
        message,
    )
