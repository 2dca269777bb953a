"""How eigenvalues move along a step of a branch: each is matched from one end to the other.

At both ends the eigenvalues are known with their derivatives along the branch, w . (dJ/ds) v / w . v for
left and right eigenvectors w and v.  An eigenvalue that meets the imaginary axis is seen where its own path
does, whatever the others do: two that cross in opposite directions, or one that dips over the axis and
returns, leave their number as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .corrector import Point
from .problem import Problem

__all__ = ["EigenvaluePath", "Spectrum", "paths", "spectrum_at"]

_ILL = 1e6  # condition of an eigenvalue beyond which its derivative is not used
_BLUR = 1e-8  # how far, in scaled coordinates, rounding moves a point at most
_SURE = 0.3  # part of its error bound by which an interpolated path must miss the axis


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues with their derivatives along the branch, NaN where these are not known."""

    values: np.ndarray
    rates: np.ndarray
    noise: np.ndarray  # of each value, the real part that may be one of rounding


@dataclass(frozen=True)
class EigenvaluePath:
    """One eigenvalue between the ends of a piece of a branch, of length h: values, derivatives and noise at 0 and h."""

    start: complex
    end: complex
    start_rate: complex
    end_rate: complex
    h: float
    start_noise: float
    end_noise: float

    @property
    def noise(self) -> float:
        """What rounding may amount to at one of the ends."""
        return max(self.start_noise, self.end_noise)

    @property
    def crosses(self) -> bool:
        """Whether the real part is positive at one end only."""
        return bool((self.start.real > self.start_noise) != self.upwards)

    @property
    def kind(self) -> str:
        """ "complex" for one of a pair; "real" for what is real at an end."""
        return "complex" if self.start.imag and self.end.imag else "real"

    @property
    def size(self) -> float:
        """The larger of the real parts at the ends."""
        return max(abs(self.start.real), abs(self.end.real))

    @property
    def least(self) -> float:
        """How near the path comes to the axis, as far as is known."""
        places = (self.at(s).real for s in self.extremes())
        return min(abs(self.start.real), abs(self.end.real), *map(abs, places))

    @property
    def rests(self) -> bool:
        """Whether the eigenvalue stays on the axis, up to rounding."""
        moved = 0.0 if not self.known else max(abs(self.start_rate.real), abs(self.end_rate.real)) * self.h
        return self.size <= 1e3 * self.noise and moved <= 1e5 * self.noise

    @property
    def upwards(self) -> bool:
        """Whether the eigenvalue is unstable at the end."""
        return bool(self.end.real > self.end_noise)

    @property
    def known(self) -> bool:
        """Whether the derivatives are known at both ends."""
        return not (np.isnan(self.start_rate) or np.isnan(self.end_rate))

    @property
    def spread(self) -> float:
        """How far the path may leave its chord: what its derivatives say, or twice its length without them."""
        step = (self.end - self.start).real
        if not self.known:
            return 2 * abs(self.end - self.start)
        return abs(self.start_rate.real * self.h - step) + abs(self.end_rate.real * self.h - step)

    def at(self, s: float) -> complex:
        """The eigenvalue at a place, by the cubic that has the derivatives of the ends."""
        t = s / self.h
        chord = self.end - self.start
        first, last = (chord if np.isnan(r) else r * self.h for r in (self.start_rate, self.end_rate))
        return self.start + t**2 * (3 - 2 * t) * chord + t * (1 - t) ** 2 * first - t**2 * (1 - t) * last

    def extremes(self) -> list[float]:
        """Places inside at which the real part of the cubic has an extremum."""
        if not self.known:
            return []
        chord = (self.end - self.start).real
        first, last = self.start_rate.real * self.h, self.end_rate.real * self.h
        a, b, c = 3 * (first + last - 2 * chord), 2 * (3 * chord - 2 * first - last), first
        if abs(a) <= 1e-14 * abs(b):
            places = [-c / b] if b else []
        elif (root := b * b - 4 * a * c) < 0:
            places = []
        else:
            q = -(b + np.copysign(np.sqrt(root), b)) / 2
            places = [q / a, *([c / q] if q else [])]
        return [float(t * self.h) for t in sorted(places) if 0 < t < 1]

    def unclear(self) -> float | None:
        """Where to divide the piece in order to see what the path does; None where that is clear."""
        half, spread, extremes = self.h / 2, self.spread, self.extremes()
        lowest = min(abs(self.start.real), abs(self.end.real))
        if (self.start.imag == 0) != (self.end.imag == 0):  # two that meet: their paths have corners
            return half if self.crosses or lowest <= spread else None
        if not self.known:
            return half if not self.crosses and lowest <= spread else None
        steady = not extremes and spread <= 0.5 * abs((self.end - self.start).real)
        if self.crosses:
            return None if steady else next((s for s in extremes if self._inner(s)), half)
        if lowest > spread or steady or (not extremes and lowest > 0.1 * spread):
            return None
        if not extremes:
            return half
        side = 1.0 if self.start.real + self.end.real > 0 else -1.0
        s = min(extremes, key=lambda s: side * self.at(s).real)
        if min(lowest, side * self.at(s).real) > _SURE * spread:
            return None
        return s if self._inner(s) else half

    def _inner(self, s):
        return 0.05 < s / self.h < 0.95

    def root(self) -> float:
        """Where the real part of the cubic vanishes, for a path that crosses the axis."""
        low, high = 0.0, self.h
        upwards = self.upwards
        for _ in range(80):
            s = (low + high) / 2
            if (self.at(s).real > 0) == upwards:
                high = s
            else:
                low = s
        return (low + high) / 2


