"""Unit vectors of symbolic length: the k-th column of the identity."""

from __future__ import annotations

from typing import Any

from sympy import Symbol
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from ..errors import InputError
from ..support.arguments import described
from .inputs import as_expression, dimension, is_matrix
from .sample_vectors import Sample

__all__ = ["UnitVector", "unit"]


class UnitVector(Sample):
    """The k-th unit vector of length n; made by :func:`unit`.

    It is a member of the family of all of them, so that a sum over k binds k; its name is fixed and needs no
    declaration.

    >>> from sympy import symbols
    >>> unit(1, symbols("d")).shape
    (d, 1)
    """

    def _sympystr(self, printer: Any) -> str:
        return f"e[{printer._print(self.index)}]"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = f"e_{{{printer._print(self.index)}}}"
        return text if exp is None else text + "^{%s}" % exp


def unit(k: Any, n: Any) -> UnitVector:
    """The k-th unit vector of length n, a column: one at place k, zero elsewhere.

    Parameters
    ----------
    k : a positive integer, at most n, or a symbol.
    n : the length, a positive integer or a symbolic size.

    Raises
    ------
    InputError
        A place that is no integer or symbol, or that lies outside.

    >>> from sympy import MatrixSymbol, symbols
    >>> d = symbols("d", integer=True, positive=True)
    >>> from symssl import inner
    >>> inner(unit(1, d), MatrixSymbol("q", d, 1))
    inner(e[1], q)
    """
    length = dimension(n, "the length of a unit vector")
    place = as_expression(k, "the place of a unit vector")
    if is_matrix(place) or not (place.is_Integer or isinstance(place, Symbol)):
        raise InputError(f"the place of a unit vector must be a symbol or a positive integer, not {described(k)}")
    if place.is_Integer and (place < 1 or (length.is_Integer and place > length)):
        raise InputError(f"unit({place}, {length}): the places run from 1 to {length}")
    return Basic.__new__(UnitVector, Str(f"e^{length}"), length, as_expression(1), place, length)
