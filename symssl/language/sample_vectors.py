"""Families of sample vectors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sympy import Expr, MatrixSymbol, Symbol
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described, text_of
from .inputs import as_expression, dimension, is_matrix

__all__ = ["Sample", "samples"]


class Sample(Guarded, MatrixSymbol):
    """Column vector number `index` of a sample family of size N; made by :class:`samples`.

    >>> x = samples("x", 3, 5)[2]
    >>> x.index, x.size, x.shape
    (2, 5, (3, 1))
    """

    def __new__(cls, name: Any, rows: Any, cols: Any, index: Any, size: Any) -> Sample:
        name = name if isinstance(name, Str) else Str(str(name))
        return Basic.__new__(
            cls, name, as_expression(rows), as_expression(cols), as_expression(index), as_expression(size)
        )

    @property
    def index(self) -> Expr:
        """The number of the sample, or the symbol of an index."""
        return self.args[3]

    @property
    def size(self) -> Expr:
        """The number of samples in the family."""
        return self.args[4]

    def _sympystr(self, printer):
        return f"{self.name}[{self.index}]"

    def _latex(self, printer, exp=None):
        name, index = printer._print(Symbol(self.name)), printer._print(self.index)
        # a name that ends with a subscript has the index in it: never two subscripts
        text = f"{name[:-1]}, {index}}}" if re.search(r"_\{[^{}]*\}$", name) else f"{name}_{{{index}}}"
        return text if exp is None else text + "^{%s}" % exp

    @property
    def free_symbols(self) -> set[Symbol]:
        """The sample itself and the symbols of its index."""
        return {self} | self.index.free_symbols


@dataclass(frozen=True, init=False, repr=False)
class samples:
    """A family of N sample vectors of length d: `X = samples("x", d, N)`, then `X[i]`.

    N may be a positive integer or a symbol; indices run from 1 to N.

    >>> from sympy import symbols
    >>> X = samples("x", symbols("d"), symbols("N"))
    >>> X[symbols("i")]
    x[i]
    """

    name: str
    dim: Expr
    size: Expr

    def __init__(self, name: str, dim: Any, size: Any) -> None:
        object.__setattr__(self, "name", text_of("name", name))
        object.__setattr__(self, "dim", dimension(dim, "dim"))
        object.__setattr__(self, "size", dimension(size, "size"))

    def __repr__(self) -> str:
        return f"samples({self.name!r}, {self.dim}, {self.size})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, samples):
            return NotImplemented
        return (self.name, self.dim, self.size) == (other.name, other.dim, other.size)

    def __hash__(self) -> int:
        return hash((self.name, self.dim, self.size))

    def __getitem__(self, index: Any) -> Sample:
        given, index = index, as_expression(index, "the index of a sample")
        if is_matrix(index):
            raise InputError(f"the index of a sample must be a symbol or an integer, not {described(given)}")
        if index.is_Number and not (index.is_Integer and index >= 1):
            raise InputError(f"sample {self.name}[{index}]: indices run from 1")
        if index.is_Integer and self.size.is_Integer and index > self.size:
            raise InputError(f"sample {self.name}[{index}]: only {self.size} samples")
        if not (index.is_Integer or index.is_Symbol):
            raise InputError(f"sample {self.name}[{index}]: an index is a symbol or an integer")
        return Sample(self.name, self.dim, 1, index, self.size)
