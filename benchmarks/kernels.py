"""Kernel self-supervised learning: ten thousand pairs, seconds and memory; eigenvalues against the whole matrix."""

import subprocess
import sys
from time import perf_counter

import numpy as np

from symssl.kernels import KernelSSL

from .timing import HERE, line

N, D, COMPONENTS, SMALL = 10000, 20, 20, 1000


def pairs(n):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, D))
    return X, X + 0.5 * rng.standard_normal((n, D))


def gibibytes():
    """The most memory that this process has held."""
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss / 2 ** (30 if sys.platform == "darwin" else 20)


def measure(memory):
    """Fit in this process: seconds, gibibytes, products with K, error of C."""
    X, X_prime = pairs(N)
    start = perf_counter()
    model = KernelSSL(COMPONENTS, solver="lanczos", memory=memory, random_state=0).fit(X, X_prime)
    seconds = perf_counter() - start
    f, g = model.transform(X), model.transform(X_prime)
    C = (f.T @ g + g.T @ f) / (2 * N)
    print(seconds, gibibytes(), model.n_iter_, abs(C - np.eye(COMPONENTS)).max())


def measured(memory):
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"from benchmarks.kernels import measure; measure({memory})"],
        check=False,
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"the kernel benchmark failed:\n{done.stdout}{done.stderr}")
    return map(float, done.stdout.split())


def run():
    for memory, title in ((4.0, "K stored"), (0.0, "K evaluated anew")):
        seconds, peak, products, error = measured(memory)
        line(f"{N} pairs, d = {D}, RBF, {COMPONENTS} components, {title}: seconds", f"{seconds:.1f}", "< 120")
        line("    peak memory, GiB", f"{peak:.2f}", "< 8")
        line("    products with K", f"{products:.0f}", "reported")
        line("    largest entry of C - I on the training pairs", f"{error:.1e}", "< 1e-8")
    dense, lanczos = (
        KernelSSL(COMPONENTS, solver=solver, random_state=0).fit(*pairs(SMALL)) for solver in ("dense", "lanczos")
    )
    line(
        f"{SMALL} pairs: eigenvalues, relative to the whole matrix",
        f"{abs(lanczos.eigenvalues_ / dense.eigenvalues_ - 1).max():.1e}",
        "< 1e-8",
    )
