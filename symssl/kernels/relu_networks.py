r"""Kernels of random and of infinitely wide ReLU networks.

With x^ = x/|x| and theta the angle between x and y, the arc-cosine kernels are

    k_0 = (pi - theta)/pi = 2 E[1(w.x > 0) 1(w.y > 0)],
    k_1 = |x| |y| (sin theta + (pi - theta) cos theta)/pi = 2 E[relu(w.x) relu(w.y)],    w Gaussian.

An angle taken from a cosine next to 1 or -1 is wrong by 1e-8, which makes kernels of coinciding points
indefinite.  So angles are carried from layer to layer: those of close points come from the chord |x^ - y^|,
later ones from the versine 1 - cos theta, and no step cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from numbers import Integral
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import described, flag, nonnegative, whole
from ..support.arrays import reals

__all__ = ["ReLUKernel", "arc_cosine"]

_CLOSE = 1e-3  # cosines closer to 1 or -1 give way to chords
_BLOCK = 1 << 16  # of so many pairs at a time


def arc_cosine(X: ArrayLike, Y: ArrayLike | None = None, order: Literal[0, 1] = 1) -> np.ndarray:
    """The arc-cosine kernel of order 0 or 1 between rows, an array (n, m).

    Parameters
    ----------
    X, Y : arrays (n, d) and (m, d); Y is X if left out
    order : 0 for random steps 1(w.x > 0), where a row of zeros has the kernel 0, or 1 for random ReLUs

    Raises
    ------
    InputError
        for another order, and arrays that do not match or are not finite.

    Examples
    --------
    >>> X = np.array([[3.0, 4.0], [-4.0, 3.0]])
    >>> arc_cosine(X, order=0).round(12).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    >>> (arc_cosine(X)*np.pi).round(12).tolist()
    [[78.539816339745, 25.0], [25.0, 78.539816339745]]
    """
    if isinstance(order, bool) or not isinstance(order, Integral) or order not in (0, 1):
        raise InputError(f"order must be 0 or 1, not {described(order)}")
    p, q, theta = _angles(*_rows(X, Y))
    if order:
        return p[:, None] * q * (1 - _versine(theta))
    return (1 - theta / pi) * ((p > 0)[:, None] & (q > 0))


@dataclass(frozen=True)
class ReLUKernel:
    r"""The kernel of an infinitely wide, fully connected ReLU network; a callable ``kernel(X, Y)``.

    Weights are Gaussian of variance 2/(inputs of the layer), so that the kernel keeps its size from layer
    to layer; biases are Gaussian of variance `bias`:

        S_1 = (2/d) x.y + b,    S_(l+1) = k_1[S_l] + b,    T_1 = S_1,    T_(l+1) = S_(l+1) + k_0[S_l] T_l.

    Parameters
    ----------
    depth : int, the number of hidden layers; 0 is a linear model
    tangent : bool, T of the last layer, the tangent kernel of all weights and biases, instead of
        S, the covariance of the outputs (that of training the last layer only, but for its bias)
    bias : float >= 0

    Raises
    ------
    InputError
        for a depth, a bias and arrays that make no sense.

    Examples
    --------
    >>> kernel = ReLUKernel(depth=1)
    >>> kernel(np.eye(2)).round(6).tolist()
    [[1.0, 0.31831], [0.31831, 1.0]]
    >>> ReLUKernel(depth=2, tangent=True)(np.eye(2)).round(6).tolist()
    [[3.0, 0.685709], [0.685709, 3.0]]
    """

    depth: int = 1
    tangent: bool = False
    bias: float = 0.0

    def __post_init__(self) -> None:
        whole("depth", self.depth, 0, 10**4)
        flag("tangent", self.tangent)
        nonnegative("bias", self.bias)

    def __call__(self, X: ArrayLike, Y: ArrayLike | None = None) -> np.ndarray:
        """The kernel between the rows of X (n, d) and Y (m, d), an array (n, m); Y is X if left out."""
        p, q, theta = _angles(*(self._first(rows) for rows in _rows(X, Y)))
        covariance = p[:, None] * q * np.cos(theta)
        tangent = covariance
        for _ in range(self.depth):
            slope = 1 - theta / pi
            p, q, versine = _biased(p, q, _versine(theta), float(self.bias))
            theta = 2 * np.arcsin(np.sqrt(versine / 2))
            covariance = p[:, None] * q * (1 - versine)
            if self.tangent:
                tangent = covariance + slope * tangent
        return tangent if self.tangent else covariance

    def _first(self, rows):
        """Rows whose products are S_1."""
        rows = np.sqrt(2 / rows.shape[1]) * rows
        return np.column_stack([rows, np.full(len(rows), np.sqrt(self.bias))]) if self.bias else rows


def _rows(X, Y):
    sides = []
    for name, rows in (("X", X), ("Y", X if Y is None else Y)):
        rows = reals(name, rows)
        if rows.ndim != 2 or not rows.shape[1]:
            raise InputError(f"{name} must be an array (samples, features), got the shape {rows.shape}")
        if not np.isfinite(rows).all():
            raise InputError(f"{name} has NaN or infinity: leave such samples out")
        sides.append(rows)
    if sides[0].shape[1] != sides[1].shape[1]:
        raise InputError(f"X has {sides[0].shape[1]} features and Y {sides[1].shape[1]}: they must have as many")
    return sides


def _angles(X, Y):
    """Norms p (n,) and q (m,), and the angles (n, m), pi/2 where a norm is zero."""
    units = []
    for rows in (X, Y):
        size = np.linalg.norm(rows, axis=1)
        units.append((size, rows / np.where(size > 0, size, 1)[:, None]))
    (p, X), (q, Y) = units
    cosine = X @ Y.T
    close = np.flatnonzero(abs(cosine) > 1 - _CLOSE)
    signs = np.sign(cosine.flat[close])
    theta = np.arccos(np.clip(cosine, -1, 1, out=cosine), out=cosine)
    for part in range(0, len(close), _BLOCK):
        where, sign = close[part : part + _BLOCK], signs[part : part + _BLOCK]
        i, j = np.divmod(where, theta.shape[1])
        angle = 2 * np.arcsin(np.linalg.norm(X[i] - sign[:, None] * Y[j], axis=1) / 2)
        theta.flat[where] = np.where(sign > 0, angle, pi - angle)
    return p, q, theta


def _versine(theta):
    """1 - k_1/(|x| |y|) = 1 - cos theta - (sin theta - theta cos theta)/pi, between 0 and 1."""
    return np.clip(2 * np.sin(theta / 2) ** 2 - (np.sin(theta) - theta * np.cos(theta)) / pi, 0, 1)


def _biased(p, q, versine, b):
    """Norms and versine once b has been added to the kernel p q (1 - versine).

    With root = sqrt((p^2 + b) (q^2 + b)), which exceeds b + p q by b (p - q)^2/(root + b + p q), no term is negative.
    """
    if not b:
        return p, q, versine
    more_p, more_q = np.sqrt(p**2 + b), np.sqrt(q**2 + b)
    root, product = more_p[:, None] * more_q, p[:, None] * q
    return more_p, more_q, (b * (p[:, None] - q) ** 2 / (root + b + product) + product * versine) / root
