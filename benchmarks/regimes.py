"""Regime maps of the sixth-degree field: cells a second, wrong cells at the fold, and a map larger than memory."""

import resource
import tempfile
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import numpy as np

from symssl.bifurcation import regime_map, regime_map_to_zarr

from .counting import RIVALS
from .sextic import FLOW, VALUES, a, b, c, rho, s2
from .timing import line, row, seconds

FIXED = {name: value for name, value in VALUES.items() if name is not b}
METHODS = {"discriminant": 1e8, "sturm": 1e7}  # structured and general path, and the cells a second that are wanted


def axes(n):
    return {rho: (0.005, 0.5, n), b: (0.5, 2.0, n)}


def speed():
    """Cells a second of our two paths by method, at the larger of two sizes; the quickest rival beside both."""
    rival = list(RIVALS)[-1]
    for n in (1000, 4000):
        pace = {}
        for method, wanted in METHODS.items():
            pace[method] = n * n / seconds(lambda: regime_map(FLOW, axes(n), FIXED, method=method), 3)
            line(f"regime map {n} x {n}, {method}: cells a second", f"{pace[method]:.2e}", f">= {wanted:.0e}")
        line(f"    {rival}", f"{rival_speed(RIVALS[rival][0], n):.2e}", "rival")
    return pace


def rival_speed(count, n):
    rhos, bs = np.linspace(0.005, 0.5, n)[:, None], np.linspace(0.5, 2.0, n)[None, :]
    return n * n / seconds(lambda: count(1.0, bs, 0.5, 0.25, rhos), 3)


def near_fold(problems=50):
    """Cells (a, b, c, s2, rho) within 1e-12 of folds of random problems, and their true counts by exact fractions."""
    rng, cells, truth = np.random.default_rng(1), [], []
    for _ in range(problems):
        point = rng.uniform((0.5, 0.5, 0.1, 0.0), (2, 2, 1, 2))
        A, B, C, S = map(Fraction, point.tolist())
        low, high = Fraction(0), Fraction(8)
        for _ in range(120):
            x = (low + high) / 2
            slope = 1 / (A * B) - 2 * C * x / B**2 - 10 * x**4 / (A * B**3)  # of rho along the branch
            low, high = (x, high) if slope > 0 else (low, x)
        fold = (low / (A * B) - C * low**2 / B**2 - 2 * low**5 / (A * B**3)) / (1 + S)  # right to 1e-60
        centre = float(fold)
        rhos = sorted(
            {
                centre,
                np.nextafter(centre, 0),
                np.nextafter(centre, 9),
                *(centre * (1 + sign * d) for d in (1e-12, 1e-14, 1e-15) for sign in (-1, 1)),
            }
        )
        cells += [(*point, r) for r in rhos]
        truth += [2 if Fraction(r) < fold else 0 for r in rhos]
    return np.array(cells), np.array(truth)


def ours(method, cells):
    """Counts of our map, one map for each problem among the cells."""
    found = []
    for point in np.unique(cells[:, :4], axis=0):
        at = cells[(cells[:, :4] == point).all(axis=1)]
        here = regime_map(FLOW, {rho: at[:, 4]}, dict(zip((a, b, c, s2), point.tolist())), method=method)
        found += [len(here.patterns[int(k)].positive) for k in here.classes]
    return np.array(found)


def compare():
    pace, (cells, truth) = speed(), near_fold()
    order = np.lexsort(cells.T[::-1])  # the order in which `ours` goes through the problems
    cells, truth = cells[order], truth[order]
    row("regime map in memory", "cells/s", "ours / it", f"wrong of {len(cells)}")
    counts = {f"symssl, {method}": (lambda *_, m=method: ours(m, cells), pace[method]) for method in METHODS}
    counts |= {name: (count, rival_speed(count, n)) for name, (count, n) in RIVALS.items()}
    for name, (count, rate) in counts.items():
        row(f"    {name}", f"{rate:.1e}", f"{pace['discriminant'] / rate:.1f}", (count(*cells.T) != truth).sum())


def larger_than_memory():
    previous = None
    with tempfile.TemporaryDirectory() as place:
        regime_map_to_zarr(FLOW, axes(100), Path(place) / "first.zarr", FIXED)  # imports and proofs are paid for here
        for n in (1000, 3163, 10000, 31623):
            start = perf_counter()
            regime_map_to_zarr(FLOW, axes(n), Path(place) / f"{n}.zarr", FIXED)
            each = (perf_counter() - start) / n**2 * 1e9
            line(f"map of {n**2:.0e} cells into Zarr: per cell", f"{each:.2f} ns", "constant")
            previous = previous or each
    line("    last / first", f"{each / previous:.2f}", "<= 1")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line("    largest resident memory of the whole run", f"{peak:.2f} GiB", "< 2 GiB")


def run():
    larger_than_memory()  # first, for its largest memory is that of the process
    compare()
