"""What polynomials in words are made of: atoms, terms, and the labels that terms bind.

A term is a product of atoms with exponents and, if it is a matrix, of a word.
It may be *bound*: averaged over copies of random vectors, or summed over sample
indices.  Atoms are symbols, traces of words, and functions of polynomials; the
polynomials (:mod:`symssl.words.polynomials`) are used here through their methods only.

Bound labels are integers.  The labels that a term binds are always larger than
every label bound inside its atoms, and least among the renamings that respect
this; so a bound variable has a canonical name and is never captured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import chain, count, permutations, product
from typing import TYPE_CHECKING, Any, NamedTuple

from sympy import Dummy, srepr

from ..errors import Refusal
from .letters import Letter, Word, cyclic_form, short_hash, transpose

if TYPE_CHECKING:
    from .polynomials import Poly

__all__ = ["Atom", "Term", "WordBinder", "canonical", "fresh_label", "mapped", "opened", "relabelled"]

_fresh = count(1 << 40)
_MAX_BINDERS = 6  # renamings are tried one by one: 6! = 720


def fresh_label() -> int:
    """A bound label that nothing else carries."""
    return next(_fresh)


class WordBinder(NamedTuple):
    """What a bound label ranges over: an expectation ("E") or a sum ("S")."""

    label: int
    tag: str
    what: Any  # Joint of the random vectors | size of the sum (SymPy)
    given: tuple[Letter, ...] = ()  # letters held fixed (conditional expectation)

    @property
    def kind(self) -> str:
        """A string that is equal for binders of one kind only."""
        what = short_hash(self.what) if self.tag == "E" else self.what
        return f"{self.tag}:{what}:{self.given}"


class Term(NamedTuple):
    """A product of atoms with exponents and of a word, under what it binds."""

    binders: tuple[WordBinder, ...]
    mono: tuple[tuple[Atom, Fraction | int], ...]  # ((atom, exponent), ...) sorted by atom
    word: Word | None  # None for a scalar

    @property
    def key(self) -> str:
        """A string that is equal for equal terms only."""
        bound = ";".join(f"{b.label}{b.kind}" for b in self.binders)
        return (
            (f"<{bound}>" if bound else "")
            + "*".join(f"{a.key}^{e}" for a, e in self.mono)
            + ("" if self.word is None else "|" + ".".join(map(repr, self.word)))
        )

    @property
    def free(self) -> set[int]:
        """Bound labels that occur here but are bound further out."""
        return set().union(
            *(a.free for a, _ in self.mono), _labels(self.word or ()), *(_labels(b.given) for b in self.binders)
        ) - {b.label for b in self.binders}

    @property
    def height(self) -> int:
        """Largest label bound in here, -1 if none."""
        return max(chain((a.height for a, _ in self.mono), (b.label for b in self.binders)), default=-1)

    @property
    def body(self) -> Term:
        """The term without its binders."""
        return self._replace(binders=()) if self.binders else self


def _labels(letters):
    """The bound labels that letters carry."""
    return {n for a in letters for n in a.bound}


@lru_cache(maxsize=4096)
def _symbol_key(s):
    """Symbols of one name but different assumptions, and dummies, are told apart."""
    return srepr(s)


@lru_cache(maxsize=512)
def _function_key(f):
    return repr(f) if isinstance(f, str) else f"{f.__module__}.{f.__name__}"


class Atom:
    """A scalar generator.

    kind    content
    sym     a SymPy symbol (or constant such as pi)
    num     a prime; carries fractional exponents in (0, 1)
    tr      a word, in cyclic form
    exp     a one-term Poly with coefficient 1
    base    a Poly that carries an exponent other than a positive integer
    fn      (SymPy function class, *Poly)
    pot     (name, *Poly): an unspecified function of matrices

    `polys` are the polynomials that it is made of.
    """

    __slots__ = ("content", "free", "height", "key", "kind", "moves", "polys")

    def __init__(self, kind: str, content: Any) -> None:
        self.kind, self.content = kind, content
        self.polys: tuple[Poly, ...] = ()
        letters: Word = ()
        if kind == "tr":
            letters, name = content, "tr(%s)" % ".".join(map(repr, content))
        elif kind in ("exp", "base"):
            self.polys, name = (content,), f"{kind}({content.key})"
        elif kind in ("fn", "pot"):
            self.polys = content[1:]
            name = f"{_function_key(content[0])}({','.join(p.key for p in self.polys)})"
        else:
            name = _symbol_key(content)
        self.key = f"{kind}:{name}"
        self.free: frozenset[int] = frozenset(_labels(letters)).union(*(p.free for p in self.polys))
        self.height = max((p.height for p in self.polys), default=-1)
        self.moves = bool(letters) or any(True for p in self.polys for _ in p.letters())  # has a matrix

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Atom) -> bool:
        return self.key < other.key

    def __repr__(self) -> str:
        return self.key

    @property
    def nonnegative(self) -> bool:
        """Known to be >= 0."""
        if self.kind == "sym":
            return bool(self.content.is_nonnegative)
        if self.kind == "tr":
            word, n = self.content, len(self.content)
            return n % 2 == 0 and any(
                (turned := word[k:] + word[:k])[n // 2 :] == transpose(turned[: n // 2]) for k in range(n)
            )
        if self.kind == "base":
            return self.content.nonnegative
        if self.kind == "fn":
            return bool(self.content[0](*[Dummy(real=True) for _ in self.polys]).is_nonnegative)
        return self.kind in ("num", "exp")

    def mapped(self, f: Callable[[Letter], Letter]) -> Atom:
        """The atom with every letter a replaced by the letter f(a)."""
        if self.kind == "tr":
            return Atom("tr", cyclic_form(tuple(map(f, self.content))))
        if self.kind in ("exp", "base"):
            return Atom(self.kind, self.content.map_letters(f))
        if self.kind in ("fn", "pot"):
            return Atom(self.kind, (self.content[0], *(p.map_letters(f) for p in self.polys)))
        return self


# --- letters and labels ------------------------------------------------------------------


def mapped(t: Term, f: Callable[[Letter], Letter], touched: Callable[[Atom], bool] = lambda atom: True) -> Term:
    """The term with every letter a replaced by the letter f(a); atoms not `touched` stay."""
    mono = ((a.mapped(f) if touched(a) else a, e) for a, e in t.mono)
    return Term(
        tuple(b._replace(given=tuple(map(f, b.given))) for b in t.binders),
        tuple(sorted(mono, key=lambda ae: ae[0].key)),
        None if t.word is None else tuple(map(f, t.word)),
    )


def opened(t: Term) -> Term:
    """The term with the labels that it binds made fresh."""
    return _renamed(t, {b.label: fresh_label() for b in t.binders}) if t.binders else t


def canonical(t: Term) -> Term:
    """The bound term with the least labels above those of its atoms, equal binders in
    whichever order makes its key least."""
    if len(t.binders) > _MAX_BINDERS:
        raise Refusal(f"a term binds {len(t.binders)} indices or copies; at most {_MAX_BINDERS} are handled")
    low = 1 + t.body.height
    blank = {b.label: 0 for b in t.binders}
    alike: dict[str, list[int]] = {}
    for b in t.binders:
        kind = b._replace(label=0, given=tuple(relabelled(g, blank) for g in b.given)).kind
        alike.setdefault(kind, []).append(b.label)
    orders = product(*(permutations(alike[kind]) for kind in sorted(alike)))
    renamed = (_renamed(t, dict(zip(chain(*order), count(low)))) for order in orders)
    return min((u._replace(binders=tuple(sorted(u.binders))) for u in renamed), key=lambda u: u.key)


def _renamed(t, names):
    """Rename bound labels, the term's own binders included."""
    new = mapped(t, lambda a: relabelled(a, names), lambda a: bool(a.free & names.keys()))
    return new._replace(binders=tuple(b._replace(label=names.get(b.label, b.label)) for b in new.binders))


def relabelled(a: Letter, names: Mapping[int, int]) -> Letter:
    """A letter with other bound labels."""
    if not a.bound & names.keys():
        return a
    tag, at = a.label
    if tag == "b":
        return a.but(label=("b", names[at]))
    return a.but(label=("p", tuple((t, names.get(n, n)) if t == "b" else (t, n) for t, n in at)))
