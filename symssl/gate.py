"""The gate between SymPy and the word algebra: `read` and `write`.

`read` turns a SymPy scalar or matrix expression over the nodes of
:mod:`symssl.nodes` into a :class:`~symssl.algebra.Poly`; `write` turns a Poly
back into SymPy.  Nothing else in the package looks into both.
"""

from fractions import Fraction
from itertools import groupby

from sympy import (Abs, Add, Function, Identity, ImmutableMatrix, Integer, Inverse, MatAdd, MatMul, MatPow,
                   MatrixBase, MatrixExpr, MatrixSymbol, Mul, Number, NumberSymbol, Pow, Rational, S, Symbol,
                   Trace, Transpose, ZeroMatrix, cancel, exp as sympy_exp, factor_terms)
from sympy.matrices.expressions.matexpr import MatrixElement

from . import algebra
from .algebra import Binder, Poly, close, fresh_label, map_letters, scalar
from .errors import InputError, Refusal
from .nodes import (Expectation, GaussianVector, MatrixExpectation, MatrixStopGradient,
                    MatrixTotal, Potential, Sample, StopGradient, Total, E, cosine, inner, norm,
                    check_names, exact, sg, sq, total)
from .words import FREE, letter, name_of, transpose

__all__ = ["read", "write", "as_matrix"]


# --- reading -----------------------------------------------------------------------------


def read(expr, env=None):
    """The Poly of a SymPy expression.

    `env` maps sample indices to labels and placeholder symbols to polynomials.

    Raises
    ------
    InputError
        Floats, shapes that do not fit, text.
    Refusal
        Operations that the word algebra does not know (named in the message).
    """
    expr = exact(expr)
    check_names(expr)
    return _read(expr, env or {})


def _read(e, env):
    if isinstance(e, (MatrixExpr, MatrixBase)):
        return _read_matrix(e, env)
    for kind, reader in _SCALARS:
        if isinstance(e, kind):
            return reader(e, env)
    if e in (S.ImaginaryUnit, S.ComplexInfinity):
        raise InputError(f"{e} is not a real number")
    raise Refusal(f"the word algebra does not know {type(e).__name__}: {e}")


def _read_number(e, env):
    if not e.is_Rational:
        raise InputError(f"{e} is not exact: write it as a Rational" if e.is_Float else
                         f"{e} is not a finite rational number")
    c = Fraction(int(e.p), int(e.q))
    return scalar(c.numerator if c.denominator == 1 else c)


def _read_symbol(e, env):
    if e in env:
        value = env[e]
        if isinstance(value, Poly):
            return value
        raise InputError(f"the sample index {e} is used as a number")
    return algebra.symbol(e)


def _read_add(e, env):
    out = _read(e.args[0], env)
    for a in e.args[1:]:
        out = out + _read(a, env)
    return out


def _read_mul(e, env):
    out = _read(e.args[0], env)
    for a in e.args[1:]:
        out = out*_read(a, env)
    return out


def _read_pow(e, env):
    base, k = _read(e.base, env), e.exp
    if k.is_Rational:
        return base.power(Fraction(int(k.p), int(k.q)))
    k = _read(k, env)
    if not base.nonnegative:
        raise Refusal(f"the exponent of {e} is not rational, and {e.base} is not known to be nonnegative")
    return algebra.exp(k*algebra.log(base))


def _inner(a, b):
    return (a.T*b).trace()


def _read_norm(e, env):
    a = _read(e.args[0], env)
    return _inner(a, a).power(Fraction(1, 2))


def _read_cosine(e, env):
    a, b = (_read(x, env) for x in e.args)
    return _inner(a, b)*_inner(a, a).power(Fraction(-1, 2))*_inner(b, b).power(Fraction(-1, 2))


def _read_stop(e, env):
    return map_letters(_read(e.args[0], env), lambda a: a.but(stopped=True))


