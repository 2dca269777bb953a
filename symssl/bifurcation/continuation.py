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
from .branches import Branch, Event, message_of
from .corrector import NEWTON_STEPS, SMALL, Point, correct, point_at, tangent_at
from .events import Lost, end_events, located_events
from .inputs import coordinates_of, functions_of, limits_of, point_of, real
from .problem import FieldProblem, Problem
from .switching import half_branches, switch_directions

__all__ = ["Settings", "continue_branch", "state_scale", "walk"]

_SHARP = 0.96  # cosine of the largest turn of the tangent in one step
_VERTICAL = 1e-6  # a tangent with a smaller part along the parameter is that of a fold
_PATIENT = 1e-4  # steps longer than this are divided where the branch is lost within them
_ALIKE = 1e-8  # events of one kind that are nearer to each other are one
_FINEST = 1e-9  # part of its range to which the unit of the parameter may shrink
_NOTHING = 1e-12  # states below this are zero, and say nothing of their size
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
) -> Generator[tuple[Point, list[Event], np.ndarray], None, tuple[str, str]]:
    """Yield points from `start` along `tangent`, each with the events on the way to it and its units of length.

    The units of the states grow with the branch; that of the parameter shrinks where the branch turns within less
    than the smallest step, and recovers.  The walk ends at a bound, at closure or failure, and returns
    (status, message).
    """
    scale = course.scale
    problem.accept(start)
    current = point_at(problem, start, tangent_at(problem, start, tangent, scale), scale)
    yield current, [], scale
    first, direction, step, travelled = current, current.tangent * scale, course.step, 0.0
    for _ in range(course.points):
        ahead = _next(problem, current, step, scale, course)
        face = None if ahead is None else _left(current, ahead[0], scale, course)
        try:
            if ahead is None:
                raise Lost
            point, steps = ahead
            if face is not None:
                point = _on_face(problem, current, point, face[0], face[1], scale)
            events = [] if point is None else _events(problem, current, point, scale, step, course)
        except Lost:
            step /= 2
            if step < course.smallest:
                if course.method == "natural" or scale[-1] < _FINEST * course.scale[-1]:
                    return _stuck(current, step, course)
                scale, current = _rescaled(scale, np.append(scale[:-1], scale[-1] / 100), current)
                step = min(course.step, course.largest) / 10
            continue
        if face is not None:
            if point is not None:
                yield point, events, scale
            return _face_status(problem, face[0], face[1], len(start))
        yield point, events, scale
        problem.accept(point.z)
        travelled += step
        if travelled > 3 * step and _closes(first.z, direction / scale, current, point, scale):
            return _ended("closed")
        units = np.maximum(scale[:-1], np.abs(point.z[:-1]))
        units = np.append(units, min(1.2 * scale[-1], course.scale[-1]) if steps <= 4 else scale[-1])
        scale, current = _rescaled(scale, units, replace(point, drift=_drift(current, point, step)))
        step = min(step * (1.6 if steps <= 3 else 1.0 if steps <= 5 else 0.6), course.largest)
    return _ended("points", points=course.points)


def _events(problem, a, b, scale, step, course):
    """The events of a step.  Raises `Lost` where a shorter step is to be taken."""
    patient = step > max(_PATIENT, course.smallest)
    events = located_events(problem, a, b, course, scale, patient)
    whole = problem.watched and not problem.curve and not problem.partial
    if patient and whole and not any(e.label != "UZ" for e in events):
        turned = a.tangent[-1] * b.tangent[-1] < 0 and min(abs(a.tangent[-1]), abs(b.tangent[-1])) > _VERTICAL
        if turned or a.orientation * b.orientation < 0:  # no eigenvalue says why: it is another branch
            raise Lost
    return events


def _drift(a, b, step):
    """How fast the real parts of the eigenvalues moved in a step."""
    if len(a.eigenvalues) != len(b.eigenvalues) or not len(a.eigenvalues):
        return np.inf
    return float(np.abs(np.sort(a.eigenvalues.real) - np.sort(b.eigenvalues.real)).max() / step)


def _rescaled(scale, units, point):
    """Other units of length, and the point with its tangent in these."""
    if (units == scale).all():
        return scale, point
    tangent = point.tangent * scale / units
    return units, replace(point, tangent=tangent / np.linalg.norm(tangent))


