r"""Flows that turn towards an eigenspace: :math:`\dot W = b\,W S` and :math:`\dot x = a\,x + b\,S x`, S symmetric.

The direction moves as under the linear equation alone, at another speed: up to a positive factor W is
:math:`W_0 e^{\tau S}`, and x is :math:`e^{\tau S}x_0`, with :math:`\tau = \int b`.  Where b stays away from zero the
direction therefore tends to the projection of the start on the eigenspace of the extreme eigenvalue that it meets.

The length of a vector is told too where :math:`\tfrac{d}{dt}|x|^2 = -c\,(1 - |x|^2)\,x^\top S x` with c > 0 and b < 0
on the unit ball.  The ball is then invariant, so that the solution lasts; :math:`x^\top S x/|x|^2` tends to the least
eigenvalue that the start meets, exponentially fast, and the length to one, to zero (from inside the ball) or to a
positive number as this eigenvalue is negative, positive or zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sympy import (
    Eq,
    Gt,
    Identity,
    ImmutableMatrix,
    Integer,
    Inverse,
    Le,
    Lt,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixSymbol,
    Ne,
    Poly,
    Rational,
    Symbol,
    Transpose,
    ZeroMatrix,
    cancel,
    eye,
    oo,
    true,
)

from ...errors import InputError, Refusal, Undecided
from ...language.inputs import is_matrix
from ...language.operators import MatrixTotal
from ...language.relations import Diagonal, Orthonormal, Symmetric
from ...language.scalars import inner, norm, sq
from ...language.terms import Along, Eigenvalue, Eigenvector, Limit, Stability
from ...language.unit_vectors import UnitVector
from ..facts import decided
from ..matching import same
from .derivation import Found, beyond, first_rule
from .velocities import _kind, matrix_flow

__all__: list[str] = []

_LENGTH, _FORM = Symbol("r", nonnegative=True), Symbol("p", real=True)  # |x|^2 and x^T S x
_RULE = "the direction tends to an eigenspace"


@dataclass(frozen=True)
class _Turning:
    """A flow x' = a x + b S x, or W' = b W S with a number b."""

    state: Any
    form: Any  # S
    towards: int  # 1 where the direction tends to the least eigenvalue of S, -1 to the greatest
    in_ball: bool  # whether the length is told as well
    lasting: bool = True  # whether solutions last from all starts; else from those in the unit ball
    scalars: tuple[Any, Any] | None = None  # a and b, functions of |x|^2 and x^T S x


def _holds(condition: Any, given: Sequence[Any]) -> bool:
    if condition == True or condition in given:  # noqa: E712 - SymPy's own truth values
        return True
    with suppress(Refusal, Undecided, InputError):
        return condition != False and decided(condition, tuple(given))[0] is True  # noqa: E712
    return False


# --- recognising the flow ------------------------------------------------------------------


def _turning(dynamics: Any, given: Sequence[Any]) -> _Turning | None:
    if len(dynamics.states) != 1 or _kind(dynamics) != "matrices":
        return None
    (state,) = dynamics.states
    (velocity,) = matrix_flow(dynamics).rhs.values()
    return _of_rows(state, velocity, given) or (_of_vector(state, velocity, given) if state.shape[1] == 1 else None)


def _of_rows(state: Any, velocity: Any, given: Sequence[Any]) -> _Turning | None:
    """W' = b W S for a number b: S is sought among the matrices of which hypotheses name eigenvalues."""
    if all(size.is_Integer for size in state.shape) and (S := _explicit(state, velocity)) is not None:
        return _Turning(state, S, -1, False)
    for S in _named(given, state.shape[1]):
        for b in map(Rational, (-2, 2, -1, 1, -4, 4)):
            with suppress(Refusal, Undecided, InputError):
                if not S.has(state) and same(velocity, b * state * S, _relations(given)).equal:
                    return _Turning(state, S, 1 if b < 0 else -1, False)
    return None


