"""Second variation of a loss, and its Hessian as a quadratic form in directions."""

from collections.abc import Mapping

from sympy import MatrixSymbol

from ..errors import InputError
from ..language.inputs import as_expression
from ..language.names import check_names
from ..words.differentiation import derivative, gradient, release
from ..words.letters import letter
from ..words.moments import implied_relations
from ..words.polynomials import zero
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.writing import write

__all__ = ["hessian", "second_variation"]


def hessian(loss, directions):
    r"""The Hessian of a loss applied to a direction, as one matrix for each weight.

    Parameters
    ----------
    loss : scalar expression over the nodes
    directions : dict weight -> matrix expression of the same shape

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
    loss, directions = as_expression(loss), _directions(loss, directions)
    poly = read(loss)
    if poly.shape is not None:
        raise InputError(f"the loss {loss} is a matrix, not a scalar")
    velocity = {letter(W): read(V) for W, V in directions.items()}
    known = implied_relations(loss)
    found = {}
    for W in directions:
        moved = derivative(release(gradient(poly, letter(W))), velocity)
        found[W] = write(rewriting(known, moved).reduce(moved))
    return found


def second_variation(loss, directions):
    r"""The quadratic form :math:`\frac{d^2}{d\epsilon^2} L(W + \epsilon V)` at :math:`\epsilon = 0`.

    Parameters as for :func:`hessian`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import sq
    >>> w, v = MatrixSymbol("w", 3, 1), MatrixSymbol("v", 3, 1)
    >>> second_variation(sq(w)**2, {w: v})
    8*inner(v, w)**2 + 4*norm(v)**2*norm(w)**2
    """
    directions = _directions(as_expression(loss), directions)
    total = sum(
        (
            (read(V).T * read(f)).trace()
            for V, f in zip(directions.values(), hessian(loss, directions).values(), strict=True)
        ),
        zero(None),
    )
    return write(rewriting(implied_relations(as_expression(loss)), total).reduce(total))


def _directions(loss, directions):
    if not isinstance(directions, Mapping) or not directions:
        raise InputError(f"directions map weights to matrices of the same shape, not {directions!r}")
    directions = {as_expression(W): as_expression(V) for W, V in directions.items()}
    check_names(loss, *directions, *directions.values())
    for W, V in directions.items():
        if not isinstance(W, MatrixSymbol) or not loss.has(W):
            raise InputError(f"{W} is no weight of the loss")
        if tuple(getattr(V, "shape", ())) != tuple(W.shape):
            raise InputError(f"the direction {V} has not the shape {tuple(W.shape)} of {W}")
        if V.has(*directions):
            raise InputError(f"the direction {V} depends on a weight: take a symbol, substitute afterwards")
    return directions
