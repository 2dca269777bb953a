"""The branches through a branch point, whatever the dimension of its kernel.

Where the kernel of the derivative has two dimensions and the quadratic form of the algebraic branching
equation is indefinite, its two null directions are the tangents of the two branches.  In all other cases
the branches are met where they leave a small sphere in the kernel: F(z) = 0 with |N (z - z0)| = r, N the
projection onto the kernel, is solved from many starts on that sphere, so that no order of the expansion
is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .corrector import SMALL
from .problem import Problem

__all__ = ["HalfBranches", "half_branches", "kernel_at", "switch_directions"]

_RADII = (1e-2, 1e-3)  # of the sphere, in units of the coordinates
_STARTS = 100  # starts in a row without a new branch, for each dimension of the sphere, after which there are no more


@dataclass(frozen=True)
class HalfBranches:
    """Points where branches leave a sphere about a branch point.

    Attributes
    ----------
    points : list of (z, direction), the direction in scaled coordinates
    isolated : False where equilibria fill a surface there, as they do where a continuous symmetry is broken
    """

    points: list[tuple[np.ndarray, np.ndarray]]
    isolated: bool


def kernel_at(problem: Problem, z: np.ndarray, scale: np.ndarray, kernel: int = 1) -> np.ndarray:
    """An orthonormal basis of the kernel of the derivative in scaled coordinates, one vector a row.

    `kernel` is the dimension of the kernel of the Jacobian; that of the derivative is larger by one where
    the derivative in the parameter lies in the range of the Jacobian.
    """
    _, slopes = problem.evaluate(z)
    left = np.linalg.svd(slopes[:, :-1])[0][:, -kernel:]
    across = np.abs(left.T @ slopes[:, -1]).max() * scale[-1]
    level = across <= 1e-6 * np.linalg.norm(slopes[:, -1]) * scale[-1] + 1e-9 * problem.reach(slopes, np.abs(z) + scale)
    dimension = kernel + 1 if level else kernel
    return np.linalg.svd(slopes * scale)[2][-dimension:]


def half_branches(problem: Problem, z: np.ndarray, scale: np.ndarray, kernel: int = 1) -> HalfBranches:
    """Where the branches through a branch point leave small spheres about it."""
    basis = kernel_at(problem, z, scale, kernel)
    points: list[tuple[np.ndarray, np.ndarray]] = []
    isolated = True
    for radius in _RADII:
        found: list[np.ndarray] = []
        idle = 0
        for direction in _directions(len(basis)):
            solution = _leaving(problem, z, basis, radius * direction, scale)
            if solution is None or any(np.linalg.norm(solution - known) <= 1e-3 * radius for known in found):
                idle += 1
            elif not _regular(problem, z, basis, solution, scale):
                isolated, idle = False, idle + 1
            else:
                found.append(solution)
                idle = 0
            if idle >= _STARTS * (len(basis) - 1):
                break
        points += [(z + scale * u, u / np.linalg.norm(u)) for u in found]
    return HalfBranches(points, isolated)


def _directions(dimension) -> Iterator[np.ndarray]:
    """Directions all over a sphere, from a fixed sequence, each with its opposite."""
    rng = np.random.default_rng(0)
    yield from (sign * e for e in np.eye(dimension) for sign in (1.0, -1.0))
    for k in range(100 * dimension**2):
        if dimension == 2:
            angle = np.pi * ((k * 0.6180339887498949) % 1.0)
            v = np.array([np.cos(angle), np.sin(angle)])
        else:
            v = rng.normal(size=dimension)
        yield v / np.linalg.norm(v)
        yield -v / np.linalg.norm(v)


def _leaving(problem, z, basis, start, scale):
    """The scaled displacement from z at which a branch leaves the sphere, by Newton's method from a start on it."""
    radius = np.linalg.norm(start)
    u = start @ basis
    for _ in range(14):
        value, slopes = problem.evaluate(z + scale * u)
        along = basis.T @ (basis @ u)
        right = -np.append(value, (along @ u - radius**2) / (2 * radius))
        if not np.isfinite(right).all():
            return None
        try:
            change = problem.solve(slopes, along / scale / radius, right) / scale
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(change).all() or np.linalg.norm(change) > 4 * radius:
            return None
        u = u + change
        if np.linalg.norm(change) <= 1e-9 * radius:
            value, slopes = problem.evaluate(z + scale * u)
            sound = np.abs(value).max() <= SMALL * problem.reach(slopes, np.abs(z) + scale)
            return u if sound and np.linalg.norm(u) <= 2 * radius else None
    return None


def _regular(problem, z, basis, u, scale):
    """Whether a solution on the sphere is isolated, beside what the derivative changes by on the way to it."""
    slopes = problem.evaluate(z + scale * u)[1] * scale
    turn = np.abs(slopes - problem.evaluate(z)[1] * scale).max()
    along = basis.T @ (basis @ u)
    sizes = np.linalg.svd(np.vstack([slopes, turn * along / np.linalg.norm(along)]), compute_uv=False)
    return sizes[-1] > 1e-6 * turn


def switch_directions(problem: Problem, z: np.ndarray, scale: np.ndarray | None = None) -> list[np.ndarray]:
    """Tangents of the two branches through a simple branch point, from the algebraic branching equation.

    They solve psi^T D^2F[t, t] = 0 in the kernel of DF; an empty list where the quadratic form is definite
    (an isolated point) or vanishes beside what it is at a hundredth of the scale from there.
    """
    units = np.ones(len(z)) if scale is None else scale
    slopes = problem.evaluate(z)[1] * units
    kernel = np.linalg.svd(slopes)[2][-2:] * units
    psi = np.linalg.svd(slopes.T)[2][-1]

    def form(at):
        found = np.array([[psi @ problem.curvature(at, a) @ b for b in kernel] for a in kernel])
        return (found + found.T) / 2

    eigenvalues, vectors = np.linalg.eigh(form(z))
    beside = max(np.abs(form(z + 1e-2 * t)).max() for t in (kernel[0] + kernel[1], kernel[0] - kernel[1]))
    if np.abs(eigenvalues).max() <= 1e-6 * beside or eigenvalues[0] * eigenvalues[1] >= -1e-14 * beside**2:
        return []
    weights = np.sqrt(np.abs(eigenvalues[::-1]))
    return [(vectors @ (weights * np.array([1.0, sign]))) @ kernel for sign in (1, -1)]
