"""Events between two points of a branch, located to machine precision.

Every eigenvalue is followed from one point to the next (:mod:`symssl.bifurcation.spectrum`); the step is
divided until the path of each is clear, and where one meets the imaginary axis is an event.  What meets
there is counted by eigenvalues and singular values.  Newton's method on an extended system that is regular
at a simple event removes what is left of the error (Kuznetsov, Elements of Applied Bifurcation Theory,
2004, sections 10.2 and 10.3; for branch points Mei, Numerische Mathematik 55, 1989); multiple and
degenerate events are interpolated from points of the branch beside them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import described
from .branches import Event
from .corrector import SMALL, Point, correct, point_at, tangent_at
from .problem import Problem
from .spectrum import EigenvaluePath, Spectrum, paths, spectrum_at

__all__ = ["Lost", "end_events", "located_events"]

_VERTICAL = 1e-8  # part of a tangent along the parameter that cannot be told from none
_SHORTEST = 1e-7  # length of a piece that is divided no further
_SAME = 1e-8  # events that are nearer to each other along a branch are one
_PIECES = 400  # pieces of one step at most
_ASIDE = 0.05  # how far the corrector may move a point of a smooth branch, in lengths of the piece
_CLOSE = 1e-3  # length of a piece in which interpolation is as good as the corrector beside a singular point
_TOUCH = 1e-9  # part of the eigenvalues of a step that counts as zero where one of them touches the axis
_ZERO = 1e-6  # part of the critical eigenvalues at the ends of a step to which they fall at an event


class Lost(Exception):
    """The branch could not be followed between two of its points: the step was too long."""


def located_events(
    problem: Problem, a: Point, b: Point, course: Any, scale: np.ndarray | None = None, patient: bool = False
) -> list[Event]:
    """Events strictly after point `a` up to point `b`, in order.

    Parameters
    ----------
    course : what the walk was given
    scale : the units of the tangents, those of the course if not given
    patient : whether a step that cannot be followed is left to the caller, who takes a shorter one

    Raises
    ------
    Lost
        Where `patient`, and the branch is not smooth between the points.
    """
    step = _Step(problem, a, b, course.scale if scale is None else scale)
    if not step.length > 0:  # the start lies on the bound at which the branch ends
        return []
    try:
        located = _critical(step)
    except Lost:
        if patient:
            raise
        located = _not_located(step)
    if problem.partial:
        located += _by_sign(step, {event.label for _, event in located})
    for name, function in course.functions.items():
        located += _zeros(step, name, function, course.samples)
    return [event for _, event in sorted(located, key=lambda pair: pair[0])]


def end_events(problem: Problem, point: Point, inside: Point, course: Any, scale: np.ndarray) -> list[Event]:
    """The events that lie exactly at an end of a branch; `inside` is the point before it."""
    located = []
    for name, function in course.functions.items():
        value, other = (_value(name, function, p.z) for p in (point, inside))
        if abs(value) <= _TOUCH * abs(other):
            located.append(_made(problem, "UZ", point.z, name=name))
    if not problem.watched or problem.partial:
        return located
    found = spectrum_at(problem, point, scale)
    complexes = found.values.imag != 0
    watched = np.array(["complex" if c else "real" for c in complexes], dtype=object)
    rates = np.nan_to_num(np.abs(found.rates.real))
    large = float(np.abs(found.values).max(initial=0.0))
    here = (np.abs(found.values.real) <= np.maximum(_TOUCH * rates, 10 * found.noise)) & (rates > 1e-6 * large)
    here &= np.isin(watched, problem.watched)
    if not here.any():
        return located
    if problem.curve:
        reals, pairs = int((here & ~complexes).sum()), int((here & complexes).sum()) // 2
        return [*located, _made(problem, problem.called(reals, pairs), point.z)]
    kernel, zeros, pairs, level = _counted(problem, point.z, float(rates[here].max()), scale)
    if not zeros and not pairs:
        return located
    label, more = _named(kernel, zeros, pairs, level)
    if label == "LP":  # the axis is crossed here, for all that is known
        more = {}
    return [*located, _made(problem, label, point.z, **more)]


class _Step:
    """A step of a branch, and the points of it that were looked at, by their place along the tangent at its begin."""

    def __init__(self, problem: Problem, a: Point, b: Point, scale: np.ndarray) -> None:
        self.problem, self.scale, self.row, self.a, self.b = problem, scale, a.tangent, a, b
        self.level = float(a.tangent @ (a.z / scale))
        self.length = float(a.tangent @ ((b.z - a.z) / scale))
        self.places, self.points = [0.0, self.length], [a, b]
        self._spectra: dict[float, Spectrum] = {}

    def spectrum(self, s: float) -> Spectrum:
        """Eigenvalues and their derivatives by the place."""
        if s not in self._spectra:
            point = self.point(s)
            found = spectrum_at(self.problem, point, self.scale)
            self._spectra[s] = replace(found, rates=found.rates / (self.row @ point.tangent))
        return self._spectra[s]

    def point(self, s: float) -> Point:
        """The point of the branch at a place.  Raises `Lost` where the corrector leads away from it."""
        k = bisect_left(self.places, s)
        if k < len(self.places) and self.places[k] == s:
            return self.points[k]
        guess, direction, gap = self.between(s)
        near = direction / np.linalg.norm(direction)
        corrected = correct(self.problem, guess, self.row, self.level + s, self.scale)
        if corrected is not None and np.linalg.norm((corrected[0] - guess) / self.scale) <= _ASIDE * gap:
            z = corrected[0]
            tangent = tangent_at(self.problem, z, near, self.scale)
            tangent = tangent if tangent @ near > 0.9 else near
        elif gap <= _CLOSE or corrected is None:  # singular: the guess will do where it solves the equations
            z, tangent = guess, near
        else:
            raise Lost
        point = point_at(self.problem, z, tangent, self.scale)
        if not point.verified:
            raise Lost
        self.places.insert(k, s)
        self.points.insert(k, point)
        return point

    def between(self, s: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Interpolated from the points beside a place: z, its scaled derivative, and the distance of the points."""
        k = min(max(bisect_right(self.places, s), 1), len(self.places) - 1)
        h = self.places[k] - self.places[k - 1]
        p, q = self.points[k - 1 : k + 1]
        t = (s - self.places[k - 1]) / h
        first, last = (h * x.tangent / (self.row @ x.tangent) for x in (p, q))
        chord = (q.z - p.z) / self.scale
        z = p.z + self.scale * (t**2 * (3 - 2 * t) * chord + t * (1 - t) ** 2 * first - t**2 * (1 - t) * last)
        slope = (6 * t * (1 - t) * chord + (1 - t) * (1 - 3 * t) * first + t * (3 * t - 2) * last) / h
        return z, slope, h

    def around(self, s: float) -> list[float]:
        """Places near s, and not so near that the corrector is singular where an event is at s."""
        width = min(5e-3, self.length / 2)
        centre = min(max(s, width), self.length - width)
        places = [centre + width * t for t in (-1.0, -0.7, -0.35, 0.35, 0.7, 1.0)]
        places = [u if abs(u - s) > 0.1 * width else u + 0.2 * width * (1 if u < centre else -1) for u in places]
        return [min(max(u, 0.0), self.length) for u in places]

    def beside(self, s: float, before: float, after: float) -> tuple[Point, Point]:
        """A point on each side of an event at s, with none of the events at `before` and `after` between."""
        low = next((p for u, p in zip(self.places[::-1], self.points[::-1]) if before < u < s), None)
        high = next((p for u, p in zip(self.places, self.points) if s < u < after), None)
        return (
            low or self.point((max(before, 0.0) + s) / 2),
            high or self.point((min(after, self.length) + s) / 2),
        )


