"""Time as an integral over the state: relations between state and time where the solution has no formula.

On each interval between zeros and poles of a rational right-hand side the integral of its reciprocal is monotone, so
that the relation has one solution there: it holds as long as no zero and no pole lies between the start and the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import sympy as sp

from ..errors import Refusal
from ..exact.signs import sign
from .conditions import NoRootBetween, conjunction, eliminated, vanishing
from .power_solutions import SolutionCase, power_cases, power_terms

__all__ = ["rational_cases"]


def rational_cases(
    f: sp.Expr, x: sp.Symbol, t: sp.Symbol, x0: sp.Expr, given: sp.Basic = sp.true, nonzero: tuple[sp.Expr, ...] = ()
) -> Iterator[SolutionCase]:
    """The solutions of x' = f for a rational f, the first for generic parameters.

    Parameters
    ----------
    given, nonzero : what is known of the parameters, as a condition and as expressions that do not vanish

    Raises
    ------
    Refusal
        Where f is no rational function, or has a repeated factor without rational zeros.

    >>> x, x0 = sp.symbols("x x0", real=True); t = sp.Symbol("t", nonnegative=True)
    >>> (case,) = rational_cases((1 + x) / x, x, t, x0)
    >>> case.implicit.lhs, case.holds
    (x - x0 - log((x + 1)/(x0 + 1)), (x*x0 > 0) & ((x + 1)*(x0 + 1) > 0))
    """
    terms = power_terms(f, x)
    explicit = None if terms is None else power_cases(terms, x, t, x0, given)
    if explicit is not None:
        yield from explicit
        return
    numerator, denominator = sp.fraction(sp.cancel(sp.together(f)))
    if not (numerator.is_polynomial(x) and denominator.is_polynomial(x)):
        raise Refusal(f"no closed form is known for a right-hand side that is not rational in {x}", f)
    tops, bottoms = (_factors(part, x) for part in (numerator, denominator))
    singular = _singular(numerator, denominator, tops, bottoms, x, nonzero)
    generic = conjunction(given, *(sp.Ne(q, 0) for q in singular))
    if generic != sp.false:
        yield _generic(f, x, t, x0, generic, [g for g, _ in (*tops, *bottoms)])
    before = list(nonzero)
    for q in singular:
        here = conjunction(given, *(sp.Ne(e, 0) for e in before), sp.Eq(q, 0))
        at = eliminated(q, before)
        before.append(q)
        if here == sp.false:
            continue
        if at is None:
            yield SolutionCase(here, "separable", None, None, sp.true, None, None)
            continue
        top, bottom = (sp.expand(part.subs(at)) for part in (numerator, denominator))
        if bottom == 0:  # no right-hand side there
            continue
        known = tuple(sp.numer(sp.together(e.subs(at))) for e in before[:-1])
        yield from rational_cases(sp.cancel(top / bottom), x, t, x0, here, known)


def _factors(part, x):
    """(polynomial in x, multiplicity) for the factors that contain x."""
    return [(sp.Poly(g, x), m) for g, m in sp.factor_list(part, x)[1]]


def _singular(numerator, denominator, tops, bottoms, x, nonzero):
    """The polynomials in the parameters at whose zeros the partial fractions are others: in order, each once."""
    found = []
    for part, factors in ((numerator, tops), (denominator, bottoms)):
        rest = sp.factor_list(part, x)[0]
        found += vanishing(rest, nonzero)
        for g, _ in factors:
            found += vanishing(g.LC(), nonzero)
            if g.degree() > 1:
                found += vanishing(sp.discriminant(g.as_expr(), x), nonzero)
    for (g, _), (h, _) in combinations((*tops, *bottoms), 2):
        found += vanishing(sp.resultant(g.as_expr(), h.as_expr(), x), nonzero)
    return list(dict.fromkeys(found))


def _generic(f, x, t, x0, given, factors):
    """The case in which the partial fractions are those of the formula, explicit where Lambert's W solves it."""
    implicit = _quadrature(f, x, t, x0)
    lambert = _lambert(f, x, t, x0)
    if lambert is not None:
        solution, holds, begin = lambert
        return SolutionCase(given, "Lambert", solution, implicit, holds, begin, sp.oo)
    holds = sp.And(*_same_side(factors, x, x0))
    return SolutionCase(given, "separable", None, implicit, holds, None, None)


def _same_side(factors, x, x0):
    """The conditions that no zero of the polynomials lies between the start and the state."""
    for g in factors:
        if g.degree() == 1:
            root = sp.factor(-g.nth(0) / g.nth(1))
            yield (x - root) * (x0 - root) > 0
        elif not (g.degree() == 2 and sign(sp.discriminant(g.as_expr(), x)) == -1):
            v = sp.Dummy(x.name, real=True)
            yield NoRootBetween(sp.Lambda(v, g.as_expr().subs(x, v)), x0, x)


