"""Equality at concrete sizes: expand into entries and decide by polynomial arithmetic."""

from sympy import (Identity, ImmutableMatrix, MatrixSymbol, S, Symbol, Trace, ZeroMatrix, cancel,
                   sqrt, together)

from .instances import sizes_of
from .nodes import (BINDERS, MatrixStopGradient, Potential, PotentialGradient, Sample,
                    StopGradient, cosine, inner, norm, sq)
from .relations import Diagonal, Symmetric

__all__ = ["equal_entrywise"]


def equal_entrywise(a, b, where=()):
    """True or False if a == b can be decided entry by entry, None where it cannot.

    Sizes must be concrete, and the relations such that entries parametrise
    them (symmetric, diagonal).
    """
    if sizes_of(a, b) or a.atoms(*BINDERS, Potential, PotentialGradient) \
            or b.atoms(*BINDERS, Potential, PotentialGradient) \
            or not all(isinstance(r, (Symmetric, Diagonal)) for r in where):
        return None
    kind = {r.A: type(r) for r in where}

    def entry(A, i, j):
        k = kind.get(A)
        if k is Diagonal and i != j:
            return S.Zero
        if k is Symmetric:
            i, j = min(i, j), max(i, j)
        index = f"[{A.index}]" if isinstance(A, Sample) else ""
        return Symbol(f"{A.name}{index}_{i}_{j}", real=True)

    def value(e):
        if isinstance(e, MatrixSymbol):
            return ImmutableMatrix(*map(int, e.shape), lambda i, j: entry(e, i, j))
        if isinstance(e, Identity):
            return ImmutableMatrix.eye(int(e.shape[0]))
        if isinstance(e, ZeroMatrix):
            return ImmutableMatrix.zeros(*map(int, e.shape))
        if isinstance(e, (StopGradient, MatrixStopGradient)):
            return value(e.args[0])
        if isinstance(e, Trace):
            return value(e.args[0]).trace()
        if isinstance(e, (inner, sq, norm, cosine)):
            return _scalar(type(e), *map(value, e.args))
        if not e.args or e.is_Matrix and not hasattr(e, "doit"):
            return e
        if isinstance(e, ImmutableMatrix):
            return e
        return e.func(*map(value, e.args)).doit()

    gap = value(a) - value(b)
    parts = list(gap) if getattr(gap, "is_Matrix", False) else [gap]
    parts = [cancel(together(p)) for p in parts]
    if all(p == 0 for p in parts):
        return True
    if all(p.is_rational_function() for p in parts):
        return False
    return None


def _scalar(kind, *args):
    def dot(u, v):
        return sum(x*y for x, y in zip(u, v))

    if kind is inner:
        return dot(*args)
    if kind is sq:
        return dot(args[0], args[0])
    if kind is norm:
        return sqrt(dot(args[0], args[0]))
    return dot(*args)/sqrt(dot(args[0], args[0]))/sqrt(dot(args[1], args[1]))
