r"""Functions of one variable, applied to numbers or to every entry of a matrix, and entries of matrices.

A function that is not specified is a symbol of its own kind, so that a sentence can be quantified over it.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import Expr, Function, Integer, Lambda, MatrixSymbol, Max, Symbol

from ..errors import InputError
from ..support.arguments import described, text_of, whole
from .binding import Node
from .inputs import dimension, is_matrix
from .scalars import ScalarNode
from .terms import _Term, as_term
from .writing import renamed

__all__ = ["Apply", "Entry", "FunctionSymbol", "function"]


class FunctionSymbol(Symbol):
    """The name of a real function of one real variable; made by :func:`function`, called on terms.

    It is as smooth as the derivatives that occur need it to be, and no more.

    >>> phi = function("phi")
    >>> phi(Symbol("v")), phi(Symbol("v"), 2)
    (phi(v), phi''(v))
    """

    ranges_over = r"\colon \mathbb{R} \to \mathbb{R}"

    def __new__(cls, name: Any, **assumptions: Any) -> FunctionSymbol:
        """A symbol of this name."""
        return Symbol.__new__(cls, text_of("the name of a function", name), **assumptions)

    def __call__(self, term: Any, order: int = 0) -> Any:
        """The value at a term, or that of a derivative; of a matrix entry by entry."""
        return Apply(self, term, order)


def function(name: str) -> FunctionSymbol:
    """A real function of one real variable that is not specified further; conditions on it are hypotheses.

    >>> from sympy import Eq, Integer
    >>> phi = function("phi")
    >>> Eq(phi(0), 0)
    Eq(phi(0), 0)
    """
    return FunctionSymbol(text_of("the name of a function", name))


class Apply(_Term):
    r"""A function of one variable, or a derivative of it, at a number or at every entry of a matrix.

    Parameters
    ----------
    function : a `FunctionSymbol`, or a `Lambda` of one variable.
    term : scalar or matrix.
    order : of the derivative.

    >>> from sympy import MatrixSymbol, tanh
    >>> v, W = Symbol("v"), MatrixSymbol("W", 2, 3)
    >>> Apply(Lambda(v, tanh(v)), W).shape
    (2, 3)
    """

    def __new__(cls, function: Any, term: Any, order: Any = 0) -> Any:
        if not (
            isinstance(function, FunctionSymbol) or (isinstance(function, Lambda) and len(function.variables) == 1)
        ):
            raise InputError(
                f"Apply: a function is made by function(name) or is a Lambda of one variable, not {described(function)}"
            )
        return cls._again(as_term(term, "Apply"), function, Integer(whole("the order of the derivative", order, 0)))

    @property
    def function(self) -> Any:
        """The `FunctionSymbol` or `Lambda`."""
        return self.args[1]

    @property
    def order(self) -> int:
        """How often it is differentiated."""
        return int(self.args[2])

    @property
    def term(self) -> Any:
        """Where it is taken."""
        return self.args[0]

    def _sympystr(self, printer: Any) -> str:
        primes = "'" * self.order
        return f"{printer._print(self.function)}{primes}({printer._print(self.term)})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = printer._print(self.term)
        body = self.function.expr if isinstance(self.function, Lambda) else None
        if not self.order and body is not None and not is_matrix(self.term):
            text = printer._print(body.xreplace({self.function.variables[0]: self.term}))
        elif not self.order and isinstance(body, (Function, Max)):  # tanh(W x): by entries, nobody reads it otherwise
            with renamed(printer, {self.function.variables[0]: inside}):
                text = printer._print(body)
        elif isinstance(self.function, Lambda):
            text = rf"\left({printer._print(self.function)}\right){_primes(self.order)}\left({inside}\right)"
        else:
            name = printer._print(self.function)
            name = rf"\left({name}\right)" if self.order and re.search(r"[\^']", name) else name
            text = rf"{name}{_primes(self.order)}\left({inside}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _primes(order: int) -> str:
    return "'" * order if order < 4 else rf"^{{({order})}}"


class Entry(Node, ScalarNode):
    """An entry of a matrix, rows and columns numbered from 1; of a column vector the column may be left out.

    >>> from sympy import MatrixSymbol
    >>> Entry(MatrixSymbol("W", 2, 3), 1, 3)
    W[1, 3]
    """

    def __new__(cls, matrix: Any, row: Any, column: Any = 1) -> Entry:
        matrix = as_term(matrix, "Entry")
        if not is_matrix(matrix):
            raise InputError(f"Entry is of a matrix, not of {described(matrix)}")
        numbers = []
        for role, number, size in (("row", row, matrix.shape[0]), ("column", column, matrix.shape[1])):
            number = dimension(number, f"the {role} of Entry")
            if (size - number).is_negative:
                raise InputError(f"Entry: {matrix} has no {role} {number}; it has {size}, numbered from 1")
            numbers.append(number)
        return Expr.__new__(cls, matrix, *numbers)

    def _sympystr(self, printer: Any) -> str:
        matrix, row, column = self.args
        text = printer._print(matrix)
        return f"{text if isinstance(matrix, MatrixSymbol) else f'({text})'}[{row}, {column}]"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        matrix, row, column = self.args
        numbers = printer._print(row) if matrix.shape[1] == 1 else f"{printer._print(row)},{printer._print(column)}"
        inside = printer._print(matrix)
        text = rf"\left[{inside}\right]_{{{numbers}}}"
        return text if exp is None else rf"{text}^{{{exp}}}"
