"""Families of sample vectors."""

from sympy import MatrixSymbol, Symbol
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from ..errors import InputError
from .inputs import as_expression, dimension

__all__ = ["Sample", "samples"]


# --- samples -----------------------------------------------------------------------------


class Sample(MatrixSymbol):
    """Column vector number `index` of a sample family of size N."""

    def __new__(cls, name, rows, cols, index, size):
        name = name if isinstance(name, Str) else Str(str(name))
        return Basic.__new__(
            cls, name, as_expression(rows), as_expression(cols), as_expression(index), as_expression(size)
        )

    index = property(lambda self: self.args[3])
    size = property(lambda self: self.args[4])

    def _sympystr(self, printer):
        return f"{self.name}[{self.index}]"

    def _latex(self, printer, exp=None):
        text = f"{printer._print(Symbol(self.name))}_{{{printer._print(self.index)}}}"
        return text if exp is None else text + "^{%s}" % exp

    @property
    def free_symbols(self):
        return {self} | self.index.free_symbols


class samples:
    """A family of N sample vectors of length d: `X = samples("x", d, N)`, then `X[i]`.

    N may be a positive integer or a symbol; indices run from 1 to N.

    >>> from sympy import symbols
    >>> X = samples("x", symbols("d"), symbols("N"))
    >>> X[symbols("i")]
    x[i]
    """

    def __init__(self, name, dim, size):
        self.name = str(name)
        self.dim, self.size = (dimension(k, f"samples {name!r}") for k in (dim, size))

    def __getitem__(self, index):
        index = as_expression(index)
        if index.is_Number and not (index.is_Integer and index >= 1):
            raise InputError(f"sample {self.name}[{index}]: indices run from 1")
        if index.is_Integer and self.size.is_Integer and index > self.size:
            raise InputError(f"sample {self.name}[{index}]: only {self.size} samples")
        if not (index.is_Integer or index.is_Symbol):
            raise InputError(f"sample {self.name}[{index}]: an index is a symbol or an integer")
        return Sample(self.name, self.dim, 1, index, self.size)
