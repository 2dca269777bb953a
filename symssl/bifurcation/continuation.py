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
from .branches import Branch
from .locate import locate
from .problem import FieldProblem

__all__ = ["Point", "Settings", "continue_branch", "correct", "tangent_at", "walk"]

_SHARP = 0.96           # cosine of the largest turn of the tangent in one step
_NEWTON = 8


@dataclass(frozen=True)
class Settings:
    """Where to go, and how finely.

    `step`, `smallest` and `largest` are arclengths in units of the range of the
    parameter; `state_bound` limits the absolute value of every state.
    """

    bounds: tuple
    scale: Any = 1.0
    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.04
    points: int = 2000
    state_bound: float = 1e6
    functions: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """A point of a branch with its unit tangent and the tests that tell events apart."""

    z: np.ndarray
    tangent: np.ndarray
    orientation: float          # sign of the bordered determinant: changes at branch points
    unstable: int
    eigenvalues: np.ndarray
    residual: float


def correct(problem, guess, row, level, scale):
    """Newton's method for F(z) = 0 and row . z/scale = level; None where it fails.

    Returns the point and the number of steps.
    """
    z = guess
    with np.errstate(all="ignore"):
        for steps in range(1, _NEWTON + 1):
            value, slopes = problem.evaluate(z)
            gap = np.append(value, row @ (z / scale) - level)
            if not np.isfinite(gap).all():
                return None
            try:
                change = problem.solve(slopes, row / scale, -gap)
            except np.linalg.LinAlgError:
                return None
            if not np.isfinite(change).all():
                return None
            z = z + change
            if np.linalg.norm(change / scale) <= 1e-13 * (1 + np.linalg.norm(z / scale)) or (
                    steps > 3 and np.linalg.norm(change / scale) <= 1e-10):
                return z, steps
    return None


def tangent_at(problem, z, near, scale):
    """Unit tangent in scaled coordinates that points along `near`."""
    _, slopes = problem.evaluate(z)
    right = np.zeros(len(z))
    right[-1] = 1
    try:
        direction = problem.solve(slopes, near / scale, right) / scale
    except np.linalg.LinAlgError:
        return near
    if not np.isfinite(direction).all() or not direction.any():
        return near
    return direction / np.linalg.norm(direction)


def point_at(problem, z, tangent, scale):
    """The point with its tests; the residual is evaluated anew."""
    value, slopes = problem.evaluate(z)
    eigenvalues = problem.eigenvalues(slopes)
    return Point(z, tangent, problem.determinant_sign(slopes, tangent / scale), int((eigenvalues.real > 0).sum()),
                 eigenvalues, float(np.abs(value).max()))


def walk(problem, start, tangent, settings):
    """Yield points from `start` along `tangent` until a bound, closure or failure.

    The generator returns (status, message); events are not looked for here.
    """
    scale, (low, high) = settings.scale, settings.bounds
    current = point_at(problem, start, tangent_at(problem, start, tangent, scale), scale)
    yield current
    first, step, travelled = current, settings.step, 0.0
    for _ in range(settings.points):
        ahead = _next(problem, current, step, scale)
        if ahead is None:
            step /= 2
            if step < settings.smallest:
                return "step", (f"the step shrank to {step:.1e} at parameter {current.z[-1]:.12g}: the branch may end or turn "
                                "sharply here; start nearer or lower `smallest`")
            continue
        point, used, steps = ahead
        if not low <= point.z[-1] <= high:
            bound = high if point.z[-1] > high else low
            last = _on_bound(problem, current, point, bound, scale)
            if last is not None:
                yield last
            return "bound", f"reached {bound:g}"
        if _leaves(problem, point.z):
            return "state bound", "a state reaches the end of the range that its assumptions allow"
        yield point
        travelled += used
        if np.abs(point.z[:-1]).max(initial=0) > settings.state_bound:
            return "state bound", f"a state exceeds {settings.state_bound:g}"
        if travelled > 3 * used and _closes(first, current, point, scale):
            return "closed", "the branch closes upon itself"
        current = point
        step = min(used * (1.6 if steps <= 3 else 1.0 if steps <= 5 else 0.6), settings.largest)
    return "points", f"{settings.points} points were not enough; raise `points`"


def _leaves(problem, z):
    """Whether a state has the sign that the assumptions on it exclude."""
    return any(x.is_nonnegative and value < 0 or x.is_nonpositive and value > 0
               for x, value in zip(getattr(problem, "states", ()), z))


def _next(problem, current, step, scale):
    """The next point, the step used and the number of Newton steps, or None."""
    guess = current.z + step * current.tangent * scale
    level = current.tangent @ (guess / scale)
    found = correct(problem, guess, current.tangent, level, scale)
    if found is None:
        return None
    z, steps = found
    if np.linalg.norm((z - guess) / scale) > 0.3 * step + 1e-12:
        return None
    tangent = tangent_at(problem, z, current.tangent, scale)
    if tangent @ current.tangent < _SHARP:
        return None
    return point_at(problem, z, tangent, scale), step, steps