# -- where eigenvalues meet the axis -------------------------------------------------------


@dataclass
class _Crossing:
    """Where an eigenvalue, one of a pair or a real one, meets the imaginary axis; `size` is its real part at the ends
    of the step."""

    where: float
    value: complex
    kind: str
    size: float
    width: float = _SAME  # of the piece in which it lies
    touches: bool = False
    rough: bool = False


def _critical(step):
    """(place, event) of all critical eigenvalues."""
    if not step.problem.watched or not len(step.a.eigenvalues) or _far(step.a, step.b, step.length):
        return []
    groups: list[list[_Crossing]] = []
    for c in sorted(_crossings(step), key=lambda c: c.where):
        if groups and c.where - groups[-1][-1].where <= 2 * max(c.width, groups[-1][-1].width):
            groups[-1].append(c)
        else:
            groups.append([c])
    middles = [sum(c.where for c in group) / len(group) for group in groups]
    limits = [-np.inf, *middles, np.inf]
    return [
        (s, _event(step, group, s, before, after))
        for group, before, s, after in zip(groups, limits, limits[1:], limits[2:])
    ]


def _far(a, b, length):
    """Whether no eigenvalue can meet the axis: all are farther from it than they moved in this step and the last."""
    if len(a.eigenvalues) != len(b.eigenvalues) or a.unstable != b.unstable:
        return False
    first, last = np.sort(a.eigenvalues.real), np.sort(b.eigenvalues.real)
    moved = np.abs(last - first).max(initial=0.0)
    least = min(np.abs(first).min(initial=np.inf), np.abs(last).min(initial=np.inf))
    return least > 4 * max(moved, a.drift * length)


