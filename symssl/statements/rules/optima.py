"""Minima of quadratic forms over frames and contractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import MatrixBase, MatrixSymbol, Trace

from ...errors import Refusal
from ...language.dynamics import Held
from ...language.relations import Orthonormal
from ...language.scalars import inner
from ...language.terms import Optimum
from .derivation import Found, rule_for

__all__: list[str] = []


@rule_for(Optimum)
def _optimum(term: Any, given: Sequence[Any]) -> Found:
    r"""Ky Fan: the least :math:`\operatorname{tr} W^\top C W` over orthonormal W, for an explicit C."""
    from ...matrix.quadratic_minima import frame_minimum

    expr, over, conditions, kind = term.args
    if str(kind) in ("max", "sup"):
        value, told = _optimum(Optimum(-expr, tuple(over), tuple(conditions), "min"), given)
        return -value, told
    if len(over) != 1 or not isinstance(over[0], MatrixSymbol):
        raise Refusal("an optimum is found over one matrix with orthonormal columns", term)
    W = over[0]
    held = [c.value for c in conditions if isinstance(c, Held)]
    if list(held) != [Orthonormal(W)] or len(conditions) != 1:
        raise Refusal("an optimum is found over matrices with orthonormal columns", term)
    C = _form(expr, W)
    if C is None or not W.shape[1].is_Integer:
        raise Refusal(
            "an optimum is found of tr(W^T C W) with an explicit matrix C and a stated number of columns", term
        )
    found = frame_minimum((C + C.T) / 2, int(W.shape[1]))  # the form does not see the rest
    if not found.certified():
        raise Refusal("the certificate of the minimum did not stand", term)
    return found.value, {"rule": "the least eigenvalues (Ky Fan), with a dual certificate"}


def _form(expr: Any, W: Any) -> Any:
    """C where the expression is tr(W^T C W) or <W, C W>."""
    if isinstance(expr, inner):
        left, right = expr.args
        word = left.T * right
    elif isinstance(expr, Trace):
        word = expr.arg
    else:
        return None
    factors: tuple[Any, ...] = tuple(getattr(word, "args", ()))
    if len(factors) == 3 and factors[0] == W.T and factors[2] == W and isinstance(factors[1], MatrixBase):
        return factors[1]
    if len(factors) == 3 and factors[1] == W and factors[2] == W.T and isinstance(factors[0], MatrixBase):
        return factors[0]
    return None
