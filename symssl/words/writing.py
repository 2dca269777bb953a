"""From the word algebra back to SymPy, terms in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from typing import Any

from sympy import (
    Add,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixBase,
    MatrixExpr,
    Rational,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
    cancel,
    exp as sympy_exp,
    factor_terms,
)

from ..language.operators import E, sg, total
from ..language.random_vectors import GaussianVector
from ..language.sample_vectors import Sample
from ..language.scalars import Potential, inner, norm
from ..support.arguments import instance_of
from .letters import name_of, placeholder, transpose
from .polynomials import Poly
from .terms import Term

__all__ = ["write", "write_open"]

_INDEX_NAMES = "ijklmn"


def write(poly: Poly) -> Any:
    """The SymPy expression of a Poly; terms in a fixed order.

    >>> from sympy import MatrixSymbol
    >>> from symssl.words.reading import read
    >>> A = MatrixSymbol("A", 3, 3)
    >>> write(read((A - A.T) * A))
    A**2 - A.T*A
    """
    instance_of("poly", poly, Poly, "a polynomial, as symssl.words.read gives it")
    labels = [label for a in poly.letters() for label in (a.label[1] if a.label[0] == "p" else (a.label,))]
    taken = {str(at) for tag, at in labels if tag == "i"}
    return _write(poly, _Names(frozenset(taken.union(map(str, poly.symbols())))))


def write_open(polys: Iterable[Poly]) -> tuple[list[Any], dict[Symbol, tuple[str, int]]]:
    """Polynomials whose sample indices are bound further out, and the names of these indices with their labels."""
    polys = list(polys)
    names = _Names(frozenset(str(s) for p in polys for a in p.letters() for s in a.symbol.free_symbols))
    written = [_write(p, names) for p in polys]
    return written, {symbol: ("b", label) for label, symbol in names.index.items()}


def _write(poly, names):
    groups = {}
    for t, c in sorted(poly.terms.items(), key=lambda tc: tc[0].key):
        groups.setdefault(t.binders, []).append((t, c))
    parts = []
    for binders, terms in groups.items():
        parts += _write_bound(binders, terms, poly.shape, names) if binders else _write_free(terms, poly.shape, names)
    if not parts:
        return Integer(0) if poly.shape is None else ZeroMatrix(*poly.shape)
    return _sum_up(parts, poly.shape)


class _Names:
    """Printed names of bound labels."""

    def __init__(self, avoid=frozenset(), index=()):
        self.avoid, self.index, self.copy = avoid, dict(index), {}

    def inside(self, binders):
        """The names known further in, where `binders` are in force."""
        new = _Names(self.avoid, self.index)
        for b in binders:
            if b.tag == "S":
                new.of_index(b.label)
        return new

    def of_index(self, label):
        if label not in self.index:
            taken = self.avoid | {str(s) for s in self.index.values()}
            names = (n + "_" * k for k in range(len(taken) + 2) for n in _INDEX_NAMES)
            self.index[label] = Symbol(next(n for n in names if n not in taken), integer=True)
        return self.index[label]

    def of_vector(self, vector, label):
        """A second copy of the same random vector in one term needs a name of its own."""
        copies = self.copy.setdefault(vector.joint, [])
        if label not in copies:
            copies.append(label)
        return vector.copied(copies.index(label) + 1)


def _write_free(terms, shape, names):
    """Terms without binders; those of one word share one coefficient."""
    words = {}
    for t, c in terms:
        matrices = tuple(ae for ae in t.mono if ae[0].moves)
        front = tuple(ae for ae in t.mono if not ae[0].moves)
        words.setdefault(t.word, {}).setdefault(matrices, []).append((front, c))
    out = []
    for word, factors in words.items():
        factor = Add(
            *(_parameters(fronts, names) * _write_mono(matrices, names) for matrices, fronts in factors.items())
        )
        if factor != 0:
            out.append(factor if word is None else _times(factor, _write_word(word, shape, names)))
    return out


def _parameters(fronts, names):
    """The sum of some monomials in scalars."""
    out = Add(*(_number(c) * _write_mono(mono, names) for mono, c in fronts))
    if len(fronts) > 1 and any(a.kind == "base" for mono, _ in fronts for a, _ in mono):
        out = factor_terms(cancel(out))  # (1 + s)/(1 + s)^2 is 1/(1 + s)
    return out


def _write_bound(binders, terms, shape, names):
    """Terms under the same binders: independent factors apart, the rest in one wrapper."""
    together, parts = {}, []
    for t, c in terms:
        pieces, outside, body = _components(t)
        if len(pieces) == 1:
            together.setdefault(outside, []).append((body, c))
        else:
            parts.append((c, outside, pieces))
    out = []
    for outside, bodies in together.items():
        known = names.inside(binders)
        common = bodies[0][1] if len({c for _, c in bodies}) == 1 else 1
        inside = _sum_up([_write_term(b, Fraction(c) / common, shape, known) for b, c in bodies], shape)
        out.append(_times(_number(common) * _write_mono(outside, names), _wrap(inside, binders, known)))
    for c, outside, pieces in parts:
        factor, matrix = _number(c) * _write_mono(outside, names), None
        for own, body in pieces:
            known = names.inside(own)
            inside = _write_term(body, 1, shape if body.word is not None else None, known)
            wrapped = _wrap(inside, own, known)
            if body.word is None:
                factor = factor * wrapped
            else:
                matrix = wrapped
        out.append(factor if matrix is None else _times(factor, matrix))
    return out


def _components(t):
    """Split a bound term into (binders, body) pieces that share no label.

    Returns (pieces, free atoms, the body without the free atoms).
    """
    nodes = [(set(a.free), (a, e)) for a, e in t.mono]
    own = {b.label for b in t.binders}
    outside = tuple(ae for labels, ae in nodes if not labels & own)
    inside = [(labels & own, ae) for labels, ae in nodes if labels & own]
    word = {n for a in t.word or () for n in a.bound} & own
    blocks = [set(labels) for labels, _ in inside] + ([word] if word else [])
    blocks += [{b.label, *(g.label[1] for g in b.given if g.label[0] == "b")} & own for b in t.binders]
    merged = []
    for block in blocks:
        joined = [m for m in merged if m & block]
        merged = [m for m in merged if not m & block] + [block.union(*joined)]
    merged.sort(key=min)
    pieces = [
        (
            tuple(b for b in t.binders if b.label in block),
            Term((), tuple(ae for labels, ae in inside if labels <= block), t.word if word and word <= block else None),
        )
        for block in merged
    ]
    body = Term((), tuple(ae for _, ae in inside), t.word)
    if t.word is not None and not word:  # the word is not random: it stands outside
        pieces.append(((), Term((), (), t.word)))
    return pieces, outside, body


def _wrap(expr, binders, names):
    """E(...) or total(...) around an expression, conditional expectations innermost; one
    E averages over all that is not conditioned."""
    for b in binders:
        if b.given:
            expr = E(expr, given=tuple(_write_letter(g, names) for g in b.given))
    if any(b.tag == "E" and not b.given for b in binders):
        expr = E(expr)
    for b in binders:
        if b.tag == "S":
            expr = total(expr, (names.of_index(b.label), b.what))
    return expr


def _sum_up(parts, shape):
    return Add(*parts) if shape is None else MatAdd(*parts).doit(deep=False)


def _times(factor, matrix):
    if isinstance(matrix, (MatrixExpr, MatrixBase)):
        return matrix if factor == 1 else MatMul(factor, *MatMul.make_args(matrix))
    return factor * matrix


def _number(c):
    c = Fraction(c)
    return Rational(c.numerator, c.denominator)


def _write_term(t, c, shape, names):
    factor = _number(c) * _write_mono(t.mono, names)
    if t.word is None:
        return factor
    return _times(factor, _write_word(t.word, shape, names))


def _write_word(word, shape, names):
    if not word:
        return Identity(shape[0])
    parts = []
    for stopped, run in groupby(word, key=lambda a: a.stopped):
        factors = []
        for a, same in groupby(run):
            n = len(list(same))
            factor = _write_letter(a, names)
            factors += [MatPow(factor, n)] if n > 1 and not a.inverse else [factor] * n
        part = factors[0] if len(factors) == 1 else MatMul(*factors)
        parts += [sg(part)] if stopped else factors
    return parts[0] if len(parts) == 1 else MatMul(*parts)


def _write_letter(a, names):
    s = a.symbol
    if isinstance(s, Sample):
        tag, at = a.label
        index = (
            names.of_index(at) if tag == "b" else at if tag == "#" else Symbol(at) if s.index.name != at else s.index
        )
        s = s.func(s.args[0], *s.shape, index, s.size)
    elif isinstance(s, GaussianVector) and a.label[0] == "b":
        s = names.of_vector(s, a.label[1])
    elif a.label[0] == "p":
        indices = [names.of_index(at) if tag == "b" else Integer(at) if tag == "#" else at for tag, at in a.label[1]]
        s = s.xreplace({placeholder(k): index for k, index in enumerate(indices, 1)})
    if a.inverse:
        s = Inverse(s)
    if a.transposed:
        s = Transpose(s)
    return s


def _write_mono(mono, names):
    out = Integer(1)
    for a, e in mono:
        out = out * _write_atom(a, e, names)
    return out


def _write_atom(a, e, names):
    power = Rational(e.numerator, e.denominator)
    if a.kind == "tr":
        base, power = _write_trace(a, power, names)
        return base**power
    if a.kind == "exp":
        ((t, c),) = a.content.terms.items()
        inside = Poly({t: c * e}, None)
        return sympy_exp(_write(inside, names))
    if a.kind == "base":
        return _write(a.content, names) ** power
    if a.kind == "fn":
        return a.content[0](*(_write(p, names) for p in a.content[1:])) ** power
    if a.kind == "pot":
        return Potential(a.content[0], *(_write(p, names) for p in a.content[1:])) ** power
    return a.content**power


def _write_trace(a, power, names):
    """A trace as norm, inner product or Trace, whichever reads best."""
    word, n = a.content, len(a.content)

    def product_of(w):
        return _write_word(w, None, names)

    for k in range(n if n % 2 == 0 else 0):
        turned = word[k:] + word[:k]
        half = turned[: n // 2]
        if turned[n // 2 :] == transpose(half):
            half = min(half, transpose(half), key=lambda w: (w[-1].cols != 1, sum(b.transposed for b in w)))
            return norm(product_of(half)), 2 * power
    if any(b.rows == 1 for b in word):
        k = next(k for k, b in enumerate(word) if b.rows == 1)
        word = min((w := word[k:] + word[:k]), transpose(w), key=lambda w: (name_of(w[0].symbol), w))
        if n == 1:
            return Trace(product_of(word)), power
        k = max(j for j in range(1, n) if all(b.transposed for b in word[:j])) if word[0].transposed else 1
        return inner(product_of(transpose(word[:k])), product_of(word[k:])), power
    if n == 2:
        a, b = min(((word[0].T, word[1]), (word[0], word[1].T)), key=lambda ab: (sum(c.transposed for c in ab), ab))
        return inner(product_of((a,)), product_of((b,))), power
    return Trace(product_of(word)), power
