"""Monte Carlo estimates straight from the definitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...support.arguments import random_generator, room_for, whole
from .modes import checked_moments

__all__ = ["sampled_cosine_gradient"]


def sampled_cosine_gradient(
    var_u: ArrayLike,
    var_v: ArrayLike,
    cov: ArrayLike,
    samples: int,
    rng: int | np.random.Generator | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of the diagonal of z w^T - (w.z) w w^T over random draws.

    u and v have independent Gaussian modes with the given moments; z = u/|u| and
    w = v/|v|.

    Parameters
    ----------
    var_u, var_v, cov : arrays (modes,), see `expected_cosine_gradient`
    samples : int >= 2, number of draws
    rng : seed, numpy Generator, or None for unpredictable numbers

    Returns
    -------
    mean, error : arrays (modes,)

    Raises
    ------
    InputError
        For fewer than two samples, something that is no seed, and moments that are no covariances.

    >>> mean, error = sampled_cosine_gradient([1, 2], [1, 1], [0.5, 0], 1000, rng=0)
    >>> mean.shape, error.shape
    ((2,), (2,))
    """
    room_for("samples", 4 * whole("samples", samples, 2), "take fewer samples")
    generator = random_generator(rng)
    a, b, c = checked_moments(var_u, var_v, cov)
    deviation = np.sqrt(a)
    slope = np.divide(c, deviation, out=np.zeros_like(c), where=deviation > 0)
    residual = np.sqrt(np.maximum(b - slope**2, 0))
    batch = max(1, 2**20 // deviation.size)
    count, mean, squares = 0, np.zeros(deviation.shape), np.zeros(deviation.shape)
    while count < samples:
        n = min(batch, samples - count)
        first, second = generator.standard_normal((2, n, deviation.size))
        u, v = deviation * first, slope * first + residual * second
        z = u / np.linalg.norm(u, axis=1, keepdims=True)
        w = v / np.linalg.norm(v, axis=1, keepdims=True)
        draws = z * w - (z * w).sum(1, keepdims=True) * w**2
        shift = draws.mean(0) - mean  # Chan's update of mean and sum of squares
        squares += ((draws - draws.mean(0)) ** 2).sum(0) + shift**2 * count * n / (count + n)
        mean += shift * n / (count + n)
        count += n
    return mean, np.sqrt(squares / (samples - 1) / samples)
