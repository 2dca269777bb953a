"""Rates, steps, gradients and values at a point, from their definitions: limits of difference quotients.

The quotients are never formed: numbers that carry derivatives go through the evaluation of the term
(`symssl.statements.meaning.derivatives`), so that what is rational comes out exact.  Where a part of the term cannot
carry them, difference quotients of balls are extrapolated, which is an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, fmpq

from ...language.dynamics import Dynamics, GradientDescent, VectorField
from ...language.operators import MatrixStopGradient, StopGradient
from ...language.sample_vectors import Sample
from ...language.terms import At, Gradient, Next, Rate
from .algebra import is_array, product
from .derivatives import Dual, GradientTape, Tracked, new_tag, slopes
from .scene import NotCarried, Scene, Special, Unknown, evaluator

__all__ = ["gradients", "point_of", "slope_along", "velocities"]

_STEPS = 6  # difference quotients that are extrapolated
_COARSEST = 2**-40  # change made by the last extrapolation, relative to the result


def point_of(point: Any, scene: Scene) -> dict[Any, Any]:
    """The values of a point ``{symbol: term}``, all found in the scene."""
    return {symbol: scene.value(term) for symbol, term in point.items()}


# --- names that move ----------------------------------------------------------------------


def _placed(scene: Scene, values: Mapping[Any, Any]) -> Scene:
    """The scene in which names have other values; one sample is a column of its family."""
    out: dict[Any, Any] = {}
    for name, value in values.items():
        if not isinstance(name, Sample):
            out[name] = value
            continue
        family = out.get(name.name, scene.values.get(name.name))
        if family is None:
            out[name] = value
            continue
        out[name.name] = family.copy()
        out[name.name][:, scene.size(name.index) - 1] = value[:, 0]
    return scene.within(out)


def _each(value: Any, change: Callable[..., Any], *others: Any) -> Any:
    """A change made to every entry of a matrix, or to the number."""
    if not is_array(value):
        return change(value, *others)
    out = np.empty(value.shape, dtype=object)
    for place, entry in np.ndenumerate(value):
        out[place] = change(entry, *(other[place] for other in others))
    return out


# --- along a direction --------------------------------------------------------------------


def slope_along(term: Any, direction: Mapping[Any, Any], scene: Scene, modes: Any = None) -> Any:
    """The derivative of a term as the names of a direction move with the velocities that it gives.

    `modes` are the directions of the modes, one mapping for each mode of the scene.
    """
    tag = new_tag()

    def lifted(value: Any, velocity: Any) -> Any:
        return _each(value, lambda x, v: Dual(x, v, tag), velocity)

    moving = _placed(scene, {name: lifted(scene.value(name), velocity) for name, velocity in direction.items()})
    if modes is not None:
        pairs = zip(scene.values[Special.MODES], modes)
        moved = tuple({**at, **{x: lifted(scene.within(at).value(x), v) for x, v in by.items()}} for at, by in pairs)
        moving = moving.within({Special.MODES: moved})
    try:
        return slopes(moving.value(term), tag)
    except (TypeError, AttributeError, NotCarried) as error:
        if modes is not None:
            raise Unknown(f"the derivative of {term} is not told here: {error}") from None

    def shifted(step: Any) -> Any:
        return _placed(scene, {x: scene.value(x) + v * step for x, v in direction.items()}).value(term)

    return _quotient(shifted, scene, term)


def _quotient(value_at: Callable[[Any], Any], scene: Scene, term: Any) -> Any:
    """The derivative at 0 by central differences with steps 2^-8, 2^-9, ..., extrapolated to step 0.

    The last change made by the extrapolation is taken for the error: balls of that radius are returned.
    """
    table: list[list[Any]] = []
    for k in range(_STEPS):
        step = fmpq(1, 2 ** (8 + k))
        row = [(value_at(step) - value_at(-step)) * (1 / (2 * step))]
        for j, before in enumerate(table[-1] if table else []):
            factor = fmpq(4) ** (j + 1)
            row.append((row[j] * factor - before) * (1 / (factor - 1)))
        table.append(row)

    def enclosed(best: Any, before: Any) -> Any:
        if isinstance(best, Tracked):
            raise Unknown(f"the derivative of {term} is not told here: derivatives do not go through it")
        error = abs(arb(best) - arb(before)).upper()
        if not error < max(arb(1), abs(arb(best)).lower()) * _COARSEST:
            raise Unknown(f"the difference quotients of {term} do not settle here")
        return arb(arb(best).mid(), error + arb(best).rad())

    scene.estimate("difference quotients were extrapolated")
    return _each(table[-1][-1], enclosed, table[-1][-2])


# --- gradients ----------------------------------------------------------------------------


def gradients(term: Any, names: tuple[Any, ...], scene: Scene) -> list[Any]:
    """The gradients of a scalar by symbols and matrices, each in the shape of its name; stopped copies are constant."""
    tape = GradientTape()
    moved = {name: _each(scene.value(name), tape.variable) for name in names}
    stopped = scene.values.get(Special.STOPPED, frozenset()) | {tape.tag}
    try:
        result = _placed(scene.within({Special.STOPPED: stopped}), moved).value(term)
    except (TypeError, AttributeError, NotCarried):
        return [_gradient_by_quotients(term, name, scene) for name in names]
    weights = tape.weights(result)
    return [_each(variables, lambda variable: weights.get(variable.place, fmpq(0))) for variables in moved.values()]


def _gradient_by_quotients(term: Any, name: Any, scene: Scene) -> Any:
    if term.has(StopGradient, MatrixStopGradient):
        raise Unknown(f"the gradient of {term} is not told here: derivatives do not go through it")
    value = scene.value(name)
    if not is_array(value):
        return _quotient(lambda h: scene.within({name: value + h}).value(term), scene, term)
    out = np.empty(value.shape, dtype=object)
    for place in np.ndindex(value.shape):

        def moved(h: Any, place: Any = place) -> Any:
            other = value.copy()
            other[place] = other[place] + h
            return _placed(scene, {name: other}).value(term)

        out[place] = _quotient(moved, scene, term)
    return out


def _in_geometry(slope: Any, point: Any, geometry: Any) -> Any:
    """The gradient in the metric of the set in which a weight moves, from the Euclidean one."""
    kind = type(geometry).__name__
    half = fmpq(1, 2)
    if kind == "Symmetric":
        return (slope + slope.T) * half
    if getattr(geometry, "rows", False):
        return _on_frames(slope.T, point.T, geometry).T
    return _on_frames(slope, point, geometry)


def _on_frames(slope: Any, point: Any, geometry: Any) -> Any:
    kind = type(geometry).__name__
    across = product(point.T, slope)
    if kind == "Grassmann":  # the part that leaves the subspace
        return slope - product(point, across)
    if kind == "Stiefel" and geometry.metric == "euclidean":  # less the part normal to W^T W = 1
        return slope - product(point, (across + across.T) * fmpq(1, 2))
    if kind == "Stiefel":
        return slope - product(point, across.T)
    raise Unknown(f"the geometry {geometry} is not known here")


def velocities(dynamics: Dynamics, scene: Scene) -> dict[Any, Any]:
    """The velocity of every state at the values of the scene; of gradient descent, those of its flow."""
    if isinstance(dynamics, VectorField):
        return {state: scene.value(rhs) for state, rhs in dynamics.rhs.items()}
    loss, states = dynamics.loss, dynamics.states
    rates, extra = dict(dynamics.args[3]), dict(dynamics.args[5])
    geometry = {W: held.value for W, held in dict(dynamics.args[4]).items()}
    out = {}
    for state, slope in zip(states, gradients(loss, states, scene)):
        if state in geometry:
            slope = _in_geometry(slope, scene.value(state), geometry[state])
        rate = scene.value(rates[state]) if state in rates else fmpq(1)
        velocity = slope * (-rate)
        if dynamics.decay != 0:
            velocity = velocity - scene.value(state) * scene.value(dynamics.decay)
        if state in extra:
            velocity = velocity + scene.value(extra[state])
        out[state] = velocity
    return out


# --- terms --------------------------------------------------------------------------------


@evaluator(Rate)
def _rate(node: Any, scene: Scene) -> Any:
    term, dynamics = node.args
    modes = None
    if scene.values.get(Special.MODES) is not None:
        modes = [velocities(dynamics, scene.within(mode)) for mode in scene.values[Special.MODES]]
    return slope_along(term, velocities(dynamics, scene), scene, modes)


@evaluator(Next)
def _next(node: Any, scene: Scene) -> Any:
    term, descent = node.args
    assert isinstance(descent, GradientDescent)
    step = scene.value(descent.step)
    moved = {W: scene.value(W) + v * step for W, v in velocities(descent, scene).items()}
    return _placed(scene, moved).value(term)


@evaluator(Gradient)
def _gradient(node: Any, scene: Scene) -> Any:
    return gradients(node.term, (node.by,), scene)[0]


@evaluator(At)
def _at(node: Any, scene: Scene) -> Any:
    return _placed(scene, point_of(node.args[1], scene)).value(node.args[0])


@evaluator(sp.Derivative)
def _derivative(node: Any, scene: Scene) -> Any:
    (variable, order), *others = node.variable_count[::-1]
    rest = node.expr
    if others:
        rest = sp.Derivative(rest, *others[::-1], evaluate=False)
    if order > 1:
        rest = sp.Derivative(rest, (variable, order - 1), evaluate=False)
    return slope_along(rest, {variable: fmpq(1)}, scene)


@evaluator(sp.Subs)
def _substituted(node: Any, scene: Scene) -> Any:
    return scene.within(dict(zip(node.variables, map(scene.value, node.point)))).value(node.expr)
