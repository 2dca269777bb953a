"""Random exact values for names that keep declarations, conditions and relations: generic, structured, exceptional.

Sizes come first, then one name after the other.  What is proposed for a name is moved as little as possible so that
the equations in which it is the last unknown hold, where these are affine in it (symmetry, a commutant, a prescribed
trace, an eigenvector equation); what is left is tried and rejected.  All numbers are rational, so that a condition
holds exactly or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq, fmpq_mat, fmpq_poly
from sympy.matrices.expressions.matexpr import MatrixElement

from ...language.dynamics import Held
from ...language.functions import Entry, FunctionSymbol
from ...language.names import names_in
from ...language.operators import MatrixTotal, Total
from ...language.random_matrices import RandomMatrix
from ...language.random_vectors import GaussianVector
from ...language.relations import Diagonal, Normalised, Orthonormal, Relation, Symmetric
from ...language.sample_vectors import Sample, samples
from ...language.scalars import Potential, inner, norm, sq
from ...language.terms import Zeros
from ...language.unit_vectors import UnitVector
from .algebra import identity, is_array, product, zeros
from .applied import a_function
from .scene import Scene, Special, Unknown, truth_evaluator
from .values import as_value, compare

__all__ = [
    "STYLES",
    "Family",
    "Numbering",
    "ProperLaw",
    "allowed",
    "kept_values",
    "key_of",
    "layout_of",
    "name_of",
    "names_of",
    "propose",
]

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
    "rank deficient",
    "negative",
    "scalars zero",
    "sizes extreme",
    "small and large",
    "matrices equal",
)
_STRUCTURED = ("diagonal", "rank deficient", "a matrix zero", "matrices equal")  # nothing to see at size one
# the order for bound symbols, whose sizes are mostly known
_BOUND_STYLES = (
    "generic",
    "negative",
    "scalars one, matrices the identity",
    "small and large",
    "generic",
    "scalars zero",
    "a matrix zero",
    "rank deficient",
    "diagonal",
)
_PROPOSALS = 24  # for one name, before the names before it are chosen again
_INCONSISTENT = 3  # proposals that cannot be moved to the solutions of the equations, before one gives up
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
            if isinstance(matrix, (samples, Sample)) and not isinstance(matrix, UnitVector):
                dim = matrix.dim if isinstance(matrix, samples) else matrix.shape[0]
                found.setdefault(matrix.name, Family(matrix.name, dim, matrix.size))
                found |= {k: v for k, v in names_in(dim, matrix.size).items() if k not in found}
            elif matrix is not None:
                for name, symbol in names_in(matrix).items():
                    if isinstance(symbol, UnitVector):
                        continue
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


def name_of(symbol: Any) -> str:
    """The name of a symbol, a family of samples or a potential."""
    return str(symbol.args[0]) if isinstance(symbol, Potential) else symbol.name


# --- declarations -------------------------------------------------------------------------


def allowed(symbol: Any, value: Any) -> bool:
    """Whether a value keeps what a symbol is declared to be: its sign, whole, even, odd; finite where it is real.

    >>> allowed(sp.Symbol("n", positive=True, integer=True), fmpq(1, 2))
    False
    """
    if is_array(value) or not isinstance(symbol, sp.Symbol) or isinstance(symbol, FunctionSymbol):
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
    elif kind < 0.95:
        value = fmpq(random.randint(-9, 9), random.choice([50, 200, 1000]))
    else:
        value = fmpq(random.randint(-9, 9) * random.choice([100, 1000]))
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
        if style == "rank deficient":
            rank = random.randint(1, max(1, min(rows, columns) - 1))
            return product(_integers(rows, rank, random), _integers(rank, columns, random))
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


# --- what the laws of random vectors suppose ----------------------------------------------


@dataclass(frozen=True, repr=False)
class ProperLaw(Relation):
    """The joint covariance of Gaussian vectors is symmetric, and no variance in it negative."""

    vector: GaussianVector

    @property
    def matrices(self) -> tuple[Any, ...]:
        """Means, covariances and the length of the vectors."""
        joint = self.vector.joint
        return (*joint.means, *joint.args[2], self.vector.shape[0])

    def __str__(self) -> str:
        return f"the covariance of {', '.join(self.vector.joint.names)} is positive semidefinite"

    __repr__ = __str__


@truth_evaluator(ProperLaw)
def _is_proper(node: ProperLaw, scene: Scene) -> bool | None:
    joint, length = node.vector.joint, scene.size(node.vector.shape[0])
    count = len(joint.names)
    blocks = []
    for term in joint.args[2]:
        value = scene.value(term)
        blocks.append(value if is_array(value) else identity(length) * value)
    rows = [np.concatenate(blocks[i * count : (i + 1) * count], axis=1) for i in range(count)]
    return _is_semidefinite(np.concatenate(rows, axis=0))


def _is_semidefinite(A: Any) -> bool | None:
    """By elimination from a symmetric matrix: no pivot is negative, and beside a pivot that is zero all is zero."""
    if any(x != y for x, y in zip(A.flat, A.T.flat)):
        return False
    A = A.copy()
    for k in range(A.shape[0]):
        sign = compare(A[k, k], fmpq(0))[0]
        if sign is None or (sign == 0 and not isinstance(A[k, k], fmpq)):
            return None
        if sign < 0 or (sign == 0 and any(x != 0 for x in A[k, k:])):
            return False
        if sign > 0:
            for i in range(k + 1, A.shape[0]):
                A[i] = A[i] - A[k] * (A[i, k] / A[k, k])
    return True


# --- one choice of everything -------------------------------------------------------------


@dataclass(frozen=True)
class Numbering:
    """Symbols that are sizes, and symbols that number samples, entries or places: their first number, how many."""

    sizes: frozenset[Any] = frozenset()
    indices: Mapping[Any, tuple[int, Any]] = field(default_factory=dict)


def layout_of(parts: Iterable[Any]) -> Numbering:
    """What in expressions is a size or an index: of samples, of entries, of unit vectors, of the ranges of sums.

    >>> n, i = sp.symbols("n i")
    >>> layout_of([samples("x", 3, n)[i]]).indices
    {i: (1, n)}
    """
    extents: list[Any] = []
    indices: dict[Any, tuple[int, Any]] = {}
    for part in parts:
        if not isinstance(part, sp.Basic):
            continue
        nodes = part.atoms(sp.MatrixExpr, Total, MatrixElement, Entry)
        numbering = (Sample, MatrixElement, Entry)  # the rest need no order, and large ones are long to write out
        in_order = sorted((node for node in nodes if isinstance(node, numbering)), key=str)
        for node in [*(node for node in nodes if not isinstance(node, numbering)), *in_order]:
            if isinstance(node, (Total, MatrixTotal)):
                extents.append(node.args[2])
            if isinstance(node, sp.MatrixExpr):
                extents.extend(node.shape)
            if isinstance(node, Sample):
                extents.append(node.size)
                numbered = [(node.index, 1, node.size)]
            elif isinstance(node, (MatrixElement, Entry)):
                first = 1 if isinstance(node, Entry) else 0
                numbered = [(number, first, extent) for number, extent in zip(node.args[1:], node.args[0].shape)]
            else:
                continue
            indices |= {number: (first, extent) for number, first, extent in numbered if isinstance(number, sp.Symbol)}
    sizes = {s for extent in extents for s in getattr(extent, "free_symbols", ())} - set(indices)
    return Numbering(frozenset(sizes), indices)


def _flat(conditions: Iterable[Any]) -> Iterator[Any]:
    for condition in conditions:
        condition = condition.value if isinstance(condition, Held) else condition
        if isinstance(condition, sp.And):
            yield from _flat(sorted(condition.args, key=str))
        elif condition != sp.true:
            yield condition


def _is_equation(condition: Any) -> bool:
    return isinstance(condition, (sp.Eq, Relation)) and not isinstance(condition, ProperLaw)


def _is_frame(condition: Any, symbol: Any) -> tuple[bool, bool]:
    """Whether a condition says that the columns (the rows) of a matrix are orthonormal, or that a vector is a unit."""
    if isinstance(condition, Orthonormal):
        if not isinstance(symbol, sp.MatrixSymbol):
            return False, False
        return (True, False) if condition.U == symbol else (condition.U == sp.Transpose(symbol),) * 2
    if isinstance(condition, sp.Eq) and isinstance(symbol, sp.MatrixSymbol) and sp.S.One in condition.args:
        other = condition.rhs if condition.lhs == 1 else condition.lhs
        if other in (sq(symbol), norm(symbol), inner(symbol, symbol)):
            return (True, False) if symbol.shape[1] == 1 else (symbol.shape[0] == 1,) * 2
    return False, False


def _is_normalised(condition: Any, symbol: Any) -> bool:
    return isinstance(condition, Normalised) and condition.U.atoms(sp.MatrixSymbol) == {symbol}


class _Choice:
    """Names to choose, conditions to keep, and what is known already."""

    def __init__(
        self,
        symbols: Sequence[Any],
        conditions: Sequence[Any],
        scene: Scene,
        random: Random,
        style: str,
        generic: frozenset[Any],
        layout: Numbering,
    ) -> None:
        self.symbols, self.scene, self.random, self.style = symbols, scene, random, style
        self.generic, self.indices = generic, layout.indices
        mine = set(map(name_of, symbols))
        self.waits = [(c, set(names_of([c])) & mine) for c in _flat(conditions)]
        shaped = layout_of(s for s in symbols if isinstance(s, sp.MatrixExpr)).sizes
        shaped |= layout.sizes | {s for f in symbols if isinstance(f, Family) for s in sp.Tuple(*f.shape).free_symbols}
        self.sizes = [s for s in symbols if s in shaped]
        self.untold: dict[Any, str] = {}  # conditions that could not be told, and why
        self.first: list[Any] = []  # where the last choices failed
        self.values: dict[Any, Any] = {}
        self.solved: set[Any] = set()  # conditions that hold since an enclosed value solves them
        self.done: set[str] = set()

    def run(self) -> bool:
        """Choose everything once."""
        self.values, self.solved, self.done = {}, set(), set()
        if not self._choose_sizes():
            return False
        for symbol in self._order([s for s in self.symbols if s not in self.sizes]):
            if not self._choose(symbol):
                self.first = [symbol, *(s for s in self.first if s != symbol)]
                return False
        return self._keep([c for c, wait in self.waits if not wait])

    def _here(self) -> Scene:
        return self.scene.within(self.values)

    def _keep(self, conditions: Iterable[Any]) -> bool:
        here = self._here()
        for condition in conditions:
            if condition not in self.solved:
                told = here.judged(condition)
                if told.held is None:
                    self.untold[condition] = told.reason
                    return False
                self.untold.pop(condition, None)
                if not told.held:
                    return False
        return True

    def _order(self, symbols: list[Any]) -> list[Any]:
        """Indices and frames first, then what failed before; another name may be the one that solves an equation."""
        conditions = [c for c, _ in self.waits]
        rest = list(symbols)
        self.random.shuffle(rest)
        rest.sort(key=lambda s: hasattr(s, "shape"))  # scalars before matrices

        def rank(symbol: Any) -> int:
            if symbol in self.indices:
                return 0
            if any(any(_is_frame(c, symbol)) or _is_normalised(c, symbol) for c in conditions):
                return 1
            return 2 + (self.first.index(symbol) if symbol in self.first else len(self.first))

        return sorted(rest, key=rank)

    # --- sizes ---

    def _choose_sizes(self) -> bool:
        for attempt in range(4 * _PROPOSALS):
            self.values |= dict(zip(self.sizes, map(fmpq, self._pool(len(self.sizes), attempt))))
            self.done = {s.name for s in self.sizes}
            if not all(allowed(s, self.values[s]) for s in self.sizes):
                continue
            if self._keep([c for c, wait in self.waits if wait and wait <= self.done]) and self._shaped():
                return True
        return False

    def _pool(self, count: int, attempt: int) -> list[int]:
        first = attempt < _PROPOSALS // 3
        if first and self.style == "sizes one":
            return [1] * count
        if first and self.style == "sizes equal":
            return [self.random.randint(2, 4)] * count
        if first and self.style == "sizes extreme":
            return [self.random.choice([1, _LARGEST]) for _ in range(count)]
        if first and self.style == "generic, sizes distinct" and count < _LARGEST:
            return self.random.sample(range(2, _LARGEST + 1), count)
        if first and self.style in _STRUCTURED:
            return [self.random.choice([2, 3, 3, 4]) for _ in range(count)]
        if attempt < 3 * _PROPOSALS:
            return [self.random.choice([1, 2, 2, 3, 3, 4, 5]) for _ in range(count)]
        return [self.random.randint(1, 3 * _LARGEST) for _ in range(count)]  # the hypotheses seem to want larger ones

    def _shaped(self) -> bool:
        """Whether all shapes are positive, and no frame has more columns than rows."""
        here = self._here()
        for symbol in self.symbols:
            if hasattr(symbol, "shape"):
                rows, columns = map(here.size, symbol.shape)
                if rows < 1 or columns < 1:
                    return False
                for condition, _ in self.waits:
                    across, along = _is_frame(condition, symbol)
                    across = across or (isinstance(symbol, RandomMatrix) and symbol.law == "frame")
                    if rows > columns if along else across and columns > rows:
                        return False
                    if _is_normalised(condition, symbol):
                        tall = rows <= columns if isinstance(condition.U, sp.Transpose) else columns <= rows
                        if not tall:
                            return False
        return True

    # --- one name ---

    def _choose(self, symbol: Any) -> bool:
        key, name = key_of(symbol), name_of(symbol)
        self.done.add(name)
        if isinstance(symbol, Potential):
            self.values[key] = self.random.randrange(10**6)
            return True
        ready = [c for c, wait in self.waits if name in wait and wait <= self.done]
        frames = [c for c in ready if any(_is_frame(c, symbol))]
        equations = [c for c in ready if _is_equation(c) and c not in frames]
        inconsistent = 0
        for attempt in range(_PROPOSALS):
            self.values[key] = self._proposal(symbol, frames, attempt, ready)
            if equations and not self._solve(symbol, key, equations):
                inconsistent += 1
                if inconsistent == _INCONSISTENT:
                    break
                continue
            if allowed(symbol, self.values[key]) and self._keep(ready):
                return True
        self.values.pop(key, None)
        return False

    def _proposal(self, symbol: Any, frames: list[Any], attempt: int, ready: list[Any]) -> Any:
        first = attempt == 0 and symbol not in self.generic
        if symbol in self.indices:
            start, count = self.indices[symbol]
            return fmpq(start + self.random.randrange(max(1, self._here().size(count))))
        if isinstance(symbol, FunctionSymbol):
            return a_function(self.random)
        if not hasattr(symbol, "shape"):
            if first and self.style == "scalars equal" and not symbol.is_integer:
                scalars = (s for s in self.values if isinstance(s, sp.Symbol) and not s.is_integer)
                known = [v for s in scalars if isinstance(v := self.values[s], fmpq)]
                return known[0] if known else fmpq(self.random.randint(1, 9), self.random.choice([1, 2, 3, 4, 5, 7]))
            if attempt % 4 == 3 and (within := self._within(symbol, ready)) is not None:
                return fmpq(within.ceil()) if symbol.is_integer else within
            if symbol in self.generic:  # a large denominator meets no special value by chance
                value = fmpq(self.random.randint(-9973, 9973), 3331)
                return abs(value) if symbol.is_nonnegative else value
            return _scalar(symbol, self.style, self.random, first)
        rows, columns = map(self._here().size, symbol.shape)
        if isinstance(symbol, RandomMatrix) and symbol.law == "frame":
            return _frame(rows, columns, self.random)
        if frames:
            along = any(_is_frame(c, symbol)[1] for c in frames)
            return _frame(columns, rows, self.random).T if along else _frame(rows, columns, self.random)
        if first and self.style == "matrices equal":
            same = [v for v in self.values.values() if is_array(v) and v.shape == (rows, columns)]
            if same:
                return same[0]
        if attempt == 0 and symbol in self.generic:
            matrix = _filled(rows, columns, lambda: fmpq(self.random.randint(-9973, 9973), 3331))
        else:
            matrix = _matrix(rows, columns, self.style, self.random, first)
        for condition in ready:  # what the equations would come to as well, after a trial for every entry
            if isinstance(condition, Symmetric) and condition.A == symbol:
                matrix = (matrix + matrix.T) * fmpq(1, 2)
            elif isinstance(condition, Diagonal) and condition.A == symbol:
                matrix = matrix * identity(rows)
        return matrix

    # --- equations and inequalities ---

    def _at(self, key: Any, value: Any) -> Scene:
        return self.scene.within({**self.values, key: value})

    def _within(self, symbol: Any, ready: list[Any]) -> Any:
        """A number in the interval left by the inequalities that are affine in a scalar; None where they leave all."""
        low, high = (fmpq(0) if symbol.is_nonnegative else None), (fmpq(0) if symbol.is_nonpositive else None)
        for condition in ready:
            if not isinstance(condition, _ORDERED):
                continue
            try:
                zero, one, two = (_defect(condition, self._at(symbol, fmpq(x)))[0] for x in range(3))
            except Unknown:
                continue
            slope = one - zero
            if slope == 0 or two - one != slope:
                continue
            end = -zero / slope
            if (slope > 0) == (condition.rel_op in (">", ">=")):
                low = end if low is None else max(low, end)
            else:
                high = end if high is None else min(high, end)
        if low is None and high is None:
            return None
        share = fmpq(self.random.choice([1, 30, 250, 500, 750, 970, 999]), 1000)
        if low is None:
            return high - share * self.random.choice([1, 10])
        return low + share * (self.random.choice([1, 10]) if high is None else high - low)

    def _solve(self, symbol: Any, key: Any, equations: list[Any]) -> bool:
        """Move the proposal to the solutions of the equations: affine in it, solved for it, or zeros in one number."""
        if self._solve_affine(key, equations):
            return True
        for condition in equations:
            if isinstance(condition, sp.Eq) and isinstance(symbol, sp.Basic) and symbol in condition.args:
                other = condition.rhs if condition.lhs == symbol else condition.lhs
                if name_of(symbol) not in names_of([other]):
                    try:
                        self.values[key] = self._here().value(other)
                    except Unknown:
                        return False
                    self.solved.add(condition)
                    return self._keep(equations)
        if hasattr(symbol, "shape") or len(equations) > 1:
            return False
        kept = [value for value in self._zeros(symbol, equations[0]) if allowed(symbol, value)]
        if kept:
            self.values[symbol] = self.random.choice(kept)
            self.solved.add(equations[0])
        return bool(kept)

    def _solve_affine(self, key: Any, equations: list[Any]) -> bool:
        start = self.values[key]
        entries = list(start.flat) if is_array(start) else [start]

        def residual(point: list[Any]) -> list[Any]:
            value: Any = point[0]
            if is_array(start):
                value = zeros(*start.shape)
                for place, entry in zip(np.ndindex(start.shape), point):
                    value[place] = entry
            self.values[key] = value
            here = self._here()
            return [r for c in equations for r in _defect(c, here)]

        try:
            at_start = residual(entries)
            if all(r == 0 for r in at_start):
                return True
            columns = []
            for k in range(len(entries)):
                moved = [*entries[:k], entries[k] + 1, *entries[k + 1 :]]
                columns.append([b - a for a, b in zip(at_start, residual(moved))])
            step = _solution(columns, [-r for r in at_start])
            return step is not None and all(r == 0 for r in residual([x + s for x, s in zip(entries, step)]))
        except Unknown:
            return False

    def _zeros(self, symbol: Any, equation: Any) -> list[Any]:
        """Numbers that solve an equation, enclosed: real zeros of a polynomial, or what is known of `Zeros`."""
        try:
            if (polynomial := self._polynomial(symbol, equation)) is not None:
                return _real_zeros(polynomial)
            return list(self._here().value(Zeros(equation.lhs - equation.rhs, symbol)))
        except (Unknown, TypeError, AttributeError):  # an equation of matrices, or one that is not solved here
            return []

    def _polynomial(self, symbol: Any, equation: Any) -> Any:
        """The polynomial of low degree that an equation is in a number, found by its values; None where it is none."""
        points = [fmpq(k) for k in range(_DEGREE + 3)]
        values = [_defect(equation, self._at(symbol, x))[0] for x in points]
        found = fmpq_poly([0])
        newton = fmpq_poly([1])
        for x, value in zip(points[:-2], values):
            found += newton * ((value - found(x)) / newton(x))
            newton *= fmpq_poly([-x, 1])
        return found if all(found(x) == value for x, value in zip(points[-2:], values[-2:])) else None


_DEGREE = 6  # of polynomials that are solved


def _real_zeros(polynomial: Any) -> list[Any]:
    if polynomial.degree() < 1:
        return []
    rational = [root for root, _ in polynomial.roots()]
    for root in rational:
        while polynomial(root) == 0:
            polynomial //= fmpq_poly([-root, 1])
    return rational + [z.real for z, _ in polynomial.complex_roots() if z.imag == 0]


_ORDERED = (sp.StrictLessThan, sp.LessThan, sp.StrictGreaterThan, sp.GreaterThan)


@lru_cache(maxsize=256)
def _vanishing(relation: Relation) -> tuple[Any, ...]:
    return relation.defect()


def _defect(condition: Any, scene: Scene) -> list[Any]:
    """Exact numbers that vanish where an equation holds; of an inequality, left less right."""
    if isinstance(condition, Diagonal):
        A = scene.value(condition.A)
        return _exact([A[i, j] for i, j in np.ndindex(A.shape) if i != j])
    if isinstance(condition, Relation):
        parts = [scene.value(part) for part in _vanishing(condition)]
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
    entries = [x for i in range(equations) for x in [*(c[i] for c in columns), right[i]]]
    reduced, rank = fmpq_mat(equations, unknowns + 1, entries).rref()
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
    style: str,
    generic: Iterable[Any] = (),
    layout: Numbering | None = None,
    rounds: int = _ROUNDS,
    untold: dict[Any, str] | None = None,
) -> dict[Any, Any] | None:
    """Values of the symbols that keep the conditions, in a style where that is possible; None where none are found.

    `generic` symbols take no special values; `layout` says what is a size or an index besides the shapes of symbols.
    Conditions that could not be told go into `untold`, with the reason.  Chance is that of the scene.
    """
    choice = _Choice(symbols, conditions, scene, scene.random, style, frozenset(generic), layout or Numbering())
    choice.untold = choice.untold if untold is None else untold
    for round_number in range(rounds):
        if 3 * round_number > rounds:  # the hypotheses seem to forbid it
            choice.style = "generic"
        if choice.run():
            return {**choice.values, **({Special.SOLVED: frozenset(choice.solved)} if choice.solved else {})}
    return None


def kept_values(
    symbols: Sequence[Any],
    conditions: Sequence[Any],
    scene: Scene,
    count: int,
    generic: bool = False,
    said: Sequence[Any] = (),
) -> Iterator[Mapping[Any, Any]]:
    """Up to `count` choices for bound symbols, in all styles."""
    layout = layout_of([*conditions, *said])
    for k in range(count):
        style = "generic" if generic else _BOUND_STYLES[k % len(_BOUND_STYLES)]
        values = propose(symbols, conditions, scene, style, symbols if generic else (), layout, _ROUNDS // 4)
        if values is not None:
            yield values
