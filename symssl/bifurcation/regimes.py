"""Regime maps: how many equilibria, and how stable, over a grid of parameters; right at the fold.

First the class of every cell is computed (the signs of the polynomials that
separate the chambers), then classes are labelled, then the map is drawn:
relabelling computes nothing anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from ..errors import InputError, Refusal
from ..exact.numbers import exact_number
from ..scalar.flow import Field
from ..support.arguments import mapping_of
from .census import MOST, count_cells
from .chambers import Chambers, chambers
from .json_form import Ints
from .results import Result, frame

__all__ = ["Pattern", "RegimeMap", "regime_map"]

_BLOCK = 1 << 16  # cells evaluated at a time: they stay in the cache


@dataclass(frozen=True)
class Pattern:
    """The equilibria of a cell: multiplicities left of zero, at zero and right of it; stabilities from left to right.

    Of several states the first gives the order and the side.
    """

    negative: tuple[int, ...]
    zero: int
    positive: tuple[int, ...]
    stability: tuple[str, ...]

    @property
    def number(self):
        """How many distinct equilibria there are."""
        return len(self.negative) + (self.zero > 0) + len(self.positive)

    def __str__(self):
        return ", ".join(self.stability) or "none"


@dataclass(frozen=True, eq=False)
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
    method : how chambers were told apart
    label : function of a `Pattern` that names regimes where none is given (not saved; then `str`)
    """

    axes: Mapping[str, np.ndarray]
    values: Mapping[str, str]
    classes: Ints
    patterns: Mapping[int, Pattern]
    rechecked: int = 0
    seconds: float = 0.0
    method: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)
    chambers: Chambers | None = field(default=None, repr=False, compare=False)
    label: Callable = field(default=str, repr=False, compare=False, metadata={"saved": False})

    def boundaries(self, label=None, points=400):
        """The curves over two axes on which the label changes: pairs of arrays, NaN between pieces.

        At each of `points` values of one axis the other is solved for, exactly isolated, and the
        other way round, so that steep pieces are whole.
        """
        if len(self.axes) != 2 or self.chambers is None:
            raise InputError("boundary curves are drawn for maps over two axes, as computed")
        label, ends = label or self.label, [(values[0], values[-1]) for values in self.axes.values()]
        return tuple(
            curve
            for one in self.chambers.signs
            for curve in one.curves(ends, points)
            if self._separates(*curve, ends, label)
        )

    def _separates(self, x, y, ends, label):
        """Whether the label differs on the two sides of the middle of a curve.

        A polynomial may also change sign where it does not, as where a root passes through zero.
        """
        inside = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        middle = inside[len(inside) // 2]
        steps = [1e-7 * (b - a) for a, b in ends]
        sides = {
            label(pattern_of(self.chambers.census([float(v) + s for v, s in zip((x[middle], y[middle]), offset)])))
            for offset in ((steps[0], 0.0), (-steps[0], 0.0), (0.0, steps[1]), (0.0, -steps[1]))
        }
        return len(sides) > 1

    def labelled(self, label=None):
        """Integer codes and their meanings under a label, a function of a `Pattern`.

        Codes are numbered in the order of the meanings' first appearance in `patterns`.
        """
        label, meanings, table = label or self.label, [], np.zeros(max(self.patterns) + 1, np.int16)
        for number, pattern in self.patterns.items():
            meaning = str(label(pattern))
            if meaning not in meanings:
                meanings.append(meaning)
            table[number] = meanings.index(meaning)
        return table[self.classes], tuple(meanings)

    def counts(self, label=None):
        """Cells by meaning, largest first."""
        label, found = label or self.label, np.bincount(self.classes.ravel(), minlength=max(self.patterns) + 1)
        totals = {}
        for number, pattern in self.patterns.items():
            if found[number]:
                meaning = str(label(pattern))
                totals[meaning] = totals.get(meaning, 0) + int(found[number])
        return dict(sorted(totals.items(), key=lambda pair: -pair[1]))

    def to_dataframe(self, label=None):
        """A pandas DataFrame (pandas is optional) with one cell a row: its parameters, its class, and its regime under a label."""
        points = np.meshgrid(*self.axes.values(), indexing="ij")
        codes, meanings = self.labelled(label)
        return frame(
            [
                *((name, values.ravel()) for name, values in zip(self.axes, points)),
                ("class", self.classes.ravel()),
                ("regime", np.array(meanings, object)[codes.ravel()]),
            ]
        )

    def _verify(self):
        if self.classes.shape != tuple(map(len, self.axes.values())):
            raise ValueError(f"classes of the shape {self.classes.shape} do not fit the axes")
        if not set(np.unique(self.classes).tolist()) <= set(self.patterns):
            raise ValueError("a class has no pattern")

    def to_xarray(self, label=None):
        """An xarray Dataset with integer codes and CF `flag_values` and `flag_meanings` (needs xarray)."""
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
            coords={name: values for name, values in self.axes.items()},
            attrs={**fixed, "method": self.method, "rechecked": self.rechecked, **self.provenance},
        )


