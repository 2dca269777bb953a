"""From SymPy to the word algebra: one reader for every kind of expression."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import (
    Abs,
    Add,
    Function,
    Identity,
    ImmutableMatrix,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    Number,
    NumberSymbol,
    Pow,
    S,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
    exp as sympy_exp,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import InputError, Refusal
from ..language.functions import Entry
from ..language.inputs import as_expression
from ..language.names import check_names
from ..language.operators import Expectation, MatrixExpectation, MatrixStopGradient, MatrixTotal, StopGradient, Total
from ..language.random_vectors import GaussianVector
from ..language.sample_vectors import Sample
from ..language.scalars import Potential, PotentialGradient, cosine, inner, norm, sq
from ..language.unit_vectors import unit
from ..support.arguments import mapping_of
from . import functions
from .covariances import check_covariance
from .letters import FREE, letter, slope_letter
from .polynomials import Poly, close, coefficient, from_word, identity, scalar, symbol, zero
from .substitution import inverse
from .terms import WordBinder, fresh_label

__all__ = ["read", "slope"]

_MAX_WRITTEN_OUT = 5000  # terms of a sum over a concrete number of samples


def read(expr: Any, env: Mapping[Any, Any] | None = None) -> Poly:
    """The Poly of a SymPy expression.

    >>> A = MatrixSymbol("A", 3, 3)
    >>> read(A * A.T) == read(A) * read(A).T
    True

    `env` maps sample indices to labels and placeholder symbols to polynomials.

    Raises
    ------
    InputError
        Floats, shapes that do not fit, text.
    Refusal
        Operations for which there is no rule (named in the message).
    """
    expr = as_expression(expr)
    check_names(expr)
    return _read(expr, mapping_of("env", env, "indices and placeholders to what they stand for"))


def _read(e, env):
    if isinstance(e, (MatrixExpr, MatrixBase)):
        return _read_matrix(e, env)
    for kind, reader in _SCALARS:
        if isinstance(e, kind):
            return reader(e, env)
    if e in (S.ImaginaryUnit, S.ComplexInfinity):
        raise InputError(f"{e} is not a real number")
    raise Refusal(f"there is no rule for expressions of the kind {type(e).__name__}: {e}")


def _read_number(e, env):
    if not e.is_Rational:
        raise InputError(
            f"{e} is not exact: write it as a Rational" if e.is_Float else f"{e} is not a finite rational number"
        )
    return scalar(coefficient(Fraction(int(e.p), int(e.q))))


def _read_symbol(e, env):
    if e in env:
        value = env[e]
        if isinstance(value, Poly):
            return value
        raise InputError(f"the sample index {e} is used as a number")
    return symbol(e)


def _read_add(e, env):
    out = _read(e.args[0], env)
    for a in e.args[1:]:
        out = out + _read(a, env)
    return out


def _read_mul(e, env):
    out = _read(e.args[0], env)
    for a in e.args[1:]:
        out = out * _read(a, env)
    return out


def _read_pow(e, env):
    base, k = _read(e.base, env), e.exp
    if k.is_Rational:
        return base.power(Fraction(int(k.p), int(k.q)))
    k = _read(k, env)
    if not base.nonnegative:
        raise Refusal(f"the exponent of {e} is not rational, and {e.base} is not known to be nonnegative")
    return functions.exp(k * functions.log(base))


def _inner(a, b):
    return (a.T * b).trace()


def _read_norm(e, env):
    a = _read(e.args[0], env)
    return _inner(a, a).power(Fraction(1, 2))


def _read_cosine(e, env):
    a, b = (_read(x, env) for x in e.args)
    return _inner(a, b) * _inner(a, a).power(Fraction(-1, 2)) * _inner(b, b).power(Fraction(-1, 2))


def _read_stop(e, env):
    return _read(e.args[0], env).map_letters(lambda a: a.but(stopped=True))


def _read_expectation(e, env):
    body = _read(e.args[0], env)
    given = tuple(letter(g) for g in e.given)
    labels, binders = {}, []

    def bind(a):
        s = a.symbol
        if isinstance(s, PotentialGradient) and any(letter(g) not in given for g in s.args[3].atoms(GaussianVector)):
            raise Refusal(f"the expectation of the unspecified gradient {s.name} of a function of random vectors")
        if not isinstance(s, GaussianVector) or a.label != FREE or a.but(stopped=False).base in given:
            return a
        first = s.copied(1)
        if s.joint not in labels:
            labels[s.joint] = fresh_label()
            held = tuple(g for g in given if g.symbol.joint.copied(1) == first.joint)
            binders.append(WordBinder(labels[s.joint], "E", first.joint, held))
        return a.but(symbol=first, label=("b", labels[s.joint]))

    body = body.map_letters(bind)
    return close(body, binders)


def _read_total(e, env):
    body, i, n = e.args
    if n.is_Integer:
        if n > _MAX_WRITTEN_OUT:
            raise Refusal(f"a sum of {n} terms is too long to be written out: let the number of samples be a symbol")
        out = _read(body, {**env, i: ("#", 1)})
        for k in range(2, int(n) + 1):
            out = out + _read(body, {**env, i: ("#", k)})
        return out
    label = fresh_label()
    return close(_read(body, {**env, i: ("b", label)}), (WordBinder(label, "S", n),))


def _read_element(e, env):
    """An entry of a matrix of concrete size, as a trace with a unit matrix."""
    A, i, j = e.args
    if not all(n.is_Integer for n in (*A.shape, i, j)):
        raise Refusal(f"the entry {e} belongs to a matrix of symbolic size: give the size as a number")
    return (_unit(A.shape[::-1], int(j), int(i)) * _read(A, env)).trace()


def _unit(shape, i, j):
    n, m = map(int, shape)
    return from_word((letter(ImmutableMatrix(n, m, lambda k, l: int((k, l) == (i, j)))),), tuple(map(Integer, shape)))


def _read_entry(e, env):
    """An entry of a matrix, as its product with two unit vectors."""
    A, i, j = e.args
    if not all(k.is_Integer or k.is_Symbol for k in (i, j)):
        raise Refusal(f"the entry {e} has a place that is no symbol or number")
    out = _read(A, env)
    if A.shape[0] != 1:
        out = _read_sample(unit(i, A.shape[0]), env).T * out
    return (out if A.shape[1] == 1 else out * _read_sample(unit(j, A.shape[1]), env)).trace()


def _read_function(e, env):
    return functions.function(e.func, *(_read(a, env) for a in e.args))


def _read_potential(e, env):
    return functions.potential_value(str(e.args[0]), *(_read(a, env) for a in e.args[1:]))


_SCALARS = (
    (Symbol, _read_symbol),
    (NumberSymbol, lambda e, env: symbol(e)),
    (Number, _read_number),
    (Add, _read_add),
    (Mul, _read_mul),
    (sympy_exp, lambda e, env: functions.exp(_read(e.args[0], env))),
    (Pow, _read_pow),
    (Trace, lambda e, env: _read(e.args[0], env).trace()),
    (MatrixElement, _read_element),
    (Entry, _read_entry),
    (inner, lambda e, env: _inner(*(_read(a, env) for a in e.args))),
    (sq, lambda e, env: _inner(*[_read(e.args[0], env)] * 2)),
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
    raise Refusal(f"there is no rule for matrices of the kind {type(e).__name__}: {e}")


def slope(e: PotentialGradient, env: Mapping[Any, Any]) -> Poly:
    """The gradient of a potential; sums in its arguments in normal form, so that equal places give one letter."""
    from .writing import write

    value = e.args[3]
    if value.has(Total, MatrixTotal) and not any(index in env for index in value.free_symbols):
        name, *places = value.args
        e = e.func(*e.args[:3], value.func(name, *(write(_read(place, env)) for place in places)), e.args[4])
    return from_word((slope_letter(e, env),), tuple(e.shape))


def _read_letter(e, env):
    if isinstance(e, PotentialGradient):
        return slope(e, env)
    if isinstance(e, GaussianVector):
        check_covariance(e.joint, e.rows)
    return from_word((letter(e),), tuple(e.shape))


def _read_sample(e, env):
    label = env.get(e.index) or (("#", int(e.index)) if e.index.is_Integer else ("i", str(e.index)))
    return from_word((letter(e, label=label),), tuple(e.shape))


def _read_explicit(e, env):
    """A matrix of rationals is a letter; other entries stand in front of unit matrices."""
    e, shape = e.as_immutable(), tuple(map(Integer, e.shape))
    rational = e.applyfunc(lambda x: x if x.is_Rational else 0)
    if rational.is_zero_matrix:
        out = zero(shape)
    elif e.rows == e.cols and rational == rational[0, 0] * ImmutableMatrix.eye(e.rows):
        out = _read(rational[0, 0], env) * identity(shape[0])
    else:
        out = from_word((letter(rational),), shape)
    for (i, j), x in e.todok().items():
        if not x.is_Rational:
            out += _read(x, env) * _unit(shape, i, j)
    return out


def _read_matmul(e, env):
    out = None
    for a in e.args:
        p = _read(a, env)
        if out is not None and out.shape and p.shape and out.shape[1] != p.shape[0]:
            if tuple(p.shape) == (1, 1):  # a 1 x 1 matrix is a scalar in a product
                p = p.trace()
            elif tuple(out.shape) == (1, 1):
                out = out.trace()
        out = p if out is None else out * p
    return out


def _read_power(e, env):
    base, n = e.args
    if not n.is_Integer:
        raise Refusal(f"the matrix power {e} is not an integer power")
    p = _read(base, env) if n >= 0 else _read_inverse(Inverse(base), env)
    out = identity(p.shape[0])
    for _ in range(abs(int(n))):
        out = out * p
    return out


def _read_inverse(e, env):
    return inverse(_read(e.args[0], env))


_MATRICES = (
    (Sample, _read_sample),
    (MatrixSymbol, _read_letter),
    (Identity, lambda e, env: identity(e.shape[0])),
    (ZeroMatrix, lambda e, env: zero(tuple(e.shape))),
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
