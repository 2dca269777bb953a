"""What a user hands over, as SymPy objects; text is never evaluated."""

from __future__ import annotations

from typing import Any

from sympy import Expr, MatrixBase, MatrixExpr

from ..errors import InputError
from ..exact.gate import as_sympy
from ..exact.numbers import is_scalar
from ..support.arguments import described

__all__ = ["as_expression", "as_matrix", "as_scalar", "dimension", "is_matrix"]


def as_expression(value: Any, name: str = "the expression") -> Any:
    """A scalar or matrix expression of SymPy; numbers are converted, text is refused, never evaluated.

    Parameters
    ----------
    name : what the message calls the argument

    Raises
    ------
    InputError
        For everything that is neither a scalar nor a matrix.

    >>> as_expression(2)
    2
    """
    wanted = "a scalar or matrix expression of SymPy"
    expr = as_sympy(value, name, wanted)
    if not (is_matrix(expr) or is_scalar(expr)):
        raise InputError(f"{name} must be {wanted}, not {described(value)}")
    return expr


def as_matrix(value: Any, name: str = "the matrix") -> Any:
    """A matrix of SymPy, symbolic or explicit; `InputError` for anything else.

    >>> from sympy import MatrixSymbol
    >>> as_matrix(MatrixSymbol("A", 2, 3)).shape
    (2, 3)
    """
    expr = as_expression(value, name)
    if not is_matrix(expr):
        raise InputError(f"{name} must be a matrix, not {described(value)}")
    return expr


def as_scalar(value: Any, name: str = "the scalar") -> Expr:
    """A scalar expression of SymPy; `InputError` for a matrix, symbolic or explicit, and for anything else.

    >>> as_scalar(2)
    2
    """
    expr = as_expression(value, name)
    if is_matrix(expr):
        raise InputError(f"{name} must be a scalar, not {described(value)}")
    return expr


def is_matrix(value: Any) -> bool:
    """Whether this is a matrix of SymPy, symbolic or explicit."""
    return isinstance(value, (MatrixExpr, MatrixBase))


def dimension(value: Any, name: str) -> Expr:
    """A length or a number of samples: a positive integer or a symbolic size.

    >>> dimension(3, "the length")
    3
    """
    size = as_expression(value, name)
    if is_matrix(size) or size.is_integer is False or size.is_positive is False or size.is_Float:
        raise InputError(f"{name} must be a positive integer or a symbol for one, not {described(value)}")
    return size
