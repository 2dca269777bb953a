r"""Networks u(x) = W_2^T phi(W_1 x) with one hidden layer, beside which linear theories are held.

With u, v, w the outputs for x, x', x^- (rows, n samples) the losses and their slopes are

    contrast:     mean_i u_i.(w_i - v_i),                        (w - v)/n, -u/n, u/n;
    correlation:  |C - I|^2,  C = (u^T v + v^T u)/(2n),          2 v (C - I)/n, 2 u (C - I)/n.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import flag, number, one_of, room_for, whole
from ...support.arrays import reals
from ..training import Learner, Weights, fingerprint
from .correlation import paired
from .orthonormal import frame, nearest_frame

__all__ = ["HiddenLayer"]


class HiddenLayer(Learner):
    r"""u(x) = W_2^T phi(W_1 x) under a contrastive loss or one of the cross-correlation.

    Observed: the ``loss``; the ``spectrum``, falling: eigenvalues of C for "correlation", and for "contrast" those of
    the covariance of the outputs u; the ``norms`` |W_1| and |W_2|; the singular values of both, ``singular_1`` and
    ``singular_2``, falling.

    Parameters
    ----------
    X, X_prime : arrays (n, m), row i of both is a pair
    X_minus : array (n, m), the negative samples, which the loss "contrast" needs
    outputs, width : int, columns of W_2, rows of W_1
    activation : "identity", "relu", "tanh" or "sigmoid"
    loss : "contrast" or "correlation"
    orthonormal : bool: the columns of both layers start orthonormal, and every step is projected back to the nearest
        such layers; needs width >= m and width >= outputs
    batch : int, optional: samples of a step, drawn without repetition; all of them by default
    scale : float > 0: without orthonormal columns the entries of W_1 and W_2 start with the standard deviations
        scale/sqrt(m) and scale/sqrt(width)

    Raises
    ------
    InputError
        For arrays that are not of one shape, empty or not finite, missing negatives, sizes and names that make no
        sense.

    Examples
    --------
    >>> from symssl.simulate import train
    >>> X = np.random.default_rng(0).standard_normal((50, 3))
    >>> learner = HiddenLayer(X, X, outputs=2, width=20, activation="relu", loss="correlation", scale=0.1)
    >>> run = train(learner, steps=800, eta=0.05)
    >>> run["spectrum"][-1].round(3).tolist()
    [1.0, 1.0]
    """

    kind = "hidden layer"

    def __init__(
        self,
        X: ArrayLike,
        X_prime: ArrayLike,
        X_minus: ArrayLike | None = None,
        *,
        outputs: int,
        width: int,
        activation: Literal["identity", "relu", "tanh", "sigmoid"] = "tanh",
        loss: Literal["contrast", "correlation"] = "contrast",
        orthonormal: bool = False,
        batch: int | None = None,
        scale: float = 1.0,
    ) -> None:
        self.activation, self.loss = one_of("activation", activation, _ACTIVATIONS), one_of("loss", loss, _LOSSES)
        sides = paired(X, X_prime)
        if loss == "contrast":
            if X_minus is None:
                raise InputError("the loss 'contrast' needs negative samples: give X_minus")
            sides.append(paired(X, X_minus, "X_minus")[1])
        self.orthonormal, self.samples = flag("orthonormal", orthonormal), np.stack(sides)
        self.outputs, self.width = whole("outputs", outputs, 1), whole("width", width, 1)
        room_for("the weights", self.width * (self.outputs + 1), "take fewer units")
        _, n, m = self.samples.shape
        if orthonormal and self.width < max(m, self.outputs):
            raise InputError(
                f"width {width}: orthonormal columns need at least {max(m, self.outputs)} units for {m} features and "
                f"{outputs} outputs"
            )
        self.batch = None if batch is None else whole("batch", batch, 1)
        if self.batch and self.batch > n:
            raise InputError(f"a batch of {self.batch} needs as many samples, there are {n}")
        self.scale = number("scale", scale, 0, np.inf)

    def configuration(self) -> dict[str, Any]:
        names = "activation", "loss", "orthonormal", "outputs", "width", "scale"
        return {
            **{name: getattr(self, name) for name in names},
            "batch": self.batch or 0,
            "data": fingerprint(self.samples),
        }

    def start(self, rng: np.random.Generator) -> Weights:
        shapes = {"W1": (self.width, self.samples.shape[2]), "W2": (self.width, self.outputs)}
        if self.orthonormal:
            return {name: frame(rng, *shape) for name, shape in shapes.items()}
        sizes = shapes["W1"][1], self.width
        return {
            name: self.scale / np.sqrt(size) * rng.standard_normal(shape)
            for (name, shape), size in zip(shapes.items(), sizes)
        }

    def hidden(self, weights: Weights, X: ArrayLike) -> np.ndarray:
        """phi(W_1 x) for the rows of X."""
        return _ACTIVATIONS[self.activation][0](reals("X", X) @ weights["W1"].T)

    def map(self, weights: Weights, X: ArrayLike) -> np.ndarray:
        """u(x) for the rows of X."""
        return self.hidden(weights, X) @ weights["W2"]

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        chosen = self.samples
        if self.batch:
            chosen = chosen[:, rng.choice(chosen.shape[1], self.batch, replace=False)]
        X = np.concatenate(chosen)
        value = self.hidden(weights, X)
        slope = np.concatenate(_LOSSES[self.loss](*np.split(value @ weights["W2"], len(chosen)))[1])
        return {"W1": (slope @ weights["W2"].T * _ACTIVATIONS[self.activation][1](value)).T @ X, "W2": value.T @ slope}

    def after(self, weights: Weights) -> Weights:
        if not self.orthonormal or not all(np.isfinite(W).all() for W in weights.values()):
            return weights
        return {name: nearest_frame(W) for name, W in weights.items()}

    def observe(self, weights: Weights) -> dict[str, Any]:
        u = [self.map(weights, X) for X in self.samples]
        loss, *_ = _LOSSES[self.loss](*u)
        C = (
            _correlation(*u)
            if self.loss == "correlation"
            else np.cov(u[0].T, bias=True).reshape(self.outputs, self.outputs)
        )
        usable = np.isfinite(C).all() and all(np.isfinite(W).all() for W in weights.values())
        seen = {
            "loss": loss if usable else np.nan,
            "norms": [np.linalg.norm(W) for W in weights.values()],
            "spectrum": np.linalg.eigvalsh(C)[::-1] if usable else np.full(self.outputs, np.nan),
        }
        for k, W in enumerate(weights.values(), 1):
            seen[f"singular_{k}"] = np.linalg.svd(W, compute_uv=False) if usable else np.full(min(W.shape), np.nan)
        return seen


def _contrast(u, v, w):
    return (u * (w - v)).sum(1).mean(), [(w - v) / len(u), -u / len(u), u / len(u)]


def _correlation(u, v):
    product = u.T @ v
    return (product + product.T) / (2 * len(u))


def _decorrelation(u, v):
    away = _correlation(u, v) - np.eye(u.shape[1])
    return (away**2).sum(), [2 * v @ away / len(u), 2 * u @ away / len(u)]


_LOSSES: dict[str, Callable[..., Any]] = {"contrast": _contrast, "correlation": _decorrelation}
# each with its slope as a function of its value
_ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "identity": (lambda a: a, np.ones_like),
    "relu": (lambda a: np.maximum(a, 0), lambda value: value > 0),
    "tanh": (np.tanh, lambda value: 1 - value**2),
    "sigmoid": (lambda a: 0.5 + 0.5 * np.tanh(a / 2), lambda value: value * (1 - value)),
}
