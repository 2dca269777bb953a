r"""A linear encoder and a linear predictor that are trained to predict the other view of a sample.

The online branch gives v = W Phi x; no gradient flows through the target t = Phi x'.  x = x0 + noise, x' = x0 + noise'
with noise of variance sigma2.  With z = t/|t| and w = v/|v| the loss of a pair and its slope in v are

    cosine:   -z.w              -(z - (z.w) w)/|v|,
    squared:  |v - t|^2/2       v - t,

and g x^T is the slope in Phi, with g = W^T times that in v.  The slope of the cosine is orthogonal
to v for every pair, so each batch has <dL/dW, W> = rho |W|^2 and <dL/dPhi, Phi> = rho |Phi|^2 exactly:
a step of plain descent takes |W|^2 to (1 - eta rho)^2 |W|^2 + eta^2 |dL/dW - rho W|^2.  The second
term, which no flow has, keeps the weights from vanishing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import flag, nonnegative, number, one_of, room_for, seed_of, whole
from ...support.arrays import reals
from ..training import Learner, Weights, fingerprint

__all__ = ["LinearPredictor"]


class LinearPredictor(Learner):
    r"""E loss(W Phi x, sg(Phi x')) + (rho/2) (|W|^2 + |Phi|^2) by stochastic descent on fresh pairs.

    Started at independent entries of variance 1/h in W and 1/d in Phi.  Observed: the ``loss`` on pairs that no
    step sees; ``N_Phi`` = |Phi|, ``N_Psi`` = |W Phi| and ``N_x`` = <Phi, W Phi>/(N_Phi N_Psi); ``p``, the eigenvalues
    of the symmetric part of W by falling modulus; ``s``, those of F = Phi Phi^T, falling; the ``asymmetry``
    |W - W^T|/|W| and the ``commutator`` |F W - W F|/(|F| |W|); ``squares``, |W|^2 and |Phi|^2.

    Parameters
    ----------
    h, d : int, units and features: W is (h, h), Phi is (h, d)
    loss : "cosine" or "squared"
    sigma2 : float >= 0, variance of the noise
    rho : float >= 0, weight decay
    batch, samples : int, pairs of a step, and pairs on which the loss is observed
    average : float in [0, 1): the target's encoder keeps so much of itself at a step and takes the rest from Phi;
        0 makes it Phi
    predictor : "free", or "symmetric": W starts as its symmetric part and stays so
    common_frames : bool, whether W starts symmetric with the eigenvectors of Phi Phi^T, so that they commute
    data : array (n, d), optional, the x0; by default they are standard normal and never the same
    rng : seed of the pairs on which the loss is observed; from a numpy Generator a seed is drawn, None draws a fresh
        one.  It is kept as `seed`

    Raises
    ------
    InputError
        for sizes and numbers that make no sense, unknown names, and data that are not finite or not (n, d).

    Examples
    --------
    Small steps follow the flow, on which both squares decay as exp(-2 rho t) whatever the data do.

    >>> from symssl.simulate import train
    >>> run = train(LinearPredictor(4, 8, rho=0.1), steps=500, eta=0.01)
    >>> squares = run["squares"]
    >>> bool(abs(squares[-1]/squares[0]/np.exp(-0.2*run.times[-1]) - 1).max() < 0.02)
    True
    """

    kind = "linear predictor"

    def __init__(
        self,
        h: int,
        d: int,
        *,
        loss: Literal["cosine", "squared"] = "cosine",
        sigma2: float = 0.25,
        rho: float = 0.0,
        batch: int = 128,
        samples: int = 1000,
        average: float = 0.0,
        predictor: Literal["free", "symmetric"] = "free",
        common_frames: bool = False,
        data: ArrayLike | None = None,
        rng: int | np.random.Generator | None = 0,
    ) -> None:
        self.h, self.d, self.batch = (whole(name, value, 1) for name, value in (("h", h), ("d", d), ("batch", batch)))
        room_for("the weights", self.h * (self.h + 2 * self.d), "take smaller h and d")
        room_for("a batch", 2 * self.batch * self.d, "take a smaller batch")
        room_for("samples", 2 * whole("samples", samples, 1) * self.d, "take fewer samples")
        self.samples, self.seed = whole("samples", samples, 1), seed_of(rng)
        self.loss, self.predictor = one_of("loss", loss, _SLOPES), one_of("predictor", predictor, ("free", "symmetric"))
        self.sigma2, self.rho = nonnegative("sigma2", sigma2), nonnegative("rho", rho)
        self.average = nonnegative("average", average)
        if self.average:
            number("average", average, 0, 1)
        self.common_frames = flag("common_frames", common_frames)
        self.data: np.ndarray | None = None if data is None else _rows(data, self.d)

    def configuration(self) -> dict[str, Any]:
        names = "h", "d", "loss", "sigma2", "rho", "batch", "samples", "average", "predictor", "common_frames", "seed"
        return {
            **{name: getattr(self, name) for name in names},
            "data": "" if self.data is None else fingerprint(self.data),
        }

    def start(self, rng: np.random.Generator) -> Weights:
        W = rng.standard_normal((self.h, self.h)) / np.sqrt(self.h)
        Phi = rng.standard_normal((self.h, self.d)) / np.sqrt(self.d)
        if self.common_frames:
            U, _ = _left(Phi)
            W = (U * rng.permutation(np.linalg.eigvalsh((W + W.T) / 2))) @ U.T
        if self.common_frames or self.predictor == "symmetric":
            W = (W + W.T) / 2
        return {"W": W, "Phi": Phi, **({"target": Phi.copy()} if self.average else {})}

    def pairs(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """x and x', a row for each pair."""
        if self.data is not None:
            x0, (x, x_prime) = (
                self.data[rng.integers(len(self.data), size=count)],
                rng.standard_normal((2, count, self.d)),
            )
            for noisy in (x, x_prime):
                noisy *= np.sqrt(self.sigma2)
                noisy += x0
            return x, x_prime
        x, x_prime = rng.standard_normal((2, count, self.d))  # x' given x: two draws instead of three
        whole = 1 + self.sigma2
        x *= np.sqrt(whole)
        x_prime *= np.sqrt(self.sigma2 * (1 + whole) / whole)
        x_prime += x / whole
        return x, x_prime

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        W, Phi = weights["W"], weights["Phi"]
        x, x_prime = self.pairs(rng, self.batch)
        u = x @ Phi.T
        slope = _SLOPES[self.loss](u @ W.T, x_prime @ weights.get("target", Phi).T)[1]
        slope /= self.batch
        gradient = {"W": slope.T @ u, "Phi": (slope @ W).T @ x}
        for name, g in gradient.items():
            g += self.rho * weights[name]
        if self.predictor == "symmetric":
            gradient["W"] = (gradient["W"] + gradient["W"].T) / 2
        return gradient

    def after(self, weights: Weights) -> Weights:
        if self.average:
            weights["target"] *= self.average
            weights["target"] += (1 - self.average) * weights["Phi"]
        return weights

    def modes(self, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
        """(p, s): the diagonal of W in the eigenbasis of Phi Phi^T and the eigenvalues of that, falling.

        This is where the theory of common frames starts.
        """
        U, size = _left(weights["Phi"])
        return ((weights["W"] @ U) * U).sum(0), size**2

    @cached_property
    def _unseen(self):
        return self.pairs(np.random.default_rng([self.seed, 2]), self.samples)  # training has the streams 0 and 1

    def observe(self, weights: Weights) -> dict[str, Any]:
        W, Phi = weights["W"], weights["Phi"]
        with np.errstate(over="ignore", invalid="ignore"):
            usable = np.isfinite(W).all() and np.isfinite(np.linalg.norm(Phi @ Phi.T) * np.linalg.norm(W))
        if not usable:
            numbers = dict.fromkeys(("loss", "N_Phi", "N_Psi", "N_x", "asymmetry", "commutator"), np.nan)
            return {
                **numbers,
                **{name: np.full(n, np.nan) for name, n in (("p", self.h), ("s", self.h), ("squares", 2))},
            }
        with np.errstate(divide="ignore", invalid="ignore"):  # weights that vanish have no direction
            return self._seen(W, Phi, weights.get("target", Phi))

    def _seen(self, W, Phi, target):
        (x, x_prime), Psi, F = self._unseen, W @ Phi, Phi @ Phi.T
        squares, FW, p = np.array([(W**2).sum(), (Phi**2).sum()]), F @ W, np.linalg.eigvalsh((W + W.T) / 2)
        (N_W, N_Phi), N_Psi = np.sqrt(squares), np.linalg.norm(Psi)
        fit = _SLOPES[self.loss](x @ Psi.T, x_prime @ target.T)[0].mean()
        return {
            "loss": fit + self.rho / 2 * squares.sum(),
            "N_Phi": N_Phi,
            "N_Psi": N_Psi,
            "N_x": (Phi * Psi).sum() / (N_Phi * N_Psi),
            "p": p[np.argsort(-abs(p))],
            "s": np.linalg.eigvalsh(F)[::-1],
            "asymmetry": np.linalg.norm(W - W.T) / N_W,
            "commutator": np.linalg.norm(FW - W @ F) / (np.linalg.norm(F) * N_W),
            "squares": squares,
        }


def _left(Phi):
    """All left singular vectors, and as many singular values."""
    h, d = Phi.shape
    U, size, _ = np.linalg.svd(Phi, full_matrices=h > d)
    return U, np.pad(size, (0, h - size.size))


def _cosine(v, t):
    """Losses and slopes in v, row by row; both arguments are overwritten."""
    sizes = []
    for rows in (v, t):
        size = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        rows /= size
        sizes.append(size)
    cosines = np.einsum("ij,ij->i", v, t)
    v *= cosines[:, None]
    v -= t
    v /= sizes[0]
    return -cosines, v


def _squared(v, t):
    """Losses and slopes in v, row by row; the first argument is overwritten."""
    v -= t
    return np.einsum("ij,ij->i", v, v) / 2, v


_SLOPES = {"cosine": _cosine, "squared": _squared}


def _rows(data, d):
    data = reals("data", data)
    if data.ndim != 2 or not len(data) or data.shape[1] != d:
        raise InputError(f"data must be an array (n, {d}), a row for each x0, got the shape {data.shape}")
    if not np.isfinite(data).all():
        raise InputError(
            f"data has NaN or infinity in row {np.flatnonzero(~np.isfinite(data).all(1))[0]}: leave such rows out"
        )
    return data
