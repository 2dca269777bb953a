"""Gradient descent, and the flow it discretises, on weights given as NumPy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Refusal
from ..support.arrays import reals

__all__ = ["Trajectory", "descend", "follow"]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Weights along a flow: ``weights[name]`` has the shape ``(len(times), *shape)``."""

    times: np.ndarray
    weights: dict


def descend(gradient, start, rate):
    """Yield the iterates of gradient descent, the start first; the caller stops.

    ``gradient`` maps a dict of arrays to a dict of arrays of the same names and
    shapes, or is a dict of such functions, one for each name.

    >>> import numpy as np
    >>> from itertools import islice
    >>> steps = descend(lambda w: {"a": 2*w["a"]}, {"a": np.array(1.0)}, rate=0.25)
    >>> [float(w["a"]) for w in islice(steps, 3)]
    [1.0, 0.5, 0.25]
    """
    if not rate > 0:
        raise InputError(f"the rate must be positive, got {rate}")
    weights = _weights(start)

    def iterates(weights):
        while True:
            yield weights
            step = _derivative(gradient, weights)
            weights = {name: weights[name] - rate * step[name] for name in weights}

    return iterates(weights)


def follow(field, start, times, *, rtol=1e-10, atol=1e-12):
    """Integrate d(weights)/dt = field(weights) and report the weights at ``times``.

    ``field`` maps a dict of arrays to a dict of arrays of the same names and
    shapes, or is a dict of such functions, one for each name; ``start`` holds at
    ``times[0]``.

    Raises
    ------
    InputError
        For weights that are empty or not finite, or times that do not increase.
    Refusal
        If the integration fails before the last time, with the time reached.

    >>> import numpy as np
    >>> path = follow(lambda w: {"a": -w["a"]}, {"a": np.ones(2)}, [0, 1])
    >>> bool(np.allclose(path.weights["a"][-1], np.exp(-1), rtol=1e-9))
    True
    """
    from scipy.integrate import solve_ivp

    start, times = _weights(start), reals("times", times)
    if times.ndim != 1 or times.size < 2 or not (np.diff(times) > 0).all():
        raise InputError("give at least two times, in increasing order")
    ends = np.cumsum([w.size for w in start.values()])

    def unpack(vector):
        parts = np.split(vector, ends[:-1], axis=0)
        return {name: part.reshape(w.shape + part.shape[1:]) for (name, w), part in zip(start.items(), parts)}

    def pack(weights):
        return np.concatenate([np.ravel(w) for w in weights.values()])

    solution = solve_ivp(
        lambda _, y: pack(_derivative(field, unpack(y))),
        times[[0, -1]],
        pack(start),
        method="DOP853",
        t_eval=times,
        rtol=rtol,
        atol=atol,
    )
    if not solution.success:
        raise Refusal(f"the integration stopped: {solution.message}", solution.t[-1] if solution.t.size else times[0])
    return Trajectory(times, {name: np.moveaxis(w, -1, 0) for name, w in unpack(solution.y).items()})


def _weights(start):
    weights = {name: reals(f"the weight {name}", w) for name, w in start.items()}
    for name, w in weights.items():
        if not w.size or not np.isfinite(w).all():
            raise InputError(f"the weight {name} is empty or not finite")
    if not weights:
        raise InputError("there are no weights")
    return weights


def _derivative(field, weights):
    """What the field gives at the weights, checked to be of their names and shapes."""
    if isinstance(field, Mapping):
        derivative = {name: component(weights) for name, component in field.items()}
    else:
        derivative = field(weights)
    if set(derivative) != set(weights):
        raise InputError(
            f"expected a derivative of {', '.join(map(str, weights))}; got {', '.join(map(str, derivative))}"
        )
    for name, w in weights.items():
        if np.shape(derivative[name]) != w.shape:
            raise InputError(
                f"the derivative of {name} has the shape {np.shape(derivative[name])}, the weight {w.shape}"
            )
    return {name: derivative[name] for name in weights}
