"""Scalar nodes, random vectors and sample sums that compose with SymPy.

Losses are written with ordinary SymPy matrices and the nodes below; they read
as on paper::

    x, xp = gaussians("x x'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])
    loss = -E(cosine(W*Phi*x, sg(Phi*xp)))

The nodes only hold the expression.  What they mean is decided at the gate
(:mod:`symssl.gate`), where they are read into the exact word algebra.
"""

from sympy import Dummy, Expr, Integer, MatrixBase, MatrixExpr, MatrixSymbol, Symbol, Tuple
from sympy.core.basic import Basic
from sympy.core.symbol import Str
from sympy.printing.pretty.stringpict import prettyForm

from .errors import InputError
from .vectors import GaussianVector, Joint, Sample, dimension, exact, gaussians, is_matrix, samples

__all__ = ["inner", "norm", "sq", "cosine", "sg", "E", "potential",
           "gaussians", "samples", "mean", "total",
           "GaussianVector", "Joint", "Sample", "Potential",
           "PotentialGradient", "check_names", "exact", "NODES", "BINDERS"]


def check_names(*exprs):
    """Refuse two different symbols of one name: on paper they could not be told apart."""
    seen = {}
    for e in exprs:
        bound = {t.args[1] for t in e.atoms(Total, MatrixTotal)} | {
            s.index for s in e.atoms(Sample)}
        for s in e.atoms(MatrixSymbol, Symbol) - bound:
            if isinstance(s, (PotentialGradient, Dummy)):
                continue
            kind = (type(s), *s.args[1:3], s.size) if isinstance(s, Sample) else \
                s.copied(1) if isinstance(s, GaussianVector) else s
            if seen.setdefault(s.name, kind) != kind:
                raise InputError(f"two different symbols are called {s.name}: declare it once, with "
                                 "one shape, one law and one set of assumptions")


def _matrix(a, role):
    """`a` as a matrix expression, or a complaint that names the role it plays."""
    a = exact(a)
    if isinstance(a, MatrixBase):
        return a.as_immutable()
    if isinstance(a, MatrixExpr):
        return a
    raise InputError(f"{role} expects a matrix or vector, got {a!s} of type {type(a).__name__}")


def _same_shape(a, b, role):
    if tuple(a.shape) != tuple(b.shape):
        raise InputError(f"{role}: {a} has shape {tuple(a.shape)} but {b} has shape {tuple(b.shape)}")


def _enclosed(printer, left, parts, right, before=""):
    """Pretty form of parts between brackets, as in E[...] or <a, b>."""
    form = printer._print_seq(parts, delimiter=", ")
    form = prettyForm(*form.parens(left, right))
    return prettyForm(*form.left(before)) if before else form


class _Scalar(Expr):
    """A real scalar made from matrices."""

    is_commutative = True
    is_real = True

    def _eval_derivative(self, symbol):
        if symbol in self.free_symbols:
            raise InputError(f"{self} cannot be differentiated by {symbol} here: "
                             "use gradient_flow, which differentiates matrix words")
        return Integer(0)

    def _eval_adjoint(self):
        return self


class inner(_Scalar):
    r"""Frobenius inner product :math:`\langle a, b\rangle = \mathrm{tr}(a^\top b)`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import inner
    >>> x, y = MatrixSymbol("x", 3, 1), MatrixSymbol("y", 3, 1)
    >>> 1/inner(x, y)
    1/inner(x, y)
    """

    def __new__(cls, a, b):
        a, b = _matrix(a, "inner"), _matrix(b, "inner")
        _same_shape(a, b, "inner")
        return Expr.__new__(cls, a, b)

    def _pretty(self, printer):
        return _enclosed(printer, "<", self.args, ">")

    def _latex(self, printer, exp=None):
        text = r"\left\langle %s, %s\right\rangle" % tuple(printer._print(a) for a in self.args)
        return text if exp is None else text + "^{%s}" % exp


class norm(_Scalar):
    r"""Frobenius (for vectors: Euclidean) norm :math:`\|a\|` of a matrix expression.

    >>> from sympy import MatrixSymbol, latex
    >>> latex(norm(MatrixSymbol("W", 2, 3))**3)
    '\\left\\lVert W\\right\\rVert^{3}'
    """

    is_nonnegative = True

    def __new__(cls, a):
        return Expr.__new__(cls, _matrix(a, "norm"))

    def _pretty(self, printer):
        return _enclosed(printer, "|", self.args, "|")

    def _latex(self, printer, exp=None):
        text = r"\left\lVert %s\right\rVert" % printer._print(self.args[0])
        return text if exp is None else text + "^{%s}" % exp


