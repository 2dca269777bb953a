"""Trajectories that are told by those of other dynamics: a word in the layers, the same equation at another speed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, MatrixBase, MatrixSymbol, cancel

from ...errors import InputError, Refusal
from ...language.dynamics import VectorField
from ...language.relations import Orthonormal, Relation
from ...language.terms import Along
from ...support.arguments import instance_of, sequence_of
from ..facts import Fact, _as_hypothesis, decided, stated
from .solutions import _the_same, layers_stay
from .velocities import _kind, matrix_flow

__all__ = ["at_another_speed", "reduced"]


def reduced(term: Any, onto: Any, given: Sequence[Any] = ()) -> Fact:
    """A word in orthonormal layers, along the flow of the layers, as the solution of an equation of its own.

    The velocity of the word is that of the equation at the word, for all orthonormal layers.  These stay orthonormal,
    so that their trajectories last, and an equation with polynomial right-hand side has one solution from a start.

    Parameters
    ----------
    term : `Along` of a matrix, in layers that start at matrix symbols.
    onto : `VectorField` of one matrix, of the shape of the word.
    given : hypotheses, among them that the layers start orthonormal.

    Raises
    ------
    Refusal
        where layers may not stay orthonormal, or the word has another velocity.

    >>> from sympy import Symbol, Trace, symbols
    >>> from symssl import Grassmann, Symmetric
    >>> from symssl.language import GradientFlow
    >>> h, d = symbols("h d", integer=True, positive=True)
    >>> W, C, P = MatrixSymbol("W", h, d), MatrixSymbol("C", h, h), MatrixSymbol("P", h, h)
    >>> start, t = MatrixSymbol("W_0", h, d), Symbol("t", positive=True)
    >>> flow = GradientFlow(Trace(W.T*C*W)/2, W, geometry={W: Grassmann()})
    >>> onto = VectorField({P: 2*P*C*P - C*P - P*C})
    >>> given = (Symmetric(C), Orthonormal(start))
    >>> reduced(Along(W*W.T, flow, t, {W: start}), onto, given).value.args[3]
    {P: W_0*W_0.T}
    """
    instance_of("what is reduced", term, Along, "a value on a trajectory: Along(...)")
    instance_of("what it is reduced to", onto, VectorField)
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    word, dynamics, time, start = term.args[0], term.args[1], term.args[2], dict(term.args[3])
    if len(onto.states) != 1 or not isinstance(onto.states[0], MatrixSymbol):
        raise InputError("reduced: the equation is of one matrix")
    (state,) = onto.states
    if tuple(state.shape) != tuple(getattr(word, "shape", ())):
        raise InputError(f"reduced: {word} has not the shape of {state}")
    if not layers_stay(dynamics, start, given):
        raise Refusal(f"that the layers of {term} stay orthonormal was not settled", term)
    here = tuple(Orthonormal(x) for x in dynamics.states)
    relations = (*here, *(h for h in given if isinstance(h, Relation)))
    if not _the_same(matrix_flow(dynamics).lie(word), onto.rhs[state].xreplace({state: word}).doit(), relations):
        raise Refusal(f"that the velocity of {word} is that of the equation was not settled", term)
    value = Along(state, onto, time, {state: word.xreplace(start)})
    return stated(Eq(term, value, evaluate=False), given, "the word obeys an equation of its own")


def at_another_speed(term: Any, dynamics: Any) -> Fact:
    """A value on a trajectory as that of the same equation at another speed, at another time.

    >>> from sympy import Symbol
    >>> t, W = Symbol("t", positive=True), MatrixSymbol("W", 2, 2)
    >>> fast = Along(W, VectorField({W: 4*W}), t, {W: MatrixSymbol("W_0", 2, 2)})
    >>> at_another_speed(fast, VectorField({W: 2*W})).value.args[2]
    2*t
    """
    instance_of("what moves", term, Along, "a value on a trajectory: Along(...)")
    instance_of("the other dynamics", dynamics, VectorField)
    expr, before, time, start = term.args
    if tuple(before.states) != tuple(dynamics.states):
        raise InputError("at_another_speed: the two equations have other states")
    ratio = _ratio(before, dynamics)
    value = Along(expr, dynamics, ratio * time, dict(start))
    return stated(Eq(term, value, evaluate=False), (), "the same equation at another speed")


def _ratio(one: Any, other: Any) -> Any:
    """The positive number c with f = c g for the right-hand sides f and g."""
    kinds = _kind(one), _kind(other)
    if kinds != ("matrices", "matrices"):
        raise Refusal("another speed is found for equations of matrices")
    flows = matrix_flow(one).rhs, matrix_flow(other).rhs
    (state, first), *_ = flows[0].items()
    guess = _leading(first), _leading(flows[1][state])
    if 0 in guess:
        raise Refusal("an equation at rest has no speed")
    ratio = cancel(guess[0] / guess[1])
    if not ratio.is_positive:
        raise Refusal(f"the equations differ by the factor {ratio}, which is not positive")
    for x, velocity in flows[0].items():
        if decided(Eq(velocity, ratio * flows[1][x], evaluate=False), ())[0] is not True:
            raise Refusal(f"the velocities of {x} do not differ by the factor {ratio}")
    return ratio


def _leading(velocity: Any) -> Any:
    """The coefficient of the first word."""
    if isinstance(velocity, MatrixBase):
        return next((entry for entry in velocity if entry != 0), 0)
    word = velocity.args[0] if velocity.is_MatAdd else velocity
    return word.as_coeff_mmul()[0] if word.is_MatMul else 1
