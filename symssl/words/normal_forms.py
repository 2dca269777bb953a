"""Expressions reduced by the relations between their matrices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..language.inputs import as_expression
from ..language.names import check_names
from ..language.relations import Relation, check_relations
from ..support.budgets import BUDGET, budgeted
from .differentiation import release
from .moments import evaluate, implied_relations
from .reading import read
from .rewriting import rewriting
from .writing import write

__all__ = ["normal_form"]


@budgeted("the rewriting")
def normal_form(expr: Any, *, where: Relation | Iterable[Relation] = (), budget: float | None = BUDGET) -> Any:
    """The expression with every word reduced by the relations.

    Two expressions with one normal form are equal under the relations; whether two are
    equal is decided, and rechecked, by :func:`matrix_equal`.

    Parameters
    ----------
    expr : scalar or matrix expression over the nodes
    where : relations (`Symmetric`, `Orthonormal`, `Commutes`, `Diagonal`)
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import Orthonormal, Symmetric
    >>> n, r = symbols("n r")
    >>> P, H = MatrixSymbol("P", n, r), MatrixSymbol("H", r, r)
    >>> normal_form(P*H*(P*H).T*P*H**-1*P.T, where=(Orthonormal(P), Symmetric(H)))
    P*H*P.T
    """
    expr, where = as_expression(expr, "expr"), check_relations(where)
    check_names(expr, *(matrix for relation in where for matrix in relation.matrices))
    value = evaluate(release(read(expr)))
    return write(rewriting(where + implied_relations(expr), value).reduce(value))
