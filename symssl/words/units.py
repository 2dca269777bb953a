"""Unit vectors in words: they add up to the identity, and a diagonal matrix multiplies each by a number.

    e_k^T e_k = 1,   sum_k e_k e_k^T = I,   D e_k = (e_k^T D e_k) e_k for a diagonal D.

So a sum over unit vectors becomes a product or a trace, and what is left of a diagonal matrix at a unit vector is its
entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ..language.unit_vectors import UnitVector
from .letters import Letter, Word, transpose
from .polynomials import Poly, close, from_word, identity, monomial, size, trace_of_word, zero
from .terms import Atom, Term, mapped, opened

__all__ = ["without_units"]


def is_unit(a: Letter) -> bool:
    """Whether a letter is a unit vector, a column or its transpose."""
    return isinstance(a.symbol, UnitVector) and not a.stopped


def without_units(poly: Poly, diagonal: Collection[Letter] = ()) -> Poly:
    """The polynomial with sums over unit vectors carried out, and diagonal letters taken at unit vectors.

    Parameters
    ----------
    diagonal : the letters of matrices known to be diagonal.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import inner, total
    >>> from symssl.language import unit
    >>> from symssl.words import read, write
    >>> n, i = symbols("n i", integer=True, positive=True)
    >>> A = MatrixSymbol("A", n, n)
    >>> write(without_units(read(total(inner(unit(i, n), A*unit(i, n)), (i, n)))))
    Trace(A)
    """
    if not any(map(is_unit, poly.letters())):
        return poly
    known = frozenset(diagonal)
    out = zero(poly.shape)
    for t, c in poly.terms.items():
        out += _term(opened(t), poly.shape, known).scale(c)
    return out


def _term(t: Term, shape: Any, diagonal: frozenset[Letter]) -> Poly:
    t = _identified(t)
    powers: dict[Atom, Any] = {}
    for a, e in t.mono:  # some may have become equal
        powers[a] = powers.get(a, 0) + e
    word, forms, others = t.word, [], {}
    for a, e in powers.items():
        if a.kind == "tr" and e == int(e) and e > 0:
            forms += [a.content] * int(e)
        else:
            others[a] = e
    binders, factor = list(t.binders), monomial(1, {})
    for binder in t.binders:
        if binder.tag != "S" or not _only_here(binder, word, forms, others, t.binders):
            continue
        found = _summed(binder.label, word, forms, diagonal)
        if found is not None:
            word, forms, times = found
            factor = factor * times
            binders.remove(binder)
    value = monomial(1, others) * factor
    for form in forms:
        value = value * _form(form, diagonal)
    if word is not None:
        value = value * _open_word(word, shape, diagonal)
    return close(value, tuple(binders))


def _identified(t: Term) -> Term:
    """The term with a bound index put equal to another, where a factor e_j^T e_k tells them to be."""
    sums = {b.label: b.what for b in t.binders if b.tag == "S"}
    for atom, _ in t.mono:
        if atom.kind != "tr" or len(atom.content) != 2 or not all(map(is_unit, atom.content)):
            continue
        for one, other in (atom.content, atom.content[::-1]):
            tag, label = one.label
            if tag != "b" or one.label == other.label or sums.get(label) != one.symbol.shape[0]:
                continue
            if any(a.label[0] == "p" and label in a.bound for a in _letters(t)):
                continue
            kept = tuple(b for b in t.binders if b.label != label)
            return mapped(t._replace(binders=kept), _renaming(one.label, other))
    return t


def _renaming(label: Any, other: Letter) -> Callable[[Letter], Letter]:
    def renamed(a: Letter) -> Letter:
        if a.label != label:
            return a
        symbol = a.symbol.func(a.symbol.args[0], *a.symbol.shape, other.symbol.index, a.symbol.size)
        return a.but(label=other.label, symbol=symbol)

    return renamed


def _letters(t: Term) -> Iterator[Letter]:
    yield from Poly({t: 1}, None).letters()


def _only_here(binder: Any, word: Any, forms: Any, others: Any, binders: Any) -> bool:
    """Whether a bound index occurs at unit vectors of its own length alone, in words and their traces."""
    label = binder.label
    letters = [a for w in (word or (), *forms) for a in w if label in a.bound]
    if not all(is_unit(a) and a.symbol.shape[0] == binder.what for a in letters):
        return False
    return not any(label in a.free for a in others) and not any(label in g.bound for b in binders for g in b.given)


def _summed(label: int, word: Any, forms: list[Word], diagonal: frozenset[Letter]) -> Any:
    """Word, traces and a factor without the index; None where the sum is none of a product."""
    at = [a for a in _all(word, forms) if label in a.bound]
    if not at:
        return None
    column = next(a if a.cols == 1 else a.T for a in at)
    untouched = [w for w in forms if not any(label in a.bound for a in w)]
    squares: list[Word] = []  # A where e^T A e occurs
    ends: list[Word] = []  # w where e^T w occurs
    for form in forms:
        if any(label in a.bound for a in form):
            inside = _opened_at(form, column)
            if inside is None:
                return None
            (squares if inside[0] else ends).append(inside[1])
    middle: Word = ()
    rest: list[Word] = []
    for square in squares:
        if all(a.base in diagonal for a in square):
            middle += square
        else:
            rest.append(square)
    place = [k for k, a in enumerate(word or ()) if label in a.bound]
    if len(place) + 2 * len(rest) + len(ends) not in (0, 2):
        return None
    one = monomial(1, {})
    if rest:
        return word, [*untouched, middle + rest[0]], one
    if len(ends) == 2:
        return word, [*untouched, transpose(ends[0]) + middle + ends[1]], one
    if len(place) == 2:
        first, last = place
        if last != first + 1 or word[first] != column:
            return None
        return word[:first] + middle + word[last + 1 :], untouched, one
    if len(place) == 1:
        (k,) = place
        turned = middle + ends[0] if word[k] == column else transpose(middle + ends[0])
        return word[:k] + turned + word[k + 1 :], untouched, one
    return (word, [*untouched, middle], one) if middle else (word, untouched, size(column.rows))


def _all(word: Any, forms: list[Word]) -> list[Letter]:
    return [a for w in (word or (), *forms) for a in w]


def _opened_at(form: Word, column: Letter) -> tuple[bool, Word] | None:
    """A trace that is e^T A e, as (True, A), or e^T w, as (False, w); None for another."""
    for turned in (form, transpose(form)):
        for k in range(len(turned)):
            w = turned[k:] + turned[:k]
            if w[0] == column.T:
                inside = w[1:]
                if column in inside[:-1] or column.T in inside:
                    return None
                if inside and inside[-1] == column:
                    return True, inside[:-1]
                return (False, inside) if column not in inside else None
    return None


# --- diagonal letters at unit vectors ------------------------------------------------------


def _form(form: Word, diagonal: frozenset[Letter]) -> Poly:
    """A trace, with diagonal letters next to unit vectors pulled out."""
    for turned in (form, transpose(form)):
        for k in range(len(turned)):
            w = turned[k:] + turned[:k]
            if not is_unit(w[0]) or w[0].cols == 1:
                continue
            if len(w) == 2 and w[1] == w[0].T:
                return monomial(1, {})
            if len(w) > 1 and w[1].base in diagonal and not (len(w) == 3 and w[2] == w[0].T):
                left = (w[0], *w[2:])
                return trace_of_word((w[0], w[1], w[0].T)) * _form(left, diagonal)
    return trace_of_word(form) if form else monomial(1, {})


def _open_word(word: Word, shape: Any, diagonal: frozenset[Letter]) -> Poly:
    """The same for a product that is a matrix."""
    for k, a in enumerate(word):
        if not is_unit(a):
            continue
        other = k - 1 if a.cols == 1 else k + 1
        if 0 <= other < len(word) and word[other].base in diagonal:
            row = a.T if a.cols == 1 else a
            less = word[:other] + word[other + 1 :]
            return trace_of_word((row, word[other], row.T)) * _open_word(less, shape, diagonal)
    return from_word(word, shape) if word else identity(shape[0])
