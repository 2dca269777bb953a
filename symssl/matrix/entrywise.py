"""Equality at concrete sizes: expand into entries and compare polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce as fold
from operator import add, mul
from typing import Any

from sympy import (
    Basic,
    Dummy,
    Expr,
    Identity,
    ImmutableMatrix,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixSymbol,
    S,
    Symbol,
    Trace,
    ZeroMatrix,
    cancel,
    sqrt,
    together,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.operators import BINDERS, MatrixStopGradient, StopGradient
from ..language.relations import Diagonal, Relation, Symmetric
from ..language.scalars import Potential, PotentialGradient, cosine, inner, norm, sq
from ..support.arguments import instance_of, mapping_of
from .exact_instances import sizes_of

__all__ = ["entry_rates", "equal_entrywise", "explicit_value"]

_MAX_ENTRIES = 40  # rational functions in more variables take too long


def equal_entrywise(a: Basic, b: Basic, where: Iterable[Relation] = ()) -> bool:
    """Whether a == b is proved entry by entry; a negative answer means nothing.

    Sizes must be concrete, and the relations such that entries parametrise
    them (symmetric, diagonal).
    """
    where = tuple(where)
    if (
        sizes_of(a, b)
        or a.atoms(*BINDERS, Potential, PotentialGradient)
        or b.atoms(*BINDERS, Potential, PotentialGradient)
        or not all(isinstance(r, (Symmetric, Diagonal)) for r in where)
    ):
        return False
    matrices = a.atoms(MatrixSymbol) | b.atoms(MatrixSymbol)
    if sum(A.rows * A.cols for A in matrices) > _MAX_ENTRIES:
        return False
    kind = {A: type(r) for r in where for A in r.matrices}
    values = {A: _entries(A, kind.get(A)) for A in matrices}
    gap = _value(a, values) - _value(b, values)
    return all(cancel(together(x)) == 0 for x in (gap if isinstance(gap, MatrixBase) else [gap]))


def explicit_value(expr: Any, values: Mapping[MatrixSymbol, MatrixBase]) -> Any:
    """A scalar or matrix expression with an explicit matrix in place of every matrix symbol.

    Symbolic sizes are read off the shapes; the entries may be symbols.

    >>> from sympy import Matrix, MatrixSymbol, symbols
    >>> n, a, b = symbols("n a b")
    >>> v = MatrixSymbol("v", n, 1)
    >>> explicit_value(sq(v)*v, {v: Matrix([a, b])})
    Matrix([
    [a*(a**2 + b**2)],
    [b*(a**2 + b**2)]])
    """
    expr, values = as_expression(expr, "expr"), mapping_of("values", values, "matrix symbols to explicit matrices")
    sizes: dict[Expr, int] = {}
    for A, value in values.items():
        instance_of("a key of values", A, MatrixSymbol)
        instance_of(f"the value of {A}", value, MatrixBase, "an explicit matrix")
        for symbolic, actual in zip(A.shape, value.shape):
            known = sizes.setdefault(symbolic, actual) if symbolic.is_Symbol else symbolic.subs(sizes)
            if known != actual:
                raise InputError(
                    f"{A} is {A.shape[0]} x {A.shape[1]}, which {value.shape[0]} x {value.shape[1]} does not fit"
                )
    if missing := sorted(map(str, expr.atoms(MatrixSymbol) - set(values))):
        raise InputError(f"values gives no explicit matrix to {', '.join(missing)}")
    if expr.atoms(*BINDERS, Potential, PotentialGradient):
        raise Refusal("expectations, sums over samples and potentials have no entries", expr)
    return _value(expr.subs(sizes), {A.subs(sizes): value.as_immutable() for A, value in values.items()})


def entry_rates(rhs: Mapping[MatrixSymbol, Any], matrices: Mapping[MatrixSymbol, MatrixBase]) -> dict[Symbol, Expr]:
    """The rates of the entries of the weights, as a dict from symbol to expression, at explicit sizes.

    Parameters
    ----------
    rhs : mapping weight -> matrix expression
    matrices : mapping matrix symbol -> explicit matrix; for a weight a matrix of distinct symbols

    Raises
    ------
    InputError
        The entries of a weight are no symbols, or one occurs twice; a shape does not fit.
    """
    matrices = mapping_of("matrices", matrices, "matrix symbols to explicit matrices")
    rates: dict[Symbol, Expr] = {}
    for W, f in rhs.items():
        entries = tuple(matrices[W]) if isinstance(matrices.get(W), MatrixBase) else ()
        if not entries or len({*entries, *rates}) < len(entries) + len(rates) or not all(x.is_Symbol for x in entries):
            raise InputError(f"the entries of the weight {W} are states: give a matrix of distinct symbols")
        rates |= dict(zip(entries, explicit_value(f, matrices), strict=True))
    return rates


def _entries(A, kind):
    """A matrix of symbols of its own for every matrix symbol."""
    fresh: dict[tuple[int, int], Dummy] = {}

    def entry(i, j):
        if kind is Diagonal and i != j:
            return S.Zero
        at = (min(i, j), max(i, j)) if kind is Symmetric else (i, j)
        return fresh.setdefault(at, Dummy(f"{A.name}_{at[0]}_{at[1]}", real=True))

    return ImmutableMatrix(int(A.rows), int(A.cols), entry)


def _value(e, values):
    if isinstance(e, MatrixSymbol):
        return values[e]
    if isinstance(e, Identity):
        return ImmutableMatrix.eye(int(e.shape[0]))
    if isinstance(e, ZeroMatrix):
        return ImmutableMatrix.zeros(*map(int, e.shape))
    if not e.args or isinstance(e, MatrixBase):
        return e
    args = [_value(a, values) for a in e.args]
    if isinstance(e, (StopGradient, MatrixStopGradient)):
        return args[0]
    if isinstance(e, Trace):
        return args[0].trace()
    if isinstance(e, MatrixElement):
        return args[0][args[1], args[2]]
    if isinstance(e, (inner, sq, norm, cosine)):
        return _scalar(type(e), args[0], args[-1])
    if isinstance(e, MatMul):
        return fold(mul, args)
    if isinstance(e, MatAdd):
        return fold(add, args)
    return e.func(*args).doit()


def _scalar(kind, u, v):
    def dot(u, v):
        return sum((x * y for x, y in zip(u, v)), S.Zero)

    if kind in (inner, sq):
        return dot(u, v)
    if kind is norm:
        return sqrt(dot(u, u))
    return dot(u, v) / sqrt(dot(u, u)) / sqrt(dot(v, v))
