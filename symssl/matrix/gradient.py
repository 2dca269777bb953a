"""From a loss to the gradient flow of its weight matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Dict, MatrixSymbol

from ..errors import InputError
from ..language.inputs import as_expression, is_matrix
from ..language.names import check_names
from ..language.relations import Relation, Symmetric, check_relations
from ..support.arguments import flag, mapping_of
from ..support.budgets import BUDGET, budgeted
from ..words.differentiation import gradient, release
from ..words.letters import letter
from ..words.reading import read
from ..words.writing import write
from .flow import MatrixFlow, as_weights
from .geometry import Grassmann, Stiefel, projected

__all__ = ["gradient_flow"]


@budgeted("the gradient flow")
def gradient_flow(
    loss: Any,
    wrt: MatrixSymbol | Iterable[MatrixSymbol],
    *,
    weight_decay: Any = 0,
    rates: Mapping[MatrixSymbol, Any] | None = None,
    decay_with_rate: bool = False,
    geometry: Mapping[MatrixSymbol, Symmetric | Stiefel | Grassmann] | None = None,
    extra: Mapping[MatrixSymbol, Any] | None = None,
    where: Relation | Iterable[Relation] = (),
    budget: float | None = BUDGET,
) -> MatrixFlow:
    r"""Gradient flow of a loss, exact for symbolic sizes.

    .. math:: \dot W = -r_W\,\nabla_W L - \rho W + e_W

    with the rate :math:`r_W` (default 1), the weight decay :math:`\rho` and an
    optional extra term :math:`e_W`.  Stop-gradients are honoured: what stands
    inside `sg` is held constant while the gradient is taken, and set to its
    value afterwards.  Differentiation is exchanged with expectations.

    Parameters
    ----------
    loss : scalar expression over the nodes
    wrt : matrix symbols (one or several)
    weight_decay : scalar, or mapping weight -> scalar
        Not multiplied by the rate, unless `decay_with_rate` is set.
    rates : mapping weight -> scalar, optional
    decay_with_rate : bool
        Whether the decay term is :math:`r_W\rho W` instead of :math:`\rho W`.
    geometry : mapping weight -> geometry, optional
        `Symmetric()` projects the gradient onto symmetric matrices; see also
        :class:`symssl.Stiefel` and :class:`symssl.Grassmann`.
    extra : mapping weight -> matrix expression, optional
        Further terms, for example ``{Wa: beta*(W - Wa)}`` for an averaged copy.
        A weight that occurs only here moves by that term alone.
    where : relations used *after* differentiation
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        The loss is not scalar, a weight is not a matrix symbol or does not
        occur, a shape does not fit, a rate or decay is negative, or two
        different symbols have one name.
    Refusal
        The law of a random vector depends on a weight.

    >>> from sympy import Identity, MatrixSymbol, symbols
    >>> from symssl import gradient_flow, sq
    >>> k, n = symbols("k n", integer=True, positive=True)
    >>> W, G = MatrixSymbol("W", k, n), MatrixSymbol("G", n, n)
    >>> gradient_flow(sq(W*G*W.T - Identity(k)), wrt=W).rhs[W]
    2*W*G - 2*W*G*W.T*W*G.T + 2*W*G.T - 2*W*G.T*W.T*W*G
    """
    wrt, loss, where = as_weights(wrt), as_expression(loss, "loss"), check_relations(where)
    decay_with_rate = flag("decay_with_rate", decay_with_rate)
    extra = {W: as_expression(e, f"the extra term of {W}") for W, e in _by_weight(extra, "extra").items()}
    moving = tuple(dict.fromkeys((*wrt, *as_weights(extra or wrt, "a key of extra"))))
    rates, geometry = _by_weight(rates, "rates", moving), _by_weight(geometry, "geometry", wrt)
    weight_decay = dict(weight_decay) if isinstance(weight_decay, Dict) else weight_decay
    decays = (
        _by_weight(weight_decay, "weight_decay", moving)
        if isinstance(weight_decay, Mapping)
        else dict.fromkeys(wrt, weight_decay)
    )
    check_names(loss, *moving, *extra.values())
    poly = read(loss)
    if poly.shape is not None:
        raise InputError(f"loss must be a scalar, not a {poly.shape[0]} x {poly.shape[1]} matrix: {loss}")
    rhs = {}
    for W in moving:
        slope = release(gradient(poly, letter(W)))
        if not loss.has(W) and W not in extra:
            raise InputError(f"the weight {W} occurs neither in the loss nor in an extra term")
        rate = read(_nonnegative(rates.get(W, 1), f"the rate of {W}"))
        decay = _nonnegative(decays.get(W, 0), f"the weight decay of {W}")
        if decay != 0 and isinstance(geometry.get(W), (Stiefel, Grassmann)):
            raise InputError(f"the norm of {W} is constant in its geometry: give it no weight decay")
        value = -read(decay) * read(W)
        value = rate * value if decay_with_rate else value
        if W in wrt:
            value += -(rate * projected(slope, W, geometry.get(W)))
        if W in extra:
            more = read(extra[W])
            if more.shape != value.shape:
                raise InputError(f"the extra term {extra[W]} of {W} has not its shape, {W.shape[0]} x {W.shape[1]}")
            value += more
        rhs[W] = write(value)
    convention = "weight decay multiplied by the rate" if decay_with_rate else "weight decay not multiplied by the rate"
    flow = MatrixFlow(rhs, convention=convention)
    return flow.impose(*where) if where else flow


def _by_weight(table, name, weights=None):
    """A dict by weight; keys that are no weights are refused, not ignored."""
    table = mapping_of(name, table, "weights to values")
    if weights is not None and (stray := [str(W) for W in table if W not in weights]):
        raise InputError(
            f"{name} names {', '.join(stray)}, which is not one of the weights {', '.join(map(str, weights))}"
        )
    return table


def _nonnegative(value, role):
    value = as_expression(value, role)
    if is_matrix(value) or value.is_negative or value.is_finite is False or value.is_real is False:
        raise InputError(f"{role} must be a nonnegative real number, not {value}")
    return value
