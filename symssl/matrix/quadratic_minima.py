r"""Minima of quadratic forms on orthonormal frames and contractions, with exact certificates.

For :math:`S = W W^\top` a quadratic form is linear, :math:`\mathrm{tr}\,W^\top C W = \mathrm{tr}\,CS`,
and each of the sets of :math:`W` below has as its :math:`S` the extreme points of

.. math:: 0 \preceq S \preceq I, \qquad \text{lower} \le \mathrm{tr}\,S \le \text{upper}.

So the minimum keeps the smallest eigenvalues (Ky Fan 1949), and the dual of this
semidefinite programme certifies it: :math:`C = tI - Y + Z` with :math:`Y, Z \succeq 0` gives

.. math:: \mathrm{tr}\,CS - \text{value} = \mathrm{tr}\,Y(I - S) + \mathrm{tr}\,ZS + t\,(\mathrm{tr}\,S - r).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import sympy as sp
from sympy.matrices.matrixbase import MatrixBase

from ..errors import InputError, Undecided
from ..support.arguments import described, whole
from ..support.budgets import BUDGET, budgeted
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex

__all__ = ["FrameMinimum", "contraction_minimum", "frame_minimum", "is_semidefinite", "product_minimum"]


@dataclass(frozen=True, repr=False)
class FrameMinimum(Formula):
    """Minimum of tr(C S) over 0 <= S <= I with lower <= tr S <= upper.

    Attributes
    ----------
    C, lower, upper : the problem
    value : the minimum
    frame : orthonormal columns W with S = W W^T a minimiser; as many as eigenvalues are kept
    threshold, excess, slack : the certificate t, Y, Z
    unique : whether S = W W^T is the only minimiser
    """

    C: sp.ImmutableMatrix
    lower: int
    upper: int
    value: sp.Expr
    frame: sp.ImmutableMatrix
    threshold: sp.Expr
    excess: sp.ImmutableMatrix
    slack: sp.ImmutableMatrix
    unique: bool

    def __repr__(self) -> str:
        return summary(
            "FrameMinimum",
            [
                f"minimum of tr(C S), {self.lower} <= tr S <= {self.upper}: {self.value}",
                f"C = {self.C.tolist()}",
                f"W = {self.frame.tolist()} with S = W W^T" + (", the only minimiser" if self.unique else ""),
            ],
        )

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        trace = r"\operatorname{tr} S"
        bounds = (
            rf"{trace} = {self.lower}" if self.lower == self.upper else rf"{self.lower} \leq {trace} \leq {self.upper}"
        )
        minimum = rf"\min_{{0 \preceq S \preceq I,\ {bounds}}} \operatorname{{tr}}\left({write(self.C)} S\right)"
        return [Line(Tex(minimum), "=", self.value)]

    @property
    def projector(self) -> sp.ImmutableMatrix:
        """The minimiser S."""
        return (self.frame * self.frame.T).applyfunc(sp.simplify).as_immutable()

    @property
    def rank(self) -> int:
        """The number of eigenvalues that are kept."""
        return self.frame.shape[1]

    def terms(self, S: sp.MatrixBase) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """The three terms, none of them negative, that add up to tr(C S) - value.

        >>> S = sp.Matrix([[sp.Rational(1, 2), 0], [0, 0]])
        >>> contraction_minimum(sp.diag(-3, 1), 1).terms(S)
        (0, 0, 3/2)
        """
        if not isinstance(S, MatrixBase) or S.shape != self.C.shape:
            raise InputError(f"S must be a matrix of the shape of C, not {described(S)}")
        one = sp.eye(self.C.shape[0])
        return ((self.excess * (one - S)).trace(), (self.slack * S).trace(), self.threshold * (S.trace() - self.rank))

    def certified(self) -> bool:
        """Check the minimiser and the certificate anew, from C alone."""
        W, one = self.frame, sp.eye(self.C.shape[0])
        t = self.threshold
        allowed = (
            self.lower == self.upper
            or t == 0
            or (_at_most(t, 0) and self.rank == self.upper)
            or (_at_most(0, t) and self.rank == self.lower)
        )
        return bool(
            allowed
            and self.lower <= self.rank <= self.upper
            and _vanishes(W.T * W - sp.eye(self.rank))
            and _vanishes(self.C - t * one + self.excess - self.slack)
            and _vanishes(sp.Matrix([[(W.T * self.C * W).trace() - self.value]]))
            and _vanishes(sp.Matrix([[t * self.rank - self.excess.trace() - self.value]]))
            and is_semidefinite(self.excess)
            and is_semidefinite(self.slack)
        )


@budgeted("the minimum")
def frame_minimum(C: sp.MatrixBase, k: int, *, budget: float | None = BUDGET) -> FrameMinimum:
    r"""Minimum of :math:`\mathrm{tr}\,W^\top C W` over :math:`W^\top W = I_k` (Ky Fan).

    Parameters
    ----------
    C : symmetric exact matrix whose eigenvalues can be ordered
    k : number of columns
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    >>> frame_minimum(sp.diag(3, -1, 1), 2).value
    0
    """
    C = _symmetric(C)
    k = whole("k", k, 1, C.shape[0])
    return _minimum(C, k, k)


@budgeted("the minimum")
def contraction_minimum(C: sp.MatrixBase, k: int, *, budget: float | None = BUDGET) -> FrameMinimum:
    r"""Minimum of :math:`\mathrm{tr}\,W^\top C W` over matrices with k columns and :math:`\lVert W\rVert_2 \le 1`.

    After `budget` seconds this is stopped (`OverBudget`); None is no limit.

    With k = 1 also the minimum over :math:`\lVert W\rVert_F \le 1`, whatever the number of columns.

    >>> contraction_minimum(sp.diag(3, -1, 1), 2).value
    -1
    """
    C = _symmetric(C)
    k = whole("k", k, 1, 1000)
    return _minimum(C, 0, min(k, C.shape[0]))


@budgeted("the minimum")
def product_minimum(C: sp.MatrixBase, k: int, h: int, *, budget: float | None = BUDGET) -> FrameMinimum:
    r"""Minimum of :math:`\mathrm{tr}\,M C M^\top`, :math:`M = W_2^\top W_1` with orthonormal
    :math:`W_1` (h x d) and :math:`W_2` (h x k).

    After `budget` seconds this is stopped (`OverBudget`); None is no limit.

    Two subspaces of dimensions d and k in :math:`R^h` have :math:`\mathrm{tr}\,M M^\top \ge d + k - h`.

    >>> [product_minimum(sp.diag(-1, 1), 2, h).value for h in (2, 3, 4)]
    [0, -1, -1]
    """
    C = _symmetric(C)
    d = C.shape[0]
    h = whole("h", h, d, 1000)
    k = whole("k", k, 1, h)
    return _minimum(C, max(0, d + k - h), min(k, d))


def is_semidefinite(S: sp.MatrixBase) -> bool:
    """Whether a symmetric exact matrix is positive semidefinite.

    It is, exactly if no coefficient of det(x I + S) is negative.

    >>> is_semidefinite(sp.Matrix([[1, 2], [2, 3]]))
    False
    """
    x = sp.Dummy("x")
    coefficients = sp.Poly((x * sp.eye(S.shape[0]) + S).det(method="berkowitz"), x).all_coeffs()
    return all(_at_most(0, c) for c in coefficients)


# --- the programme -----------------------------------------------------------------------


def _minimum(C, lower, upper):
    values, frame = _ordered_eigensystem(C)
    r = lower
    while r < upper and _below(values[r], 0):
        r += 1
    t = _threshold(values, r, lower, upper)
    kept, left = range(r), range(r, len(values))
    return FrameMinimum(
        C,
        lower,
        upper,
        sp.Add(*(values[i] for i in kept)),
        frame[:, :r].as_immutable(),
        t,
        _combine(frame, {i: t - values[i] for i in kept}),
        _combine(frame, {i: values[i] - t for i in left}),
        _is_unique(values, r, lower, upper),
    )


def _threshold(values, r, lower, upper):
    """t between the eigenvalues kept and left, of the sign that the bound on tr S needs."""
    if lower == upper or r == upper:
        return values[r - 1] if r else min((sp.S.Zero, *values[:1]), key=cmp_to_key(_compare))
    return values[r - 1] if r == lower and r and _at_most(0, values[r - 1]) else sp.S.Zero


def _is_unique(values, r, lower, upper):
    """Whether a threshold fits strictly between the eigenvalues kept and left."""
    floor = [values[r - 1]] if r else []
    ceiling = [values[r]] if r < len(values) else []
    if lower < upper and r < upper:  # the threshold may not be negative
        floor.append(sp.S.Zero)
    if lower < upper and r > lower:  # nor positive
        ceiling.append(sp.S.Zero)
    if lower < r < upper:  # it is zero
        return all(_below(a, 0) for a in floor[:1]) and all(_below(0, b) for b in ceiling[:1])
    return all(_below(a, b) for a in floor for b in ceiling)


def _combine(frame, weights):
    out = sp.zeros(frame.shape[0])
    for i, weight in weights.items():
        out += weight * frame[:, i] * frame[:, i].T
    return out.applyfunc(sp.simplify).as_immutable()


def _ordered_eigensystem(C):
    """Eigenvalues in increasing order and an orthogonal matrix of eigenvectors."""
    n = C.shape[0]
    if C.is_diagonal():
        pairs = [(C[i, i], sp.eye(n)[:, i]) for i in range(n)]
    else:
        pairs = [
            (value, vector / vector.norm())
            for value, _, vectors in C.eigenvects()
            for vector in sp.GramSchmidt(vectors)
        ]
    pairs.sort(key=cmp_to_key(lambda a, b: _compare(a[0], b[0])))
    return [value for value, _ in pairs], sp.Matrix.hstack(*(vector for _, vector in pairs))


def _compare(a, b):
    return 0 if _vanishes(sp.Matrix([[a - b]])) else -1 if _at_most(a, b) else 1


def _at_most(a, b):
    """Whether a <= b; `Undecided` where the assumptions do not settle it."""
    margin = sp.Add(b, -a)
    for form in (margin, sp.factor(margin.expand()), sp.simplify(margin)):
        if form.is_nonnegative is not None:
            return form.is_nonnegative
        if form.is_negative is not None:
            return not form.is_negative
        if form.is_nonpositive and form.is_nonzero:
            return False
    raise Undecided(f"whether {a} <= {b} does not follow from the assumptions on their symbols")


def _below(a, b):
    return not _at_most(b, a)


def _vanishes(M):
    return all(sp.simplify(entry) == 0 for entry in M)


def _symmetric(C):
    if not isinstance(C, MatrixBase) or C.shape[0] != C.shape[1] or C.has(sp.Float):
        raise InputError(f"C must be a square exact matrix, not {described(C)}")
    if not _vanishes(C - C.T):
        raise InputError(f"C must be symmetric, and {described(C)} is not: take (C + C.T)/2")
    return C.as_immutable()
