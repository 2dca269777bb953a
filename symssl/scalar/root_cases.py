"""The real zeros of a rational function of one state, case by case in the parameters.

For generic parameters the zeros are those of the irreducible factors.  Where a leading coefficient or the resultant
of two factors vanishes, the parameter is eliminated and the zeros are found anew; what does not change there is
listed once, without that condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import sympy as sp

from ..exact.numbers import is_zero
from ..exact.signs import irreducible_factors, sign
from .conditions import conjunction, eliminated, never_zero, ordered, vanishing

__all__ = ["Root", "Stability", "root_cases", "verdict", "within"]

Stability = Literal["stable", "unstable", "half-stable"]
_Judge = Callable[[sp.Expr, sp.Expr], "Stability | None"]


@dataclass(frozen=True)
class Root:
    """A zero of a right-hand side where a condition holds; without a point, all zeros of an equation.

    >>> m = sp.Symbol("m", real=True)
    >>> Root(sp.sqrt(m), 1, m > 0, "stable", sp.Integer(0)).point
    sqrt(m)
    """

    point: sp.Expr | None
    multiplicity: int
    condition: sp.Basic
    stability: Stability | None
    equation: sp.Expr


def verdict(order: int, leading: int | None) -> Stability | None:
    """Stability from f ~ leading * (x - x0)**order, None where the sign is not known.

    >>> verdict(3, -1), verdict(2, 1), verdict(1, None)
    ('stable', 'half-stable', None)
    """
    if order % 2 == 0:
        return "half-stable"
    return None if leading is None else "stable" if leading < 0 else "unstable"


def within(x: sp.Symbol, value: sp.Expr) -> sp.Basic:
    """The condition that a value satisfies the assumptions on its state.

    >>> x, m = sp.Symbol("x", positive=True), sp.Symbol("m", real=True)
    >>> within(x, m - 1), within(x, m**2 + 1)
    (m - 1 > 0, True)
    """
    for wanted, relation in (
        (x.is_positive, sp.Gt),
        (x.is_negative, sp.Lt),
        (x.is_nonnegative, sp.Ge),
        (x.is_nonpositive, sp.Le),
        (x.is_nonzero, sp.Ne),
    ):
        if wanted:
            return _relation(relation, value)
    return sp.true


def root_cases(
    f: sp.Expr, x: sp.Symbol, judge: _Judge, given: sp.Basic = sp.true, nonzero: tuple[sp.Expr, ...] = ()
) -> list[Root]:
    """The zeros of a rational function that does not vanish identically, with conditions that exclude each other.

    Parameters
    ----------
    judge : function (f, point) -> stability or None
    given, nonzero : what is known of the parameters, as a condition and as expressions that do not vanish

    >>> x, r = sp.symbols("x r", real=True)
    >>> for root in root_cases(r*x - x**3, x, lambda f, point: None):
    ...     print(root.point, root.multiplicity, root.condition)
    0 1 Ne(r, 0)
    -sqrt(r) 1 r > 0
    sqrt(r) 1 r > 0
    0 3 Eq(r, 0)
    """
    top, bottom = sp.fraction(sp.cancel(sp.together(f)))
    content, factors = sp.factor_list(top, x)
    parts = [(sp.Poly(g, x), m) for g, m in factors]
    poles = _poles(bottom, x)
    generic: list[Root] = []
    solved = []
    for poly, multiplicity in parts:
        roots = _of_factor(f, x, poly, multiplicity, judge)
        solved.append(roots is not None)
        generic += [Root(None, multiplicity, sp.true, None, poly.as_expr())] if roots is None else roots
    singular = ordered(_singular(content, bottom, parts, solved, poles, x, nonzero), nonzero)
    if bottom.has(x) is False and (lost := vanishing(bottom, nonzero)):
        singular = [*lost, *(q for q in singular if q not in lost)]
    generic = [replace(r, condition=conjunction(given, r.condition)) for r in generic]
    return _merged(f, x, judge, given, nonzero, [r for r in generic if r.condition != sp.false], singular)


def _merged(f, x, judge, given, nonzero, generic, singular):
    """The generic zeros, and those where one of the singular polynomials vanishes, each once."""
    top, bottom = sp.fraction(sp.cancel(sp.together(f)))
    branches, before = [], list(nonzero)
    for q in singular:
        here = conjunction(given, *(sp.Ne(e, 0) for e in before), sp.Eq(q, 0))
        at = eliminated(q, before)
        if here == sp.false:
            pass
        elif at is None:
            branches.append((q, here, {}, [Root(None, 0, here, None, top)]))
        else:
            above, below = (sp.expand(sp.numer(sp.together(part.subs(at)))) for part in (top, bottom))
            value = sp.cancel(sp.together((top / bottom).subs(at))) if below != 0 else None
            known = tuple(sp.numer(sp.together(e.subs(at))) for e in before)
            if value is None:
                found = []
            elif above == 0:
                found = [Root(None, 0, here, None, sp.Integer(0))]
            elif not value.has(x):
                zeros = vanishing(value, known)
                found = [Root(None, 0, conjunction(here, sp.Eq(sp.numer(value), 0)), None, sp.Integer(0))] * bool(zeros)
                found = [r for r in found if r.condition != sp.false]
            else:
                found = root_cases(value, x, judge, here, known)
            branches.append((q, here, at, found))
        before.append(q)
    kept = []
    for root in generic:
        condition, touched, twins = _continued(root, branches)
        if condition == sp.false:
            continue
        kept.append(replace(root, condition=condition, stability=root.stability or _under(f, x, root, condition)))
        for q, _, _, found in branches:
            if q not in touched and twins.get(q) is not None:
                found.remove(twins[q])
    return kept + [root for _, _, _, found in branches for root in found]


def _continued(root, branches):
    """The condition of a generic zero without the singular parameters at which it goes on unchanged."""
    # first out is where nothing like it is found; what else differs may be seen only then
    touched = [
        q
        for q, here, at, found in branches
        if conjunction(root.condition, here) != sp.false and not any(_alike(root, at, other) for other in found)
    ]
    while True:
        condition, twins = conjunction(root.condition, *(sp.Ne(q, 0) for q in touched)), {}
        for q, here, at, found in branches:
            there = sp.false if q in touched else conjunction(condition, here)
            if there == sp.false:
                continue
            twins[q] = next((other for other in found if other.condition == there and _alike(root, at, other)), None)
        lost = [q for q, twin in twins.items() if twin is None]
        if not lost:
            return condition, touched, twins
        touched.append(lost[0])


def _alike(root, at, other):
    """Whether a zero found at a singular parameter is a generic one with its multiplicity."""
    if (other.point is None) != (root.point is None) or other.multiplicity != root.multiplicity:
        return False
    if root.point is None:
        return _primitive(root.equation.subs(at)) == _primitive(other.equation)
    value = root.point.subs(at)
    return not value.has(sp.zoo, sp.nan) and is_zero(value - other.point)


def _under(f, x, root, condition):
    """The stability of a rational zero where the signs in its condition decide it."""
    if root.point is None or root.point.atoms(sp.Pow) - {p for p in root.point.atoms(sp.Pow) if p.exp.is_Integer}:
        return None
    known = {
        r.lhs: 1 if isinstance(r, sp.StrictGreaterThan) else -1
        for r in condition.atoms(sp.StrictGreaterThan, sp.StrictLessThan)
        if r.rhs == 0 and condition.func in (sp.And, type(r))
    }
    leading = sp.cancel(sp.together(f / (x - root.point) ** root.multiplicity)).subs(x, root.point)
    return verdict(root.multiplicity, sign(leading, known) or None)


def _primitive(equation):
    return sp.Mul(*(g for g, _ in irreducible_factors(equation)[1]))


def _poles(bottom, x):
    """The factors of the denominator that may vanish at an admitted state."""
    real = {x: sp.Dummy(real=True)} if x.is_real is None else {}
    return [sp.Poly(g, x) for g, _ in sp.factor_list(bottom, x)[1] if sign(g.subs(real)) not in (1, -1)]


def _singular(content, bottom, parts, solved, poles, x, nonzero):
    """The polynomials in the parameters at whose zeros the zeros of the state change, but for discriminants."""
    found = vanishing(content, nonzero)
    found += vanishing(sp.factor_list(bottom, x)[0], nonzero)
    for (poly, _), explicit in zip(parts, solved, strict=True):
        found += vanishing(poly.LC(), nonzero) if explicit else []
    pairs = [
        (g, h)
        for (g, one), (h, other) in combinations(list(zip((p for p, _ in parts), solved, strict=True)), 2)
        if one or other
    ]
    pairs += [(g, h) for g, _ in parts for h in poles]
    for g, h in pairs:
        found += vanishing(sp.resultant(g.as_expr(), h.as_expr(), x), nonzero)
    return list(dict.fromkeys(found))


def _of_factor(f, x, poly, multiplicity, judge):
    """The zeros of an irreducible factor; None where they have no closed form."""
    rest = sp.cancel(f / poly.as_expr() ** multiplicity)
    if poly.degree() == 2 and poly.free_symbols != {x}:
        return list(_quadratic(f, poly, multiplicity, rest, judge))
    if poly.degree() == 1:
        values = [sp.factor(-poly.nth(0) / poly.nth(1))]
    elif all(c.is_Rational for c in poly.all_coeffs()):
        values = poly.real_roots()
    else:
        return None
    return [Root(v, multiplicity, within(x, v), judge(f, v), poly.as_expr()) for v in values]


def _quadratic(f, poly, multiplicity, rest, judge):
    """The zeros of a quadratic factor G of f = G**multiplicity * rest, apart and merged."""
    x, (a, b, c) = poly.gen, poly.all_coeffs()
    discriminant = sp.factor(b**2 - 4 * a * c)
    known = sign(discriminant)
    if known == -1:
        return
    around = _sign_at_roots(rest, x, a, b, c)
    apart = sp.true if known else discriminant > 0
    for side in (-1, 1):
        # apart, the root of the discriminant is positive: that may decide the sign of the rest
        beside = around or sign(rest.subs(x, (-b + side * sp.Dummy(positive=True)) / (2 * a))) or None
        # G' is side*root there, so the sign of the leading coefficient of f is that of side**m * rest
        leading = None if beside is None else side**multiplicity * beside
        value = (-b + side * sp.sqrt(discriminant)) / (2 * a)
        stability = verdict(multiplicity, leading) or (judge(f, value) if known else None)
        inside = _quadratic_within(x, a, b, c, side, discriminant)
        yield Root(value, multiplicity, sp.And(apart, inside), stability, poly.as_expr())
    if not known and not never_zero(discriminant):
        value = sp.factor(-b / (2 * a))
        condition = sp.And(sp.Eq(discriminant, 0), within(x, value))
        yield Root(value, 2 * multiplicity, condition, verdict(2 * multiplicity, around), poly.as_expr())


def _quadratic_within(x, a, b, c, side, discriminant):
    """The condition that one of two different roots of a quadratic satisfies the assumptions on the state, by Vieta."""
    if not (x.is_nonnegative or x.is_nonpositive):
        if x.is_nonzero and not never_zero(c):
            value = (-b + side * sp.sqrt(sp.Abs(discriminant))) / (2 * a)
            return sp.Ne(value, 0)
        return sp.true
    leading = sign(a)
    value = (-b + side * sp.sqrt(sp.Abs(discriminant))) / (2 * a)
    if leading is None:  # real also where the discriminant is negative, so that it can be compared there
        return within(x, value)
    mirrored = 1 if x.is_nonnegative else -1
    larger, total, product = side * leading * mirrored > 0, -b * leading * mirrored, c * leading
    if x.is_nonzero:
        one, two = _relation(sp.Gt, total), _relation(sp.Gt if not larger else sp.Lt, product)
    else:
        one, two = _relation(sp.Ge, total), _relation(sp.Ge if not larger else sp.Le, product)
    return sp.Or(one, two) if larger else sp.And(one, two)


def _relation(relation, expr):
    """How an expression compares with zero, decided where its sign is known."""
    known = sign(expr)
    return relation(expr if known is None else known, 0)


def _sign_at_roots(rest, x, a, b, c):
    """The sign of `rest` at both roots of a*x**2 + b*x + c, when it is one and shown by Vieta's rule."""
    total, product = sign(-b / a), sign(c / a)
    if product == 1 and total:
        return sign(rest.subs(x, total * sp.Dummy(positive=True)))
    return sign(rest)