class sq(_Scalar):
    r"""Squared Frobenius norm :math:`\|a\|^2` of a matrix expression.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> W = MatrixSymbol("W", 2, 3)
    >>> bool(matrix_equal(sq(W), norm(W)**2))
    True
    """

    is_nonnegative = True

    def __new__(cls, a):
        return Expr.__new__(cls, _matrix(a, "sq"))

    def _pretty(self, printer):
        return _enclosed(printer, "|", self.args, "|")**prettyForm("2")

    def _latex(self, printer, exp=None):
        text = r"\left\lVert %s\right\rVert^{2}" % printer._print(self.args[0])
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)


class cosine(_Scalar):
    r"""Cosine similarity :math:`\langle a, b\rangle/(\|a\|\,\|b\|)` of two matrices of one shape.

    Raises :class:`~symssl.InputError` where the shapes differ.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> x = MatrixSymbol("x", 3, 1)
    >>> bool(matrix_equal(cosine(x, -2*x), -1))
    True
    """

    def __new__(cls, a, b):
        a, b = _matrix(a, "cosine"), _matrix(b, "cosine")
        _same_shape(a, b, "cosine")
        return Expr.__new__(cls, a, b)

    def _pretty(self, printer):
        return _enclosed(printer, "(", self.args, ")", "cos")

    def _latex(self, printer, exp=None):
        text = r"\cos\left(%s, %s\right)" % tuple(printer._print(a) for a in self.args)
        return text if exp is None else text + "^{%s}" % exp


class Potential(_Scalar):
    """An unspecified smooth scalar function of matrices; see :func:`potential`."""

    def __new__(cls, name, *args):
        return Expr.__new__(cls, Str(str(name)), *args)

    def _pretty(self, printer):
        return _enclosed(printer, "(", self.args[1:], ")", str(self.args[0]))

    def _latex(self, printer, exp=None):
        text = r"%s\left(%s\right)" % (self.args[0], ", ".join(map(printer._print, self.args[1:])))
        return text if exp is None else text + "^{%s}" % exp


def potential(name, *args):
    r"""An unspecified differentiable scalar function of the matrices `args`.

    What holds for a potential holds for every loss of that form: its gradient
    is a letter of its own, :math:`\nabla_k f`.

    >>> from sympy import MatrixSymbol
    >>> W, V = MatrixSymbol("W", 2, 3), MatrixSymbol("V", 3, 4)
    >>> potential("f", W*V)
    Potential(f, W*V)
    """
    if not args:
        raise InputError(f"potential {name!r} needs at least one matrix argument")
    return Potential(name, *[_matrix(a, f"potential {name!r}") for a in args])


class PotentialGradient(MatrixSymbol):
    """The gradient of a potential in one of its arguments: a matrix about which nothing is known."""

    def __new__(cls, name, rows, cols, potential, slot):
        name = name if isinstance(name, Str) else Str(str(name))
        return Basic.__new__(cls, name, exact(rows), exact(cols), potential, exact(slot))

    def _latex(self, printer, exp=None):
        potential, slot = self.args[3:]
        sub = "_{%s}" % (slot + 1) if len(potential.args) > 2 else ""
        text = r"\nabla%s %s" % (sub, printer._print(potential))
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)

    @property
    def free_symbols(self):
        return {self}


# --- operators that act on scalars and matrices alike ------------------------------------


def _wrapper(scalar, matrix):
    """One constructor for an operator with a scalar and a matrix node."""
    def make(expr, *args):
        expr = exact(expr)
        if is_matrix(expr):
            return matrix(_matrix(expr, matrix.__name__), *args)
        return scalar(expr, *args)
    return make


class _MatrixNode(MatrixExpr):
    """A matrix of the shape of its first argument."""

    @property
    def shape(self):
        return self.args[0].shape

    def _entry(self, i, j, **kwargs):
        raise InputError(f"{type(self).__name__} has no entries: keep it as a matrix")


class _StopGradientPrint:
    def _pretty(self, printer):
        return _enclosed(printer, "[", self.args[:1], "]", "sg")

    def _latex(self, printer, exp=None):
        text = r"\operatorname{sg}\left[%s\right]" % printer._print(self.args[0])
        return text if exp is None else text + "^{%s}" % exp

    def _sympystr(self, printer):
        return f"sg({printer._print(self.args[0])})"


class StopGradient(_StopGradientPrint, _Scalar):
    def __new__(cls, expr):
        return Expr.__new__(cls, expr)


class MatrixStopGradient(_StopGradientPrint, _MatrixNode):
    def __new__(cls, expr):
        return Basic.__new__(cls, expr)


_sg = _wrapper(StopGradient, MatrixStopGradient)


def sg(expr):
    """Stop-gradient: `expr` itself, held constant when a gradient is taken.

    >>> from sympy import MatrixSymbol
    >>> W = MatrixSymbol("W", 2, 2)
    >>> sg(W)
    sg(W)
    """
    return _sg(expr)


class _ExpectationPrint:
    @property
    def given(self):
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


