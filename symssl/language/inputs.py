"""What a user hands over, as SymPy objects; text is never evaluated."""

from collections.abc import Mapping
from fractions import Fraction

from sympy import (
    Basic,
    Dict,
    Expr,
    FiniteSet,
    Float,
    Integer,
    MatrixBase,
    MatrixExpr,
    Rational,
    SympifyError,
    Tuple,
    false,
    nan,
    sympify,
    true,
)

from ..errors import InputError

__all__ = ["as_expression", "as_matrix", "as_statement", "dimension", "is_matrix"]


def as_matrix(e):
    """`e` as a SymPy matrix expression."""
    e = as_expression(e)
    if not isinstance(e, (MatrixExpr, MatrixBase)):
        raise InputError(f"{e} is not a matrix")
    return e


def as_expression(a):
    """`a` as a SymPy scalar or matrix; text is refused, never evaluated."""
    try:
        out = sympify(a, strict=True)
    except SympifyError:
        raise InputError(f"{a!r} is text or not a SymPy object; use SymPy symbols") from None
    if not isinstance(out, (Expr, MatrixBase)):
        raise InputError(f"{a!r} is neither a scalar nor a matrix expression")
    return out


def is_matrix(e):
    return isinstance(e, (MatrixExpr, MatrixBase))


def dimension(n, role):
    """A length or a number of samples: a positive integer or a symbolic size."""
    n = as_expression(n)
    if isinstance(n, MatrixExpr) or n.is_integer is False or n.is_positive is False or n.is_Float:
        raise InputError(f"{role}: the size {n} is not a positive integer")
    return n


def as_statement(value, role="the statement"):
    """The SymPy object for a statement given as SymPy object, number, flow or plain container.

    Floats are refused: a statement is exact.

    >>> x = Symbol('x')
    >>> as_statement({x: (1, Fraction(1, 2))})
    {x: (1, 1/2)}
    """
    if isinstance(getattr(value, "states", None), Mapping):  # a flow is its right-hand sides
        value = dict(value.states)
    elif isinstance(getattr(value, "rhs", None), Mapping):
        value = dict(value.rhs)
    if isinstance(value, MatrixBase):
        value = value.as_immutable()
    elif isinstance(value, Fraction):
        value = Rational(value.numerator, value.denominator)
    elif isinstance(value, bool):
        value = true if value else false
    elif isinstance(value, int):
        value = Integer(value)
    elif isinstance(value, Mapping) and not isinstance(value, Basic):
        value = Dict({as_statement(k, role): as_statement(v, role) for k, v in value.items()})
    elif isinstance(value, (tuple, list)):
        value = Tuple(*(as_statement(item, role) for item in value))
    elif isinstance(value, (set, frozenset)):
        value = FiniteSet(*(as_statement(item, role) for item in value))
    if not isinstance(value, Basic):
        raise InputError(
            f"{role} must be a SymPy object, an exact number or a container of these, "
            f"got {value!r} of type {type(value).__name__}"
        )
    if value.atoms(Float) or value.has(nan):
        raise InputError(f"{role} contains a float or NaN: write exact numbers, such as Rational(1, 4)")
    return value
