"""Minima of quadratic forms over frames, contractions, and products of two layers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sympy import (
    Add,
    Dummy,
    Eq,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    MatMul,
    MatrixBase,
    MatrixSymbol,
    Min,
    Ne,
    Pow,
    Symbol,
    Trace,
    log,
    oo,
)
from sympy.core.relational import Relational

from ...errors import InputError, Refusal, Undecided
from ...language.dynamics import Held
from ...language.inputs import is_matrix
from ...language.operators import total
from ...language.relations import Diagonal, Orthonormal, Symmetric
from ...language.scalars import inner, norm
from ...language.terms import Eigenvalue, Optimum, as_point
from ..facts import decided
from .derivation import Found, beyond, rule_for

__all__: list[str] = []


@rule_for(Optimum)
def _optimum(term: Any, given: Sequence[Any], at: Any = None) -> Found:
    r"""Ky Fan: the least :math:`\operatorname{tr} W^\top C W` over orthonormal W, for an explicit C.

    With `at`, a point by variable, that point is proved to be optimal.
    """
    from ...matrix.quadratic_minima import frame_minimum

    expr, over, conditions, kind = term.args
    if at is not None:
        return _reached(term, at, given), {"rule": "no value lies below the one at the point, or above it"}
    if str(kind) in ("max", "sup"):
        other = "min" if str(kind) == "max" else "inf"
        value, told = _optimum(Optimum(-expr, tuple(over), tuple(conditions), other), given)
        return -value, told
    rules = (_of_two_layers, _in_a_ball, *([_without_bound] if str(kind) == "inf" else []))
    for rule in rules:
        if (found := rule(expr, tuple(over), tuple(conditions), given)) is not None:
            return found
    if len(over) != 1 or not isinstance(over[0], MatrixSymbol):
        raise Refusal("an optimum is found over one matrix with orthonormal columns", term)
    W = over[0]
    held = [c.value for c in conditions if isinstance(c, Held)]
    if list(held) != [Orthonormal(W)] or len(conditions) != 1:
        raise Refusal("an optimum is found over matrices with orthonormal columns", term)
    C = _form(expr, W)
    if C is None or not W.shape[1].is_Integer:
        raise Refusal(
            "an optimum is found of tr(W^T C W) with an explicit matrix C and a stated number of columns", term
        )
    found = frame_minimum((C + C.T) / 2, int(W.shape[1]))  # the form does not see the rest
    if not found.certified():
        raise Refusal("the certificate of the minimum did not stand", term)
    return found.value, {"rule": "the least eigenvalues (Ky Fan), with a dual certificate"}


def _reached(term: Any, at: Any, given: Sequence[Any]) -> Any:
    """The value at a point, which keeps the conditions, and which no other one exceeds, or goes below."""
    expr, over, conditions, kind = term.args
    point = as_point(at, "the point of an optimum")
    if set(point) != set(over) or any(isinstance(c, Held) for c in conditions) or any(map(is_matrix, over)):
        raise Refusal("a point is proved to be optimal for numbers under conditions between numbers", term)
    for symbol, value in point.items():
        for name in (name for name in _DOMAINS if getattr(symbol, f"is_{name}")):
            if getattr(value, f"is_{name}") is not True and not _belongs(value, name, given):
                raise Refusal(f"that {value} is {name}, as {symbol} must be, is not known", value)
    outside = beyond(term, given)
    if len(outside) < len(given):
        raise Refusal("the hypotheses speak of a variable of the optimum: give it another name", term)
    if not all(_follows(c.xreplace(dict(point)), given) for c in conditions):
        raise Undecided("that the point keeps the conditions was not settled", term)
    value = expr.xreplace(dict(point))
    relation = Le if str(kind) in ("max", "sup") else Ge
    if not _follows(relation(expr, value, evaluate=False), (*given, *conditions)):
        raise Undecided(f"that {value} is optimal was not settled", value)
    return value


_SIGNS = {"positive": Gt, "negative": Lt, "nonnegative": Ge, "nonpositive": Le, "nonzero": Ne}
_DOMAINS = ("real", *_SIGNS, "integer", "rational")


def _belongs(value: Any, name: str, given: Sequence[Any]) -> bool:
    """Whether the hypotheses show that a value is of a domain: a real one where roots are of what is positive."""
    if name in _SIGNS:
        return _follows(_SIGNS[name](value, 0, evaluate=False), given)
    roots = [node for node in value.atoms(Pow) if not node.exp.is_integer]
    named = {node: Dummy(real=True) for node in roots}
    real = value.xreplace(named).is_real and not value.has(log)
    return name == "real" and bool(real) and all(_follows(Gt(node.base, 0, evaluate=False), given) for node in roots)


def _form(expr: Any, W: Any) -> Any:
    """C where the expression is tr(W^T C W) or <W, C W>."""
    if isinstance(expr, inner):
        left, right = expr.args
        word = left.T * right
    elif isinstance(expr, Trace):
        word = expr.arg
    else:
        return None
    factors: tuple[Any, ...] = tuple(getattr(word, "args", ()))
    if len(factors) == 3 and factors[0] == W.T and factors[2] == W and isinstance(factors[1], MatrixBase):
        return factors[1]
    if len(factors) == 3 and factors[1] == W and factors[2] == W.T and isinstance(factors[0], MatrixBase):
        return factors[0]
    return None


# --- tr(M C M^T) for a product of two layers, M = W_2^T W_1 ----------------------------------


def _of_two_layers(expr: Any, over: tuple[Any, ...], conditions: tuple[Any, ...], given: Sequence[Any]) -> Any:
    r"""The least tr(M C M^T) for :math:`M = W_2^\top W_1`, a sum of the lowest eigenvalues of C.

    With S = M^T M the objective is tr(C S).  Products of norm at most one are all M of norm at most one whose rank
    is at most the width, and each is a product of two layers of norm at most one: the sum of the lowest eigenvalues
    that are negative, as many as the rank admits.  Where such an eigenvalue exists, the quotient by the squared norms
    of the layers has the same minimum: it takes every value at layers of norm one.  With orthonormal columns two
    subspaces of dimensions d and z meet in R^h at the least in d + z - h dimensions, so that many of the lowest
    eigenvalues are kept, whatever their signs.
    """
    quotient, found = _quotient(expr, over)
    if found is None or len(over) != 2:
        return None
    first, last, C = found
    if not _is_symmetric(C, given):
        raise Refusal(f"the least tr(M C M^T) is found for a symmetric matrix, which {C} is not known to be", expr)
    rank = Min(first.shape[0], first.shape[1], last.shape[1])
    orthonormal = {Held(Orthonormal(first)), Held(Orthonormal(last))}
    if quotient:
        if set(conditions) != {Gt(norm(first), 0), Gt(norm(last), 0)}:
            return None
        return _sum_of_negative(C, rank, given, strictly=True), {"rule": "homogeneity, and the lowest eigenvalues"}
    if set(conditions) in ({_bounded(last.T * first)}, {_bounded(first), _bounded(last)}):
        return _sum_of_negative(C, rank, given), {"rule": "the lowest eigenvalues (Ky Fan), over contractions"}
    if set(conditions) == orthonormal:
        return _of_frames(C, first, last, given), {"rule": "the lowest eigenvalues (Ky Fan), over products of frames"}
    return None


def _quotient(expr: Any, over: tuple[Any, ...]) -> tuple[bool, Any]:
    """Whether it is divided by the squared spectral norms of both layers; the layers and C."""
    if not all(isinstance(W, MatrixSymbol) for W in over):
        return False, None
    below = [Eigenvalue(W, 1, kind="singular") ** 2 for W in over]
    numerator = expr
    for factor in below:
        numerator = numerator * factor
    quotient = isinstance(numerator, Trace)
    return quotient, _layers(numerator if quotient else expr, over)


def _layers(expr: Any, over: tuple[Any, ...]) -> Any:
    """(W_1, W_2, C) where the expression is tr(W_2^T W_1 C W_1^T W_2)."""
    if not isinstance(expr, Trace) or not isinstance(expr.arg, MatMul) or len(expr.arg.args) != 5:
        return None
    factors = expr.arg.args
    for turn in range(5):
        A, B, C, B_back, A_back = factors[turn:] + factors[:turn]
        if {A_back, B} == set(over) and A == A_back.T and B_back == B.T and not C.has(*over):
            return B, A_back, C
    return None


def _bounded(matrix: Any) -> Any:
    """The condition that a spectral norm is at most one."""
    return Le(Eigenvalue(matrix, 1, kind="singular"), 1)


def _is_symmetric(C: Any, given: Sequence[Any]) -> bool:
    """Whether a product of matrices reads the same transposed, about a matrix that is known to be symmetric."""
    factors = MatMul.make_args(C)
    half = len(factors) // 2
    if any(left != right.T for left, right in zip(factors[:half], reversed(factors))):
        return False
    if len(factors) % 2 == 0:
        return True
    middle = factors[half]
    if isinstance(middle, MatrixBase):
        return bool(middle == middle.T)
    return any(isinstance(h, (Symmetric, Diagonal)) and tuple(h.matrices) == (middle,) for h in given)


def _follows(condition: Any, given: Sequence[Any]) -> bool:
    return bool(condition == True or (condition != False and decided(condition, given)[0] is True))  # noqa: E712 - SymPy's own truth values


def _least(*sizes: Any, given: Sequence[Any]) -> Any:
    """The least of some sizes, those left out that the hypotheses know to be no less than another one."""
    kept, given = list(dict.fromkeys(sizes)), _on_sizes(given)
    for size in tuple(kept):
        if any(other != size and _follows(Ge(size, other), given) for other in kept):
            kept.remove(size)
    return Min(*kept)


def _on_sizes(given: Sequence[Any]) -> list[Any]:
    """The hypotheses that compare whole numbers."""
    return [h for h in given if isinstance(h, Relational) and all(side.is_integer for side in h.args)]


_PLACE = Symbol("j", integer=True)


def _sum_of_negative(C: Any, rank: Any, given: Sequence[Any], strictly: bool = False) -> Any:
    """The sum of the negative ones among the lowest eigenvalues, as many as a rank; `strictly`: there is one."""
    from ...matrix.quadratic_minima import contraction_minimum

    if isinstance(C, MatrixBase):
        if not rank.is_Integer:
            raise Refusal("the widths are wanted as numbers where the matrix is explicit", C)
        found = contraction_minimum(C, int(rank))
        if not found.certified():
            raise Refusal("the certificate of the minimum did not stand", C)
        if strictly and not _follows(Lt(found.value, 0), given):
            raise Refusal("without a negative eigenvalue the quotient has another minimum", C)
        return found.value
    if strictly and not _follows(Lt(Eigenvalue(C, 1), 0), given):
        raise Refusal("without a negative eigenvalue the quotient has another minimum", C)
    sizes = rank.args if isinstance(rank, Min) else (rank,)
    return total(Min(0, Eigenvalue(C, _PLACE)), (_PLACE, _least(*sizes, given=given)))


def _of_frames(C: Any, first: Any, last: Any, given: Sequence[Any]) -> Any:
    from ...matrix.quadratic_minima import product_minimum

    (h, d), z = first.shape, last.shape[1]
    if not all(_follows(Ge(h, size), _on_sizes(given)) for size in (d, z)):
        raise Refusal("no more orthonormal columns than rows exist", first)
    if isinstance(C, MatrixBase):
        if not (z.is_Integer and h.is_Integer):
            raise Refusal("the widths are wanted as numbers where the matrix is explicit", C)
        found = product_minimum(C, int(z), int(h))
        if not found.certified():
            raise Refusal("the certificate of the minimum did not stand", C)
        return found.value
    if _follows(Ge(d, z), _on_sizes(given)) and _follows(
        Le(Eigenvalue(C, z), 0), given
    ):  # the z lowest may all be kept
        return total(Eigenvalue(C, _PLACE), (_PLACE, z))
    for k in _numbers(C, given):  # the k lowest are not positive, and no more need be kept
        if k.is_positive and all(_follows(c, _on_sizes(given)) for c in (Ge(d, k), Ge(z, k), Ge(h, d + z - k))):
            return _sum_of_negative(C, Min(d, z), given)
    raise Refusal("how many of the eigenvalues that must be kept are positive is not known", C)


def _numbers(C: Any, given: Sequence[Any]) -> list[Any]:
    """The k for which a hypothesis says that the eigenvalue number k, from below, is not positive."""
    said = [h for h in given if isinstance(h, (Le, Lt)) and isinstance(h.lhs, Eigenvalue) and h.rhs == 0]
    return [h.lhs.args[1] for h in said if h.lhs.args[0] == C and str(h.lhs.args[2]) == "eigenvalue"]


# --- quadratic forms without constraint, and in a ball of the Frobenius norm ------------------


def _in_a_ball(expr: Any, over: tuple[Any, ...], conditions: tuple[Any, ...], given: Sequence[Any]) -> Any:
    """Rayleigh: the least tr(W^T F W) for |W| <= c is c^2 times the least eigenvalue of F, or zero."""
    if len(over) != 1 or len(conditions) != 1 or not isinstance(expr, Trace) or not isinstance(expr.arg, MatMul):
        return None
    (W,), (condition,) = over, conditions
    if not isinstance(condition, Le) or condition.lhs != norm(W) or condition.rhs.has(W):
        return None
    if condition.rhs.is_nonnegative is not True:
        raise Refusal(f"a ball of radius {condition.rhs}, which may be negative, may be empty", condition)
    factors = expr.arg.args
    for turn in range(len(factors)):
        turned = factors[turn:] + factors[:turn]
        form = MatMul(*turned[1:-1]) if len(turned) > 3 else turned[1]
        if turned[0] == W.T and turned[-1] == W and not form.has(W) and _is_symmetric(form, given):
            return condition.rhs**2 * _nonpositive(form, given), {"rule": "the least eigenvalue (Rayleigh)"}
    return None


def _nonpositive(form: Any, given: Sequence[Any]) -> Any:
    """The least eigenvalue where that is negative, else zero."""
    if isinstance(form, MatrixBase):
        from ...matrix.quadratic_minima import contraction_minimum

        return contraction_minimum(form, 1).value
    least = Eigenvalue(form, 1)
    if _follows(Ge(least, 0), given):
        return Integer(0)
    return least if _follows(Le(least, 0), given) else Min(0, least)


def _without_bound(expr: Any, over: tuple[Any, ...], conditions: tuple[Any, ...], given: Sequence[Any]) -> Any:
    """No lower bound without constraints, where the part of highest degree is negative somewhere."""
    if conditions:
        return None
    degrees: dict[Any, int] = {}
    for part in Add.make_args(expr):
        if (degree := _degree(part, over)) is None:
            return None
        degrees[part] = degree
    top = [part for part, degree in degrees.items() if degree == max(degrees.values())]
    if len(top) > 1 or not _is_negative_somewhere(top[0], over, given):
        return None
    return -oo, {"rule": "along the ray through a point where the part of highest degree is negative"}


def _degree(expr: Any, over: tuple[Any, ...]) -> int | None:
    """The degree of a homogeneous function."""
    scale = Symbol("scale_", positive=True)
    scaled = expr.xreplace({x: scale * x for x in over})
    for degree in (1, 2, 4):
        with suppress(Refusal, InputError, Undecided):
            if decided(Eq(scaled, scale**degree * expr, evaluate=False), ())[0] is True:
                return degree
    return None


def _is_negative_somewhere(expr: Any, over: tuple[Any, ...], given: Sequence[Any]) -> bool:
    """A hypothesis says so, or it is tr(M C M^T) and C has a negative eigenvalue, which M of rank one finds."""
    if any(isinstance(h, Lt) and h.lhs == expr and h.rhs == 0 for h in given):
        return True
    found = _layers(expr, over) if len(over) == 2 else None
    return found is not None and _is_symmetric(found[2], given) and _follows(Lt(Eigenvalue(found[2], 1), 0), given)
