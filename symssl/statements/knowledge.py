"""What is known of norms, eigenvalues and quadratic forms in themselves: it follows from no hypothesis alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Add, Expr, Gt, Lt, MatMul, MatrixSymbol, Mul, Ne, Trace, Transpose
from sympy.core.relational import Relational

from ..language.operators import Total
from ..language.scalars import inner, norm, sq
from ..language.terms import Eigenvalue
from ..language.unit_vectors import UnitVector

__all__ = ["completed", "not_zero"]


# --- unit vectors --------------------------------------------------------------------------


def completed(expr: Any) -> Any:
    r"""An expression with sums over all unit vectors taken: :math:`\sum_j |W e_j|^2 = |W|^2`.

    >>> from sympy import symbols
    >>> from symssl import total
    >>> from symssl.language import unit
    >>> n, j = symbols("n j", integer=True, positive=True)
    >>> W = MatrixSymbol("W", 3, n)
    >>> completed(total(sq(W * unit(j, n)), j))
    sq(W)
    """
    sums = {node: _over_units(node) for node in expr.atoms(Total)}
    return expr.xreplace({node: value for node, value in sums.items() if value is not None})


def _over_units(node: Any) -> Any:
    """The value of a sum of <A e_j, B e_j> over all j, with factors that do not depend on j; None of any other."""
    summand, index, size = node.args
    parts = []
    for part in Add.make_args(summand):
        coefficient, rest = part.as_independent(index, as_Add=False)
        pair = (rest.args[0], rest.args[-1]) if isinstance(rest, (inner, sq)) else ()
        before = [_before_unit(matrix, index, size) for matrix in pair]
        if not before or None in before:
            return None
        first, last = before
        parts.append(coefficient * (sq(first) if first == last else inner(first, last)))
    return Add(*parts)


def _before_unit(word: Any, index: Any, size: Any) -> Any:
    """A where the word is A e_j, e_j the j-th of all unit vectors and A without j; else None."""
    factors = MatMul.make_args(word)
    last = factors[-1]
    if not isinstance(last, UnitVector) or last.index != index or last.size != size or len(factors) == 1:
        return None
    before = MatMul(*factors[:-1]) if len(factors) > 2 else factors[0]
    return None if before.has(index) else before


# --- what does not vanish ------------------------------------------------------------------


def not_zero(given: Iterable[Any]) -> set[Any]:
    """Norms and largest singular values that are positive, since a product of matrices does not vanish.

    A trace, an inner product or a norm that is not zero has no factor that is zero.
    """
    matrices: dict[Any, None] = {}
    for hypothesis in given:
        if not isinstance(hypothesis, (Lt, Gt, Ne)) or 0 not in hypothesis.args:
            continue
        other = hypothesis.lhs if hypothesis.rhs == 0 else hypothesis.rhs
        if isinstance(other, Expr) and not isinstance(other, Add):
            matrices.update((factor, None) for node in Mul.make_args(other) for factor in _matrices(node))
    return {node for A in matrices for node in (norm(A), sq(A), Eigenvalue(A, 1, "singular"))}


def _matrices(node: Any) -> list[Any]:
    """The matrix symbols that are factors of the product inside a node."""
    base = node.as_base_exp()[0]
    if not isinstance(base, (Trace, inner, norm, sq)):
        return []
    inside = [factor for word in base.args for factor in MatMul.make_args(word)]
    plain = [factor.arg if isinstance(factor, Transpose) else factor for factor in inside]
    return [factor for factor in plain if isinstance(factor, MatrixSymbol)]


def known_positive(exprs: Sequence[Any], given: Iterable[Any]) -> set[Any]:
    """The nodes of some expressions that `not_zero` knows to be positive."""
    positive = not_zero(given)
    return {node for e in exprs if isinstance(e, (Expr, Relational)) for node in e.atoms(norm, sq, Eigenvalue)} & positive
