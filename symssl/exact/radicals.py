"""Radicals as new unknowns: a field with square roots becomes a rational one.

A root r = g^(1/q) of a real expression g is the solution of r^q = g with r >= 0; the principal values
of SymPy are real for no other g.  Every radical, nested ones and |g| = (g^2)^(1/2) too, is replaced by a
symbol with such an equation.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ..errors import Refusal
from ..support.arguments import sequence_of
from ..support.display import call_like
from .points import scalar

__all__ = ["Radicals"]


class Radicals:
    """Symbols for the radicals of some expressions.

    Attributes
    ----------
    equations : mapping {symbol: expression r**q - g}, in an order in which each g holds earlier symbols only

    Examples
    --------
    >>> from sympy import sqrt
    >>> from sympy.abc import x
    >>> radicals = Radicals([1/sqrt(x + 1) - x])
    >>> (r, equation), = radicals.equations.items()
    >>> equation.subs(r, 3), radicals(sqrt(x + 1)**3).subs(r, 2)
    (8 - x, 8)
    """

    def __init__(self, expressions: Iterable[sp.Expr]) -> None:
        expressions = [scalar("an expression", e) for e in sequence_of("expressions", expressions, "expressions")]
        self._orders: dict[sp.Expr, int] = {}
        self._symbols: dict[sp.Expr, sp.Symbol] = {}
        self.equations: dict[sp.Symbol, sp.Expr] = {}
        for e in expressions:
            for node in e.atoms(sp.Pow, sp.Abs, sp.sign):
                if (parts := _parts(node)) is not None:
                    self._orders[parts[0]] = sp.ilcm(self._orders.get(parts[0], 1), parts[1].q)
        for base in sorted(self._orders, key=sp.count_ops):  # the inner ones first
            if not base.free_symbols and not base.is_algebraic:
                raise Refusal(f"{base} is not an algebraic number")
            symbol = sp.Dummy(f"root_{len(self._symbols) + 1}", nonnegative=True)
            inner = self._replaced(base)
            self._symbols[base] = symbol
            self.equations[symbol] = symbol ** self._orders[base] - inner

    def __repr__(self) -> str:
        return call_like("Radicals", [f"{equation} = 0" for equation in self.equations.values()] or ["none"])

    def __call__(self, expression: sp.Expr) -> sp.Expr:
        """The expression in the new symbols.

        Raises
        ------
        Refusal
            For a radical that did not occur in the expressions from which this was made.
        """
        return self._replaced(scalar("expression", expression))

    def _replaced(self, expression):
        parts = _parts(expression)
        if parts is None:
            return expression.func(*map(self._replaced, expression.args)) if expression.args else expression
        base, exponent = parts
        if base not in self._symbols:
            raise Refusal(f"the radical {expression} did not occur in the first expressions, so it has no symbol")
        root = self._symbols[base] ** (exponent * self._orders[base])
        return self._replaced(expression.args[0]) / root if isinstance(expression, sp.sign) else root


def _parts(node):
    """Base and exponent of a radical; of |g| for the modulus and for the sign g/|g|; else None."""
    if isinstance(node, (sp.Abs, sp.sign)):
        return node.args[0] ** 2, sp.Rational(1, 2)
    if node.is_Pow and node.exp.is_Rational and not node.exp.is_Integer:
        return node.base, node.exp
    return None
