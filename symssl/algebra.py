"""The exact word algebra: polynomials in words, traces and scalar functions.

A :class:`Poly` is a finite sum of terms

    rational * product of atom^exponent * word      (word absent for a scalar)

where a term may be *bound*: averaged over copies of random vectors, or summed
over sample indices.  Atoms are symbols, traces of words, and functions of
polynomials.  Free words with transposes, and traces up to rotation and
transposition, have a unique form here, so equality of polynomials in them is
equality of dictionaries.

Bound labels are integers.  The labels that a term binds are always larger than
every label bound inside its atoms, and least among the renamings that respect
this; so a bound variable has a canonical name and is never captured.
"""

from fractions import Fraction
from itertools import count, permutations, product
from math import gcd, lcm
from typing import NamedTuple

from functools import lru_cache

from sympy import Dummy, Integer, MatrixBase, factorint, log as sympy_log, srepr

from .errors import InputError, Refusal
from .words import cyclic_form, digest, simplified, split_closed, split_open, transpose

__all__ = ["Atom", "Binder", "Poly", "Term", "scalar", "identity", "zero", "from_word",
           "monomial", "trace_of_word", "symbol", "exp", "log", "function", "potential_value", "close",
           "fresh_label", "opened", "map_letters", "rebuild",
           "substitute", "inverse", "vanishes"]

_fresh = count(1 << 40)
_COMPOSITE = ("base", "exp", "fn", "pot")       # atoms made of polynomials
_MAX_BINDERS = 6        # renamings are tried one by one: 6! = 720


def fresh_label():
    """A bound label that nothing else carries."""
    return next(_fresh)


class Binder(NamedTuple):
    """What a bound label ranges over: an expectation ("E") or a sum ("S")."""

    label: int
    tag: str
    what: object                    # Joint of the random vectors | size of the sum (SymPy)
    given: tuple = ()               # letters held fixed (conditional expectation)

    @property
    def kind(self):
        what = digest(self.what) if self.tag == "E" else self.what
        return f"{self.tag}:{what}:{self.given}"


