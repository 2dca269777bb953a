"""Equality at concrete sizes: expand into entries and compare polynomials."""

from sympy import (Dummy, Identity, ImmutableMatrix, MatrixBase, MatrixSymbol, S, Trace, ZeroMatrix, cancel,
                   sqrt, together)
from sympy.matrices.expressions.matexpr import MatrixElement

from .instances import sizes_of
from .nodes import (BINDERS, MatrixStopGradient, Potential, PotentialGradient, StopGradient, cosine,
                    inner, norm, sq)
from .relations import Diagonal, Symmetric

__all__ = ["equal_entrywise"]

_MAX_ENTRIES = 40               # rational functions in more variables take too long


def equal_entrywise(a, b, where=()):
    """Whether a == b is proved entry by entry; a negative answer means nothing.

    Sizes must be concrete, and the relations such that entries parametrise
    them (symmetric, diagonal).
    """
    if sizes_of(a, b) or a.atoms(*BINDERS, Potential, PotentialGradient) \
            or b.atoms(*BINDERS, Potential, PotentialGradient) \
            or not all(isinstance(r, (Symmetric, Diagonal)) for r in where):
        return False
    matrices = a.atoms(MatrixSymbol) | b.atoms(MatrixSymbol)
    if sum(A.rows*A.cols for A in matrices) > _MAX_ENTRIES:
        return False
    kind = {r.A: type(r) for r in where}
    values = {A: _entries(A, kind.get(A)) for A in matrices}
    gap = _value(a, values) - _value(b, values)
    return all(cancel(together(x)) == 0 for x in (gap if isinstance(gap, MatrixBase) else [gap]))


def _entries(A, kind):
    """A matrix of symbols of its own for every matrix symbol."""
    fresh = {}

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
    return e.func(*args).doit()


def _scalar(kind, u, v):
    def dot(u, v):
        return sum((x*y for x, y in zip(u, v)), S.Zero)

    if kind in (inner, sq):
        return dot(u, v)
    if kind is norm:
        return sqrt(dot(u, u))
    return dot(u, v)/sqrt(dot(u, u))/sqrt(dot(v, v))
