"""Training runs: what they recorded, and all that their future depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import cos, pi, sin
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import MOST_STEPS, instance_of, number, one_of, whole
from ..support.arrays import reals
from ..trajectory.time_course import TimeCourse
from .checkpoints import load_run, save_run

__all__ = ["Run", "elapsed", "rate_at"]


@dataclass(frozen=True, eq=False, repr=False)
class Run(TimeCourse):
    """A training run so far, a `TimeCourse`; made by `train` and `resume`.

    Attributes
    ----------
    times : array (n,), of the recordings: the sum of the rates of all steps before
    values : mapping of arrays, by name what `Learner.observe` gave, the recordings along the first axis
    status : "finished", "stopped" (by `progress` or an interrupt) or "diverged"
    message : str, what happened and what to try, empty if finished
    kind, configuration : of the learner
    eta, momentum, anneal : rate, heavy-ball momentum, and the steps of cosine annealing (0: constant rate)
    seed : int, where weights and batches come from
    every : int, steps between two recordings
    step : int, steps done
    weights, velocity : mappings of arrays, after `step` steps
    steps : array (n,), the recorded steps
    random : state of the random numbers after `step` steps
    """

    kind: str
    configuration: Mapping[str, Any]
    eta: float
    momentum: float
    anneal: int
    seed: int
    every: int
    step: int
    weights: Mapping[str, np.ndarray]
    velocity: Mapping[str, np.ndarray]
    steps: np.ndarray
    random: Mapping[str, Any] = field(repr=False)

    def save(self, path: str | PathLike[str]) -> PathLike[str]:
        """Write the run as an ``.npz`` file, whole or not at all; returns the path.

        Raises `InputError` where it cannot be written.
        """
        return save_run({f.name: getattr(self, f.name) for f in fields(self)}, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Run:
        """The run saved at a path; `InputError` for anything else and for another version, by name."""
        parts = load_run(path, [f.name for f in fields(cls)])
        try:
            _check(parts)
        except (InputError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise InputError(f"{path} is damaged: {error}") from None
        return cls(**parts)

    def _headline(self) -> str:
        return f"{self.kind}, {self.status} after {self.step} steps of eta = {self.eta:g}, {len(self.times)} recordings"


def _check(parts: Mapping[str, Any]) -> None:
    """Raise an exception that says which of the fields of a run is impossible."""
    for name in ("kind", "message"):
        instance_of(name, parts[name], str)
    one_of("status", parts["status"], ("finished", "stopped", "diverged"))
    instance_of("configuration", parts["configuration"], dict, "a mapping from names to numbers and text")
    number("eta", parts["eta"], 0, np.inf)
    if not 0 <= number("momentum", parts["momentum"]) < 1:
        raise InputError(f"momentum must lie in [0, 1), not {parts['momentum']}")
    anneal, step = (whole(name, parts[name], 0, MOST_STEPS) for name in ("anneal", "step"))
    whole("every", parts["every"], 1, MOST_STEPS)
    whole("seed", parts["seed"])
    steps, times = parts["steps"], parts["times"]
    if (
        steps.ndim != 1
        or steps.dtype.kind not in "iu"
        or (np.diff(steps) <= 0).any()
        or not (steps.size == 0 or 0 <= steps[0] <= steps[-1] <= step)
    ):
        raise InputError("the recorded steps are not increasing whole numbers up to those that are done")
    if times.shape != steps.shape or not np.allclose(times, elapsed(steps, parts["eta"], anneal), rtol=1e-9):
        raise InputError("the times are not those of the recorded steps")
    for name, values in parts["values"].items():
        if values.shape[:1] != steps.shape or values.dtype.kind not in "biuf":
            raise InputError(f"{name} is not recorded at every step, in real numbers")
    for table in ("weights", "velocity"):
        for name, values in parts[table].items():
            if values.dtype != np.float64:
                raise InputError(f"the {table} {name} are {values.dtype}, not doubles")
            if name not in parts["weights"] or values.shape != parts["weights"][name].shape:
                raise InputError(f"the {table} {name} have no weights of their shape {values.shape}")
            if parts["status"] != "diverged" and not np.isfinite(values).all():
                raise InputError(f"the {table} {name} are not finite")
    if not parts["weights"]:
        raise InputError("it has no weights")
    np.random.default_rng().bit_generator.state = parts["random"]


def elapsed(steps: ArrayLike, eta: float, anneal: int = 0) -> np.ndarray:
    """Time after so many steps: eta a step, or the sum of a cosine from eta to 0 over `anneal` steps.

    >>> elapsed(np.array([0, 1, 4]), 0.5).tolist()
    [0.0, 0.5, 2.0]
    >>> elapsed(np.array([0, 1, 2]), 1.0, 2).tolist()       # rates 1 and 1/2
    [0.0, 1.0, 1.5]
    """
    done, rate = reals("steps", steps), number("eta", eta, 0, np.inf)
    if not whole("anneal", anneal):
        return rate * done
    k, half = np.minimum(done, anneal), pi / (2 * anneal)
    return rate / 2 * (k + np.sin(k * half) * np.cos((k - 1) * half) / sin(half))


def rate_at(step: int, eta: float, anneal: int = 0) -> float:
    """The rate of a step.

    >>> rate_at(1, 1.0, 2)
    0.5
    """
    if not anneal:
        return eta
    return eta / 2 * (1 + cos(pi * step / anneal)) if step < anneal else 0.0
