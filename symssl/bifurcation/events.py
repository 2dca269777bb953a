"""Events between two points of a branch, located to machine precision.

A sign change of a test function is closed in by Brent's method along the
branch; Newton's method on an extended system that is regular at the event then
removes what is left of the error (Kuznetsov, Elements of Applied Bifurcation
Theory, 2004, sections 10.2 and 10.3; for branch points Mei, Numerische
Mathematik 55, 1989).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import described
from .branches import Event
from .corrector import Point, correct, point_at, tangent_at
from .problem import Problem

__all__ = ["located_events", "switch_directions"]

_VERTICAL = 1e-8  # part of a tangent along the parameter that cannot be told from none


def located_events(problem: Problem, a: Point, b: Point, course: Any) -> list[Event]:
    """Events strictly after point `a` up to point `b`, in order."""
    located = []
    for label, name, test, pieces in _tests(problem, a, b, course):
        for place in _closed_in(problem, a, b, test, course.scale, pieces):
            z = _polished(problem, label, place, course.scale)
            if label == "HB" and not _pair(problem, z):
                continue
            where = float(a.tangent @ ((z - a.z) / course.scale))
            residual = float(np.abs(problem.evaluate(z)[0]).max())
            located.append((where, Event(label, float(z[-1]), tuple(map(float, z[:-1])), name=name, residual=residual)))
    return [event for _, event in sorted(_distinct(located), key=lambda pair: pair[0])]


def _distinct(located):
    """A branch that turns at a branch point (a pitchfork) has no fold there."""
    branching = [where for where, event in located if event.label == "BP"]
    return [
        (where, event)
        for where, event in located
        if event.label != "LP" or all(abs(where - other) > 1e-3 for other in branching)
    ]


def _tests(problem, a, b, course):
    """(label, name, function of a point, pieces of the step to look at) of all that changes sign between the points."""
    slopes = a.tangent[-1], b.tangent[-1]
    # along a curve of equilibria at one value of the parameter the sign is that of rounding errors
    turned = (slopes[0] > 0) is not (slopes[1] > 0) and max(map(abs, slopes)) > _VERTICAL
    changed = {
        "LP": (lambda point: point.tangent[-1], turned),
        "BP": (lambda point: point.orientation, a.orientation * b.orientation < 0),
        "HB": (_leading_pair, _unstable_pairs(a) != _unstable_pairs(b)),
    }
    for label in problem.tested:
        test, change = changed[label]
        if change:
            yield label, "", test, 1
    for name, function in course.functions.items():
        values = [_value(name, function, z) for z in _between(a, b, course)]
        if not np.isfinite(values).all():
            raise InputError(
                f"the function {name} is not finite on the branch near parameter {a.z[-1]:g}: "
                "it must be defined wherever the branch goes"
            )
        if len({value > 0 for value in values}) > 1:
            yield (
                "UZ",
                name,
                lambda point, function=function: float(function(point.z[:-1], point.z[-1])),
                course.samples,
            )


def _value(name, function, z):
    """The value of a user's function."""
    value = function(z[:-1], z[-1])
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"the function {name} must return a number, not {described(value)}") from None


def _between(a, b, course):
    """The points, and between them points of the cubic that has their tangents."""
    length = np.linalg.norm((b.z - a.z) / course.scale)
    for t in np.linspace(0, 1, course.samples + 1):
        tangents = (t * (1 - t) ** 2 * a.tangent - t**2 * (1 - t) * b.tangent) * length * course.scale
        yield a.z + t**2 * (3 - 2 * t) * (b.z - a.z) + tangents


def _unstable_pairs(point):
    return int(((point.eigenvalues.real > 0) & (point.eigenvalues.imag > 0)).sum())


def _leading_pair(point):
    """Real part of the complex pair nearest to the imaginary axis; of the real eigenvalues if there is none."""
    pairs = point.eigenvalues[point.eigenvalues.imag > 0]
    pairs = pairs if len(pairs) else point.eigenvalues
    return float(pairs.real[np.argmin(np.abs(pairs.real))])


