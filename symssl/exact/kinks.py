"""Where expressions are not smooth: kinks and jumps, the signs that decide between branches, and the branches.

Every maximum, modulus, sign, step or case distinction asks for the sign of some expression, its switch.  A switch is
written in one form up to a positive factor, so that `x - 1` and `2 - 2*x` are one switch, seen from two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Not, Or

from ..errors import Refusal
from .gate import as_sympy

__all__ = [
    "ROUNDING",
    "SWITCHED",
    "branch",
    "chosen",
    "folds",
    "is_smooth",
    "jumps",
    "keys_of",
    "switch",
    "switches",
    "truth_by_signs",
    "vanishes",
    "vanishing",
]

SWITCHED = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.Piecewise)
ROUNDING = (sp.floor, sp.ceiling, sp.frac, sp.Mod)  # these jump at every integer
_LARGEST = 400  # operations beyond which an expression is not multiplied out
_MOST = 3  # switches of a case distinction whose branches are compared

Decide = Callable[[sp.Expr], Any]


@lru_cache(maxsize=4096)
def switch(expr: sp.Expr) -> tuple[sp.Expr, int]:
    """The switch of an expression, and 1 or -1: their product has the sign of the expression.

    >>> x = sp.Symbol("x", real=True)
    >>> switch(2 - 2*x), switch(x - 1)
    ((x - 1, -1), (x - 1, 1))
    """
    expr = as_sympy(expr, "expr")
    expr = sp.expand(expr) if sp.count_ops(expr) < _LARGEST else expr
    if not expr.free_symbols:
        return expr, 1
    try:
        poly = sp.Poly(expr)
    except sp.PolynomialError:
        poly = None
    if poly is not None and (poly.domain.is_ZZ or poly.domain.is_QQ):
        _, poly = poly.primitive()
        lead = 1 if poly.LC() > 0 else -1
        return (poly * lead).as_expr(), lead
    return (-expr, -1) if expr.could_extract_minus_sign() else (expr, 1)


def is_smooth(expr: Any) -> bool:
    """Whether an expression holds nothing that has kinks or jumps.

    >>> x = sp.Symbol("x", real=True)
    >>> is_smooth(sp.exp(x)), is_smooth(sp.exp(sp.Abs(x)))
    (True, False)
    """
    return not expr.has(*SWITCHED, *ROUNDING)


def switches(exprs: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
    """The switches of all kinks and jumps in some expressions, inner ones too, in a fixed order.

    Raises
    ------
    Refusal
        For functions that jump at every integer, and conditions that are no comparisons.

    >>> x = sp.Symbol("x", real=True)
    >>> switches([sp.Max(0, x) + sp.Max(0, -x)])
    (x,)
    """
    found: dict[sp.Expr, None] = {}
    stack = list(exprs)
    while stack:
        expr = stack.pop()
        for node in sp.preorder_traversal(expr):
            if isinstance(node, ROUNDING):
                raise Refusal(f"{node} jumps at every integer")
            if isinstance(node, SWITCHED):
                for key in keys_of(node):
                    if key not in found:
                        found[key] = None
                        stack.append(key)
    return tuple(sorted(found, key=sp.default_sort_key))


def keys_of(node: sp.Expr) -> list[sp.Expr]:
    """The switches of one node with kinks or jumps.

    >>> x = sp.Symbol("x", real=True)
    >>> keys_of(sp.Abs(3 - x))
    [x - 3]
    """
    if isinstance(node, (sp.Max, sp.Min)):
        return [switch(left - right)[0] for left, right in folds(node)]
    if isinstance(node, sp.Piecewise):
        return list(dict.fromkeys(key for _, condition in node.args for key in _condition_keys(condition)))
    return [switch(node.args[0])[0]]


def folds(node: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """The pairs that a maximum, or a minimum, of several compares one after another.

    >>> x, y = sp.symbols("x y", real=True)
    >>> list(folds(sp.Max(0, x, y)))
    [(0, x), (Max(0, x), y)]
    """
    first, *rest = sorted(node.args, key=sp.default_sort_key)
    for other in rest:
        yield first, other
        first = node.func(first, other)


def _condition_keys(condition):
    if isinstance(condition, BooleanAtom):
        return []
    if isinstance(condition, (And, Or, Not)):
        return [key for part in condition.args for key in _condition_keys(part)]
    if isinstance(condition, sp.Rel):
        return [switch(condition.lhs - condition.rhs)[0]]
    raise Refusal(f"the condition {condition} is not built from comparisons")


_HOLDS = {
    sp.Eq: (False, True, False),
    sp.Ne: (True, False, True),
    sp.Gt: (False, False, True),
    sp.Ge: (False, True, True),
    sp.Lt: (True, False, False),
    sp.Le: (True, True, False),
}


def truth_by_signs(condition: sp.Basic, decide: Decide) -> bool | None:
    """Whether a condition holds, from signs of switches; None where a sign it needs is not known.

    >>> x = sp.Symbol("x", real=True)
    >>> truth_by_signs((x > 1) & (x < 3), {x - 1: 1, x - 3: -1}.get)
    True
    """
    if isinstance(condition, BooleanAtom):
        return bool(condition)
    if isinstance(condition, Not):
        held = truth_by_signs(condition.args[0], decide)
        return None if held is None else not held
    if isinstance(condition, (And, Or)):
        held_parts = {truth_by_signs(part, decide) for part in condition.args}
        decisive = isinstance(condition, Or)
        return decisive if decisive in held_parts else None if None in held_parts else not decisive
    if not isinstance(condition, sp.Rel):
        raise Refusal(f"the condition {condition} is not built from comparisons")
    key, side = switch(condition.lhs - condition.rhs)
    known = decide(key)
    return None if known is None else _HOLDS[condition.func][1 + side * known]


def chosen(node: sp.Expr, decide: Decide) -> list[sp.Expr | None] | None:
    """What a node with kinks or jumps may be equal to, from signs of switches; None stands for undefined.

    One entry where the signs decide; None in place of the list for a node that is smooth.

    >>> x = sp.Symbol("x", real=True)
    >>> chosen(sp.Abs(x - 2), {x - 2: -1}.get)
    [2 - x]
    """
    if isinstance(node, (sp.Max, sp.Min)):
        options: list[Any] = []
        for left, right in folds(node):
            options = options or [left]
            key, side = switch(left - right)
            known = decide(key)
            if known is None:
                options.append(right)
            elif side * known * (1 if isinstance(node, sp.Max) else -1) < 0:
                options = [right]
        return options
    if isinstance(node, sp.Piecewise):
        options = []
        for value, condition in node.args:
            held = truth_by_signs(condition, decide)
            if held is not False:
                options.append(value)
            if held:
                return options
        return [*options, None]
    if not isinstance(node, SWITCHED):
        return None
    inner = node.args[0]
    key, side = switch(inner)
    known = decide(key)
    if isinstance(node, sp.Abs):
        by_sign = {-1: -inner, 0: sp.Integer(0), 1: inner}
        return [inner, -inner] if known is None else [by_sign[side * known]]
    middle = node.args[1] if isinstance(node, sp.Heaviside) else sp.Integer(0)
    low = sp.Integer(0) if isinstance(node, sp.Heaviside) else sp.Integer(-1)
    by_sign = {-1: low, 0: middle, 1: sp.Integer(1)}
    return [low, middle, sp.Integer(1)] if known is None else [by_sign[side * known]]


def branch(expr: sp.Expr, decide: Decide) -> sp.Expr:
    """The expression with every node that the signs of switches decide replaced by its branch.

    `decide` gives -1, 0, 1 or None for a switch.  Where no branch of a case distinction applies the result is NaN.

    >>> x = sp.Symbol("x", real=True)
    >>> branch(sp.Max(0, x) - sp.Abs(x - 1), {x: 1, x - 1: -1}.get)
    2*x - 1
    """
    options = chosen(expr, decide)
    if options is not None and len(options) == 1:
        return sp.nan if options[0] is None else branch(options[0], decide)
    if not expr.args or is_smooth(expr):
        return expr
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((branch(value, decide), condition) for value, condition in expr.args), evaluate=False)
    return expr.func(*(branch(a, decide) for a in expr.args))


@lru_cache(maxsize=1024)
def jumps(node: sp.Expr) -> frozenset[sp.Expr]:
    """The switches at which a node is not proved to be continuous.

    >>> x = sp.Symbol("x", real=True)
    >>> jumps(sp.Piecewise((x, x > 0), (0, True))), jumps(sp.Piecewise((x + 1, x > 0), (0, True)))
    (frozenset(), frozenset({x}))
    """
    keys = keys_of(node)
    if isinstance(node, (sp.Abs, sp.Max, sp.Min)):
        return frozenset()
    if not isinstance(node, sp.Piecewise) or len(keys) > _MOST:
        return frozenset(keys)
    reached: dict[tuple[int, ...], Any] = {}
    for signs in product((-1, 0, 1), repeat=len(keys)):
        reached[signs] = (chosen(node, dict(zip(keys, signs)).get) or [None])[0]
    found = set()
    for k, key in enumerate(keys):
        groups: dict[tuple[int, ...], set[Any]] = {}
        for signs, value in reached.items():
            groups.setdefault((*signs[:k], *signs[k + 1 :]), set()).add(value)
        pairs = {pair for group in groups.values() for pair in combinations(sorted(group, key=str), 2)}
        if not all(None not in pair and _agree(*pair, key) for pair in pairs):
            found.add(key)
    return frozenset(found)


def _agree(one, other, key):
    """Whether two expressions are proved to be equal where a switch vanishes."""
    gap = one - other
    if gap == 0:
        return True
    at = vanishing(gap, key)
    return at is not None and vanishes(at)


def vanishes(expr: sp.Expr) -> bool:
    """Whether an expression is proved to be zero everywhere, soon: True is right, False may be wrong.

    >>> x = sp.Symbol("x", real=True)
    >>> vanishes((x + 1)**2 - x**2 - 2*x - 1), vanishes(sp.sin(x))
    (True, False)
    """
    if expr == 0:
        return True
    if expr.is_finite is False or expr.has(sp.nan, sp.zoo, sp.oo):
        return False
    point = {x: sp.Rational(2 * k + 3, 11) for k, x in enumerate(sorted(expr.free_symbols, key=str))}
    try:
        if abs(complex(expr.subs(point).evalf(30))) > 1e-12:  # most are refuted by a number
            return False
    except (TypeError, ValueError, OverflowError):
        return False
    if sp.count_ops(expr) > _LARGEST:
        return bool(sp.expand(expr) == 0)
    return bool(sp.expand(expr) == 0 or sp.cancel(sp.together(expr)) == 0)


def vanishing(expr: sp.Expr, key: sp.Expr) -> sp.Expr | None:
    """An expression that is equal to another one wherever a switch vanishes; None where none is found.

    >>> x, y = sp.symbols("x y", real=True)
    >>> vanishing(x + y, x - 2*y)
    3*y
    >>> vanishing(3 - 3*sp.sinh(x), sp.sinh(x) - 1)
    0
    """
    for symbol in sorted(key.free_symbols, key=str):
        slope = sp.diff(key, symbol) if key.is_polynomial(symbol) else None
        if slope is not None and slope.is_number and slope != 0 and slope.is_finite:
            return sp.expand(expr.subs(symbol, sp.expand(symbol - key / slope)))
    if key.free_symbols and key.is_polynomial() and expr.is_polynomial():
        symbols = sorted(key.free_symbols, key=str)
        return sp.reduced(expr, [key], *symbols)[1]
    for part in sorted(key.atoms(sp.Function), key=str):  # linear in sinh(x), say: it has one value there
        stand = sp.Dummy()
        line = key.xreplace({part: stand})
        slope = sp.diff(line, stand)
        if slope.is_Rational and slope != 0 and not line.free_symbols - {stand}:
            return sp.expand(expr.xreplace({part: -line.subs(stand, 0) / slope}))
    return expr.subs(key, 0)
