"""Whether a polynomial in words is zero: denominators cleared, powers of sums taken apart."""

from __future__ import annotations

from fractions import Fraction

from .polynomials import Poly, close, monomial, normal, sum_of, zero
from .terms import Term, fresh_label, mapped, opened, relabelled

__all__ = ["vanishes"]


def vanishes(p: Poly) -> bool:
    """Whether a polynomial is zero, denominators and fractional powers cleared.

    A true answer is a proof.  A false one is not: functions of different
    arguments may still be related.
    """
    if _vanishes_apart(p):
        return True
    cleared = _cleared(p)
    return (cleared is not p and _vanishes_apart(cleared)) or _vanishes_termwise(cleared)


def _vanishes_apart(p):
    """Whether what carries the same binders vanishes: a bound term does if its integrand does."""
    bodies: dict[tuple, Poly] = {}
    for t, c in p.terms.items():
        bodies[t.binders] = bodies.get(t.binders, zero(p.shape)) + Poly({t.body: c}, p.shape)
    return all(map(_vanishes_unbound, bodies.values()))


def _vanishes_termwise(p):
    """A sum over an index vanishes if its summand does: single and multiple sums that share an
    index are compared under it, so that a denominator meets the sum that it stands for."""
    summand, kinds, shared = zero(p.shape), set(), fresh_label()
    for t, c in p.terms.items():
        t = opened(t)
        if not t.binders or any(b.tag != "S" for b in t.binders):
            return False
        outer = _outermost(t)
        kinds.add(outer.what)
        t = mapped(
            t._replace(binders=tuple(b for b in t.binders if b != outer)),
            lambda a, old=outer.label: relabelled(a, {old: shared}),
        )
        summand += close(Poly({t.body: c}, p.shape), t.binders)
    return len(kinds) == 1 and vanishes(summand)


def _outermost(t):
    """The index of a denominator if there is one, else the first."""
    held = set().union(*(a.free for a, _ in t.mono if a.kind == "base"))
    return next((b for b in t.binders if b.label in held), t.binders[0])


def _cleared(p):
    """The product with those bases that no term binds, in which they are no denominators."""
    bound = {b.label for t in p.terms for b in t.binders}
    for a in sorted({a for t in p.terms for a, _ in t.mono if a.kind == "base" and not a.free & bound}):
        powers = {t: dict(t.mono).get(a, 0) for t in p.terms}
        low = min(powers.values())
        if any((e - low).denominator != 1 for e in map(Fraction, powers.values())):
            continue
        p = sum_of((_with_power(t, c, p.shape, a, powers[t] - low) for t, c in p.terms.items()), p.shape)
    return p


def _with_power(t, c, shape, a, e):
    """A term with the power of one base replaced by a whole power of what it stands for."""
    t = opened(t)
    factors = dict(t.mono)
    factors.pop(a, None)
    body = normal(c, factors, t.word, shape)
    return close(a.content.power(e) * body, t.binders)


def _vanishes_unbound(p):
    """Multiply one base after another out of its denominators; what then carries different
    fractional powers of it must vanish apart."""
    for a in sorted({a for t in p.terms for a, _ in t.mono if a.kind == "base"}):
        if not p.terms:
            return True
        low = min(dict(t.mono).get(a, 0) for t in p.terms)
        classes = {}
        for t, c in p.terms.items():
            factors = dict(t.mono)
            whole, part = divmod(factors.pop(a, Fraction(0)) - low, 1)
            value = monomial(c, factors) * a.content.power(whole)
            if t.word is not None:
                value = value * Poly({Term((), (), t.word): 1}, p.shape)
            classes[part] = classes.get(part, zero(p.shape)) + value
        if len(classes) > 1:
            return all(map(_vanishes_unbound, classes.values()))
        (p,) = classes.values()
    return not p.terms