def _crossings(step) -> Iterator[_Crossing]:
    """Everywhere an eigenvalue meets the axis, piece by piece."""
    whole = paths(step.spectrum(0.0), step.spectrum(step.length), step.length)
    resting = any(p.rests for p in whole)  # on the axis all along: a pair of a conservative flow
    size = max(p.size for p in whole)
    stack, left = [(0.0, step.length)], _PIECES
    while stack:
        low, high = stack.pop()
        moving = [
            p
            for p in paths(step.spectrum(low), step.spectrum(high), high - low)
            if p.kind in step.problem.watched and not (resting and p.rests)
        ]
        unclear = {id(p): s for p in moving if (s := p.unclear()) is not None}
        divided = [unclear[id(p)] for p in moving if id(p) in unclear and p.size > p.noise]
        if divided and high - low > _SHORTEST and left > 0:
            left -= 1
            middle = low + divided[0]
            step.spectrum(middle)
            stack += [(middle, high), (low, middle)]
            continue
        for p in moving:
            if p.crosses and id(p) not in unclear:
                yield _closed_in(step, p, low)
                continue
            place = low + (p.root() if p.crosses else p.h / 2)
            if p.crosses or (id(p) in unclear and p.least <= max(_TOUCH * size, p.noise)):
                own = min((abs(other.at(place)), other.size) for other in whole)[1]  # over the whole step
                value = p.at(place - low) if p.crosses else p.start
                yield _Crossing(place, value, p.kind, own, width=p.h, touches=not p.crosses, rough=p.crosses)


def _closed_in(step, path, low):
    """Where a path crosses, from pieces that become shorter.

    No point is taken at the place itself, where the corrector may be singular.
    """
    size = path.size
    while path.h > _CLOSE:
        root, aside = path.root(), path.h / 50
        ends = [
            (0.0, path.start, path.start_rate, path.start_noise),
            (path.h, path.end, path.end_rate, path.end_noise),
        ]
        for s in (root - aside, root + aside):
            if 0.1 * aside < s < path.h - 0.1 * aside:
                found = step.spectrum(low + s)
                wrong = np.sign(found.values.imag) != np.sign(path.start.imag)
                k = int(np.argmin(np.abs(found.values - path.at(s)) + np.where(wrong, np.inf, 0)))
                ends.append((s, complex(found.values[k]), complex(found.rates[k]), found.noise[k]))
        pieces = [
            (s, EigenvaluePath(v, w, r, q, t - s, n, e))
            for (s, v, r, n), (t, w, q, e) in pairwise(sorted(ends, key=lambda end: end[0]))
        ]
        ahead, path = next((s, piece) for s, piece in pieces if piece.crosses)
        low += ahead
    root = path.root()
    return _Crossing(low + root, path.at(root), path.kind, size)


# -- what an event is ----------------------------------------------------------------------


def _event(step, group, s, before, after):
    """The event at which a group of eigenvalues meets the axis; its neighbours are at `before` and `after`."""
    problem, size = step.problem, max(c.size for c in group)
    simple = len(group) == 1 and not group[0].touches and not group[0].rough
    kind = group[0].kind
    frequency = abs(group[0].value.imag)
    near = min(1e-5 if simple else 1e-3, 0.25 * (s - before), 0.25 * (after - s))
    try:
        z = step.between(s)[0] if simple else _interpolated(step, s, group[0])
        if problem.curve:
            reals = sum(c.kind == "real" for c in group)
            return _checked(step, problem.called(reals, len(group) - reals), z, size, kind, {})
        if simple:
            label = "HB" if kind == "complex" else _turns(step, z, size, s, before, after)
            z = _polished(problem, label, z, step.scale, frequency, near)
            return _checked(step, label, z, size, kind, {})
    except Lost:
        return _unsettled(step, "HB" if kind == "complex" else "BP", s)
    if kind == "real":  # a branch that is met here turns, or two eigenvalues meet at zero
        for system in ("BP", "LP"):
            there = _polished(problem, system, z, step.scale, frequency, near)
            if there is not z and _solves(problem, there, step.scale):
                z = there
                break
    kernel, zeros, pairs, level = _counted(problem, z, size, step.scale)
    kinds = {c.kind for c in group}  # what is near the axis, but meets it elsewhere, is another event
    zeros, pairs = zeros * ("real" in kinds), pairs * ("complex" in kinds)
    label, more = _named(min(kernel, zeros), zeros, pairs, level)
    if label == "HB" and any(c.touches for c in group):
        more = {**more, "name": "degenerate"}
    if label == "LP" and _parameter_turns(step, s, before, after):
        more = {**more, "name": ""}  # a fold of higher order
    return _checked(step, label, z, size, kind, more)