def _explicit(state: Any, velocity: Any) -> Any:
    """S where the velocity is W S with an explicit symmetric matrix."""
    rows, columns = map(int, state.shape)
    entries = ImmutableMatrix(rows, columns, lambda i, j: Symbol(f"w_{i}_{j}_", real=True))
    value = velocity.xreplace({state: entries}).doit()
    value = value.as_explicit() if isinstance(value, ZeroMatrix) else value
    if not isinstance(value, MatrixBase) or value.free_symbols - entries.free_symbols:
        return None
    S = ImmutableMatrix(columns, columns, lambda i, j: value[0, j].diff(entries[0, i]))
    return S if S == S.T and not S.free_symbols and (value - entries * S).expand().is_zero_matrix else None


def _named(given: Sequence[Any], size: Any) -> list[Any]:
    """The symmetric matrices of which hypotheses name eigenvalues or eigenvectors."""
    found = [node.args[0] for h in given if hasattr(h, "atoms") for node in h.atoms(Eigenvalue, Eigenvector)]
    square = [S for S in dict.fromkeys(found) if tuple(S.shape) == (size, size)]
    return [S for S in square if _symmetric(S, given)]


def _symmetric(S: Any, given: Sequence[Any]) -> bool:
    if any(isinstance(h, (Symmetric, Diagonal)) and tuple(h.matrices) == (S,) for h in given):
        return True
    with suppress(Refusal, Undecided, InputError):
        return bool(S.T == S or same(S, S.T, _relations(given)).equal)
    return False


