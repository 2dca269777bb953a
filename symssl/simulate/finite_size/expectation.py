r"""The expected gradient of a cosine loss at finite size, to near machine precision.

Let u and v be jointly Gaussian with mean zero and independent modes: in a common
eigenbasis Var u_j = A_j, Var v_j = B_j, Cov(u_j, v_j) = C_j, D_j = A_j B_j - C_j^2.
With the unit vectors z = u/|u| and w = v/|v| the gradient of the cosine loss is
E[z w^T - (w.z) w w^T].  It is diagonal, since flipping the sign of one mode in both u
and v leaves the law unchanged.

For every real x > 0, with s = sigma^2 and t = tau^2,

    1/x   = 2/sqrt(pi) * int_0^inf exp(-sigma^2 x^2) dsigma,
    1/x^3 = 4/sqrt(pi) * int_0^inf tau^2 exp(-tau^2 x^2) dtau.

Under the weight exp(-s|u|^2 - t|v|^2) mode j is again Gaussian, with total mass
1/sqrt(d_j), covariance c_j and variances a_j and b_j, where

    d_j = 1 + 2 s A_j + 2 t B_j + 4 s t D_j,
    c_j = C_j/d_j,    a_j = (A_j + 2 t D_j)/d_j,    b_j = (B_j + 2 s D_j)/d_j.

With G = prod_k d_k^(-1/2) and M[f] = 8/pi int int G f dsigma dtau, Isserlis' theorem
gives, from 1 = |v|^2/|v|^2 = |u|^2/|u|^2, three expressions of the first term,

    E[z_j w_j]     = M[c_j]/2 = M[t (c_j sum_k b_k + 2 b_j c_j)] = M[s (c_j sum_k a_k + 2 a_j c_j)],
    E[(w.z) w_j^2] = M[t (b_j sum_k c_k + 2 b_j c_j)].

The difference E[z_j w_j] - E[(w.z) w_j^2] = M[t (c_j sum_k b_k - b_j sum_k c_k)] is taken
from the second, so that its trace vanishes at every node, and with C = m B + C',
m = sum_k C_k / sum_k B_k, as

    C'_j M[t sum_k b_k / d_j] - B_j M[t (sum_k c_k - m sum_k b_k) / d_j] - 2 D_j M[s t sum_k c_k / d_j],
    sum_k c_k - m sum_k b_k = sum_k (C'_k - 2 s m D_k)/d_k,

so that it vanishes without cancellation where all modes are alike.  The other two
expressions tell the error: they err by what the rule errs in tau, and in sigma.

The integrands are even and analytic in sigma and tau.  With sigma = sinh(x)/sqrt(2 max A)
and tau = sinh(y)/sqrt(2 max B) every singularity stays at the distance pi/2 from the real
axis, so the trapezoidal rule converges exponentially.  Its first step is that of a bound
for modes of one size; it is halved until the three expressions agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sympy import Basic

from ...errors import InputError, Refusal
from ...support.arguments import number
from ...support.arrays import reals
from ...support.records import Record
from .modes import checked_moments, determinants, mode_moments

__all__ = ["CosineGradient", "approximation_error", "expected_cosine_gradient"]

_NEGLIGIBLE = -45.0  # log, against the integrand's peak: nodes below are left out
_WANTED = 38.0  # -log of the error that the first step is made for
_FAR = 160.0  # beyond this x, sinh(x)^4 leaves the range of doubles
_HALVINGS = 2
_COARSE = 4  # steps between the nodes that tell where the integrand is negligible
_MODES, _CELLS = 2**12, 2**16  # modes at a time, and modes times nodes: half a megabyte for each array


@dataclass(frozen=True, eq=False, repr=False)
class CosineGradient(Record):
    """Diagonal of E[z w^T - (w.z) w w^T], one entry per mode.

    Attributes
    ----------
    value : array, ``alignment - projection``; its sum, the trace, is zero in theory
    alignment : array, E[z_j w_j]
    projection : array, E[(w.z) w_j^2]
    error : float, estimated error, also of the parts, relative to the norm of ``alignment``
    nodes : int, number of quadrature nodes; none where there is a closed form
    """

    value: np.ndarray
    alignment: np.ndarray
    projection: np.ndarray
    error: float
    nodes: int

    def __repr__(self) -> str:
        modes, size = len(self.value), np.linalg.norm(self.alignment)
        return (
            f"CosineGradient: {modes} mode{'s' * (modes != 1)}, norm {np.linalg.norm(self.value):.4g} beside "
            f"{size:.4g} of the alignment, error {self.error:.1e}, {self.nodes} nodes"
        )


def expected_cosine_gradient(
    var_u: ArrayLike, var_v: ArrayLike, cov: ArrayLike, det: ArrayLike | None = None, *, rtol: float = 1e-13
) -> CosineGradient:
    """E[z w^T - (w.z) w w^T] for z = u/|u|, w = v/|v| with independent Gaussian modes.

    The time is O(modes * nodes); beyond the moments, the memory is a few MB for any number of modes.

    Parameters
    ----------
    var_u, var_v, cov : arrays of length h
        Variances of u_j and v_j and their covariance, one entry per mode.
    det : array of length h, optional
        var_u*var_v - cov^2, where it is known better than from the rounded moments: near full
        correlation the directions change like its square root.  Without it a mode that is fully
        correlated up to rounding counts as such.
    rtol : float
        Wanted error relative to the norm of E[z w^T].

    Raises
    ------
    InputError
        For empty, non-finite or inconsistent moments, or if u or v vanishes.
    Refusal
        If the quadrature does not reach ``rtol``.

    >>> import numpy as np
    >>> from symssl.simulate import mode_moments
    >>> g = expected_cosine_gradient(*mode_moments(np.ones(16), np.ones(16), 0.25))
    >>> bool(abs(g.value).max() < 1e-12)      # flat spectrum: no mode is preferred
    True
    >>> expected_cosine_gradient([1.0], [1.0], [0.5]).alignment.round(6)      # one mode: (2/pi) arcsin(1/2)
    array([0.333333])
    """
    a, b, c = checked_moments(var_u, var_v, cov)
    rtol = number("rtol", rtol, 0, 1)
    d = None if det is None else _checked(det, a, b)
    u, v = (int(np.frexp(x.sum())[1]) // 2 for x in (a, b))  # the lengths do not matter; powers of two do not round
    a, b, c = np.ldexp(a, -2 * u), np.ldexp(b, -2 * v), np.ldexp(c, -u - v)
    d = determinants(a, b, c) if d is None else np.ldexp(d, -2 * u - 2 * v)
    if a.size == 1:
        whole = 2 / np.pi * np.arctan2(c, np.sqrt(d))
        return CosineGradient(np.zeros(1), whole, whole, 0.0, 0)
    integrals = tilted(a, b, c, d, abs(c), rtol)
    alignment, value = c * integrals.plain, integrals.gradient(b, c, d)
    return CosineGradient(value, alignment, alignment - value, integrals.error, integrals.nodes)


def approximation_error(
    p: ArrayLike,
    s: ArrayLike,
    sigma2: float,
    approximation: ArrayLike | Callable[[np.ndarray, np.ndarray], ArrayLike],
    spectrum: ArrayLike = 1.0,
) -> float:
    """Distance of an approximation from the expected gradient, relative to the norm of E[z w^T].

    It is not relative to the gradient, which vanishes for one mode and for flat spectra.

    Parameters
    ----------
    p, s, sigma2, spectrum : see `mode_moments`
    approximation : array, one entry per mode, or a function of (p, s) that gives it

    Raises
    ------
    InputError
        For moments that `expected_cosine_gradient` refuses and an approximation of another shape.

    >>> round(approximation_error([1, 2], [1, 4], 0.25, [0.0, 0.0]), 3)     # the size of the gradient itself
    0.138
    """
    moments = mode_moments(p, s, sigma2, spectrum)
    exact = expected_cosine_gradient(*moments)
    if callable(approximation) and not isinstance(approximation, (type, Basic)):  # a polynomial of SymPy is callable
        at = (np.broadcast_to(np.asarray(x, float), moments[0].shape) for x in (p, s))
        given = reals("the approximation", approximation(*at))
    else:
        given = reals("the approximation", approximation)
    if given.shape != exact.value.shape or not np.isfinite(given).all():
        raise InputError(f"the approximation must be one finite number per mode, got {given}")
    return float(np.linalg.norm(given - exact.value) / np.linalg.norm(exact.alignment))


class Tilted(NamedTuple):
    """M of some factors over d_j, one entry per mode, from which both expectations are made."""

    plain: np.ndarray  # of 1/2
    along: np.ndarray  # of t sum_k b_k
    across: np.ndarray  # of t (sum_k c_k - slope sum_k b_k)
    beyond: np.ndarray  # of s t sum_k c_k
    slope: float
    error: float
    nodes: int

    def gradient(self, b: np.ndarray, c: np.ndarray, det: np.ndarray) -> np.ndarray:
        """E[z_j w_j] - E[(w.z) w_j^2]; it is linear in the arguments, so a common factor may be left out."""
        return (c - self.slope * b) * self.along - b * self.across - 2 * det * self.beyond


def tilted(a: np.ndarray, b: np.ndarray, c: np.ndarray, det: np.ndarray, weight: np.ndarray, rtol: float) -> Tilted:
    """The integrals with an error below `rtol` relative to the norm of weight*plain.

    `weight` >= 0 says which modes matter.
    """
    if not weight.any():
        zero = np.zeros(a.size)
        return Tilted(zero, zero, zero, zero, 0.0, 0.0, 0)
    weight, slope = weight / weight.max(), c.sum() / b.sum()  # squares of the smallest weights would vanish
    table = np.stack([a, b, det, c, c - slope * b, weight])
    scales = np.sqrt(0.5 / np.array([a.max(), b.max()]))
    steps = np.array([_step(x.sum() / x.max()) for x in (a, b)])
    ends = [_end(table, scales, axis) for axis in (0, 1)]
    for _ in range(_HALVINGS + 1):
        s, t, mass = _nodes(table, scales, ends, steps)
        (plain, along, across, beyond, other), squares = _integrals(table, slope, s, t, mass)
        shift = 2 * det * squares[2]
        distances = [
            np.linalg.norm(weight * (total + 2 * (x * square + shift) - plain))
            for x, total, square in ((a, other, squares[1]), (b, along, squares[0]))
        ]
        errors = np.array(distances) / np.linalg.norm(weight * plain)
        if errors.max() <= rtol:
            return Tilted(plain, along, across, beyond, slope, float(errors.max()), s.size)
        steps[~(errors <= rtol)] /= 2
    raise Refusal(
        f"the quadrature reached the relative error {errors.max():.1e}, not {rtol:g}: loosen rtol", float(errors.max())
    )


def _step(count):
    """A step for so many modes of one size.

    On the line Im x = f their integrand has grown by cos(f)^-(count + 4) at most.
    """
    f = np.linspace(0.02, 1.55, 64)
    return (2 * np.pi * f / (_WANTED - (count + 4) * np.log(np.cos(f)))).max()


def _end(table, scales, axis):
    """Beyond this x (or y) the integrand is negligible.

    The bound is that of fully correlated modes, where it decays slowest: on the
    diagonal sigma = tau, with d_j = 1 + 2 s A_j + 2 t B_j at least 1 + 2 s A_j.
    """
    x = 4 * np.sqrt(table[axis].max() / table[axis].sum()) * 2.0 ** np.arange(64)
    x = np.concatenate([[0], x[x < _FAR], [_FAR]])
    s = (scales[axis] * np.sinh(x)) ** 2
    logs, totals = _over_nodes(table, *((s, 0 * s) if axis == 0 else (0 * s, s)))
    matters = _matters(2 * np.log(np.cosh(x)) - logs / 2, totals[:, -1])
    last = np.flatnonzero(matters)[-1]
    if last == len(x) - 1:
        raise Refusal("the modes that are correlated are too small beside the others for doubles")
    return x[last + 1]


def _matters(logs, factor):
    with np.errstate(divide="ignore"):
        size = logs + np.log(factor)
    return size > size.max() + _NEGLIGIBLE


def _nodes(table, scales, ends, steps):
    """(s, t) and the weights of the nodes of the rule that are not beside negligible ones of a coarser rule."""
    (x, y) = (np.arange(0, end + _COARSE * step, _COARSE * step) for end, step in zip(ends, steps))
    s, t = (np.square(scale * np.sinh(z)) for scale, z in zip(scales, (x, y)))
    logs, totals = _over_nodes(table, *(z.ravel() for z in np.broadcast_arrays(s[:, None], t)))
    matters = _matters(np.add.outer(np.log(np.cosh(x)), np.log(np.cosh(y))).ravel() - logs / 2, totals[:, -1])
    matters = np.pad(matters.reshape(x.size, y.size), 1)
    matters = matters[:-2] | matters[1:-1] | matters[2:]
    matters = matters[:, :-2] | matters[:, 1:-1] | matters[:, 2:]
    row, column = np.nonzero(matters.repeat(_COARSE, 0).repeat(_COARSE, 1))
    sides = []
    for scale, step, k in zip(scales, steps, (row, column)):
        z = step * np.arange(k.max() + 1)
        weight = step * scale * np.cosh(z)
        weight[0] /= 2  # the integrands are even: the axis counts half
        sides += [np.square(scale * np.sinh(z))[k], weight[k]]
    return sides[0], sides[2], 8 / np.pi * sides[1] * sides[3]


def _checked(det, a, b):
    """The determinants as an array, refused where they exceed the product of the variances."""
    try:
        det = np.broadcast_to(reals("det", det), a.shape)
    except (TypeError, ValueError) as error:
        raise InputError(f"det must be one number per mode: {error}") from None
    if not (np.isfinite(det).all() and (det >= 0).all() and (det <= a * b * (1 + 1e-14)).all()):
        raise InputError("det must lie between 0 and var_u*var_v in every mode")
    return det


def _slices(size, length):
    return [slice(k, k + length) for k in range(0, size, length)]


def _blocks(table, nodes):
    return _slices(nodes, max(1, _CELLS // min(table.shape[1], _MODES)))


def _excess(table, s, t, modes):
    """d_j - 1 for a block of nodes and some of the modes."""
    return np.stack([2 * s, 2 * t, 4 * s * t], 1) @ table[:3, modes]


def _block(table, s, t):
    """sum_j log d_j, the sums of the table over d_j, and 1/d_j for a block of nodes and the last of the modes."""
    logs, totals, inverse = 0.0, 0.0, None
    for modes in _slices(table.shape[1], _MODES):
        excess = _excess(table, s, t, modes)
        logs = logs + np.log1p(excess).sum(1)
        inverse = 1 / (1 + excess)
        totals = totals + inverse @ table[:, modes].T
    return logs, totals, inverse


def _over_nodes(table, s, t):
    parts = [_block(table, s[k], t[k])[:2] for k in _blocks(table, s.size)]
    return [np.concatenate(part) for part in zip(*parts)]


def _integrals(table, slope, s, t, weight):
    """M of the factors in `Tilted` and of s sum_k a_k, over d_j; M of t, s and s t over d_j^2."""
    first, second = np.zeros((5, table.shape[1])), np.zeros((3, table.shape[1]))
    slices = _slices(table.shape[1], _MODES)
    for k in _blocks(table, s.size):
        x, y = s[k], t[k]
        logs, totals, inverse = _block(table, x, y)
        A, B, D, C, rest, _ = totals.T
        mass = weight[k] * np.exp(-logs / 2)
        once = mass * np.stack(
            [np.full_like(x, 0.5), y * (B + 2 * x * D), y * (rest - 2 * x * slope * D), x * y * C, x * (A + 2 * y * D)]
        )
        twice = mass * np.stack([y, x, x * y])
        for modes in slices:
            if len(slices) > 1:
                inverse = 1 / (1 + _excess(table, x, y, modes))
            first[:, modes] += once @ inverse
            second[:, modes] += twice @ np.square(inverse, out=inverse)
    return first, second
