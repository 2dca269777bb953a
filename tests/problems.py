"""Scalar flows whose answers are known from elsewhere, for every routine to be tried on.

Each problem states its truth as plain numbers and formulas, worked out by hand
or taken from the literature, never with the routine under test.
"""

from dataclasses import dataclass, field

import sympy as sp

from symssl import Flow

x, p, s, y, z = sp.symbols("x p s y z", real=True)
m, k, h = sp.symbols("m k h", real=True)
mu, r, a, b, c, d, rho, sigma2, alpha = sp.symbols("mu r a b c d rho sigma2 alpha", positive=True)
kappa, c_x = sp.symbols("kappa c_x", real=True)


@dataclass(frozen=True)
class Problem:
    """A flow; `counts` maps parameter values to (negative, zero, positive) multiplicities;
    `folds` maps the values of all parameters but the first to the folds (parameter, state)."""

    name: str
    flow: Flow
    counts: tuple = ()
    folds: tuple = field(default=())


def _values(**named):
    return tuple((name, sp.Rational(value)) for name, value in named.items())


SCALAR = (
    Problem(
        "saddle-node",
        Flow({x: m - x**2}, (m,)),
        ((_values(m=4), ((1,), 0, (1,))), (_values(m=0), ((), 2, ())), (_values(m=-1), ((), 0, ()))),
        (((), ((0, 0),)),),
    ),
    Problem(
        "transcritical",
        Flow({x: m * x - x**2}, (m,)),
        ((_values(m=2), ((), 1, (1,))), (_values(m=-2), ((1,), 1, ())), (_values(m=0), ((), 2, ()))),
        (((), ()),),
    ),
    Problem(
        "pitchfork",
        Flow({x: m * x - x**3}, (m,)),
        ((_values(m=1), ((1,), 1, (1,))), (_values(m=0), ((), 3, ())), (_values(m=-1), ((), 1, ()))),
        (((), ()),),
    ),
    Problem(
        "subcritical pitchfork",
        Flow({x: m * x + x**3 - x**5}, (m,)),
        (
            (_values(m=1), ((1,), 1, (1,))),
            (_values(m="-1/8"), ((1, 1), 1, (1, 1))),
            (_values(m="-1/4"), ((2,), 1, (2,))),
            (_values(m=-1), ((), 1, ())),
            (_values(m=0), ((1,), 3, (1,))),
        ),
        (((), (("-1/4", -sp.sqrt(2) / 2), ("-1/4", sp.sqrt(2) / 2))),),
    ),
    Problem(
        "imperfect pitchfork",
        Flow({x: h + k * x - x**3}, (h, k)),
        (
            (_values(h=0, k=1), ((1,), 1, (1,))),
            (_values(h=2, k=3), ((2,), 0, (1,))),
            (_values(h=-2, k=3), ((1,), 0, (2,))),
            (_values(h=1, k=3), ((1, 1), 0, (1,))),
            (_values(h=9, k=1), ((), 0, (1,))),
            (_values(h=0, k=0), ((), 3, ())),
        ),
    ),
    Problem(
        "cubic with decay",
        Flow({p: p**2 * (1 - (1 + sigma2) * p) - rho * p}, (rho, sigma2)),
        (
            (_values(rho="1/8", sigma2=1), ((), 1, (2,))),
            (_values(rho="1/9", sigma2=1), ((), 1, (1, 1))),
            (_values(rho=1, sigma2=1), ((), 1, ())),
        ),
        ((_values(sigma2=1), (("1/8", "1/4"),)),),
    ),
    Problem(
        "two groups",
        Flow({y: y**2 - kappa * y**3 - 2 * y**6 - mu * y}, (kappa, mu)),
        (
            (_values(kappa=0, mu="1/4"), ((1,), 1, (1, 1))),
            (_values(kappa=0, mu=2), ((1,), 1, ())),
            (_values(kappa="3/8", mu="11/32"), ((1,), 1, (2,))),
            (_values(kappa="-9/2", mu="7/2"), ((1,), 1, (2,))),
        ),
    ),
    Problem(
        "rational",
        Flow({x: x * (1 - mu * x / (1 + x**2))}, (mu,)),
        ((_values(mu=1), ((), 1, ())), (_values(mu=2), ((), 1, (2,))), (_values(mu=3), ((), 1, (1, 1)))),
        (((), ((2, 1),)),),
    ),
)

