r"""Networks without biases trained by the softmax contrastive loss of distances.

For pairs x_i, x_i' with outputs z_i, z_i' the loss is a sum over samples (not a mean)

    L = sum_i |z_i - z_i'|^2/2 + log Z_i,   Z_i = exp(-|z_i - z_i'|^2/2) + sum_{j != i} exp(-|z_i - z_j|^2/2),

so with the softmax weights alpha_ij = exp(-|z_i - z_j|^2/2)/Z_i and alpha_ii = exp(-|z_i - z_i'|^2/2)/Z_i its slopes
are

    dL/dz_i' = (1 - alpha_ii)(z_i' - z_i),   dL/dz_i = -dL/dz_i' - sum_{j != i} (alpha_ij + alpha_ji)(z_i - z_j).

Where z = W x is linear, dL/dW = -W X with the symmetric matrix

    X = sum_{i, j != i} alpha_ij (x_i - x_j)(x_i - x_j)^T - sum_i (1 - alpha_ii)(x_i' - x_i)(x_i' - x_i)^T.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import flag, number, one_of, room_for, whole
from ...support.arrays import reals
from ..training import Learner, Weights, fingerprint
from .correlation import paired

__all__ = ["SoftmaxContrast"]


class SoftmaxContrast(Learner):
    r"""z = W_l ... W_1 x, with ReLUs between the layers or without, under the softmax contrastive loss.

    Observed: the ``loss``; the ``singular`` values of the layers, a row each, falling; the ``spectrum``, the
    eigenvalues of the covariance of the outputs z, falling; for linear layers the ``drive``, the eigenvalues of X,
    falling, and the ``forms``, v^T X v of the right singular vectors v of the first layer; for two layers or more the
    ``alignment``, the diagonals of |V_{k+1}^T U_k|, a row for each pair of layers, where U_k are the left singular
    vectors of W_k and V_{k+1} the right ones of W_{k+1}, in the order of the singular values.

    Parameters
    ----------
    X, X_prime : arrays (n, m), row i of both is one pair, n >= 2
    layers : int >= 1
    width : int, the rows of every layer; by default m
    activation : "identity" or "relu", between layers
    batch : int >= 2, optional: samples of a step, drawn without repetition; all of them by default
    scale : float > 0, entries of the weights at the start have the standard deviation scale/sqrt(columns)
    common_frames : bool, whether the layers start with their singular values in common frames: the right singular
        vectors of the first are the eigenvectors of X at W = 0, those of each other the left ones of the layer before

    Raises
    ------
    InputError
        for arrays that are not paired, empty or not finite, sizes and names that make no sense.

    Examples
    --------
    >>> from symssl.simulate import train
    >>> X = np.random.default_rng(0).standard_normal((20, 3))
    >>> learner = SoftmaxContrast(X, X + 0.1, layers=2, scale=0.3)
    >>> run = train(learner, steps=100, eta=1e-3)
    >>> bool((np.diff(run["loss"]) < 0).all()), run["singular"].shape
    (True, (101, 2, 3))
    """

    kind = "softmax contrast"

    def __init__(
        self,
        X: ArrayLike,
        X_prime: ArrayLike,
        *,
        layers: int = 1,
        width: int | None = None,
        activation: Literal["identity", "relu"] = "identity",
        batch: int | None = None,
        scale: float = 1.0,
        common_frames: bool = False,
    ) -> None:
        self.X, self.X_prime = paired(X, X_prime)
        if len(self.X) < 2:
            raise InputError("one pair has nothing to be told from: give at least two")
        self.activation = one_of("activation", activation, ("identity", "relu"))
        self.layers = whole("layers", layers, 1)
        self.width = self.X.shape[1] if width is None else whole("width", width, 1)
        numbers = self.width * (self.X.shape[1] + (self.layers - 1) * self.width)
        room_for("the weights", numbers + 100 * self.layers, "take fewer or narrower layers")
        self.batch = None if batch is None else whole("batch", batch, 2)
        if self.batch and self.batch > len(self.X):
            raise InputError(f"a batch of {self.batch} needs as many samples, there are {len(self.X)}")
        self.scale = number("scale", scale, 0, np.inf)
        self.common_frames = flag("common_frames", common_frames)

    def configuration(self) -> dict[str, Any]:
        return {
            "layers": self.layers,
            "width": self.width,
            "activation": self.activation,
            "batch": self.batch or 0,
            "scale": self.scale,
            "common_frames": self.common_frames,
            "data": fingerprint(self.X, self.X_prime),
        }

    def start(self, rng: np.random.Generator) -> Weights:
        columns = [self.X.shape[1]] + (self.layers - 1) * [self.width]
        weights = {
            f"W{k + 1}": self.scale / np.sqrt(m) * rng.standard_normal((self.width, m)) for k, m in enumerate(columns)
        }
        if self.common_frames:
            frame = np.linalg.eigh(self.drive({name: 0 * W for name, W in weights.items()}))[1][:, ::-1].T
            for name, W in weights.items():
                U, sizes, _ = np.linalg.svd(W)
                rank = len(sizes)
                weights[name], frame = (U[:, :rank] * sizes) @ frame[:rank], U.T
        return weights

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        rows = rng.choice(len(self.X), self.batch, replace=False) if self.batch else slice(None)
        inputs = np.concatenate([self.X[rows], self.X_prime[rows]])
        values = self._forward(weights, inputs)
        _, slope = _contrast(*np.split(values[-1], 2))
        gradient = {}
        for k, name in reversed(list(enumerate(weights))):
            gradient[name] = slope.T @ values[k]
            if k:
                slope = slope @ weights[name]
                if self.activation == "relu":
                    slope *= values[k] > 0
        return gradient

    def outputs(self, weights: Weights, X: ArrayLike) -> np.ndarray:
        """z for the rows of X."""
        return self._forward(weights, reals("X", X))[-1]

    def _forward(self, weights, X):
        """The inputs of each layer, and the outputs."""
        values = [X]
        for k, W in enumerate(weights.values()):
            z = values[-1] @ W.T
            values.append(np.maximum(z, 0) if self.activation == "relu" and k < self.layers - 1 else z)
        return values

    def drive(self, weights: Weights) -> np.ndarray:
        """The matrix X (m, m) of linear layers: dL/dW = -W X for their product W."""
        _, alpha, own = _softmax(self.outputs(weights, self.X), self.outputs(weights, self.X_prime))
        both, apart = alpha + alpha.T, self.X_prime - self.X
        spread = self.X.T @ (both.sum(1)[:, None] * self.X - both @ self.X)
        return spread - apart.T @ ((1 - own)[:, None] * apart)

    def observe(self, weights: Weights) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        layers = list(weights.values())
        with np.errstate(over="ignore", invalid="ignore"):
            z, z_prime = self.outputs(weights, self.X), self.outputs(weights, self.X_prime)
            usable = np.isfinite((z**2).sum() + (z_prime**2).sum())
        decomposed = [np.linalg.svd(W) for W in layers] if usable else []
        seen["loss"] = _contrast(z, z_prime)[0] if usable else np.nan
        rank = min(self.X.shape[1], self.width)
        seen["singular"] = (
            np.array([size[:rank] for _, size, _ in decomposed]) if usable else np.full((self.layers, rank), np.nan)
        )
        seen["spectrum"] = (
            np.linalg.eigvalsh(np.cov(z.T, bias=True).reshape(self.width, -1))[::-1]
            if usable
            else np.full(self.width, np.nan)
        )
        if self.activation == "identity":
            seen["drive"], seen["forms"] = np.full(self.X.shape[1], np.nan), np.full(rank, np.nan)
            if usable:
                X, Vt = self.drive(weights), decomposed[0][2][:rank]
                seen["drive"], seen["forms"] = np.linalg.eigvalsh(X)[::-1], ((Vt @ X) * Vt).sum(1)
        if self.layers > 1:
            turns = [abs((Vt @ U).diagonal())[:rank] for (U, _, _), (_, _, Vt) in pairwise(decomposed)]
            seen["alignment"] = np.array(turns) if usable else np.full((self.layers - 1, rank), np.nan)
        return seen


def _softmax(z, z_prime):
    """(log Z_i, alpha_ij for j != i and zero on the diagonal, alpha_ii)."""
    size = (z**2).sum(1)
    logits = z @ z.T
    logits -= size / 2
    logits -= size[:, None] / 2
    np.fill_diagonal(logits, -((z - z_prime) ** 2).sum(1) / 2)
    highest = logits.max(1)
    alpha = np.exp(logits - highest[:, None])
    total = alpha.sum(1)
    alpha /= total[:, None]
    own = alpha.diagonal().copy()
    np.fill_diagonal(alpha, 0)
    return highest + np.log(total), alpha, own


def _contrast(z, z_prime):
    """The loss, and its slopes in z and z' one above the other."""
    logarithm, alpha, own = _softmax(z, z_prime)
    apart, both = z_prime - z, alpha + alpha.T
    pull = (1 - own)[:, None] * apart
    return logarithm.sum() + (apart**2).sum() / 2, np.concatenate([both @ z - both.sum(1)[:, None] * z - pull, pull])
