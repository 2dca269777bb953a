"""Scalars made from matrices - inner products, norms, cosines, potentials - that compose with SymPy.

Losses are written with ordinary SymPy matrices and these; they read as on paper::

    x, xp = gaussians("x x'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])
    loss = -E(cosine(W*Phi*x, sg(Phi*xp)))

They only hold the expression; :mod:`symssl.words` reads it into an exact algebra, where it is
differentiated, averaged and compared.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, MatrixBase, MatrixExpr, MatrixSymbol, Symbol
from sympy.core.basic import Basic
from sympy.core.symbol import Str
from sympy.printing.pretty.stringpict import prettyForm

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described, text_of
from .inputs import as_expression

__all__ = [
    "Potential",
    "PotentialGradient",
    "ScalarNode",
    "cosine",
    "enclosed",
    "inner",
    "matrix_argument",
    "norm",
    "potential",
    "sq",
]


def matrix_argument(value: Any, role: str) -> Any:
    """A matrix expression, explicit ones made immutable; `role` says in a message whose argument it is."""
    expr = as_expression(value, f"the argument of {role}")
    if isinstance(expr, MatrixBase):
        return expr.as_immutable()
    if isinstance(expr, MatrixExpr):
        return expr
    raise InputError(f"the argument of {role} must be a matrix or vector, not {described(value)}")


def _same_shape(a, b, role):
    if tuple(a.shape) != tuple(b.shape):
        raise InputError(f"the arguments of {role} have different shapes: {a} is {_shape(a)}, {b} is {_shape(b)}")


def _shape(a):
    return f"{a.shape[0]} x {a.shape[1]}"


def enclosed(printer: Any, left: str, parts: Any, right: str, before: str = "") -> prettyForm:
    """Pretty form of parts between brackets, as in E[...] or <a, b>."""
    form = printer._print_seq(parts, delimiter=", ")
    form = prettyForm(*form.parens(left, right))
    return prettyForm(*form.left(before)) if before else form


class ScalarNode(Guarded, Expr):
    """A real scalar made from matrices."""

    is_commutative = True
    is_real: Any = True

    def _eval_derivative(self, symbol):
        if symbol in self.free_symbols:
            raise InputError(
                f"{self} cannot be differentiated by {symbol} here: "
                "use gradient_flow, which differentiates matrix words"
            )
        return Integer(0)

    def _eval_adjoint(self):
        return self


class inner(ScalarNode):
    r"""Frobenius inner product :math:`\langle a, b\rangle = \mathrm{tr}(a^\top b)`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import inner
    >>> x, y = MatrixSymbol("x", 3, 1), MatrixSymbol("y", 3, 1)
    >>> 1/inner(x, y)
    1/inner(x, y)
    """

    def __new__(cls, a: Any, b: Any) -> inner:
        a, b = matrix_argument(a, "inner"), matrix_argument(b, "inner")
        _same_shape(a, b, "inner")
        return Expr.__new__(cls, a, b)

    def _pretty(self, printer):
        return enclosed(printer, "<", self.args, ">")

    def _latex(self, printer, exp=None):
        text = r"\left\langle %s, %s\right\rangle" % tuple(printer._print(a) for a in self.args)
        return text if exp is None else text + "^{%s}" % exp


class norm(ScalarNode):
    r"""Frobenius (for vectors: Euclidean) norm :math:`\|a\|` of a matrix expression.

    >>> from sympy import MatrixSymbol, latex
    >>> latex(norm(MatrixSymbol("W", 2, 3))**3)
    '\\left\\lVert W\\right\\rVert^{3}'
    """

    is_nonnegative = True

    def __new__(cls, a: Any) -> norm:
        return Expr.__new__(cls, matrix_argument(a, "norm"))

    def _pretty(self, printer):
        return enclosed(printer, "|", self.args, "|")

    def _latex(self, printer, exp=None):
        text = r"\left\lVert %s\right\rVert" % printer._print(self.args[0])
        return text if exp is None else text + "^{%s}" % exp

    def _latex_power(self, printer, exponent):
        """Even powers, told apart from those of `sq` by braces that are not seen."""
        return "{%s}^{%s}" % (self._latex(printer), exponent) if exponent.is_Integer and exponent % 2 == 0 else ""


class sq(ScalarNode):
    r"""Squared Frobenius norm :math:`\|a\|^2` of a matrix expression.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> W = MatrixSymbol("W", 2, 3)
    >>> bool(matrix_equal(sq(W), norm(W)**2))
    True
    """

    is_nonnegative = True

    def __new__(cls, a: Any) -> sq:
        return Expr.__new__(cls, matrix_argument(a, "sq"))

    def _pretty(self, printer):
        return enclosed(printer, "|", self.args, "|") ** prettyForm("2")

    def _latex(self, printer, exp=None):
        text = r"\left\lVert %s\right\rVert^{2}" % printer._print(self.args[0])
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)

    def _latex_power(self, printer, exponent):
        if not exponent.is_Integer:
            return ""
        return r"\left\lVert %s\right\rVert^{%s}" % (printer._print(self.args[0]), 2 * exponent)


class cosine(ScalarNode):
    r"""Cosine similarity :math:`\langle a, b\rangle/(\|a\|\,\|b\|)` of two matrices of one shape.

    Raises :class:`~symssl.InputError` where the shapes differ.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> x = MatrixSymbol("x", 3, 1)
    >>> bool(matrix_equal(cosine(x, -2*x), -1))
    True
    """

    def __new__(cls, a: Any, b: Any) -> cosine:
        a, b = matrix_argument(a, "cosine"), matrix_argument(b, "cosine")
        _same_shape(a, b, "cosine")
        return Expr.__new__(cls, a, b)

    def _pretty(self, printer):
        return enclosed(printer, "(", self.args, ")", "cos")

    def _latex(self, printer, exp=None):
        text = r"\cos\left(%s, %s\right)" % tuple(printer._print(a) for a in self.args)
        return text if exp is None else text + "^{%s}" % exp


class Potential(ScalarNode):
    """An unspecified smooth scalar function of matrices; made by :func:`potential`.

    >>> from sympy import MatrixSymbol
    >>> potential("f", MatrixSymbol("W", 2, 3)).args
    (f, W)
    """

    def __new__(cls, name: Any, *args: Any) -> Potential:
        name = text_of("name", name.name if isinstance(name, Str) else name)
        return Expr.__new__(cls, Str(name), *(matrix_argument(a, f"the potential {name}") for a in args))

    def _pretty(self, printer):
        return enclosed(printer, "(", self.args[1:], ")", str(self.args[0]))

    def _latex(self, printer, exp=None):
        name = printer._print(Symbol(str(self.args[0])))
        text = r"%s\left(%s\right)" % (name, ", ".join(map(printer._print, self.args[1:])))
        return text if exp is None else text + "^{%s}" % exp


def potential(name: str, *args: Any) -> Potential:
    r"""An unspecified differentiable scalar function of the matrices `args`.

    What holds for a potential holds for every loss of that form: its gradient
    is a letter of its own, :math:`\nabla_k f`.

    >>> from sympy import MatrixSymbol
    >>> W, V = MatrixSymbol("W", 2, 3), MatrixSymbol("V", 3, 4)
    >>> potential("f", W*V)
    Potential(f, W*V)
    """
    name = text_of("name", name)
    if not args:
        raise InputError(f"the potential {name} needs at least one matrix argument")
    return Potential(name, *args)


class PotentialGradient(Guarded, MatrixSymbol):
    """The gradient of a potential in one of its arguments: a matrix about which nothing is known.

    >>> from sympy import MatrixSymbol
    >>> from symssl import gradient_flow
    >>> W = MatrixSymbol("W", 2, 3)
    >>> gradient_flow(potential("f", W), W).rhs[W].atoms(PotentialGradient)
    {grad_f}
    """

    def __new__(cls, name: Any, rows: Any, cols: Any, potential: Any, slot: Any) -> PotentialGradient:
        name = name if isinstance(name, Str) else Str(str(name))
        return Basic.__new__(
            cls, name, as_expression(rows), as_expression(cols), as_expression(potential), as_expression(slot)
        )

    def _latex(self, printer, exp=None):
        potential, slot = self.args[3:]
        sub = "_{%s}" % (slot + 1) if len(potential.args) > 2 else ""
        text = r"\nabla%s %s" % (sub, printer._print(potential))
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)

    @property
    def free_symbols(self) -> set[Symbol]:
        """The gradient itself: a symbol of its own."""
        return {self}
