"""Gradient descent that records spectra, stops where it diverges, and resumes bit for bit.

`train` drives any `Learner`.  All that the future of a run depends on lies in
its `Run`: weights, velocity, the state of the random numbers and the step.
Resuming from a saved run therefore gives the same bits as never stopping.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from hashlib import sha256
from inspect import signature
from os import PathLike
from time import monotonic
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import (
    MOST_STEPS,
    callable_of,
    described,
    instance_of,
    mapping_of,
    nonnegative,
    number,
    seed_of,
    whole,
)
from ..support.arrays import reals
from .runs import Run, elapsed, rate_at

__all__ = ["Learner", "fingerprint", "resume", "train"]

Weights = dict[str, np.ndarray]
Progress = Callable[[int, int], object]

_RECORDS = 500  # recordings of a run that is not told how many
_TOLD = 200  # calls of `progress` in a run


class Learner:
    """What `train` can train: weights, their gradient, and the spectra that a theory speaks about.

    A subclass gives `kind` (its name in checkpoints) and the methods below; weights are dicts of
    arrays of doubles.  `train` tries each method out before the first step.  Weights
    without a gradient, such as averaged copies, only change in `after`.
    """

    kind: str = "learner"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
            return  # a user's own learner: its errors are its own
        for name, method in list(vars(cls).items()):
            public = not name.startswith("_") and isinstance(method, FunctionType)
            if public and {"weights", "rng"} & set(method.__code__.co_varnames[: method.__code__.co_argcount]):
                setattr(cls, name, _explained(method))

    def __repr__(self) -> str:
        try:
            settings = ", ".join(f"{name}={value}" for name, value in self.configuration().items())
        except InputError:
            settings = "not configured"
        text = f"{type(self).__name__}: {settings}"
        return text if len(text) <= 120 else f"{text[:117]}..."

    def configuration(self) -> dict[str, Any]:
        """All that distinguishes this learner, as a dict of numbers and text; data by their `fingerprint`."""
        raise InputError(f"{type(self).__name__} needs a method configuration")

    def start(self, rng: np.random.Generator) -> Weights:
        """Fresh weights from a ``numpy.random.Generator``."""
        raise InputError(f"{type(self).__name__} needs a method start")

    def gradient(self, weights: Weights, rng: np.random.Generator) -> Weights:
        """{name: dL/d(weight)}; `rng` is for the batches of stochastic descent and its only source of chance."""
        raise InputError(f"{type(self).__name__} needs a method gradient")

    def observe(self, weights: Weights) -> dict[str, Any]:
        """{name: number or array} of what is recorded, the loss among them as ``"loss"``."""
        raise InputError(f"{type(self).__name__} needs a method observe")

    def after(self, weights: Weights) -> Weights:
        """The weights after a step, changed in place or anew: projections, averages.  The same weights by default."""
        return weights


def _explained(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that looks at its arguments where it has failed: descent calls it often, with what it made itself."""

    @wraps(method)
    def call(self: Learner, *args: Any, **options: Any) -> Any:
        try:
            return method(self, *args, **options)
        except InputError:
            raise
        except (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, MemoryError) as error:
            _look_at(self, signature(method).bind(self, *args, **options).arguments, error)
            raise

    return call


def _look_at(learner: Learner, given: Mapping[str, Any], error: Exception) -> None:
    """Refuse arguments of a learner's method that are not what it needs; return where they are."""
    if "rng" in given:
        instance_of("rng", given["rng"], np.random.Generator, "a numpy.random.Generator")
    if "count" in given:
        whole("count", given["count"], 1, MOST_STEPS)
        if isinstance(error, MemoryError):
            raise InputError(f"count is too large for the memory: {error}")
    if "weights" in given:
        wanted = {name: np.shape(W) for name, W in learner.start(np.random.default_rng(0)).items()}
        weights = mapping_of("weights", given["weights"], "names to arrays")
        shapes = {name: reals(f"weights[{name!r}]", W).shape for name, W in weights.items()}
        if shapes != wanted:
            words = ", ".join(f"{name} {shape}" for name, shape in wanted.items())
            raise InputError(f"weights must hold the arrays {words}, not {described(shapes)}")
        if any(not isinstance(W, np.ndarray) or W.dtype.kind != "f" for W in weights.values()):
            raise InputError("weights must hold arrays of doubles: np.array(..., float)")
    if "X" in given:
        raise InputError(f"X must be an array of numbers with a row for each sample that fits the weights: {error}")


