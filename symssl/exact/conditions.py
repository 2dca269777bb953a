"""What has to be proved about signs for a comparison or an equivalence to hold, and the proof of a sign.

Each rule takes what is printed and what is derived and returns pairs of an expression and the signs
(-1, 0, 1) that it may take.  Only these rules make evidence, so that no decider can ask for less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from ..errors import Undecided
from ..support.budgets import BUDGET, budgeted
from .numbers import exact_expression
from .points import coordinates, hypotheses, solve_equalities

__all__ = ["ALLOWED", "RULES", "sign_of"]


ALLOWED = {sp.Eq: {0}, sp.Gt: {1}, sp.Ge: {0, 1}, sp.Lt: {-1}, sp.Le: {-1, 0}, sp.Ne: {-1, 1}}
Obligations = list[tuple[sp.Expr, set[int]]]
_NEVER: Obligations = [(sp.S.Zero, set())]  # zero has a sign, so this is never met


def sides(printed: sp.Rel, derived: Any, order: Sequence[int] = ()) -> Obligations:
    """The difference of the printed sides has a sign that the comparison allows."""
    return [(printed.lhs - printed.rhs, ALLOWED[printed.func])]


def difference(printed: sp.Rel, derived: sp.Expr, order: Sequence[int] = ()) -> Obligations:
    """The derived quantity is the printed difference, and has a sign that the comparison allows."""
    return [(printed.lhs - printed.rhs - derived, {0}), (derived, ALLOWED[printed.func])]


def condition(printed: sp.Rel, derived: sp.Rel, order: Sequence[int] = ()) -> Obligations:
    """The differences agree up to a factor whose sign matches the directions.

    >>> x = sp.Symbol('x', positive=True)
    >>> condition(x > 1, sp.Lt(2, 2*x))
    [(-1/2, {-1})]
    """
    ratio = sp.cancel((printed.lhs - printed.rhs) / (derived.lhs - derived.rhs))
    if {printed.func, derived.func} & {sp.Eq, sp.Ne}:
        return [(ratio, {1, -1})] if printed.func is derived.func else _NEVER
    if printed.func is derived.func:
        return [(ratio, {1})]
    return [(ratio, {-1})] if printed.reversed.func is derived.func else _NEVER


def conditions(printed: sp.Basic, derived: sp.Basic, order: Sequence[int] = ()) -> Obligations:
    """Part by part, the derived parts taken in the given order."""
    if sorted(order) != list(range(len(printed.args))) or printed.func is not derived.func:
        return _NEVER
    return [pair for part, k in zip(printed.args, order) for pair in condition(part, derived.args[k])]


RULES: dict[str, Callable[..., Obligations]] = {
    "sides": sides,
    "difference": difference,
    "condition": condition,
    "conditions": conditions,
}


def _bounds(symbol, scalar, settled):
    """Lower and upper bound of a symbol from its assumptions and the comparisons linear in it.

    A bound by an already parametrised symbol would lose track of it and is left out.
    """
    lower = sp.S.Zero if symbol.is_positive else None
    upper = sp.S.Zero if symbol.is_negative else None
    for h in scalar:
        gap = sp.expand((h.lhs - h.rhs) * (1 if isinstance(h, (sp.Gt, sp.Ge)) else -1))
        slope = gap.diff(symbol)
        if isinstance(h, (sp.Gt, sp.Lt)) and not slope.has(symbol) and slope.is_nonzero:
            bound = sp.cancel(symbol - gap / slope)
            if bound.free_symbols & settled:
                continue
            if slope.is_positive and (lower is None or (bound - lower).is_nonnegative):
                lower = bound
            elif slope.is_negative and (upper is None or (upper - bound).is_nonnegative):
                upper = bound
    return lower, upper


def _parametrise(expr, scalar):
    """The expression in positive parameters: a list of cases that cover all values."""
    cases, settled = [expr], set()
    related = expr.free_symbols.union(*(h.free_symbols for h in scalar))
    for symbol in sorted(related, key=str):
        lower, upper = _bounds(symbol, scalar, settled)
        settled.add(symbol)
        u = sp.Dummy(symbol.name, positive=True)
        if lower is not None and upper is not None:
            values = [(lower + upper * u) / (1 + u)]
        elif lower is not None:
            values = [lower + u]
        elif upper is not None:
            values = [upper - u]
        elif symbol.is_nonnegative:
            values = [u, sp.S.Zero]
        elif symbol.is_nonpositive:
            values = [-u, sp.S.Zero]
        elif symbol.is_real:
            values = [u, -u, sp.S.Zero]
        else:
            raise Undecided(f"{symbol} is not declared real, so {expr} has no sign")
        cases = [case.xreplace({symbol: value}) for case, value in product(cases, values)]
    return cases


def _factor_sign(factor):
    """Sign (-1, 0, 1) of a polynomial factor in positive symbols, or None."""
    if factor.is_number:
        return int(sp.sign(factor)) if sp.sign(factor).is_Integer else None
    roots = [node for node in factor.atoms(sp.Pow) if not node.exp.is_Integer]
    generators = {node: sp.Dummy(positive=True) for node in roots if node.is_positive}
    poly = factor.xreplace(generators)
    if not poly.is_polynomial():
        return 1 if factor.is_positive else -1 if factor.is_negative else None
    poly = sp.Poly(poly)
    signs = {sp.sign(c) for c in poly.coeffs()}
    if signs in ({sp.S.One}, {sp.S.NegativeOne}):
        return int(signs.pop())
    if generators or not poly.is_univariate or not poly.domain.is_Exact:
        return _quadratic_sign(poly)
    if poly.count_roots(0, None) - poly.count_roots(0, 0) == 0:
        return int(sp.sign(poly.eval(1)))
    return None


def _quadratic_sign(poly):
    """Sign of a polynomial that is quadratic and without real root in one symbol."""
    for generator in poly.gens:
        if poly.degree(generator) == 2:
            expr = poly.as_expr()
            lead, discriminant = expr.coeff(generator, 2), sp.discriminant(expr, generator)
            lead_signs = _signs(lead) or ()
            if _signs(discriminant) == {-1} and len(lead_signs) == 1:
                return lead_signs.pop()
    return None


def _signs(expr):
    """The signs an expression in positive symbols can take, or None."""
    num, den = sp.fraction(sp.factor(sp.together(expr)))
    signs = {1}
    for factor in (*sp.Mul.make_args(num), *sp.Mul.make_args(den)):
        base, power = factor.as_base_exp()
        own = _factor_sign(base if power.is_Integer else factor)
        if own is None:
            if not power.is_even:
                return None
            factor_signs = {1} if power.is_negative else {0, 1}
        else:
            factor_signs = {own ** abs(int(power)) if power.is_Integer else own}
        signs = {a * b for a in signs for b in factor_signs}
    return signs


_KNOWN = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "real")


def _named(expr, comparisons):
    """Expression and comparisons with a symbol for every other node, of which no more is known than its assumptions."""
    parts = [part for part in (expr, *comparisons) if isinstance(part, (sp.Expr, sp.Rel))]
    nodes = {atom for atom in coordinates(*parts) if not isinstance(atom, sp.Symbol)}
    table = {
        node: sp.Dummy("node", **{name: True for name in _KNOWN if getattr(node, f"is_{name}", None)})
        for node in sorted(nodes, key=sp.default_sort_key)
    }
    return (expr.xreplace(table) if table else expr), [c.xreplace(table) for c in comparisons]


@budgeted("the proof of a sign")
def sign_of(expr: sp.Expr, given: Iterable[Any] = (), *, budget: float | None = BUDGET) -> set[int]:
    """The set of signs (among -1, 0, 1) the expression may take, proved.

    Parameters
    ----------
    expr : expression in symbols that are declared real
    given : sequence of comparisons
        Equalities are substituted first; the others are used as bounds on single symbols.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    Undecided
        Where the sign is not settled.

    >>> x, y = sp.symbols('x y', positive=True)
    >>> sign_of(x**2 - x*y + y**2)
    {1}
    >>> sign_of(1 - x, [x < 1])
    {1}
    """
    expr, comparisons = _named(expr, hypotheses(given)[0])
    solution, rest = solve_equalities(comparisons)
    expr = exact_expression("expr", expr).subs(solution)
    if not coordinates(expr) or sp.cancel(expr) == 0:
        expr = sp.cancel(expr)
    signs = set()
    for case in _parametrise(expr, [h for h in rest if isinstance(h, sp.core.relational._Inequality)]):
        signs_of_case = _signs(case)
        if signs_of_case is None:
            raise Undecided(f"the sign of {expr} was not settled", sp.factor(case))
        signs |= signs_of_case
    return signs