class Term(NamedTuple):
    binders: tuple
    mono: tuple                     # ((atom, exponent), ...) sorted by atom
    word: tuple | None

    @property
    def key(self):
        bound = ";".join(f"{b.label}{b.kind}" for b in self.binders)
        return ((f"<{bound}>" if bound else "") + "*".join(f"{a.key}^{e}" for a, e in self.mono)
                + ("" if self.word is None else "|" + ".".join(map(repr, self.word))))


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
    """

    __slots__ = ("kind", "content", "key", "free", "height", "moves")

    def __init__(self, kind, content):
        self.kind, self.content = kind, content
        letters, polys = (), ()
        if kind == "tr":
            letters, name = content, "tr(%s)" % ".".join(map(repr, content))
        elif kind in ("exp", "base"):
            polys, name = (content,), f"{kind}({content.key})"
        elif kind in ("fn", "pot"):
            polys = content[1:]
            name = f"{_function_key(content[0])}({','.join(p.key for p in polys)})"
        else:
            name = _symbol_key(content)
        self.key = f"{kind}:{name}"
        self.free = frozenset(a.label[1] for a in letters if a.label[0] == "b").union(
            *(p.free for p in polys))
        self.height = max((p.height for p in polys), default=-1)
        self.moves = bool(letters) or any(True for p in polys for _ in p.letters())   # has a matrix

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)

    def __lt__(self, other):
        return self.key < other.key

    def __repr__(self):
        return self.key

    @property
    def nonnegative(self):
        """Known to be >= 0."""
        if self.kind == "sym":
            return bool(self.content.is_nonnegative)
        if self.kind == "tr":
            word, n = self.content, len(self.content)
            return n % 2 == 0 and any(
                (turned := word[k:] + word[:k])[n//2:] == transpose(turned[:n//2]) for k in range(n))
        if self.kind == "base":
            return self.content.nonnegative
        if self.kind == "fn":
            return bool(self.content[0](*[Dummy(real=True) for _ in self.content[1:]]).is_nonnegative)
        return self.kind in ("num", "exp")


class Poly:
    """A scalar (`shape` is None) or matrix polynomial; immutable."""

    __slots__ = ("terms", "shape", "_key")

    def __init__(self, terms, shape):
        self.terms, self.shape, self._key = terms, shape, None

    # --- structure ---

    @property
    def key(self):
        if self._key is None:
            self._key = "+".join(sorted(f"{c}*{t.key}" for t, c in self.terms.items())) or "0"
        return self._key

    def __eq__(self, other):
        return self.terms == other.terms and (self.shape == other.shape)

    def __hash__(self):
        return hash(self.key)

    def __repr__(self):
        return self.key

    def __bool__(self):
        return bool(self.terms)

    @property
    def free(self):
        """Bound labels that occur here but are bound further out."""
        return frozenset().union(*(_free(t) for t in self.terms))

    @property
    def height(self):
        """Largest label bound in here, -1 if none."""
        return max((max([a.height for a, _ in t.mono] + [b.label for b in t.binders], default=-1)
                    for t in self.terms), default=-1)

    @property
    def constant(self):
        """The rational value if this is a constant scalar, else None."""
        if not self.terms:
            return 0
        (term, c), *rest = self.terms.items()
        return c if not rest and not term.mono and not term.word and not term.binders else None

    @property
    def nonnegative(self):
        return all(c > 0 and all(a.nonnegative or e % 2 == 0 for a, e in t.mono)
                   for t, c in self.terms.items())

    def letters(self):
        """All letters, those inside atoms included."""
        for t in self.terms:
            yield from t.word or ()
            for a, _ in t.mono:
                if a.kind == "tr":
                    yield from a.content
                elif a.kind in ("exp", "base"):
                    yield from a.content.letters()
                elif a.kind in ("fn", "pot"):
                    for p in a.content[1:]:
                        yield from p.letters()

    def binders(self):
        """All binders, those inside atoms included."""
        for t in self.terms:
            yield from t.binders
            for a, _ in t.mono:
                for p in ((a.content,) if a.kind in ("exp", "base") else
                          a.content[1:] if a.kind in ("fn", "pot") else ()):
                    yield from p.binders()

    def symbols(self):
        """All scalar symbols, those inside atoms included."""
        for t in self.terms:
            for a, _ in t.mono:
                if a.kind == "sym":
                    yield a.content
                elif a.kind in ("exp", "base"):
                    yield from a.content.symbols()
                elif a.kind in ("fn", "pot"):
                    for p in a.content[1:]:
                        yield from p.symbols()

    # --- ring operations ---

    def __add__(self, other):
        _fit(self.shape == other.shape, "add", self, other)
        terms = dict(self.terms)
        for t, c in other.terms.items():
            terms[t] = terms.get(t, 0) + c
            if not terms[t]:
                del terms[t]
        return Poly(terms, self.shape)

    def scale(self, c):
        return Poly({t: c*k for t, k in self.terms.items()} if c else {}, self.shape)

    def __neg__(self):
        return self.scale(-1)

    def __sub__(self, other):
        return self + (-other)

    def __mul__(self, other):
        if self.shape and other.shape:
            _fit(self.shape[1] == other.shape[0], "multiply", self, other)
            shape = (self.shape[0], other.shape[1])
        else:
            shape = self.shape or other.shape
        out = {}
        for (t, c), (u, k) in product(self.terms.items(), other.terms.items()):
            t, u = opened(t), opened(u)
            factors = dict(t.mono)
            for a, e in u.mono:
                factors[a] = factors.get(a, 0) + e
            word = t.word if u.word is None else u.word if t.word is None else t.word + u.word
            _accumulate(out, _normal(c*k, factors, word, shape, t.binders + u.binders))
        return Poly(out, shape)

    @property
    def T(self):
        if self.shape is None:
            return self
        return _sum((_normal(c, dict(t.mono), transpose(t.word), self.shape[::-1], t.binders)
                     for t, c in self.terms.items()), self.shape[::-1])

    def trace(self):
        _fit(self.shape and self.shape[0] == self.shape[1], "take the trace of", self)
        out = zero()
        for t, c in self.terms.items():
            t = opened(t)
            rest = _normal(c, dict(t.mono), None, None, ())
            value = rest*(trace_of_word(t.word) if t.word else size(self.shape[0]))
            out += close(value, t.binders)
        return out

    def power(self, e):
        """Raise a scalar to a rational power."""
        e = Fraction(e)
        if e.denominator == 1 and e >= 0 and (len(self.terms) != 1 or _bound(self)):
            out = scalar(1)
            for _ in range(int(e)):
                out *= self
            return out
        if not self.terms:
            if e < 0:
                raise InputError(f"division by zero: 0 raised to the power {e}")
            return self
        content, factors, rest = _content(self, e)
        out = _number_power(content, e)
        for a, k in factors.items():
            out[1][a] = out[1].get(a, 0) + k*e
        if rest is not None:
            out[1][Atom("base", rest)] = e
        return _normal(out[0], out[1], None, None, ())


def _fit(ok, verb, *polys):
    if not ok:
        raise InputError(f"cannot {verb} shapes " + " and ".join(
            str(p.shape) if p.shape else "scalar" for p in polys))


def _is_monomial(poly):
    return len(poly.terms) == 1 and not _bound(poly)


def _bound(poly):
    return any(t.binders for t in poly.terms)


def _free(t):
    own = {b.label for b in t.binders}
    out = set().union(*(a.free for a, _ in t.mono),
                      (a.label[1] for a in t.word or () if a.label[0] == "b"),
                      (g.label[1] for b in t.binders for g in b.given if g.label[0] == "b"))
    return out - own


def _accumulate(out, poly):
    for t, c in poly.terms.items():
        total = out.get(t, 0) + c
        if total:
            out[t] = total
        else:
            del out[t]


def _sum(polys, shape):
    out = {}
    for p in polys:
        _accumulate(out, p)
    return Poly(out, shape)


# --- constructors ------------------------------------------------------------------------


def scalar(c):
    return Poly({Term((), (), None): c} if c else {}, None)


def zero(shape=None):
    return Poly({}, shape)


def identity(n):
    return Poly({Term((), (), ()): 1}, (n, n))


def _atom_poly(a):
    return Poly({Term((), ((a, Fraction(1)),), None): 1}, None)


def symbol(s):
    return _atom_poly(Atom("sym", s))


def size(n):
    """A matrix dimension as a scalar."""
    if n.is_Integer:
        return scalar(int(n))
    if n.is_Symbol:
        return symbol(n)
    out = zero() if n.is_Add else scalar(1)
    if not (n.is_Add or n.is_Mul):
        raise Refusal(f"the dimension {n} is not a polynomial in sizes")
    for a in n.args:
        out = out + size(a) if n.is_Add else out*size(a)
    return out


def from_word(word, shape):
    return _normal(1, {}, tuple(word), shape, ())


def monomial(c, factors):
    """The scalar c * product of atom^exponent."""
    return _normal(c, factors, None, None, ())


def trace_of_word(word):
    factors = {}
    n, c = word[0].rows, 1
    if not all(a.plain for a in word):
        front, word = simplified(word, closed=True)
        c = _rational(front)
        if not word:
            return size(n).scale(c)
        if len(word) == 1 and isinstance(word[0].symbol, MatrixBase):
            return scalar(c*_rational(word[0].symbol.trace()))
    for piece in split_closed(word):
        a = Atom("tr", cyclic_form(piece))
        factors[a] = factors.get(a, 0) + Fraction(1)
    return _normal(c, factors, None, None, ())


def _rational(q):
    return _plain(Fraction(int(q.p), int(q.q)))


def exp(p):
    """Exponential of a scalar; a sum becomes a product of exponentials of terms."""
    out = scalar(1)
    for t, c in p.terms.items():
        (first, e), *rest = t.mono or ((None, 0),)
        if first is not None and first.kind == "fn" and first.content[0] is sympy_log \
                and e == 1 and not rest and not t.binders:
            out *= first.content[1].power(c)            # exp(c log f) = f^c
        else:
            out *= _normal(1, {Atom("exp", Poly({t: 1}, None)): Fraction(c)}, None, None, ())
    return out


def log(p):
    """Logarithm; products of factors known to be nonnegative fall apart."""
    if not p.terms:
        raise InputError("logarithm of 0")
    if p.constant == 1:
        return zero()
    content, factors, rest = _content(p, Fraction(1))
    if content < 0 or not all(a.nonnegative for a in factors) \
            or not (rest is None or rest.nonnegative):
        return _log_atom(p)
    out = zero() if rest is None else _log_atom(rest)
    content = Fraction(content)
    for n, sign in ((content.numerator, 1), (content.denominator, -1)):
        for prime, k in factorint(n).items():
            out += _log_atom(scalar(prime)).scale(sign*k)
    for a, e in factors.items():
        if a.kind == "exp":
            out += a.content.scale(e)
        else:
            out += _log_atom(a.content if a.kind == "base" else scalar(int(a.content))
                             if a.kind == "num" else _atom_poly(a)).scale(e)
    return out


def _log_atom(p):
    return _atom_poly(Atom("fn", (sympy_log, p)))


def function(func, *args):
    """A SymPy function of scalars."""
    if func is sympy_log and len(args) == 1:
        return log(args[0])
    return _atom_poly(Atom("fn", (func, *args)))


def potential_value(name, *args):
    return _atom_poly(Atom("pot", (name, *args)))


# --- numbers and content -----------------------------------------------------------------


def _number_power(c, e):
    """c^e for rational c as [rational, {prime atom: exponent in (0, 1)}]."""
    c, e = Fraction(c), Fraction(e)
    if e.denominator == 1:
        return [_plain(c**int(e)), {}]
    if c < 0:
        raise InputError(f"({c})^({e}) is not real")
    value, factors = Fraction(1), {}
    for p, k in [*factorint(c.numerator).items(),
                 *((p, -k) for p, k in factorint(c.denominator).items())]:
        whole, part = divmod(k*e, 1)
        value *= Fraction(p)**int(whole)
        if part:
            factors[Atom("num", Integer(p))] = part
    return [_plain(value), factors]


def _plain(c):
    return c.numerator if c.denominator == 1 else c


def _content(p, e):
    """Split p = number * monomial * rest as far as (.)^e may be distributed.

    For integer e everything may; otherwise only what is known to be nonnegative.
    """
    integral = e.denominator == 1
    terms = list(p.terms.items())
    if len(terms) == 1 and not terms[0][0].binders:
        t, c = terms[0]
        if integral:
            return c, dict(t.mono), None
        good = {a: k for a, k in t.mono if a.nonnegative}
        bad = {a: k for a, k in t.mono if not a.nonnegative}
        if not bad and c > 0:
            return c, good, None
        return abs(c), good, _normal(1 if c > 0 else -1, bad, None, None, ())
    numbers = [Fraction(c) for _, c in terms]
    content = Fraction(gcd(*(c.numerator for c in numbers)),
                       lcm(*(c.denominator for c in numbers)))
    if integral and min(terms, key=lambda tc: tc[0].key)[1] < 0:
        content = -content
    common = {}
    if not any(t.binders for t, _ in terms):
        monos = [dict(t.mono) for t, _ in terms]
        for a in monos[0]:
            low = min(m.get(a, 0) for m in monos)
            if low and (integral or a.nonnegative):
                common[a] = low
    rest = p.scale(1/content)
    for a, k in common.items():
        rest = _sum((_normal(c, {**dict(t.mono), a: dict(t.mono).get(a, 0) - k}, None, None,
                             t.binders) for t, c in rest.terms.items()), None)
    return _plain(content), common, _whole(rest)


def _whole(p):
    return Poly({t: _plain(Fraction(c)) for t, c in p.terms.items()}, p.shape)


# --- normal form of one term -------------------------------------------------------------


def _normal(c, factors, word, shape, binders):
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
        factors = dict(factors)
        for piece in scalars:
            a = Atom("tr", cyclic_form(piece))
            factors[a] = factors.get(a, 0) + Fraction(1)
    mono, expand = {}, []
    for a, e in factors.items():
        if not e:
            continue
        e = Fraction(e)
        if a.kind == "num":
            whole, e = divmod(e, 1)
            c = c*Fraction(int(a.content))**int(whole)
            if not e:
                continue
        elif a.kind == "base" and (e >= 1 or e.denominator == 1 and _is_monomial(a.content)):
            whole, e = divmod(e, 1)
            expand.append(a.content.power(whole))
            if not e:
                continue
        mono[a] = e
    c = _plain(Fraction(c))
    term = Term((), tuple(sorted(mono.items(), key=lambda ae: ae[0].key)), word)
    if not expand:
        return _bind_term(term, c, shape, binders)
    out = Poly({term: c}, shape)
    for p in expand:
        out = p*out
    return close(out, binders)


def close(poly, binders):
    """Bind the given labels in every term of a polynomial."""
    if not binders:
        return poly
    return _sum((_bind_term(Term((), t.mono, t.word), c, poly.shape, t.binders + tuple(binders))
                 if not t.binders else
                 _bind_opened(t, c, poly.shape, binders)
                 for t, c in poly.terms.items()), poly.shape)


def _bind_opened(t, c, shape, binders):
    t = opened(t)
    return _bind_term(Term((), t.mono, t.word), c, shape, t.binders + tuple(binders))


def opened(t):
    """The term with the labels that it binds made fresh."""
    if not t.binders:
        return t
    names = {b.label: fresh_label() for b in t.binders}
    return _rename_term(t, names)


def _bind_term(t, c, shape, binders):
    """Bind labels around an unbound term and give them their canonical names."""
    if not binders:
        return Poly({t: c}, shape)
    used = set().union(*(a.free for a, _ in t.mono),
                       (a.label[1] for a in t.word or () if a.label[0] == "b"))
    changed = True
    while changed:              # a conditional expectation may use the letters it is given
        more = {g.label[1] for b in binders if b.label in used for g in b.given
                if g.label[0] == "b"}
        changed = not more <= used
        used |= more
    keep = [b for b in binders if b.label in used]
    idle = [b for b in binders if b.label not in used and b.tag == "S"]
    if idle:                    # a sum of N equal terms; an expectation of a constant is free
        rest = _bind_term(t, c, shape, keep)
        for b in idle:
            rest = size(b.what)*rest
        return rest
    if not keep:
        return Poly({t: c}, shape)
    if len(keep) > _MAX_BINDERS:
        raise Refusal(f"a term binds {len(keep)} indices or copies; at most {_MAX_BINDERS} are handled")
    low = 1 + max((a.height for a, _ in t.mono), default=-1)
    blank = {b.label: 0 for b in keep}
    kind = {b.label: Binder(0, b.tag, b.what, tuple(_rename_letter(g, blank) for g in b.given)).kind
            for b in keep}
    groups = {}
    for b in keep:
        groups.setdefault(kind[b.label], []).append(b.label)
    best = None
    for order in product(*(permutations(groups[k]) for k in sorted(groups))):
        labels = [label for group in order for label in group]
        names = {label: low + k for k, label in enumerate(labels)}
        new = _rename_term(Term(tuple(keep), t.mono, t.word), names)
        new = new._replace(binders=tuple(sorted(new.binders)))
        if best is None or new.key < best.key:
            best = new
    return Poly({best: c}, shape)


def _rename_letter(a, names):
    if a.label[0] == "b" and a.label[1] in names:
        return a.but(label=("b", names[a.label[1]]))
    return a


def _rename_term(t, names):
    """Rename bound labels, the term's own binders included."""
    new = _map_body(t, lambda a: _rename_letter(a, names), lambda a: bool(a.free & names.keys()))
    return new._replace(binders=tuple(b._replace(label=names.get(b.label, b.label))
                                      for b in new.binders))


