"""Linear embeddings trained to an identity cross-correlation."""

import numpy as np

from ...errors import InputError
from ...support.arrays import reals
from ..training import Learner, fingerprint

__all__ = ["CrossCorrelation", "cross_correlation"]


def cross_correlation(X, X_prime):
    """Gamma = (X^T X' + X'^T X)/(2n) of n pairs of rows: a symmetric matrix.

    Raises `InputError` for arrays that are not paired, empty or not finite.

    >>> cross_correlation([[1.0, 2.0]], [[3.0, 0.0]]).tolist()
    [[3.0, 3.0], [3.0, 0.0]]
    """
    X, X_prime = paired(X, X_prime)
    product = X.T @ X_prime
    return (product + product.T) / (2 * len(X))


def paired(X, X_prime):
    """Both sides of the pairs as arrays of one shape (n, m).

    Raises `InputError`, which names the culprit, for arrays that are not paired, empty or not finite.
    """
    sides = []
    for name, side in (("X", X), ("X_prime", X_prime)):
        side = reals(name, side)
        if side.ndim != 2 or not side.size:
            raise InputError(f"{name} must be an array (pairs, features) that is not empty, got the shape {side.shape}")
        if not np.isfinite(side).all():
            row = np.flatnonzero(~np.isfinite(side).all(1))[0]
            raise InputError(f"{name} has NaN or infinity in row {row}: leave such samples out")
        sides.append(side)
    if sides[0].shape != sides[1].shape:
        raise InputError(f"X has the shape {sides[0].shape} and X_prime {sides[1].shape}: row i of both is one pair")
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

    def __init__(self, gamma, components, scale=1e-7):
        gamma = reals("gamma", gamma)
        if gamma.ndim not in (1, 2) or len(set(gamma.shape)) != 1 or not gamma.size or not np.isfinite(gamma).all():
            raise InputError(
                f"gamma must be a square matrix or its eigenvalues, finite numbers, got the shape {gamma.shape}"
            )
        if abs(gamma - gamma.T).max() > 1e-12 * abs(gamma).max():
            raise InputError("gamma is not symmetric: take (gamma + gamma.T)/2, or make it with cross_correlation")
        if not 1 <= components <= len(gamma):
            raise InputError(f"components must lie between 1 and the number of features {len(gamma)}, got {components}")
        if not 0 <= scale < np.inf:
            raise InputError(f"scale must be a finite number >= 0, got {scale}")
        self.gamma, self.components, self.scale = (gamma + gamma.T) / 2, int(components), float(scale)

    @classmethod
    def in_eigenbasis(cls, gamma, components, scale=1e-7):
        """The same descent in the eigenbasis of Gamma, eigenvalues in falling order.

        Gaussian starts have the same law in every orthonormal basis.
        """
        whole = cls(gamma, components, scale)
        return cls(np.linalg.eigvalsh(whole.gamma)[::-1], components, scale)

    def aligned(self, weights):
        """(gamma_j, s_j): the top eigenvalues, and the singular values of the aligned start that a small
        generic start acts as: the diagonal of R in W(0) V = Q R, with V the top eigenvectors.
        """
        W, gamma = weights["W"], self.gamma
        if gamma.ndim == 2:
            gamma, V = np.linalg.eigh(gamma)
            gamma, W = gamma[::-1], W @ V[:, ::-1]
        elif (np.diff(gamma) > 0).any():
            raise InputError("the eigenvalues must be given in falling order")
        R = np.linalg.qr(W[:, : self.components], mode="r")
        return gamma[: self.components], abs(np.diag(R))

    def configuration(self):
        return {"components": self.components, "scale": self.scale, "gamma": fingerprint(self.gamma)}

    def start(self, rng):
        return {"W": self.scale * rng.standard_normal((self.components, len(self.gamma)))}

    def gradient(self, weights, rng):
        W = weights["W"]
        WG = self._weighted(W)
        C = WG @ W.T
        C.flat[:: self.components + 1] -= 1
        C *= 4
        return {"W": C @ WG}

    def _weighted(self, W):
        return W * self.gamma if self.gamma.ndim == 1 else W @ self.gamma

    def correlation(self, weights):
        """C = W Gamma W^T, symmetric."""
        C = self._weighted(weights["W"]) @ weights["W"].T
        return (C + C.T) / 2

    def observe(self, weights):
        C = self.correlation(weights)
        eigenvalues = np.linalg.eigvalsh(C)[::-1] if np.isfinite(C).all() else np.full(self.components, np.nan)
        return {"loss": ((C - np.eye(self.components)) ** 2).sum(), "eigenvalues": eigenvalues}
