"""Points that give explicit matrices to matrix symbols: statements and relations evaluated there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb, fmpq, fmpq_mat
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Not, Or
from sympy.matrices.matrixbase import MatrixBase

from ..errors import InputError
from ..exact.numbers import as_sympy_number
from ..exact.points import holds_at_point
from ..language.relations import Relation
from .evaluation import MatrixInstance
from .exact_instances import satisfied

__all__ = ["holds_at", "is_matrix_point", "keeps", "missing_matrices"]

_ORDER = {sp.Lt: (-1,), sp.Le: (-1, 0), sp.Gt: (1,), sp.Ge: (0, 1), sp.Eq: (0,), sp.Ne: (-1, 1)}


def is_matrix_point(point: Mapping[Any, Any]) -> bool:
    """Whether the point gives a value to a matrix symbol."""
    return any(isinstance(atom, sp.MatrixSymbol) for atom in point)


def missing_matrices(statement: sp.Basic, point: Mapping[Any, Any]) -> set[sp.MatrixSymbol]:
    """Matrix symbols of the statement that the point gives no value to."""
    return statement.atoms(sp.MatrixSymbol) - set(point)


def instance_at(point: Mapping[Any, Any]) -> MatrixInstance:
    """The exact instance that a point describes; sizes are read off the shapes."""
    sizes: dict[Any, Any] = {}
    matrices: dict[Any, Any] = {}
    scalars: dict[Any, Any] = {}
    for atom, value in point.items():
        if not isinstance(atom, sp.MatrixSymbol):
            exact = as_sympy_number(value)
            if not exact.is_Rational:
                raise InputError(f"next to explicit matrices {atom} = {value} must be rational")
            scalars[atom] = fmpq(int(exact.p), int(exact.q))
            if atom.is_integer:
                sizes[atom] = exact
            continue
        if not isinstance(value, MatrixBase):
            raise InputError(f"the point gives {atom} the value {value}: give an explicit matrix")
        for symbolic, actual in zip(atom.shape, value.shape):
            if (symbolic.is_Symbol and sizes.setdefault(symbolic, sp.Integer(actual)) != actual) or (
                symbolic.is_Integer and symbolic != actual
            ):
                raise InputError(
                    f"{atom} is {atom.shape[0]} x {atom.shape[1]}, which {value.shape[0]} x "
                    f"{value.shape[1]} does not fit"
                )
        entries = [as_sympy_number(entry) for entry in value]
        if not all(entry.is_Rational for entry in entries):
            raise InputError(f"the entries of {atom} must be rational")
        matrices[atom] = fmpq_mat(*value.shape, [fmpq(int(q.p), int(q.q)) for q in entries])
    return MatrixInstance(sizes, 0, matrices, scalars)


def holds_at(statement: Any, point: Mapping[Any, Any]) -> bool | None:
    """Whether a statement about scalars and matrices holds at a point; `None` if that stays open.

    >>> A = sp.MatrixSymbol("A", 2, 2)
    >>> holds_at(sp.Eq(A*A, A), {A: sp.Matrix([[1, 0], [0, 0]])})
    True
    """
    if not is_matrix_point(point):
        return holds_at_point(statement, point)
    absent = missing_matrices(statement, point)
    if absent:
        raise InputError(f"the witness gives no value to {', '.join(sorted(map(str, absent)))}")
    return _held(statement, instance_at(point))


def _held(statement, instance):
    if isinstance(statement, BooleanAtom):
        return bool(statement)
    if isinstance(statement, Not):
        held = _held(statement.args[0], instance)
        return None if held is None else not held
    if isinstance(statement, (And, Or, sp.Tuple)):
        decisive = isinstance(statement, Or)
        held = [_held(arg, instance) for arg in statement.args]
        return decisive if decisive in held else None if None in held else not decisive
    if statement.func not in _ORDER:
        raise InputError(f"{statement} is not a comparison, nor built from comparisons")
    gap, _ = instance.gap(*statement.args)
    if isinstance(gap, (fmpq, arb)):
        sign = _sign(gap)
        return None if sign is None else sign in _ORDER[statement.func]
    if statement.func not in (sp.Eq, sp.Ne):
        raise InputError(f"{statement} orders two matrices: state it for a quadratic form")
    signs = [_sign(gap[i, j]) for i in range(gap.nrows()) for j in range(gap.ncols())]
    equal = False if any(signs) else None if None in signs else True
    return equal if equal is None else equal is (statement.func is sp.Eq)


def _sign(value):
    """-1, 0 or 1; None where an enclosure does not tell."""
    return 1 if value > 0 else -1 if value < 0 else 0 if value == 0 else None


def keeps(condition: Boolean | Relation, point: Mapping[Any, Any]) -> bool | None:
    """Whether a hypothesis, comparison or relation, holds at the point."""
    if isinstance(condition, Boolean):
        return holds_at(condition, point)
    return satisfied(instance_at(point), condition)
