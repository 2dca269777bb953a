"""Rewriting of words modulo relations.

A set of relations is turned into a rewriting system on words, completed by the
Knuth-Bendix procedure in the length-then-alphabet order.  Where the completion
ends, two words are equal modulo the relations exactly if their normal forms
are; where it does not, only equality can be concluded, never inequality.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations, islice, permutations
from typing import Any

from sympy import Transpose

from ..errors import Refusal
from ..language.relations import Commutes, Diagonal, Normalised, Orthonormal, Relation, Symmetric, check_relations
from ..support.arguments import all_of, instance_of
from ..support.display import summary
from .letters import Letter, Word, letter, transpose
from .polynomials import Poly, from_word, identity, size, trace_of_word
from .reading import read
from .substitution import rebuild
from .units import without_units

__all__ = ["Rewriting", "rewriting"]


# --- rewriting ---------------------------------------------------------------------------

_MAX_RULES, _MAX_LENGTH, _MAX_CLASS, _MAX_ORDERS = 60, 12, 2000, 24


def _order(word):
    return (len(word), word)


class Rewriting:
    """Normal forms of words modulo relations; made by :func:`rewriting`.

    Attributes
    ----------
    rules : mapping word -> shorter word
    complete : bool
        Whether words that are equal modulo the relations always have one normal form.
    """

    def __init__(self, where: Iterable[Relation], alphabet: Iterable[Letter] = ()) -> None:
        where = check_relations(where)
        alphabet = all_of(
            "alphabet", sorted(alphabet) if isinstance(alphabet, frozenset) else alphabet, Letter, "letters"
        )
        self.symmetric = {letter(r.A) for r in where if isinstance(r, (Symmetric, Diagonal, Normalised))}
        self.rules: dict[Word, Word] = {}
        self.complete: bool = True
        equations: list[tuple[Word, Word]] = []
        for r in where:
            if isinstance(r, (Orthonormal, Normalised)):
                u = letter(r.U.T).T if isinstance(r.U, Transpose) else letter(r.U)
            if isinstance(r, Normalised):
                equations.append(((u.T, letter(r.A), u), ()))
            elif isinstance(r, Orthonormal):
                equations.append(((u.T, u), ()))
                if u.rows == u.cols:
                    equations.append(((u, u.T), ()))
            elif isinstance(r, Commutes):
                a, b = self._single(r.A), self._single(r.B)
                equations.append((a + b, b + a))
        diagonal = sorted({letter(r.A) for r in where if isinstance(r, Diagonal)})
        self.diagonal = frozenset(diagonal)
        equations += [((a, b), (b, a)) for a, b in combinations(diagonal, 2) if a.rows == b.rows]
        letters = {a for pair in equations for w in pair for a in w} | set(alphabet)
        inverses = {self.letter(a) for a in letters if a.inverse}
        for a in inverses:
            back = self.letter(a.but(inverse=False))
            equations += [((a, back), ()), ((back, a), ())]
        for a in {self.letter(b.but(inverse=True)) for b in diagonal} & inverses:
            equations += [((a, b), (b, a)) for b in diagonal if b.rows == a.rows]
        equations += [(transpose(u), transpose(v)) for u, v in equations]
        equations = [(self.letters(u), self.letters(v)) for u, v in equations]
        alphabet = sorted({a for pair in equations for w in pair for a in w})
        for order in islice(permutations(alphabet), _MAX_ORDERS):
            # whether the completion ends depends on the order of the alphabet
            self.rank = {a: k for k, a in enumerate(order)}
            self.rules, self.complete = self._complete(equations)
            if self.complete:
                break

    def __repr__(self) -> str:
        rules = [((a.T,), (a,)) for a in sorted(self.symmetric)] + list(self.rules.items())
        kind = "complete" if self.complete else "not known to be complete"
        return summary(f"Rewriting, {kind}", [f"{_text(u)} -> {_text(v)}" for u, v in rules])

    @staticmethod
    def _single(A):
        p = read(A)
        if len(p.terms) != 1 or (t := next(iter(p.terms))).mono or t.binders or not t.word:
            raise Refusal(f"Commutes takes products of matrices, and {A} is not a single word")
        return t.word

    def letter(self, a: Letter) -> Letter:
        """A symmetric letter is its own transpose."""
        return a.T if a.transposed and a.but(inverse=False).base in self.symmetric else a

    def letters(self, word: Word) -> Word:
        """The word with symmetric letters never transposed."""
        return tuple(map(self.letter, word)) if self.symmetric else word

    def word(self, word: Word) -> Word:
        """The normal form of a word."""
        return self._rewrite(self.letters(word), self.rules)

    @staticmethod
    def _rewrite(word, rules):
        changed = bool(rules)
        while changed:
            changed = False
            for left, right in rules.items():
                n = len(left)
                for k in range(len(word) - n + 1):
                    if word[k : k + n] == left:
                        word, changed = word[:k] + right + word[k + n :], True
                        break
                if changed:
                    break
        return word

    def _order(self, word):
        return (len(word), [self.rank[a] for a in word])

    def _complete(self, equations):
        rules, queue = {}, list(equations)
        while queue:
            u, v = (self._rewrite(w, rules) for w in queue.pop(0))
            if u == v:
                continue
            left, right = (u, v) if self._order(u) > self._order(v) else (v, u)
            if len(rules) >= _MAX_RULES or len(left) > _MAX_LENGTH:
                return rules, False
            longer = [word for word in rules if _contains(word, left)]
            queue += [(word, rules.pop(word)) for word in longer]
            rules[left] = right
            for other in list(rules):
                queue += self._critical(left, rules[left], other, rules[other])
                if other != left:
                    queue += self._critical(other, rules[other], left, right)
        return rules, True

    @staticmethod
    def _critical(u, u2, v, v2):
        """Pairs from an end of u that is a beginning of v."""
        return [
            (u2 + v[k:], u[: len(u) - k] + v2)
            for k in range(1, min(len(u), len(v)) + 1)
            if u[len(u) - k :] == v[:k] and not (u == v and k == len(u))
        ]

    def cycle(self, word: Word) -> tuple[Word, Any]:
        """Least word in the class of a trace under rotation, transposition and rewriting,
        with the dimension of the space it acts on."""
        seen: dict[Word, Any] = {}
        queue = [(self.word(word), word[0].rows)]
        while queue:
            w, n = queue.pop()
            if w in seen:
                continue
            seen[w] = n
            if len(seen) > _MAX_CLASS:
                raise Refusal(
                    "a trace has too many equal forms under the relations: give fewer relations, or lower powers"
                )
            turns = (*(w[k:] + w[:k] for k in range(1, len(w))), transpose(w))
            queue += [(self.word(turned), turned[0].rows if turned else n) for turned in turns]
        least = min(seen, key=_order)
        return least, seen[least]

    def _square(self, word):
        """Show tr(A W W A^T), W symmetric, as the squared norm of A W that it is."""
        n = len(word)
        for k in range(n if n % 2 == 0 else 0):
            turned = word[k:] + word[:k]
            if turned[n // 2 :] == self.letters(transpose(turned[: n // 2])):
                return transpose(turned[n // 2 :]) + turned[n // 2 :]
        return word

    def reduce(self, poly: Poly, *, units: bool = True) -> Poly:
        """Normal form of a polynomial; `units`: with sums over unit vectors carried out."""
        instance_of("poly", poly, Poly, "a polynomial, as symssl.words.read gives it")
        if not units:
            return self._reduced(poly)
        before, poly = poly, without_units(self._reduced(poly), self.diagonal)
        while poly != before:  # what has been summed up may be reduced further
            before, poly = poly, without_units(self._reduced(poly), self.diagonal)
        return poly

    def _reduced(self, poly: Poly) -> Poly:
        if not self.rules and not self.symmetric:
            return poly

        def on_word(word, shape):
            word = self.word(word)
            return from_word(word, shape) if word else identity(shape[0])

        def on_trace(word):
            word, n = self.cycle(word)
            return trace_of_word(self._square(word)) if word else size(n)

        return rebuild(poly, on_word, on_trace)


def _text(word):
    return " ".join(a.text for a in word) or "I"


def _contains(word, part):
    n = len(part)
    return any(word[k : k + n] == part for k in range(len(word) - n + 1))


@lru_cache(maxsize=256)
def _rewriting(where, inverses):
    return Rewriting(where, inverses)


def rewriting(where: Relation | Iterable[Relation], *polys: Poly) -> Rewriting:
    """The rewriting system of some relations, for the letters of some polynomials.

    >>> from sympy import MatrixSymbol
    >>> from symssl.words import read, write
    >>> U = MatrixSymbol("U", 3, 2)
    >>> p = read(U.T * U * U.T)
    >>> write(rewriting(Orthonormal(U), p).reduce(p))
    U.T
    """
    if not isinstance(where, tuple) or not all(isinstance(r, Relation) for r in where):
        where = check_relations(where)
    for poly in polys:
        instance_of("a polynomial", poly, Poly, "what symssl.words.read gives")
    inverses = frozenset(a for p in polys for a in p.letters() if a.inverse)
    return _rewriting(where, inverses)
