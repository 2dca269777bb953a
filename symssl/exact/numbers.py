"""Exact numbers: what a user gives as a rational or algebraic number, and whether an expression vanishes."""

from fractions import Fraction
from numbers import Real

import sympy as sp
from flint import fmpq

from ..errors import InputError

__all__ = ["as_rational", "exact_number", "is_zero", "without_floats"]


def as_rational(value):
    """The SymPy number for an int, a Fraction, an `fmpq` or an exact SymPy number.

    >>> as_rational(Fraction(1, 3))
    1/3
    """
    if isinstance(value, fmpq):
        return sp.Rational(int(value.p), int(value.q))
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    number = value if isinstance(value, sp.Basic) else sp.Integer(value) if type(value) is int else None
    if number is None or number.has(sp.Float, sp.nan):
        raise InputError(f"{value!r} is not an exact number: use an int, a Fraction or a SymPy number")
    return number


def is_zero(expr):
    """Whether an expression vanishes identically: exact for rational functions and algebraic numbers."""
    if sp.expand(expr) == 0:
        return True
    roots = expr.atoms(sp.CRootOf)
    if len(roots) == 1:
        root, x = next(iter(roots)), sp.Dummy()
        return sp.rem(sp.numer(sp.together(expr.subs(root, x))), root.poly.as_expr(x), x) == 0
    if roots and expr.is_number:
        return sp.minimal_polynomial(expr, sp.Symbol("x")) == sp.Symbol("x")
    return sp.cancel(sp.together(expr)) == 0 or sp.simplify(expr) == 0


def exact_number(value, symbol=None):
    """An exact finite number, consistent with the assumptions of `symbol`."""
    name = "the value" if symbol is None else f"the value of {symbol}"
    if isinstance(value, bool) or not isinstance(value, (Real, sp.Expr)):
        raise InputError(f"{name} must be a number, not {value!r}")
    if isinstance(value, Real) and value != value:
        raise InputError(f"{name} is NaN; give a finite number")
    if not isinstance(value, sp.Expr) and abs(value) == float("inf"):
        raise InputError(f"{name} is infinite; give a finite number")
    if not isinstance(value, sp.Expr):
        numerator, denominator = value.as_integer_ratio()
        value = sp.Rational(int(numerator), int(denominator))
    if not (value.is_number and value.is_finite):
        raise InputError(f"{name} must be a finite number, not {value}")
    value = without_floats(value)
    if symbol is not None:
        _consistent(value, symbol)
    return value


def _consistent(value, symbol):
    declared = symbol.assumptions0
    for assumption in (*(a for a in _TELLING if declared.get(a)), *declared):
        if getattr(value, f"is_{assumption}", None) is (not declared[assumption]):
            word = assumption if declared[assumption] else f"not {assumption}"
            raise InputError(f"{symbol} is declared {word}; the value {value} contradicts that")


_TELLING = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "real", "integer")


def without_floats(expr):
    """Every float replaced by the binary fraction it is."""
    return expr.replace(lambda e: e.is_Float, sp.Rational) if expr.has(sp.Float) else expr
