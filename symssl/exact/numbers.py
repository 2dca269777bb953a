"""Exact numbers and expressions: what a user gives, brought into the form that exact arithmetic needs.

Floats are taken as the binary fractions they are, or refused; text is never parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import sympy as sp
from flint import fmpq

from ..errors import InputError
from ..support.arguments import described, mapping_of
from ..support.suggestions import did_you_mean
from .gate import as_sympy

__all__ = [
    "as_fmpq",
    "as_sympy_number",
    "bounded_powers",
    "exact_expression",
    "exact_number",
    "exact_values",
    "is_scalar",
    "is_zero",
    "masked_roots",
    "without_floats",
]

_MOST_POWER, _MOST_POWER_OF_SUM = 10_000, 1000  # beyond, dense polynomials and expansions fill the memory


def as_sympy_number(value: Any) -> sp.Expr:
    """The SymPy number for an int, a Fraction, an `fmpq` or an exact SymPy number; a float is refused.

    Raises
    ------
    InputError
        For floats, NaN, text and whatever is no number; `exact_number` takes floats.

    >>> as_sympy_number(Fraction(1, 3))
    1/3
    """
    if isinstance(value, fmpq):
        return sp.Rational(int(value.p), int(value.q))
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    number = sp.Integer(value) if type(value) is int else as_sympy(value) if isinstance(value, sp.Basic) else None
    if number is None or number.has(sp.Float, sp.nan):
        raise InputError(f"{described(value)} is not an exact number: use an int, a Fraction or a SymPy number")
    return number


def as_fmpq(value: Any) -> fmpq:
    """The `fmpq` of python-flint for an int, a Fraction or a SymPy rational.

    Raises
    ------
    InputError
        For anything else: irrational numbers and floats too.

    >>> as_fmpq(sp.Rational(2, 3))
    2/3
    """
    if isinstance(value, fmpq):
        return value
    number = as_sympy_number(value)
    if not number.is_Rational:
        raise InputError(f"{described(value)} is not a rational number")
    return fmpq(int(number.p), int(number.q))


def is_zero(expr: sp.Expr) -> bool:
    """Whether an expression vanishes identically: exact for rational functions and algebraic numbers.

    Beyond those it is as good as `sympy.simplify`: True is right, False may be wrong.

    >>> x = sp.Symbol("x")
    >>> is_zero((x**2 - 1)/(x - 1) - x - 1), is_zero(sp.sqrt(2)**2 - 2), is_zero(x)
    (True, True, False)
    """
    if not is_scalar(expr):
        expr = exact_expression("expr", expr)
    if sp.expand(expr) == 0:
        return True
    roots = expr.atoms(sp.CRootOf)
    if len(roots) == 1:
        root, x = next(iter(roots)), sp.Dummy()
        return bool(sp.rem(sp.numer(sp.together(expr.subs(root, x))), root.poly.as_expr(x), x) == 0)
    if roots and expr.is_number:
        return bool(sp.minimal_polynomial(expr, sp.Symbol("x")) == sp.Symbol("x"))
    return bool(sp.cancel(sp.together(expr)) == 0 or sp.simplify(expr) == 0)


def is_scalar(value: Any) -> bool:
    """Whether this is a scalar expression of SymPy, which counts matrices, functions and operators among its own.

    >>> is_scalar(sp.Symbol("x")), is_scalar(sp.MatrixSymbol("A", 2, 2)), is_scalar(sp.Symbol("x", commutative=False))
    (True, False, False)
    """
    return (
        isinstance(value, sp.Expr)
        and not isinstance(value, (sp.MatrixExpr, sp.Lambda))
        and value.is_commutative is not False
    )


def exact_number(value: Any, symbol: sp.Symbol | None = None) -> sp.Expr:
    """An exact finite number, consistent with the assumptions of `symbol`.

    Parameters
    ----------
    value : real number of Python, NumPy or SymPy; a float stands for the binary fraction it is
    symbol : what the number is a value of; named in messages, its assumptions are kept

    Raises
    ------
    InputError
        For what is no finite real number, and for one that contradicts an assumption.

    >>> exact_number(0.75, sp.Symbol("k", positive=True))
    3/4
    """
    if symbol is not None and not isinstance(symbol, sp.Symbol):
        raise InputError(f"a value belongs to a symbol, not to {described(symbol)}")
    name = "the value" if symbol is None else f"the value of {symbol}"
    if isinstance(value, bool) or not (isinstance(value, Real) or is_scalar(value)):
        raise InputError(f"{name} must be a number, not {described(value)}")
    if isinstance(value, Real) and value != value:
        raise InputError(f"{name} is NaN; give a finite number")
    if not isinstance(value, sp.Expr) and abs(value) == float("inf"):
        raise InputError(f"{name} is infinite; give a finite number")
    if not isinstance(value, sp.Expr):
        if isinstance(value, Integral):
            value = int(value)
        elif not hasattr(value, "as_integer_ratio"):
            raise InputError(f"{name} must be a number that is a fraction exactly, not {described(value)}")
        numerator, denominator = value.as_integer_ratio()
        value = sp.Rational(int(numerator), int(denominator))
    if not (value.is_number and value.is_finite):
        raise InputError(f"{name} must be a finite number, not {value}")
    value = without_floats(value)
    if symbol is not None:
        _check_assumptions(value, symbol)
    return value


def exact_values(values: Mapping[Any, Any] | None, symbols: Iterable[sp.Symbol]) -> dict[sp.Symbol, sp.Expr]:
    """Numbers by symbol from a mapping whose keys are symbols or their names; other symbols may be among the keys.

    Raises
    ------
    InputError
        For what is no mapping, a name that no symbol has, and values that are no finite numbers.

    >>> k = sp.Symbol("k")
    >>> exact_values({"k": 0.5}, [k])
    {k: 1/2}
    """
    named = {symbol.name: symbol for symbol in symbols}
    numbers = {}
    for key, value in mapping_of("values", values).items():
        if isinstance(key, str) and key not in named:
            known = ", ".join(sorted(named)) or "none"
            raise InputError(f"values: there is no symbol {key}{did_you_mean(key, named, f'; there are: {known}')}")
        if not isinstance(key, (str, sp.Symbol)):
            raise InputError(f"values: a key must be a symbol or its name, not {described(key)}")
        symbol = named[key] if isinstance(key, str) else key
        numbers[symbol] = exact_number(value, symbol)
    return numbers


def exact_expression(name: str, value: Any) -> sp.Expr:
    """A finite scalar expression whose numbers are exact; `name` is how the message calls it.

    Raises
    ------
    InputError
        For text, matrices, relations, and expressions with NaN or infinity.

    >>> exact_expression("rate", 0.5 * sp.Symbol("x"))
    x/2
    """
    if isinstance(value, bool) or not (isinstance(value, Real) or is_scalar(value)):
        raise InputError(f"{name} must be an expression, not {described(value)}")
    expr = as_sympy(value, name)
    for cases in expr.atoms(sp.Piecewise):
        if cases.args[-1].cond != sp.true:
            raise InputError(f"{name} has cases that leave values out: end them with (value, True): {cases}")
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise InputError(f"{name} is not finite: {expr}")
    return bounded_powers(name, without_floats(expr))


def bounded_powers(name: str, expr: sp.Expr) -> sp.Expr:
    """The expression itself, where no power in it is so high that its polynomial would fill the memory.

    >>> x = sp.Symbol("x")
    >>> bounded_powers("poly", x**3)
    x**3
    """
    for power in expr.atoms(sp.Pow):
        base, exponent = power.as_base_exp()
        most = _MOST_POWER if base.is_Atom else _MOST_POWER_OF_SUM
        if exponent.is_Integer and abs(exponent) > most:
            raise InputError(f"{name} has a power of {described(int(exponent))}: powers of up to {most} are treated")
    return expr


def without_floats(expr: sp.Expr) -> sp.Expr:
    """Every float replaced by the binary fraction it is.

    >>> without_floats(0.5 * sp.Symbol("x"))
    x/2
    """
    if not isinstance(expr, sp.Basic):
        return exact_expression("expr", expr)
    return expr.replace(lambda e: e.is_Float, sp.Rational) if expr.has(sp.Float) else expr


def masked_roots(expr: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """The expression with symbols for the algebraic numbers `CRootOf`, and these by symbol.

    SymPy takes the symbol in which the polynomial of such a number is written for one of the expression.

    >>> x = sp.Symbol("x")
    >>> expr, roots = masked_roots(x - sp.CRootOf(x**5 - x - 1, 0))
    >>> expr.is_polynomial(x), len(roots)
    (True, 1)
    """
    roots = {root: sp.Dummy(f"r{k}", real=True) for k, root in enumerate(sorted(expr.atoms(sp.CRootOf), key=str))}
    return expr.xreplace(roots), {symbol: root for root, symbol in roots.items()}


def _check_assumptions(value, symbol):
    declared = symbol.assumptions0
    for assumption in (*(a for a in _TELLING if declared.get(a)), *declared):
        if getattr(value, f"is_{assumption}", None) is (not declared[assumption]):
            word = assumption if declared[assumption] else f"not {assumption}"
            raise InputError(f"{symbol} is declared {word}; the value {value} contradicts that")


_TELLING = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "real", "integer")
