"""Random exact values for names that keep declarations, conditions and relations: generic, structured, exceptional.

Sizes come first, then one name after the other.  What is proposed for a name is moved as little as possible so that
the equations in which it is the last unknown hold, where these are affine in it (symmetry, a commutant, a prescribed
trace, an eigenvector equation); what is left is tried and rejected.  All numbers are rational, so that a condition
holds exactly or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq, fmpq_mat

from ...language.dynamics import Held
from ...language.names import names_in
from ...language.relations import Diagonal, Orthonormal, Relation
from ...language.sample_vectors import Sample, samples
from ...language.scalars import Potential, inner, norm, sq
from .algebra import identity, is_array, product, zeros
from .scene import Scene, Unknown
from .values import as_value, compare

__all__ = ["STYLES", "Family", "allowed", "kept_values", "key_of", "name_of", "names_of", "propose"]

# what an instance looks for first; where the hypotheses forbid it, they win
STYLES = (
    "generic, sizes distinct",
    "generic",
    "sizes equal",
    "sizes one",
    "scalars equal",
    "a matrix zero",
    "scalars one, matrices the identity",
    "diagonal",
    "rank one",
    "negative",
    "scalars zero",
    "sizes extreme",
    "small and large",
    "matrices equal",
)
_PROPOSALS = 24  # for one name, before the names before it are chosen again
_ROUNDS = 40  # choices of everything
_LARGEST = 5  # a size


@dataclass(frozen=True)
class Family:
    """A family of samples by its name, length and number, as something that takes values: a matrix of columns."""

    name: str
    rows: Any
    size: Any

    @property
    def shape(self) -> tuple[Any, Any]:
        """Length and number of the samples."""
        return self.rows, self.size

    def __str__(self) -> str:
        return self.name


def names_of(parts: Iterable[Any]) -> dict[str, Any]:
    """What takes values in expressions, relations and symbols: name -> symbol, `Family`, or potential."""
    found: dict[str, Any] = {}
    for part in parts:
        matrices = part.matrices if isinstance(part, Relation) else (part,)
        for matrix in matrices:
            if isinstance(matrix, samples):
                found.setdefault(matrix.name, Family(matrix.name, matrix.dim, matrix.size))
                found |= {k: v for k, v in names_in(matrix.dim, matrix.size).items() if k not in found}
            elif matrix is not None:
                for name, symbol in names_in(matrix).items():
                    if isinstance(symbol, Sample):
                        found.setdefault(name, Family(name, symbol.shape[0], symbol.size))
                    else:
                        found.setdefault(name, symbol)
    return found


def key_of(symbol: Any) -> Any:
    """Under what a scene keeps the value of a symbol; of samples and potentials it is the name."""
    return (
        symbol.name if isinstance(symbol, Family) else str(symbol.args[0]) if isinstance(symbol, Potential) else symbol
    )


# --- declarations -------------------------------------------------------------------------


def allowed(symbol: Any, value: Any) -> bool:
    """Whether a value keeps what a symbol is declared to be: its sign, whole, even, odd; finite where it is real.

    >>> allowed(sp.Symbol("n", positive=True, integer=True), fmpq(1, 2))
    False
    """
    if is_array(value) or not isinstance(symbol, sp.Symbol):
        return True
    if value is sp.oo or value is -sp.oo:
        return symbol.is_finite is None and symbol.is_extended_real is True
    sign = compare(value, fmpq(0))[0]
    whole = isinstance(value, fmpq) and value.q == 1
    kept = {
        "is_positive": sign == 1,
        "is_negative": sign == -1,
        "is_zero": sign == 0,
        "is_nonnegative": sign in (0, 1),
        "is_nonpositive": sign in (0, -1),
        "is_integer": whole,
        "is_even": whole and int(value) % 2 == 0,
        "is_odd": whole and int(value) % 2 == 1,
    }
    return all(getattr(symbol, name) in (None, true) for name, true in kept.items())


# --- proposals ----------------------------------------------------------------------------


def _rational(random: Random) -> Any:
    return fmpq(random.randint(-9, 9), random.choice([1, 1, 2, 3, 4, 5, 7]))


def _scalar(symbol: Any, style: str, random: Random, first: bool) -> Any:
    """A number for a symbol; the first one tried is the one that the style asks for."""
    wanted = {"scalars zero": fmpq(0), "scalars one, matrices the identity": fmpq(1)}.get(style)
    if first and wanted is not None:
        return wanted
    if symbol.is_integer:
        return fmpq(random.randint(-4, 7))
    if first:
        if style == "negative":
            return -abs(_rational(random))
        if style == "small and large":
            return fmpq(random.choice([-1, 1]) * random.randint(1, 9)) * fmpq(10) ** random.choice([-3, 3])
    kind = random.random()
    if kind < 0.6:
        value = _rational(random)
    elif kind < 0.85:
        value = fmpq(random.randint(-60, 60), 60)  # within one
    else:
        value = fmpq(random.randint(-9, 9), random.choice([50, 200, 1000]))
    if symbol.is_nonnegative or symbol.is_positive:
        return abs(value)
    return -abs(value) if symbol.is_negative or symbol.is_nonpositive else value


def _filled(rows: int, columns: int, entry: Callable[[], Any]) -> Any:
    out = zeros(rows, columns)
    for place in np.ndindex(out.shape):
        out[place] = as_value(entry())
    return out


def _integers(rows: int, columns: int, random: Random) -> Any:
    return _filled(rows, columns, lambda: random.randint(-3, 3))


def _rotation(n: int, random: Random) -> Any:
    """A rational orthogonal matrix: a product of reflections."""
    out = identity(n)
    for _ in range(random.randint(1, max(1, min(n, 3)))):
        v = _integers(n, 1, random)
        length = sum((x * x for x in v.flat), fmpq(0))
        if length != 0:
            out = out - product(v, product(v.T, out)) * (2 / length)
    return out


def _frame(rows: int, columns: int, random: Random) -> Any:
    """Orthonormal columns; coordinate vectors now and then."""
    if random.random() < 0.2:
        places = random.sample(range(rows), columns)
        out = zeros(rows, columns)
        for k, i in enumerate(places):
            out[i, k] = fmpq(random.choice([-1, 1]))
        return out
    return _rotation(rows, random)[:, :columns]


def _matrix(rows: int, columns: int, style: str, random: Random, first: bool) -> Any:
    square = rows == columns
    if first:
        if style == "a matrix zero" and random.random() < 0.5:
            return zeros(rows, columns)
        if style == "scalars one, matrices the identity":
            return _filled(rows, columns, lambda: 0) + (
                identity(rows) if square else identity(max(rows, columns))[:rows, :columns]
            )
        if style == "diagonal":
            out = zeros(rows, columns)
            for k in range(min(rows, columns)):
                out[k, k] = _rational(random)
            return out
        if style == "rank one":
            return product(_integers(rows, 1, random), _integers(1, columns, random))
        if style == "negative":
            low = _integers(rows, rows, random)
            return -product(low, low.T) - identity(rows) if square else _integers(rows, columns, random) * fmpq(-1)
        if style == "small and large":
            return _integers(rows, columns, random) * fmpq(10) ** random.choice([-2, 2])
    kinds = (
        ["integers"] * 3 + ["rationals"] + (["gram"] * 3 + ["symmetric", "diagonal", "upper"] if square else ["frame"])
    )
    kind = random.choice(kinds)
    if kind == "rationals":
        return _filled(rows, columns, lambda: _rational(random))
    if kind == "gram":
        root = _integers(rows, rows, random)
        return product(root, root.T) * fmpq(1, random.choice([1, 2, 3, 10]))
    if kind == "symmetric":
        half = _integers(rows, rows, random)
        return half + half.T
    if kind == "diagonal":
        out = zeros(rows, columns)
        for k in range(rows):
            out[k, k] = _rational(random)
        return out
    if kind == "upper":
        out = _integers(rows, columns, random)
        for i, j in np.ndindex(out.shape):
            if i > j:
                out[i, j] = fmpq(0)
        return out
    if kind == "frame" and rows >= columns:
        return _frame(rows, columns, random)
    return _integers(rows, columns, random)


# --- one choice of everything -------------------------------------------------------------


def _is_equation(condition: Any) -> bool:
    return isinstance(condition, (sp.Eq, Relation))


def _unwrapped(condition: Any) -> Any:
    return condition.value if isinstance(condition, Held) else condition


def _is_frame(condition: Any, symbol: Any) -> tuple[bool, bool]:
    """Whether a condition says that the columns (the rows) of a matrix are orthonormal, or that a vector is a unit."""
    if isinstance(condition, Orthonormal):
        return (True, False) if condition.U == symbol else (condition.U == sp.Transpose(symbol),) * 2
    if isinstance(condition, sp.Eq) and isinstance(symbol, sp.MatrixSymbol) and sp.S.One in condition.args:
        (other,) = [a for a in condition.args if a != 1] or [None]
        if other in (sq(symbol), norm(symbol), inner(symbol, symbol)):
            return (True, False) if symbol.shape[1] == 1 else (symbol.shape[0] == 1,) * 2
    return False, False


@dataclass
class _Choice:
    """Names to choose, conditions to keep, and what is known already."""

    symbols: Sequence[Any]
    conditions: Sequence[Any]
    scene: Scene
    random: Random
    style: str
    generic: frozenset[Any] = frozenset()
    values: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conditions = [_unwrapped(c) for c in self.conditions]
        self.names = {key_of(s): name_of(s) for s in self.symbols}
        mine = set(self.names.values())
        self.waits = [(c, set(names_of([c])) & mine) for c in self.conditions]
        self.done: set[str] = set()

    def here(self) -> Scene:
        return self.scene.within(self.values)

    def _keeps(self, conditions: Iterable[Any]) -> bool:
        return all(_holds(c, self.here()) for c in conditions)

    def _ready(self, name: str) -> list[Any]:
        """Conditions whose names are all chosen once this one is, and that it occurs in."""
        return [c for c, wait in self.waits if name in wait and wait <= self.done | {name}]

    def run(self) -> bool:
        sizes = [s for s in self.symbols if _is_size(s, self.symbols, self.conditions)]
        if not self._sizes(sizes):
            return False
        others = [s for s in self.symbols if s not in sizes]
        for symbol in self._order(others):
            if not self._one(symbol):
                return False
        return all(_holds(c, self.here()) for c, wait in self.waits if not wait)

    def _order(self, symbols: list[Any]) -> list[Any]:
        """Frames first; then as given or, now and then, mixed: another name may be the one that solves an equation."""
        framed = [s for s in symbols if any(_is_frame(c, s)[0] or _is_frame(c, s)[1] for c in self.conditions)]
        rest = [s for s in symbols if s not in framed]
        if self.random.random() < 0.5:
            rest.sort(key=lambda s: isinstance(s, (sp.MatrixSymbol, Family)))  # scalars before matrices
        else:
            self.random.shuffle(rest)
        return framed + rest

    def _sizes(self, sizes: list[Any]) -> bool:
        for attempt in range(_PROPOSALS):
            pool = self._pool(len(sizes), first=attempt < _PROPOSALS // 2)
            self.values |= dict(zip(sizes, map(fmpq, pool)))
            self.done = {s.name for s in sizes}
            if not all(allowed(s, self.values[s]) for s in sizes):
                continue
            ready = [c for c, wait in self.waits if wait and wait <= self.done]
            if self._keeps(ready) and self._shapes():
                return True
        return False

    def _pool(self, count: int, first: bool) -> list[int]:
        if first and self.style == "sizes one":
            return [1] * count
        if first and self.style == "sizes equal":
            return [self.random.randint(2, 4)] * count
        if first and self.style == "sizes extreme":
            return [self.random.choice([1, _LARGEST]) for _ in range(count)]
        if first and self.style == "generic, sizes distinct" and count < _LARGEST:
            return self.random.sample(range(2, _LARGEST + 1), count)
        return [self.random.choice([1, 2, 2, 3, 3, 4]) for _ in range(count)]

    def _shapes(self) -> bool:
        """Whether all shapes are positive, and no frame has more columns than rows."""
        for symbol in self.symbols:
            if isinstance(symbol, (sp.MatrixSymbol, Family)):
                rows, columns = map(self.here().size, symbol.shape)
                if rows < 1 or columns < 1:
                    return False
                for condition in self.conditions:
                    across, along = _is_frame(condition, symbol)
                    if (across and not along and columns > rows) or (along and rows > columns):
                        return False
        return True

    def _one(self, symbol: Any) -> bool:
        key = key_of(symbol)
        name = self.names[key]
        if isinstance(symbol, Potential):
            self.values[key] = self.random.randrange(10**6)
            self.done.add(name)
            return True
        ready = self._ready(name)
        equations = [c for c in ready if _is_equation(c)]
        frames = [c for c in equations if any(_is_frame(c, symbol))]
        for attempt in range(_PROPOSALS):
            first = attempt == 0 and symbol not in self.generic
            self.values[key] = self._proposal(symbol, frames, first)
            if not self._solved(symbol, key, [c for c in equations if c not in frames]):
                continue
            if allowed(symbol, self.values[key]) and self._keeps(ready):
                self.done.add(name)
                return True
        self.values.pop(key, None)
        return False

    def _proposal(self, symbol: Any, frames: list[Any], first: bool) -> Any:
        if isinstance(symbol, sp.Symbol) and not isinstance(symbol, sp.MatrixSymbol):
            if first and self.style == "scalars equal":
                known = [v for s, v in self.values.items() if isinstance(s, sp.Symbol) and not s.is_integer]
                if known and not symbol.is_integer:
                    return known[0]
            if symbol in self.generic:  # a large denominator meets no special value by chance
                value = fmpq(self.random.randint(-997, 997), 331)
                return abs(value) if symbol.is_nonnegative else value
            return _scalar(symbol, self.style, self.random, first)
        rows, columns = map(self.here().size, symbol.shape)
        if frames:
            along = any(_is_frame(c, symbol) == (True, True) for c in frames)
            return _frame(columns, rows, self.random).T if along else _frame(rows, columns, self.random)
        if first and self.style == "matrices equal":
            same = [v for v in self.values.values() if is_array(v) and v.shape == (rows, columns)]
            if same:
                return same[0]
        if symbol in self.generic:
            return _filled(rows, columns, lambda: fmpq(self.random.randint(-97, 97), 31))
        return _matrix(rows, columns, self.style, self.random, first)

    def _solved(self, symbol: Any, key: Any, equations: list[Any]) -> bool:
        """Move the proposal to the solutions of the equations, where these are affine in it."""
        if not equations:
            return True
        start = self.values[key]
        entries = list(start.flat) if is_array(start) else [start]

        def residual(point: list[Any]) -> list[Any]:
            value: Any = point[0]
            if is_array(start):
                value = zeros(*start.shape)
                for place, entry in zip(np.ndindex(start.shape), point):
                    value[place] = entry
            self.values[key] = value
            return [r for c in equations for r in _defect(c, self.here())]

        try:
            at_start = residual(entries)
            if all(r == 0 for r in at_start):
                return True
            columns = []
            for k in range(len(entries)):
                moved = [*entries[:k], entries[k] + 1, *entries[k + 1 :]]
                columns.append([b - a for a, b in zip(at_start, residual(moved))])
            step = _solution(columns, [-r for r in at_start])
            if step is None:
                return False
            return all(r == 0 for r in residual([x + s for x, s in zip(entries, step)]))
        except Unknown:
            return False


def name_of(symbol: Any) -> str:
    """The name of a symbol, a family of samples or a potential."""
    return str(symbol.args[0]) if isinstance(symbol, Potential) else symbol.name


def _is_size(symbol: Any, symbols: Sequence[Any], conditions: Sequence[Any]) -> bool:
    """Whether this is a whole number that occurs in a shape."""
    if not isinstance(symbol, sp.Symbol) or isinstance(symbol, sp.MatrixSymbol):
        return False
    shapes = [sp.Tuple(*s.shape) for s in symbols if isinstance(s, (sp.MatrixSymbol, Family))]
    return any(symbol in shape.free_symbols for shape in shapes)


def _holds(condition: Any, scene: Scene) -> bool:
    try:
        held, _, _ = scene.judged(condition)
    except Unknown:
        return False
    return held is True


def _defect(condition: Any, scene: Scene) -> list[Any]:
    """Exact numbers that vanish where an equation holds."""
    if isinstance(condition, Diagonal):
        A = scene.value(condition.A)
        return _exact([A[i, j] for i, j in np.ndindex(A.shape) if i != j])
    if isinstance(condition, Relation):
        parts = [scene.value(part) for part in condition.defect()]
    else:
        left, right = scene.value(condition.lhs), scene.value(condition.rhs)
        if is_array(left) != is_array(right):
            raise Unknown("a matrix is compared with a number")
        parts = [left - right]
    return _exact([entry for part in parts for entry in (part.flat if is_array(part) else [part])])


def _exact(numbers: list[Any]) -> list[Any]:
    if not all(isinstance(number, fmpq) for number in numbers):
        raise Unknown("an equation is not exact")
    return numbers


def _solution(columns: list[list[Any]], right: list[Any]) -> list[Any] | None:
    """A solution of a linear system, its free unknowns zero; None where there is none."""
    unknowns, equations = len(columns), len(right)
    if not equations:
        return [fmpq(0)] * unknowns
    table = fmpq_mat(
        equations, unknowns + 1, [x for i in range(equations) for x in [*(c[i] for c in columns), right[i]]]
    )
    reduced, rank = table.rref()
    out = [fmpq(0)] * unknowns
    for i in range(rank):
        k = next(k for k in range(unknowns + 1) if reduced[i, k] != 0)
        if k == unknowns:
            return None
        out[k] = reduced[i, unknowns]
    return out


def propose(
    symbols: Sequence[Any],
    conditions: Sequence[Any],
    scene: Scene,
    random: Random,
    style: str,
    generic: Iterable[Any] = (),
    rounds: int = _ROUNDS,
) -> dict[Any, Any] | None:
    """Values of the symbols that keep the conditions, in a style where that is possible; None where none are found."""
    for _ in range(rounds):
        choice = _Choice(symbols, conditions, scene, random, style, frozenset(generic))
        if choice.run():
            return choice.values
    return None


def kept_values(
    symbols: Sequence[Any], conditions: Sequence[Any], scene: Scene, count: int, generic: bool = False
) -> Iterator[Mapping[Any, Any]]:
    """Up to `count` choices for bound symbols, in all styles."""
    seed = scene.random.randrange(2**32)
    for k in range(count):
        style = "generic" if generic else STYLES[k % len(STYLES)]
        values = propose(
            symbols, conditions, scene, Random(f"{seed}/{k}"), style, symbols if generic else (), rounds=_ROUNDS // 4
        )
        if values is not None:
            yield values