def _stuck(current, step, course):
    """Status and message of a step that became too small."""
    at_a_fold = course.method == "natural" and abs(current.tangent[-1]) < 0.1
    return _ended("fold" if at_a_fold else "step", step=step, at=current.z[-1])


def _ended(status, **places):
    return status, message_of(status, **places)


def _next(problem, current, step, scale, course):
    """The next point and the number of Newton steps, or None."""
    row, direction = current.tangent, current.tangent
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


def _left(inside, outside, scale, course):
    """(coordinate, bound) of the limit that is crossed first between two points, or None."""
    slack = 1e-9 * scale
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


def _on_face(problem, inside, outside, k, bound, scale):
    """The point of the branch at which coordinate k takes the value of its bound."""
    guess = inside.z + _part(inside, outside, k, bound) * (outside.z - inside.z)
    row = np.zeros(len(guess))
    row[k] = 1.0
    corrected = correct(problem, guess, row, bound / scale[k], scale)
    z = _on_singular_face(problem, guess, row, bound, scale) if corrected is None else corrected[0]
    if z is None:
        return None
    z[k] = bound
    return point_at(problem, z, tangent_at(problem, z, inside.tangent, scale), scale)


def _on_singular_face(problem, guess, row, bound, scale):
    """The same where an event lies exactly on the face: by the shortest steps, which need no regular derivative."""
    z = guess
    for _ in range(3 * NEWTON_STEPS):
        value, slopes = problem.evaluate(z)
        if not isinstance(slopes, np.ndarray) or not np.isfinite(slopes).all():
            return None
        gap = np.append(value, row @ (z - bound * row) / (row @ scale))
        change = np.linalg.lstsq(np.vstack([slopes * scale, row]), -gap, rcond=1e-9)[0]
        z = z + change * scale
        if np.linalg.norm(change) <= 1e-13:
            break
    value, slopes = problem.evaluate(z)
    near = np.linalg.norm((z - guess) / scale) <= _ASIDE
    return z if near and np.abs(value).max() <= SMALL * problem.reach(slopes, np.abs(z) + scale) else None


def _face_status(problem, k, bound, length):
    """Status and message of a branch that reaches a limit."""
    if k == length - 1:
        return _ended("bound", bound=bound)
    return _ended("state bound", state=_names(problem, length)[k], bound=bound)


def _names(problem, length):
    """Names of the states of a point with so many coordinates."""
    return tuple(map(str, problem.states)) or tuple(f"s_{k + 1}" for k in range(length - 1))


