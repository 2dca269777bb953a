"""Sums over the modes of a matrix flow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sympy import Add, Expr, Integer, Mul, Symbol, expand

from ..exact.gate import Guarded
from .inputs import as_scalar
from .writing import as_argument

__all__ = ["ModeSum", "sum_over_modes"]


class ModeSum(Guarded, Expr):
    r"""Sum over modes of an expression in the symbols of one mode, :math:`\sum_j f(p_j, s_j)`.

    Its free symbols are none: those of the summand stand for the values in mode j, which is summed over.

    >>> from sympy import symbols
    >>> p = symbols("p", positive=True)
    >>> ModeSum(p**2).is_positive, ModeSum(p**2).diff(p)
    (True, 0)
    """

    is_commutative = True
    is_real = True
    is_open_sum = True  # in LaTeX nothing tells where it ends

    def __new__(cls, summand: Any) -> ModeSum:
        return Expr.__new__(cls, as_scalar(summand, "the summand of a sum over modes"))

    @property
    def free_symbols(self) -> set[Symbol]:
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
        text = r"\sum_{j} %s" % as_argument(printer, self.args[0])
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)


def sum_over_modes(summand: Expr, of_mode: Collection[Symbol], count: Expr) -> Expr:
    """The sum of an expression over `count` modes; factors without any of the symbols `of_mode` are pulled out.

    >>> from sympy import symbols
    >>> p, c, n = symbols("p c n")
    >>> sum_over_modes(c*p**2 + 1, {p}, n)
    c*ModeSum(p**2) + n
    """
    of_mode, out = set(of_mode), Integer(0)
    for term in Add.make_args(expand(summand)):
        inside: list[Expr] = []
        outside: list[Expr] = []
        for part in Mul.make_args(term):
            (inside if part.free_symbols & of_mode else outside).append(part)
        product = Mul(*inside)
        out += Mul(*outside) * (ModeSum(product) if product != 1 else count)
    return out
