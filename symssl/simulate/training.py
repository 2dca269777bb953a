"""Gradient descent that records spectra, stops where it diverges, and resumes bit for bit.

`train` drives any `Learner`.  All that the future of a run depends on lies in
its `Run`: weights, velocity, the state of the random numbers and the step.
Resuming from a saved run therefore gives the same bits as never stopping.
"""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import cos, pi, sin
from time import monotonic

import numpy as np

from ..errors import InputError
from ..support.arguments import number, whole
from ..support.arrays import reals
from .checkpoints import load_run, save_run

__all__ = ["Learner", "Run", "fingerprint", "resume", "train"]

_RECORDS = 500  # recordings of a run that is not told how many
_TOLD = 200  # calls of `progress` in a run


class Learner:
    """What `train` can train: weights, their gradient, and the spectra that a theory speaks about.

    A subclass gives `kind` (its name in checkpoints) and the methods below; weights are dicts of
    arrays of doubles.  Weights without a gradient, such as averaged copies, only change in `after`.
    """

    kind = "learner"

    def configuration(self):
        """All that distinguishes this learner, as a dict of numbers and text; data by their `fingerprint`."""
        raise NotImplementedError

    def start(self, rng):
        """Fresh weights from a ``numpy.random.Generator``."""
        raise NotImplementedError

    def gradient(self, weights, rng):
        """{name: dL/d(weight)}; `rng` is for the batches of stochastic descent and its only source of chance."""
        raise NotImplementedError

    def observe(self, weights):
        """{name: number or array} of what is recorded, the loss among them as ``"loss"``."""
        raise NotImplementedError

    def after(self, weights):
        """The weights after a step, changed in place or anew: projections, averages.  The same weights by default."""
        return weights


@dataclass(frozen=True, eq=False)
class Run:
    """A training run so far; made by `train` and `resume`.

    Attributes
    ----------
    kind, configuration : of the learner
    eta, momentum, anneal : rate, heavy-ball momentum, and the steps of cosine annealing (0: constant rate)
    seed : int, where weights and batches come from
    every : int, steps between two recordings
    step : int, steps done
    status : "finished", "stopped" (by `progress`) or "diverged"
    reason : str, what happened, empty if finished
    weights, velocity : dict of arrays, after `step` steps
    steps : array, the recorded steps
    observed : dict of arrays, by name what `Learner.observe` gave, the recordings along the first axis
    """

    kind: str
    configuration: dict
    eta: float
    momentum: float
    anneal: int
    seed: int
    every: int
    step: int
    status: str
    reason: str
    weights: dict
    velocity: dict
    steps: np.ndarray
    observed: dict
    random: dict = field(repr=False)

    @property
    def times(self):
        """The times of the recordings: the sum of the rates of all steps before."""
        return elapsed(self.steps, self.eta, self.anneal)

    def save(self, path):
        """Write the run as an ``.npz`` file, whole or not at all; returns the path.

        Raises `InputError` where it cannot be written.
        """
        return save_run(self, path)

    @classmethod
    def load(cls, path):
        """The run saved at a path; `InputError` for anything else and for another version, by name."""
        return cls(**load_run(path))


def elapsed(steps, eta, anneal=0):
    """Time after so many steps: eta a step, or the sum of a cosine from eta to 0 over `anneal` steps.

    >>> elapsed(np.array([0, 1, 4]), 0.5).tolist()
    [0.0, 0.5, 2.0]
    >>> elapsed(np.array([0, 1, 2]), 1.0, 2).tolist()       # rates 1 and 1/2
    [0.0, 1.0, 1.5]
    """
    steps = np.asarray(steps, float)
    if not anneal:
        return eta * steps
    k, half = np.minimum(steps, anneal), pi / (2 * anneal)
    return eta / 2 * (k + np.sin(k * half) * np.cos((k - 1) * half) / sin(half))


def rate_at(step, eta, anneal=0):
    """The rate of a step."""
    if not anneal:
        return eta
    return eta / 2 * (1 + cos(pi * step / anneal)) if step < anneal else 0.0


def fingerprint(*arrays):
    """A short hash of arrays, their shapes and types: it tells data apart in a checkpoint.

    >>> fingerprint(np.zeros(3)) == fingerprint(np.zeros(3)) != fingerprint(np.ones(3))
    True
    """
    found = sha256()
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.data if array.size else b"")
    return found.hexdigest()[:16]