def regime_map(flow, axes, values=None, /, *, label=str, method="auto", within=None, executor=None, progress=None):
    """The pattern of equilibria over a grid of parameters, certain in every cell.

    Parameters
    ----------
    flow : Flow
    axes : mapping {parameter: (lower, upper, n) or an increasing array}
    values : mapping of every other parameter to a number
    label : function of a `Pattern` that names the regime; another may be given later, which computes nothing anew
    method : "discriminant" (from the proved count) or "sturm" (from the subresultants), for one state and
        rational right-hand sides; "census" (the certified equilibria of every cell) for any flow;
        "auto", the first that applies, a census of small maps only
    within : mapping {state: (lower, upper)}, the box of a census, which fields that are not algebraic need
    executor, progress : of a census: any ``concurrent.futures.Executor``, and a callable
        ``progress(cells finished, cells in all)``

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
    >>> found = regime_map(Flow({x: m + k*x - x**3}, (m, k)), {m: (-1, 1, 5), k: (-1, 3, 5)})
    >>> found.counts(lambda pattern: pattern.number)
    {'1': 14, '3': 11}
    """
    if not callable(label):
        raise InputError(f"label must be a function of a Pattern, not {label!r}")
    if method not in _METHODS:
        raise InputError(f"method {method!r}: choose {', '.join(map(repr, _METHODS))}")
    started = perf_counter()
    grid, given, fixed = prepared(flow, axes, values)
    shape = tuple(map(len, grid.values()))
    cells = _chambers(flow, grid, given, method, within)
    if cells is None:
        classes, found = count_cells(flow, grid, given, within, executor, progress)
        patterns = Field({number: Pattern(*parts) for number, parts in found.items()})
        rechecked, proof, field_ = classes.size, "census", flow
    else:
        classes = np.empty(shape, class_type(cells))
        rechecked, exact = fill(cells, list(grid.values()), classes)
        patterns, proof, field_ = named_classes(cells, grid, classes, exact), cells.proof, cells.flow
    return RegimeMap(
        Field({p.name: v for p, v in grid.items()}),
        fixed,
        classes,
        patterns,
        rechecked,
        perf_counter() - started,
        proof,
        {"flow": str(dict(field_.states))},
        cells,
        label,
    )


_METHODS = ("auto", "discriminant", "sturm", "census")


def _chambers(flow, grid, given, method, within):
    """What tells the cells apart, or None for a census."""
    if method == "census" or (within and method == "auto"):
        return None
    try:
        return chambers(flow, grid, given, method)
    except Refusal as refusal:
        if method != "auto":
            raise
        if (count := int(np.prod([len(axis) for axis in grid.values()], dtype=float))) > MOST:
            raise Refusal(
                f"{refusal}; method='census' finds the equilibria of each of the {count} cells, which takes "
                "milliseconds a cell"
            ) from None
        return None


def prepared(flow, axes, values):
    """The axes as arrays by parameter, the values of all other parameters, and these as text."""
    grid = {flow.parameter(name): _axis(flow.parameter(name), spec) for name, spec in dict(axes).items()}
    if not grid:
        raise InputError("a regime map needs at least one axis")
    given = {
        flow.parameter(name): value for name, value in mapping_of("values", values, "parameters to numbers").items()
    }
    if twice := set(grid) & set(given):
        raise InputError(f"{min(map(str, twice))} is an axis and is also given a value")
    if rest := [p for p in flow.parameters if p not in grid and p not in given]:
        raise InputError(f"give a value to the parameter {rest[0]}, or make it an axis")
    return grid, given, Field({p.name: str(exact_number(v, p)) for p, v in given.items()})


