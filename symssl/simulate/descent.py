"""Gradient descent, and the flow it discretises, on weights given as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, Refusal
from ..support.arguments import described, mapping_of, nonnegative, number, text_of
from ..support.arrays import reals
from ..trajectory.time_course import TimeCourse, increasing_times

__all__ = ["descend", "follow"]

# from all weights by name to their velocities by name, or one such function for each name
Velocity = Callable[[dict[str, np.ndarray]], Mapping[str, Any]] | Mapping[str, Callable[[dict[str, np.ndarray]], Any]]


def descend(gradient: Velocity, start: Mapping[str, ArrayLike], rate: float) -> Iterator[dict[str, np.ndarray]]:
    """Yield the iterates of gradient descent, the start first; the caller stops.

    Parameters
    ----------
    gradient : function from a dict of arrays to a dict of arrays of the same names and shapes, or a mapping with one
        such function for each name
    start : mapping from the name of a weight to an array
    rate : float > 0

    Raises
    ------
    InputError
        For starts that are empty or not finite, and for gradients of other names or shapes, when they are met.

    >>> import numpy as np
    >>> from itertools import islice
    >>> steps = descend(lambda w: {"a": 2*w["a"]}, {"a": np.array(1.0)}, rate=0.25)
    >>> [float(w["a"]) for w in islice(steps, 3)]
    [1.0, 0.5, 0.25]
    """
    _check_function("gradient", gradient)
    first, size = _weights(start), number("rate", rate, 0, np.inf)

    def iterates(weights):
        while True:
            yield weights
            step = _derivative("gradient", gradient, weights)
            weights = {name: weights[name] - size * step[name] for name in weights}

    return iterates(first)


def follow(
    field: Velocity,
    start: Mapping[str, ArrayLike],
    times: ArrayLike,
    *,
    rtol: float = 1e-10,
    atol: float = 1e-12,
) -> TimeCourse:
    """Integrate d(weights)/dt = field(weights) and report the weights at ``times``.

    Parameters
    ----------
    field : function from a dict of arrays to a dict of arrays of the same names and shapes, or a mapping with one
        such function for each name
    start : mapping from the name of a weight to an array, at ``times[0]``
    times : increasing array
    rtol, atol : float, tolerances of a step in SciPy's sense

    Returns
    -------
    TimeCourse
        ``course["W"]`` has the shape (len(times), *shape of W).

    Raises
    ------
    InputError
        For weights that are empty or not finite, and times that do not increase.
    Refusal
        If the integration fails before the last time, with the time reached.

    >>> import numpy as np
    >>> course = follow(lambda w: {"a": -w["a"]}, {"a": np.ones(2)}, [0, 1])
    >>> bool(np.allclose(course["a"][-1], np.exp(-1), rtol=1e-9))
    True
    """
    from scipy.integrate import solve_ivp

    _check_function("field", field)
    first, grid = _weights(start), increasing_times(times)
    rtol = number("rtol", rtol, 0, 1)
    atol = nonnegative("atol", atol)
    ends = np.cumsum([w.size for w in first.values()])

    def unpack(vector):
        parts = np.split(vector, ends[:-1], axis=0)
        return {name: part.reshape(w.shape + part.shape[1:]) for (name, w), part in zip(first.items(), parts)}

    def pack(weights):
        return np.concatenate([np.ravel(w) for w in weights.values()])

    solution = solve_ivp(
        lambda _, y: pack(_derivative("field", field, unpack(y))),
        grid[[0, -1]],
        pack(first),
        method="DOP853",
        t_eval=grid,
        rtol=rtol,
        atol=atol,
    )
    if not solution.success:
        reached = solution.t[-1] if solution.t.size else grid[0]
        raise Refusal(f"the integration stopped after t = {reached:g}: {solution.message} End before.", reached)
    values = {name: np.moveaxis(w, -1, 0) for name, w in unpack(solution.y).items()}
    return TimeCourse(grid, values, "finished", "")


def _check_function(name, field):
    """A function of the weights, or a mapping of such functions."""
    parts = field.values() if isinstance(field, Mapping) else [field]
    if isinstance(field, type) or not all(map(callable, parts)):
        raise InputError(
            f"{name} must be a function from a dict of arrays to a dict of arrays, or a mapping of such functions, "
            f"not {described(field)}; a Flow or a ModeFlow is integrated by integrate"
        )


def _weights(start):
    given = mapping_of("start", start, "names of weights to arrays")
    weights = {name: reals(f"the weight {name}", w) for name, w in given.items()}
    for name, w in weights.items():
        text_of("a key of start", name, "the name of a weight, a text")
        if not w.size or not np.isfinite(w).all():
            raise InputError(f"the weight {name} is empty or not finite")
    if not weights:
        raise InputError("start gives no weights")
    return weights


def _derivative(name, field, weights):
    """What the field gives at the weights, checked to be of their names and shapes."""
    if isinstance(field, Mapping):
        derivative = {weight: component(weights) for weight, component in field.items()}
    else:
        derivative = field(weights)
    if not isinstance(derivative, Mapping) or set(derivative) != set(weights):
        given = ", ".join(map(str, derivative)) if isinstance(derivative, Mapping) else described(derivative)
        raise InputError(f"{name} must give a derivative of {', '.join(map(str, weights))}; got {given}")
    for weight, w in weights.items():
        if np.shape(derivative[weight]) != w.shape:
            raise InputError(
                f"the derivative of {weight} has the shape {np.shape(derivative[weight])}, the weight {w.shape}"
            )
    return {weight: derivative[weight] for weight in weights}