def train(
    learner,
    *,
    steps,
    eta,
    seed=0,
    start=None,
    momentum=0.0,
    anneal=0,
    every=None,
    progress=None,
    checkpoint=None,
    seconds=30.0,
):
    """Train a learner by gradient descent and record what it observes.

    Parameters
    ----------
    learner : Learner
    steps : int, number of steps
    eta : float, learning rate; the time of the theory is the sum of the rates
    seed : int, of the weights and batches
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
        for steps, rates and starts that make no sense.

    Examples
    --------
    >>> from symssl.simulate import CrossCorrelation
    >>> learner = CrossCorrelation(np.diag([1.0, 0.5]), components=1, scale=1e-3)
    >>> run = train(learner, steps=400, eta=0.05)
    >>> run.status, run.observed["eigenvalues"][-1].round(6).tolist()
    ('finished', [1.0])
    """
    if not isinstance(learner, Learner):
        raise InputError(
            f"a learner is trained, as in symssl.simulate, or a subclass of Learner; got {type(learner).__name__}"
        )
    whole("steps", steps, 0)
    whole("seed", seed, 0)
    whole("anneal", anneal, 0)
    every = max(1, steps // _RECORDS) if every is None else whole("every", every, 1)
    number("the learning rate eta", eta, 0, np.inf)
    if momentum != 0:
        number("the momentum", momentum, 0, 1)
    birth, batches = (np.random.default_rng([seed, k]) for k in (0, 1))
    own = learner.start(birth)
    weights = own if start is None else _like(start, own)
    run = Run(
        learner.kind,
        learner.configuration(),
        float(eta),
        float(momentum),
        int(anneal),
        int(seed),
        every,
        0,
        "",
        "",
        {name: np.array(w, float) for name, w in weights.items()},
        {},
        np.empty(0, int),
        {},
        batches.bit_generator.state,
    )
    return _continued(learner, run, steps, progress, checkpoint, seconds)


def resume(learner, run, *, steps, progress=None, checkpoint=None, seconds=30.0):
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
    if not isinstance(run, Run):
        run = Run.load(run)
    whole("steps", steps, 0)
    if run.kind != learner.kind:
        raise InputError(f"the run is of a {run.kind}, not of a {learner.kind}: resume it with its own learner")
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
    """The loop; it works on the arrays of `run`, which are nobody else's."""
    rng = np.random.default_rng()
    rng.bit_generator.state = run.random
    weights, velocity = run.weights, run.velocity
    recorded, rows = list(run.steps), {name: list(values) for name, values in run.observed.items()}
    told, saved = max(1, steps // _TOLD), monotonic()
    status, reason, step = "finished", "", run.step

    def so_far():
        return replace(
            run,
            step=step,
            status=status,
            reason=reason,
            weights=weights,
            velocity=velocity,
            steps=np.array(recorded, int),
            observed={n: np.array(v) for n, v in rows.items()},
            random=rng.bit_generator.state,
        )

    def record():
        seen = {name: np.array(value, float) for name, value in learner.observe(weights).items()}
        recorded.append(step)
        for name, value in seen.items():
            rows.setdefault(name, []).append(value)
        return np.isfinite(seen["loss"])

    try:
        with np.errstate(over="ignore", invalid="ignore"):
            while True:
                if step % run.every == 0 and (not recorded or recorded[-1] != step) and not record():
                    status, reason = "diverged", f"the loss is not finite after {step} steps: lower eta = {run.eta:g}"
                    break
                if step >= steps:
                    break
                before = rng.bit_generator.state
                gradient = learner.gradient(weights, rng)
                if not all(np.isfinite(np.vdot(g, g)) for g in gradient.values()):
                    rng.bit_generator.state = before
                    status, reason = (
                        "diverged",
                        f"the gradient is not finite after {step} steps: lower eta = {run.eta:g}",
                    )
                    break
                weights = _moved(learner, weights, gradient, velocity, rate_at(step, run.eta, run.anneal), run.momentum)
                step += 1
                if progress and (step % told == 0 or step == steps) and progress(step, steps):
                    status, reason = "stopped", f"stopped after {step} steps"
                    if step % run.every == 0:
                        record()
                    break
                if checkpoint and monotonic() - saved > seconds:
                    so_far().save(checkpoint)
                    saved = monotonic()
    except KeyboardInterrupt:
        if checkpoint:
            status, reason = "stopped", f"interrupted after {step} steps"
            so_far().save(checkpoint)
        raise
    found = so_far()
    if checkpoint:
        found.save(checkpoint)
    return found


def _moved(learner, weights, gradient, velocity, rate, momentum):
    """The weights one step on."""
    for name, g in gradient.items():
        if momentum:
            v = velocity.setdefault(name, np.zeros_like(g))
            v *= momentum
            v += g
            g = v
        weights[name] -= rate * g
    return learner.after(weights)


def _like(start, own):
    """A given start, of the names and shapes of the learner's own."""
    if set(start) != set(own):
        raise InputError(f"the start has the weights {', '.join(start)}; the learner has {', '.join(own)}")
    found = {}
    for name, w in own.items():
        found[name] = reals(f"the start of {name}", start[name])
        if found[name].shape != np.shape(w):
            raise InputError(f"the start of {name} has the shape {found[name].shape}, not {np.shape(w)}")
        if not np.isfinite(found[name]).all():
            raise InputError(f"the start of {name} is not finite")
    return found