def _axis(parameter, spec):
    """The values along an axis, increasing and within the assumptions on the parameter."""
    if isinstance(spec, tuple) and len(spec) == 3 and not isinstance(spec[2], float):
        low, high, n = spec
        if isinstance(n, bool) or not isinstance(n, int) or n < 2:
            raise InputError(f"the axis {parameter} needs at least two points, got {n!r}")
        low, high = float(low), float(high)
        if not (np.isfinite([low, high]).all() and low < high):
            raise InputError(f"the range of {parameter} is empty, reversed or not finite: {low:g}..{high:g}")
        axis = np.linspace(low, high, n)
    else:
        axis = np.asarray(spec, float)
        if axis.ndim != 1 or axis.size < 1 or not np.isfinite(axis).all() or (np.diff(axis) <= 0).any():
            raise InputError(f"the axis {parameter} must be (lower, upper, n) or an increasing array of finite numbers")
    for value in (axis[0], axis[-1]):
        exact_number(float(value), parameter)
    return axis


# -- classes -------------------------------------------------------------------------------


def class_type(cells):
    """The smallest integer type that holds every class: base-three digits of signs, and one for exact cells."""
    largest = 3 ** len(cells.polynomials)
    if largest > 2**31:
        raise InputError(f"{len(cells.polynomials)} polynomials separate the chambers: too many for one map")
    return np.min_scalar_type(largest)


def fill(cells, axes, classes):
    """Classes of a grid, in blocks of rows; returns the number of cells rechecked and those with a zero sign."""
    *outer, inner = axes
    rows = int(np.prod([len(a) for a in outer])) if outer else 1
    flat = classes.reshape(rows, len(inner))
    height = max(1, _BLOCK // len(inner))
    rechecked, exact = 0, {}
    index = np.arange(rows)
    places = np.unravel_index(index, [len(a) for a in outer]) if outer else ()
    workspace = _workspace((min(height, rows), len(inner)))
    for start in range(0, rows, height):
        stop = min(start + height, rows)
        if stop - start < len(workspace[0]):
            workspace = _workspace((stop - start, len(inner)))
        block = [a[p[start:stop]][:, None] for a, p in zip(outer, places)]
        uncertain = _classify(cells, block, inner, flat[start:stop], workspace)
        for row, column in zip(*uncertain):
            point = [float(b[row, 0]) for b in block] + [float(inner[column])]
            signs = [s.exact(point) for s in cells.signs]
            flat[start + row, column] = packed(signs)
            rechecked += 1
            if 0 in signs:
                exact[(start + row) * len(inner) + int(column)] = tuple(point)
    return rechecked, exact


def packed(signs):
    return sum((one + 1) * 3**k for k, one in enumerate(signs))


def _classify(cells, outer, inner, out, workspace):
    """Classes of a block from certain signs; the places where a sign is not certain."""
    work, above, below = workspace
    doubtful = None
    for k, one in enumerate(cells.signs):
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


def named_classes(cells, grid, classes, exact):
    """The pattern of every class that occurs, from an exact census of one of its cells.

    Cells with a zero sign lie on a boundary and get classes of their own, one for each pattern.
    """
    axes, shape = list(grid.values()), classes.shape
    boundary = {}
    flat = classes.reshape(-1)
    for place, point in exact.items():
        boundary.setdefault(cells.census(point), []).append(place)
    regular = np.ones(flat.size, bool) if exact else None
    if exact:
        regular[list(exact)] = False
    patterns = {}
    kinds, first = _first_of_each(flat, regular)
    for number, place in zip(kinds, first):
        point = [float(a[p]) for a, p in zip(axes, np.unravel_index(place, shape))]
        patterns[int(number)] = pattern_of(cells.interior(int(number), point))
    spare = iter(n for n in range(3 ** len(cells.polynomials) + len(boundary) + 1) if n not in patterns)
    for case, places in boundary.items():
        pattern = pattern_of(case)
        number = next((n for n, p in patterns.items() if p == pattern), None)
        number = next(spare) if number is None else number
        flat[places] = number
        patterns[number] = pattern
    return Field(patterns)


def _first_of_each(flat, regular):
    """Every class among the regular cells, with the first place where it occurs."""
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


def pattern_of(case):
    return Pattern(tuple(case.negative), int(case.zero), tuple(case.positive), tuple(case.stability))