def _parameter_turns(step, s, before, after):
    """Whether the parameter runs the other way after an event: nearest to it a tangent says little of that."""
    known = list(zip(step.places, step.points))
    low = next((p for u, p in known if before < u < s), None)
    high = next((p for u, p in known[::-1] if s < u < after), None)
    if low is None or high is None:
        return False
    return (low.tangent[-1] > 0) != (high.tangent[-1] > 0)


def _turns(step, z, size, s, before, after):
    """Fold or branch point: the parameter turns at a fold, and at a branch point it does not."""
    a, b = step.beside(s, before, after)
    slopes = a.tangent[-1], b.tangent[-1]
    if max(map(abs, slopes)) <= _VERTICAL and _counted(step.problem, z, size, step.scale)[3]:
        return "BP"  # on a curve of equilibria at one value of the parameter
    return "LP" if (slopes[0] > 0) != (slopes[1] > 0) else "BP"


def _interpolated(step, s, crossing):
    """The place of a multiple or degenerate event, from six points beside it: a polynomial for the critical
    eigenvalue gives the place, others the coordinates."""
    places = np.array(step.around(s))
    nodes = np.array([(step.point(u).z - step.a.z) / step.scale for u in places])
    width = np.ptp(places)
    if not width:
        return step.a.z
    t = (places - s) / width
    if crossing.touches:
        rates = [_nearest(step.spectrum(u), crossing.value)[1] for u in places]
        if not np.isnan(rates).any():
            slopes = np.polynomial.Polynomial.fit(t, np.real(rates), 5)
            extremes = [r.real for r in slopes.roots() if abs(r.imag) < 1e-6]
            s += width * min(extremes, key=abs, default=0.0) if extremes and abs(min(extremes, key=abs)) < 1e-3 else 0.0
    row = [np.prod([(s - v) / (u - v) for v in places if v != u]) for u in places]
    return step.a.z + step.scale * (np.array(row) @ nodes)


def _nearest(spectrum, value):
    k = int(np.argmin(np.abs(spectrum.values - value)))
    return spectrum.values[k], spectrum.rates[k]


def _counted(problem, z, size, scale):
    """At a critical point: the dimension of the kernel, the eigenvalues that are zero, the imaginary pairs, and
    whether the parameter moves along the range (on which side of it branches lie)."""
    _, slopes = problem.evaluate(z)
    values = problem.eigenvalues(slopes)
    small = max(_ZERO * size, 1e3 * np.finfo(float).eps * float(np.abs(values).max(initial=0.0)))
    zeros = int((np.abs(values) <= small).sum())
    pairs = int(((np.abs(values.real) <= small) & (values.imag > small)).sum())
    if not isinstance(slopes, np.ndarray):
        return min(zeros, 1), zeros, pairs, True
    left, sizes, _ = np.linalg.svd(slopes[:, :-1])
    kernel = int((sizes <= small).sum())
    across = np.abs(left[:, len(sizes) - kernel :].T @ slopes[:, -1]).max(initial=0.0) * scale[-1]
    level = across <= _ZERO * (np.linalg.norm(slopes[:, -1]) * scale[-1] + size * scale[:-1].max())
    return kernel, zeros, pairs, bool(level)


def _named(kernel, zeros, pairs, level):
    """The label of an event with so many critical eigenvalues, and what else is said of it."""
    if pairs and zeros:
        return "ZH", {"kernel": kernel}
    if pairs > 1:
        return "HH", {"multiplicity": pairs}
    if pairs:
        return "HB", {}
    if zeros > max(kernel, 1):
        return "BT", {"kernel": kernel}
    if kernel == 1 and not level:
        return "LP", {"name": "inflection", "kernel": 1}
    return "BP", {"kernel": kernel}


