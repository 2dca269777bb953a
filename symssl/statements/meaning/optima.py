"""Minima, maxima, infima and suprema: local searches from many starts, polished in many digits; always an estimate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq
from sympy import And, Eq, Symbol, oo
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan

from ...language.dynamics import Held
from ...language.relations import Diagonal, Orthonormal, Symmetric
from ...language.scalars import norm, sq
from ...language.terms import Optimum
from .derivatives import Tracked
from .floats import Floats
from .functions import Coordinates, Function, Opaque
from .limits import settled
from .scene import Scene, Unknown, evaluator

__all__ = ["OptimumProblem"]

STARTS = 14
FLOAT_BITS = 64
DEEP = 1e10  # a value beyond which the term is taken to be unbounded
WIDE = 1e4  # an argument beyond which a search is taken to run away
ACTIVE = 1e-6  # an inequality that is met up to this binds
STEP = fmpq(1, 2**80)  # of difference quotients in many digits


class OptimumProblem:
    """A term over coordinates with conditions, as functions of floats and of balls.

    The parameters are the free entries of the variables: symmetric and diagonal matrices have fewer than entries.
    """

    def __init__(self, node: Any, scene: Scene) -> None:
        self.term, self.names, kind = node.args[0], tuple(node.args[1]), str(node.args[3])
        self.sign = -1 if kind in ("max", "sup") else 1
        self.scene = scene
        self.coordinates = Coordinates(self.names, scene)
        self.slots = list(range(self.coordinates.count))
        self.frames: list[tuple[int, tuple[int, int], bool]] = []
        equalities: list[Any] = []
        self.inequalities: list[Any] = []
        self.strict: list[bool] = []
        for condition in node.args[2]:
            self._take(condition, equalities)
        for name in self.names:
            if isinstance(name, Symbol):
                self._take_sign(name)
        self.equalities = equalities
        used = sorted({slot for slot in self.slots if slot >= 0})
        self.place = {slot: k for k, slot in enumerate(used)}
        self.count = len(used)
        self.function = Function(self._evaluated, self.coordinates, scene)
        self.rough = Function(self._evaluated, self.coordinates, scene, FLOAT_BITS)
        self._table = Floats.of(self.function)
        middle = [arb(fmpq(2 * k + 3, 7)) for k in range(self.coordinates.count)]
        self.bound_from = len(Function(self._equal, self.coordinates, scene)(middle))  # equalities, entry by entry

    # --- conditions ----------------------------------------------------------------------------

    def _take(self, condition: Any, equalities: list[Any]) -> None:
        if isinstance(condition, And):
            for part in condition.args:
                self._take(part, equalities)
        elif isinstance(condition, Held):
            self._take_relation(condition.value, equalities)
        elif isinstance(condition, Eq):
            equalities.append(condition.lhs - condition.rhs)
        elif isinstance(condition, (GreaterThan, StrictGreaterThan, LessThan, StrictLessThan)):
            self._bound(_margin(condition), isinstance(condition, (StrictGreaterThan, StrictLessThan)))
        else:
            raise Unknown(f"an optimum under {condition} is not looked for")

    def _bound(self, positive: Any, strict: bool) -> None:
        self.inequalities.append(positive)
        self.strict.append(strict)

    def _take_sign(self, name: Any) -> None:
        if name.is_integer:
            raise Unknown(f"an optimum over whole numbers {name} is not looked for")
        if name.is_nonnegative:
            self._bound(name, bool(name.is_positive))
        elif name.is_nonpositive:
            self._bound(-name, bool(name.is_negative))

    def _take_relation(self, relation: Any, equalities: list[Any]) -> None:
        matrix = relation.matrices[0]
        symbol = matrix if matrix in self.names else getattr(matrix, "arg", None)
        if symbol not in self.names or not isinstance(relation, (Symmetric, Diagonal, Orthonormal)):
            equalities.extend(relation.defect())
            return
        begin, (rows, columns) = self._block(symbol)
        if isinstance(relation, Orthonormal):
            self.frames.append((begin, (rows, columns), symbol is not matrix))
            return
        for i in range(rows):
            for j in range(columns):
                if i != j and isinstance(relation, Diagonal):
                    self.slots[begin + i * columns + j] = -1
                elif i > j:
                    self.slots[begin + i * columns + j] = self.slots[begin + j * columns + i]

    def _block(self, symbol: Any) -> tuple[int, tuple[int, int]]:
        place = 0
        for name, shape in zip(self.names, self.coordinates.shapes):
            if name == symbol:
                assert shape is not None  # relations are between matrices
                return place, shape
            place += 1 if shape is None else shape[0] * shape[1]
        raise Unknown(f"{symbol} is no variable of the optimum")  # pragma: no cover - asked of variables only

    # --- values ----------------------------------------------------------------------------------

    def _evaluated(self, there: Scene) -> Iterator[Any]:
        yield there.value(self.term) * self.sign
        yield from self._equal(there)
        yield from (there.value(term) for term in self.inequalities)

    def _equal(self, there: Scene) -> Iterator[Any]:
        """What vanishes: the sides of equations, and of frames ``U^T U - I`` on and below the diagonal."""
        yield from (there.value(term) for term in self.equalities)
        values = self.coordinates.flat({name: there.value(name) for name in self.names})
        for begin, (rows, columns), transposed in self.frames:
            U = np.array(values[begin : begin + rows * columns], dtype=object).reshape(rows, columns)
            U = U.T if transposed else U
            for i in range(U.shape[1]):
                for j in range(i + 1):
                    yield sum((U[k, i] * U[k, j] for k in range(U.shape[0])), fmpq(-int(i == j)))

    def spread(self, parameters: Sequence[Any], zero: Any) -> list[Any]:
        """The coordinates at parameters."""
        return [zero if slot < 0 else parameters[self.place[slot]] for slot in self.slots]

    def at(self, parameters: Any) -> Any:
        """Objective, equalities and inequalities in floats."""
        point = self.spread([float(x) for x in parameters], 0.0)
        if self._table is not None:
            return self._table(np.array(point))
        try:
            return np.array([float(arb(f).mid()) for f in self.rough([arb(x) for x in point])])
        except (Unknown, OverflowError):
            return np.full(self.size, np.nan)

    def slopes(self, parameters: Any) -> Any:
        """Derivatives by the parameters, of a polynomial problem."""
        assert self._table is not None
        full = self._table.slopes(np.array(self.spread([float(x) for x in parameters], 0.0)))
        out = np.zeros((full.shape[0], self.count))
        for k, slot in enumerate(self.slots):
            if slot >= 0:
                out[:, self.place[slot]] += full[:, k]
        return out

    def exactly(self, parameters: Sequence[Any]) -> list[Any]:
        """The same as `at` in many digits."""
        return [arb(f) for f in self.function(self.spread(list(parameters), fmpq(0)))]

    @property
    def size(self) -> int:
        """How many functions there are."""
        return 1 + self.bound_from + len(self.inequalities)

    @property
    def polynomial(self) -> bool:
        """Whether all of it is."""
        return self._table is not None

    def starts(self) -> Iterator[Any]:
        """Random parameters on several scales, on the frames where there are such."""
        random = np.random.default_rng(self.scene.random.getrandbits(32))
        for k in range(STARTS):
            point = random.normal(size=self.coordinates.count) * (0.3, 1.0, 3.0)[k % 3]
            for begin, (rows, columns), transposed in self.frames:
                U = np.linalg.qr(random.normal(size=(columns, rows) if transposed else (rows, columns)))[0]
                point[begin : begin + rows * columns] = (U.T if transposed else U).ravel()
            place = 0
            for name, shape in zip(self.names, self.coordinates.shapes):
                if shape is None and name.is_nonnegative:
                    point[place] = abs(point[place])
                elif shape is None and name.is_nonpositive:
                    point[place] = -abs(point[place])
                place += 1 if shape is None else shape[0] * shape[1]
            parameters = np.zeros(self.count)
            for slot, where in self.place.items():
                parameters[where] = point[slot]
            yield parameters


def _margin(condition: Any) -> Any:
    """What a comparison says is positive; the length of a matrix is compared by its square, a polynomial."""
    small, great = condition.lts, condition.gts
    if isinstance(small, norm) and great.is_nonnegative:
        return great**2 - sq(small.args[0])
    return great - small


# --- searches ----------------------------------------------------------------------------------


def _searches(problem: OptimumProblem) -> list[Any]:
    """Where local searches end, the best first."""
    from scipy.optimize import minimize

    equal = problem.bound_from
    constraints: list[dict[str, Any]] = []
    for kind, rows in (("eq", slice(1, 1 + equal)), ("ineq", slice(1 + equal, None))):
        if len(range(problem.size)[rows]):
            one: dict[str, Any] = {"type": kind, "fun": lambda z, rows=rows: problem.at(z)[rows]}
            if problem.polynomial:
                one["jac"] = lambda z, rows=rows: problem.slopes(z)[rows]
            constraints.append(one)
    ends = []
    for start in problem.starts():
        with np.errstate(all="ignore"):
            found = minimize(
                lambda z: problem.at(z)[0],
                start,
                jac=(lambda z: problem.slopes(z)[0]) if problem.polynomial else None,
                method="SLSQP",
                constraints=constraints,
                options={"maxiter": 200, "ftol": 1e-15},
            )
            values = problem.at(found.x)
        kept = np.all(np.abs(values[1 : 1 + equal]) < 1e-6) and np.all(values[1 + equal :] > -1e-7)
        if np.isfinite(values[0]) and kept:
            ends.append((float(values[0]), found.x))
        elif problem.size == 1 or (kept and values[0] == -np.inf):  # else the search has left the conditions
            ends.append((-np.inf, found.x))
    return sorted(ends, key=lambda end: end[0])


def _lined(problem: OptimumProblem) -> list[Any]:
    """The same for one parameter: on a grid of all scales, narrowed at every place lower than its neighbours."""
    from scipy.optimize import minimize_scalar

    scales = [2.0 ** (k / 3) for k in range(-24, 31)]
    grid = sorted([-s for s in scales] + [0.0] + scales)

    def kept(z: float) -> bool:
        values = problem.at([z])
        return bool(np.isfinite(values[0]) and np.all(values[1 + problem.bound_from :] >= 0))

    fits = [kept(z) for z in grid]
    borders = [
        _border(kept, *((a, b) if fits[k] else (b, a)))
        for k, (a, b) in enumerate(pairwise(grid))
        if fits[k] != fits[k + 1]
    ]
    places = sorted([z for z, fit in zip(grid, fits) if fit] + borders)
    table = [(z, float(problem.at([z])[0])) for z in places]
    ends = []
    for k, (z, f) in enumerate(table):
        left, right = table[max(k - 1, 0)], table[min(k + 1, len(table) - 1)]
        if f <= left[1] and f <= right[1]:
            ends.append((f, np.array([z])))
            if left[0] < z < right[0]:
                found = minimize_scalar(
                    lambda t: problem.at([t])[0], bounds=(left[0], right[0]), method="bounded", options={"xatol": 1e-11}
                )
                if np.isfinite(found.fun):
                    ends.append((float(found.fun), np.array([found.x])))
    return sorted(ends, key=lambda end: end[0])


def _border(kept: Callable[[float], bool], inside: float, outside: float) -> float:
    """The last number on the way outside that keeps the conditions."""
    for _ in range(80):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return inside


def _polished(problem: OptimumProblem, start: Any) -> tuple[Any, Any, list[Any]]:
    """Value, error and point in many digits, by Newton's method for the conditions of Karush, Kuhn and Tucker.

    The matrix of the method is had in floats once, the residuals in many digits, so that every round gains some.
    """
    n, equal = problem.count, problem.bound_from
    values = problem.at(start)
    binding = [i for i in range(1 + equal, problem.size) if values[i] < ACTIVE * max(1.0, np.abs(start).max())]
    rows = [*range(1, 1 + equal), *binding]
    point = [arb(float(x)) for x in start]

    def slopes(z: Sequence[Any]) -> Any:
        columns = []
        for k in range(n):
            ahead, behind = ([x + side * STEP * (k == j) for j, x in enumerate(z)] for side in (1, -1))
            columns.append([(a - b) / (2 * STEP) for a, b in zip(problem.exactly(ahead), problem.exactly(behind))])
        return [[columns[k][i].mid() for k in range(n)] for i in [0, *rows]]

    def lagrangian(first: Any, weights: Any) -> list[Any]:
        return [first[0][k] - sum((w * first[i + 1][k] for i, w in enumerate(weights)), arb(0)) for k in range(n)]

    first = slopes(point)
    J = np.array([[float(x) for x in row] for row in first[1:]]).reshape(len(rows), n)
    gradient = np.array([float(x) for x in first[0]])
    weights = [arb(float(w)) for w in (np.linalg.lstsq(J.T, gradient, rcond=1e-9)[0] if len(rows) else [])]
    H = np.zeros((n, n))
    shift = fmpq(1, 2**20)
    for k in range(n):
        moved = lagrangian(slopes([x + shift * (k == j) for j, x in enumerate(point)]), weights)
        still = lagrangian(first, weights)
        H[:, k] = [float((a - b) / shift) for a, b in zip(moved, still)]
    matrix = np.block([[(H + H.T) / 2, -J.T], [J, np.zeros((len(rows), len(rows)))]])
    inverse = np.linalg.pinv(matrix, rcond=1e-7)
    before = problem.exactly(point)[0]
    for _ in range(24):
        now = problem.exactly(point)
        residual = [*lagrangian(slopes(point), weights), *(now[i] for i in rows)]
        scale = max(float(abs(r).mid()) for r in residual)
        step = inverse @ np.array([float((r / scale).mid()) if scale else 0.0 for r in residual])
        point = [(x - arb(float(s)) * scale).mid() for x, s in zip(point, step[:n])]
        weights = [(w - arb(float(s)) * scale).mid() for w, s in zip(weights, step[n:])]
        before = now[0]
        if scale < 2.0**-110:
            break
    after = problem.exactly(point)
    error = 4 * abs(after[0] - before) + abs(after[0]) * arb(2) ** -120
    return after[0], error, point


@evaluator(Optimum)
def _optimum(node: Any, scene: Scene) -> Any:
    kind = str(node.args[3])
    if any(isinstance(v, Tracked) for v in _parameters(node, scene)):
        raise Opaque("derivatives do not go through an optimum")
    problem = OptimumProblem(node, scene)
    if problem.count == 0:
        return problem.exactly([])[0] * problem.sign
    one = problem.count == 1 and not problem.bound_from
    ends = _lined(problem) if one else _searches(problem)
    if not ends:
        raise Unknown(f"no point that keeps the conditions of the {kind} was found")
    scene.estimate(f"the best of {len(ends)} local searches is taken for the {kind}")
    value, point = ends[0]
    far = _far_value(problem, point) if np.abs(point).max() > (2.0**9 if one else WIDE) else None
    if not np.isfinite(value) or value < -DEEP or far is -oo:
        if kind in ("min", "max"):
            raise Unknown(f"there is no {kind}: the term is unbounded")
        return -oo if problem.sign == 1 else oo
    if far is not None:
        if kind in ("min", "max"):
            raise Unknown(f"there is no {kind}: the bound is approached at infinity only")
        return far * problem.sign
    with ctx.workprec(max(scene.bits, 256)):
        best, error, place = _polished(problem, point)
        if not best.is_finite() or float(abs(best.mid() - value)) > 1e-5 * max(1.0, abs(value)):
            best, error = arb(value), arb(1e-7 * max(1.0, abs(value)))
        elif kind in ("min", "max"):
            _check_attained(problem, place, kind)
        return arb(best.mid(), (error + best.rad()).upper()) * problem.sign


def _parameters(node: Any, scene: Scene) -> Iterator[Any]:
    for name in node.free_symbols:
        value = scene.values.get(name)
        yield from value.flat if isinstance(value, np.ndarray) else [value]


def _check_attained(problem: OptimumProblem, point: Sequence[Any], kind: str) -> None:
    values = problem.exactly(point)[1 + problem.bound_from :]
    for strict, value in zip(problem.strict, values):
        if strict and float(value.mid()) < ACTIVE**2:
            raise Unknown(f"there is no {kind}: the bound is approached at a strict inequality only")


def _far_value(problem: OptimumProblem, point: Any) -> Any:
    """The limit along the ray through a point to which a search has run away; None where it leads nowhere lower."""
    values = []
    for k in range(24):
        try:
            found = problem.exactly([arb(float(x)) * 2**k for x in point])
        except Unknown:
            break
        if any(bool(abs(v).lower() > 1e-6) for v in found[1 : 1 + problem.bound_from]):
            return None
        values.append(found[0])
    try:
        limit, error = settled(values)
    except Unknown:
        return None
    if limit is oo or limit is -oo:
        return -oo if limit is -oo else None
    if float(limit) > float(values[0].mid()) + float(error):
        return None
    return arb(limit.mid(), error.upper())
