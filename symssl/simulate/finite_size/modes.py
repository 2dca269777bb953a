"""Second moments of two jointly Gaussian representations, mode by mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ...support.arguments import nonnegative
from ...support.arrays import reals

__all__ = ["checked_moments", "determinants", "mode_moments"]

_ROUNDING = 1e-14
_FULL = 2e-15  # products of rounded moments differ by so much where the modes are fully correlated
_SPLIT = 2.0**27 + 1  # cuts a double into two halves whose products are exact


def mode_moments(
    p: ArrayLike, s: ArrayLike, sigma2: float, spectrum: ArrayLike = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments (Var u_j, Var v_j, Cov(u_j, v_j)) of a linear encoder and predictor.

    u = Phi x' and v = W Phi x for x = x0 + noise, x' = x0 + noise', where the noises have the
    covariance sigma2 I.  W and Phi Phi^T share their eigenvectors, and so do Phi^T Phi and the
    covariance of x0, which is I by default; other data than Gaussian ones enter by it too.

    Parameters
    ----------
    p, s : arrays, eigenvalues of W and of Phi Phi^T, one per mode
    sigma2 : float, variance of the noise
    spectrum : number or array, the eigenvalues of the covariance of x0, in the order of the modes

    Raises
    ------
    InputError
        For NaN and for a negative sigma2, eigenvalue s or eigenvalue of the covariance.

    >>> mode_moments([0.5], [2.0], 0.25)
    (array([2.5]), array([0.625]), array([1.]))
    >>> mode_moments([1.0, 1.0], [1.0, 1.0], 0.5, spectrum=[2.0, 0.0])[2]
    array([2., 0.])
    """
    eigenvalues, sizes, of_data = checked_modes(p, s, sigma2, spectrum)
    sigma2 = float(sigma2)
    total = of_data + sigma2
    return total * sizes, total * eigenvalues**2 * sizes, of_data * eigenvalues * sizes


def checked_modes(
    p: ArrayLike, s: ArrayLike, sigma2: float, spectrum: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The eigenvalues as arrays of one length; `InputError` where they belong to no encoder and no data."""
    eigenvalues, sizes, of_data = _alike(p=p, s=s, spectrum=spectrum)
    nonnegative("sigma2", sigma2)
    if not (np.isfinite(eigenvalues).all() and np.isfinite(sizes).all() and (sizes >= 0).all()):
        raise InputError(
            f"the eigenvalues must be finite, and those of Phi Phi^T >= 0; got p = {eigenvalues}, s = {sizes}"
        )
    if not (np.isfinite(of_data).all() and (of_data >= 0).all()):
        raise InputError(f"the spectrum of a covariance must be finite and >= 0; got {of_data}")
    return eigenvalues, sizes, of_data


def checked_moments(var_u: ArrayLike, var_v: ArrayLike, cov: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The moments as arrays of one length; `InputError` where they are no covariances."""
    a, b, c = _alike(var_u=var_u, var_v=var_v, cov=cov)
    if not all(np.isfinite(x).all() for x in (a, b, c)):
        raise InputError("the moments contain NaN or infinity")
    if (a < 0).any() or (b < 0).any():
        raise InputError("the moments are no covariances: a variance is negative")
    if not (a.any() and b.any()):
        raise InputError("u or v vanishes, so it has no direction: some variance must be positive")
    excess = (abs(c) - np.sqrt(a) * np.sqrt(b)) / np.sqrt(a.sum()) / np.sqrt(b.sum())
    if excess.max() > _ROUNDING:
        raise InputError(f"the moments are no covariances: |cov| exceeds sqrt(var_u*var_v) in mode {excess.argmax()}")
    return a, b, c


def determinants(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a b - c^2 for the doubles as they stand, but zero where rounding may have made them differ."""
    (product, low), (square, more) = _product(a, b), _product(c, c)
    difference = (product - square) + (low - more)
    return np.where(difference > _FULL * product, difference, 0.0)


def _product(x, y):
    """The rounded product and what rounding has left out (Dekker)."""
    (x1, x2), (y1, y2) = ((h, z - h) for z in (x, y) for h in [_SPLIT * z - (_SPLIT * z - z)])
    product = x * y
    return product, ((x1 * y1 - product) + x1 * y2 + x2 * y1) + x2 * y2


def _alike(**given):
    """The arguments as arrays of one length, one number a mode."""
    arrays = [np.atleast_1d(reals(name, values)) for name, values in given.items()]
    try:
        arrays = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(given, arrays))
        raise InputError(f"{', '.join(given)} must have one number per mode, got the shapes {shapes}") from None
    if arrays[0].ndim != 1 or not arrays[0].size:
        raise InputError(f"{', '.join(given)} must have one number per mode, got the shape {arrays[0].shape}")
    return arrays