def _read_expectation(e, env):
    body = _read(e.args[0], env)
    given = tuple(letter(g) for g in e.given)
    labels, binders = {}, []

    def bind(a):
        s = a.symbol
        if not isinstance(s, GaussianVector) or a.label != FREE or a.but(
                stopped=False).base in given:
            return a
        first = s.copied(1)
        if s.joint not in labels:
            labels[s.joint] = fresh_label()
            held = tuple(g for g in given if g.symbol.joint.copied(1) == first.joint)
            binders.append(Binder(labels[s.joint], "E", first.joint, held))
        return a.but(symbol=first, label=("b", labels[s.joint]))

    body = map_letters(body, bind)
    return close(body, binders)


def _read_total(e, env):
    body, i, n = e.args
    if n.is_Integer:
        out = _read(body, {**env, i: ("#", 1)})
        for k in range(2, int(n) + 1):
            out = out + _read(body, {**env, i: ("#", k)})
        return out
    label = fresh_label()
    return close(_read(body, {**env, i: ("b", label)}), (Binder(label, "S", n),))


def _read_element(e, env):
    """An entry of a matrix of concrete size, as a trace with a unit matrix."""
    A, i, j = e.args
    if not all(n.is_Integer for n in (*A.shape, i, j)):
        raise Refusal(f"the entry {e} of a matrix of symbolic size")
    return (_unit(A.shape[::-1], int(j), int(i))*_read(A, env)).trace()


def _unit(shape, i, j):
    n, m = map(int, shape)
    return algebra.from_word((letter(ImmutableMatrix(n, m, lambda k, l: int((k, l) == (i, j)))),),
                             tuple(map(Integer, shape)))


def _read_function(e, env):
    return algebra.function(e.func, *(_read(a, env) for a in e.args))


def _read_potential(e, env):
    return algebra.potential_value(str(e.args[0]), *(_read(a, env) for a in e.args[1:]))


_SCALARS = (
    (Symbol, _read_symbol),
    (NumberSymbol, lambda e, env: algebra.symbol(e)),
    (Number, _read_number),
    (Add, _read_add),
    (Mul, _read_mul),
    (sympy_exp, lambda e, env: algebra.exp(_read(e.args[0], env))),
    (Pow, _read_pow),
    (Trace, lambda e, env: _read(e.args[0], env).trace()),
    (MatrixElement, _read_element),
    (inner, lambda e, env: _inner(*(_read(a, env) for a in e.args))),
    (sq, lambda e, env: _inner(*[_read(e.args[0], env)]*2)),
    (norm, _read_norm),
    (cosine, _read_cosine),
    (StopGradient, _read_stop),
    (Expectation, _read_expectation),
    (Total, _read_total),
    (Potential, _read_potential),
    (Abs, lambda e, env: _read(e.args[0], env).power(2).power(Fraction(1, 2))),
    (Function, _read_function),
)


def _read_matrix(e, env):
    for kind, reader in _MATRICES:
        if isinstance(e, kind):
            return reader(e, env)
    raise Refusal(f"the word algebra does not know the matrix {type(e).__name__}: {e}")


def _read_letter(e, env):
    return algebra.from_word((letter(e),), tuple(e.shape))


def _read_sample(e, env):
    label = env.get(e.index) or (("#", int(e.index)) if e.index.is_Integer else ("i", str(e.index)))
    return algebra.from_word((letter(e, label=label),), tuple(e.shape))


def _read_explicit(e, env):
    """A matrix of rationals is a letter; other entries stand in front of unit matrices."""
    e, shape = e.as_immutable(), tuple(map(Integer, e.shape))
    rational = e.applyfunc(lambda x: x if x.is_Rational else 0)
    if rational.is_zero_matrix:
        out = algebra.zero(shape)
    elif e.rows == e.cols and rational == rational[0, 0]*ImmutableMatrix.eye(e.rows):
        out = _read(rational[0, 0], env)*algebra.identity(shape[0])
    else:
        out = algebra.from_word((letter(rational),), shape)
    for (i, j), x in e.todok().items():
        if not x.is_Rational:
            out += _read(x, env)*_unit(shape, i, j)
    return out


