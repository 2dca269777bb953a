"""Rates, steps, gradients and values at a point, from their definitions: limits of difference quotients.

The quotients are never formed: numbers that carry derivatives go through the evaluation of the term
(`symssl.statements.meaning.derivatives`), so that what is rational comes out exact.  Where a part of the term cannot
carry them, difference quotients of balls are extrapolated, which is an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq

from ...language.dynamics import Dynamics, GradientDescent, VectorField
from ...language.terms import At, Gradient, Next, Rate
from .algebra import is_array, product
from .derivatives import Dual, Tape, Tracked, new_tag, slopes
from .scene import Scene, Unknown, evaluator

__all__ = ["gradients", "point_of", "slope_along", "velocities"]

_STEPS = 6  # difference quotients that are extrapolated
_FINEST = 2**-40  # of the differences between the last two extrapolations


def point_of(point: Any, scene: Scene) -> dict[Any, Any]:
    """The values of a point ``{symbol: term}``, all found in the scene."""
    return {symbol: scene.value(term) for symbol, term in point.items()}


# --- along a direction --------------------------------------------------------------------


def slope_along(term: Any, direction: Mapping[Any, Any], scene: Scene, modes: Any = None) -> Any:
    """The derivative of a term as the names of a direction move with the velocities that it gives."""
    tag = new_tag()
    moved: dict[Any, Any] = {}
    for name, velocity in direction.items():
        moved[name] = _lifted(scene.value(name), velocity, tag)
    if modes is not None:
        moved["modes"] = tuple(
            {**mode, **{x: _lifted(mode.get(x, scene.values.get(x)), v, tag) for x, v in direct.items()}}
            for mode, direct in zip(scene.values["modes"], modes)
        )
    try:
        return slopes(scene.within(moved).value(term), tag)
    except (TypeError, AttributeError, _NotCarried) as error:
        if modes is not None or any(isinstance(plain_entry(v), Tracked) for v in direction.values()):
            raise Unknown(f"the derivative of {term} is not told here: {error}") from None
        return _quotient(lambda h: _shifted(scene, direction, h).value(term), scene, term)


class _NotCarried(Unknown):
    """A part of a term that derivatives do not go through."""


def plain_entry(value: Any) -> Any:
    """The first entry of a matrix, or the number."""
    return value.flat[0] if is_array(value) and value.size else value


def _lifted(value: Any, velocity: Any, tag: int) -> Any:
    if not is_array(value):
        return Dual(value, velocity, tag)
    out = np.empty(value.shape, dtype=object)
    for place, entry in np.ndenumerate(value):
        out[place] = Dual(entry, velocity[place], tag)
    return out


def _shifted(scene: Scene, direction: Mapping[Any, Any], step: Any) -> Scene:
    return scene.within({name: scene.value(name) + velocity * step for name, velocity in direction.items()})


def _quotient(value_at: Callable[[Any], Any], scene: Scene, term: Any) -> Any:
    """The derivative at 0 by central differences with steps 2^-8, 2^-9, ..., extrapolated."""
    table: list[list[Any]] = []
    for k in range(_STEPS):
        step = fmpq(1, 2 ** (8 + k))
        row = [(value_at(step) - value_at(-step)) * (1 / (2 * step))]
        for j, before in enumerate(table[-1] if table else []):
            factor = fmpq(4) ** (j + 1)
            row.append((row[j] * factor - before) * (1 / (factor - 1)))
        table.append(row)
    best, other = table[-1][-1], table[-1][-2]
    for x, y in zip(np.ravel(np.array(best, dtype=object)), np.ravel(np.array(other, dtype=object))):
        if abs(float(x) - float(y)) > _FINEST * max(1.0, abs(float(x))):
            raise Unknown(f"the difference quotients of {term} do not settle here")
    scene.estimate("difference quotients were extrapolated")
    return best


# --- gradients ----------------------------------------------------------------------------


def gradients(term: Any, names: tuple[Any, ...], scene: Scene) -> list[Any]:
    """The gradients of a scalar by symbols and matrices, each in the shape of its name; stopped copies are constant."""
    tape = Tape()
    moved: dict[Any, Any] = {}
    variables: list[Any] = []
    shapes: list[Any] = []
    for name in names:
        value = scene.value(name)
        if is_array(value):
            lifted = np.empty(value.shape, dtype=object)
            for place, entry in np.ndenumerate(value):
                lifted[place] = tape.variable(entry)
                variables.append(lifted[place])
            moved[name] = lifted
            shapes.append(value.shape)
        else:
            moved[name] = tape.variable(value)
            variables.append(moved[name])
            shapes.append(None)
    stopped = scene.values.get("stopped", frozenset()) | {tape.tag}
    try:
        result = scene.within({**moved, "stopped": stopped}).value(term)
    except (TypeError, AttributeError, _NotCarried):
        return [_gradient_by_quotients(term, name, scene) for name in names]
    found = tape.gradient(result, variables)
    parts = iter(found)
    return [next(parts) if shape is None else _filled(shape, parts) for shape in shapes]


def _filled(shape: tuple[int, ...], entries: Iterator[Any]) -> Any:
    out = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        out[place] = next(entries)
    return out


def _gradient_by_quotients(term: Any, name: Any, scene: Scene) -> Any:
    from ...language.operators import MatrixStopGradient, StopGradient

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
            return scene.within({name: other}).value(term)

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
    if scene.values.get("modes") is not None:
        modes = [velocities(dynamics, scene.within(mode)) for mode in scene.values["modes"]]
    return slope_along(term, velocities(dynamics, scene), scene, modes)


@evaluator(Next)
def _next(node: Any, scene: Scene) -> Any:
    term, descent = node.args
    assert isinstance(descent, GradientDescent)
    step = scene.value(descent.step)
    moved = {W: scene.value(W) + v * step for W, v in velocities(descent, scene).items()}
    return scene.within(moved).value(term)


@evaluator(Gradient)
def _gradient(node: Any, scene: Scene) -> Any:
    return gradients(node.term, (node.by,), scene)[0]


@evaluator(At)
def _at(node: Any, scene: Scene) -> Any:
    return scene.within(point_of(node.args[1], scene)).value(node.args[0])


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