def _map_body(t, f, touched=lambda atom: True):
    """The term with every letter a replaced by the letter f(a)."""
    mono = []
    for a, e in t.mono:
        if touched(a):
            if a.kind == "tr":
                a = Atom("tr", cyclic_form(tuple(map(f, a.content))))
            elif a.kind in ("exp", "base"):
                a = Atom(a.kind, map_letters(a.content, f))
            elif a.kind in ("fn", "pot"):
                a = Atom(a.kind, (a.content[0], *(map_letters(p, f) for p in a.content[1:])))
        mono.append((a, e))
    return Term(tuple(b._replace(given=tuple(map(f, b.given))) for b in t.binders),
                tuple(sorted(mono, key=lambda ae: ae[0].key)),
                None if t.word is None else tuple(map(f, t.word)))


def map_letters(p, f):
    """The polynomial with every letter a replaced by the letter f(a) of the same shape."""
    def word(w, shape):
        return from_word(map(f, w), shape)

    def trace(w):
        return trace_of_word(tuple(map(f, w)))

    out = {}
    for t, c in p.terms.items():
        t = opened(t)
        if any(a.kind in _COMPOSITE for a, _ in t.mono):        # equal letters may simplify it
            value = rebuild(Poly({t._replace(binders=()): c}, p.shape), word, trace,
                            lambda q: map_letters(q, f))
            binders = tuple(b._replace(given=tuple(map(f, b.given))) for b in t.binders)
            _accumulate(out, close(value, binders))
        else:
            _accumulate(out, _bind_normal(_map_body(t, f), c, p.shape))
    return Poly(out, p.shape)


