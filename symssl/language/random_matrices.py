"""Random matrices with a declared law: independent Gaussian entries, uniformly distributed orthonormal columns."""

from __future__ import annotations

from typing import Any

from sympy import Basic, MatrixSymbol
from sympy.core.symbol import Str

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import one_of, text_of
from .inputs import as_expression, dimension

__all__ = ["RandomMatrix", "frame", "gaussian_matrix"]

_LAWS = ("frame", "gaussian")


class RandomMatrix(Guarded, MatrixSymbol):
    """A matrix with a declared law, independent of every other random object; made by `frame`, `gaussian_matrix`.

    >>> frame("W", 5, 2).law
    'frame'
    """

    def __new__(cls, name: Any, rows: Any, cols: Any, law: Any) -> RandomMatrix:
        name = name if isinstance(name, Str) else Str(str(name))
        law = Str(one_of("the law of a random matrix", str(law), _LAWS))
        return Basic.__new__(cls, name, as_expression(rows), as_expression(cols), law)

    @property
    def law(self) -> str:
        """ "frame": orthonormal columns, uniformly distributed; "gaussian": independent standard normal entries."""
        return str(self.args[3])


def frame(name: str, rows: Any, cols: Any) -> RandomMatrix:
    r"""A random matrix with orthonormal columns, uniformly distributed: its law is that of QW for every orthogonal Q.

    Parameters
    ----------
    rows, cols : sizes, cols at most rows.

    Raises
    ------
    InputError
        More columns than rows.

    >>> from sympy import symbols
    >>> h, d = symbols("h d", integer=True, positive=True)
    >>> frame("W_1", h, d)
    W_1
    """
    rows, cols = dimension(rows, "rows"), dimension(cols, "cols")
    if (rows - cols).is_negative:
        raise InputError(f"frame({name}): {cols} columns of length {rows} cannot be orthonormal")
    return RandomMatrix(text_of("name", name), rows, cols, "frame")


def gaussian_matrix(name: str, rows: Any, cols: Any) -> RandomMatrix:
    """A random matrix whose entries are independent and standard normal.

    >>> gaussian_matrix("G", 3, 2).shape
    (3, 2)
    """
    return RandomMatrix(text_of("name", name), dimension(rows, "rows"), dimension(cols, "cols"), "gaussian")
