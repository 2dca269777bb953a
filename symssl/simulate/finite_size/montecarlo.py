"""Seeded Monte Carlo estimates straight from the definitions."""

from numbers import Integral

import numpy as np

from ...errors import InputError
from .modes import checked_moments

__all__ = ["sampled_cosine_gradient"]


def sampled_cosine_gradient(var_u, var_v, cov, samples, seed):
    """Mean and standard error of the diagonal of z w^T - (w.z) w w^T over random draws.

    u and v have independent Gaussian modes with the given moments; z = u/|u| and
    w = v/|v|.  ``samples`` is their number, ``seed`` makes them reproducible.

    Raises
    ------
    InputError
        For fewer than two samples, a seed that is none, and moments that are no covariances.

    >>> mean, error = sampled_cosine_gradient([1, 2], [1, 1], [0.5, 0], 1000, seed=0)
    >>> mean.shape, error.shape
    ((2,), (2,))
    """
    if isinstance(samples, bool) or not isinstance(samples, Integral) or samples < 2:
        raise InputError(f"a standard error needs at least two samples, got {samples!r}")
    var_u, var_v, cov = checked_moments(var_u, var_v, cov)
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise InputError(f"the seed {seed!r} is no nonnegative integer: {error}") from None
    deviation = np.sqrt(var_u)
    slope = np.divide(cov, deviation, out=np.zeros_like(cov), where=deviation > 0)
    residual = np.sqrt(np.maximum(var_v - slope**2, 0))
    batch = max(1, 2**20 // deviation.size)
    count, mean, squares = 0, np.zeros(deviation.shape), np.zeros(deviation.shape)
    while count < samples:
        n = min(batch, samples - count)
        first, second = rng.standard_normal((2, n, deviation.size))
        u, v = deviation * first, slope * first + residual * second
        z = u / np.linalg.norm(u, axis=1, keepdims=True)
        w = v / np.linalg.norm(v, axis=1, keepdims=True)
        draws = z * w - (z * w).sum(1, keepdims=True) * w**2
        shift = draws.mean(0) - mean  # Chan's update of mean and sum of squares
        squares += ((draws - draws.mean(0)) ** 2).sum(0) + shift**2 * count * n / (count + n)
        mean += shift * n / (count + n)
        count += n
    return mean, np.sqrt(squares / (samples - 1) / samples)
