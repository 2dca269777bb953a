"""A gradient flow looked at from outside: does the loss change at the rate that the flow says?

Along a direction D of a weight the loss changes at the rate <grad L, D>.  A
difference quotient of the loss at exact matrices, with 240 bits, gives that rate
without any rule of differentiation; what stands under a stop-gradient is not moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import flint
from flint import arb, arb_mat, fmpq
from sympy import Dict, Integer, MatrixSymbol

from ..errors import Refusal
from ..exact.rational_matrices import random_matrix, trace
from ..exact.statements import as_statement
from ..language.inputs import as_expression, as_scalar
from ..language.operators import MatrixStopGradient, StopGradient
from ..language.random_vectors import GaussianVector
from ..language.relations import Relation, check_relations
from ..language.sample_vectors import Sample
from ..language.scalars import PotentialGradient
from ..support.arguments import mapping_of, whole
from .equality import Disagreement
from .exact_instances import instances
from .flow import as_weights

__all__ = ["recheck_gradient"]

_STEP = fmpq(1, 2**60)  # a central difference is then off by about its square
_NARROW = 1e-25
_SMALL = fmpq(1, 16)
_FIXED = (StopGradient, MatrixStopGradient, GaussianVector, PotentialGradient, Sample)


def recheck_gradient(
    loss: Any,
    velocity: Mapping[MatrixSymbol, Any],
    *,
    weight_decay: Any = 0,
    rates: Mapping[MatrixSymbol, Any] | None = None,
    where: Relation | Iterable[Relation] = (),
    shapes: int = 2,
) -> tuple[str, ...]:
    """Confirm that ``velocity[W] = -rate grad_W loss - decay W`` at exact matrices.

    Parameters
    ----------
    velocity : mapping from each weight to the right-hand side of its flow.
    weight_decay : scalar or mapping; rates : mapping, as in :func:`symssl.gradient_flow`.
    where : relations that the matrices keep.

    Returns
    -------
    tuple of str
        The instances at which every weight was confirmed; empty where none could be evaluated.

    Raises
    ------
    Disagreement
        where the loss changes at another rate.

    >>> from sympy import Dict, Integer, MatrixSymbol
    >>> from symssl import gradient_flow, sg, sq
    >>> A, B = MatrixSymbol("A", 2, 3), MatrixSymbol("B", 2, 3)
    >>> loss = sq(A - sg(B)) + sq(B)
    >>> recheck_gradient(loss, gradient_flow(loss, (A, B)).rhs)
    ('no sizes, seed 0', 'no sizes, seed 1')
    """
    loss, where = _scalar(loss, "loss"), check_relations(where)
    velocity = mapping_of("velocity", velocity, "weights to right-hand sides")
    for W in as_weights(velocity, "a key of velocity"):
        velocity[W] = _exact(velocity[W], f"the velocity of {W}")
    rates, shapes = mapping_of("rates", rates, "weights to rates"), whole("shapes", shapes, 1, 1000)
    rates = {W: _scalar(rate, f"the rate of {W}") for W, rate in rates.items()}
    weight_decay = dict(weight_decay) if isinstance(weight_decay, Dict) else weight_decay
    decays = (
        {W: _scalar(decay, f"the weight decay of {W}") for W, decay in weight_decay.items()}
        if isinstance(weight_decay, Mapping)
        else dict.fromkeys(velocity, _scalar(weight_decay, "weight_decay"))
    )
    confirmed: list[str] = []
    for instance in instances((loss, *velocity.values(), *velocity), where, 2 * shapes):
        if len(confirmed) == shapes:
            break

        def agrees(instance=instance):
            return all(
                _agrees(instance, loss, W, rhs, decays.get(W, Integer(0)), rates.get(W, Integer(1)))
                for W, rhs in velocity.items()
            )

        try:
            if agrees() or (not where and _shrunk(instance, velocity) and agrees()):
                sizes = ", ".join(f"{name}={value}" for name, value in sorted(instance.sizes.items(), key=str))
                confirmed.append(f"{(sizes and 'sizes ' + sizes) or 'no sizes'}, seed {instance.seed}")
        except (Refusal, ZeroDivisionError, ValueError):  # not defined there, or no rule to evaluate it
            continue
    return tuple(confirmed)


def _exact(value, name):
    """An expression without floats."""
    return as_statement(as_expression(value, name), name)


def _scalar(value, name):
    return as_statement(as_scalar(value, name), name)


def _shrunk(instance, weights):
    """The weights made small, where exponentials of them are of a size that can be told apart."""
    for W in weights:
        instance.matrices[W] = instance.value(W) * _SMALL
    return True


def _agrees(instance, loss, W, velocity, decay, rate):
    """Whether the loss changes as it should; `False` where the values are too uncertain to tell."""
    moving = MatrixSymbol(f"{W.name} moving", *W.shape)
    moved, at = _moved(loss, {W: moving}), instance.value(W)
    direction = random_matrix(at.nrows(), at.ncols(), Random(f"{instance.seed}:{W}"))
    ends, surrogate = [], False
    for sign in (1, -1):
        instance.matrices[moving] = instance.matrices[W] + direction * (sign * _STEP)
        ends.append(instance.value(moved))
        surrogate |= instance.surrogate
    del instance.matrices[moving]
    with flint.ctx.workprec(240):
        slope = (_ball(ends[0]) - _ball(ends[1])) / _ball(2 * _STEP)
        push = _balls(instance.value(velocity)) + _balls(at) * _ball(instance.value(decay))
        surrogate |= instance.surrogate
        rest = trace(push.transpose() * _balls(direction)) + slope * _ball(instance.value(rate))
        off = abs(rest) / (1 + abs(slope))
        if off.upper() < _NARROW:
            return True
        if surrogate or not off.is_finite() or off.lower() < _NARROW:
            return False
    raise Disagreement(
        f"along a direction of {W} the loss changes at another rate than its flow says, "
        f"at the instance with seed {instance.seed}"
    )


def _ball(value):
    return value if isinstance(value, arb) else arb(value)


def _balls(matrix):
    return matrix if isinstance(matrix, arb_mat) else arb_mat(matrix)


def _moved(expr, table):
    """The expression with weights replaced, except under a stop-gradient and in the laws of random vectors."""
    if expr in table:
        return table[expr]
    if isinstance(expr, (*_FIXED, MatrixSymbol)) or not expr.args:
        return expr
    args = [_moved(arg, table) for arg in expr.args]
    return expr if all(a is b for a, b in zip(args, expr.args)) else expr.func(*args)
