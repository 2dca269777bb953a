"""Second variation of a loss, and its Hessian as a quadratic form in directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import MatrixSymbol

from ..errors import InputError
from ..language.inputs import as_expression
from ..language.names import check_names
from ..support.arguments import instance_of, mapping_of
from ..support.budgets import BUDGET, budgeted
from ..words.differentiation import derivative, gradient, release
from ..words.letters import letter
from ..words.moments import implied_relations
from ..words.polynomials import zero
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.writing import write

__all__ = ["hessian", "second_variation"]


@budgeted("the Hessian")
def hessian(
    loss: Any, directions: Mapping[MatrixSymbol, Any], *, budget: float | None = BUDGET
) -> dict[MatrixSymbol, Any]:
    r"""The Hessian of a loss applied to a direction, as one matrix for each weight.

    Parameters
    ----------
    loss : scalar expression over the nodes
    directions : mapping weight -> matrix expression of the same shape
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    dict weight -> :math:`\sum_{W'} \partial_W\partial_{W'} L\,[V_{W'}]`

    With stop-gradients this is the derivative of the gradient field, in which
    the copies move: in general no symmetric operator.

    >>> from sympy import MatrixSymbol
    >>> from symssl import sq
    >>> W, V = MatrixSymbol("W", 2, 3), MatrixSymbol("V", 2, 3)
    >>> hessian(sq(W*W.T)/4, {W: V})
    {W: V*W.T*W + W*V.T*W + W*W.T*V}
    """
    loss = as_expression(loss, "loss")
    directions = _directions(loss, directions)
    poly = read(loss)
    if poly.shape is not None:
        raise InputError(f"loss must be a scalar, not a {poly.shape[0]} x {poly.shape[1]} matrix: {loss}")
    velocity = {letter(W): read(V) for W, V in directions.items()}
    known = implied_relations(loss)
    actions = {}
    for W in directions:
        moved = derivative(release(gradient(poly, letter(W))), velocity)
        actions[W] = write(rewriting(known, moved).reduce(moved))
    return actions


@budgeted("the second variation")
def second_variation(loss: Any, directions: Mapping[MatrixSymbol, Any], *, budget: float | None = BUDGET) -> Any:
    r"""The quadratic form :math:`\frac{d^2}{d\epsilon^2} L(W + \epsilon V)` at :math:`\epsilon = 0`.

    After `budget` seconds this is stopped (`OverBudget`); None is no limit.

    Parameters as for :func:`hessian`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import sq
    >>> w, v = MatrixSymbol("w", 3, 1), MatrixSymbol("v", 3, 1)
    >>> second_variation(sq(w)**2, {w: v})
    8*inner(v, w)**2 + 4*norm(v)**2*norm(w)**2
    """
    loss = as_expression(loss, "loss")
    directions = _directions(loss, directions)
    total = sum(
        (
            (read(V).T * read(f)).trace()
            for V, f in zip(directions.values(), hessian(loss, directions).values(), strict=True)
        ),
        zero(None),
    )
    return write(rewriting(implied_relations(loss), total).reduce(total))


def _directions(loss, directions):
    directions = mapping_of("directions", directions, "weights to matrices of their shapes")
    if not directions:
        raise InputError("directions must give a direction to one weight at least")
    for W in directions:
        instance_of("a key of directions", W, MatrixSymbol)
    directions = {W: as_expression(V, f"the direction of {W}") for W, V in directions.items()}
    check_names(loss, *directions, *directions.values())
    for W, V in directions.items():
        if not loss.has(W):
            raise InputError(f"directions names {W}, which is no weight of the loss")
        if tuple(getattr(V, "shape", ())) != tuple(W.shape):
            raise InputError(f"the direction {V} of {W} has not its shape, {W.shape[0]} x {W.shape[1]}")
        if V.has(*directions):
            raise InputError(f"the direction {V} depends on a weight: take a symbol, and substitute afterwards")
    return directions