def _closes(first, direction, before, after, scale):
    """Whether the first point, passed in a direction, lies on the step from `before` to `after`."""
    leg, gap = (after.z - before.z) / scale, (first - before.z) / scale
    along = gap @ leg / (leg @ leg)
    return (
        0 < along <= 1
        and np.linalg.norm(gap - along * leg) < 0.2 * np.linalg.norm(leg)
        and direction @ after.tangent > 0.5 * np.linalg.norm(direction)
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
    scale = np.append(_units(problem, begin, at, chosen.size, high - low), high - low)
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
    legs = []
    for sign in directions:
        legs.append(_leg(problem, z, sign * near, course))
        if legs[-1][-1][0] == "closed":
            break
    return _branch(problem, legs, course)


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
            f"the start {(*_names(problem, len(z)), problem.parameter)[k]} = {z[k]:g} lies outside the limits "
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
    return np.append(np.full(len(state), size if size > _NOTHING else 1.0), high - low)


def _units(problem, state, at, size, span):
    """A unit for each state: its size at the start, or what it moves over the range of the parameter."""
    sizes = np.abs(state) if size is None else np.maximum(np.abs(state), size)
    if size is None:
        sizes = np.maximum(sizes, _moved(problem, np.append(state, at), span))
    common = float(sizes.max(initial=0.0))
    return np.ones(len(state)) if common <= _NOTHING else np.where(sizes > 1e-14 * common, sizes, common)


def _moved(problem, z, span):
    """How far the states move when the parameter moves by `span`, to second order; nothing where it is not known.

    From J v + D^2F[v, v]/2 = F_m span along the first-order response v, however singular J is.
    """
    with np.errstate(all="ignore"):
        try:
            slopes = problem.evaluate(z)[1]
            jacobian, right = slopes[:, :-1], slopes[:, -1]
            large = max(np.abs(jacobian).max(), np.abs(right).max())
            regular = jacobian + 1e-8 * large * np.eye(len(right))
            response = np.linalg.solve(regular, right)
            length = np.linalg.norm(response)
            direction = response / length
            bend = np.linalg.solve(regular, problem.curvature(z, np.append(direction, 0.0))[:, :-1] @ direction)
        except (InputError, TypeError, np.linalg.LinAlgError):
            return np.zeros(len(z) - 1)
        first, second = length * span, float(np.linalg.norm(bend))
        if first * second < 1 and np.linalg.cond(jacobian) > 1e7:  # singular, and to second order nothing limits it
            return np.zeros(len(right))
        moved = 2 * first / (1 + np.sqrt(1 + 2 * first * second)) * np.abs(direction)
    return moved if np.isfinite(moved).all() else np.zeros(len(z) - 1)


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
        beside = [(z + 1e-2 * d / np.linalg.norm(d / scale)).tolist() for d in switch_directions(problem, z, scale)]
        beside = beside or [point.tolist() for point, _ in half_branches(problem, z, scale).points[:4]]
        raise InputError(
            f"the start {z.tolist()} (states, parameter) is a branch point: start beside it"
            + (f", near {' or '.join(map(str, beside))}" if beside else "")
        )
    return z, rows[-1]


def _leg(problem, z, tangent, course):
    """The points of one direction, the events on the way to each, their units, and how it ended."""
    taken = []
    walker = walk(problem, z, tangent, course)
    while True:
        try:
            taken.append(next(walker))
        except StopIteration as end:
            return *map(list, zip(*taken)), end.value


def _branch(problem, legs, course):
    points, events, units, (status, message) = legs[0]
    if len(legs) > 1 and status != "closed":
        back, more, others, (other, other_message) = legs[1]
        points = [replace(p, tangent=-p.tangent) for p in back[:0:-1]] + points
        events = [[], *(step[::-1] for step in more[:0:-1]), *events[1:]]
        units = others[:0:-1] + units
        if other not in ("bound", status):
            status, message = other, other_message
    if status != "closed":
        events = _with_ends(problem, points, events, units, course)
    if (unexplained := _unexplained(problem, points, events)) is not None:
        a, b = unexplained
        status, message = _ended("spectrum", before=a.unstable, after=b.unstable, start=a.z[-1], end=b.z[-1])
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
        _distinct([event for step in events for event in step], units[-1]),
        status,
        message,
    )


def _with_ends(problem, points, events, units, course):
    """The events of each step, and those that lie exactly at the ends of the branch."""
    if len(points) < 2:
        return events
    events = [list(step) for step in events]
    for k, inside, near in ((0, 1, events[:2]), (-1, -2, events[-1:])):
        known = [(e.label == "UZ", e.name, np.append(e.state, e.parameter)) for step in near for e in step]
        for event in end_events(problem, points[k], points[inside], course, units[k]):
            z = np.append(event.state, event.parameter)
            if not any(
                own == (event.label == "UZ")
                and (name == event.name or not own)
                and np.linalg.norm((other - z) / units[k]) <= 10 * _ALIKE
                for own, name, other in known
            ):
                events[k].append(event)
    return events


def _unexplained(problem, points, events):
    """Two neighbours of which the stability differs by more than rounding, without an event between; or None."""
    if not problem.watched or problem.curve:
        return None
    for a, b, between in zip(points, points[1:], events[1:]):
        if a.unstable == b.unstable or any(e.label != "UZ" for e in between):
            continue
        (low, high), (least, most) = (_range_of_unstable(p) for p in (a, b))
        if high < least or most < low:
            return a, b
    return None


def _range_of_unstable(point):
    """How few and how many eigenvalues may be unstable, if those that are zero up to rounding are counted or not."""
    real, doubt = point.eigenvalues.real, 1e3 * point.noise
    return int((real > doubt).sum()), int((real > -doubt).sum())


def _distinct(events, scale):
    """The events without those that were met from both sides of a point of the branch."""
    kept: list[Event] = []
    for event in events:
        last = kept[-1] if kept else None
        if last is None or event.label != last.label or event.label == "UZ":
            kept.append(event)
            continue
        apart = np.append(event.state, event.parameter) - np.append(last.state, last.parameter)
        if np.linalg.norm(apart / scale) > _ALIKE:
            kept.append(event)
    return tuple(kept)
