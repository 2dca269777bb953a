"""Operators on scalars and matrices: stop-gradient, expectation, sums and averages over samples."""

from __future__ import annotations

from typing import Any

from sympy import Expr, MatrixExpr, Symbol, Tuple
from sympy.core.basic import Basic
from sympy.printing.pretty.stringpict import prettyForm

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described
from .binding import Binder
from .inputs import as_expression, dimension, is_matrix
from .random_vectors import GaussianVector
from .sample_vectors import Sample
from .scalars import Potential, ScalarNode, cosine, enclosed, inner, matrix_argument, norm, sq
from .unit_vectors import UnitVector
from .writing import as_argument

__all__ = [
    "BINDERS",
    "NODES",
    "E",
    "Expectation",
    "MatrixExpectation",
    "MatrixNode",
    "MatrixStopGradient",
    "MatrixTotal",
    "StopGradient",
    "Total",
    "mean",
    "sg",
    "total",
]


# --- operators that act on scalars and matrices alike ------------------------------------


def _wrapper(scalar, matrix, name):
    """One constructor for an operator with a scalar and a matrix node; `name` is what users call it."""

    def make(expr, *args):
        expr = as_expression(expr, f"the argument of {name}")
        if is_matrix(expr):
            return matrix(matrix_argument(expr, name), *args)
        return scalar(expr, *args)

    return make