def _read_matmul(e, env):
    out = None
    for a in e.args:
        p = _read(a, env)
        if out is not None and out.shape and p.shape and out.shape[1] != p.shape[0]:
            if tuple(p.shape) == (1, 1):        # a 1 x 1 matrix is a scalar in a product
                p = p.trace()
            elif tuple(out.shape) == (1, 1):
                out = out.trace()
        out = p if out is None else out*p
    return out


def _read_power(e, env):
    base, n = e.args
    if not n.is_Integer:
        raise Refusal(f"the matrix power {e} is not an integer power")
    p = _read(base, env) if n >= 0 else _read_inverse(Inverse(base), env)
    out = algebra.identity(p.shape[0])
    for _ in range(abs(int(n))):
        out = out*p
    return out


def _read_inverse(e, env):
    return algebra.inverse(_read(e.args[0], env))


_MATRICES = (
    (Sample, _read_sample),
    (MatrixSymbol, _read_letter),
    (Identity, lambda e, env: algebra.identity(e.shape[0])),
    (ZeroMatrix, lambda e, env: algebra.zero(tuple(e.shape))),
    (Transpose, lambda e, env: _read(e.args[0], env).T),
    (Inverse, _read_inverse),
    (MatMul, _read_matmul),
    (MatAdd, _read_add),
    (MatPow, _read_power),
    (MatrixStopGradient, _read_stop),
    (MatrixExpectation, _read_expectation),
    (MatrixTotal, _read_total),
    (MatrixBase, _read_explicit),
)


def as_matrix(e):
    """`e` as a SymPy matrix expression."""
    e = exact(e)
    if not isinstance(e, (MatrixExpr, MatrixBase)):
        raise InputError(f"{e} is not a matrix")
    return e


# --- writing -----------------------------------------------------------------------------

_INDEX_NAMES = "ijklmn"


def write(poly):
    """The SymPy expression of a Poly; terms in a fixed order."""
    taken = {str(a.label[1]) for a in poly.letters() if a.label[0] == "i"}
    return _write(poly, _Names(frozenset(taken.union(map(str, poly.symbols())))))


def _write(poly, names):
    groups = {}
    for t, c in sorted(poly.terms.items(), key=lambda tc: tc[0].key):
        groups.setdefault(t.binders, []).append((t, c))
    parts = []
    for binders, terms in groups.items():
        parts += _write_bound(binders, terms, poly.shape, names) if binders else \
            _write_free(terms, poly.shape, names)
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
            names = (n + "_"*k for k in range(len(taken) + 2) for n in _INDEX_NAMES)
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
        factor = Add(*(_parameters(fronts, names)*_write_mono(matrices, names)
                       for matrices, fronts in factors.items()))
        if factor != 0:
            out.append(factor if word is None else _times(factor, _write_word(word, shape, names)))
    return out


def _parameters(fronts, names):
    """The sum of some monomials in scalars."""
    out = Add(*(_number(c)*_write_mono(mono, names) for mono, c in fronts))
    if len(fronts) > 1 and any(a.kind == "base" for mono, _ in fronts for a, _ in mono):
        out = factor_terms(cancel(out))                 # (1 + s)/(1 + s)^2 is 1/(1 + s)
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
        inside = _sum_up([_write_term(b, Fraction(c)/common, shape, known) for b, c in bodies], shape)
        out.append(_times(_number(common)*_write_mono(outside, names),
                          _wrap(inside, binders, known)))
    for c, outside, pieces in parts:
        factor, matrix = _number(c)*_write_mono(outside, names), None
        for own, body in pieces:
            known = names.inside(own)
            inside = _write_term(body, 1, shape if body.word is not None else None, known)
            wrapped = _wrap(inside, own, known)
            if body.word is None:
                factor = factor*wrapped
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
    word = {a.label[1] for a in t.word or () if a.label[0] == "b"} & own
    blocks = [set(labels) for labels, _ in inside] + ([word] if word else [])
    blocks += [{b.label, *(g.label[1] for g in b.given if g.label[0] == "b")} & own
               for b in t.binders]
    merged = []
    for block in blocks:
        joined = [m for m in merged if m & block]
        merged = [m for m in merged if not m & block] + [block.union(*joined)]
    merged.sort(key=min)
    pieces = []
    for block in merged:
        pieces.append((tuple(b for b in t.binders if b.label in block),
                       algebra.Term((), tuple(ae for labels, ae in inside if labels <= block),
                                    t.word if word and word <= block else None)))
    body = algebra.Term((), tuple(ae for _, ae in inside), t.word)
    if t.word is not None and not word:         # the word is not random: it stands outside
        pieces.append(((), algebra.Term((), (), t.word)))
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
    return factor*matrix