def _checked(step, label, z, size, kind, more):
    """The event, which counts as converged where the field vanishes and an eigenvalue lies on the axis."""
    problem = step.problem
    _, slopes = problem.evaluate(z)
    known = problem.motion(z, np.zeros(len(z)))
    values = problem.eigenvalues(slopes) if known is None else known[0]
    values = values[(values.imag != 0) == (kind == "complex")] if label in ("LP", "BP", "HB") else values
    least = float(np.abs(values.real).min(initial=np.inf))
    large = max(_ZERO * size, 1e4 * np.finfo(float).eps * float(np.abs(values).max(initial=0.0)))
    sound = bool(least <= large) and _solves(problem, z, step.scale)
    return _made(problem, label, z, **{"converged": sound, **more})


def _solves(problem, z, scale):
    """Whether the field vanishes at a point, up to rounding."""
    value, slopes = problem.evaluate(z)
    return bool(np.abs(value).max() <= SMALL * problem.reach(slopes, np.abs(z) + scale))


def _made(problem, label, z, **more):
    residual = float(np.abs(problem.evaluate(z)[0]).max())
    return Event(label, float(z[-1]), tuple(map(float, z[:-1])), residual=residual, **more)


def _unsettled(step, label, s):
    """An event that was not located: it lies between two points of the branch, of which the nearer is given."""
    nearest = min(zip(step.places, step.points), key=lambda pair: abs(pair[0] - s))[1]
    return _made(step.problem, label, nearest.z, converged=False)


def _not_located(step):
    """What is known of a step within which the branch was lost: that the spectrum changes."""
    changed = abs(step.b.unstable - step.a.unstable)
    if not changed:
        return []
    return [(0.0, _unsettled(step, "HB" if changed % 2 == 0 else "BP", 0.0))]


# -- test functions ------------------------------------------------------------------------


def _by_sign(step, seen):
    """Folds and branch points where only a part of the spectrum is known: the parameter turns, or the orientation
    of the branch changes."""
    a, b = step.a, step.b
    turned = (a.tangent[-1] > 0) != (b.tangent[-1] > 0) and max(abs(a.tangent[-1]), abs(b.tangent[-1])) > _VERTICAL
    tests = (
        ("LP", lambda point: point.tangent[-1], turned and not seen & {"LP", "BP"}),
        ("BP", lambda point: point.orientation, a.orientation * b.orientation < 0 and "BP" not in seen),
    )
    for label, test, changed in tests:
        for s in _roots(step, test, [0.0, step.length]) if changed else ():
            try:
                z = step.point(s).z
            except Lost:
                z = step.between(s)[0]
            yield s, _made(step.problem, label, z, converged=_solves(step.problem, z, step.scale))


def _zeros(step, name, function, samples):
    """(place, event) where a function of the user vanishes or jumps through zero; at a pole it does not."""
    places = list(np.linspace(0.0, step.length, samples + 1))
    known = [step.a.z, *(step.between(s)[0] for s in places[1:-1]), step.b.z]
    values = [_value(name, function, z) for z in known]
    if not np.isfinite(values).all():
        raise InputError(
            f"the function {name} is not finite on the branch near parameter {step.a.z[-1]:g}: "
            "it must be defined wherever the branch goes"
        )
    if len({value > 0 for value in values}) == 1:
        return
    for s in _roots(step, lambda point: float(function(point.z[:-1], point.z[-1])), places):
        point = step.point(s)
        if abs(_value(name, function, point.z)) <= (1 + 1e-9) * max(map(abs, values)):
            yield s, _made(step.problem, "UZ", point.z, name=name)


def _value(name, function, z):
    """The value of a user's function."""
    value = function(z[:-1], z[-1])
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"the function {name} must return a number, not {described(value)}") from None


def _roots(step, test, places):
    """Where a function of a point changes its sign, one place in each piece at whose ends it has different signs."""
    from scipy.optimize import brentq

    def at(s):
        try:
            return test(step.point(s))
        except Lost:  # singular: what the points beside it tell will do
            z, slope, _ = step.between(s)
            return test(point_at(step.problem, z, slope / np.linalg.norm(slope), step.scale))

    values = [at(s) for s in places]
    return [
        brentq(at, s, t, xtol=1e-15, rtol=8.9e-16, maxiter=200, disp=False)
        for s, t, u, v in zip(places, places[1:], values, values[1:])
        if (u > 0) != (v > 0)
    ]


# -- extended systems ----------------------------------------------------------------------


