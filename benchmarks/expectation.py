"""The exact expected gradient of a cosine loss: its error against 30 digits, its time, and its sum rule."""

import mpmath
import numpy as np

from symssl.simulate import expected_cosine_gradient, mode_moments

from .timing import in_turn, line

SIZES = 1, 2, 8, 64
END = 30  # beyond it the integrand is below 1e-26 for one mode and vanishes much faster for more


def moments(h, sigma2=0.25):
    """A power law in both eigenvalues, with signs."""
    j = np.arange(1.0, h + 1)
    return mode_moments((-1.0) ** j * j**-0.5, 1 / j, sigma2)


def reference(var_u, var_v, cov, step=0.1, digits=30):
    """E[z_j w_j] and E[(w.z) w_j^2] as arrays of mpf, each by its own integral over sigma and tau.

    The trapezoidal rule in sigma = sinh(x)/sqrt(2 max A), tau = sinh(y)/sqrt(2 max B) with a fixed step, of the
    integrands as they come from 1/x = 2/sqrt(pi) int exp(-s x^2) and 1/x^3 = 4/sqrt(pi) int tau^2 exp(-t x^2).
    """
    with mpmath.workdps(digits + 10):
        A, B, C = (np.array([mpmath.mpf(float(x)) for x in m]) for m in (var_u, var_v, cov))
        D, step = A * B - C * C, mpmath.mpf(step)
        small = mpmath.mpf(10) ** -(digits + 5)
        alignment, projection = 0 * A, 0 * A
        for sigma, across in _axis(A, step):
            s, previous = sigma**2, mpmath.inf
            for tau, along in _axis(B, step):
                t = tau**2
                d = 1 + 2 * s * A + 2 * t * B + 4 * s * t * D
                c, b = C / d, (B + 2 * s * D) / d
                mass = across * along / mpmath.sqrt(np.prod(d))
                alignment += 4 / mpmath.pi * mass * c
                projection += 8 / mpmath.pi * mass * t * (b * c.sum() + 2 * b * c)
                size = mass * max(abs(c)) * (1 + t)
                if size < small and size < previous:
                    break
                previous = size
        return alignment, projection


def _axis(variances, step):
    scale = mpmath.sqrt(2 * max(variances))
    for k in range(int(END / step) + 1):
        x = k * step
        yield mpmath.sinh(x) / scale, mpmath.cosh(x) / scale * step * (mpmath.mpf(1) / 2 if k == 0 else 1)


def error(h):
    """(ours, the reference's own): distances relative to |E[z w^T]|."""
    one, two = (reference(*moments(h), step) for step in (0.1, 0.07))
    found, size = expected_cosine_gradient(*moments(h)), mpmath.norm(two[0])
    pairs = zip((found.value, found.alignment, found.projection), (two[0] - two[1], *two))
    return float(max(mpmath.norm(x - y) for x, y in pairs) / size), float(
        max(mpmath.norm(x - y) for x, y in zip(one, two)) / size
    )


def run():
    for h in SIZES:
        ours, own = error(h)
        line(f"exact gradient, h = {h}: error against mpmath", f"{ours:.1e}", "< 1e-12")
        line("    error of the reference itself", f"{own:.1e}", "< 1e-20")
    for h, limit in ((64, "< 20 ms"), (4096, "< 2000 ms"), (10**5, "reported")):
        at = moments(h)
        found = expected_cosine_gradient(*at)
        (seconds,) = in_turn(lambda at=at: expected_cosine_gradient(*at))
        line(f"exact gradient, h = {h}", f"{1e3 * seconds:.3g} ms", limit)
        line("    tr H / |E[z w^T]|", f"{abs(found.value.sum()) / np.linalg.norm(found.alignment):.1e}", "< 1e-13")
