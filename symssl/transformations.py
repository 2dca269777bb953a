"""Polynomials in words transformed: letters replaced, words rebuilt, denominators cleared."""

from fractions import Fraction

from .errors import Refusal
from .functions import exp, function, potential_value
from .polynomials import (Poly, close, from_word, identity, monomial, normal, scalar, sum_of, trace_of_word,
                          zero)
from .terms import Term, fresh_label, mapped, opened

__all__ = ["rebuild", "map_letters", "substitute", "inverse", "vanishes"]


def rebuild(p, on_word, on_trace, again=None):
    """The polynomial with every word w replaced by on_word(w, shape) and every trace of
    a word by on_trace(w); both return polynomials.  `again` treats the polynomials
    inside atoms (by default in the same way)."""
    again = again or (lambda q: rebuild(q, on_word, on_trace))
    out = zero(p.shape)
    for t, c in p.terms.items():
        t = opened(t)
        value = scalar(c)
        for a, e in t.mono:
            value = value*_rebuilt_power(a, e, on_trace, again)
        if t.word is not None:
            value = value*on_word(t.word, p.shape)
        out += close(value, t.binders)
    return out


def _rebuilt_power(a, e, on_trace, again):
    """The power of one atom, made anew."""
    if a.kind == "tr":
        return on_trace(a.content).power(e)
    if a.kind == "base":
        return again(a.content).power(e)
    if a.kind == "exp":
        return exp(again(a.content).scale(e))
    if a.kind == "fn":
        return function(a.content[0], *map(again, a.polys)).power(e)
    if a.kind == "pot":
        return potential_value(a.content[0], *map(again, a.polys)).power(e)
    return monomial(1, {a: e})


def map_letters(p, f):
    """The polynomial with every letter a replaced by the letter f(a) of the same shape."""
    return sum_of((_map_term(opened(t), c, p.shape, f) for t, c in p.terms.items()), p.shape)


def _map_term(t, c, shape, f):
    if any(a.polys for a, _ in t.mono):             # equal letters may simplify what is inside
        value = rebuild(Poly({t.body: c}, shape), lambda w, shape: from_word(map(f, w), shape),
                        lambda w: trace_of_word(tuple(map(f, w))), lambda q: map_letters(q, f))
        return close(value, tuple(b._replace(given=tuple(map(f, b.given))) for b in t.binders))
    t = mapped(t, f)
    factors = {}
    for a, e in t.mono:                             # some may have become equal
        factors[a] = factors.get(a, 0) + e
    return normal(c, factors, t.word, shape, t.binders)


def substitute(p, values):
    """Replace letters (as given by their base) by matrix polynomials."""
    def factor(a):
        v = values.get(a.base)
        if v is None:
            return from_word((a,), (a.rows, a.cols))
        if a.inverse:
            v = inverse(v)
        return v.T if a.transposed else v

    def on_word(word, shape):
        if not word:
            return identity(shape[0])
        out = factor(word[0])
        for a in word[1:]:
            out = out*factor(a)
        return out

    return rebuild(p, on_word, lambda w: on_word(w, (w[0].rows, w[0].rows)).trace())


def inverse(p):
    """The inverse of a single word of square letters."""
    if p.shape == (1, 1):
        return p.trace().power(-1)*identity(p.shape[0])
    if len(p.terms) != 1:
        raise Refusal("the inverse of a sum is not a word")
    (t, c), = p.terms.items()
    if t.binders or any(a.rows != a.cols for a in t.word):
        raise Refusal(f"{p!r} has no inverse as a word")
    return monomial(c, dict(t.mono)).power(-1)*from_word(
        tuple(a.inverted for a in reversed(t.word)), p.shape)


def vanishes(p):
    """Whether a polynomial is zero, denominators and fractional powers cleared.

    A true answer is a proof.  A false one is not: functions of different
    arguments may still be related.
    """
    if _vanishes_apart(p):
        return True
    cleared = _cleared(p)
    return cleared is not p and _vanishes_apart(cleared) or _vanishes_termwise(cleared)


def _vanishes_apart(p):
    """Whether what carries the same binders vanishes: a bound term does if its integrand does."""
    bodies = {}
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
        t = mapped(t._replace(binders=tuple(b for b in t.binders if b != outer)),
                   lambda a, old=outer.label: a.but(label=("b", shared)) if a.label == ("b", old) else a)
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
    return close(a.content.power(e)*body, t.binders)


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
            value = monomial(c, factors)*a.content.power(whole)
            if t.word is not None:
                value = value*Poly({Term((), (), t.word): 1}, p.shape)
            classes[part] = classes.get(part, zero(p.shape)) + value
        if len(classes) > 1:
            return all(map(_vanishes_unbound, classes.values()))
        p, = classes.values()
    return not p.terms