def _number(c):
    c = Fraction(c)
    return Rational(c.numerator, c.denominator)


def _write_term(t, c, shape, names):
    factor = _number(c)*_write_mono(t.mono, names)
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
            factors += [MatPow(factor, n)] if n > 1 and not a.inverse else [factor]*n
        part = factors[0] if len(factors) == 1 else MatMul(*factors)
        parts += [sg(part)] if stopped else factors
    return parts[0] if len(parts) == 1 else MatMul(*parts)


def _write_letter(a, names):
    s = a.symbol
    if isinstance(s, Sample):
        tag, at = a.label
        index = names.of_index(at) if tag == "b" else at if tag == "#" else Symbol(at) \
            if s.index.name != at else s.index
        s = s.func(s.args[0], *s.shape, index, s.size)
    elif isinstance(s, GaussianVector) and a.label[0] == "b":
        s = names.of_vector(s, a.label[1])
    if a.inverse:
        s = Inverse(s)
    if a.transposed:
        s = Transpose(s)
    return s


def _write_mono(mono, names):
    out = Integer(1)
    for a, e in mono:
        out = out*_write_atom(a, e, names)
    return out


def _write_atom(a, e, names):
    power = Rational(e.numerator, e.denominator)
    if a.kind == "tr":
        base, power = _write_trace(a, power, names)
        return base**power
    if a.kind == "exp":
        (t, c), = a.content.terms.items()
        inside = Poly({t: c*e}, None)
        return sympy_exp(_write(inside, names))
    if a.kind == "base":
        return _write(a.content, names)**power
    if a.kind == "fn":
        return a.content[0](*(_write(p, names) for p in a.content[1:]))**power
    if a.kind == "pot":
        return Potential(a.content[0], *(_write(p, names) for p in a.content[1:]))**power
    return a.content**power


def _write_trace(a, power, names):
    """A trace as norm, inner product or Trace, whichever reads best."""
    word, n = a.content, len(a.content)

    def product_of(w):
        return _write_word(w, None, names)

    for k in range(n if n % 2 == 0 else 0):
        turned = word[k:] + word[:k]
        half = turned[:n//2]
        if turned[n//2:] == transpose(half):
            half = min(half, transpose(half), key=lambda w: (w[-1].cols != 1,
                                                             sum(b.transposed for b in w)))
            return norm(product_of(half)), 2*power
    if any(b.rows == 1 for b in word):
        k = next(k for k, b in enumerate(word) if b.rows == 1)
        word = min((w := word[k:] + word[:k]), transpose(w),
                   key=lambda w: (name_of(w[0].symbol), w))
        if n == 1:
            return Trace(product_of(word)), power
        k = max(j for j in range(1, n) if all(b.transposed for b in word[:j])) \
            if word[0].transposed else 1
        return inner(product_of(transpose(word[:k])), product_of(word[k:])), power
    if n == 2:
        a, b = min(((word[0].T, word[1]), (word[0], word[1].T)),
                   key=lambda ab: (sum(c.transposed for c in ab), ab))
        return inner(product_of((a,)), product_of((b,))), power
    return Trace(product_of(word)), power