def _relations(given: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(h for h in given if isinstance(h, (Symmetric, Diagonal, Orthonormal)))


def _of_vector(x: Any, velocity: Any, given: Sequence[Any]) -> _Turning | None:
    """x' = a x + b S x with functions a, b of |x|^2 and x^T S x, on the unit ball."""
    parts = _scalars(x, velocity)
    if parts is None:
        return None
    S, a, b = parts
    if S is None:  # x' = a x, and no length passes one
        still = ImmutableMatrix.zeros(int(x.shape[0])) if x.shape[0].is_Integer else None
        return None if still is None or a.subs(_LENGTH, 1) != 0 else _Turning(x, still, 1, False, False)
    if not (isinstance(S, MatrixBase) and S == S.T) and not _symmetric(S, given):
        return None
    radial = cancel((2 * a * _LENGTH + 2 * b * _FORM) / ((_LENGTH - 1) * _FORM))
    if not (radial.is_number and radial.is_positive):
        return None
    with suppress(Refusal, Undecided, InputError):
        if _below_zero(b):
            return _Turning(x, S, 1, True, False, (a, b))
    return None


def _below_zero(b: Any) -> bool:
    """Whether a function of |x|^2 stays below a negative number on the unit ball."""
    if b.has(_FORM):
        return False
    if b.is_number:
        return bool(b.is_negative)
    poly = Poly(b, _LENGTH)
    return bool(poly.count_roots(0, 1) == 0 and poly.eval(0) < 0)


def _scalars(x: Any, velocity: Any) -> tuple[Any, Any, Any] | None:
    """(S, a, b) by reading the words x (x^T .. x).. and S x (x^T .. x)..; S a letter or an explicit matrix."""
    S: Any = None
    coefficients: dict[bool, Any] = {False: Integer(0), True: Integer(0)}
    for word in MatAdd.make_args(velocity.doit() if isinstance(velocity, MatrixBase) else velocity):
        scalar, rest = word.as_coeff_mmul() if isinstance(word, MatMul) else (Integer(1), word)
        factors = []
        for factor in MatMul.make_args(rest):
            if isinstance(factor, MatrixBase) and _is_multiple_of_one(factor):
                scalar *= factor[0, 0]
            else:
                factors.append(factor)
        led = factors[0] != x
        if led:
            S = factors[0] if S is None else S
            if factors.pop(0) != S:
                return None
        if not factors or factors.pop(0) != x:
            return None
        while factors:
            if factors[0] != Transpose(x):
                return None
            if factors[1] == x:
                scalar, factors = scalar * _LENGTH, factors[2:]
            elif len(factors) > 2 and factors[2] == x and (S is None or factors[1] == S):
                S, scalar, factors = factors[1], scalar * _FORM, factors[3:]
            else:
                return None
        if scalar.has(MatrixSymbol):
            return None
        coefficients[led] += scalar
    return S, coefficients[False], coefficients[True]


# --- limits ----------------------------------------------------------------------------------


def _end(term: Any, given: Sequence[Any]) -> tuple[Any, Any, _Turning] | None:
    """What a limit is taken of, the start, and the flow, where time tends to infinity along a flow that turns."""
    if not isinstance(term, Limit):
        return None
    along, variable, to = term.args[:3]
    if to is not oo or not isinstance(along, Along) or along.args[2] != variable:
        return None
    expr, dynamics, _, start = along.args
    if start.has(variable) or dynamics.has(variable):
        return None
    flow = _turning(dynamics, beyond(term, given))
    if flow is None or not (flow.lasting or in_ball(dict(start)[flow.state], given)):
        return None
    return expr, dict(start)[flow.state], flow


@first_rule(Limit)
def _limit(term: Any, given: Sequence[Any]) -> Found | None:
    found = _end(term, given)
    if found is None:
        return None
    expr, start, flow = found
    if (value := _of_direction(expr, start, flow, given)) is not None:
        return value, {"rule": _RULE}
    if flow.in_ball and _is_polynomial(expr, flow.state) and (end := _end_of_vector(start, flow, given)) is not None:
        value = expr.xreplace({flow.state: end})
        return (value.doit() if is_matrix(value) else _without_zero(value)), {"rule": _RULE}
    return None


def _is_polynomial(expr: Any, x: Any) -> bool:
    """Whether an expression is a polynomial in the entries of a vector, so that its limit is its value at the limit."""
    if is_matrix(expr):
        words = MatAdd.make_args(expr)
        factors = [factor for word in words for factor in MatMul.make_args(word)]
        return all(isinstance(f.arg if isinstance(f, Transpose) else f, MatrixSymbol) or not f.has(x) for f in factors)
    nodes = {node: Symbol(f"n_{k}", real=True) for k, node in enumerate(expr.atoms(inner, sq)) if node.has(x)}
    named = expr.xreplace(nodes)
    return (
        not named.has(x)
        and bool(named.is_polynomial(*nodes.values()))
        and all(_is_polynomial(side, x) for node in nodes for side in node.args)
    )


def _without_zero(value: Any) -> Any:
    """Norms and inner products of a vector that is zero."""
    nodes = [node for node in value.atoms(norm, sq, inner) if any(_is_zero(a) for a in node.args)]
    return value.xreplace(dict.fromkeys(nodes, Integer(0)))


def _is_zero(matrix: Any) -> bool:
    return isinstance(matrix.doit(), ZeroMatrix)


def _of_direction(expr: Any, start: Any, flow: _Turning, given: Sequence[Any]) -> Any:
    """The limit of a function of the direction alone, continuous where the matrix is not zero."""
    W = flow.state
    if isinstance(flow.form, MatrixBase) and _is_multiple_of_one(flow.form):
        fixed = _is_of_direction(expr, W) or _is_projector(expr, W)
        return expr.xreplace({W: start}) if fixed else None  # the direction does not move
    if is_matrix(expr) or flow.in_ball or not _is_of_direction(expr, W):
        return None
    S, n = flow.form, flow.form.shape[0]
    last, next_ = (1, 2) if flow.towards > 0 else (n, n - 1)
    pair = (Eigenvalue(S, last), Eigenvalue(S, next_))
    apart = Lt(*pair, evaluate=False) if flow.towards > 0 else Gt(*pair, evaluate=False)
    if not _holds(apart, given) or not _holds(Ne(sq(start * Eigenvector(S, last)), 0, evaluate=False), given):
        return None
    one = {Eigenvalue(W, 1, "singular"): Integer(1), norm(W): Integer(1), sq(W): Integer(1)}  # u v^T, |u| = |v| = 1
    return expr.xreplace(one)


def _is_projector(expr: Any, W: Any) -> bool:
    """Whether an expression is the projector on the columns of W."""
    return bool(expr == W * Inverse(W.T * W) * W.T)


def _is_multiple_of_one(matrix: Any) -> bool:
    return bool(matrix.is_square and matrix == matrix[0, 0] * eye(matrix.shape[0]))


def _is_of_direction(expr: Any, W: Any) -> bool:
    """Whether an expression is a quotient of the size of W by itself: of norm and largest singular value."""
    scale = Symbol("s_", positive=True)
    if is_matrix(expr):
        return False
    sizes = {Eigenvalue(W, 1, "singular"): 1, norm(W): 1, sq(W): 2}
    names = {node: Symbol(f"n_{k}", positive=True) for k, node in enumerate(sizes)}
    named = expr.xreplace(names)
    if named.has(W) or not named.is_rational_function(*names.values()):
        return False
    scaled = named.xreplace({names[node]: scale**k * names[node] for node, k in sizes.items()})
    return bool(cancel(scaled - named) == 0 and not cancel(1 / named.as_numer_denom()[1]).has(oo))


def _end_of_vector(start: Any, flow: _Turning, given: Sequence[Any]) -> Any:
    """Where the vector ends: at zero, or at the eigenvector of the least eigenvalue, on the side of the start."""
    S, n = flow.form, flow.form.shape[0]
    least = Eigenvalue(S, 1)
    negative = _holds(Lt(least, 0, evaluate=False), given)
    if not negative and _holds(Gt(least, 0, evaluate=False), given) and in_ball(start, given, strictly=True):
        return ZeroMatrix(n, 1)
    if not negative or not in_ball(start, given) or not _is_simple(S, given):
        return None
    for v in _least_vectors(S, given):
        sides = (Gt(inner(v, start), 0, evaluate=False), v), (Lt(inner(v, start), 0, evaluate=False), -v)
        if stated := [end for condition, end in sides if condition in given]:
            return stated[0]
        for condition, end in sides if start.is_Symbol else ():
            if _holds(condition, given):
                return end
    return None


def _is_simple(S: Any, given: Sequence[Any]) -> bool:
    """Whether the least eigenvalue is known to be simple."""
    n = S.shape[0]
    least = Eigenvalue(S, 1)
    rank = Eigenvalue(S - least * Identity(n), 1, "rank")
    if any(isinstance(h, Eq) and {h.lhs, h.rhs} == {rank, n - 1} for h in given):
        return True
    return _holds(Lt(least, Eigenvalue(S, 2), evaluate=False), given)


def _least_vectors(S: Any, given: Sequence[Any]) -> list[Any]:
    """Unit vectors with v^T S v the least eigenvalue of S: they are eigenvectors (Rayleigh)."""
    least, out = Eigenvalue(S, 1), []
    for h in given:
        for side, other in ((h.lhs, h.rhs), (h.rhs, h.lhs)) if isinstance(h, Eq) else ():
            if other == least and isinstance(side, inner):
                vectors = [v for v in side.args if isinstance(v, UnitVector)]
                out += [v for v in vectors if set(side.args) == {v, S * v}]
    return out


def in_ball(vector: Any, given: Sequence[Any], strictly: bool = False) -> bool:
    """Whether the length of a vector is at most one (less than one): by a hypothesis, or as a product of frames."""
    plain = [f.arg if isinstance(f, Transpose) else f for f in MatMul.make_args(vector)]
    if not strictly and all(isinstance(f, MatrixSymbol) and Orthonormal(f) in given for f in plain):
        return True
    relation = Lt if strictly else Le
    if vector.shape[1] == 1 and relation(Eigenvalue(vector, 1, "singular"), 1, evaluate=False) in given:
        return True
    return _holds(relation(sq(vector), 1, evaluate=False), given)


# --- what is known of the end where it has no closed form --------------------------------------


@first_rule(inner)
def _component(term: Any, given: Sequence[Any]) -> Found | None:
    """<v, lim x> is zero for an eigenvector v to which the start is orthogonal: its complement is invariant."""
    for v, end in (term.args, term.args[::-1]):
        found = _end(end, given) if isinstance(v, UnitVector) else None
        if found is None:
            continue
        expr, start, flow = found
        if not flow.in_ball or expr != flow.state or not in_ball(start, given):
            continue
        diagonal = any(isinstance(h, Diagonal) and tuple(h.matrices) == (flow.form,) for h in given)
        eigen = diagonal or v in _least_vectors(flow.form, given)
        if eigen and _holds(Eq(inner(v, start), 0, evaluate=False), given):
            return Integer(0), {"rule": "the complement of an eigenvector is invariant, and the limit exists"}
    return None


@first_rule(MatMul)
def _image(term: Any, given: Sequence[Any]) -> Found | None:
    """S lim x is zero where the least eigenvalue of S is zero and the start lies inside the ball."""
    if len(term.args) != 2:
        return None
    found = _end(term.args[1], given)
    if found is None:
        return None
    expr, start, flow = found
    if not flow.in_ball or expr != flow.state or term.args[0] != flow.form or not in_ball(start, given, strictly=True):
        return None
    if not _holds(Eq(Eigenvalue(flow.form, 1), 0, evaluate=False), given):
        return None
    return ZeroMatrix(*term.shape), {"rule": "the limit exists and lies in the kernel"}


# --- what a linear flow keeps ------------------------------------------------------------------


@first_rule(Along)
def _rank(term: Any, given: Sequence[Any]) -> Found | None:
    """Along W' = A W + W B the rank stays: W(t) is the start between two matrices that are invertible."""
    expr, dynamics, _, start = term.args
    if not (isinstance(expr, Eigenvalue) and str(expr.args[2]) == "rank") or len(dynamics.states) != 1:
        return None
    (W,) = dynamics.states
    if expr.args[0] != W or _kind(dynamics) != "matrices":
        return None
    (velocity,) = matrix_flow(dynamics).rhs.values()
    if not all(_is_linear(word, W) for word in _words(velocity)):
        return None
    return expr.xreplace({W: dict(start)[W]}), {"rule": "a linear flow from one side keeps the rank"}


def _words(velocity: Any) -> list[Any]:
    """The words of a sum, those inside sums over samples included."""
    out = []
    for word in MatAdd.make_args(velocity):
        _, matrix = word.as_coeff_mmul() if isinstance(word, MatMul) else (1, word)
        matrix = matrix.args[0] if isinstance(matrix, MatMul) and len(matrix.args) == 1 else matrix
        out += _words(matrix.args[0]) if isinstance(matrix, MatrixTotal) else [word]
    return out


def _is_linear(word: Any, W: Any) -> bool:
    """Whether a word is A W or W B, A and B without W."""
    factors = MatMul.make_args(word)
    factors = [f for f in factors if getattr(f, "is_Matrix", False)]
    scalars = [f for f in MatMul.make_args(word) if not getattr(f, "is_Matrix", False)]
    if any(f.has(W) for f in scalars):
        return False
    for inside, rest in ((factors[0], factors[1:]), (factors[-1], factors[:-1])):
        if inside == W and not any(f.has(W) for f in rest):
            return True
    return False


# --- small deviations from an eigenvector, or from zero ----------------------------------------


@dataclass(frozen=True)
class _Nearby:
    """The Jacobian of x' = a x + b S x at a unit eigenvector with eigenvalue m, or at zero; S diagonal.

    It has the eigenvectors of S: the vector itself, with the rate `along`, and every other one, with eigenvalue l, at
    the rate a + b l; at zero all of them.
    """

    flow: _Turning
    vector: Any  # None at zero
    along: Any
    a: Any
    b: Any

    def across(self, v: Any) -> Any:
        """The rate of a deviation along another unit vector."""
        return self.a + self.b * inner(v, self.flow.form * v)


def _nearby(dynamics: Any, point: Any, given: Sequence[Any]) -> _Nearby | None:
    """None for other flows, and at a point that is not known to be an equilibrium."""
    if _kind(dynamics) != "matrices" or (flow := _turning(dynamics, given)) is None or flow.scalars is None:
        return None
    S = flow.form
    if not any(isinstance(h, Diagonal) and tuple(h.matrices) == (S,) for h in given):
        return None
    a, b = flow.scalars
    at = dict(point)[flow.state]
    if _is_zero(at):
        zero = {_LENGTH: 0, _FORM: 0}
        return _Nearby(flow, None, None, a.subs(zero), b.subs(zero))
    scale, vector = at.as_coeff_mmul() if isinstance(at, MatMul) else (1, at)
    vector = vector.args[0] if isinstance(vector, MatMul) and len(vector.args) == 1 else vector
    if not isinstance(vector, UnitVector) or scale not in (1, -1):
        return None
    m = inner(vector, S * vector)
    here = {_LENGTH: 1, _FORM: m}
    if not _holds(Eq((a + b * m).subs(here), 0, evaluate=False), given):
        return None
    slopes = [2 * (f.diff(_LENGTH) + m * f.diff(_FORM)) for f in (a, b)]
    along = (a + b * m + slopes[0] + m * slopes[1]).subs(here)
    return _Nearby(flow, vector, along, a.subs(here), b.subs(here))


def is_growth_rate(value: Any, growth: Any, given: Sequence[Any]) -> bool:
    """Whether a number is known to be an eigenvalue of the Jacobian at a unit eigenvector, or at zero."""
    near = _nearby(growth.args[0], growth.args[1], given)
    if near is None:
        return False
    others = [v for v in _units(value, given, near.flow) if near.vector is None or _other(v, near.vector, given)]
    rates = [near.across(v) for v in others] + ([] if near.along is None else [near.along])
    return any(_holds(Eq(value, rate, evaluate=False), given) for rate in rates)


def _units(value: Any, given: Sequence[Any], flow: _Turning) -> list[Any]:
    """The unit vectors that a number or the hypotheses name."""
    named = {v for part in (value, *given) if hasattr(part, "atoms") for v in part.atoms(UnitVector)}
    return [v for v in sorted(named, key=str) if tuple(v.shape) == tuple(flow.state.shape)]


def _other(one: Any, other: Any, given: Sequence[Any]) -> bool:
    """Whether two unit vectors are different ones."""
    return _holds(Ne(one.index, other.index, evaluate=False) if one.index != other.index else False, given)


@first_rule(Stability)
def _stability(term: Any, given: Sequence[Any]) -> Found | None:
    """By the signs of the rates at an eigenvector of a diagonal S, or at zero."""
    dynamics, point, kind = term.args[:3]
    if str(kind) not in ("stable", "unstable") or (near := _nearby(dynamics, point, given)) is None:
        return None
    S = near.flow.form
    simple, least = _is_simple(S, given), _least_vectors(S, given)
    told = {"rule": "the Jacobian has the eigenvectors of the matrix"}
    if str(kind) == "stable":
        lowest = simple and near.vector in least  # then all others grow at a rate b (l - m), l > m
        return (true, told) if lowest and near.b.is_negative and _is(Lt, near.along, given) else None
    more = [Gt(inner(v, S * v), Eigenvalue(S, 1)) for v in (near.vector,) if v is not None]
    above = simple and any(_other(near.vector, v, given) for v in least) if near.vector is not None else False
    rates = [near.across(v) for v in least if near.vector is None or above]
    rates += [] if near.along is None else [near.along]
    return (true, told) if any(_is(Gt, rate, (*given, *(more if above else ()))) for rate in rates) else None


def _is(relation: Any, rate: Any, given: Sequence[Any]) -> bool:
    return _holds(relation(rate, 0, evaluate=False), given)
