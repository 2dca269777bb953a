"""Explicit matrices that keep relations, and whether a condition fails there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Ge,
    ImmutableMatrix,
    Integer,
    Lambda,
    Le,
    Lt,
    MatAdd,
    MatrixBase,
    MatrixSymbol,
    Or,
    Rational,
    Symbol,
    eye,
    nan,
    oo,
    zoo,
)

from ..errors import InputError, Refusal, Undecided
from ..language.functions import Apply
from ..language.operators import MatrixTotal, Total
from ..language.relations import Orthonormal
from ..language.sample_vectors import Sample
from ..language.scalars import inner, norm, sq
from ..language.terms import Eigenvalue
from ..language.unit_vectors import UnitVector
from .facts import decided, rebuilt

__all__ = ["explicit_points", "fails_at", "with_functions", "with_samples"]


def with_samples(expr: Any, values: Mapping[Any, Any], data: Mapping[str, Any]) -> Any:
    """An expression with sums over samples written out and the samples at their values, columns of explicit matrices.

    The values of sizes tell how many samples there are.
    """
    if not data or not isinstance(expr, Basic):
        return expr
    sizes = {symbol: value for symbol, value in values.items() if isinstance(symbol, Symbol) and value.is_Integer}
    return _with_columns(expr.xreplace(sizes), data)


def with_functions(expr: Any) -> Any:
    """An expression with functions that are given applied to numbers, and to matrices where they are linear."""
    if not isinstance(expr, Basic) or not expr.args or not expr.has(Apply):
        return expr
    expr = rebuilt(expr, [with_functions(arg) for arg in expr.args])
    if not isinstance(expr, Apply) or not isinstance(expr.function, Lambda):
        return expr
    (variable,), body = expr.function.signature, expr.function.expr
    body = body.diff(variable, expr.order) if expr.order else body
    if not getattr(expr.term, "is_Matrix", False):
        return body.xreplace({variable: expr.term})
    slope = body.diff(variable)
    linear = not slope.has(variable) and body.subs(variable, 0) == 0
    return slope * expr.term if linear else expr


def _with_columns(expr: Any, data: Mapping[str, Any]) -> Any:
    if isinstance(expr, Sample):
        return _column(expr, data) if expr.name in data and expr.index.is_Integer else expr
    if not isinstance(expr, Basic) or not expr.args:
        return expr
    if isinstance(expr, (Total, MatrixTotal)) and expr.args[2].is_Integer:
        return _with_columns(_written_out(expr, data), data)
    return rebuilt(expr, [_with_columns(arg, data) for arg in expr.args])


def _written_out(node: Any, data: Mapping[str, Any]) -> Any:
    summand, index, number = node.args
    parts = []
    for k in range(1, int(number) + 1):
        told = {s: _column(s, data, k) for s in summand.atoms(Sample) if s.index == index and s.name in data}
        parts.append(summand.xreplace(told).xreplace({index: Integer(k)}))
    return MatAdd(*parts) if getattr(summand, "is_Matrix", False) else Add(*parts)


def _column(node: Any, data: Mapping[str, Any], k: Any = None) -> Any:
    place = int(node.index if k is None else k) - 1
    return data[node.name][:, place]


def explicit_points(symbols: Sequence[Any], given: Sequence[Any]) -> Iterator[dict[Any, Any]]:
    """Some values of matrices of stated sizes: of any, of those in a ball, and of those with orthonormal columns.

    The points lie inside the ball, so that it has more of them around each.
    """
    orthonormal = {h.matrices[0] for h in given if isinstance(h, Orthonormal)}
    if any(h.matrices[0] not in symbols for h in given if isinstance(h, Orthonormal)):
        return
    balls = [h for h in given if not isinstance(h, Orthonormal)]
    if any(not isinstance(h, (Le, Lt)) or not h.rhs.is_positive or h.lhs.args[0] not in symbols for h in balls):
        return
    if any(not _is_size(h.lhs) or h.lhs.args[0] in orthonormal for h in balls):
        return
    if any(not isinstance(A, MatrixSymbol) or not all(size.is_Integer for size in A.shape) for A in symbols):
        return
    choices = [_frames(A) if A in orthonormal else _matrices(A) for A in symbols]
    for values in product(*choices):
        point = dict(zip(symbols, values))
        for h in balls:
            size = norm(point[h.lhs.args[0]])  # no singular value is greater
            point[h.lhs.args[0]] *= h.rhs / (2 * (1 + _number(size)))
        yield {symbol: value.as_immutable() for symbol, value in point.items()}


def _is_size(node: Any) -> bool:
    """Whether this is the norm or the largest singular value of a matrix."""
    return isinstance(node, norm) or (
        isinstance(node, Eigenvalue) and tuple(map(str, node.args[1:])) == ("1", "singular")
    )


def _frames(A: Any) -> list[Any]:
    """Columns of the identity, and of it turned in its first plane by the angle of the triangle 3, 4, 5."""
    rows, columns = map(int, A.shape)
    if columns > rows:
        return []
    turned = eye(rows)
    if rows > 1:
        turned[:2, :2] = ImmutableMatrix([[3, -4], [4, 3]]) * Rational(1, 5)
    return [ImmutableMatrix(M[:, :columns]) for M in (eye(rows), turned)[: 2 if rows > 1 else 1]]


def _matrices(A: Any) -> list[Any]:
    rows, columns = map(int, A.shape)
    return [ImmutableMatrix(rows, columns, lambda i, j: int(i == j)), ImmutableMatrix(rows, columns, lambda i, j: 1)]


def fails_at(body: Any, point: dict[Any, Any]) -> bool:
    """Whether a combination of comparisons fails at explicit matrices, all terms being defined there."""
    if isinstance(body, And):
        return any(fails_at(part, point) for part in body.args)
    if isinstance(body, Or):
        return all(fails_at(part, point) for part in body.args)
    if not isinstance(body, (Eq, Le, Ge)):
        return False
    try:
        sides = [_explicit(side, point) for side in body.args]
        if all(isinstance(side, MatrixBase) for side in sides):
            gap = (sides[0] - sides[1]).applyfunc(lambda entry: entry.expand())
            return not gap.free_symbols and not gap.has(MatrixSymbol) and bool(gap != gap * 0)
        return not any(side.has(zoo, nan, oo) for side in sides) and decided(rebuilt(body, sides), ())[0] is False
    except (Refusal, InputError, Undecided, ZeroDivisionError, TypeError):
        return False


def _explicit(side: Any, point: dict[Any, Any]) -> Any:
    from .rules.derivation import value_of

    side = _with_columns(side.xreplace(point), {})
    units = {u: eye(int(u.size))[:, int(u.index) - 1].as_immutable() for u in side.atoms(UnitVector)}
    here = side.xreplace(units).doit()
    if isinstance(here, MatrixBase) or getattr(here, "is_Matrix", False):
        return here.as_explicit()
    here = here.replace(lambda node: isinstance(node, (inner, norm, sq)), _number)
    return value_of(here, ())[0]


def _number(node: Any) -> Any:
    first, last = (part.doit().as_explicit() for part in (node.args[0], node.args[-1]))
    square = (first.T * last).trace()
    return square ** Rational(1, 2) if isinstance(node, norm) else square
