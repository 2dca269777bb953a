"""Conditions on parameters as conjunctions of signs: contradictions are seen, and what follows is left out.

Cases of a result exclude each other only where this is decided, so every conjunction is brought to one sign, or set
of signs, for each irreducible polynomial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ..errors import Refusal
from ..exact.numbers import exact_expression, without_floats
from ..exact.roots import real_roots
from ..exact.signs import irreducible_factors, sign

__all__ = [
    "NoRootBetween",
    "conjunction",
    "eliminated",
    "never_zero",
    "ordered",
    "undecided",
    "vanishing",
]

_SIGNS: dict[Any, frozenset[int]] = {
    sp.Eq: frozenset({0}),
    sp.Gt: frozenset({1}),
    sp.Ge: frozenset({0, 1}),
    sp.Lt: frozenset({-1}),
    sp.Le: frozenset({-1, 0}),
    sp.Ne: frozenset({-1, 1}),
}
_RELATIONS = {signs: relation for relation, signs in _SIGNS.items()}


class NoRootBetween(sp.logic.boolalg.BooleanFunction):
    """No zero of a polynomial lies between two real numbers, nor at one of them; decided at numbers.

    A zero that 80 digits do not tell from one of them counts as there.

    >>> v, a = sp.symbols("v a", real=True)
    >>> apart = NoRootBetween(sp.Lambda(v, v**3 - 2), 0, a)
    >>> apart, apart.subs(a, 1), apart.subs(a, 2)
    (NoRootBetween(Lambda(v, v**3 - 2), 0, a), True, False)
    """

    @classmethod
    def eval(cls, polynomial: sp.Lambda, one: sp.Expr, other: sp.Expr) -> sp.Basic | None:
        if not all(z.is_number and z.is_real for z in (one, other)) or polynomial.free_symbols:
            return None
        ((v,), at) = (polynomial.variables, polynomial.expr)
        ends = [without_floats(z) for z in (one, other)]
        poly = sp.Poly(without_floats(at), v)
        if poly.is_zero:
            return sp.false
        if all(z.is_Rational for z in ends) and all(c.is_Rational for c in poly.all_coeffs()):
            return sp.false if poly.count_roots(min(ends), max(ends)) else sp.true
        (low, above_low), (below_high, high) = sorted(map(_around, ends))
        for digits in (20, 80):
            try:
                roots = real_roots(poly.as_expr(), v, digits=digits)
            except Refusal:  # a coefficient of which no enclosure is known
                return None
            if all(r.upper < low or r.lower > high for r in roots):
                return sp.true
            if any(above_low <= r.lower and r.upper <= below_high for r in roots):
                return sp.false
        return sp.false  # a root that 80 digits do not tell from an end

    def _latex(self, printer: Any) -> str:
        polynomial, one, other = self.args
        v = printer._print(polynomial.variables[0])
        ends = rf"{printer._print(one)} \text{{ and }} {printer._print(other)}"
        return rf"{printer._print(polynomial.expr)} \neq 0 \text{{ for }} {v} \text{{ between }} {ends}"


def _around(number):
    """Rational bounds of a real number, of a hundred digits; itself twice where it is rational."""
    if number.is_Rational:
        return number, number
    near = sp.Rational(sp.N(number, 120))
    return near - abs(near) / 10**100, near + abs(near) / 10**100


def undecided(expr: sp.Expr) -> list[sp.Expr]:
    """The irreducible factors of an expression that may vanish.

    >>> m, k = sp.symbols("m k", real=True)
    >>> undecided(m * (k**2 + 1) / 3)
    [m]
    """
    return [q for q, _ in irreducible_factors(expr)[1] if not never_zero(q)]


def never_zero(expr: sp.Expr, nonzero: Iterable[sp.Expr] = ()) -> bool:
    """Whether an expression is proved not to vanish, given others that do not.

    >>> m = sp.Symbol("m", real=True)
    >>> never_zero(m**2 + 1), never_zero(m - 2), never_zero(4 - 2*m, [m - 2])
    (True, False, True)
    """
    given = {q for e in nonzero for q, _ in irreducible_factors(e)[1]}
    constant, factors = irreducible_factors(expr)
    return constant != 0 and all(
        q in given or sign(q) in (1, -1) or bool(q.is_nonzero) or _definite(q) for q, _ in factors
    )


def _definite(q):
    """Whether a polynomial is quadratic in some symbol with a discriminant that is negative."""
    for v in sorted(q.free_symbols, key=str):
        if v.is_real and q.is_polynomial(v) and sp.degree(q, v) == 2 and sign(sp.discriminant(q, v)) == -1:
            return True
    return False


def vanishing(expr: sp.Expr, nonzero: Iterable[sp.Expr] = ()) -> list[sp.Expr]:
    """The irreducible factors of an expression that may vanish, given others that do not.

    >>> m, k = sp.symbols("m k", real=True)
    >>> vanishing(m * k, [k])
    [m]
    """
    known = tuple(nonzero)
    return [q for q in undecided(expr) if not never_zero(q, known)]


def eliminated(q: sp.Expr, nonzero: Iterable[sp.Expr] = (), among: Iterable[sp.Symbol] = ()) -> dict[Any, Any] | None:
    """A parameter as a function of the others where a polynomial vanishes: linear in it, its slope without a zero.

    >>> A, B, C = sp.symbols("A B C", real=True)
    >>> eliminated(B**2 - 4*A*C), eliminated(B**2 - 4*A*C, [C])
    (None, {A: B**2/(4*C)})
    """
    known = tuple(nonzero)
    options = []
    for v in sorted(set(among) & q.free_symbols if among else q.free_symbols, key=str):
        slope = sp.diff(q, v)
        if slope.has(v) or _obstacles(q, slope, known):
            continue
        options.append((sp.count_ops(slope), str(v), {v: sp.cancel(v - q / slope)}))
    return min(options, key=lambda option: option[:2])[2] if options else None


def _obstacles(q, slope, known):
    """The factors of a slope that may vanish together with the polynomial."""
    return [g for g in vanishing(slope, known) if not (g.is_Symbol and never_zero(q.subs(g, 0), known))]


def ordered(polynomials: Iterable[sp.Expr], nonzero: Iterable[sp.Expr] = ()) -> list[sp.Expr]:
    """Polynomials that may vanish, in an order in which each can be solved for a parameter where those before do not.

    Where the slope of one may vanish too, its factors are put in front.

    >>> A, B, C = sp.symbols("A B C", real=True)
    >>> ordered([A*B - C*B - 1, A*B + C])
    [A*B + C, A*B - B*C - 1]
    >>> ordered([A*B + C**2])
    [B, A*B + C**2]
    """
    result: list[sp.Expr] = []
    for q in sorted(polynomials, key=lambda q: (sp.count_ops(q), str(q))):
        known = (*nonzero, *result)
        if eliminated(q, known) is None:
            options = []
            for v in sorted(q.free_symbols, key=str):
                slope = sp.diff(q, v)
                if not slope.has(v):
                    options.append((sp.count_ops(slope), str(v), _obstacles(q, slope, known)))
            if options:
                result += [g for g in min(options, key=lambda option: option[:2])[2] if g not in result]
        result.append(q)
    return list(dict.fromkeys(result))


def conjunction(*conditions: sp.Basic) -> sp.Basic:
    """The conditions together: one relation for each polynomial, false where they contradict each other.

    >>> m, k = sp.symbols("m k", real=True)
    >>> conjunction(m > 0, sp.Ne(m, 0)), conjunction(2*m < 0, sp.Eq(m, 0)), conjunction(sp.Eq(m, 0), k > m)
    (m > 0, False, Eq(m, 0) & (k > 0))
    """
    signs: dict[sp.Expr, frozenset[int]] = {}
    others = []
    for part in _parts(conditions):
        read = _read(part)
        if read is None:
            others.append(part)
            continue
        for polynomial, allowed in read:
            signs[polynomial] = signs.get(polynomial, frozenset({-1, 0, 1})) & allowed
    changed = True
    while changed:
        changed = False
        if any(not allowed for allowed in signs.values()):
            return sp.false
        nonzero = [q for q, allowed in signs.items() if 0 not in allowed]
        for q in [q for q, allowed in signs.items() if allowed == {0}]:
            at = eliminated(q, nonzero)
            if at is None:
                continue
            for other in [o for o in signs if o != q and o.free_symbols & set(at)]:
                allowed = signs[other]
                there = _read(_relation(sp.together(other.subs(at)), allowed))
                if there is None:
                    continue
                del signs[other]
                changed = True
                for polynomial, among in there:
                    signs[polynomial] = signs.get(polynomial, frozenset({-1, 0, 1})) & among
            others = [_at(part, at) for part in others]
    for product, allowed in list(signs.items()):
        if 0 in allowed:
            continue
        for factor, _ in irreducible_factors(product)[1]:  # a product without zero has no factor with one
            if signs.get(factor) == {0}:
                return sp.false
            if factor != product and signs.get(factor) == {-1, 1}:
                del signs[factor]
    return sp.And(*(_relation(q, allowed) for q, allowed in signs.items() if len(allowed) < 3), *others)


def _at(part, at):
    try:
        return part.subs(at)
    except TypeError:  # a comparison of what is no real number
        return part


def _parts(conditions):
    for condition in conditions:
        if isinstance(condition, sp.And):
            yield from _parts(condition.args)
        elif condition != sp.true:
            yield condition


def _read(part):
    """A relation as (polynomial, signs) pairs that hold together, None for what is no such thing."""
    if part == sp.true:
        return []
    if part == sp.false:
        return [(sp.S.One, frozenset())]
    if not isinstance(part, Relational) or type(part) not in _SIGNS:
        return None
    gap = part.lhs - part.rhs
    if not gap.is_rational_function(*gap.free_symbols) or gap.has(sp.zoo, sp.oo, sp.nan):
        return None
    allowed = _SIGNS[type(part)]
    constant, factors = irreducible_factors(exact_expression("a condition", gap))
    orientation = sign(constant)
    if orientation is None:
        return None
    kept = []
    for factor, exponent in factors:
        one = sign(factor)
        if one in (1, -1):
            orientation *= one ** (exponent % 2)
        else:
            kept.append((factor, exponent))
    turned = frozenset(orientation * s for s in allowed) if orientation else None
    if turned is None or not kept:
        value = orientation if not kept else 0
        return [] if value in allowed else [(sp.S.One, frozenset())]
    if allowed == {-1, 1}:
        return [(factor, allowed) for factor, _ in kept]
    if all(exponent % 2 == 0 for _, exponent in kept):  # a square
        if 1 in turned:
            return [] if 0 in turned else [(factor, frozenset({-1, 1})) for factor, _ in kept]
        if 0 not in turned:
            return [(sp.S.One, frozenset())]
        return [(kept[0][0], frozenset({0}))] if len(kept) == 1 else None
    if len(kept) == 1:
        return [(kept[0][0], turned)]
    odd = sp.Mul(*(factor for factor, exponent in kept if exponent % 2))
    if 0 not in turned:
        even = [factor for factor, exponent in kept if exponent % 2 == 0]
        return [(odd, turned), *((factor, frozenset({-1, 1})) for factor in even)]
    return [(sp.Mul(*(factor for factor, _ in kept)), turned)] if all(e % 2 for _, e in kept) else None


def _relation(polynomial, allowed):
    if not allowed:
        return sp.false
    relation: Callable[..., Any] = _RELATIONS[allowed]
    return relation(polynomial, 0)
