"""Evaluation of expressions at an exact instance: every size, scalar and matrix given a value.

This is the independent path by which symbolic equalities are rechecked.  It
walks the SymPy expression and shares nothing with the word algebra: rational
matrices by python-flint, ball arithmetic where a root or an exponential occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce as fold
from itertools import product
from operator import add
from random import Random
from typing import Any

import flint
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpq_mpoly
from sympy import (
    Abs,
    Add,
    E as euler,
    Expr,
    Identity,
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
    Rational,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
    cos,
    cosh,
    exp,
    log,
    pi,
    sin,
    sinh,
    tan,
    tanh,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import Undecided
from ..exact.balls import whole_power
from ..exact.normal_moments import Normals
from ..exact.rational_matrices import (
    NotPolynomial,
    PolynomialMatrix,
    block_diagonal,
    from_blocks,
    identity_matrix,
    is_matrix,
    random_matrix,
    times,
    trace,
)
from ..language.functions import Entry
from ..language.operators import Expectation, MatrixExpectation, MatrixStopGradient, MatrixTotal, StopGradient, Total
from ..language.random_vectors import GaussianVector
from ..language.sample_vectors import Sample
from ..language.scalars import Potential, PotentialGradient, cosine, inner, norm, sq
from ..language.unit_vectors import UnitVector

__all__ = ["MatrixInstance"]

_PRECISION = 240  # bits of the balls
_SUPPORT = 2  # points of the discrete law that may stand for the Gaussian one


class _Irrational(Exception):
    """Raised in exact mode where a value is not rational."""


@dataclass
class MatrixInstance:
    """Values for every size, scalar and matrix of an expression; made by
    :func:`~symssl.matrix.exact_instances.instances`.  Matrices drawn at random are divided by `shrink`."""

    sizes: dict[Symbol, Integer]
    seed: int
    matrices: dict[MatrixSymbol, fmpq_mat] = field(default_factory=dict)
    scalars: dict[Symbol, fmpq] = field(default_factory=dict)
    shrink: int = 1

    def __post_init__(self) -> None:
        self._bound: Mapping[Any, Any] = {}
        self.surrogate = False
        self._exact = True

    # --- values of atoms, drawn on demand ---

    def _random(self, *what):
        return Random(f"{self.seed}:{what}")

    def size(self, n: Expr) -> int:
        """The value of a symbolic size."""
        value = n.subs(self.sizes)
        if not (value.is_Integer and value > 0):
            raise ValueError(f"the size {n} is {value} at {self.sizes}")
        return int(value)

    def shape(self, A: MatrixExpr) -> tuple[int, int]:
        """The shape of a matrix here."""
        rows, cols = A.shape
        return self.size(rows), self.size(cols)

    def matrix(self, A: MatrixSymbol) -> Any:
        """Value of a matrix symbol; random unless a relation has fixed it."""
        if A not in self.matrices:
            self.matrices[A] = random_matrix(*self.shape(A), self._random(A.name)) * fmpq(1, self.shrink)
        return self.matrices[A]

    def scalar(self, s: Symbol) -> fmpq:
        """The value of a scalar symbol; random, but with every property assumed of it."""
        if s in self.sizes:
            return fmpq(int(self.sizes[s]))
        if s not in self.scalars:
            self.scalars[s] = _scalar_like(
                s, self._random(s.name, getattr(s, "dummy_index", "")), (-1) ** (self.seed + len(s.name))
            )
        return self.scalars[s]

    # --- evaluation ---

    def value(self, expr: Any) -> Any:
        """Value of a scalar or matrix expression: fmpq(_mat) if rational, else arb(_mat).

        `surrogate` tells afterwards whether a discrete law stood for a Gaussian one.
        """
        self.surrogate = False
        self._exact = True
        try:
            return self._value(expr)
        except _Irrational:
            self._exact = False
            with flint.ctx.workprec(_PRECISION):
                return self._value(expr)

    def gap(self, a: Any, b: Any) -> tuple[Any, bool]:
        """The difference of two values, and whether it rests on a surrogate."""
        left, surrogate = self.value(a), self.surrogate
        with flint.ctx.workprec(_PRECISION):
            return left - self.value(b), surrogate or self.surrogate

    def _number(self, q):
        return q if self._exact or isinstance(q, arb) else arb(q)

    def _matrix(self, M):
        return M if self._exact or isinstance(M, arb_mat) else arb_mat(M)

    def _value(self, e):
        for kinds, rule in _RULES:
            if isinstance(e, kinds):
                return rule(self, e)
        raise Undecided(f"no independent evaluation of {type(e).__name__}")

    def _sum(self, e):
        return fold(add, map(self._value, e.args))

    def _product(self, e):
        return fold(times, map(self._value, e.args))

    def _matrix_product(self, e):
        out = None
        for a in map(self._value, e.args):
            if out is not None and is_matrix(out) and is_matrix(a) and out.ncols() != a.nrows():
                out, a = (out[0, 0], a) if out.nrows() == out.ncols() == 1 else (out, a[0, 0])
            out = a if out is None else times(out, a)
        return out

    def _power(self, e):
        base, k = self._value(e.base), e.exp
        if isinstance(base, fmpq_mpoly) and not (k.is_Integer and k >= 0):
            raise NotPolynomial
        if k.is_Integer:
            return whole_power(base, int(k))
        if self._exact:
            raise _Irrational
        return base ** (arb(int(k.p)) / int(k.q) if k.is_Rational else self._value(k))

    def _function(self, e):
        if self._exact:
            raise _Irrational
        return getattr(self._value(e.args[0]), _FUNCTIONS[e.func])()

    def _root(self, q):
        if isinstance(q, fmpq_mpoly):
            raise NotPolynomial
        if self._exact:
            n, d = q.p.isqrt(), q.q.isqrt()
            if n * n != q.p or d * d != q.q:
                raise _Irrational
            return fmpq(n, d)
        return q.sqrt()

    def _inner(self, a, b):
        return trace(self._value(a).transpose() * self._value(b))

    def _cosine(self, a, b):
        lengths = self._root(self._inner(a, a)) * self._root(self._inner(b, b))
        return self._inner(a, b) / lengths

    def _sample(self, s):
        index = self._bound.get(s.index, s.index)
        if isinstance(s, UnitVector):
            return self._matrix(self._unit(index, self.shape(s)[0]))
        key = Sample(s.name, s.rows, 1, index, s.size)
        if key not in self.matrices:
            self.matrices[key] = random_matrix(*self.shape(s), self._random(s.name, str(index)))
        return self._matrix(self.matrices[key])

    def _unit(self, index, length):
        """A unit vector; a place that is free is any."""
        place = self._place(index, length)
        return fmpq_mat(length, 1, [int(k == place - 1) for k in range(length)])

    def _place(self, index, length):
        """The number that an index stands for; any in its range where nothing binds it."""
        index = self._bound.get(index, index)
        if not isinstance(index, int) and not index.is_Integer:
            return 1 + self._random("e", str(index)).randrange(length)
        if not 1 <= int(index) <= length:
            raise ValueError(f"place {index} of {length}")  # at these sizes the expression has no value
        return int(index)

    def _gaussian(self, x):
        """A bound vector has the value of the current expectation, a free one its own."""
        bound = self._bound.get((x.joint, x.name))
        bound = self.matrix(x) if bound is None else bound
        return bound if isinstance(bound, PolynomialMatrix) else self._matrix(bound)

    def _expectation(self, e):
        body, given = e.args[0], tuple(e.given)
        exact, self._exact = self._exact, True
        try:
            value = self._polynomial_average(body, given)
        except (NotPolynomial, _Irrational):
            value = None
        finally:
            self._exact = exact
        if value is None:
            return self._surrogate_average(body, given)
        return self._matrix(value) if isinstance(value, fmpq_mat) else self._number(value)

    def _unbound(self, body, given):
        """The joint laws over which an expectation runs, with the vectors it binds."""
        laws: dict[Any, list[GaussianVector]] = {}
        for v in sorted(body.atoms(GaussianVector), key=str):
            if v not in given:
                laws.setdefault(v.joint, []).append(v)
        return laws

    def _polynomial_average(self, body, given):
        laws = self._unbound(body, given)
        if not laws:
            return self._value(body)
        parts = [self._law(joint, vectors, given) for joint, vectors in laws.items()]
        normals = Normals(block_diagonal([S for S, _ in parts]), [m[i, 0] for _, m in parts for i in range(m.nrows())])
        values, at = {}, 0
        for joint, vectors in laws.items():
            for v in vectors:
                dim = self.shape(v)[0]
                values[joint, v.name] = PolynomialMatrix([[z] for z in normals.values[at : at + dim]])
                at += dim
        return normals.average(self._with(values, body))

    def _law(self, joint, vectors, given):
        """Covariance and mean of some vectors of a joint law, given others."""
        held = [g for g in given if g.joint.copied(1) == joint.copied(1)]
        fixed = [self._bound.get((g.joint, g.name)) for g in held]
        if any(isinstance(g, PolynomialMatrix) for g in fixed):
            raise NotPolynomial  # conditioned on a vector that is itself averaged
        dim = self.shape(vectors[0])[0]
        S = from_blocks([[self._block(joint, a, b, dim) for b in vectors] for a in vectors])
        m = from_blocks([[self._mean(joint, a, dim)] for a in vectors])
        if held:  # the conditional law, by Schur complement
            C = from_blocks([[self._block(joint, a, g, dim) for g in held] for a in vectors])
            G = from_blocks([[self._block(joint, a, g, dim) for g in held] for a in held]).inv()
            gap = from_blocks(
                [[(self.matrix(g) if f is None else f) - self._mean(joint, g, dim)] for g, f in zip(held, fixed)]
            )
            S, m = S - C * G * C.transpose(), m + C * G * gap
        return S, m

    def _block(self, joint, a, b, dim):
        c = self._value(joint.covariance(a.name, b.name))
        return c if is_matrix(c) else identity_matrix(dim) * c

    def _mean(self, joint, a, dim):
        m = joint.means[joint.names.index(a.name)]
        return self._value(m) if m != 0 else fmpq_mat(dim, 1)

    def _surrogate_average(self, body, given):
        """Average over a discrete law instead of the Gaussian one.

        An equality that uses no moments holds for every law, so this can confirm
        one; it can never refute one (`surrogate` says that it was used).
        """
        self.surrogate = True
        laws = self._unbound(body, given)
        points = [
            {
                (v.joint, v.name): random_matrix(*self.shape(v), self._random(v.name, "draw", k))
                for k, vectors in zip(draws, laws.values())
                for v in vectors
            }
            for draws in product(range(_SUPPORT), repeat=len(laws))
        ]
        return fold(add, [self._with(p, body) for p in points]) * self._number(fmpq(1, len(points)))

    def _with(self, values, body):
        old = self._bound
        self._bound = {**old, **values}
        try:
            return self._value(body)
        finally:
            self._bound = old

    def _total(self, e):
        body, i, n = e.args
        return fold(add, [self._with({i: Integer(k)}, body) for k in range(1, self.size(n) + 1)])

    def _potential(self, e):
        """A fixed smooth function: sum over arguments of <C, A> + |A|^4."""
        out = self._number(fmpq(0))
        for k, A in enumerate(e.args[1:]):
            q = self._inner(A, A)
            out += trace(self._potential_linear(e, k).transpose() * self._value(A)) + q * q
        return out

    def _potential_linear(self, e, slot):
        A = e.args[1 + slot]
        return self._matrix(random_matrix(*self.shape(A), self._random(str(e.args[0]), slot)))

    def _potential_gradient(self, G):
        e, slot = G.args[3], int(G.args[4])
        A = e.args[1 + slot]
        return self._potential_linear(e, slot) + self._value(A) * (self._inner(A, A) * 4)


def _scalar_like(s, r, sign):
    """A random rational that has every property assumed of the symbol, of that sign if it can."""
    assumed = {k: v for k, v in s.assumptions0.items() if v is not None}
    least = 0 if assumed.get("zero") else 1
    for denominator in (*range(7, 0, -1), *[1] * 200):
        front = sign if denominator > 1 else r.choice((-1, 1))
        value = Rational(front * r.randint(least, 12), denominator)
        if all(getattr(value, f"is_{k}") is v for k, v in assumed.items()):
            return fmpq(int(value.p), int(value.q))
    raise Undecided(f"no rational number has the properties assumed of {s}")


# --- rules for kinds of expressions ------------------------------------------------------


def _rational(self, e):
    return self._number(fmpq(int(e.p), int(e.q)))


def _constant(self, e):
    if self._exact:
        raise _Irrational
    return {pi: arb.pi, euler: arb.const_e}[e]()


def _explicit(self, e):
    entries = [self._value(x) for x in e]
    if any(isinstance(x, fmpq_mpoly) for x in entries):
        return PolynomialMatrix([entries[k : k + e.cols] for k in range(0, len(entries), e.cols)])
    return (fmpq_mat if self._exact else arb_mat)(e.rows, e.cols, entries)


def _entry(self, e):
    A, i, j = e.args
    if not (i.is_Integer and j.is_Integer):
        raise Undecided(f"no independent evaluation of the entry {e}")
    return self._value(A)[int(i), int(j)]


def _numbered_entry(self, e):
    value = self._value(e.args[0])
    row, column = (self._place(k, length) for k, length in zip(e.args[1:], (value.nrows(), value.ncols())))
    return value[row - 1, column - 1]


_FUNCTIONS = {
    exp: "exp",
    log: "log",
    sin: "sin",
    cos: "cos",
    tan: "tan",
    sinh: "sinh",
    cosh: "cosh",
    tanh: "tanh",
    Abs: "__abs__",
}
_RULES = (
    (Number, _rational),
    (NumberSymbol, _constant),
    (Sample, MatrixInstance._sample),
    (GaussianVector, MatrixInstance._gaussian),
    (PotentialGradient, MatrixInstance._potential_gradient),
    (MatrixSymbol, lambda self, e: self._matrix(self.matrix(e))),
    (Symbol, lambda self, e: self._number(fmpq(int(self._bound[e])) if e in self._bound else self.scalar(e))),
    ((Add, MatAdd), MatrixInstance._sum),
    (MatMul, MatrixInstance._matrix_product),  # a Mul too
    (Mul, MatrixInstance._product),
    (tuple(_FUNCTIONS), MatrixInstance._function),
    (Pow, MatrixInstance._power),
    (
        MatPow,
        lambda self, e: self._value(e.base) ** int(e.exp) if e.exp >= 0 else self._value(e.base).inv() ** int(-e.exp),
    ),
    (Inverse, lambda self, e: self._value(e.args[0]).inv()),
    (Transpose, lambda self, e: self._value(e.args[0]).transpose()),
    (Trace, lambda self, e: trace(self._value(e.args[0]))),
    (Identity, lambda self, e: self._matrix(identity_matrix(self.size(e.shape[0])))),
    (ZeroMatrix, lambda self, e: self._matrix(fmpq_mat(*self.shape(e)))),
    (MatrixBase, _explicit),
    (MatrixElement, _entry),
    (Entry, _numbered_entry),
    (inner, lambda self, e: self._inner(*e.args)),
    (sq, lambda self, e: self._inner(e.args[0], e.args[0])),
    (norm, lambda self, e: self._root(self._inner(e.args[0], e.args[0]))),
    (cosine, lambda self, e: self._cosine(*e.args)),
    ((StopGradient, MatrixStopGradient), lambda self, e: self._value(e.args[0])),
    ((Expectation, MatrixExpectation), MatrixInstance._expectation),
    ((Total, MatrixTotal), MatrixInstance._total),
    (Potential, MatrixInstance._potential),
)
