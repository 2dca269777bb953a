"""Quadratic forms: where one is negative, and what rank the minimisers of a trace have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, Equivalent, Ge, Gt, Implies, Lt, MatAdd, MatMul, MatrixSymbol, Rational, Trace

from ...errors import InputError, Refusal
from ...language.dynamics import GradientFlow, Held
from ...language.operators import MatrixTotal, total
from ...language.quantifiers import Exists, ForAll
from ...language.relations import Orthonormal, Relation
from ...language.terms import Eigenvalue, Optimum
from ...support.arguments import instance_of, sequence_of
from ..facts import Fact, _as_hypothesis, decided, stated
from .derivation import value_of
from .optima import _is_symmetric, _layers
from .solutions import _the_same
from .velocities import matrix_flow

__all__ = ["negative_somewhere", "rank_of_minimisers"]


def negative_somewhere(exists: Any, given: Sequence[Any] = (), *, exactly_where: Any = None) -> Fact:
    r"""That a quadratic form :math:`\operatorname{tr}(W S W^\top)` is negative for some W.

    It is exactly where the least eigenvalue of S is negative, which W with one row finds; and so it is where the trace
    of S is, the sum of all eigenvalues.

    Parameters
    ----------
    exists : ``Exists(W, Lt(a, b))`` with a - b such a form.
    given : hypotheses, by which the trace of S is negative.
    exactly_where : the condition on an eigenvalue that is equivalent; then the hypotheses need say nothing.

    Raises
    ------
    Refusal
        where a - b is no such form, or its sign is not told.

    >>> from sympy import symbols
    >>> from symssl import Symmetric
    >>> n = symbols("n", integer=True, positive=True)
    >>> W, S = MatrixSymbol("W", 2, n), MatrixSymbol("S", n, n)
    >>> somewhere = Exists(W, Lt(Trace(W*S*W.T), 0))
    >>> negative_somewhere(somewhere, (Symmetric(S),), exactly_where=Lt(Eigenvalue(S, 1), 0)).level
    'symbolic'
    """
    instance_of("what is asked", exists, Exists)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    if len(exists.bound) != 1 or exists.given or exists.unique or not isinstance(exists.body, Lt):
        raise InputError("negative_somewhere takes Exists(W, a < b) for one matrix W without conditions")
    (W,) = exists.bound
    left, right = (value_of(side, given)[0] for side in exists.body.args)
    S = _matrix_of(left - right, W, tuple(h for h in given if isinstance(h, Relation)))
    if exactly_where is None:
        if decided(Lt(Trace(S), 0, evaluate=False), given)[0] is not True:
            raise Refusal(f"that the trace of {S} is negative was not settled", exists)
        return stated(exists, given, "the trace is the sum of the eigenvalues")
    if not _says_negative(exactly_where, S, given):
        raise Refusal(f"{exactly_where} does not say that the least eigenvalue of {S} is negative", exists)
    return stated(Equivalent(exists, exactly_where), given, "the least eigenvalue (Rayleigh)")


def _matrix_of(form: Any, W: Any, relations: tuple[Any, ...]) -> Any:
    """The symmetric S with form = tr(W S W^T), read off its gradient 2 W S."""
    gradient = -matrix_flow(GradientFlow(form, W, where=[r for r in relations if W not in r.matrices])).rhs[W]
    S = Rational(1, 2) * _after(gradient.doit(), W)
    if not _the_same(form, Trace(W * S * W.T), relations):
        raise Refusal(f"{form} is no quadratic form tr(W S W^T) in {W}", form)
    return S


def _after(gradient: Any, W: Any) -> Any:
    """What stands behind W in every word of a sum."""
    parts = []
    for word in MatAdd.make_args(gradient):
        scalar, matrix = word.as_coeff_mmul() if isinstance(word, MatMul) else (1, word)
        matrix = matrix.args[0] if isinstance(matrix, MatMul) and len(matrix.args) == 1 else matrix
        if isinstance(matrix, MatrixTotal):
            summand, index, size = matrix.args
            parts.append(scalar * total(_after(summand, W), (index, size)))
            continue
        factors = MatMul.make_args(matrix)
        if len(factors) < 2 or factors[0] != W or any(f.has(W) for f in factors[1:]):
            raise Refusal(f"{word} is not linear in {W} from the left", word)
        parts.append(scalar * (MatMul(*factors[1:]) if len(factors) > 2 else factors[1]))
    return MatAdd(*parts) if len(parts) > 1 else parts[0]


def _says_negative(condition: Any, S: Any, given: tuple[Any, ...]) -> bool:
    """Whether a condition is lambda_min(S) < 0, or lambda_max(-S) > 0."""
    if not isinstance(condition, (Lt, Gt)) or condition.rhs != 0 or not isinstance(condition.lhs, Eigenvalue):
        return False
    matrix, number, kind = condition.lhs.args
    if str(kind) != "eigenvalue" or tuple(matrix.shape) != tuple(S.shape):
        return False
    relations = tuple(h for h in given if isinstance(h, Relation))
    if isinstance(condition, Lt):
        return number == 1 and _the_same(matrix, S, relations)
    return number in (-1, S.shape[0]) and _the_same(matrix, -S, relations)


def rank_of_minimisers(problem: Any, rank: Any, given: Sequence[Any] = ()) -> Fact:
    r"""That :math:`W_2^\top W_1` has at least this rank at every minimiser of its trace over orthonormal layers.

    M of rank r < k leaves the sum of the r lowest eigenvalues of C at the least, which is more than that of the k
    lowest where these are negative; and the latter is reached: orthonormal columns in dimension h meet in some
    subspace of dimension d + z - h, which is at most r.

    Parameters
    ----------
    problem : the minimum of tr(W_2^T W_1 C W_1^T W_2) over orthonormal W_1, W_2.
    rank : the number k.
    given : hypotheses: C symmetric, its eigenvalue number k negative, k at most d and z, h at least d and z.

    Raises
    ------
    Refusal
        for another problem, or where a hypothesis is missing.
    """
    instance_of("the problem", problem, Optimum, "an Optimum over two layers")
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    expr, over, conditions, kind = problem.args
    layers = tuple(over)
    found = _layers(expr, layers) if len(layers) == 2 and all(isinstance(W, MatrixSymbol) for W in layers) else None
    frames = {Held(Orthonormal(W)) for W in layers}
    if found is None or set(conditions) != frames or str(kind) != "min" or not _is_symmetric(found[2], given):
        raise Refusal("the rank is found for the least tr(M C M^T) over orthonormal layers, C symmetric", problem)
    first, last, C = found
    (h, d), z = first.shape, last.shape[1]
    needed = (
        Lt(Eigenvalue(C, rank), 0),
        *(Ge(*pair, evaluate=False) for pair in ((d, rank), (z, rank), (h, d), (h, z))),
    )
    for condition in needed:
        if condition not in given and condition != True and decided(condition, given)[0] is not True:  # noqa: E712
            raise Refusal(f"that {condition} was not settled", condition)
    low = Ge(Eigenvalue(last.T * first, kind="rank"), rank, evaluate=False)
    held = tuple(c.value for c in conditions)
    proposition = ForAll(layers, Implies(Eq(expr, problem, evaluate=False), low), held)
    return stated(proposition, given, "fewer eigenvalues leave a greater sum")