def spectrum_at(problem: Problem, point: Point, scale: np.ndarray) -> Spectrum:
    """The eigenvalues at a point of a branch and their derivatives along it, by scaled arclength."""
    known = problem.motion(point.z, point.tangent * scale)
    if known is None:
        values = np.asarray(point.eigenvalues, complex)
        return Spectrum(values, np.full(len(values), np.nan, complex), np.full(len(values), point.noise))
    values, rates, conditions = known
    noise = np.maximum(point.noise, _rounding(problem, point, scale))
    return Spectrum(values, np.where(conditions < _ILL, rates, np.nan), np.broadcast_to(noise, values.shape))


def _rounding(problem, point, scale):
    """What rounding of the field may change each eigenvalue by: much beside a point where branches meet."""
    _, slopes = problem.evaluate(point.z)
    reach = np.abs(slopes) @ (np.abs(point.z) + scale)
    rows = np.vstack([slopes * scale / np.maximum(reach, 1e-300)[:, None], point.tangent])
    _, sizes, axes = np.linalg.svd(rows)
    moved = min(np.finfo(float).eps / max(sizes[-1], 1e-300), _BLUR)
    if moved < 1e-14:
        return 0.0
    return moved * np.abs(problem.motion(point.z, axes[-1] * scale)[1])


def paths(a: Spectrum, b: Spectrum, h: float) -> list[EigenvaluePath]:
    """The eigenvalues of one end matched with those of the other; of a complex pair one is listed.

    Matched are those whose tangents meet best in the middle of the piece.
    """
    if len(a.values) != len(b.values):  # of many eigenvalues only the rightmost are known
        count = min(len(a.values), len(b.values))
        a, b = _rightmost(a, count), _rightmost(b, count)
    known = ~np.isnan(a.rates)[:, None] & ~np.isnan(b.rates)[None, :]
    left, right = np.nan_to_num(a.rates) * h, np.nan_to_num(b.rates) * h
    ahead = np.where(known, left[:, None] + right[None, :], 0) / 2
    slope = np.where(known, left[:, None] - right[None, :], 0)
    order = _assigned(np.abs(b.values[None, :] - a.values[:, None] - ahead) + np.abs(slope) / 4)
    return [
        EigenvaluePath(
            complex(a.values[i]),
            complex(b.values[j]),
            complex(a.rates[i]),
            complex(b.rates[j]),
            h,
            a.noise[i],
            b.noise[j],
        )
        for i, j in enumerate(order)
        if a.values[i].imag >= 0 or b.values[j].imag == 0
    ]


def _rightmost(spectrum, count):
    order = np.argsort(-spectrum.values.real, kind="stable")[:count]
    return Spectrum(spectrum.values[order], spectrum.rates[order], spectrum.noise[order])


def _assigned(cost):
    """For each row its column, all different and of least total cost."""
    nearest = cost.argmin(axis=1)
    if len(set(nearest.tolist())) == len(nearest):
        return nearest
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(cost)[1]
