"""Newton's corrector: a point of a branch near a guess, its tangent, and what is known there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .problem import Problem

__all__ = ["NEWTON_STEPS", "SMALL", "Point", "correct", "point_at", "tangent_at"]

NEWTON_STEPS = 8
SMALL = 1e-10  # largest residual of a point, relative to the terms of the field


@dataclass(frozen=True)
class Point:
    """A point of a branch with its unit tangent and the tests that tell events apart."""

    z: np.ndarray
    tangent: np.ndarray
    orientation: float  # sign of the bordered determinant: changes at branch points
    unstable: int
    eigenvalues: np.ndarray
    residual: float
    verified: bool  # the residual is small beside the terms of the field
    noise: float = 0.0  # real parts of eigenvalues below it are those of rounding
    drift: float = float("inf")  # how fast the eigenvalues moved in the step that led here


def correct(
    problem: Problem, guess: np.ndarray, row: np.ndarray, level: float, scale: np.ndarray
) -> tuple[np.ndarray, int] | None:
    """Newton's method for F(z) = 0 and row . z/scale = level; None where it fails.

    Returns the point and the number of steps.
    """
    z = guess
    with np.errstate(all="ignore"):
        for steps in range(1, NEWTON_STEPS + 1):
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
                steps > 3 and np.linalg.norm(change / scale) <= 1e-10
            ):
                return z, steps
    return None


def tangent_at(problem: Problem, z: np.ndarray, near: np.ndarray, scale: np.ndarray) -> np.ndarray:
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


def point_at(problem: Problem, z: np.ndarray, tangent: np.ndarray, scale: np.ndarray) -> Point:
    """The point with its tests; the residual is evaluated anew."""
    value, slopes = problem.evaluate(z)
    eigenvalues = problem.eigenvalues(slopes)
    residual = float(np.abs(value).max())
    noise = 32 * np.finfo(float).eps * float(np.abs(eigenvalues).max(initial=0.0))
    if isinstance(slopes, np.ndarray) and slopes.shape == (1, 2):  # what rounding of the parameter does to the slope
        size = max(abs(z[0]), 1e-8 * scale[0])
        noise = max(noise, np.finfo(float).eps * abs(slopes[0, 1] * z[1]) / size)
    return Point(
        z,
        tangent,
        problem.determinant_sign(slopes, tangent / scale),
        int((eigenvalues.real > noise).sum()),
        eigenvalues,
        residual,
        residual <= SMALL * problem.reach(slopes, np.abs(z) + scale),
        noise,
    )
