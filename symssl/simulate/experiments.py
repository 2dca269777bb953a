"""An experiment: a learner on data, and what the theory predicts for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from .training import resume, train

__all__ = ["Experiment"]


@dataclass(frozen=True)
class Experiment:
    """What ``symssl simulate`` runs; a derivation exports it.

    Attributes
    ----------
    text : what is trained on what, in one line
    settings : mapping of the names that may be set to their default numbers, `eta` among them
    data : names of the data that it can be fed, the default first
    build : ``build(settings, data, seed) -> Learner``
    steps : ``steps(learner, weights at the start, settings) -> int`` where the user gives no number
    predict : ``predict(learner, weights at the start, settings, run) -> (modes, facts)``: a table
        {column: values, one a mode} and {name: number}, prediction beside simulation
    """

    text: str
    settings: Mapping
    data: tuple
    build: Callable
    steps: Callable
    predict: Callable
    every: Callable | None = field(default=None)  # (steps) -> steps between recordings

    def given(self, settings):
        """All settings, those given in place of the defaults; `InputError` for names that are none."""
        if unknown := sorted(set(settings) - set(self.settings)):
            raise InputError(f"unknown setting {unknown[0]}; known: {', '.join(self.settings)}")
        found = {**self.settings, **settings}
        for name, default in self.settings.items():
            value = found[name]
            if isinstance(default, int):
                if value != int(value):
                    raise InputError(f"{name} must be a whole number, got {float(value):g}")
                found[name] = int(value)
            else:
                found[name] = float(value)
        if not 0 < found["eta"] < np.inf:
            raise InputError(f"eta must be a positive number, got {found['eta']:g}")
        return found

    def run(self, settings=(), *, data=None, seed=0, steps=None, progress=None, checkpoint=None, again=None):
        """Build, train (or continue the run `again`), predict: (run, modes, facts)."""
        settings = self.given(dict(settings))
        data = self.data[0] if data is None else data
        if data not in self.data:
            raise InputError(f"no data called {data!r} here; choose {', '.join(self.data)}")
        learner = self.build(settings, data, seed)
        start = learner.start(np.random.default_rng([seed, 0]))
        steps = self.steps(learner, start, settings) if steps is None else steps
        options = {"progress": progress, "checkpoint": checkpoint}
        if again is not None:
            if again.kind == learner.kind and (again.eta, again.seed) != (
                settings["eta"],
                seed,
            ):  # what is of another kind, resume names
                raise InputError(
                    f"the run was made with eta = {again.eta:g} and seed = {again.seed}: give the same to resume it"
                )
            run = resume(learner, again, steps=max(steps, again.step), **options)
        else:
            run = train(
                learner,
                steps=steps,
                eta=settings["eta"],
                seed=seed,
                every=self.every(steps) if self.every else None,
                **options,
            )
        return run, *self.predict(learner, start, settings, run)