def _closed_in(problem, a, b, test, scale, pieces):
    """Points between `a` and `b` at which the test vanishes or jumps through zero, one in each piece of
    the way at whose ends it has different signs."""
    from scipy.optimize import brentq

    length = float(a.tangent @ ((b.z - a.z) / scale))

    def at(s):
        if s <= 0 or s >= length:
            return a if s <= 0 else b
        guess = a.z + s / length * (b.z - a.z)
        corrected = correct(problem, guess, a.tangent, a.tangent @ (a.z / scale) + s, scale)
        if corrected is None:
            raise _Lost
        return point_at(problem, corrected[0], tangent_at(problem, corrected[0], a.tangent, scale), scale)

    try:
        ends = np.linspace(0.0, length, pieces + 1)
        values = [test(at(s)) for s in ends]
        places = [
            brentq(lambda s: test(at(s)), s, t, xtol=1e-15, rtol=8.9e-16, maxiter=200, disp=False)
            for s, t, u, v in zip(ends, ends[1:], values, values[1:])
            if (u > 0) is not (v > 0)
        ]
        return [at(s).z for s in places]
    except _Lost:  # the corrector is singular at a branch point: what is closed in will do for Newton
        return [(a.z + b.z) / 2]


class _Lost(Exception):
    """The corrector failed between two points of a branch."""


# -- extended systems ----------------------------------------------------------------------


def _polished(problem, label, z, scale):
    """The solution of the extended system near z, or z where Newton's method does not improve it."""
    system = {"LP": _fold, "BP": _branch_point, "HB": _hopf}.get(label)
    if system is None:
        return z
    try:
        better = system(problem, z)
    except (InputError, np.linalg.LinAlgError, ValueError):  # no second derivatives, or degenerate
        return z
    moved = np.linalg.norm((better - z) / scale)
    return better if np.isfinite(moved) and moved < 0.05 else z


def _newton(z, equations, steps=12):
    for _ in range(steps):
        value, matrix = equations(z)
        change = np.linalg.solve(matrix, -value)
        z = z + change
        if np.linalg.norm(change) <= 4e-16 * (1 + np.linalg.norm(z)):
            break
    return z


def _fold(problem, z):
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


def _branch_point(problem, z):
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


def _hopf(problem, z):
    """F = 0, F_x^2 v + k v = 0 with k the square of the frequency, v normalised twice."""
    n = len(z) - 1
    _, slopes = problem.evaluate(z)
    eigenvalues, vectors = np.linalg.eig(slopes[:, :-1])
    k = min((i for i in range(n) if eigenvalues[i].imag > 0), key=lambda i: abs(eigenvalues[i].real))
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


def _pair(problem, z):
    """Whether a complex pair lies on the imaginary axis (two real eigenvalues of zero sum do not count)."""
    _, slopes = problem.evaluate(z)
    eigenvalues = problem.eigenvalues(slopes)
    size = np.abs(eigenvalues).max()
    return any(abs(e.real) <= 1e-6 * size and e.imag > 1e-6 * size for e in eigenvalues)


# -- branch switching ----------------------------------------------------------------------


def switch_directions(problem: Problem, z: np.ndarray) -> list[np.ndarray]:
    """Tangents of the branches through a simple branch point, from the algebraic branching equation.

    They solve psi^T D^2F[t, t] = 0 in the kernel of DF; an empty list where the
    quadratic form is definite (an isolated point) or vanishes.
    """
    _, slopes = problem.evaluate(z)
    kernel = np.linalg.svd(slopes)[2][-2:]
    psi = np.linalg.svd(slopes.T)[2][-1]
    form = np.array([[psi @ problem.curvature(z, a) @ b for b in kernel] for a in kernel])
    eigenvalues, vectors = np.linalg.eigh((form + form.T) / 2)
    if eigenvalues[0] * eigenvalues[1] >= -1e-14 * np.abs(eigenvalues).max() ** 2:
        return []
    weights = np.sqrt(np.abs(eigenvalues[::-1]))
    return [(vectors @ (weights * np.array([1.0, sign]))) @ kernel for sign in (1, -1)]
