"""Second moments of two jointly Gaussian representations, mode by mode."""

import numpy as np

from ..errors import InputError

__all__ = ["checked_moments", "mode_moments"]

_ROUNDING = 1e-14


def mode_moments(p, s, sigma2):
    """Moments (Var u_j, Var v_j, Cov(u_j, v_j)) of a linear encoder and predictor.

    u = Phi x' and v = W Phi x, where W and Phi Phi^T share their eigenvectors and
    have the eigenvalues ``p`` and ``s``; x and x' have covariance (1 + sigma2) I
    each and I jointly.

    Raises
    ------
    InputError
        For NaN, a negative sigma2 or a negative eigenvalue s.

    >>> mode_moments([0.5], [2.0], 0.25)
    (array([2.5]), array([0.625]), array([1.]))
    """
    p, s = _alike(p, s)
    if not (np.isfinite(sigma2) and sigma2 >= 0):
        raise InputError(f"sigma2 must be a number >= 0; got {sigma2}")
    if not (np.isfinite(p).all() and np.isfinite(s).all() and (s >= 0).all()):
        raise InputError("the eigenvalues must be finite, and those of Phi Phi^T >= 0; "
                         f"got p = {p}, s = {s}")
    total = 1 + sigma2
    return total * s, total * p**2 * s, p * s


def checked_moments(var_u, var_v, cov):
    """The moments as arrays of one length, refused where they are no covariances."""
    a, b, c = _alike(var_u, var_v, cov)
    if not all(np.isfinite(x).all() for x in (a, b, c)):
        raise InputError("the moments contain NaN or infinity")
    if (a < 0).any() or (b < 0).any():
        raise InputError("the moments are no covariances: a variance is negative")
    if not (a.any() and b.any()):
        raise InputError("u or v vanishes, so it has no direction: some variance must be positive")
    excess = (abs(c) - np.sqrt(a) * np.sqrt(b)) / np.sqrt(a.sum()) / np.sqrt(b.sum())
    if excess.max() > _ROUNDING:
        raise InputError("the moments are no covariances: |cov| exceeds sqrt(var_u*var_v) in mode "
                         f"{excess.argmax()}")
    return a, b, c


def _alike(*arrays):
    try:
        arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in arrays))
    except ValueError as error:
        raise InputError(f"expected one number per mode: {error}") from None
    if arrays[0].ndim != 1 or not arrays[0].size:
        raise InputError(f"expected one number per mode; got the shape {arrays[0].shape}")
    return arrays
