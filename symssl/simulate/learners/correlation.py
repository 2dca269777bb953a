"""Linear embeddings trained to an identity cross-correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import mapping_of, nonnegative, whole
from ...support.arrays import reals
from ..training import Learner, Weights, fingerprint

__all__ = ["CrossCorrelation", "cross_correlation"]


def cross_correlation(X: ArrayLike, X_prime: ArrayLike) -> np.ndarray:
    """Gamma = (X^T X' + X'^T X)/(2n) of n pairs of rows: a symmetric matrix.

    Raises `InputError` for arrays that are not paired, empty or not finite.

    >>> cross_correlation([[1.0, 2.0]], [[3.0, 0.0]]).tolist()
    [[3.0, 3.0], [3.0, 0.0]]
    """
    one, other = paired(X, X_prime)
    product = one.T @ other
    return (product + product.T) / (2 * len(one))


def paired(X: ArrayLike, X_prime: ArrayLike, name: str = "X_prime") -> list[np.ndarray]:
    """Both sides of the pairs as arrays of one shape (n, m).

    Raises `InputError`, which names the argument, for arrays that are not paired, empty or not finite; `name` is the
    name of the second.
    """
    sides = []
    for what, given in (("X", X), (name, X_prime)):
        side = reals(what, given)
        if side.ndim != 2 or not side.size:
            raise InputError(f"{what} must be an array (pairs, features) that is not empty, got the shape {side.shape}")
        if not np.isfinite(side).all():
            row = np.flatnonzero(~np.isfinite(side).all(1))[0]
            raise InputError(f"{what} has NaN or infinity in row {row}: leave such samples out")
        sides.append(side)
    if sides[0].shape != sides[1].shape:
        raise InputError(f"X has the shape {sides[0].shape} and {name} {sides[1].shape}: row i of both is one pair")
    return sides


class CrossCorrelation(Learner):
    r"""f(x) = W x with the loss |C - I|^2, C = W Gamma W^T (squared Frobenius norm).

    The gradient is 4 (C - I) W Gamma.  Observed: the loss and the eigenvalues of C in falling order.

    Parameters
    ----------
    gamma : array (m, m), symmetric: the cross-correlation of the features, see `cross_correlation`; or
        array (m,), its eigenvalues: then W is written in its eigenbasis, where descent takes the same path
        in O(m) a row instead of O(m^2)
    components : int, the rows d of W
    scale : float, the standard deviation of the entries of W at the start

    Raises
    ------
    InputError
        for a Gamma that is not symmetric and finite, and sizes that make no sense.

    Examples
    --------
    >>> learner = CrossCorrelation(np.eye(2), components=1)
    >>> learner.gradient({"W": np.array([[2.0, 0.0]])}, None)["W"].tolist()
    [[24.0, 0.0]]
    """

    kind = "cross-correlation"

    def __init__(self, gamma: ArrayLike, components: int, scale: float = 1e-7) -> None:
        matrix = reals("gamma", gamma)
        if matrix.ndim not in (1, 2) or len(set(matrix.shape)) != 1 or not matrix.size or not np.isfinite(matrix).all():
            raise InputError(
                f"gamma must be a square matrix or its eigenvalues, finite numbers, got the shape {matrix.shape}"
            )
        if abs(matrix - matrix.T).max() > 1e-12 * abs(matrix).max():
            raise InputError("gamma is not symmetric: take (gamma + gamma.T)/2, or make it with cross_correlation")
        self.gamma: np.ndarray = (matrix + matrix.T) / 2
        self.components: int = whole("components", components, 1, len(matrix))
        self.scale: float = nonnegative("scale", scale)

    @classmethod
    def in_eigenbasis(cls, gamma: ArrayLike, components: int, scale: float = 1e-7) -> CrossCorrelation:
        """The same descent in the eigenbasis of Gamma, eigenvalues in falling order.

        Gaussian starts have the same law in every orthonormal basis.
        """
        given = cls(gamma, components, scale).gamma
        return cls(np.linalg.eigvalsh(given)[::-1] if given.ndim == 2 else -np.sort(-given), components, scale)

    def aligned(self, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
        """(gamma_j, s_j): the top eigenvalues, and the singular values of the aligned start.

        A small generic start acts as that one: s_j is the diagonal of R in W(0) V = Q R, with V the top eigenvectors.

        Raises
        ------
        InputError
            For weights without W of this shape, and for eigenvalues that do not fall.
        """
        W, gamma = self._W(weights), self.gamma
        if gamma.ndim == 2:
            gamma, V = np.linalg.eigh(gamma)
            gamma, W = gamma[::-1], W @ V[:, ::-1]
        elif (np.diff(gamma) > 0).any():
            raise InputError("the eigenvalues must be given in falling order")
        R = np.linalg.qr(W[:, : self.components], mode="r")
        return gamma[: self.components], abs(np.diag(R))

    def _W(self, weights):
        W = mapping_of("weights", weights, "names to arrays").get("W")
        if np.shape(W) != (shape := (self.components, len(self.gamma))):
            raise InputError(f"weights must hold an array W of the shape {shape}, got {np.shape(W)}")
        return reals("W", W)

    def configuration(self) -> dict[str, Any]:
        return {"components": self.components, "scale": self.scale, "gamma": fingerprint(self.gamma)}

    def start(self, rng: np.random.Generator) -> Weights:
        return {"W": self.scale * rng.standard_normal((self.components, len(self.gamma)))}

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        W = weights["W"]
        WG = self._weighted(W)
        C = WG @ W.T
        C.flat[:: self.components + 1] -= 1
        C *= 4
        return {"W": C @ WG}

    def _weighted(self, W):
        return W * self.gamma if self.gamma.ndim == 1 else W @ self.gamma

    def correlation(self, weights: Weights) -> np.ndarray:
        """C = W Gamma W^T, symmetric."""
        W = self._W(weights)
        C = self._weighted(W) @ W.T
        return (C + C.T) / 2

    def observe(self, weights: Weights) -> dict[str, Any]:
        C = self.correlation(weights)
        eigenvalues = np.linalg.eigvalsh(C)[::-1] if np.isfinite(C).all() else np.full(self.components, np.nan)
        return {"loss": ((C - np.eye(self.components)) ** 2).sum(), "eigenvalues": eigenvalues}
