"""Regime maps by a census of every cell: for several states, and fields that are not rational.

No polynomial tells the regimes apart here; all equilibria of each cell are found and certified.
"""

from functools import partial
from itertools import product

import numpy as np

from ..errors import NotIsolated
from .equilibria import find_equilibria

__all__ = ["MOST", "count_cells", "pattern_at"]

MOST = 20_000  # cells up to which a census is taken without being asked for


def pattern_at(flow, parameters, values, within, point):
    """(negative, zero, positive, stability) of the equilibria at a point of the axes.

    Equilibria are ordered by their first state and told apart by its sign; where they may not be
    all, the stabilities end with "perhaps more", and where they form a continuum, "not isolated"
    is all that is said.
    """
    try:
        found = find_equilibria(flow, {**values, **dict(zip(parameters, point))}, within=within)
    except NotIsolated:
        return (), 0, (), ("not isolated",)
    sides = {-1: [], 0: [], 1: []}
    for e in found:
        lower, upper = next(iter(e.bounds.values()))
        sides[bool(lower > 0) - bool(upper < 0)].append(e.multiplicity or 1)
    stability = found.pattern if found.complete else (*found.pattern, "perhaps more")
    return tuple(sides[-1]), sum(sides[0]), tuple(sides[1]), stability


def count_cells(flow, grid, values, within, executor=None, progress=None):
    """Classes of a grid {parameter: values} and what they mean, {class: (negative, zero, positive, stability)}.

    `executor` is any ``concurrent.futures.Executor``; `progress(cells finished, cells in all)` is told of
    every hundredth of them.
    """
    shape = tuple(map(len, grid.values()))
    census = partial(pattern_at, flow, tuple(grid), values, within)
    points = product(*(axis.tolist() for axis in grid.values()))
    results = executor.map(census, points, chunksize=64) if executor else map(census, points)
    total = int(np.prod(shape))
    numbers, flat = {}, np.empty(total, np.uint16)
    for k, pattern in enumerate(results):
        flat[k] = numbers.setdefault(pattern, len(numbers))
        if progress and ((k + 1) % max(1, total // 100) == 0 or k + 1 == total):
            progress(k + 1, total)
    return flat.reshape(shape), {number: pattern for pattern, number in numbers.items()}