def fingerprint(*arrays: ArrayLike) -> str:
    """A short hash of arrays of numbers, their shapes and types: it tells data apart in a checkpoint.

    >>> fingerprint(np.zeros(3)) == fingerprint(np.zeros(3)) != fingerprint(np.ones(3))
    True
    """
    digest = sha256()
    for given in arrays:
        try:
            array = np.ascontiguousarray(given)
        except (TypeError, ValueError, IndexError, AttributeError):  # of objects that are arrays in part only
            array = np.array(None)
        if array.dtype.kind not in "biufc":
            raise InputError(f"arrays must be arrays of numbers, not {described(given)}")
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()[:16]


def train(
    learner: Learner,
    *,
    steps: int,
    eta: float,
    rng: int | np.random.Generator | None = 0,
    start: Mapping[str, ArrayLike] | None = None,
    momentum: float = 0.0,
    anneal: int = 0,
    every: int | None = None,
    progress: Progress | None = None,
    checkpoint: str | PathLike[str] | None = None,
    seconds: float = 30.0,
) -> Run:
    """Train a learner by gradient descent and record what it observes.

    Parameters
    ----------
    learner : Learner
    steps : int, number of steps
    eta : float, learning rate; the time of the theory is the sum of the rates
    rng : seed of the weights and batches; from a numpy Generator a seed is drawn, None draws a fresh one.  The run
        records it as its `seed`
    start : dict of arrays, optional, instead of the learner's own random start
    momentum : float in [0, 1), the velocity v <- momentum*v + gradient moves the weights
    anneal : int, steps over which the rate falls to zero like a cosine; 0 keeps it
    every : int, steps between recordings; by default about 500 recordings
    progress : callable ``progress(steps done, steps in all)``, a true answer stops the run
    checkpoint : path, optional, where the run is saved now and then, at the end, and on an interrupt
    seconds : float, time between two checkpoints

    Returns
    -------
    Run
        with status "diverged" and the step where the gradient or the loss is no longer finite; weights
        and recordings before that are kept.

    Raises
    ------
    InputError
        For what is no learner, and for steps, rates and starts that make no sense.

    Examples
    --------
    >>> from symssl.simulate import CrossCorrelation
    >>> learner = CrossCorrelation(np.diag([1.0, 0.5]), components=1, scale=1e-3)
    >>> run = train(learner, steps=400, eta=0.05)
    >>> run.status, run["eigenvalues"][-1].round(6).tolist()
    ('finished', [1.0])
    """
    instance_of("learner", learner, Learner, "a learner of symssl.simulate or of a subclass of Learner")
    steps = whole("steps", steps, 0, MOST_STEPS)
    anneal = whole("anneal", anneal, 0, MOST_STEPS)
    every = max(1, steps // _RECORDS) if every is None else whole("every", every, 1, MOST_STEPS)
    eta = number("eta", eta, 0, np.inf)
    if nonnegative("momentum", momentum):
        momentum = number("momentum", momentum, 0, 1)
    _check_options(progress, checkpoint, seconds)
    seed = seed_of(rng)
    birth, batches = (np.random.default_rng([seed, k]) for k in (0, 1))
    own = _named_arrays(learner, "start", learner.start(birth))
    weights = own if start is None else _like(start, own)
    _try_out(learner, weights, seed)
    run = Run(
        times=np.empty(0),
        values={},
        status="finished",
        message="",
        kind=learner.kind,
        configuration=learner.configuration(),
        eta=float(eta),
        momentum=float(momentum),
        anneal=int(anneal),
        seed=seed,
        every=every,
        step=0,
        weights={name: np.array(w, float) for name, w in weights.items()},
        velocity={},
        steps=np.empty(0, int),
        random=batches.bit_generator.state,
    )
    return _continued(learner, run, steps, progress, checkpoint, seconds)


def _named_arrays(learner, method, given):
    """What a method of a learner gave: arrays of numbers by name."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise InputError(
            f"{type(learner).__name__}.{method} must give a dict of arrays by name, not {described(given)}"
        )
    return {name: reals(f"{name} of {type(learner).__name__}.{method}", value) for name, value in given.items()}


def _try_out(learner, weights, seed):
    """Ask a learner once for all that training needs, on copies, so that a slip is told before the first step."""
    name = type(learner).__name__
    copies = {key: np.array(w, float) for key, w in weights.items()}
    try:
        configuration = learner.configuration()
        json.dumps(configuration)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}.configuration must give numbers and text by name, data by fingerprint: {error}"
        ) from None
    with np.errstate(all="ignore"):
        slopes = _named_arrays(learner, "gradient", learner.gradient(copies, np.random.default_rng([seed, 1])))
        seen = _named_arrays(learner, "observe", learner.observe(copies))
    for key, slope in slopes.items():
        if key not in weights:
            raise InputError(f"{name}.gradient gives {key!r}, which is no weight; there are {', '.join(weights)}")
        if slope.shape != np.shape(weights[key]):
            raise InputError(
                f"{name}.gradient gives {key} the shape {slope.shape}; the weight has {np.shape(weights[key])}"
            )
    if "loss" not in seen or seen["loss"].shape:
        raise InputError(f'{name}.observe must give a number as "loss"; it gives {", ".join(seen) or "nothing"}')


def _check_options(progress, checkpoint, seconds):
    if progress is not None:
        callable_of("progress", progress, "a function progress(steps done, steps in all)")
    if checkpoint is not None and not isinstance(checkpoint, (str, PathLike)):
        raise InputError(f"checkpoint must name a file, not {described(checkpoint)}")
    nonnegative("seconds", seconds)


def resume(
    learner: Learner,
    run: Run | str | PathLike[str],
    *,
    steps: int,
    progress: Progress | None = None,
    checkpoint: str | PathLike[str] | None = None,
    seconds: float = 30.0,
) -> Run:
    """Continue a run up to so many steps in all; the result has the bits of a run that never stopped.

    Parameters
    ----------
    learner : Learner, configured as it was
    run : Run, or the path of a saved one
    steps : int, steps in all

    Raises
    ------
    InputError
        for a run of another learner, configuration or version, and for fewer steps than are done.
    """
    instance_of("learner", learner, Learner, "a learner of symssl.simulate or of a subclass of Learner")
    instance_of("run", run, (Run, str, PathLike), "a Run or the path of a saved one")
    if not isinstance(run, Run):
        run = Run.load(run)
    steps = whole("steps", steps, 0, MOST_STEPS)
    _check_options(progress, checkpoint, seconds)
    if run.kind != learner.kind:
        raise InputError(f"the run is of kind {run.kind!r}, not {learner.kind!r}: resume it with its own learner")
    now = learner.configuration()
    if changed := [name for name in {**now, **run.configuration} if now.get(name) != run.configuration.get(name)]:
        raise InputError(
            "the run was made with another configuration: "
            + ", ".join(f"{name} = {run.configuration.get(name)!r}, now {now.get(name)!r}" for name in changed)
        )
    if run.status == "diverged":
        raise InputError(f"the run diverged at step {run.step}: start anew with a smaller eta than {run.eta:g}")
    if steps < run.step:
        raise InputError(f"the run has done {run.step} steps already: ask for at least as many, not {steps}")
    return _continued(
        learner,
        replace(
            run,
            weights={name: w.copy() for name, w in run.weights.items()},
            velocity={name: v.copy() for name, v in run.velocity.items()},
        ),
        steps,
        progress,
        checkpoint,
        seconds,
    )


def _continued(learner, run, steps, progress, checkpoint, seconds):
    """The loop: every step gives a new state, so that an interrupt at any moment leaves the last whole one."""
    rng = np.random.default_rng()
    rng.bit_generator.state = run.random
    state = _State(run.step, run.weights, run.velocity, run.random, len(run.steps))
    recorded, rows = list(run.steps), {name: list(values) for name, values in run.values.items()}
    told, saved = max(1, steps // _TOLD), monotonic()

    def so_far(status, message):
        return replace(
            run,
            step=state.step,
            status=status,
            message=message,
            weights=state.weights,
            velocity=state.velocity,
            times=elapsed(recorded[: state.recordings], run.eta, run.anneal),
            steps=np.array(recorded[: state.recordings], int),
            values={name: np.array(values[: state.recordings]) for name, values in rows.items()},
            random=state.random,
        )

    def record():
        """The state with one more recording, and whether the loss is finite."""
        seen = {name: np.array(value, float) for name, value in learner.observe(state.weights).items()}
        del recorded[state.recordings :]  # of a recording that was interrupted
        recorded.append(state.step)
        for name, value in seen.items():
            rows.setdefault(name, [])[state.recordings :] = [value]
        return replace(state, recordings=state.recordings + 1), np.isfinite(seen["loss"])

    def interrupted():
        return f"interrupted after {state.step} steps: resume continues it"

    status, message = "finished", ""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            while True:
                if state.step % run.every == 0 and recorded[state.recordings - 1 : state.recordings] != [state.step]:
                    state, finite = record()
                    if not finite:
                        status, message = _diverged("loss", state.step, run.eta)
                        break
                if state.step >= steps:
                    break
                gradient = learner.gradient(state.weights, rng)
                if not all(np.isfinite(np.vdot(g, g)) for g in gradient.values()):
                    status, message = _diverged("gradient", state.step, run.eta)
                    break
                weights, velocity = _moved(learner, state, gradient, run)
                step = state.step + 1
                state = _State(step, weights, velocity, rng.bit_generator.state, state.recordings)
                if progress and (step % told == 0 or step == steps) and progress(step, steps):
                    status, message = "stopped", f"stopped after {step} steps: resume continues it"
                    if step % run.every == 0:
                        state, _ = record()
                    break
                if checkpoint and step < steps and monotonic() - saved > seconds:
                    so_far("stopped", interrupted()).save(checkpoint)
                    saved = monotonic()
    except KeyboardInterrupt:
        if checkpoint:
            so_far("stopped", interrupted()).save(checkpoint)
        raise
    result = so_far(status, message)
    if checkpoint:
        result.save(checkpoint)
    return result


@dataclass(frozen=True)
class _State:
    """All that the next step depends on, and how many recordings there are."""

    step: int
    weights: Weights
    velocity: Weights
    random: Mapping[str, Any]
    recordings: int


def _diverged(what, step, eta):
    return "diverged", f"the {what} is not finite after {step} steps: lower eta = {eta:g}"


def _moved(learner, state, gradient, run):
    """Weights and velocity one step on, in arrays of their own."""
    weights, velocity = {name: w.copy() for name, w in state.weights.items()}, dict(state.velocity)
    rate = rate_at(state.step, run.eta, run.anneal)
    for name, g in gradient.items():
        if run.momentum:
            v = velocity[name] * run.momentum if name in velocity else np.zeros_like(g)
            v += g
            velocity[name] = g = v
        weights[name] -= rate * g
    moved = learner.after(weights)
    if not isinstance(moved, dict) or moved.keys() != weights.keys():
        raise InputError(f"{type(learner).__name__}.after must return the weights, not {described(moved)}")
    return moved, velocity


def _like(start, own):
    """A given start, of the names and shapes of the learner's own."""
    start = mapping_of("start", start, "names of weights to arrays")
    if set(start) != set(own):
        raise InputError(f"start has the weights {', '.join(map(str, start))}; the learner has {', '.join(own)}")
    weights = {}
    for name, w in own.items():
        weights[name] = reals(f"the start of {name}", start[name])
        if weights[name].shape != np.shape(w):
            raise InputError(f"the start of {name} has the shape {weights[name].shape}, not {np.shape(w)}")
        if not np.isfinite(weights[name]).all():
            raise InputError(f"the start of {name} is not finite")
    return weights
