"""Regime maps: how many equilibria, and how stable, over a grid of parameters; right at the fold.

First the class of every cell is computed (the signs of the polynomials that
separate the regimes), then classes are labelled, then the map is drawn:
relabelling computes nothing anew.

How many equilibria the cells of a class have is decided in `regime_conditions`, by the count
at one exact point (`symssl.scalar.counting`); where no polynomials separate the regimes, cell by
cell in `cellwise_regimes`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from math import prod
from time import perf_counter
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError, OverBudget, Refusal
from ..exact.numbers import exact_number
from ..scalar.counting import Case
from ..scalar.flow import Field, Flow
from ..support.arguments import described, instance_of, mapping_of, one_of, room_for, whole
from ..support.budgets import TRIAL_BUDGET, limited, seconds_of
from ..support.display import html_table, listing
from .cellwise_regimes import MOST_CELLS, classes_by_cell
from .inputs import box_of, flow_of, given_values, limits_of, parameter_of
from .json_form import Ints
from .regime_conditions import RegimeConditions, regime_conditions
from .results import Result, frame

__all__ = ["Pattern", "RegimeMap", "regime_map"]

_BLOCK = 1 << 16  # cells evaluated at a time: they stay in the cache
_METHODS = ("auto", "discriminant", "sturm", "cellwise")


@dataclass(frozen=True)
class Pattern:
    """The equilibria of a cell, from left to right; of several states the first gives the order and the side.

    Attributes
    ----------
    negative, positive : multiplicities of the equilibria left and right of zero
    zero : multiplicity of the equilibrium at zero, 0 where there is none
    stability : stabilities of all of them

    Examples
    --------
    >>> str(Pattern((1,), 1, (1,), ("stable", "unstable", "stable")))
    'stable, unstable, stable'
    """

    negative: tuple[int, ...]
    zero: int
    positive: tuple[int, ...]
    stability: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many distinct equilibria there are."""
        return len(self.negative) + (self.zero > 0) + len(self.positive)

    def _verify(self) -> None:
        if self.zero < 0 or min(self.negative + self.positive, default=1) < 1:
            raise ValueError("a multiplicity is not positive")

    def __str__(self) -> str:
        return ", ".join(self.stability) or "none"

    def _repr_html_(self) -> str:
        rows = [("left of zero", self.negative), ("at zero", self.zero), ("right of zero", self.positive)]
        return html_table(f"Pattern: {self}", ("", "multiplicity"), rows)


Label = Callable[[Pattern], object]


