"""Regime maps cell by cell: for several states, and for fields that are not rational.

No polynomial tells the regimes apart here; all equilibria of each cell are found and certified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from ..errors import NotIsolated
from ..scalar.flow import Flow
from .equilibria import find_equilibria

__all__ = ["MOST_CELLS", "classes_by_cell", "equilibria_of_cell"]

MOST_CELLS = 20_000  # cells up to which this is done without being asked for

Parts = tuple[tuple[int, ...], int, tuple[int, ...], tuple[str, ...]]


def equilibria_of_cell(
    flow: Flow, parameters: Sequence[sp.Symbol], values: Mapping[Any, Any], within: Any, point: Sequence[float]
) -> Parts:
    """(negative, zero, positive, stability) of the equilibria at a point of the axes.

    Equilibria are ordered by their first state and told apart by its sign; where they may not be
    all, the stabilities end with "perhaps more", and where they form a continuum, "not isolated"
    is all that is said.
    """
    try:
        equilibria = find_equilibria(flow, {**values, **dict(zip(parameters, point))}, within=within)
    except NotIsolated:
        return (), 0, (), ("not isolated",)
    sides: dict[int, list[int]] = {-1: [], 0: [], 1: []}
    for e in equilibria:
        lower, upper = next(iter(e.bounds.values()))
        sides[bool(lower > 0) - bool(upper < 0)].append(e.multiplicity or 1)
    stability = equilibria.pattern if equilibria.complete else (*equilibria.pattern, "perhaps more")
    return tuple(sides[-1]), sum(sides[0]), tuple(sides[1]), stability


def classes_by_cell(
    flow: Flow,
    grid: Mapping[sp.Symbol, np.ndarray],
    values: Mapping[Any, Any],
    within: Any,
    executor: Executor | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[np.ndarray, dict[int, Parts]]:
    """Classes of a grid {parameter: values} and what they mean, {class: (negative, zero, positive, stability)}.

    `executor` is any ``concurrent.futures.Executor``; `progress(cells finished, cells in all)` is told of
    every hundredth of them.
    """
    shape = tuple(map(len, grid.values()))
    one_cell = partial(equilibria_of_cell, flow, tuple(grid), values, within)
    points = product(*(axis.tolist() for axis in grid.values()))
    results = executor.map(one_cell, points, chunksize=64) if executor else map(one_cell, points)
    total = int(np.prod(shape))
    numbers: dict[Parts, int] = {}
    flat = np.empty(total, np.uint16)
    for k, pattern in enumerate(results):
        flat[k] = numbers.setdefault(pattern, len(numbers))
        if progress and ((k + 1) % max(1, total // 100) == 0 or k + 1 == total):
            progress(k + 1, total)
    return flat.reshape(shape), {number: pattern for pattern, number in numbers.items()}