def _polished(problem, label, z, scale, frequency, near):
    """The solution of the extended system at most so far from z, or z where Newton's method finds none there."""
    system = {"LP": _fold, "BP": _branch_point, "HB": _hopf}[label]
    try:
        with np.errstate(all="ignore"):
            better = system(problem, z, frequency)
            moved = np.linalg.norm((better - z) / scale)
    except (InputError, np.linalg.LinAlgError, ValueError):  # no second derivatives, or degenerate
        return z
    return better if np.isfinite(moved) and moved <= near else z


def _newton(z, equations, steps=12):
    for _ in range(steps):
        value, matrix = equations(z)
        change = np.linalg.solve(matrix, -value)
        z = z + change
        if np.linalg.norm(change) <= 4e-16 * (1 + np.linalg.norm(z)):
            break
    return z


def _fold(problem, z, _):
    """F = 0, F_x v = 0, |v| = 1."""
    n = len(z) - 1
    _, slopes = problem.evaluate(z)
    v = np.linalg.svd(slopes[:, :-1])[2][-1]

    def equations(u):
        point, v = u[: n + 1], u[n + 1 :]
        value, slopes = problem.evaluate(point)
        matrix = np.zeros((2 * n + 1, 2 * n + 1))
        matrix[:n, : n + 1] = slopes
        matrix[n : 2 * n, : n + 1] = problem.curvature(point, np.append(v, 0.0))
        matrix[n : 2 * n, n + 1 :] = slopes[:, :-1]
        matrix[2 * n, n + 1 :] = 2 * v
        return np.concatenate([value, slopes[:, :-1] @ v, [v @ v - 1]]), matrix

    return _newton(np.concatenate([z, v]), equations)[: n + 1]


def _branch_point(problem, z, _):
    """F + beta psi = 0, psi^T DF = 0, |psi| = 1: regular at a simple branch point, where beta = 0."""
    n = len(z) - 1
    _, slopes = problem.evaluate(z)
    psi = np.linalg.svd(slopes.T)[2][-1]

    def equations(u):
        point, psi, beta = u[: n + 1], u[n + 1 : 2 * n + 1], u[-1]
        value, slopes = problem.evaluate(point)
        hessian = np.array([psi @ problem.curvature(point, e) for e in np.eye(n + 1)])
        matrix = np.zeros((2 * n + 2, 2 * n + 2))
        matrix[:n, : n + 1], matrix[:n, n + 1 : 2 * n + 1], matrix[:n, -1] = slopes, beta * np.eye(n), psi
        matrix[n : 2 * n + 1, : n + 1], matrix[n : 2 * n + 1, n + 1 : 2 * n + 1] = hessian, slopes.T
        matrix[-1, n + 1 : 2 * n + 1] = 2 * psi
        return np.concatenate([value + beta * psi, slopes.T @ psi, [psi @ psi - 1]]), matrix

    return _newton(np.concatenate([z, psi, [0.0]]), equations)[: n + 1]


def _hopf(problem, z, frequency):
    """F = 0, F_x^2 v + k v = 0 with k the square of a frequency near the one given, v normalised twice."""
    n = len(z) - 1
    _, slopes = problem.evaluate(z)
    eigenvalues, vectors = np.linalg.eig(slopes[:, :-1])
    k = int(np.argmin(np.abs(eigenvalues - 1j * frequency)))
    v = vectors[:, k].real
    v = v / np.linalg.norm(v)
    other = vectors[:, k].imag
    across = other - (other @ v) * v
    across = across / np.linalg.norm(across)

    def equations(u):
        point, v, square = u[: n + 1], u[n + 1 : 2 * n + 1], u[-1]
        value, slopes = problem.evaluate(point)
        jacobian = slopes[:, :-1]
        image = jacobian @ v
        matrix = np.zeros((2 * n + 2, 2 * n + 2))
        matrix[:n, : n + 1] = slopes
        matrix[n : 2 * n, : n + 1] = problem.curvature(point, np.append(image, 0.0)) + jacobian @ problem.curvature(
            point, np.append(v, 0.0)
        )
        matrix[n : 2 * n, n + 1 : 2 * n + 1] = jacobian @ jacobian + square * np.eye(n)
        matrix[n : 2 * n, -1] = v
        matrix[2 * n, n + 1 : 2 * n + 1], matrix[2 * n + 1, n + 1 : 2 * n + 1] = 2 * v, across
        return np.concatenate([value, jacobian @ image + square * v, [v @ v - 1, across @ v]]), matrix

    return _newton(np.concatenate([z, v, [eigenvalues[k].imag ** 2]]), equations)[: n + 1]
