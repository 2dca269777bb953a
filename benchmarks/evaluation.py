"""Compiled evaluation of fields, flows of matrices, and how fast commands start."""

import numpy as np
import sympy as sp

from symssl import compile_flow, compile_function, gradient_flow, sq

from .sextic import ARGUMENTS, FIELD, FLOW
from .timing import in_turn, line, process, seconds

POINTS = 10**6


def plain(p, a, b, c, s2, rho):
    return (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p


def plain_jacobian(p, a, b, c, s2, rho):
    """The six derivatives as one would write them by hand."""
    q, r = 1 / (1 + s2), p**6 / (a * b**3)
    rest = p**2 / (a * b) - c * p**3 / b**2 - 2 * r
    return np.stack(
        [
            (2 * p / (a * b) - 3 * c * p**2 / b**2 - 12 * r / p) * q - rho,
            (2 * r - p**2 / (a * b)) / a * q,
            (2 * c * p**3 / b**2 - p**2 / (a * b) + 6 * r) / b * q,
            -(p**3) / b**2 * q,
            -rest * q**2,
            -p,
        ]
    )


def fields():
    values = np.random.default_rng(0).uniform(0.5, 1.5, (6, POINTS))
    field = compile_function(FIELD, ARGUMENTS)
    jacobian = compile_function(list(sp.Matrix([FIELD]).jacobian(ARGUMENTS)), ARGUMENTS)
    np.testing.assert_allclose(field(*values), plain(*values), atol=1e-10)
    np.testing.assert_allclose(jacobian(*values), plain_jacobian(*values), atol=1e-9)
    ours, theirs = in_turn(lambda: field(*values), lambda: plain(*values))
    line("F on 1e6 points: time / plain NumPy line", f"{ours / theirs:.2f}", "<= 1, goal 0.5")
    line("    per point", f"{ours / POINTS * 1e9:.1f} ns", f"plain {theirs / POINTS * 1e9:.1f} ns")
    ours, theirs = in_turn(lambda: jacobian(*values), lambda: plain_jacobian(*values))
    line("Jacobian in six variables: time / plain NumPy", f"{ours / theirs:.2f}", "<= 1")
    line("    per point", f"{ours / POINTS * 1e9:.1f} ns", f"plain {theirs / POINTS * 1e9:.1f} ns")
    point = tuple(map(float, values[:, 0]))
    line("F at one point", f"{seconds(lambda: [field(*point) for _ in range(1000)]) * 1e3:.1f} us", "small")
    line("compile_flow", f"{seconds(lambda: compile_flow(FLOW)) * 1e3:.1f} ms", "small")


def matrices():
    n, m = sp.symbols("n m", positive=True, integer=True)
    weight, metric = sp.MatrixSymbol("W", n, m), sp.MatrixSymbol("G", m, m)
    loss = sq(weight * metric * weight.T - sp.Identity(n))
    warm = seconds(lambda: gradient_flow(loss, [weight]))
    line("flow of |W G W^T - I|^2, symbolic sizes, warm", f"{warm * 1e3:.1f} ms", "< 50 ms")


def starts():
    base, ours = process("-c", "import sympy"), process("-c", "import symssl, sympy")
    line("import symssl beyond import sympy", f"{ours - base:+.3f} s", "<= 0.1 s")
    line("symssl --help", f"{process('-m', 'symssl', '--help'):.3f} s", "< 0.25 s")
    cold = process("-m", "symssl", "verify", "bao2023", repeat=1)
    line("symssl verify bao2023, cold", f"{cold:.1f} s", "< 60 s")


def bandwidth():
    """The compiled field against a compiled loop that only reads the six arrays and writes one: all on one thread."""
    try:
        import numba
    except ImportError:
        line("F on 1e6 points, numba", "not installed", "<= 4")
        return
    values = np.random.default_rng(0).uniform(0.5, 1.5, (6, POINTS))
    fast, usual = (compile_function(FIELD, ARGUMENTS, backend=backend) for backend in ("numba", "numpy"))
    np.testing.assert_allclose(fast(*values), plain(*values), atol=1e-10)
    out = np.empty(POINTS)

    @numba.njit
    def traffic(p, a, b, c, s2, rho, out):
        for i in range(len(out)):
            out[i] = p[i] + a[i] + b[i] + c[i] + s2[i] + rho[i]

    compiled, numpy, bound = in_turn(lambda: fast(*values), lambda: usual(*values), lambda: traffic(*values, out))
    line("F on 1e6 points, numba: time / read six, write one", f"{compiled / bound:.2f}", "<= 4")
    line("    numpy: time / read six, write one", f"{numpy / bound:.2f}", "reported")
    line(
        "    the bound, per point and one thread",
        f"{bound / POINTS * 1e9:.2f} ns",
        f"{56 * POINTS / bound / 1e9:.0f} GB a second",
    )


def run():
    fields()
    bandwidth()
    matrices()
    starts()
