"""Pseudo-arclength continuation of equilibria, and the events on the way.

The curve F(z) = 0, z = (states, parameter), is followed by a step along its
tangent and Newton's method in the plane normal to it.  Lengths are measured in
units of the range of the parameter and of the size of the states.  Algorithms
yield, the caller stops: `walk` gives one point after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError
from ..scalar.flow import Flow
from ..support.arguments import described, instance_of, mapping_of, number, one_of, whole
from ..support.suggestions import did_you_mean
from .branches import Branch, message_of
from .corrector import NEWTON_STEPS, SMALL, Point, correct, point_at, tangent_at
from .events import located_events, switch_directions
from .inputs import coordinates_of, functions_of, limits_of, point_of, real
from .problem import FieldProblem, Problem

__all__ = ["Settings", "continue_branch", "state_scale", "walk"]

_SHARP = 0.96  # cosine of the largest turn of the tangent in one step
_VERTICAL = 1e-6  # a tangent with a smaller part along the parameter is that of a fold
_ASIDE = 1e-2  # how far a start may be moved onto the branch, in scaled length


@dataclass(frozen=True)
class Settings:
    """How finely and how far a branch is followed; the defaults suit most problems.

    Attributes
    ----------
    step, smallest, largest : first, smallest and largest step, arclengths in units of the range of the parameter
        (and of `size` for the states)
    points : largest number of points in one direction, 2000 if not given; of what is known in closed form the
        number of points along a curve, 200 if not given
    samples : pieces of a step in which a zero of a user's function is looked for: 4 along a branch and 1
        along a curve in two parameters if not given
    size : typical size of the states, the unit of their lengths; that of the start if not given
    state_bound : absolute value of a state at which a branch ends, where `within` says nothing of it

    Raises
    ------
    InputError
        For what is not positive, and for steps that are not in order.

    Examples
    --------
    >>> from dataclasses import replace
    >>> fine = Settings(step=1e-3, largest=5e-3)
    >>> replace(fine, points=10_000).points
    10000
    """

    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.04
    points: int | None = None
    samples: int | None = None
    size: float | None = None
    state_bound: float = 1e6

    def __post_init__(self) -> None:
        for name in ("step", "smallest", "largest", "state_bound"):
            number(name, getattr(self, name), 0)
        if self.size is not None:
            number("size", self.size, 0)
        if self.points is not None:
            whole("points", self.points, 2, 10**7)
        if self.samples is not None:
            whole("samples", self.samples, 1, 10**5)
        if not self.smallest <= min(self.step, self.largest):
            raise InputError(
                f"the smallest step {self.smallest:g} must be at most the first, {self.step:g}, "
                f"and the largest, {self.largest:g}"
            )


def settings_of(settings: Any) -> Settings:
    """Settings, or the defaults for None."""
    return Settings() if settings is None else instance_of("settings", settings, Settings, "a Settings, or None")


@dataclass(frozen=True)
class Course:
    """Where a walk may go, and how: `low` and `high` limit the states and, last, the parameter; `scale` is their unit.

    `method` is "arclength", or "natural" for steps in the parameter alone, which end at a fold.
    """

    low: np.ndarray
    high: np.ndarray
    scale: np.ndarray
    step: float
    smallest: float
    largest: float
    points: int
    samples: int
    method: str = "arclength"
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] = field(default_factory=dict)


def walk(
    problem: Problem, start: np.ndarray, tangent: np.ndarray, course: Course
) -> Generator[Point, None, tuple[str, str]]:
    """Yield points from `start` along `tangent` until a bound, closure or failure.

    The generator returns (status, message); events are not looked for here.
    """
    scale = course.scale
    problem.accept(start)
    current = point_at(problem, start, tangent_at(problem, start, tangent, scale), scale)
    yield current
    first, step, travelled = current, course.step, 0.0
    for _ in range(course.points):
        ahead = _next(problem, current, step, course)
        if ahead is None:
            step /= 2
            if step < course.smallest:
                return _stuck(current, step, course)
            continue
        point, steps = ahead
        if (face := _left(current, point, course)) is not None:
            if (last := _on_face(problem, current, point, face[0], face[1], course)) is not None:
                yield last
            return _face_status(problem, face[0], face[1], len(point.z))
        yield point
        problem.accept(point.z)
        travelled += step
        if travelled > 3 * step and _closes(first, current, point, scale):
            return _ended("closed")
        current = point
        step = min(step * (1.6 if steps <= 3 else 1.0 if steps <= 5 else 0.6), course.largest)
    return _ended("points", points=course.points)


def _stuck(current, step, course):
    """Status and message of a step that became too small."""
    at_a_fold = course.method == "natural" and abs(current.tangent[-1]) < 0.1
    return _ended("fold" if at_a_fold else "step", step=step, at=current.z[-1])


def _ended(status, **places):
    return status, message_of(status, **places)


def _next(problem, current, step, course):
    """The next point and the number of Newton steps, or None."""
    scale, row, direction = course.scale, current.tangent, current.tangent
    if course.method == "natural":
        row = np.zeros(len(row))
        row[-1] = np.sign(direction[-1])
        direction = direction / max(abs(direction[-1]), 1e-8)
    guess = current.z + step * direction * scale
    corrected = correct(problem, guess, row, row @ (guess / scale), scale)
    if corrected is None:
        return None
    z, steps = corrected
    if np.linalg.norm((z - guess) / scale) > 0.3 * step * np.linalg.norm(direction) + 1e-12:
        return None
    tangent = tangent_at(problem, z, current.tangent, scale)
    if tangent @ current.tangent < _SHARP:
        return None
    point = point_at(problem, z, tangent, scale)
    return (point, steps) if point.verified else None


# -- the ends of a branch ------------------------------------------------------------------


def _left(inside, outside, course):
    """(coordinate, bound) of the limit that is crossed first between two points, or None."""
    slack = 1e-9 * course.scale
    crossed = [
        (k, bound)
        for bounds, beyond in (
            (course.low, outside.z < course.low - slack),
            (course.high, outside.z > course.high + slack),
        )
        for k, bound in zip(np.flatnonzero(beyond), bounds[beyond])
    ]
    return min(crossed, key=lambda face: _part(inside, outside, *face), default=None)


def _part(inside, outside, k, bound):
    """The part of the way from one point to the other at which a coordinate takes the value of a bound."""
    return (bound - inside.z[k]) / (outside.z[k] - inside.z[k])


def _on_face(problem, inside, outside, k, bound, course):
    """The point of the branch at which coordinate k takes the value of its bound."""
    guess = inside.z + _part(inside, outside, k, bound) * (outside.z - inside.z)
    row = np.zeros(len(guess))
    row[k] = 1.0
    corrected = correct(problem, guess, row, bound / course.scale[k], course.scale)
    if corrected is None:
        return None
    z = corrected[0]
    z[k] = bound
    return point_at(problem, z, tangent_at(problem, z, inside.tangent, course.scale), course.scale)


def _face_status(problem, k, bound, length):
    """Status and message of a branch that reaches a limit."""
    if k == length - 1:
        return _ended("bound", bound=bound)
    return _ended("state bound", state=_names(problem, length)[k], bound=bound)


def _names(problem, length):
    """Names of the states of a point with so many coordinates."""
    return tuple(map(str, problem.states)) or tuple(f"s_{k + 1}" for k in range(length - 1))


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
    flow: Flow | Problem,
    parameter: sp.Symbol | str,
    start: Any,
    values: Mapping[Any, Any] | None = None,
    *,
    bounds: tuple[float, float],
    at: float | None = None,
    direction: Literal[1, -1] | None = None,
    within: Mapping[Any, Any] | None = None,
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] | None = None,
    method: Literal["arclength", "natural"] = "arclength",
    settings: Settings | None = None,
) -> Branch:
    """Follow the equilibrium near `start` in a parameter, in both directions or one.

    Parameters
    ----------
    flow : Flow, or a `Problem` such as `ModeProblem`, which fixes the values of the other parameters itself
    parameter : Symbol or name
    start : mapping {state: number} of an equilibrium, which may give the parameter, too; it is corrected, and may be
        a fold.  Arrays are taken in the order of the states; for one state a number will do.  A `Branch`, saved or
        not, is continued from its end.
    values : mapping of the other parameters to numbers
    bounds : (lower, upper) limits of the parameter
    at : parameter at the start, where `start` does not give it; the lower bound if neither does
    direction : +1 or -1 to go one way only; None for both
    within : mapping {state: (lower, upper)} at which the branch ends; the signs assumed of the states hold in any case
    functions : mapping {name: callable(states, parameter)} whose zeros are located (label UZ)
    method : "arclength", or "natural" for steps in the parameter alone, which end at a fold
    settings : `Settings`, sizes and numbers of steps

    Returns
    -------
    Branch, with every event located and every residual evaluated anew.  How it ended is its `status`, in words its
    `message`, which says what to try where that is a failure.

    Raises
    ------
    InputError
        For a start that no equilibrium is near or that is a branch point, reversed bounds, unknown
        parameters, an unknown method.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> branch = continue_branch(Flow({x: m - x**2}, (m,)), m, {x: 1, m: 1}, bounds=(-1, 1))
    >>> [(e.label, abs(round(e.parameter, 12))) for e in branch.events]
    [('LP', 0.0)]
    """
    low, high = limits_of("bounds", bounds)
    one_of("method", method, ("arclength", "natural"))
    chosen, tests = settings_of(settings), functions_of(functions)
    problem = _problem(flow, parameter, values)
    directions = _directions(direction)
    if isinstance(start, Branch):
        begin, at, near = _continued(problem, start, at)
        directions = (1,)
    else:
        begin, at = _begun(problem, start, at, low)
        near = None
    if not low <= at <= high:
        raise InputError(f"the start lies at {at:g}, outside the bounds {low:g}..{high:g}: give `at` between them")
    scale = state_scale(begin if chosen.size is None else np.full(len(begin), chosen.size), low, high)
    limits = _limits(_names(problem, len(begin) + 1), problem.states, within, chosen.state_bound)
    course = Course(
        np.append(limits[0], low),
        np.append(limits[1], high),
        scale,
        chosen.step,
        chosen.smallest,
        chosen.largest,
        chosen.points or 2000,
        chosen.samples or 4,
        method,
        tests,
    )
    z, near = _started(problem, begin, at, near, scale)
    _insist_inside(problem, z, course)
    legs = [_leg(problem, z, sign * near, course) for sign in directions]
    return _branch(problem, legs)


def _problem(flow, parameter, values):
    """What is followed: a problem as it is, or a flow in one of its parameters."""
    if not isinstance(flow, Problem):
        if isinstance(parameter, (tuple, list)):
            raise InputError(f"parameter must be one Symbol or name, not {described(parameter)}")
        return FieldProblem(flow, parameter, values)
    if str(instance_of("parameter", parameter, (sp.Symbol, str), "a Symbol or a name")) != str(flow.parameter):
        raise InputError(f"this problem is followed in {flow.parameter}, not in {parameter}")
    if mapping_of("values", values, "parameters to numbers"):
        raise InputError("a problem fixes the values of its parameters itself: give them there, not as `values`")
    return flow


def _directions(direction):
    if direction is None:
        return 1, -1
    if isinstance(direction, bool) or direction not in (1, -1):
        raise InputError(f"direction must be 1, -1 or None, not {described(direction)}")
    return (int(direction),)


def _continued(problem, branch, at):
    """State, parameter and direction at the end of a branch."""
    if at is not None:
        raise InputError("a branch is continued from its end: leave out `at`")
    if not len(branch):
        raise InputError("the branch to continue from has no points")
    if branch.parameter != str(problem.parameter) or branch.states != _names(problem, len(branch.tangent)):
        raise InputError(
            f"the branch of {', '.join(branch.states)} in {branch.parameter} is none of "
            f"{', '.join(_names(problem, len(branch.tangent)))} in {problem.parameter}"
        )
    return branch.x[-1], float(branch.lam[-1]), branch.tangent


def _begun(problem, start, at, low):
    """State and parameter of a start."""
    if isinstance(start, Mapping) and problem.states:
        rest = {key: value for key, value in start.items() if str(key) != str(problem.parameter)}
        if len(rest) < len(start):
            if at is not None:
                raise InputError(f"`start` and `at` both give a value to {problem.parameter}: leave out one")
            at = next(value for key, value in start.items() if str(key) == str(problem.parameter))
        start = rest
    begin = point_of("start", start, problem.states) if problem.states else coordinates_of("start", start)
    return begin, low if at is None else real("at", at)


def _insist_inside(problem, z, course):
    """A start beyond the limits would be followed outside of them, up to where the branch enters."""
    slack = 1e-9 * course.scale
    for k in np.flatnonzero((z < course.low - slack) | (z > course.high + slack)):
        raise InputError(
            f"the start {_names(problem, len(z))[k]} = {z[k]:g} lies outside the limits "
            f"{course.low[k]:g}..{course.high[k]:g} of the state: widen `within`, or `state_bound` in the settings"
        )


def _limits(names, states, within, state_bound):
    """Lower and upper limits of the states: those given, and the signs that are assumed."""
    low, high = np.full(len(names), -float(state_bound)), np.full(len(names), float(state_bound))
    for key, limits in mapping_of("within", within, "states to (lower, upper)").items():
        name = str(instance_of("a key of within", key, (sp.Symbol, str), "a Symbol or a name"))
        if name not in names:
            raise InputError(f"{name} is not a state{did_you_mean(name, names, '; there are: ' + ', '.join(names))}")
        k = names.index(name)
        low[k], high[k] = limits_of(f"within[{name}]", limits)
    for k, x in enumerate(states):
        if x.is_nonnegative:
            low[k] = max(low[k], 0.0)
        if x.is_nonpositive:
            high[k] = min(high[k], 0.0)
    return low, high


def state_scale(state: Sequence[float] | np.ndarray, low: float, high: float) -> np.ndarray:
    """Units: the range of the parameter, and a common size of the states."""
    size = float(np.abs(state).max(initial=0))
    return np.append(np.full(len(state), size if size > 1e-6 else 1.0), high - low)


def _started(problem, begin, at, near, scale):
    """The equilibrium near a start, and the tangent of its branch, along `near` if that is given."""
    z, row = np.append(begin, at), np.zeros(len(begin) + 1)
    row[-1] = 1.0
    problem.accept(z)
    corrected = correct(problem, z, row, at / scale[-1], scale)
    if corrected is not None:
        tangent = tangent_at(problem, corrected[0], row, scale)
        if abs(tangent[-1]) > _VERTICAL:
            return corrected[0], np.sign(tangent[-1]) * tangent if near is None else near
    place = _singular(problem, z if corrected is None else corrected[0], scale)
    if place is None:
        residual = float(np.abs(problem.evaluate(z)[0]).max())
        raise InputError(
            f"no equilibrium is found near {described(begin.tolist())} at parameter {at:g}: "
            f"the field there is {residual:.3g}; start nearer, at a point that find_equilibria gives"
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
        for _ in range(3 * NEWTON_STEPS):
            value, slopes = problem.evaluate(z)
            if not isinstance(slopes, np.ndarray) or not np.isfinite(slopes).all():
                return None
            change = np.linalg.lstsq(slopes * scale, -value, rcond=1e-12)[0]
            z = z + change * scale
            if np.linalg.norm(change) <= 1e-13:
                break
    if np.linalg.norm((z - begin) / scale) > _ASIDE or np.abs(value).max() > SMALL * problem.reach(
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


def _leg(problem, z, tangent, course):
    """The points of one direction, the events between them and how it ended."""
    points, events = [], []
    walker = walk(problem, z, tangent, course)
    while True:
        try:
            point = next(walker)
        except StopIteration as end:
            return points, events, end.value
        if points:
            events += located_events(problem, points[-1], point, course)
        points.append(point)


def _branch(problem, legs):
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
        str(problem.parameter),
        _names(problem, z.shape[1]),
        dict(problem.values),
        z[:, -1],
        z[:, :-1],
        np.array([p.unstable for p in points]),
        np.array([p.residual for p in points]),
        points[-1].tangent,
        tuple(events),
        status,
        message,
    )
