"""Match two statements part by part, and decide whether matching parts are equal."""

from typing import Any

import sympy as sp

from ..errors import InputError, Undecided
from ..exact.identity import Comparison, compare
from ..exact.points import hypotheses

__all__ = ["is_matrix_statement", "pairs", "same"]

_CONTAINERS = (sp.Tuple, sp.Dict, sp.Rel, sp.logic.boolalg.BooleanFunction, sp.FiniteSet)


def is_matrix_statement(expr: Any) -> bool:
    """Whether an equality of this expression may need the matrix layer."""
    return bool(getattr(expr, "is_Matrix", False)) or expr.has(sp.MatrixSymbol)


def pairs(printed: Any, derived: Any) -> list[tuple[Any, Any]] | None:
    """Match two statements part by part; `None` where their forms differ.

    >>> x, y = sp.symbols('x y')
    >>> pairs(sp.Eq(x, 1), sp.Eq(x, y))
    [(x, x), (1, y)]
    """
    if not (isinstance(printed, _CONTAINERS) or isinstance(derived, _CONTAINERS)):
        if isinstance(printed, sp.ImmutableMatrix) and isinstance(derived, sp.ImmutableMatrix):
            return list(zip(printed, derived)) if printed.shape == derived.shape else None
        return [(printed, derived)]
    if printed.func != derived.func or len(printed.args) != len(derived.args):
        return None
    if isinstance(printed, sp.FiniteSet):
        return [] if printed == derived else None
    if isinstance(printed, sp.Dict):
        if set(printed.keys()) != set(derived.keys()):
            return None
        parts = [(printed[key], derived[key]) for key in sorted(printed.keys(), key=sp.default_sort_key)]
    else:
        parts = list(zip(printed.args, derived.args))
    nested = [pairs(a, b) for a, b in parts]
    return None if None in nested else [pair for part in nested if part for pair in part]


def same(a: Any, b: Any, given: tuple[Any, ...] = (), *, seed: int = 0) -> Comparison:
    """Decide whether two parts are equal under the hypotheses.

    Scalars over a field are decided by :func:`compare`; where matrices are
    involved, what holds for scalars with the nodes taken as opaque holds, and the
    rest goes to :func:`symssl.matrix_equal` with the relations among the hypotheses.

    Raises
    ------
    Undecided
        where neither a proof nor a difference is found.
    """
    if a == b:
        return Comparison(True)
    if not is_matrix_statement(a) and not is_matrix_statement(b):
        scalars = isinstance(a, sp.Expr) and isinstance(b, sp.Expr)
        return compare(a, b, given, seed=seed) if scalars else Comparison(False, values=(a, b))
    if not getattr(a, "is_Matrix", False) and not getattr(b, "is_Matrix", False):
        try:
            comparison = compare(a, b, given, seed=seed)
            if comparison.equal:
                return comparison
        except (Undecided, InputError):  # opaque nodes may hide what the matrix layer sees
            pass
    from ..matrix.equality import matrix_equal

    proof = matrix_equal(a, b, where=hypotheses(given)[1])
    return Comparison(
        bool(proof),
        values=() if proof else (a, b),
        method=proof.method,
        instance="" if proof else "; ".join(proof.rechecked),
    )