def _bind_normal(t, c, shape):
    """Merge what a renaming has made equal, then bind."""
    factors = {}
    for a, e in t.mono:
        factors[a] = factors.get(a, 0) + e
    return _normal(c, factors, t.word, shape, t.binders)


def rebuild(p, on_word, on_trace, again=None):
    """The polynomial with every word w replaced by on_word(w, shape) and every trace of
    a word by on_trace(w); both return polynomials.  `again` treats the polynomials
    inside atoms (by default in the same way)."""
    def scalars(a, e):
        if a.kind == "tr":
            return on_trace(a.content).power(e)
        if a.kind == "base":
            return again(a.content).power(e)
        if a.kind == "exp":
            return exp(again(a.content).scale(e))
        if a.kind == "fn":
            return function(a.content[0], *map(again, a.content[1:])).power(e)
        if a.kind == "pot":
            return potential_value(a.content[0], *map(again, a.content[1:])).power(e)
        return monomial(1, {a: e})

    again = again or (lambda q: rebuild(q, on_word, on_trace))
    out = zero(p.shape)
    for t, c in p.terms.items():
        t = opened(t)
        value = scalar(c)
        for a, e in t.mono:
            value = value*scalars(a, e)
        if t.word is not None:
            value = value*on_word(t.word, p.shape)
        out += close(value, t.binders)
    return out


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
    if not p.terms:
        return True
    groups = {}
    for t, c in p.terms.items():        # a bound term vanishes if its integrand does
        body = Poly({Term((), t.mono, t.word): c}, p.shape)
        groups[t.binders] = groups.get(t.binders, zero(p.shape)) + body
    return all(_cleared(body) for body in groups.values())


def _cleared(p):
    bases = sorted({a for t in p.terms for a, _ in t.mono if a.kind == "base"})
    if not bases:
        return not p.terms
    for a in bases:
        if not p.terms:
            return True
        low = min(dict(t.mono).get(a, 0) for t in p.terms)
        factor = {a: -low}
        classes = {}
        for t, c in p.terms.items():
            factors = dict(t.mono)
            whole, part = divmod(factors.pop(a, Fraction(0)) + factor[a], 1)
            value = monomial(c, factors)*a.content.power(whole)
            if t.word is not None:
                value = value*Poly({Term((), (), t.word): 1}, p.shape)
            classes[part] = classes.get(part, zero(p.shape)) + value
        if len(classes) > 1:
            return all(_cleared(q) for q in classes.values())
        p = next(iter(classes.values()))
    return not p.terms
