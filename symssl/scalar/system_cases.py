"""The real zeros of several rational functions, case by case, by elimination of one state after the other.

Every step splits the equations into branches that exclude each other: the factors of an equation, the slope of an
equation that is linear in a state and may vanish, a polynomial in the parameters alone.  No branch is lost, so that
the zeros found are all there are, for every value of the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from ..errors import NotIsolated, Refusal
from ..exact.signs import irreducible_factors, sign
from .conditions import conjunction, eliminated, never_zero, ordered, vanishing
from .root_cases import root_cases, within

__all__ = ["SystemZero", "system_cases"]

_BRANCHES = 400  # of the elimination; a system that needs more is left to other methods


@dataclass(frozen=True)
class SystemZero:
    """A common zero where a condition holds; `values` without some states: these are free there.

    >>> m = sp.Symbol("m", real=True)
    >>> SystemZero({sp.Symbol("x"): m}, m > 0).condition
    m > 0
    """

    values: Mapping[sp.Symbol, sp.Expr]
    condition: sp.Basic


@dataclass(frozen=True)
class _Branch:
    """Equations that are left, what does not vanish, and what is known already."""

    equations: tuple[sp.Expr, ...]
    nonzero: tuple[sp.Expr, ...]  # in states and parameters
    values: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    given: sp.Basic = sp.true
    fixed: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()  # parameters that an equation of the condition solves


def system_cases(functions: Sequence[sp.Expr], states: Sequence[sp.Symbol]) -> list[SystemZero]:
    """The common zeros, with conditions that exclude each other at the same point.

    Raises
    ------
    NotIsolated
        Where the zeros are not isolated for any parameters.
    Refusal
        Where a step would need the roots of a polynomial that has no closed form.

    >>> x, y, m = sp.symbols("x y m", real=True)
    >>> for zero in system_cases([x * (m - x - y), y * (1 - x)], [x, y]):
    ...     print(tuple(zero.values[z] for z in (x, y)), zero.condition)
    (0, 0) True
    (m, 0) Ne(m, 0)
    (1, m - 1) Ne(m - 1, 0)
    """
    return _cases([sp.cancel(sp.together(f)) for f in functions], states, sp.true, ())


def _cases(functions, states, given, nonzero):
    """The zeros among the parameters given; where a pole vanishes with a zero, those of what is left."""
    parts = [sp.fraction(f) for f in functions]
    zeros, before = [], list(nonzero)
    for q in ordered(_removable(parts, states, nonzero), nonzero):
        here = conjunction(given, *(sp.Ne(e, 0) for e in before), sp.Eq(q, 0))
        at = eliminated(q, before)
        if at is None and here != sp.false:
            raise Refusal("no parameter is given by an equation that has to hold", sp.Eq(q, 0))
        if here != sp.false and not any(bottom.subs(at) == 0 for _, bottom in parts):
            known = tuple(sp.numer(sp.together(e.subs(at))) for e in before)
            zeros += _cases([sp.cancel(sp.together(f.subs(at))) for f in functions], states, here, known)
        before.append(q)
    bottoms = _factors(sp.Mul(*(bottom for _, bottom in parts)))
    start = _Branch(tuple(top for top, _ in parts), (*before, *bottoms), given=given)
    return _eliminated(start, states) + zeros


def _removable(parts, states, nonzero):
    """The polynomials in the parameters at whose zeros a numerator and its denominator share a factor."""
    found = []
    for top, bottom in parts:
        poles = [d for d in _factors(bottom) if d.free_symbols & set(states)]
        for g in _factors(top) if poles else ():
            if not g.free_symbols & set(states):
                found += vanishing(g, nonzero)
                continue
            for d in poles:
                v = next(x for x in states if d.has(x))
                rest = sp.resultant(g, d, v) if g.has(v) else g
                others = [x for x in states if x != v]
                shared = sp.gcd_list(sp.Poly(rest, *others).coeffs()) if others and rest != 0 else rest
                found += vanishing(shared, nonzero)
    return list(dict.fromkeys(found))


def _eliminated(start, states):
    """The zeros of a branch, all its steps taken."""
    zeros, queue, count = [], [start], 0
    while queue:
        branch = queue.pop(0)
        count += 1
        if count > _BRANCHES:
            raise Refusal("the elimination of the states has too many branches", branch.equations)
        step = list(_step(branch, states))
        queue = [b for b in step if isinstance(b, _Branch)] + queue
        zeros += [z for z in step if isinstance(z, SystemZero)]
    return zeros


def _factors(expr):
    return [g for g, _ in irreducible_factors(expr)[1]]


def _step(branch, states):
    """One step: the branches into which a branch falls, or the zeros that it has."""
    branch = _cleaned(branch)
    if branch is None:
        return
    left = [x for x in states if x not in dict(branch.values)]
    for k, equation in enumerate(branch.equations):  # an equation in the parameters alone
        if not equation.free_symbols & set(states):
            yield from _on_parameters(branch, k)
            return
    if not branch.equations:
        yield from _leaf(branch, left)
        return
    for k, equation in enumerate(branch.equations):  # a product
        factors = _factors(equation)
        if len(factors) > 1:
            before: list[sp.Expr] = []
            for g in factors:
                yield replace(branch, equations=_with(branch.equations, k, g), nonzero=(*branch.nonzero, *before))
                before.append(g)
            return
    chosen = _linear(branch, left)
    if chosen is not None:
        k, x, slope, obstacles = chosen
        rest = sp.expand(branch.equations[k] - slope * x)
        if obstacles:
            lost = sp.Mul(*obstacles)
            others = [e for j, e in enumerate(branch.equations) if j != k]
            yield replace(branch, nonzero=(*branch.nonzero, *obstacles))
            yield replace(branch, equations=(lost, rest, *others))
            return
        yield _substituted(branch, k, x, -rest / slope)
        return
    yield from _univariate(branch, left)


def _with(equations, k, g):
    return tuple(g if j == k else e for j, e in enumerate(equations))


def _cleaned(branch):
    """The branch without factors that cannot vanish; None where it has no zeros."""
    if branch.given == sp.false:
        return None
    equations, nonzero = [], list(dict.fromkeys(branch.nonzero))
    if any(q == 0 for q in nonzero):
        return None
    nonzero = [g for q in nonzero for g in _factors(q)]
    for equation in branch.equations:
        constant, factors = irreducible_factors(equation)
        if constant == 0:
            continue
        kept = [g for g, e in factors if e > 0 and g not in nonzero and not never_zero(g)]
        if not kept:
            return None
        equations.append(sp.Mul(*kept))
    nonzero = [g for g in dict.fromkeys(nonzero) if not never_zero(g)]
    return replace(branch, equations=tuple(dict.fromkeys(equations)), nonzero=tuple(nonzero))


def _on_parameters(branch, k):
    """The branches where an equation in the parameters holds: each factor by a parameter that it gives."""
    others = tuple(e for j, e in enumerate(branch.equations) if j != k)
    before: list[sp.Expr] = []
    for q in vanishing(branch.equations[k], branch.nonzero):
        here = conjunction(branch.given, *(sp.Ne(e, 0) for e in before), sp.Eq(q, 0))
        at = eliminated(q, [*branch.nonzero, *before])
        before.append(q)
        if here == sp.false:
            continue
        if at is None:
            raise Refusal("no parameter is given by an equation that has to hold", sp.Eq(q, 0))
        yield _Branch(
            tuple(sp.numer(sp.together(e.subs(at))) for e in others),
            tuple(sp.numer(sp.together(e.subs(at))) for e in (*branch.nonzero, *before[:-1])),
            tuple((x, sp.cancel(v.subs(at))) for x, v in branch.values),
            here,
            (*branch.fixed, *at.items()),
        )


def _linear(branch, left):
    """(equation, state, slope, factors of the slope that may vanish) for the simplest linear equation."""
    options = []
    for k, equation in enumerate(branch.equations):
        for x in left:
            slope = sp.diff(equation, x)
            if slope == 0 or slope.has(x):
                continue
            obstacles = [g for g in _factors(slope) if g not in branch.nonzero and not never_zero(g)]
            options.append(
                (len(obstacles), sp.count_ops(slope), sp.count_ops(equation), k, str(x), x, slope, obstacles)
            )
    if not options:
        return None
    _, _, _, k, _, x, slope, obstacles = min(options, key=lambda option: option[:5])
    return k, x, slope, obstacles


def _substituted(branch, k, x, value):
    """The branch with a state replaced by what an equation makes of it."""
    value = sp.cancel(sp.together(value))

    def at(expr):
        return sp.numer(sp.cancel(sp.together(expr.subs(x, value))))

    return replace(
        branch,
        equations=tuple(at(e) for j, e in enumerate(branch.equations) if j != k),
        nonzero=(*(at(e) for e in branch.nonzero), *_factors(sp.denom(value))),
        values=(*((y, sp.cancel(sp.together(v.subs(x, value)))) for y, v in branch.values), (x, value)),
    )


def _univariate(branch, left):
    """An equation in one state alone, of which nothing else depends; or a remainder of two of them."""
    for k, equation in enumerate(branch.equations):
        own = equation.free_symbols & set(left)
        if len(own) != 1:
            continue
        (x,) = own
        rivals = [e for j, e in enumerate(branch.equations) if j != k and e.has(x)]
        if not rivals:
            yield from _roots(branch, k, x)
            return
        for other in rivals:
            if other.free_symbols & set(left) == {x} and sp.degree(other, x) >= sp.degree(equation, x):
                lead = sp.LC(equation, x)
                obstacles = [g for g in _factors(lead) if g not in branch.nonzero and not never_zero(g)]
                if obstacles:
                    rest = sp.expand(equation - lead * x ** sp.degree(equation, x))
                    others = [e for j, e in enumerate(branch.equations) if j != k]
                    yield replace(branch, nonzero=(*branch.nonzero, *obstacles))
                    yield replace(branch, equations=(sp.Mul(*obstacles), rest, *others))
                else:
                    j = branch.equations.index(other)
                    yield replace(branch, equations=_with(branch.equations, j, sp.prem(other, equation, x)))
                return
    raise Refusal("no state can be eliminated from the equations", branch.equations)


def _roots(branch, k, x):
    """The branches for the roots of an equation in one state that occurs in no other."""
    known = tuple(q for q in branch.nonzero if not q.has(x))
    for root in root_cases(branch.equations[k], x, lambda f, value: None, branch.given, known):
        if root.point is None:
            raise Refusal("not every equilibrium has a closed form", root.equation)
        at = {x: root.point}
        yield replace(
            branch,
            equations=tuple(e for j, e in enumerate(branch.equations) if j != k),
            nonzero=tuple(e for e in branch.nonzero if not e.has(x)),
            values=(*((y, v.subs(at)) for y, v in branch.values), (x, root.point)),
            given=conjunction(root.condition, *_apart(root, [e for e in branch.nonzero if e.has(x)], x)),
        )


def _apart(root, nonzero, x):
    """The conditions that polynomials do not vanish at a root."""
    for q in nonzero:
        value = sp.numer(sp.together(q.subs(x, root.point)))
        if value == 0:
            yield sp.false
        for part in sp.Mul.make_args(value):
            base = part.as_base_exp()[0]
            radicals = [p for p in base.atoms(sp.Pow) if not p.exp.is_Integer]
            if not radicals:
                yield from (sp.Ne(g, 0) for g in _factors(base) if not never_zero(g))
            elif len(radicals) > 1 or not _differs(base, radicals[0], root.condition):
                yield sp.Ne(base, 0)


def _differs(value, radical, condition):
    """Whether u + v*sqrt(D) cannot vanish under a condition, since u**2 - v**2*D does not."""
    if radical.exp not in (sp.Rational(1, 2), -sp.Rational(1, 2)):
        return False
    h, D = sp.Dummy(), radical.base ** (1 if radical.exp > 0 else -1)
    terms = sp.Poly(sp.numer(sp.together(value.xreplace({radical: h}))), h).as_dict()
    even, odd = (sum(c * D ** (e // 2) for (e,), c in terms.items() if e % 2 == k) for k in (0, 1))
    return conjunction(condition, sp.Eq(sp.numer(sp.together(even**2 - odd**2 * D)), 0)) == sp.false


def _leaf(branch, left):
    """The zero that a branch without equations has, within the assumptions on the states."""
    known = (q for q in branch.nonzero if not q.free_symbols & set(left))
    given = conjunction(branch.given, *(sp.Ne(q, 0) for q in known))
    values = {x: sp.factor(v) if v.is_rational_function() else v for x, v in branch.values}
    for x, value in values.items():
        if not value.free_symbols & set(left):
            given = conjunction(given, _inside(x, value, given))
    if given == sp.false:
        return
    if left and not given.atoms(sp.Equality):
        raise NotIsolated("the equilibria are not isolated", branch.values)
    yield SystemZero(values, given)


def _inside(x: sp.Symbol, value: sp.Expr, given: Any) -> sp.Basic:
    """The condition that a value satisfies the assumptions on its state; roots of positive numbers are positive."""
    radicals = {p: sp.Dummy(positive=True) for p in value.atoms(sp.Pow) if p.exp == sp.Rational(1, 2)}
    known = sign(value.xreplace(radicals)) if radicals else None
    if known is not None:
        return within(x, sp.Integer(known))
    real = {p: sp.sqrt(sp.Abs(p.base)) for p in radicals if p.base.is_nonnegative is not True}
    return within(x, value.xreplace(real))
