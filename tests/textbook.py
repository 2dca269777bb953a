"""Textbook systems with one parameter kept, and where they fold and oscillate, from formulas of their own."""

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from symssl import Flow

x, y, z, m = sp.symbols("x y z m", real=True)
Q = sp.Rational


def hill(q):
    return 100 * q / (1 + q + q**2)


def coupled_cells():
    """The figures that continuation found elsewhere, to four digits."""
    flow = Flow({x: m - 2 * x + y - hill(x), y: m - 2 * y + x - hill(y)}, (m,))
    known = [("LP", 34.3569), ("BP", 34.2229), ("LP", 26.6221), ("LP", 26.6221), ("LP", 25.3727), ("LP", 25.3727)]
    return flow, (0, 60), [*known, ("BP", 22.1816), ("LP", 18.8871)]


def brusselator():
    return Flow({x: 1 - (m + 1) * x + 2 * x**2 * y, y: m * x - 2 * x**2 * y}, (m,)), (0, 10), [("HB", 3.0)]


def lorenz():
    flow = Flow({x: 10 * (y - x), y: x * (m - z) - y, z: x * y - Q(8, 3) * z}, (m,))
    return flow, (0, 30), [("BP", 1.0), ("HB", 470 / 19), ("HB", 470 / 19)]


def rosenzweig_macarthur():
    """Prey x, predator y, capacity m: at d = 1/2, h = 1 the predator lives at x = 1, from m = 1; Hopf at m = 3."""
    flow = Flow({x: x * (1 - x / m) - x * y / (1 + x), y: y * (x / (1 + x) - Q(1, 2))}, (m,))
    return flow, (0.1, 10), [("BP", 1.0), ("HB", 3.0)]


def fitzhugh_nagumo():
    """v - v^3/3 - w + m, (v + 7/10 - 4/5 w)/12.5: the trace vanishes where 1 - v^2 = 8/125."""
    flow = Flow({x: x - x**3 / 3 - y + m, y: (x + Q(7, 10) - Q(4, 5) * y) * Q(2, 25)}, (m,))
    v = np.sqrt(1 - 8 / 125)
    at = [(s * v + 0.7) / 0.8 - s * v + (s * v) ** 3 / 3 for s in (-1, 1)]
    return flow, (-1, 3), [("HB", at[0]), ("HB", at[1])]


def chemostat():
    """Growth 3 S/(1 + S), dilution m, inflow 4: washout where 3*4/5 = m."""
    flow = Flow({x: m * (4 - x) - 3 * x * y / (1 + x), y: y * (3 * x / (1 + x) - m)}, (m,))
    return flow, (0.1, 2.9), [("BP", 2.4)]


def sir():
    """Recruitment and death 1/5, recovery 1/2, transmission m: endemic from m = 7/10."""
    flow = Flow({x: Q(1, 5) * (1 - x) - m * x * y, y: m * x * y - Q(7, 10) * y}, (m,))
    return flow, (0.1, 3), [("BP", 0.7)]


def cstr():
    """A cooled tank with the exponential replaced by its (1, 1) Pade form: folds where dm/dx = 0 along the curve."""
    rate = (2 + x) / (2 - x)
    flow = Flow({x: -x + m * (5 - x) * rate}, (m,))

    def slope(v):  # of m(v) = v (2 - v) / ((5 - v) (2 + v)), times the square of its denominator
        return (2 - 2 * v) * (5 - v) * (2 + v) - v * (2 - v) * (3 - 2 * v)

    v = brentq(slope, 0, 1.9)
    return flow, (0, 0.5), [("LP", v * (2 - v) / ((5 - v) * (2 + v)))]


def langford():
    """x' = (m - 1) x - y + x z, y' = x + (m - 1) y + y z, z' = m z - x^2 - y^2 - z^2: Hopf at z = 0 and z = m."""
    flow = Flow({x: (m - 1) * x - y + x * z, y: x + (m - 1) * y + y * z, z: m * z - x**2 - y**2 - z**2}, (m,))
    return flow, (-0.5, 2), [("BP", 0.0), ("HB", 0.5), ("HB", 1.0)]


def lorenz_84():
    """a = 1/4, b = 4, G = 1/4; the Hopf points by the zeros of the real part along the branch."""
    flow = Flow({x: -(y**2) - z**2 - x / 4 + m / 4, y: x * y - 4 * x * z - y + Q(1, 4), z: 4 * x * y + x * z - z}, (m,))

    def equilibrium(v):
        denominator = (1 - v) ** 2 + 16 * v**2
        return (1 - v) / 4 / denominator, v / denominator, v + 0.25 / denominator  # y, z, m

    def real_part(v):
        b, c, _ = equilibrium(v)
        jacobian = [[-0.25, -2 * b, -2 * c], [b - 4 * c, v - 1, -4 * v], [4 * b + c, 4 * v, v - 1]]
        values = np.linalg.eigvals(jacobian)
        return values[np.abs(values.imag) > 1e-6].real.max(initial=-1)

    grid = np.linspace(-1, 2.5, 701)
    signs = [real_part(v) for v in grid]
    found = [brentq(real_part, a, b) for a, b, s, t in zip(grid[:-1], grid[1:], signs[:-1], signs[1:]) if s * t < 0]
    return flow, (-1, 3), [("HB", equilibrium(v)[2]) for v in found if -1 < equilibrium(v)[2] < 3]


def bazykin():
    """alpha = m, gamma = 1, delta = 1/10, epsilon = 1/100: folds of interior equilibria by a grid of the curve."""
    flow = Flow({x: x - x * y / (1 + m * x) - x**2 / 100, y: -y + x * y / (1 + m * x) - y**2 / 10}, (m,))

    def m_of(v):  # with w = 1 + m x: y = w (1 - x/100), and -1 + x/w - y/10 = 0 is a quadratic equation for w
        k = (1 - v / 100) / 10
        w = (-1 + np.sqrt(1 + 4 * k * v)) / (2 * k)
        return (w - 1) / v

    grid = np.linspace(1.2, 99.5, 4001)
    slopes = np.diff(m_of(grid))
    folds = [m_of(grid)[k + 1] for k in np.flatnonzero(slopes[1:] * slopes[:-1] < 0)]
    return flow, (0.05, 0.95), [("LP", at) for at in folds]


SYSTEMS = (
    coupled_cells,
    brusselator,
    lorenz,
    rosenzweig_macarthur,
    fitzhugh_nagumo,
    chemostat,
    sir,
    cstr,
    langford,
    lorenz_84,
    bazykin,
)
