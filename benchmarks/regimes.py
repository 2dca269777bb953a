"""Regime maps of the sixth-degree field: cells a second, wrong cells at the fold, and a map larger than memory."""

import resource
import tempfile
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import numpy as np
import sympy as sp

from symssl import Flow
from symssl.bifurcation import regime_map, regime_map_to_zarr

from .evaluation import FIELD
from .timing import line, seconds

p, a, b, c, s2, rho = sp.symbols("p a b c s2 rho", positive=True)
FLOW = Flow({p: FIELD}, (a, b, c, s2, rho))
VALUES = {a: 1, c: Fraction(1, 2), s2: Fraction(1, 4)}


def axes(n):
    return {rho: (0.005, 0.5, n), b: (0.5, 2.0, n)}


def speed():
    for method, wanted in (("discriminant", 1e8), ("sturm", 1e7)):
        for n in (1000, 4000):
            time = seconds(lambda: regime_map(FLOW, axes(n), VALUES, method=method), 3)
            line(f"regime map {n} x {n}, {method}: cells a second", f"{n*n/time:.2e}", f">= {wanted:.0e}")


def rival(n=60):
    """A loop of np.roots, as most would write it."""
    points = [(r, w) for r in np.linspace(0.005, 0.5, n) for w in np.linspace(0.5, 2, n)]

    def loop():
        for r, w in points:
            roots = np.roots([-2/w**3/1.25, 0, 0, -0.5/w**2/1.25, 1/w/1.25, -r])
            ((np.abs(roots.imag) < 1e-9) & (roots.real > 0)).sum()
    line("    np.roots in a loop: cells a second", f"{n*n/seconds(loop, 2):.2e}", "rival")


def near_fold(problems=50):
    """Wrong cells at small distances from folds of random problems; the truth is in exact fractions."""
    rng, cells, wrong, np_wrong = np.random.default_rng(1), 0, dict.fromkeys(("discriminant", "sturm"), 0), 0
    for _ in range(problems):
        a_, b_, c_, s_ = rng.uniform((0.5, 0.5, 0.1, 0.0), (2, 2, 1, 2))
        A, B, C, S = map(Fraction, (a_, b_, c_, s_))

        def slope(x):               # of rho over p along the branch, exactly
            return 1/(A*B) - 2*C*x/B**2 - 10*x**4/(A*B**3)
        low, high = Fraction(0), Fraction(8)
        for _ in range(120):
            middle = (low + high)/2
            low, high = (middle, high) if slope(middle) > 0 else (low, middle)
        fold = (low/(A*B) - C*low**2/B**2 - 2*low**5/(A*B**3))/(1 + S)     # right to 1e-60
        centre = float(fold)
        grid = sorted({centre, np.nextafter(centre, 0), np.nextafter(centre, 9),
                       *(centre*(1 + sign*d) for d in (1e-12, 1e-14, 1e-15) for sign in (-1, 1))})
        truth = [2 if Fraction(r) < fold else 0 for r in grid]
        cells += len(grid)
        for method in wrong:
            found = regime_map(FLOW, {rho: np.array(grid)}, {a: a_, b: b_, c: c_, s2: s_}, method=method)
            counts = [len(found.patterns[int(k)].positive) for k in found.classes]
            wrong[method] += sum(x != y for x, y in zip(counts, truth))
        for r, t in zip(grid, truth):
            roots = np.roots([-2/(a_*b_**3)/(1 + s_), 0, 0, -c_/b_**2/(1 + s_), 1/(a_*b_)/(1 + s_), -r])
            np_wrong += ((np.abs(roots.imag) < 1e-9) & (roots.real > 0)).sum() != t
    for method, count in wrong.items():
        line(f"wrong of {cells} cells within 1e-12 of a fold, {method}", count, "0")
    line("    np.roots with tolerance 1e-9", np_wrong, "rival")


def larger_than_memory():
    previous = None
    with tempfile.TemporaryDirectory() as place:
        regime_map_to_zarr(FLOW, axes(100), Path(place) / "first.zarr", VALUES)      # imports and proofs are paid for here
        for n in (1000, 3163, 10000, 31623):
            start = perf_counter()
            regime_map_to_zarr(FLOW, axes(n), Path(place) / f"{n}.zarr", VALUES)
            each = (perf_counter() - start)/n**2*1e9
            line(f"map of {n**2:.0e} cells into Zarr: per cell", f"{each:.2f} ns", "constant")
            previous = previous or each
    line("    last / first", f"{each/previous:.2f}", "<= 1")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/2**20
    line("    largest resident memory of the whole run", f"{peak:.2f} GiB", "< 2 GiB")


def run():
    speed()
    rival()
    near_fold()
    larger_than_memory()
