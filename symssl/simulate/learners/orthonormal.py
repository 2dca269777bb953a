r"""Deep linear networks whose layers have orthonormal columns, and the equation that their outputs obey.

The network is u(x) = M x, M = W_l^T W_{l-1} ... W_1, the loss Tr(M C M^T) for a
symmetric C = V diag(lambda) V^T.  Its outputs at the eigenvectors are the rows of
q = V^T M^T.  With B(a) = 4 L q - a q q^T L q - (4 - a) L q q^T q and L = diag(lambda),
steps that are small leave, whatever the width,

    q' = -B(2)                            for W' = -(I - W W^T) dLoss/dW,
    q' = -B(3) - (l - 2)(L q - q q^T L q) for W' = -dLoss/dW, projected back to the nearest frame.

So the second, which is what is easily programmed, runs faster with every layer;
under the first the square layers in the middle stand still.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import one_of, room_for, whole
from ...support.arrays import reals
from ..training import Learner, Weights, fingerprint
from .correlation import paired

__all__ = ["OrthonormalTrace", "ReducedTrace", "contrast_matrix"]


def contrast_matrix(X: ArrayLike, X_prime: ArrayLike, X_minus: ArrayLike | None = None) -> np.ndarray:
    """C, the symmetric part of the mean of x (x^- - x')^T.

    Tr(M C M^T) is the mean of u(x)^T (u(x^-) - u(x')) for u = M x.

    Parameters
    ----------
    X, X_prime, X_minus : arrays (samples, features) of samples, their other views (the positive samples), and
        negative samples; without negative ones the loss is the mean of -u(x)^T u(x')

    Raises
    ------
    InputError
        For arrays that do not match, are empty or not finite.

    Examples
    --------
    >>> contrast_matrix([[1.0, 2.0]], [[0.0, 1.0]], [[3.0, 1.0]]).tolist()
    [[3.0, 3.0], [3.0, 0.0]]
    """
    samples, views = paired(X, X_prime)
    away = -views
    if X_minus is not None:
        away += paired(X, X_minus, "X_minus")[1]
    product = samples.T @ away
    return (product + product.T) / (2 * len(away))


class _Trace(Learner):
    """What both learners have: the spectrum of C, and what is seen of the outputs q."""

    rules: tuple[str, ...] = ()

    def __init__(self, outputs, width, layers, features):
        self.outputs = whole("outputs", outputs, 1)
        self.layers = whole("layers", layers, 2)
        least = max(features, self.outputs)
        self.width = least if width is None else whole("width", width, 1)
        numbers = self.width * (features + self.outputs + (self.layers - 2) * self.width)
        room_for("the weights", numbers + 100 * self.layers, "take fewer or narrower layers")
        if self.width < least:
            raise InputError(
                f"width {self.width}: layers with orthonormal columns need at least {least} units for {features} "
                f"features and {outputs} outputs"
            )

    def _choose(self, rule):
        self.rule = one_of("rule", rule, self.rules)

    def _seen(self, q):
        """The loss, the outputs, and the length of every eigenvector's projection on the span of the columns of q."""
        loss = self.eigenvalues @ (q**2).sum(1)
        if not np.isfinite(q).all():
            return {"loss": np.nan, "q": q, "projections": np.full(len(q), np.nan)}
        frame, size, _ = np.linalg.svd(q, full_matrices=False)
        spanned = size > max(q.shape) * np.finfo(float).eps * size[0]
        return {"loss": loss, "q": q, "projections": np.linalg.norm(frame[:, spanned], axis=1)}


class OrthonormalTrace(_Trace):
    r"""Projected gradient descent for min Tr(M C M^T), M = W_l^T W_{l-1} ... W_1, every layer with orthonormal columns.

    After a step along the rule every layer is projected back, ``W^T W = I``.  Started at uniformly
    random frames.  Observed: the loss; the outputs ``q`` at the eigenvectors of C, a row for each, from
    the lowest eigenvalue up; the ``projections``, how long those eigenvectors are when projected on the
    span of the columns of q; and the ``defect``, the largest entry of all W^T W - I.

    Parameters
    ----------
    C : array (features, features), symmetric, see `contrast_matrix`
    outputs : int, the columns of the last layer
    width : int, units of each hidden layer; the least possible by default
    layers : int >= 2: the first (width, features), the last (width, outputs), square ones between
    rule : where a step goes,
        "corrected": down, along -dLoss/dW;
        "printed": up, along +dLoss/dW, as it is sometimes found printed;
        "projected": along -(I - W W^T) dLoss/dW, which keeps square layers where they are
    back : the way back,
        "polar": the nearest matrix with orthonormal columns, which turns with the units and the inputs;
        "qr": Gram and Schmidt's, whose motion within the span depends on the order of the columns, so that
        with square layers the loss may rise however small the step, unless the rule is "projected"

    Raises
    ------
    InputError
        for a C that is not symmetric and finite, sizes that leave no orthonormal columns, unknown rules.

    Examples
    --------
    >>> from symssl.simulate import train
    >>> learner = OrthonormalTrace(np.diag([-2.0, -1.0, 1.0]), outputs=1, width=8)
    >>> run = train(learner, steps=400, eta=0.05)
    >>> run["loss"][-1].round(9), run["projections"][-1].round(9).tolist()
    (np.float64(-2.0), [1.0, 0.0, 0.0])
    """

    kind = "orthonormal trace"
    rules = ("printed", "corrected", "projected")

    def __init__(
        self,
        C: ArrayLike,
        outputs: int,
        *,
        width: int | None = None,
        layers: int = 2,
        rule: Literal["printed", "corrected", "projected"] = "corrected",
        back: Literal["polar", "qr"] = "polar",
    ) -> None:
        matrix = _matrix(C)
        if abs(matrix - matrix.T).max() > 1e-12 * abs(matrix).max():
            raise InputError("C is not symmetric: take (C + C.T)/2, or make it with contrast_matrix")
        super().__init__(outputs, width, layers, len(matrix))
        self._choose(rule)
        self.C, self.back = (matrix + matrix.T) / 2, one_of("back", back, ("polar", "qr"))
        self.eigenvalues, V = np.linalg.eigh(self.C)
        largest = np.take_along_axis(V, abs(V).argmax(0)[None], 0)
        self.eigenvectors = V * np.sign(largest)  # a sign that no library decides

    def configuration(self) -> dict[str, Any]:
        return {
            "outputs": self.outputs,
            "width": self.width,
            "layers": self.layers,
            "rule": self.rule,
            "back": self.back,
            "C": fingerprint(self.C),
        }

    def start(self, rng: np.random.Generator) -> Weights:
        columns = [len(self.C)] + [self.width] * (self.layers - 2) + [self.outputs]
        return {f"W{k}": frame(rng, self.width, n) for k, n in enumerate(columns, 1)}

    def _layers(self, weights):
        return [weights[f"W{k}"] for k in range(1, self.layers + 1)]

    def map(self, weights: Weights) -> np.ndarray:
        """M, the network as an array (outputs, features)."""
        return self._products(weights)[-1].T

    def _products(self, weights):
        """W_1, W_2 W_1, ..., and M^T at last."""
        first, *middle, last = self._layers(weights)
        products = [first]
        for W in middle:
            products.append(W @ products[-1])
        return [*products, products[-1].T @ last]

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        *before, M = self._products(weights)
        *others, last = self._layers(weights)
        MC = M.T @ self.C
        slopes = {f"W{self.layers}": 2 * before[-1] @ MC.T}
        above = last  # W_{k+1}^T ... W_l, from the top
        for k in range(self.layers - 1, 0, -1):
            slopes[f"W{k}"] = 2 * above @ (MC @ before[k - 2].T if k > 1 else MC)
            above = others[k - 1].T @ above
        if self.rule == "printed":
            return {name: -slope for name, slope in slopes.items()}
        if self.rule == "projected":
            return {name: slope - weights[name] @ (weights[name].T @ slope) for name, slope in slopes.items()}
        return slopes

    def after(self, weights: Weights) -> Weights:
        if not all(np.isfinite(W).all() for W in weights.values()):
            return weights  # the next gradient says so
        return {name: nearest_frame(W) if self.back == "polar" else _orthonormal(W) for name, W in weights.items()}

    def observe(self, weights: Weights) -> dict[str, Any]:
        defect = max(abs(W.T @ W - np.eye(W.shape[1])).max() for W in weights.values())
        return {**self._seen(self.eigenvectors.T @ self.map(weights).T), "defect": defect}


class ReducedTrace(_Trace):
    r"""The outputs q alone, whose cost no width enters: q <- q - eta*(...), a step of their equation.

    The network is that of `OrthonormalTrace`.  With L = diag(lambda): 2 L q - L q q^T q - q q^T L q in the brackets
    if "printed", which is half as fast as the weights; twice that if "corrected", so that it follows the weights under
    the rule "projected"; and for the rule "unprojected" what weights of so many layers follow that descend along the
    whole gradient and are projected back to the nearest frames.  Observed: the loss Tr(q^T L q), q, the
    ``projections`` of the eigenvectors on the span of its columns, and the largest singular value ``norm``.

    Parameters
    ----------
    eigenvalues : array (features,), in rising order
    outputs : int, the columns of q
    width, layers : int, of the network whose random start is taken
    rule : "corrected", "printed" or "unprojected"

    Raises
    ------
    InputError
        for eigenvalues that are not finite and rising, sizes that leave no orthonormal columns, unknown rules.

    Examples
    --------
    >>> from symssl.simulate import train
    >>> run = train(ReducedTrace([-2.0, -1.0, 1.0], outputs=2, width=8), steps=600, eta=0.05)
    >>> run["loss"][-1].round(9), run["projections"][-1].round(9).tolist()
    (np.float64(-3.0), [1.0, 1.0, 0.0])
    """

    kind = "reduced trace"
    rules = ("printed", "corrected", "unprojected")

    def __init__(
        self,
        eigenvalues: ArrayLike,
        outputs: int,
        *,
        width: int | None = None,
        layers: int = 2,
        rule: Literal["corrected", "printed", "unprojected"] = "corrected",
    ) -> None:
        rising = reals("eigenvalues", eigenvalues)
        if rising.ndim != 1 or not rising.size or not np.isfinite(rising).all() or (np.diff(rising) < 0).any():
            raise InputError(f"eigenvalues must be finite numbers in rising order, got {rising}")
        super().__init__(outputs, width, layers, len(rising))
        self._choose(rule)
        self.eigenvalues = rising

    def configuration(self) -> dict[str, Any]:
        return {
            "outputs": self.outputs,
            "width": self.width,
            "layers": self.layers,
            "rule": self.rule,
            "eigenvalues": fingerprint(self.eigenvalues),
        }

    def start(self, rng: np.random.Generator) -> Weights:
        """The outputs of uniformly random frames: a block of a random orthogonal matrix."""
        return {"q": frame(rng, self.width, self.outputs)[: len(self.eigenvalues)]}

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        q = weights["q"]
        Lq = self.eigenvalues[:, None] * q
        inside, outside = Lq @ (q.T @ q), q @ (q.T @ Lq)
        if self.rule == "unprojected":
            return {"q": 4 * Lq - inside - 3 * outside + (self.layers - 2) * (Lq - outside)}
        return {"q": (1 if self.rule == "printed" else 2) * (2 * Lq - inside - outside)}

    def observe(self, weights: Weights) -> dict[str, Any]:
        q = weights["q"]
        return {**self._seen(q), "norm": np.linalg.norm(q, 2) if np.isfinite(q).all() else np.nan}


def _matrix(C):
    C = reals("C", C)
    if C.ndim != 2 or C.shape[0] != C.shape[1] or not C.size or not np.isfinite(C).all():
        raise InputError(f"C must be a square matrix of finite numbers, got the shape {C.shape}")
    return C


def frame(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Uniformly random orthonormal columns."""
    return _orthonormal(rng.standard_normal((rows, columns)))


def _orthonormal(W):
    """Gram and Schmidt: the QR factor whose triangle has a positive diagonal, which makes it unique."""
    Q, R = np.linalg.qr(W)
    return Q * np.where(np.diag(R) < 0, -1.0, 1.0)


def nearest_frame(W: np.ndarray) -> np.ndarray:
    """The polar factor."""
    U, _, Vt = np.linalg.svd(W, full_matrices=False)
    return U @ Vt
