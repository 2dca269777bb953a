"""``python -m benchmarks``: what the design asks for, measured against its rival in one run.

Absolute times move from machine to machine; read the ratios.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import sympy as sp

from symssl import Flow, compile_flow, compile_function, gradient_flow, sq

POINTS = 10**6
HERE = Path(__file__).resolve().parents[1]
p, a, b, c, s2, rho = ARGUMENTS = sp.symbols("p a b c s2 rho", positive=True)
FIELD = (p**2/(a*b) - c*p**3/b**2 - 2*p**6/(a*b**3))/(1 + s2) - rho*p


def plain(p, a, b, c, s2, rho):
    return (p**2/(a*b) - c*p**3/b**2 - 2*p**6/(a*b**3))/(1 + s2) - rho*p


def plain_jacobian(p, a, b, c, s2, rho):
    """The six derivatives as one would write them by hand."""
    q, r = 1/(1 + s2), p**6/(a*b**3)
    rest = p**2/(a*b) - c*p**3/b**2 - 2*r
    return np.stack([(2*p/(a*b) - 3*c*p**2/b**2 - 12*r/p)*q - rho, (2*r - p**2/(a*b))/a*q,
                     (2*c*p**3/b**2 - p**2/(a*b) + 6*r)/b*q, -p**3/b**2*q, -rest*q**2, -p])


def seconds(function, repeat=7):
    """The fastest of several runs, in seconds, after one to warm up."""
    def once():
        start = perf_counter()
        function()
        return perf_counter() - start
    once()
    return min(once() for _ in range(repeat))


def in_turn(*functions, rounds=5):
    """Fastest times of several functions that take turns, so that a busy machine hits all."""
    return np.min([[seconds(f, 1) for f in functions] for _ in range(rounds)], axis=0)


def process(*command, repeat=5):
    """Median wall time of a fresh Python process; its failure ends the benchmarks."""
    times = []
    for _ in range(repeat):
        start = perf_counter()
        done = subprocess.run([sys.executable, *command], cwd=HERE, capture_output=True, text=True)
        times.append(perf_counter() - start)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return median(times)


def line(what, value, wanted):
    print(f"{what:<58}{value:>12}   wanted {wanted}", flush=True)


def fields():
    values = np.random.default_rng(0).uniform(0.5, 1.5, (6, POINTS))
    field = compile_function(FIELD, ARGUMENTS)
    jacobian = compile_function(list(sp.Matrix([FIELD]).jacobian(ARGUMENTS)), ARGUMENTS)
    np.testing.assert_allclose(field(*values), plain(*values), atol=1e-10)
    np.testing.assert_allclose(jacobian(*values), plain_jacobian(*values), atol=1e-9)
    ours, theirs = in_turn(lambda: field(*values), lambda: plain(*values))
    line("F on 1e6 points: time / plain NumPy line", f"{ours/theirs:.2f}", "<= 1, goal 0.5")
    line("    per point", f"{ours/POINTS*1e9:.1f} ns", f"plain {theirs/POINTS*1e9:.1f} ns")
    ours, theirs = in_turn(lambda: jacobian(*values), lambda: plain_jacobian(*values))
    line("Jacobian in six variables: time / plain NumPy", f"{ours/theirs:.2f}", "<= 1")
    line("    per point", f"{ours/POINTS*1e9:.1f} ns", f"plain {theirs/POINTS*1e9:.1f} ns")
    point = tuple(map(float, values[:, 0]))
    line("F at one point", f"{seconds(lambda: [field(*point) for _ in range(1000)])*1e3:.1f} us", "small")
    flow = Flow({p: FIELD}, ARGUMENTS[1:])
    line("compile_flow", f"{seconds(lambda: compile_flow(flow))*1e3:.1f} ms", "small")


def matrices():
    n, m = sp.symbols("n m", positive=True, integer=True)
    weight, metric = sp.MatrixSymbol("W", n, m), sp.MatrixSymbol("G", m, m)
    loss = sq(weight*metric*weight.T - sp.Identity(n))
    warm = seconds(lambda: gradient_flow(loss, [weight]))
    line("flow of |W G W^T - I|^2, symbolic sizes, warm", f"{warm*1e3:.1f} ms", "< 50 ms")


def starts():
    base, ours = process("-c", "import sympy"), process("-c", "import symssl, sympy")
    line("import symssl beyond import sympy", f"{ours - base:+.3f} s", "<= 0.1 s")
    line("symssl --help", f"{process('-m', 'symssl.cli', '--help'):.3f} s", "< 0.25 s")
    cold = process("-m", "symssl.cli", "verify", "bao2023", repeat=1)
    line("symssl verify bao2023, cold", f"{cold:.1f} s", "< 60 s")


if __name__ == "__main__":
    fields()
    matrices()
    starts()
