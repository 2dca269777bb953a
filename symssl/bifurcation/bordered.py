"""Folds and Hopf points as zeros of bordered systems, which are regular where the Jacobian is not.

Govaerts, Numerical Methods for Bifurcations of Dynamical Equilibria, SIAM 2000, chapters 4 and 5.
A singular matrix M is bordered by vectors near its kernels; where

    [M  b] [v]   [0]
    [c' 0] [g] = [1]

g vanishes exactly where M is singular, v is then its kernel, and the derivative of g is -w' dM v with
w from the transposed system.  Nothing is expanded, so that the number of states is not limited.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from ..errors import InputError
from .problem import FieldProblem, Problem

__all__ = ["FoldProblem", "HopfProblem"]


class _Extended(Problem):
    """A field in two parameters with more equations; z = (states, ..., first, second parameter)."""

    curve = True

    def __init__(self, field: FieldProblem) -> None:
        self.field, self.size = field, field.size
        self.parameter = field.parameter

    def determinant_sign(self, slopes: np.ndarray, row: np.ndarray) -> float:
        """One sign everywhere: no branches are switched along curves."""
        return 1.0

    def eigenvalues(self, slopes: np.ndarray) -> np.ndarray:
        """The eigenvalues of the field, less those that are critical all along the curve."""
        values = np.linalg.eigvals(slopes[: self.size, : self.size])
        return values[self._others(values)]

    def motion(self, z: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As for the field, less the eigenvalues that are critical all along the curve."""
        values, rates, conditions = self.field.motion(self._place(z), self._place(along))
        kept = self._others(values, z)
        return values[kept], rates[kept], conditions[kept]

    def _place(self, z):
        """States and parameters of the field."""
        return z

    def _others(self, values, z=None):
        """Which eigenvalues are not critical all along the curve."""
        raise NotImplementedError


