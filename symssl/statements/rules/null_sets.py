"""What holds for almost all values: conditions that fail on a set of measure zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Gt, Lt, MatMul, MatrixSymbol, Ne, Transpose

from ...errors import Refusal
from ...language.quantifiers import ForAll
from ...language.relations import Orthonormal
from ...language.scalars import inner, sq
from ...support.arguments import sequence_of
from ..facts import Fact, _as_hypothesis, decided, stated
from ..knowledge import tidied

__all__ = ["generic"]


def generic(condition: Any, over: Any, given: Sequence[Any] = (), under: Sequence[Any] = ()) -> Fact:
    """That a condition holds for almost all values of some matrices.

    Two conditions on a random unit vector w are known: that <u, w> is not zero, where u is a unit vector for all values
    of the rest; and that the projection of w on fewer orthonormal columns than it has entries is shorter than one.
    Each fails for w in a proper subspace, whatever the other matrices are.

    Parameters
    ----------
    condition : ``Ne(inner(v, A*w), 0)`` or ``Lt(sq(A.T*w), 1)`` for a word A.
    over : the matrices, w among them.
    given : what they keep: orthonormal columns.
    under : further hypotheses, on other symbols.

    Raises
    ------
    Refusal
        for another condition, or where what is needed of the word is not known.

    >>> from sympy import symbols
    >>> h, d = symbols("h d", integer=True, positive=True)
    >>> W, w = MatrixSymbol("W", h, d), MatrixSymbol("w", h, 1)
    >>> shorter = Lt(sq(W.T*w), 1, evaluate=False)
    >>> generic(shorter, (W, w), (Orthonormal(W), Orthonormal(w)), (Gt(h, d),)).proposition.almost
    True
    """
    over = (over,) if isinstance(over, MatrixSymbol) else sequence_of("over", over, "matrix symbols")
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    under = tuple(_as_hypothesis(h) for h in sequence_of("under", under, "hypotheses"))
    rule = _not_orthogonal if isinstance(condition, Ne) else _shorter if isinstance(condition, Lt) else None
    if rule is None or not rule(condition, tuple(over), given, under):
        raise Refusal(f"that {condition} holds for almost all {', '.join(map(str, over))} was not settled", condition)
    return stated(ForAll(tuple(over), condition, given, almost=True), under, "it fails in a proper subspace only")


def _split(word: Any, over: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """(A, w) where a column is A w for a unit vector w that is quantified over and does not occur in A."""
    factors = MatMul.make_args(word)
    w = factors[-1]
    if w not in over or w.shape[1] != 1 or Orthonormal(w) not in given or len(factors) < 2:
        return None
    before = MatMul(*factors[:-1]).doit()
    return None if before.has(w) else (before, w)


def _not_orthogonal(condition: Any, over: Any, given: Any, under: Any) -> bool:
    if condition.rhs != 0 or not isinstance(condition.lhs, inner):
        return False
    for v, word in (condition.lhs.args, condition.lhs.args[::-1]):
        parts = _split(word, over, given)
        if parts is not None and not v.has(parts[1]):
            return bool(tidied(sq(parts[0].T * v), (*given, *under)) == 1)
    return False


def _shorter(condition: Any, over: Any, given: Any, under: Any) -> bool:
    if condition.rhs != 1 or not isinstance(condition.lhs, sq):
        return False
    parts = _split(condition.lhs.args[0], over, given)
    if parts is None:
        return False
    projection, w = parts
    factors = [f.arg if isinstance(f, Transpose) else f for f in MatMul.make_args(projection)]
    turned = all(isinstance(f, Transpose) for f in MatMul.make_args(projection))  # A = F_1 F_2 .., all of them frames
    frames = turned and all(Orthonormal(f) in (*given, *under) for f in factors)
    fewer = Gt(w.shape[0], projection.shape[0], evaluate=False)
    return frames and (fewer == True or fewer in under or decided(fewer, under)[0] is True)  # noqa: E712
