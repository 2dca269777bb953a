r"""Velocities of singular values and singular vectors of a smooth path of matrices.

A path :math:`W = U S V^\top` with smooth factors obeys

.. math:: U^\top\dot W V = K S + \dot S - S\,\Omega, \qquad K = U^\top\dot U,\ \Omega = V^\top\dot V,

with skew K and Omega.  Its entries (k, l) and (l, k) are two linear equations for
K[k, l] and Omega[k, l]; they can be solved exactly where the two singular values
differ, which is why simple singular values are an explicit hypothesis here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, ImmutableMatrix, Matrix, Ne, diag, nan, oo, solve, zeros, zoo
from sympy.matrices.matrixbase import MatrixBase

from ..errors import InputError
from ..language.inputs import as_scalar
from ..scalar.flow import Field
from ..support.arguments import instance_of, sequence_of
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.text import dotted

__all__ = ["SingularFlow", "singular_flow"]


@dataclass(frozen=True, repr=False)
class SingularFlow(Formula):
    """How the singular value decomposition of a matrix moves.

    Attributes
    ----------
    values : mapping singular value -> its velocity, in the order in which they were given
    left, right : ImmutableMatrix
        The skew matrices U^T dU/dt and V^T dV/dt.
    given : tuple of Ne
        What has to hold: the singular values are simple and, for a matrix that is
        not square, none is zero.
    """

    values: Mapping[Expr, Expr]
    left: ImmutableMatrix
    right: ImmutableMatrix
    given: tuple[Ne, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", Field(self.values))

    def __repr__(self) -> str:
        lines = [f"{s}' = {velocity}" for s, velocity in self.values.items()]
        lines += [f"U^T U' = {self.left.tolist()}", f"V^T V' = {self.right.tolist()}"]
        return summary("SingularFlow", [*lines, f"where {', '.join(f'{c.lhs} != {c.rhs}' for c in self.given)}"])

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return [
            *(Line(Tex(dotted(write(s))), "=", velocity) for s, velocity in self.values.items()),
            Line(Tex(r"U^{\top} \dot{U}"), "=", self.left),
            Line(Tex(r"V^{\top} \dot{V}"), "=", self.right),
            *(Line(c.lhs, r"\neq", c.rhs) for c in self.given),
        ]


def singular_flow(velocity: MatrixBase, values: Sequence[Any]) -> SingularFlow:
    """The velocities of U, S and V for the velocity of W seen in its own frames.

    Parameters
    ----------
    velocity : explicit matrix
        U^T (dW/dt) V, of the shape of W.
    values : sequence of symbols
        The singular values, one for each row or column, whichever are fewer.

    Raises
    ------
    InputError
        For a velocity that is no explicit matrix, another number of values, or a repeated one.

    Where W has more rows than columns, the frame of the complement may turn in
    itself; it is held still.

    >>> from sympy import MatrixSymbol, symbols
    >>> a, b = symbols("a b", positive=True)
    >>> M = MatrixSymbol("M", 2, 2).as_explicit()
    >>> flow = singular_flow(M, (a, b))
    >>> flow.values[a]
    M[0, 0]
    >>> flow.left[0, 1]
    -a*M[1, 0]/(a**2 - b**2) - b*M[0, 1]/(a**2 - b**2)
    >>> flow.given
    (Ne(a**2, b**2),)
    """
    instance_of("velocity", velocity, MatrixBase, "an explicit matrix")
    values = tuple(as_scalar(s, "a singular value") for s in sequence_of("values", values, "singular values"))
    if velocity.has(nan, zoo, oo, -oo):
        raise InputError(f"velocity is not finite: {velocity}")
    rows, cols = velocity.shape
    if len(values) != min(rows, cols):
        raise InputError(f"a {rows} x {cols} matrix has {min(rows, cols)} singular values, not {len(values)}")
    if len({s**2 for s in values}) < len(values):
        raise InputError(f"a singular value is repeated in {values}: its vectors have no velocity")
    left, right = zeros(rows, rows), zeros(cols, cols)
    given = []
    for k, a in enumerate(values):
        for l, b in list(enumerate(values))[k + 1 :]:
            left[k, l], right[k, l] = _turns(velocity[k, l], velocity[l, k], a, b)
            given.append(Ne(a**2, b**2, evaluate=False))
        for m in range(len(values), rows):  # no column of S there: only U turns
            left[k, m] = -velocity[m, k] / a
        for m in range(len(values), cols):
            right[k, m] = -velocity[k, m] / a
        if rows != cols:
            given.append(Ne(a, 0, evaluate=False))
    return SingularFlow(
        {s: velocity[k, k] for k, s in enumerate(values)},
        (left - left.T).as_immutable(),
        (right - right.T).as_immutable(),
        tuple(given),
    )


def _turns(upper, lower, a, b):
    """Entries (k, l) of K and Omega from the entries (k, l) and (l, k) of K S + dS/dt - S Omega."""
    turn, counter = Dummy(), Dummy()
    K, Omega = (Matrix([[0, t], [-t, 0]]) for t in (turn, counter))
    S = diag(a, b)
    seen = K * S - S * Omega
    (turns,) = solve([seen[0, 1] - upper, seen[1, 0] - lower], [turn, counter], dict=True)
    return turns[turn], turns[counter]
