"""Bounds that hold for all times, or for all arguments: a ball that no trajectory leaves, Taylor's remainder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import (
    Abs,
    Add,
    Eq,
    Equivalent,
    Identity,
    Implies,
    Integer,
    Inverse,
    Le,
    Lt,
    MatMul,
    MatrixSymbol,
    Symbol,
    Trace,
    ZeroMatrix,
    factorial,
    oo,
)

from ...errors import InputError, Refusal
from ...language.functions import FunctionSymbol
from ...language.inputs import as_expression
from ...language.operators import MatrixTotal
from ...language.quantifiers import ForAll
from ...language.relations import Relation
from ...language.scalars import norm
from ...language.terms import Along, Eigenvalue, Limit, Rate
from ...language.unit_vectors import unit
from ...support.arguments import described, instance_of, sequence_of, whole
from ..facts import Fact, _as_hypothesis, stated
from ..knowledge import is_known_symmetric
from .aligning import _words
from .solutions import _the_same
from .velocities import matrix_flow

__all__ = ["ball_kept", "falls_in_ball", "span_found", "taylor_bound"]


def ball_kept(along: Any, generator: Any, given: Sequence[Any] = (), *, inside: bool = False) -> Fact:
    r"""That the spectral norm of a matrix stays at most one (`inside`: less than one) where it starts so.

    With :math:`S = I - W^\top W` and :math:`\dot S = K S + S K^\top` it is :math:`S(t) = \Phi S_0 \Phi^\top` for the
    invertible solution of :math:`\dot\Phi = K\Phi`: S stays positive (semi)definite.  W is then bounded, so that the
    trajectory lasts.

    Parameters
    ----------
    along : `Along` of the largest singular value of the one state W.
    generator : K, a polynomial in W.
    given : hypotheses: relations between matrices.

    Raises
    ------
    Refusal
        where S does not move as K says.

    >>> from sympy import symbols
    >>> from symssl.language import VectorField
    >>> n, t = symbols("n t", positive=True)
    >>> W, W_0 = MatrixSymbol("W", 3, 2), MatrixSymbol("W_0", 3, 2)
    >>> along = Along(Eigenvalue(W, 1, "singular"), VectorField({W: -W + W*W.T*W}), t, {W: W_0})
    >>> ball_kept(along, W.T*W).level
    'symbolic'
    """
    instance_of("the value on a trajectory", along, Along)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    expr, dynamics, _, start = along.args
    if len(dynamics.states) != 1 or not isinstance(dynamics.states[0], MatrixSymbol):
        raise InputError("ball_kept is of dynamics with one matrix")
    (W,) = dynamics.states
    if expr != Eigenvalue(W, 1, "singular"):
        raise InputError(f"ball_kept is of the largest singular value of {W}, not of {expr}")
    generator = as_expression(generator, "generator")
    if getattr(generator, "shape", None) != (W.shape[1], W.shape[1]):
        raise InputError(f"the generator must be a square matrix as wide as {W}, not {described(generator)}")
    S = Identity(W.shape[1]) - W.T * W
    relations = tuple(h for h in given if isinstance(h, Relation) and W not in h.matrices)
    if not _the_same(matrix_flow(dynamics).lie(S), generator * S + S * generator.T, relations):
        raise Refusal(f"that {S} moves by the generator {generator} was not settled", S)
    relation = Lt if inside else Le
    begin = relation(expr.xreplace({W: dict(start)[W]}), 1, evaluate=False)
    return stated(Implies(begin, relation(along, 1, evaluate=False)), given, "a congruence keeps the signs")


def taylor_bound(function: Any, variable: Any, order: int, given: Sequence[Any]) -> Fact:
    r"""How far a function is from its Taylor polynomial at zero: :math:`|f(v) - p(v)| \le c\,|v|^n/n!`.

    Parameters
    ----------
    function, variable : f, a function symbol, and v, real.
    order : n; hypotheses give the derivatives at zero below it, and a bound c on its absolute value everywhere.
    given : these hypotheses: ``f(0) = a``, ``f(0, 1) = b``, ..., ``ForAll(v, Abs(f(v, n)) <= c)``.

    Raises
    ------
    Refusal
        where a hypothesis is missing.

    >>> from symssl.language import function as function_symbol
    >>> f, v = function_symbol("f"), Symbol("v", real=True)
    >>> c = Symbol("c", positive=True)
    >>> taylor_bound(f, v, 1, (Eq(f(0), 0), ForAll(v, Le(Abs(f(v, 1)), c)))).proposition
    Abs(f(v)) <= c*Abs(v)
    """
    instance_of("the function", function, FunctionSymbol)
    instance_of("the variable", variable, Symbol)
    whole("order", order, 1)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    if variable.is_real is not True:
        raise InputError(f"taylor_bound: {variable} must be declared real")
    polynomial = []
    for k in range(order):
        at_zero = function(0, k) if k else function(0)
        values = [h.rhs for h in given if isinstance(h, Eq) and h.lhs == at_zero]
        if not values:
            raise Refusal(f"no hypothesis gives a value to {at_zero}", at_zero)
        polynomial.append(values[0] * variable**k / factorial(k))
    bounds = [
        h.body.rhs
        for h in given
        if isinstance(h, ForAll)
        and not h.almost
        and not h.given
        and len(h.bound) == 1
        and isinstance(h.body, Le)
        and h.body.lhs == Abs(function(h.bound[0], order))
        and not h.body.rhs.has(h.bound[0])
    ]
    if not bounds:
        raise Refusal(f"no hypothesis bounds the derivative number {order} of {function}", function)
    remainder = Abs(function(variable) - Add(*polynomial))
    bound = bounds[0] * Abs(variable) ** order / factorial(order)
    return stated(Le(remainder, bound, evaluate=False), given, "Taylor's theorem")


def span_found(conclusion: Any, premise: Any, given: Sequence[Any] = ()) -> Fact:
    r"""That the span of the columns of a matrix tends to that of the first unit vectors, where it finds each of them.

    For two orthogonal projectors P and T of one rank :math:`|P - T|^2 = 2\sum_k (1 - |P e_k|^2)`, with the sum over the
    unit vectors that span the image of T.  The rank is kept where every word of the velocity is A W or W B: then
    W(t) is the start between two invertible matrices.

    Parameters
    ----------
    conclusion : that the projector on the columns of W tends to :math:`\sum_{j \le z} e_j e_j^\top`.
    premise : that the length of the projection of e_k tends to one, for all k up to z.
    given : hypotheses, among them that W starts with rank z, the number of its columns.

    Raises
    ------
    Refusal
        where the two do not belong together, or the rank may change.
    """
    instance_of("the conclusion", conclusion, Eq)
    instance_of("the premise", premise, ForAll)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    limit, target = conclusion.args
    along = limit.args[0] if isinstance(limit, Limit) else None
    if not isinstance(along, Along) or len(along.args[1].states) != 1 or limit.args[2] is not oo:
        raise Refusal("the conclusion is on the limit of a projector along a flow of one matrix", conclusion)
    P, dynamics, time, start = along.args
    (W,) = dynamics.states
    rows, columns = W.shape
    if P != W * Inverse(W.T * W) * W.T or not _is_first_units(target, rows, columns):
        raise Refusal("the conclusion is on the projector on the columns, and on the first unit vectors", conclusion)
    (k,) = premise.bound
    length = Along(norm(P * unit(k, rows)), dynamics, time, dict(start))
    wanted = Eq(Limit(length, time, oo), 1, evaluate=False)
    if premise.body != wanted or tuple(premise.given) != (Le(k, columns),) or not (k.is_integer and k.is_positive):
        raise Refusal("the premise is on the projections of the first unit vectors", premise)
    full = Eq(Eigenvalue(dict(start)[W], 1, "rank"), columns, evaluate=False)
    if full not in given:
        raise Refusal("that the columns are linearly independent at the start is wanted", full)
    if not all(
        MatMul.make_args(word)[-1] == W or W in _beginning(word) for word in _words(matrix_flow(dynamics).rhs[W])
    ):
        raise Refusal(f"the rank of {W} may change", dynamics)
    return stated(Implies(premise, conclusion), given, "projectors of one rank")


def _beginning(word: Any) -> list[Any]:
    """The first matrix of a word."""
    return [f for f in MatMul.make_args(word) if getattr(f, "is_Matrix", False)][:1]


def _is_first_units(target: Any, rows: Any, columns: Any) -> bool:
    if not isinstance(target, MatrixTotal) or target.args[2] != columns:
        return False
    e = unit(target.args[1], rows)
    return bool(target.args[0] == e * e.T)


def falls_in_ball(rate: Any, form: Any, given: Sequence[Any] = ()) -> tuple[Fact, Fact]:
    r"""That :math:`\operatorname{tr}(W^\top S W)` never rises where no singular value exceeds one, and rests with W.

    Where :math:`\dot W = -c\,(S W D + E S W)` with c > 0, :math:`D = I - W^\top W`, :math:`E = I - W W^\top`, its rate
    is :math:`-2c\,[\operatorname{tr}(W^\top S^2 W D) + \operatorname{tr}(W^\top S E S W)]`.  D and E are positive
    semidefinite in the ball; both traces vanish exactly where S W D and E S W do.

    Parameters
    ----------
    rate : the `Rate` of the trace along a `VectorField` of one matrix W.
    form : S.
    given : hypotheses: that S is symmetric.

    Raises
    ------
    Refusal
        for another equation.

    >>> from symssl import Symmetric
    >>> from symssl.language import VectorField
    >>> from sympy import Trace
    >>> W, S = MatrixSymbol("W", 3, 2), MatrixSymbol("S", 3, 3)
    >>> flow = VectorField({W: -2*S*W + S*W*W.T*W + W*W.T*S*W})
    >>> [fact.level for fact in falls_in_ball(Rate(Trace(W.T*S*W), flow), S, (Symmetric(S),))]
    ['symbolic', 'symbolic']
    """
    instance_of("the rate", rate, Rate)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    expr, dynamics = rate.args
    if len(dynamics.states) != 1 or not isinstance(dynamics.states[0], MatrixSymbol):
        raise InputError("falls_in_ball is of dynamics with one matrix")
    (W,) = dynamics.states
    relations = tuple(h for h in given if isinstance(h, Relation) and W not in h.matrices)
    if not is_known_symmetric(form, given) or not _the_same(expr, Trace(W.T * form * W), relations):
        raise Refusal(f"{expr} is no tr(W^T S W) with S symmetric", expr)
    inner_, outer = Identity(W.shape[1]) - W.T * W, Identity(W.shape[0]) - W * W.T
    velocity = matrix_flow(dynamics).rhs[W]
    speed = next(
        (
            c
            for c in map(Integer, (1, 2, 4))
            if _the_same(velocity, -c * (form * W * inner_ + outer * form * W), relations)
        ),
        None,
    )
    if speed is None:
        raise Refusal(f"the velocity of {W} is not of this form", velocity)
    ball = Le(Eigenvalue(W, 1, "singular"), 1, evaluate=False)
    rest = Equivalent(Eq(rate, 0, evaluate=False), Eq(Rate(W, dynamics), ZeroMatrix(*W.shape), evaluate=False))
    rule = "traces of products of positive semidefinite matrices"
    return (
        stated(Implies(ball, Le(rate, 0, evaluate=False)), given, rule),
        stated(Implies(ball, rest), given, rule),
    )
