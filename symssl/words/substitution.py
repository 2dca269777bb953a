"""Polynomials in words transformed: letters replaced, words rebuilt, inverses taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import Refusal
from .functions import exp, function, potential_value
from .letters import Letter, Word
from .polynomials import Poly, Shape, close, from_word, identity, monomial, normal, scalar, sum_of, trace_of_word, zero
from .terms import mapped, opened

__all__ = ["inverse", "map_letters", "rebuild", "substitute"]


def rebuild(
    p: Poly,
    on_word: Callable[[Word, Shape | None], Poly],
    on_trace: Callable[[Word], Poly],
    again: Callable[[Poly], Poly] | None = None,
) -> Poly:
    """The polynomial with every word w replaced by on_word(w, shape) and every trace of
    a word by on_trace(w); both return polynomials.  `again` treats the polynomials
    inside atoms (by default in the same way)."""
    inside = again or (lambda q: rebuild(q, on_word, on_trace))
    out = zero(p.shape)
    for t, c in p.terms.items():
        t = opened(t)
        value = scalar(c)
        for a, e in t.mono:
            value = value * _rebuilt_power(a, e, on_trace, inside)
        if t.word is not None:
            value = value * on_word(t.word, p.shape)
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


def map_letters(p: Poly, f: Callable[[Letter], Letter]) -> Poly:
    """The polynomial with every letter a replaced by the letter f(a) of the same shape."""
    return sum_of((_map_term(opened(t), c, p.shape, f) for t, c in p.terms.items()), p.shape)


def _map_term(t, c, shape, f):
    if any(a.polys for a, _ in t.mono):  # equal letters may simplify what is inside
        value = rebuild(
            Poly({t.body: c}, shape),
            lambda w, shape: from_word(map(f, w), shape),
            lambda w: trace_of_word(tuple(map(f, w))),
            lambda q: map_letters(q, f),
        )
        return close(value, tuple(b._replace(given=tuple(map(f, b.given))) for b in t.binders))
    t = mapped(t, f)
    factors = {}
    for a, e in t.mono:  # some may have become equal
        factors[a] = factors.get(a, 0) + e
    return normal(c, factors, t.word, shape, t.binders)


def substitute(p: Poly, values: Mapping[Letter, Poly]) -> Poly:
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
            out = out * factor(a)
        return out

    return rebuild(p, on_word, lambda w: on_word(w, (w[0].rows, w[0].rows)).trace())


def inverse(p: Poly) -> Poly:
    """The inverse of a single word of square letters."""
    if p.shape == (1, 1):
        return p.trace().power(-1) * identity(p.shape[0])
    if len(p.terms) != 1:
        raise Refusal("the inverse of a sum is no product of matrices: name the sum by a symbol of its own")
    ((t, c),) = p.terms.items()
    word = t.word or ()
    if p.shape is None or t.binders or any(a.rows != a.cols for a in word):
        raise Refusal(f"the inverse of {p!r} is no product of square matrices")
    return monomial(c, dict(t.mono)).power(-1) * from_word(tuple(a.inverted for a in reversed(word)), p.shape)