SIXTH = Flow(
    {p: (p**2 / (a * b) - c_x * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + sigma2) - rho * p}, (a, b, c_x, sigma2, rho)
)
# the same with a = b = 1, c_x = 1/2, sigma2 = 1/4: its fold to fifty digits, by mpmath's findroot on f = f' = 0
SIXTH_VALUES = {a: 1, b: 1, c_x: sp.Rational(1, 2), sigma2: sp.Rational(1, 4)}
SIXTH_FOLD = (
    "0.25108006340350989418805089320303363399729174822870",
    "0.47799080140251680910442981293329332778744868879104",
)

MODES = Flow(
    {
        p: r * (s / (a * b) - c_x * p * s / b**2 - 2 * p**2 * s**2 / (a * b**3)) - rho * p,
        s: 2 * r * (p * s / (a * b) - c_x * p**2 * s / b**2 - 2 * p**3 * s**2 / (a * b**3)) - 2 * rho * s,
    },
    (r, a, b, c_x, rho),
)
RATIO = Flow({p: alpha * s * (1 - r * p) - rho * p, s: 2 * p * s * (1 - r * p) - 2 * rho * s}, (alpha, r, rho))

# flow, degree, {curve: cofactor}, number of functionally independent first integrals
INVARIANTS = (
    (MODES, 2, {s - p**2: -2 * rho}, 0),
    (RATIO, 2, {s - p**2 / alpha: -2 * rho}, 0),
    (Flow({x: a * x - b * x * y, y: -c * y + d * x * y}, (a, b, c, d)), 1, {x: a - b * y, y: d * x - c}, 1),
    (Flow({x: y, y: -x}), 2, {x**2 + y**2: 0}, 1),
    (Flow({x: x, y: 2 * y}), 1, {x: 1, y: 2}, 1),
    (Flow({x: a * (y - x), y: x * (b - z) - y, z: x * y - 2 * a * z}, (a, b)), 2, {z - x**2 / (2 * a): -2 * a}, 0),
    (Flow({x: a * (y - x), y: -x * z - y, z: x * y - z}, (a,)), 2, {y**2 + z**2: -2}, 0),
    (Flow({x: y, y: x + x**2 - x * y + 1}), 2, {}, 0),
)


# --- bifurcations in one parameter ---------------------------------------------------------

u, v, w = sp.symbols("u v w", real=True)
lam, A, B, R = sp.symbols("lam A B R", real=True)


@dataclass(frozen=True)
class Bifurcation:
    """A flow, its free parameter and range; `events` lists (label, kind, parameter, state) in order;
    `branches` is their number."""

    name: str
    flow: Flow
    parameter: sp.Symbol
    bounds: tuple
    branches: int
    events: tuple
    values: tuple = ()
    within: tuple = ()


_sqrt72 = float(sp.sqrt(sp.Rational(8, 3) * sp.Rational(451, 19)))  # Lorenz: x = y = sqrt(b (r - 1)) at r = 470/19