def _quadrature(f, x, t, x0):
    """Partial fractions of 1/f, integrated from x0 to x, equal t."""
    numerator, denominator = sp.fraction(sp.cancel(sp.together(1 / f)))
    if not (numerator.is_polynomial(x) and denominator.is_polynomial(x)):
        raise Refusal(f"no closed form is known for a right-hand side that is not rational in {x}", f)
    quotient, remainder = sp.div(numerator, denominator, x)
    total = sp.integrate(quotient, x)
    pieces = [total - total.subs(x, x0)] if quotient != 0 else []
    for factor, multiplicity in sp.factor_list(denominator, x)[1]:
        pieces += _partial(sp.cancel(remainder / denominator), sp.Poly(factor, x), multiplicity, x, x0)
    return sp.Eq(sp.Add(*pieces), t, evaluate=False)


def _partial(g, factor, multiplicity, x, x0):
    """The terms that one irreducible factor of the denominator contributes to the integral of g."""
    poly, degree = factor.as_expr(), factor.degree()
    regular = sp.cancel(g * poly**multiplicity)
    if degree == 1:
        root = sp.factor(-factor.nth(0) / factor.nth(1))
        return _at_root(sp.cancel(regular / factor.LC() ** multiplicity), root, multiplicity, x, x0)
    if multiplicity > 1:
        raise Refusal("a repeated nonlinear factor of the right-hand side", poly)
    if degree == 2:
        return _at_quadratic(regular, factor, x, x0)
    # a generator of its own: in RootSum, substituting for x would reach into a polynomial in x
    r = sp.Dummy("r")
    residue = sp.cancel(regular / sp.diff(poly, x)).subs(x, r)
    return [sp.RootSum(sp.Poly(poly.subs(x, r), r), sp.Lambda(r, residue * sp.log((x - r) / (x0 - r))), auto=False)]


def _at_root(regular, root, multiplicity, x, x0):
    """Integral of the principal part of regular/(x - root)**multiplicity."""
    terms = []
    for k in range(1, multiplicity + 1):
        order = multiplicity - k
        weight = sp.factor(sp.diff(regular, x, order).subs(x, root) / sp.factorial(order))
        terms.append(
            weight * sp.log((x - root) / (x0 - root))
            if k == 1
            else weight / (1 - k) * ((x - root) ** (1 - k) - (x0 - root) ** (1 - k))
        )
    return terms


def _at_quadratic(regular, factor, x, x0):
    """Integral of (alpha + beta*x)/G, the part of the integrand with the quadratic G below."""
    G, (a, b, c) = factor.as_expr(), factor.all_coeffs()
    numerator, denominator = sp.fraction(regular)
    part = sp.Poly(sp.rem(numerator * sp.invert(denominator, G, x), G, x), x)
    beta, alpha = part.nth(1), part.nth(0)
    even, odd = sp.factor(beta / (2 * a)), sp.factor(alpha - beta * b / (2 * a))
    discriminant = sp.factor(b**2 - 4 * a * c)
    if sign(discriminant) == -1:
        w = sp.sqrt(-discriminant)
        return [
            even * sp.log(G / G.subs(x, x0)),
            2 * odd / w * (sp.atan((2 * a * x + b) / w) - sp.atan((2 * a * x0 + b) / w)),
        ]
    h = sp.sqrt(discriminant)
    roots = {side: (-b + side * h) / (2 * a) for side in (-1, 1)}
    return [(even + side * odd / h) * sp.log((x - r) / (x0 - r)) for side, r in roots.items()]


def _lambert(f, x, t, x0):
    """x' = A*(x - r)**2*(x - q): explicit by Lambert's W where its argument decays."""
    if not f.is_polynomial(x) or sp.degree(f, x) != 3:
        return None
    factors = {m: sp.Poly(g, x) for g, m in sp.factor_list(f, x)[1]}
    if set(factors) != {1, 2} or any(g.degree() != 1 for g in factors.values()):
        return None
    r, q = (sp.factor(-factors[m].nth(0) / factors[m].nth(1)) for m in (2, 1))
    rate = sp.factor(sp.Poly(f, x).LC() * (r - q) ** 2)
    if sign(rate) != -1:
        return None
    u0 = sp.factor((x0 - q) / (r - x0))
    inner = u0 * sp.exp(u0 + rate * t)
    beside = sp.factor((x0 - r) * (q - r))
    holds = {1: sp.true, -1: sp.false, 0: sp.false}.get(sign(beside), beside > 0)
    if holds == sp.false:
        return None
    begin = sp.S.Zero
    if not t.is_nonnegative:  # backwards, u0 < 0 falls to -1, where the state is infinite
        holds = sp.And(holds, inner > -sp.exp(-1))
        begin = sp.Piecewise(((-1 - u0 - sp.log(-u0)) / rate, u0 < 0), (-sp.oo, True))
    if x.is_nonnegative or x.is_nonpositive:
        side = 1 if x.is_nonnegative else -1
        if sign(side * f.subs(x, 0)) not in (0, 1) or not t.is_nonnegative:
            return None
    return sp.factor(r) + (q - r) / (1 + sp.LambertW(inner)), holds, begin