@dataclass(frozen=True, eq=False, repr=False)
class RegimeMap(Result, kind="regime map"):
    """Classes of cells over axes of parameters.

    Attributes
    ----------
    axes : mapping {name: (n,) values}, in the order of the dimensions
    values : mapping of the parameters held fixed, {name: text of an exact number}
    classes : integer array, one class a cell
    patterns : mapping {class: Pattern}
    rechecked : number of cells whose signs were not certain in doubles and were worked out exactly
    seconds : time of the computation
    method : how regimes were told apart
    provenance : mapping of what else is known of the computation, as text
    conditions : the polynomials that separate the regimes; None for a map cell by cell
    label : function of a `Pattern` that names regimes where none is given (not saved; then `str`)

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> regime_map(Flow({x: m - x**2}, (m,)), {m: (-1, 1, 5)})
    RegimeMap over m (5), by discriminant
      2 cells  none
      2 cells  unstable, stable
      1 cells  half-stable
    """

    axes: Mapping[str, np.ndarray]
    values: Mapping[str, str]
    classes: Ints
    patterns: Mapping[int, Pattern]
    rechecked: int = 0
    seconds: float = 0.0
    method: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)
    conditions: RegimeConditions | None = field(default=None, repr=False, compare=False)
    label: Label = field(default=str, repr=False, compare=False, metadata={"saved": False})

    def __repr__(self) -> str:
        return listing(self._head(), [(f"{count} cells", name) for name, count in self.counts().items()])

    def _repr_html_(self) -> str:
        rows = [(name, count) for name, count in self.counts().items()]
        return html_table(self._head(), ("regime", "cells"), rows)

    def _head(self) -> str:
        axes = " x ".join(f"{name} ({len(values)})" for name, values in self.axes.items())
        fixed = "".join(f", {name} = {value}" for name, value in self.values.items())
        return f"RegimeMap over {axes}{fixed}, by {self.method or 'an unknown method'}"

    def boundaries(self, label: Label | None = None, points: int = 400) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The curves over two axes on which the label changes: pairs of arrays, NaN between pieces.

        At each of `points` values of one axis the other is solved for, exactly isolated, and the
        other way round, so that steep pieces are whole.

        Raises `InputError` for a map that is not over two axes, or was computed cell by cell.
        """
        if len(self.axes) != 2 or self.conditions is None:
            raise InputError("boundary curves exist for maps over two axes that were not computed cell by cell")
        named, ends = self._label(label), [(values[0], values[-1]) for values in self.axes.values()]
        points = whole("points", points, 2, 10**4)
        return tuple(
            curve
            for one in self.conditions.signs
            for curve in one.curves(ends, points)
            if self._separates(*curve, ends, named)
        )

    def _separates(self, x, y, ends, label):
        """Whether the label differs on the two sides of the middle of a curve.

        A polynomial may also change sign where it does not, as where a root passes through zero.
        """
        inside = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        middle = inside[len(inside) // 2]
        steps = [1e-7 * (b - a) for a, b in ends]
        sides = {
            meaning_of(
                label,
                pattern_of(
                    self.conditions.equilibria_at([float(v) + s for v, s in zip((x[middle], y[middle]), offset)])
                ),
            )
            for offset in ((steps[0], 0.0), (-steps[0], 0.0), (0.0, steps[1]), (0.0, -steps[1]))
        }
        return len(sides) > 1

    def _label(self, label):
        return self.label if label is None else label_of(label)

    def labelled(self, label: Label | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
        """Integer codes and their meanings under a label, a function of a `Pattern`.

        Codes are numbered in the order of the meanings' first appearance in `patterns`.
        """
        named, table = self._label(label), np.zeros(max(self.patterns) + 1, np.int16)
        meanings: list[str] = []
        for number, pattern in self.patterns.items():
            meaning = meaning_of(named, pattern)
            if meaning not in meanings:
                meanings.append(meaning)
            table[number] = meanings.index(meaning)
        return table[self.classes], tuple(meanings)

    def counts(self, label: Label | None = None) -> dict[str, int]:
        """Cells by meaning, largest first."""
        cells = np.bincount(np.ravel(self.classes), minlength=max(self.patterns, default=0) + 1)
        return _totals(self.patterns, cells.tolist(), self._label(label))

    def to_dataframe(self, label: Label | None = None) -> Any:
        """A pandas DataFrame with one cell a row: its parameters, its class, and its regime under a label.

        Raises `InputError` where pandas, which is optional, is missing.
        """
        points = np.meshgrid(*self.axes.values(), indexing="ij")
        codes, meanings = self.labelled(label)
        return frame(
            [
                *((name, values.ravel()) for name, values in zip(self.axes, points)),
                ("class", np.ravel(self.classes)),
                ("regime", np.array(meanings, object)[codes.ravel()]),
            ]
        )

    def _verify(self):
        if self.classes.shape != tuple(map(len, self.axes.values())):
            raise ValueError(f"classes of the shape {self.classes.shape} do not fit the axes")
        if not set(np.unique(self.classes).tolist()) <= set(self.patterns):
            raise ValueError("a class has no pattern")
        if self.rechecked < 0:
            raise ValueError("a negative number of cells was rechecked")

    def to_xarray(self, label: Label | None = None) -> Any:
        """An xarray Dataset with integer codes and CF `flag_values` and `flag_meanings`.

        Raises `InputError` where xarray, which is optional, is missing.
        """
        try:
            import xarray
        except ImportError:
            raise InputError("to_xarray() needs xarray: pip install 'symssl[scale]'") from None
        codes, meanings = self.labelled(label)
        attributes = {
            "flag_values": np.arange(len(meanings), dtype=np.int16),
            "flag_meanings": " ".join(m.replace(", ", "-").replace(" ", "_") for m in meanings),
            "long_name": "regime",
        }
        fixed = {f"fixed_{name}": value for name, value in self.values.items()}
        return xarray.Dataset(
            {"regime": (tuple(self.axes), codes, attributes)},
            coords=dict(self.axes),
            attrs={**fixed, "method": self.method, "rechecked": self.rechecked, **self.provenance},
        )


def regime_map(
    flow: Flow,
    axes: Mapping[Any, Any],
    values: Mapping[Any, Any] | None = None,
    *,
    label: Label = str,
    method: Literal["auto", "discriminant", "sturm", "cellwise"] = "auto",
    within: Mapping[Any, Any] | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], object] | None = None,
    budget: float | None = TRIAL_BUDGET,
) -> RegimeMap:
    """The pattern of equilibria over a grid of parameters, certain in every cell.

    Parameters
    ----------
    flow : Flow
    axes : mapping {parameter: (lower, upper, n) or an increasing array}
    values : mapping of every other parameter to a number
    label : function of a `Pattern` that names the regime; another may be given later, which computes nothing anew
    method : "discriminant" (from the proved count) or "sturm" (from the subresultants), for one state and
        rational right-hand sides; "cellwise" (the certified equilibria of every cell) for any flow;
        "auto", the first that applies, cell by cell for small maps only
    within : mapping {state: (lower, upper)}, the box of a map cell by cell, which fields that are not algebraic need
    executor, progress : of a map cell by cell: any ``concurrent.futures.Executor``, and a callable
        ``progress(cells finished, cells in all)``
    budget : seconds for the polynomials that separate the regimes, and with method "auto" for a map cell by cell;
        None for no limit

    Returns
    -------
    RegimeMap
        Cells are labelled right for the exact rational values of the stored doubles; a cell on
        a boundary has a class of its own.

    Raises
    ------
    InputError
        for axes that are empty, reversed or not finite, and parameters that are unknown or without value.
    Refusal
        where the method does not apply.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, m, k = symbols("x m k", real=True)
    >>> regimes = regime_map(Flow({x: m + k*x - x**3}, (m, k)), {m: (-1, 1, 5), k: (-1, 3, 5)})
    >>> regimes.counts(lambda pattern: pattern.number)
    {'1': 14, '3': 11}
    """
    label_of(label)
    one_of("method", method, _METHODS)
    started = perf_counter()
    grid, given, fixed = prepared(flow, axes, values)
    shape = tuple(map(len, grid.values()))
    room_for("the map", prod(shape), "take fewer points, or write it chunk by chunk with regime_map_to_zarr", each=4)
    box, executor, progress = box_of(flow, within), executor_of(executor), progress_of(progress)
    seconds = seconds_of("budget", budget)
    tried: dict[str, str] = {}
    conditions = _conditions(flow, grid, given, method, box, seconds, tried)
    if conditions is None:
        with limited(
            seconds if method == "auto" else None, "the map cell by cell (with method='cellwise' it has no limit)"
        ):
            classes, parts = classes_by_cell(flow, grid, given, box, executor, progress)
        patterns = Field((number, Pattern(*part)) for number, part in parts.items())
        rechecked, proof, field_ = classes.size, "cellwise", flow
    else:
        classes = np.empty(shape, class_type(conditions))
        rechecked, exact = fill(conditions, list(grid.values()), classes)
        patterns = named_classes(conditions, grid, classes, exact)
        proof, field_ = conditions.proof, conditions.flow
    return RegimeMap(
        Field({p.name: v for p, v in grid.items()}),
        fixed,
        classes,
        patterns,
        rechecked,
        perf_counter() - started,
        proof,
        {"flow": str(dict(field_.states)), **tried},
        conditions,
        label,
    )


def label_of(label: Any) -> Label:
    """A function that names a pattern."""
    if not callable(label):
        raise InputError(f"label must be a function of a Pattern, not {described(label)}")
    return label


def meaning_of(label: Label, pattern: Pattern) -> str:
    """What a label calls a pattern, as text; `InputError` where the label fails, with its own error behind it."""
    try:
        return str(label(pattern))
    except OverBudget:  # of whoever gave it its time
        raise
    except Exception as error:
        raise InputError(f"the label fails at {pattern}: {type(error).__name__}: {error}") from error


def progress_of(progress: Any) -> Callable[[int, int], object] | None:
    """A function that is told of the cells that are finished, or None."""
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be a function of (cells finished, cells in all), not {described(progress)}")
    return progress


def executor_of(executor: Any) -> Any:
    """What runs tasks elsewhere, or None."""
    if executor is not None and (
        isinstance(executor, type) or not (hasattr(executor, "map") and hasattr(executor, "submit"))
    ):
        raise InputError(f"executor must be a concurrent.futures.Executor or the like, not {described(executor)}")
    return executor


def _totals(patterns, cells, label):
    """Cells by meaning, largest first, from the cells of every class."""
    totals = {}
    for number, pattern in patterns.items():
        if cells[number]:
            meaning = meaning_of(label, pattern)
            totals[meaning] = totals.get(meaning, 0) + int(cells[number])
    return dict(sorted(totals.items(), key=lambda pair: -pair[1]))


def _conditions(flow, grid, given, method, box, seconds, tried):
    """The polynomials that tell the regimes apart, or None for a map cell by cell; why, goes into `tried`."""
    if method == "cellwise" or (box and method == "auto"):
        return None
    try:
        return regime_conditions(flow, grid, given, method, budget=seconds and seconds / 2)
    except Refusal as refusal:
        if method != "auto":
            raise
        tried["tried"] = f"polynomials that separate the regimes: {refusal}"
        if (count := int(np.prod([len(axis) for axis in grid.values()], dtype=float))) > MOST_CELLS:
            raise Refusal(
                f"{refusal}; method='cellwise' finds the equilibria of each of the {count} cells, which takes "
                "milliseconds a cell"
            ) from None
        return None


def prepared(
    flow: Any, axes: Any, values: Any
) -> tuple[dict[sp.Symbol, np.ndarray], dict[sp.Symbol, Any], Mapping[str, str]]:
    """The axes as arrays by parameter, the values of all other parameters, and these as text."""
    flow_of(flow)
    grid = {}
    for key, axis in mapping_of("axes", axes, "parameters to (lower, upper, n) or increasing arrays").items():
        parameter = parameter_of(flow, key, "a key of axes")
        grid[parameter] = _axis(parameter, axis)
    if not grid:
        raise InputError("a regime map needs at least one axis: axes={parameter: (lower, upper, n)}")
    given = given_values(flow, values)
    if twice := set(grid) & set(given):
        raise InputError(f"{min(map(str, twice))} is an axis and is also given a value")
    if rest := [p for p in flow.parameters if p not in grid and p not in given]:
        raise InputError(f"give a value to the parameter {rest[0]}, or make it an axis")
    return grid, given, Field({p.name: str(exact_number(v, p)) for p, v in given.items()})


def _axis(parameter, spec):
    """The values along an axis, increasing and within the assumptions on the parameter."""
    wanted = f"the axis {parameter} must be a tuple (lower, upper, n) or an increasing list or array of finite numbers"
    if isinstance(spec, tuple):
        if len(spec) != 3:
            raise InputError(f"{wanted}, not {described(spec)}")
        n = whole(f"the number of points of the axis {parameter}", spec[2], 2)
        room_for(f"the axis {parameter}", n, "take fewer points")
        axis = np.linspace(*limits_of(f"the limits of the axis {parameter},", spec[:2]), n)
    else:
        instance_of(
            f"the axis {parameter}", spec, (list, np.ndarray), "(lower, upper, n) or an increasing list or array"
        )
        try:
            axis = np.asarray(spec, float)
        except (TypeError, ValueError):
            raise InputError(f"{wanted}, not {described(spec)}") from None
        if axis.ndim != 1 or axis.size < 1 or not np.isfinite(axis).all() or (np.diff(axis) <= 0).any():
            raise InputError(f"{wanted}, not {described(spec)}")
    for value in (axis[0], axis[-1]):
        exact_number(float(value), parameter)
    return axis


# -- classes -------------------------------------------------------------------------------


def class_type(conditions: RegimeConditions) -> Any:
    """The smallest integer type that holds every class: base-three digits of signs, and one for exact conditions."""
    largest = 3 ** len(conditions.polynomials)
    if largest > 2**31:
        raise InputError(f"{len(conditions.polynomials)} polynomials separate the regimes: too many for one map")
    return np.min_scalar_type(largest)


def fill(
    conditions: RegimeConditions, axes: Sequence[np.ndarray], classes: np.ndarray
) -> tuple[int, dict[int, tuple[float, ...]]]:
    """Classes of a grid, in blocks of rows; returns the number of cells rechecked and those with a zero sign."""
    *outer, inner = axes
    rows = int(np.prod([len(a) for a in outer])) if outer else 1
    flat = classes.reshape(rows, len(inner))
    height = max(1, _BLOCK // len(inner))
    rechecked = 0
    exact: dict[int, tuple[float, ...]] = {}
    index = np.arange(rows)
    places = np.unravel_index(index, [len(a) for a in outer]) if outer else ()
    workspace = _workspace((min(height, rows), len(inner)))
    for start in range(0, rows, height):
        stop = min(start + height, rows)
        if stop - start < len(workspace[0]):
            workspace = _workspace((stop - start, len(inner)))
        block = [a[p[start:stop]][:, None] for a, p in zip(outer, places)]
        uncertain = _classify(conditions, block, inner, flat[start:stop], workspace)
        for row, column in zip(*uncertain):
            point = [float(b[row, 0]) for b in block] + [float(inner[column])]
            signs = [s.exact(point) for s in conditions.signs]
            flat[start + row, column] = packed(signs)
            rechecked += 1
            if 0 in signs:
                exact[(start + row) * len(inner) + int(column)] = tuple(point)
    return rechecked, exact


def packed(signs: Iterable[int]) -> int:
    """Signs as the digits of a number in base three."""
    return sum((one + 1) * 3**k for k, one in enumerate(signs))


def _classify(conditions, outer, inner, out, workspace):
    """Classes of a block from certain signs; the places where a sign is not certain."""
    work, above, below = workspace
    doubtful = None
    for k, one in enumerate(conditions.signs):
        value, bound = one.evaluate(outer, inner, work)
        np.greater(value, bound, out=above)
        np.less(value, -bound, out=below)
        twice = out.dtype.type(2 * 3**k)
        if k == 0:
            np.multiply(above.view(np.uint8), twice, out=out)
        else:
            out += twice * above
        if np.count_nonzero(above) + np.count_nonzero(below) < above.size:
            open_ = ~(above | below)
            doubtful = open_ if doubtful is None else doubtful | open_
    return np.nonzero(doubtful) if doubtful is not None else ((), ())


def _workspace(shape):
    return np.empty(shape), np.empty(shape, bool), np.empty(shape, bool)


def named_classes(
    conditions: RegimeConditions,
    grid: Mapping[sp.Symbol, np.ndarray],
    classes: np.ndarray,
    exact: Mapping[int, tuple[float, ...]],
) -> Field:
    """The pattern of every class that occurs, from an exact census of one of its conditions.

    Cells with a zero sign lie on a boundary and get classes of their own, one for each pattern.
    """
    axes, shape = list(grid.values()), classes.shape
    boundary: dict[Case, list[int]] = {}
    flat = classes.reshape(-1)
    for place, point in exact.items():
        boundary.setdefault(conditions.equilibria_at(point), []).append(place)
    regular = None
    if exact:
        regular = np.ones(flat.size, bool)
        regular[list(exact)] = False
    patterns: dict[int, Pattern] = {}
    kinds, first = _first_of_each(flat, regular)
    for number, place in zip(kinds, first):
        inside = [float(a[p]) for a, p in zip(axes, np.unravel_index(place, shape))]
        patterns[int(number)] = pattern_of(conditions.equilibria_in(int(number), inside))
    spare = iter(n for n in range(3 ** len(conditions.polynomials) + len(boundary) + 1) if n not in patterns)
    for case, places in boundary.items():
        pattern = pattern_of(case)
        number = next((n for n, p in patterns.items() if p == pattern), None)
        number = next(spare) if number is None else number
        flat[places] = number
        patterns[number] = pattern
    return Field(patterns)


def _first_of_each(flat, regular):
    """Every class among the regular conditions, with the first place where it occurs."""
    top = int(flat.max()) + 1
    if top <= 4096:
        kinds, first = [], []
        for number in range(top):
            where = flat == number if regular is None else (flat == number) & regular
            place = int(np.argmax(where))
            if where[place]:
                kinds.append(number)
                first.append(place)
        return kinds, first
    places = np.arange(flat.size) if regular is None else np.flatnonzero(regular)
    kinds, first = np.unique(flat[places], return_index=True)
    return kinds, places[first]


def pattern_of(case: Any) -> Pattern:
    """A case of a count as the pattern of a cell."""
    return Pattern(tuple(case.negative), int(case.zero), tuple(case.positive), tuple(case.stability))
