r"""The expected gradient of a cosine loss at finite size, to near machine precision.

Let u and v be jointly Gaussian with mean zero and independent modes: in a common
eigenbasis Var u_j = A_j, Var v_j = B_j and Cov(u_j, v_j) = C_j.  With the unit
vectors z = u/|u| and w = v/|v| the gradient of the cosine loss is the matrix
E[z w^T - (w.z) w w^T].  It is diagonal, since flipping the sign of one mode in
both u and v leaves the law unchanged.

For every real x > 0, with s = sigma^2 and t = tau^2,

    1/x   = 2/sqrt(pi) * int_0^inf exp(-sigma^2 x^2) dsigma,
    1/x^3 = 4/sqrt(pi) * int_0^inf tau^2 exp(-tau^2 x^2) dtau.

Under the weight exp(-s|u|^2 - t|v|^2) mode j is again Gaussian, with total mass
1/sqrt(d_j), covariance c_j and variance b_j of v_j, where

    d_j = 1 + 2 s A_j + 2 t B_j + 4 s t (A_j B_j - C_j^2),
    c_j = C_j / d_j,      b_j = (B_j + 2 s (A_j B_j - C_j^2)) / d_j.

Isserlis' theorem gives E[(sum_k u_k v_k) v_j^2] = b_j sum_k c_k + 2 b_j c_j for
it, and so, with G = prod_k d_k^(-1/2),

    E[z_j w_j]       = 4/pi int int G c_j                            dsigma dtau,
    E[(w.z) w_j^2]   = 8/pi int int G tau^2 b_j (sum_k c_k + 2 c_j)  dsigma dtau.

The integrands are even and analytic in sigma and tau.  With sigma = sinh(x) and
tau = sinh(y), after u and v are scaled to sum_j A_j = sum_j B_j = 1/2, every
singularity stays at the distance pi/2 from the real axis, so the trapezoidal
rule converges exponentially; its step is halved until two results agree.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import Refusal
from .modes import checked_moments

__all__ = ["CosineGradient", "expected_cosine_gradient"]

_NEGLIGIBLE = 1e-19  # of the integrand's peak: where the sums are cut off
_ROUNDING = 1e-14  # below this a mode counts as fully correlated
_LARGEST_RANGE = 100.0
_SMALLEST_STEP = 2.0**-7


@dataclass(frozen=True, eq=False)
class CosineGradient:
    """Diagonal of E[z w^T - (w.z) w w^T], one entry per mode.

    Attributes
    ----------
    value : array, ``alignment - projection``; its sum, the trace, is zero in theory
    alignment : array, E[z_j w_j]
    projection : array, E[(w.z) w_j^2]
    error : float, estimated error, also of the parts, relative to the norm of ``alignment``
    nodes : int, number of quadrature nodes
    """

    value: np.ndarray
    alignment: np.ndarray
    projection: np.ndarray
    error: float
    nodes: int


def expected_cosine_gradient(var_u, var_v, cov, *, tol=1e-12):
    """E[z w^T - (w.z) w w^T] for z = u/|u|, w = v/|v| with independent Gaussian modes.

    Parameters
    ----------
    var_u, var_v, cov : arrays of length h
        Variances of u_j and v_j and their covariance, one entry per mode.
    tol : float
        Wanted error relative to the norm of E[z w^T].

    Raises
    ------
    InputError
        For empty, non-finite or inconsistent moments, or if u or v vanishes.
    Refusal
        If the quadrature does not reach ``tol``.

    >>> import numpy as np
    >>> from symssl.simulate import mode_moments
    >>> g = expected_cosine_gradient(*mode_moments(np.ones(16), np.ones(16), 0.25))
    >>> bool(abs(g.value).max() < 1e-12)      # flat spectrum: no mode is preferred
    True
    """
    a, b, c = checked_moments(var_u, var_v, cov)
    a, b, c = a / (2 * a.sum()), b / (2 * b.sum()), c / (2 * np.sqrt(a.sum()) * np.sqrt(b.sum()))
    ends = _cutoff(a, c), _cutoff(b, c)
    step, previous = 0.5, None
    while step >= _SMALLEST_STEP:
        alignment, projection, nodes = _trapezoid(a, b, c, ends, step)
        current, size = np.stack([alignment, projection]), np.linalg.norm(alignment)
        if previous is not None:
            error = float(np.linalg.norm(current - previous) / size) if size else 0.0
            if error <= tol:
                return CosineGradient(alignment - projection, alignment, projection, error, nodes)
        step, previous = step / 2, current
    raise Refusal(f"the quadrature reached the relative error {error:.1e}, not {tol:g}: loosen tol",
                  error)


def _cutoff(variance, c):
    """Beyond this x the integrand is negligible.

    The bound is that of fully correlated modes, where it decays slowest: on the
    diagonal sigma = tau, with d_j = 1 + 2 s A_j + 2 t B_j at least 1 + 2 s A_j.
    """
    x = np.arange(0, _LARGEST_RANGE, 0.25)[:, None]
    d = 1 + 2 * np.sinh(x)**2 * variance
    weight = abs(c) / abs(c).sum() if c.any() else np.full_like(c, 1 / c.size)
    log_size = 2 * np.log(np.cosh(x[:, 0])) - np.log(d).sum(1) / 2 + np.log((weight / d).sum(1))
    return x[np.flatnonzero(log_size > np.log(_NEGLIGIBLE) + log_size.max())[-1], 0] + 0.25


def _trapezoid(a, b, c, ends, step):
    """Both expectations by the trapezoidal rule; memory O(nodes in y * modes)."""
    delta = a * b - c * c
    delta[delta < _ROUNDING * a * b] = 0
    x, y = (np.arange(0, end + step, step) for end in ends)
    weight_x, weight_y = np.cosh(x) * step, np.cosh(y) * step
    weight_x[0] /= 2  # the integrands are even: the axis counts half
    weight_y[0] /= 2
    t = np.sinh(y)[:, None]**2
    alignment, projection = np.zeros_like(c), np.zeros_like(c)
    for s, weight in zip(np.sinh(x)**2, weight_x):
        d = 1 + 2 * s * a + t * (2 * b + 4 * s * delta)
        mass = weight * weight_y * np.exp(-np.log(d).sum(1) / 2)
        covariance = c / d
        spread = (b + 2 * s * delta) * t / d
        alignment += mass @ covariance
        total = covariance.sum(1)
        projection += (mass * total) @ spread + 2 * mass @ (spread * covariance)
    return 4 / np.pi * alignment, 8 / np.pi * projection, x.size * y.size
