"""Training runs: what they recorded, and all that their future depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import cos, pi, sin
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..support.arguments import number, whole
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
        return cls(**load_run(path, [f.name for f in fields(cls)]))

    def _headline(self) -> str:
        return f"{self.kind}, {self.status} after {self.step} steps of eta = {self.eta:g}, {len(self.times)} recordings"


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
