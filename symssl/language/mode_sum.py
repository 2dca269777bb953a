"""Sums over the modes of a matrix flow."""

from sympy import Add, Expr, Integer, Mul, expand

from .inputs import as_expression

__all__ = ["ModeSum", "sum_over_modes"]


class ModeSum(Expr):
    r"""Sum over modes of an expression in the per-mode symbols, :math:`\sum_j f(p_j, s_j)`."""

    is_commutative = True
    is_real = True

    def __new__(cls, summand):
        return Expr.__new__(cls, as_expression(summand))

    @property
    def free_symbols(self):
        return set()  # the mode index is bound

    def _eval_is_nonnegative(self):
        return self.args[0].is_nonnegative

    def _eval_is_positive(self):
        return self.args[0].is_positive

    def _eval_derivative(self, symbol):
        return Integer(0)

    def _eval_subs(self, old, new):
        return self

    def _latex(self, printer, exp=None):
        text = r"\sum_{j} %s" % printer.parenthesize(self.args[0], 40)
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)


def sum_over_modes(summand, of_mode, count):
    """The sum of an expression over `count` modes, what holds none of the symbols `of_mode` pulled out.

    >>> from sympy import symbols
    >>> p, c, n = symbols("p c n")
    >>> sum_over_modes(c*p**2 + 1, {p}, n)
    c*ModeSum(p**2) + n
    """
    out = Integer(0)
    for term in Add.make_args(expand(summand)):
        inside, outside = [], []
        for part in Mul.make_args(term):
            (inside if part.free_symbols & of_mode else outside).append(part)
        inside = Mul(*inside)
        out += Mul(*outside) * (ModeSum(inside) if inside != 1 else count)
    return out
