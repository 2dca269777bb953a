"""The exact word algebra: polynomials in words, traces and scalar functions.

A :class:`Poly` is a finite sum of terms

    rational * product of atom^exponent * word      (word absent for a scalar)

each in the normal form that :func:`normal` computes.  Free words with
transposes, and traces up to rotation and transposition, have a unique form
here, so equality of polynomials in them is equality of dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product

from sympy import Expr, MatrixBase, Symbol

from ..errors import InputError, Refusal
from .letters import Letter, Word, cyclic_form, simplified, split_closed, split_open, transpose
from .terms import Atom, Term, WordBinder, canonical, opened

__all__ = [
    "Poly",
    "close",
    "coefficient",
    "from_word",
    "identity",
    "monomial",
    "normal",
    "scalar",
    "size",
    "sum_of",
    "symbol",
    "trace_of_word",
    "zero",
]


Number = int | Fraction
Shape = tuple[Expr, Expr]

_MOST_PRODUCTS = 200_000  # of two polynomials: some seconds


class Poly:
    """A scalar (`shape` is None) or matrix polynomial; immutable.

    Made by `symssl.words.read`; `+`, `-` and `*` are exact, and equality is equality of normal forms.

    >>> from sympy import MatrixSymbol
    >>> from symssl.words import read, write
    >>> A = MatrixSymbol("A", 3, 3)
    >>> p = read(A) * read(A.T) - read(A * A.T)
    >>> p == read(0 * A), write(p.trace())
    (True, 0)
    """

    __slots__ = ("_key", "shape", "terms")

    def __init__(self, terms: Mapping[Term, Number], shape: Shape | None) -> None:
        self.terms, self.shape = terms, shape
        self._key: str | None = None

    # --- structure ---

    @property
    def key(self) -> str:
        """A string that is equal for equal polynomials only."""
        if self._key is None:
            self._key = "+".join(sorted(f"{c}*{t.key}" for t, c in self.terms.items())) or "0"
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms and (self.shape == other.shape)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def free(self) -> frozenset[int]:
        """Bound labels that occur here but are bound further out."""
        return frozenset().union(*(t.free for t in self.terms))

    @property
    def height(self) -> int:
        """Largest label bound in here, -1 if none."""
        return max((t.height for t in self.terms), default=-1)

    @property
    def is_monomial(self) -> bool:
        """Whether this is one term, neither an average nor a sum over samples."""
        return len(self.terms) == 1 and not self.is_bound

    @property
    def is_bound(self) -> bool:
        """Whether any term is an average or a sum."""
        return any(t.binders for t in self.terms)

    @property
    def constant(self) -> Number | None:
        """The rational value if this is a constant scalar, else None."""
        if not self.terms:
            return 0
        (term, c), *rest = self.terms.items()
        return c if not rest and not term.mono and not term.word and not term.binders else None

    @property
    def nonnegative(self) -> bool:
        """Known to be >= 0."""
        return all(c > 0 and all(a.nonnegative or e % 2 == 0 for a, e in t.mono) for t, c in self.terms.items())

    def letters(self) -> Iterator[Letter]:
        """All letters, those inside atoms included."""
        for t in self.terms:
            yield from t.word or ()
            for a, _ in t.mono:
                if a.kind == "tr":
                    yield from a.content
                for p in a.polys:
                    yield from p.letters()

    def binders(self) -> Iterator[WordBinder]:
        """All binders, those inside atoms included."""
        for t in self.terms:
            yield from t.binders
            for a, _ in t.mono:
                for p in a.polys:
                    yield from p.binders()

    def symbols(self) -> Iterator[Symbol]:
        """All scalar symbols, those inside atoms included."""
        for t in self.terms:
            for a, _ in t.mono:
                if a.kind == "sym":
                    yield a.content
                for p in a.polys:
                    yield from p.symbols()

    # --- ring operations ---

    def __add__(self, other: Poly) -> Poly:
        _fit(self.shape == other.shape, "add", self, other)
        return sum_of((self, other), self.shape)

    def scale(self, c: Number) -> Poly:
        """The polynomial times a rational number."""
        return Poly({t: c * k for t, k in self.terms.items()} if c else {}, self.shape)

    def __neg__(self) -> Poly:
        return self.scale(-1)

    def __sub__(self, other: Poly) -> Poly:
        return self + (-other)

    def __mul__(self, other: Poly) -> Poly:
        if self.shape and other.shape:
            _fit(self.shape[1] == other.shape[0], "multiply", self, other)
            shape: Shape | None = (self.shape[0], other.shape[1])
        else:
            shape = self.shape or other.shape
        if (number := len(self.terms) * len(other.terms)) > _MOST_PRODUCTS:
            raise Refusal(
                f"multiplied out, the expression has {number} terms or more; up to {_MOST_PRODUCTS} are handled"
            )
        return sum_of(
            (
                _product(opened(t), opened(u), c * k, shape)
                for (t, c), (u, k) in product(self.terms.items(), other.terms.items())
            ),
            shape,
        )

    @property
    def T(self) -> Poly:
        """The transpose."""
        if self.shape is None:
            return self
        shape = self.shape[::-1]
        return sum_of(
            (normal(c, dict(t.mono), transpose(t.word or ()), shape, t.binders) for t, c in self.terms.items()), shape
        )

    def trace(self) -> Poly:
        """The trace, a scalar."""
        if self.shape is None or self.shape[0] != self.shape[1]:
            raise InputError(f"only a square matrix has a trace, not {_kind(self.shape)}")
        out = zero()
        for t, c in self.terms.items():
            t = opened(t)
            value = trace_of_word(t.word) if t.word else size(self.shape[0])
            out += close(monomial(c, dict(t.mono)) * value, t.binders)
        return out

    # --- made of other polynomials: a power takes out the content, and a renamed letter may
    # simplify an exponential or a root.  The modules for that build on this one, and are
    # imported when they are used.

    def power(self, e: Number) -> Poly:
        """Raise a scalar to a rational power."""
        from .functions import power

        return power(self, e)

    def map_letters(self, f: Callable[[Letter], Letter]) -> Poly:
        """Replace every letter a by the letter f(a) of the same shape."""
        from .substitution import map_letters

        return map_letters(self, f)


def _fit(ok, verb, *polys):
    if not ok:
        raise InputError(f"cannot {verb} {' and '.join(_kind(p.shape) for p in polys)}")


def _kind(shape):
    return "a scalar" if shape is None else f"a {shape[0]} x {shape[1]} matrix"


def sum_of(polys: Iterable[Poly], shape: Shape | None) -> Poly:
    """The sum of polynomials of one shape."""
    out: dict[Term, Number] = {}
    for p in polys:
        for t, c in p.terms.items():
            total = out.get(t, 0) + c
            if total:
                out[t] = total
            else:
                del out[t]
    return Poly(out, shape)


def _product(t, u, c, shape):
    """c times the product of two opened terms."""
    factors = dict(t.mono)
    for a, e in u.mono:
        factors[a] = factors.get(a, 0) + e
    word = t.word if u.word is None else u.word if t.word is None else t.word + u.word
    return normal(c, factors, word, shape, t.binders + u.binders)


# --- constructors ------------------------------------------------------------------------


def scalar(c: Number) -> Poly:
    """A rational number as a polynomial."""
    return Poly({Term((), (), None): c} if c else {}, None)


def zero(shape: Shape | None = None) -> Poly:
    """The zero scalar, or the zero matrix of a shape."""
    return Poly({}, shape)


def identity(n: Expr) -> Poly:
    """The identity matrix."""
    return Poly({Term((), (), ()): 1}, (n, n))


def symbol(s: Symbol) -> Poly:
    """A scalar symbol as a polynomial."""
    return monomial(1, {Atom("sym", s): 1})


def size(n: Expr) -> Poly:
    """A matrix dimension as a scalar."""
    if n.is_Integer:
        return scalar(int(n))
    if n.is_Symbol:
        return symbol(n)
    out = zero() if n.is_Add else scalar(1)
    if not (n.is_Add or n.is_Mul):
        raise Refusal(f"the dimension {n} is not a polynomial in sizes")
    for a in n.args:
        out = out + size(a) if n.is_Add else out * size(a)
    return out


def monomial(c: Number, factors: Mapping[Atom, Number]) -> Poly:
    """The scalar c * product of atom^exponent."""
    return normal(c, factors, None, None)


def from_word(word: Iterable[Letter], shape: Shape | None) -> Poly:
    """A product of letters as a polynomial."""
    return normal(1, {}, tuple(word), shape)


def trace_of_word(word: Word) -> Poly:
    """The trace of a product of letters."""
    n: Expr = word[0].rows
    c: Number = 1
    if not all(a.plain for a in word):
        front, word = simplified(word, closed=True)
        c = _rational(front)
        if not word:
            return size(n).scale(c)
        if len(word) == 1 and isinstance(word[0].symbol, MatrixBase):
            return scalar(c * _rational(word[0].symbol.trace()))
    return monomial(c, _with_traces({}, split_closed(word)))


def _with_traces(factors, words):
    """The factors of a product times the traces of some words."""
    factors = dict(factors)
    for word in words:
        a = Atom("tr", cyclic_form(word))
        factors[a] = factors.get(a, 0) + 1
    return factors


def _rational(q):
    return coefficient(Fraction(int(q.p), int(q.q)))


def coefficient(c: Number) -> Number:
    """A rational as a coefficient: an int if it is one, else a Fraction."""
    return c.numerator if c.denominator == 1 else c


# --- normal form of one term -------------------------------------------------------------


def normal(
    c: Number,
    factors: Mapping[Atom, Number],
    word: Word | None,
    shape: Shape | None,
    binders: tuple[WordBinder, ...] = (),
) -> Poly:
    """The Poly of one product, with scalars pulled out of the word, powers merged,
    polynomials with positive integer powers multiplied out, and labels canonical."""
    if not c:
        return zero(shape)
    if word:
        if not all(a.plain for a in word):
            front, word = simplified(word)
            if not front:
                return zero(shape)
            c *= _rational(front)
        word, scalars = split_open(word)
        factors = _with_traces(factors, scalars)
    mono: dict[Atom, Fraction] = {}
    expand: list[Poly] = []
    for a, e in factors.items():
        if not e:
            continue
        e = Fraction(e)
        if a.kind == "num":
            whole, e = divmod(e, 1)
            c = c * Fraction(int(a.content)) ** int(whole)
            if not e:
                continue
        elif a.kind == "base" and (e >= 1 or (e.denominator == 1 and a.content.is_monomial)):
            whole, e = divmod(e, 1)
            expand.append(a.content.power(whole))
            if not e:
                continue
        mono[a] = e
    c = coefficient(Fraction(c))
    term = Term((), tuple(sorted(mono.items(), key=lambda ae: ae[0].key)), word)
    if not expand:
        return _bind(term, c, shape, binders)
    out = Poly({term: c}, shape)
    for p in expand:
        out = p * out
    return close(out, binders)


def close(poly: Poly, binders: Iterable[WordBinder]) -> Poly:
    """Bind the given labels in every term of a polynomial."""
    binders = tuple(binders)
    if not binders:
        return poly
    terms = ((opened(t), c) for t, c in poly.terms.items())
    return sum_of((_bind(t.body, c, poly.shape, t.binders + binders) for t, c in terms), poly.shape)


def _bind(t, c, shape, binders):
    """Bind labels around an unbound term and give them their canonical names."""
    if not binders:
        return Poly({t: c}, shape)
    used = t.free
    changed = True
    while changed:  # a conditional expectation may use the letters it is given
        more = {g.label[1] for b in binders if b.label in used for g in b.given if g.label[0] == "b"}
        changed = not more <= used
        used |= more
    keep = tuple(b for b in binders if b.label in used)
    out = Poly({canonical(t._replace(binders=keep)) if keep else t: c}, shape)
    for b in binders:  # a sum of N equal terms; an expectation of a constant is free
        if b.label not in used and b.tag == "S":
            out = size(b.what) * out
    return out