def _on_bound(problem, inside, outside, bound, scale):
    """The point of the branch where the parameter takes the value of the bound."""
    part = (bound - inside.z[-1]) / (outside.z[-1] - inside.z[-1])
    guess = inside.z + part * (outside.z - inside.z)
    row = np.zeros(len(guess))
    row[-1] = 1.0
    found = correct(problem, guess, row, bound / np.broadcast_to(scale, guess.shape)[-1], scale)
    if found is None:
        return None
    z = found[0]
    z[-1] = bound
    return point_at(problem, z, tangent_at(problem, z, inside.tangent, scale), scale)


def _closes(first, before, after, scale):
    """Whether the first point lies on the step from `before` to `after`."""
    leg, gap = (after.z - before.z) / scale, (first.z - before.z) / scale
    along = gap @ leg / (leg @ leg)
    return 0 < along <= 1 and np.linalg.norm(gap - along * leg) < 0.2 * np.linalg.norm(leg) and \
        first.tangent @ after.tangent > 0.5


def continue_branch(flow, parameter, start, values=(), /, *, at=None, bounds, direction=None, functions=None,
                    problem=None, size=None, **options):
    """Follow the equilibrium near `start` in a parameter, in both directions or one.

    Parameters
    ----------
    flow : Flow
    parameter : Symbol or name
    start : sequence or number, the states of an equilibrium (it is corrected), or a saved `Branch`
    values : mapping of the other parameters to numbers
    at : parameter at the start; the lower bound if not given
    bounds : (lower, upper) limits of the parameter
    direction : +1 or -1 to go one way only; None for both
    functions : mapping {name: callable(states, parameter)} whose zeros are located (label UZ)
    size : typical size of the states, the unit of their lengths; that of the start if not given
    options : fields of `Settings`: step, smallest, largest, points, state_bound

    Returns
    -------
    Branch, with every event located and every residual evaluated anew.

    Raises
    ------
    InputError
        For a start that no equilibrium is near, reversed bounds, unknown parameters.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, m = symbols("x m", real=True)
    >>> branch = continue_branch(Flow({x: m - x**2}, (m,)), m, 1, at=1, bounds=(-1, 1))
    >>> [(e.label, abs(round(e.parameter, 12))) for e in branch.events]
    [('LP', 0.0)]
    """
    low, high = _range(bounds)
    problem = problem or FieldProblem(flow, parameter, values)
    if isinstance(start, Branch):
        at, near, begin = start.lam[-1], start.tangent, start.x[-1]
        directions = (1,)
    else:
        at, near = low if at is None else float(at), None
        begin = np.atleast_1d(np.asarray(start, float))
        directions = (1, -1) if direction is None else (int(np.sign(direction)),)
    if not low <= at <= high:
        raise InputError(f"the start lies at {at:g}, outside the bounds {low:g}..{high:g}")
    scale = _scale(begin if size is None else np.full(len(begin), size), low, high)
    settings = Settings((low, high), scale, functions=dict(functions or {}), **options)
    z = _started(problem, begin, at, scale)
    if near is None:
        near = _first_tangent(problem, z, scale)
    legs = [_leg(problem, z, sign * near, settings) for sign in directions]
    return _branch(problem, legs, values)


def _range(bounds):
    try:
        low, high = map(float, bounds)
    except (TypeError, ValueError):
        raise InputError(f"bounds are a pair of numbers, got {bounds!r}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(f"the bounds {low:g}..{high:g} are empty, reversed or not finite")
    return low, high


def _scale(state, low, high):
    """Units: the range of the parameter, and a common size of the states."""
    size = float(np.abs(state).max(initial=0)) or 1.0
    return np.append(np.full(len(state), max(size, 1e-8)), high - low)


def _started(problem, begin, at, scale):
    z = np.append(begin, at)
    row = np.zeros(len(z))
    row[-1] = 1.0
    found = correct(problem, z, row, at / scale[-1], scale)
    if found is None:
        residual = float(np.abs(problem.evaluate(z)[0]).max())
        raise InputError(f"no equilibrium is found near {begin.tolist()} at parameter {at:g}: the field there is {residual:.3g}; "
                         "a start may also be singular: move the parameter a little")
    return found[0]


def _first_tangent(problem, z, scale):
    row = np.zeros(len(z))
    row[-1] = 1.0
    tangent = tangent_at(problem, z, row, scale)
    return tangent if tangent[-1] >= 0 else -tangent


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
    names = tuple(map(str, getattr(problem, "states", ()))) or tuple(f"s_{k + 1}" for k in range(z.shape[1] - 1))
    return Branch(str(getattr(problem, "parameter", getattr(problem, "name", ""))), names,
                  {str(k): str(v) for k, v in dict(values).items()}, z[:, -1], z[:, :-1],
                  np.array([p.unstable for p in points]), np.array([p.residual for p in points]),
                  points[-1].tangent, tuple(events), status, message)