class MatrixNode(Guarded, MatrixExpr):
    """A matrix of the shape of its first argument."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """The shape of the first argument."""
        return self.args[0].shape

    def _entry(self, i, j, **kwargs):
        raise InputError(f"{type(self).__name__} has no entries: keep it as a matrix")


class _StopGradientPrint:
    def _pretty(self, printer):
        return enclosed(printer, "[", self.args[:1], "]", "sg")

    def _latex(self, printer, exp=None):
        text = r"\operatorname{sg}\left[%s\right]" % printer._print(self.args[0])
        return text if exp is None else text + "^{%s}" % exp

    def _sympystr(self, printer):
        return f"sg({printer._print(self.args[0])})"


class StopGradient(_StopGradientPrint, ScalarNode):
    """A scalar that is held constant when a gradient is taken; made by :func:`sg`."""

    def __new__(cls, expr):
        return Expr.__new__(cls, expr)


class MatrixStopGradient(_StopGradientPrint, MatrixNode):
    """A matrix that is held constant when a gradient is taken; made by :func:`sg`."""

    def __new__(cls, expr):
        return Basic.__new__(cls, expr)


_sg = _wrapper(StopGradient, MatrixStopGradient, "sg")


def sg(expr: Any) -> Any:
    """Stop-gradient: `expr` itself, held constant when a gradient is taken.

    >>> from sympy import MatrixSymbol
    >>> W = MatrixSymbol("W", 2, 2)
    >>> sg(W)
    sg(W)
    """
    return _sg(expr)


class _ExpectationPrint:
    args: tuple[Any, ...]

    @property
    def given(self) -> tuple[GaussianVector, ...]:
        """The vectors held fixed."""
        return tuple(self.args[1])

    def _pretty(self, printer):
        body = printer._print(self.args[0])
        if self.given:
            body = prettyForm(*body.right(" | ", printer._print_seq(self.given, delimiter=", ")))
        return prettyForm(*prettyForm(*body.parens("[", "]")).left("E"))

    def _latex(self, printer, exp=None):
        body = printer._print(self.args[0])
        if self.given:
            body += r" \,\middle|\, " + ", ".join(map(printer._print, self.given))
        text = r"\mathbb{E}\left[%s\right]" % body
        return text if exp is None else text + "^{%s}" % exp

    def _sympystr(self, printer):
        given = "".join(f", {printer._print(g)}" for g in self.given)
        return f"E({printer._print(self.args[0])}{', given=' + given[2:] if given else ''})"


class Expectation(_ExpectationPrint, ScalarNode):
    """The unevaluated expectation of a scalar; made by :func:`E`."""

    def __new__(cls, expr, given=Tuple()):
        return Expr.__new__(cls, expr, given)


class MatrixExpectation(_ExpectationPrint, MatrixNode):
    """The unevaluated expectation of a matrix; made by :func:`E`."""

    def __new__(cls, expr, given=Tuple()):
        return Basic.__new__(cls, expr, given)


_E = _wrapper(Expectation, MatrixExpectation, "E")


def E(expr: Any, given: GaussianVector | tuple[GaussianVector, ...] = ()) -> Any:
    """Expectation over the Gaussian vectors in `expr`, unevaluated.

    Parameters
    ----------
    expr : scalar or matrix expression
    given : GaussianVector or tuple of them
        Vectors held fixed (a conditional expectation).

    Use :func:`symssl.expect` to evaluate what is polynomial.

    >>> from sympy import MatrixSymbol, Symbol
    >>> d = Symbol("d", integer=True, positive=True)
    >>> from symssl import gaussians, inner
    >>> x, = gaussians("x", d)
    >>> E(inner(x, x))
    E(inner(x, x))
    """
    given = tuple(given) if isinstance(given, (tuple, list, Tuple)) else (given,)
    for g in given:
        if not isinstance(g, GaussianVector):
            raise InputError(f"given must be Gaussian vectors, declared with gaussians(...), not {described(g)}")
    return _E(expr, Tuple(*given))


# --- finite sums -------------------------------------------------------------------------


class _Summed(Binder):
    within = (0, 1)
    is_open_sum = True  # in LaTeX nothing tells where it ends

    def _pretty(self, printer):
        i, n = self.args[1:]
        body = prettyForm(*printer._print(self.args[0]).parens("(", ")"))
        return prettyForm(*body.left(f"sum_{{{i}=1..{n}}} "))

    def _latex(self, printer, exp=None):
        i, n = self.args[1:]
        text = r"\sum_{%s=1}^{%s} %s" % (printer._print(i), printer._print(n), as_argument(printer, self.args[0]))
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)

    def _sympystr(self, printer):
        i, n = self.args[1:]
        return f"total({printer._print(self.args[0])}, ({i}, {n}))"

    @property
    def bound_symbols(self) -> list[Symbol]:
        """The index."""
        return [self.args[1]]

    @property
    def free_symbols(self) -> set[Symbol]:
        """The free symbols of the summand but for the index, and those of the number of samples."""
        body = {s for s in self.args[0].free_symbols if not (isinstance(s, Sample) and s.index == self.args[1])}
        return (body - {self.args[1]}) | self.args[2].free_symbols


class Total(_Summed, ScalarNode):
    """A sum of scalars over a sample index; made by :func:`total`."""

    def __new__(cls, expr, index, size):
        return Expr.__new__(cls, expr, index, size)


class MatrixTotal(_Summed, MatrixNode):
    """A sum of matrices over a sample index; made by :func:`total`."""

    def __new__(cls, expr, index, size):
        return Basic.__new__(cls, expr, index, size)


_total = _wrapper(Total, MatrixTotal, "total")


def _range_of(expr, index):
    """(index, N) for an index symbol, N read off the samples that carry it."""
    index, given = index if isinstance(index, (tuple, Tuple)) and len(index) == 2 else (index, None)
    symbol = as_expression(index, "a sample index")
    if not isinstance(symbol, Symbol):
        raise InputError(f"a sample index must be a symbol or a pair (symbol, N), not {described(index)}")
    index = symbol
    sizes = {s.size for s in expr.atoms(Sample) if s.index == index}
    if given is not None:
        given = dimension(given, f"the number of samples over {index}")
        for n in sizes - {given} - {s.size for s in expr.atoms(UnitVector)}:  # e_1, ..., e_N may be the first few
            if not (n.is_Integer and given.is_Integer and given < n):
                raise InputError(f"the sum over {index} runs from 1 to {given}, but there are only {n} samples")
        return index, given
    if len(sizes) != 1:
        raise InputError(
            f"the range of the sum over {index} is not known: "
            + (
                "no sample carries this index; give it as (index, N)"
                if not sizes
                else f"samples of different sizes {sorted(map(str, sizes))} carry this index"
            )
        )
    return index, sizes.pop()


def total(expr: Any, *indices: Symbol | tuple[Symbol, Any]) -> Any:
    """Sum of `expr` over sample indices; an index is a symbol or a pair (symbol, N).

    >>> from sympy import symbols
    >>> from symssl import samples, sq
    >>> i = symbols("i")
    >>> X = samples("x", symbols("d"), 5)
    >>> total(sq(X[i]), i)
    total(sq(x[i]), (i, 5))
    """
    if not indices:
        raise InputError("give at least one index to sum over")
    expr = as_expression(expr, "the summand")
    ranges = [_range_of(expr, index) for index in indices]
    if len({i for i, _ in ranges}) < len(ranges):
        raise InputError(
            f"an index is summed twice in {', '.join(str(i) for i, _ in ranges)}: give every sum its own index"
        )
    for i, n in reversed(ranges):
        expr = _total(expr, i, n)
    return expr


def mean(expr: Any, *indices: Symbol | tuple[Symbol, Any]) -> Any:
    """Average of `expr` over sample indices: :func:`total` divided by the sizes.

    >>> from sympy import symbols
    >>> from symssl import samples, sq
    >>> i, N = symbols("i N")
    >>> X = samples("x", symbols("d"), N)
    >>> mean(sq(X[i]), i)
    total(sq(x[i]), (i, N))/N
    """
    expr = as_expression(expr, "the summand")
    out = total(expr, *indices)
    for index in indices:
        out = out / _range_of(expr, index)[1]
    return out


BINDERS = (Expectation, MatrixExpectation, Total, MatrixTotal)
NODES = (inner, norm, sq, cosine, Potential, StopGradient, MatrixStopGradient, *BINDERS)
