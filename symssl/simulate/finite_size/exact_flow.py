r"""The flow of a cosine loss at finite size, with exact expectations instead of an approximation.

The loss is -E cos(W Phi x, sg(Phi x')) + (rho/2)(|W|^2 + |Phi|^2) for Gaussian x and x'
of `mode_moments`.  With W = U diag(p) U^T, Phi = U diag(f) V^T, y = U^T Phi x and
y' = U^T Phi x', z = y'/|y'|, v = diag(p) y, w = v/|v|,

    U^T (dW/dt) U = E[(z - (w.z) w) y^T]/|v| - rho diag(p),
    U^T (dPhi/dt) V = diag(p) E[(z - (w.z) w) x^T V]/|v| - rho diag(f).

The columns of V are eigenvectors of the covariance of x.  Flipping the sign of one of the
coordinates of V^T x and V^T x' leaves the law unchanged, so both matrices are diagonal and
the frames rest, isotropic data or not.  With k_j = E[(z_j - (w.z) w_j) y_j/|v|]/f_j^2,

    p_j' = f_j^2 k_j - rho p_j,      f_j' = p_j f_j k_j - rho f_j,

and p_j f_j^2 k_j is the gradient of `expected_cosine_gradient`; k_j needs no division by p_j.
Three facts leave one number for each mode.  Since k is homogeneous of degree -3,

    p(t) = exp(-rho t) P(T),  f(t) = exp(-rho t) F(T),  T = (exp(2 rho t) - 1)/(2 rho),

where P and F obey the equations without weight decay.  These turn (P_j, F_j) on the
hyperbola P_j^2 - F_j^2 = const: it is P_j(0) cosh q_j + F_j(0) sinh q_j, F_j(0) cosh q_j
+ P_j(0) sinh q_j with dq_j/dT = F_j k_j.  What remains, sum_j P_j^2 = const, is left to
the integration and tells its error.

Beside a single large mode k_j grows like 1/|f_j|, as E 1/|y|^2 does: f_j then reaches zero in finite
time, where its speed jumps, and stays there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError, Refusal
from ...support.arguments import nonnegative, number, one_of
from ...trajectory.time_course import TimeCourse, increasing_times
from .expectation import tilted
from .modes import checked_modes, checked_moments, mode_moments

__all__ = ["ExactFlow", "expected_flow"]

Method = Literal["RK23", "RK45", "DOP853", "LSODA", "BDF", "Radau"]

_LOOSER = 100.0  # tolerance of the second integration, against which the first is held


@dataclass(frozen=True, eq=False, repr=False)
class ExactFlow(TimeCourse):
    """Eigenvalues along the exact flow, a `TimeCourse` of "p" and "s"; made by `expected_flow`.

    Attributes
    ----------
    times, values, status, message : see `TimeCourse`
    p, s : arrays (times, modes), eigenvalues of W and of Phi Phi^T: ``values["p"]`` and ``values["s"]``
    error : float, estimated error of p relative to |W| and of sqrt(s) relative to |Phi|, at any of the times: the
        difference from an integration 100 times less accurate, or what |W|^2 exp(2 rho t) has moved
    """

    error: float

    @property
    def p(self) -> np.ndarray:
        return self.values["p"]

    @property
    def s(self) -> np.ndarray:
        return self.values["s"]


def expected_flow(
    p: ArrayLike,
    s: ArrayLike,
    sigma2: float,
    rho: float,
    times: ArrayLike,
    spectrum: ArrayLike = 1.0,
    *,
    rtol: float = 1e-9,
    method: Method = "LSODA",
) -> ExactFlow:
    """Eigenvalues of W and Phi Phi^T under the gradient flow of the cosine loss with weight decay, at finite size.

    Parameters
    ----------
    p, s, sigma2, spectrum : the start, see `mode_moments`
    rho : float >= 0, weight decay
    times : increasing array; the start holds at the first
    rtol : float, of a step, relative to |W| and |Phi|
    method : str, of `scipy.integrate.solve_ivp`; "DOP853" is faster where there are many modes and the flow is not
        stiff

    Raises
    ------
    InputError
        For a start that has no gradient, a negative rho, times that do not increase or lie too far apart, and other
        methods.
    Refusal
        If the integration or a quadrature fails.

    >>> flow = expected_flow([0.5, 1.0], [1.0, 0.8], 0.25, 0.1, [0, 1, 5])
    >>> bool(np.allclose((flow.p**2).sum(1), 1.25*np.exp(-0.2*flow.times)))     # |W|^2 decays whatever happens
    True
    """
    p0, s0, of_data = checked_modes(p, s, sigma2, spectrum)
    sigma2 = float(sigma2)
    checked_moments(*mode_moments(p0, s0, sigma2, of_data))
    grid = increasing_times(times)
    decay = nonnegative("rho", rho)
    rtol = number("rtol", rtol, 0, 1)
    one_of("method", method, get_args(Method))
    elapsed = grid - grid[0]
    with np.errstate(over="ignore"):
        clock = elapsed if decay == 0 else np.expm1(2 * decay * elapsed) / (2 * decay)
    if not np.isfinite(clock[-1]):
        raise InputError(
            f"rho*(times[-1] - times[0]) = {decay * elapsed[-1]:g} is too large: the weights leave the range of doubles"
        )
    f0, sizes = np.sqrt(s0), np.sqrt([p0 @ p0, s0.sum()])[:, None, None]

    def weights(q):
        return np.stack([p0 * np.cosh(q) + f0 * np.sinh(q), f0 * np.cosh(q) + p0 * np.sinh(q)])

    def speed(q, alive, accuracy):
        P, F = weights(q) * alive
        a, b = (of_data + sigma2) * F**2, (of_data + sigma2) * (P * F) ** 2
        c, det = of_data * P * F**2, sigma2 * (2 * of_data + sigma2) * P**2 * F**4
        integrals = tilted(a, b, c, det, of_data * F**2, accuracy / 1000)
        return F * integrals.gradient(
            (of_data + sigma2) * P, of_data * alive, sigma2 * (2 * of_data + sigma2) * P * F**2
        )

    fine, rough = (
        np.stack([weights(q) for q in _solved(speed, lambda q: weights(q)[1], p0.size, clock, accuracy, method)], 1)
        for accuracy in (rtol, _LOOSER * rtol)
    )
    drift = abs((fine[0] ** 2).sum(1) / (p0 @ p0) - 1).max() / 2
    error = max(drift, np.linalg.norm((fine - rough) / sizes, axis=2).max())
    at, f = fine * np.exp(-decay * elapsed)[:, None]
    return ExactFlow(grid, {"p": at, "s": f**2}, "finished", "", float(error))


def _solved(speed, size, modes, clock, rtol, method):
    """q at the times of the clock; a mode rests from the time on at which its `size` has fallen to zero."""
    from scipy.integrate import solve_ivp

    q, start, rows = np.zeros(modes), clock[0], []
    alive = size(q) > 0
    while len(rows) < len(clock):

        def smallest(_, q, alive=alive):
            return size(q)[alive].min() if alive.any() else 1.0

        smallest.terminal, smallest.direction = True, -1
        due = clock[len(rows) :]
        solution = solve_ivp(
            lambda _, q, alive=alive: speed(q, alive, rtol),
            (start, clock[-1]),
            q,
            method=method,
            t_eval=due,
            rtol=rtol,
            atol=rtol,
            events=smallest,
        )
        if solution.status < 0:
            raise Refusal(f"the integration stopped: {solution.message} Loosen rtol or take another method")
        rows += list(np.transpose(solution.y))
        if solution.status == 1:
            start, q = solution.t_events[0][-1], solution.y_events[0][-1]
            alive = alive & (size(q) > size(q)[alive].min())
    return rows