class FoldProblem(_Extended):
    """F = 0 and J singular; z = (states, first parameter, second parameter).

    Parameters
    ----------
    field : FieldProblem in two parameters
    """

    watched = ("complex",)  # a second zero is found by `overlap`

    def __init__(self, field: FieldProblem) -> None:
        super().__init__(field)
        self.states = (*field.states, field.parameters[0])
        self._border: Any = None

    def accept(self, z: np.ndarray) -> None:
        """Border by the kernels at z; their signs are kept along a curve."""
        jacobian = self._jacobian(z)
        if self._border is None:
            left, _, right = np.linalg.svd(jacobian)
            self._border = left[:, -1], right[-1]
        v, w, _ = self._kernels(jacobian)
        self._border = w / np.linalg.norm(w), v / np.linalg.norm(v)

    def called(self, real: int, pairs: int) -> str:
        """A pair beside the zero eigenvalue."""
        return "ZH"

    def _others(self, values, z=None):
        return np.arange(len(values)) != np.argmin(np.abs(values))

    def kernels(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Right and left kernel of the Jacobian, of length one up to the distance from the fold."""
        return self._kernels(self._jacobian(z))[:2]

    def quadratic(self, z: np.ndarray) -> float:
        """w . D^2F[v, v], which vanishes at a cusp."""
        v, w = self.kernels(z)
        return w @ self.field.curvature(z, v)[:, : self.size] @ v

    def overlap(self, z: np.ndarray) -> float:
        """w . v, which vanishes where a second eigenvalue is zero (Bogdanov and Takens)."""
        v, w = self.kernels(z)
        return w @ v

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The field with its further conditions, and the derivative of both."""
        value, slopes = self.field.evaluate(z)
        v, w, g = self._kernels(slopes[:, : self.size])
        return np.append(value, g), np.vstack([slopes, -w @ self.field.curvature(z, v)])

    def _jacobian(self, z):
        return self.field.evaluate(z)[1][:, : self.size]

    def _kernels(self, jacobian):
        n, (left, right) = self.size, self._border
        bordered = np.zeros((n + 1, n + 1))
        bordered[:n, :n], bordered[:n, n], bordered[n, :n] = jacobian, left, right
        unit = np.zeros(n + 1)
        unit[n] = 1.0
        v, w = np.linalg.solve(bordered, unit), np.linalg.solve(bordered.T, unit)
        return v[:n], w[:n], v[n]


class HopfProblem(_Extended):
    """F = 0 and J^2 + k of corank two, k the squared frequency; z = (states, k, first, second parameter).

    The two eigenvalues of J are imaginary for k > 0; k = 0 is a point of Bogdanov and Takens, where a
    curve of Hopf points ends.

    Parameters
    ----------
    field : FieldProblem in two parameters
    """

    def __init__(self, field: FieldProblem) -> None:
        super().__init__(field)
        self.states = (*field.states, sp.Dummy("frequency^2", nonnegative=True), field.parameters[0])
        self._border: Any = None
        self._chosen: Any = None

    def start(self, point: np.ndarray) -> np.ndarray:
        """The start z for states and parameters near a Hopf point; the frequency is that of the pair
        nearest to the imaginary axis.  Raises InputError where there is no complex pair."""
        values = np.linalg.eigvals(self.field.evaluate(point)[1][:, : self.size])
        pairs = values[values.imag > 0]
        if not len(pairs):
            raise InputError("the Jacobian at the start has no complex pair of eigenvalues: this is no Hopf point")
        pair = pairs[np.argmin(np.abs(pairs.real))]
        return np.insert(point, self.size, pair.imag**2)

    def accept(self, z: np.ndarray) -> None:
        """Border by the kernels at z, and choose the two of the four conditions that determine the curve best."""
        _, slopes = self.field.evaluate(np.delete(z, self.size))
        matrix = self._matrix(slopes, z)
        if self._border is None:
            left, _, right = np.linalg.svd(matrix)
            self._border = left[:, -2:], right[-2:].T
        Q, P, _ = self._kernels(matrix)
        self._border = np.linalg.qr(P)[0], np.linalg.qr(Q)[0]
        pairs = [(i, j) for i in range(4) for j in range(i)]
        self._chosen = max(pairs, key=lambda pair: self._regularity(z, pair))

    def called(self, real: int, pairs: int) -> str:
        """A zero or another pair beside the pair of the curve."""
        return "ZH" if real else "HH"

    def _place(self, z):
        return np.delete(z, self.size)

    def _others(self, values, z=None):
        """All but the pair of the frequency that z gives, or the pair nearest to the axis."""
        if z is None:
            distance = np.where(values.imag != 0, np.abs(values.real), np.inf)
        else:
            distance = np.abs(np.abs(values.imag) - np.sqrt(max(z[self.size], 0.0))) + np.abs(values.real)
        kept = np.ones(len(values), bool)
        kept[np.argsort(distance, kind="stable")[:2]] = False
        return kept

    def others(self, jacobian: np.ndarray, square: float) -> np.ndarray:
        """The eigenvalues of a Jacobian but for the pair of a squared frequency."""
        values = np.linalg.eigvals(jacobian)
        return values[self._others(values, np.append(np.zeros(self.size), square))]

    def _regularity(self, z, pair):
        self._chosen = pair
        sizes = np.linalg.svd(self.evaluate(z)[1], compute_uv=False)
        return sizes[-1] / sizes[0]

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The field with its further conditions, and the derivative of both."""
        n, point = self.size, np.delete(z, self.size)
        value, slopes = self.field.evaluate(point)
        J = slopes[:, :n]
        Q, P, G = self._kernels(self._matrix(slopes, z))
        rows = []
        for index in self._chosen:
            i, j = divmod(index, 2)
            p, q = P[:, i], Q[:, j]
            row = -(p @ self.field.curvature(point, J @ q) + (p @ J) @ self.field.curvature(point, q))
            rows.append(np.insert(row, n, -p @ q))
        return (np.append(value, G.ravel()[list(self._chosen)]), np.vstack([np.insert(slopes, n, 0.0, axis=1), *rows]))

    def _matrix(self, slopes, z):
        J = slopes[:, : self.size]
        return J @ J + z[self.size] * np.eye(self.size)

    def _kernels(self, matrix):
        """Bases Q of the right and P of the left kernel, and the matrix G that vanishes with corank two."""
        n, (left, right) = self.size, self._border
        bordered = np.zeros((n + 2, n + 2))
        bordered[:n, :n], bordered[:n, n:], bordered[n:, :n] = matrix, left, right.T
        unit = np.zeros((n + 2, 2))
        unit[n:] = np.eye(2)
        Q, P = np.linalg.solve(bordered, unit), np.linalg.solve(bordered.T, unit)
        return Q[:n], P[:n], Q[n:]