class Expectation(_ExpectationPrint, _Scalar):
    def __new__(cls, expr, given=Tuple()):
        return Expr.__new__(cls, expr, given)


class MatrixExpectation(_ExpectationPrint, _MatrixNode):
    def __new__(cls, expr, given=Tuple()):
        return Basic.__new__(cls, expr, given)


_E = _wrapper(Expectation, MatrixExpectation)


def E(expr, given=()):
    """Expectation over the Gaussian vectors in `expr`, unevaluated.

    Parameters
    ----------
    expr : scalar or matrix expression
    given : GaussianVector or tuple of them
        Vectors held fixed (a conditional expectation).

    Use :func:`symssl.expect` to evaluate what is polynomial.

    >>> from sympy import MatrixSymbol, Symbol
    >>> d = Symbol("d", integer=True, positive=True)
    >>> x, = gaussians("x", d)
    >>> E(inner(x, x))
    E(inner(x, x))
    """
    given = tuple(given) if isinstance(given, (tuple, list, Tuple)) else (given,)
    for g in given:
        if not isinstance(g, GaussianVector):
            raise InputError(f"E: given={g} is not a Gaussian vector; declare it with gaussians(...)")
    return _E(expr, Tuple(*given))


# --- finite sums -------------------------------------------------------------------------


class _TotalPrint:
    def _pretty(self, printer):
        i, n = self.args[1:]
        body = prettyForm(*printer._print(self.args[0]).parens("(", ")"))
        return prettyForm(*body.left(f"sum_{{{i}=1..{n}}} "))

    def _latex(self, printer, exp=None):
        i, n = self.args[1:]
        text = r"\sum_{%s=1}^{%s} %s" % (printer._print(i), printer._print(n),
                                         printer.parenthesize(self.args[0], 40))
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)

    def _sympystr(self, printer):
        i, n = self.args[1:]
        return f"total({printer._print(self.args[0])}, ({i}, {n}))"

    @property
    def free_symbols(self):
        body = {s for s in self.args[0].free_symbols
                if not (isinstance(s, Sample) and s.index == self.args[1])}
        return (body - {self.args[1]}) | self.args[2].free_symbols


class Total(_TotalPrint, _Scalar):
    def __new__(cls, expr, index, size):
        return Expr.__new__(cls, expr, index, size)


class MatrixTotal(_TotalPrint, _MatrixNode):
    def __new__(cls, expr, index, size):
        return Basic.__new__(cls, expr, index, size)


_total = _wrapper(Total, MatrixTotal)


def _range_of(expr, index):
    """(index, N) for an index symbol, N read off the samples that carry it."""
    index, given = index if isinstance(index, (tuple, Tuple)) and len(index) == 2 else (index, None)
    index = exact(index)
    if not index.is_Symbol:
        raise InputError(f"total: the index {index} is not a symbol")
    sizes = {s.size for s in expr.atoms(Sample) if s.index == index}
    if given is not None:
        given = dimension(given, "total")
        for n in sizes - {given}:
            if not (n.is_Integer and given.is_Integer and given < n):
                raise InputError(f"total over {index}: 1 to {given}, but there are {n} samples")
        return index, given
    if len(sizes) != 1:
        raise InputError(f"total over {index}: " + (
            "no sample carries this index; give its range as (index, N)" if not sizes else
            f"samples of different sizes {sorted(map(str, sizes))} carry this index"))
    return index, sizes.pop()


def total(expr, *indices):
    """Sum of `expr` over sample indices; an index is a symbol or a pair (symbol, N).

    >>> from sympy import symbols
    >>> i = symbols("i")
    >>> X = samples("x", symbols("d"), 5)
    >>> total(sq(X[i]), i)
    total(sq(x[i]), (i, 5))
    """
    if not indices:
        raise InputError("total: give at least one index to sum over")
    expr = exact(expr)
    ranges = [_range_of(expr, index) for index in indices]
    if len({i for i, _ in ranges}) < len(ranges):
        raise InputError(f"total: an index is summed twice in {', '.join(str(i) for i, _ in ranges)}; "
                         "give every sum its own index")
    for i, n in reversed(ranges):
        expr = _total(expr, i, n)
    return expr


def mean(expr, *indices):
    """Average of `expr` over sample indices: :func:`total` divided by the sizes.

    >>> from sympy import symbols
    >>> i, N = symbols("i N")
    >>> X = samples("x", symbols("d"), N)
    >>> mean(sq(X[i]), i)
    total(sq(x[i]), (i, N))/N
    """
    expr = exact(expr)
    out = total(expr, *indices)
    for index in indices:
        out = out/_range_of(expr, index)[1]
    return out


BINDERS = (Expectation, MatrixExpectation, Total, MatrixTotal)
NODES = (inner, norm, sq, cosine, Potential, StopGradient, MatrixStopGradient, *BINDERS)