BIFURCATIONS = (
    Bifurcation("fold", Flow({u: m - u**2}, (m,)), m, (-1, 1), 1, (("LP", "", 0, (0,)),)),
    Bifurcation("transcritical", Flow({u: m * u - u**2}, (m,)), m, (-1, 1), 2, (("BP", "transcritical", 0, (0,)),)),
    Bifurcation(
        "supercritical pitchfork", Flow({u: m * u - u**3}, (m,)), m, (-1, 1), 2, (("BP", "pitchfork", 0, (0,)),)
    ),
    Bifurcation("subcritical pitchfork", Flow({u: m * u + u**3}, (m,)), m, (-1, 1), 2, (("BP", "pitchfork", 0, (0,)),)),
    Bifurcation(
        "pitchfork with folds",
        Flow({u: m * u + u**3 - u**5}, (m,)),
        m,
        (-1, 1),
        2,
        (("LP", "", -0.25, (-(0.5**0.5),)), ("LP", "", -0.25, (0.5**0.5,)), ("BP", "pitchfork", 0, (0,))),
    ),
    Bifurcation("isola", Flow({u: u**2 + m**2 - 1}, (m,)), m, (-2, 2), 1, (("LP", "", -1, (0,)), ("LP", "", 1, (0,)))),
    Bifurcation(
        "two disconnected branches",
        Flow({u: (u**2 + m**2 - 1) * (u - 3 - m**2)}, (m,)),
        m,
        (-2, 2),
        2,
        (("LP", "", -1, (0,)), ("LP", "", 1, (0,))),
    ),
    Bifurcation(
        "hysteresis", Flow({u: m + 3 * u - u**3}, (m,)), m, (-4, 4), 1, (("LP", "", -2, (1,)), ("LP", "", 2, (-1,)))
    ),
    Bifurcation(
        "Hopf normal form, stable cycles",
        Flow({u: m * u - v - u * (u**2 + v**2), v: u + m * v - v * (u**2 + v**2)}, (m,)),
        m,
        (-1, 1),
        1,
        (("HB", "", 0, (0, 0)),),
    ),
    Bifurcation(
        "Hopf normal form, unstable cycles",
        Flow({u: m * u - v + u * (u**2 + v**2), v: u + m * v + v * (u**2 + v**2)}, (m,)),
        m,
        (-1, 1),
        1,
        (("HB", "", 0, (0, 0)),),
    ),
    Bifurcation(
        "Brusselator",
        Flow({u: A - (B + 1) * u + u**2 * v, v: B * u - u**2 * v}, (A, B)),
        B,
        (0.5, 3),
        1,
        (("HB", "", 2, (1, 2)),),
        values=((A, 1),),
    ),
    Bifurcation(
        "Lorenz",
        Flow({u: 10 * (v - u), v: u * (R - w) - v, w: u * v - sp.Rational(8, 3) * w}, (R,)),
        R,
        (0.1, 30),
        2,
        (
            ("BP", "pitchfork", 1, (0, 0, 0)),
            ("HB", "", 470 / 19, (-_sqrt72, -_sqrt72, 451 / 19)),
            ("HB", "", 470 / 19, (_sqrt72, _sqrt72, 451 / 19)),
        ),
    ),
    Bifurcation(
        "Bratu, scalar form",
        Flow({u: u - sp.sqrt(2 * mu) * sp.cosh(u / 4)}, (mu,)),
        mu,
        (0.1, 4),
        1,
        (("LP", "", 3.513830719125161, (4.798714561030936,)),),
        within=((u, (0, 20)),),
    ),
)

# normal form of a Bogdanov-Takens point: fold at A = 0, Hopf at A = -B**2, B > 0
BOGDANOV_TAKENS = Flow({u: v, v: A + B * v + u**2 + u * v}, (A, B))


def bratu_on_a_grid(n):
    """u'' + mu exp(u) = 0 on (0, 1), u = 0 at both ends, collocated at n + 1 Chebyshev points
    (Trefethen, Spectral Methods in MATLAB, 2000, chapter 6): its fold converges to mu = 3.513830719."""
    import numpy as np

    nodes = np.cos(np.pi * np.arange(n + 1) / n)
    weights = np.r_[2, np.ones(n - 1), 2] * (-1.0) ** np.arange(n + 1)
    D = np.outer(weights, 1 / weights) / (nodes[:, None] - nodes + np.eye(n + 1))
    D -= np.diag(D.sum(axis=1))
    second = 4 * (D @ D)[1:-1, 1:-1]
    q = sp.symbols(f"q_1:{n}", real=True)
    return Flow(
        {q_i: sum(sp.Float(c) * q_j for c, q_j in zip(row, q)) + mu * sp.exp(q_i) for q_i, row in zip(q, second)}, (mu,)
    )
