"""An experiment: a learner on data, and what the theory predicts for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import (
    MOST_STEPS,
    callable_of,
    described,
    instance_of,
    mapping_of,
    number,
    one_of,
    seed_of,
    sequence_of,
    whole,
)
from ..support.arrays import reals
from ..support.suggestions import did_you_mean
from .runs import Run
from .training import Learner, Progress, Weights, resume, train

__all__ = ["Experiment"]

Settings = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Experiment:
    """What ``symssl simulate`` runs; a derivation exports it.

    Attributes
    ----------
    text : what is trained on what, in one line
    settings : mapping of the names that may be set to their default numbers, `eta` among them
    data : names of the data that it can be fed, the default first
    build : ``build(settings, data, seed) -> Learner``; the seed is a whole number, of data and learner
    steps : ``steps(learner, weights at the start, settings) -> int`` where the user gives no number
    predict : ``predict(learner, weights at the start, settings, run) -> (modes, facts)``: a table
        {column: values, one a mode} and {name: number}, prediction beside simulation
    every : ``every(steps) -> steps between recordings``, or None for about 500 recordings
    """

    text: str
    settings: Mapping[str, float]
    data: tuple[str, ...]
    build: Callable[[Settings, str, int], Learner]
    steps: Callable[[Learner, Weights, Settings], int]
    predict: Callable[[Learner, Weights, Settings, Run], tuple[Mapping[str, Any], Mapping[str, float]]]
    every: Callable[[int], int] | None = None

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value:g}" for name, value in self.settings.items())
        lines = [f"Experiment: {self.text}", f"  settings: {settings}", f"  data: {', '.join(self.data)}"]
        return "\n".join(line if len(line) <= 120 else f"{line[:117]}..." for line in lines)

    def given(self, settings: Mapping[str, float] | None = None) -> Settings:
        """All settings, those given in place of the defaults.

        Raises
        ------
        InputError
            For unknown names, numbers that are not finite, numbers that are not whole where the default is, and an
            eta that is not positive.
        """
        chosen = mapping_of("settings", settings, "names to numbers")
        if unknown := [name for name in chosen if name not in self.settings]:
            hint = did_you_mean(unknown[0], self.settings, f"; there are {', '.join(self.settings)}")
            raise InputError(f"unknown setting {unknown[0]}{hint}")
        complete: Settings = {}
        for name, default in self.settings.items():
            value = number(name, chosen.get(name, default))
            if isinstance(default, int):
                if value != int(value):
                    raise InputError(f"{name} must be a whole number, got {value:g}")
                complete[name] = int(value)
            else:
                complete[name] = value
        number("eta", complete["eta"], 0, np.inf)
        return complete

    def run(
        self,
        settings: Mapping[str, float] | None = None,
        *,
        data: str | None = None,
        rng: int | np.random.Generator | None = 0,
        steps: int | None = None,
        progress: Progress | None = None,
        checkpoint: str | PathLike[str] | None = None,
        again: Run | None = None,
        watch: Callable[[str], AbstractContextManager[Any]] | None = None,
    ) -> tuple[Run, Mapping[str, Any], Mapping[str, float]]:
        """Build, train (or continue the run `again`), predict.

        Parameters
        ----------
        settings : mapping of names to numbers, in place of the defaults
        data : name of the data, by default the first
        rng : seed of data, weights and batches; from a numpy Generator a seed is drawn, None draws a fresh one
        steps : int, steps in all; by default as many as the theory asks for
        progress, checkpoint : see `train`
        again : a run of this experiment to continue
        watch : makes a context, from what is done in words, in which the functions of the experiment are called: it may
            stop them.  Training is outside; its learner is tried before

        Returns
        -------
        run, modes, facts
            See `predict`.

        Raises
        ------
        InputError
            For unknown settings and data, for a run of another rate, seed or learner, and where `predict` gives no
            table of real numbers.
        """
        chosen = self.given(settings)
        name = one_of("data", self.data[0] if data is None else data, self.data)
        if again is not None:
            instance_of("again", again, Run, "a Run")
        seed = seed_of(rng)
        watched = nullcontext if watch is None else callable_of("watch", watch, "a function that makes a context")
        with watched("making the learner"):
            learner = self.build(chosen, name, seed)
            start = learner.start(np.random.default_rng([seed, 0]))
            count = self.steps(learner, start, chosen) if steps is None else steps
            count = whole("steps", count, 0, MOST_STEPS)
            if again is None:
                every = self.every(count) if self.every else None
                train(learner, steps=0, eta=chosen["eta"], rng=seed, every=every)
        if again is None:
            run = train(
                learner,
                steps=count,
                eta=chosen["eta"],
                rng=seed,
                every=every,
                progress=progress,
                checkpoint=checkpoint,
            )
        else:
            # a run of another kind is refused by resume, by name
            if again.kind == learner.kind and (again.eta, again.seed) != (chosen["eta"], seed):
                raise InputError(
                    f"the run was made with eta = {again.eta:g} and seed = {again.seed}: give the same to resume it"
                )
            run = resume(learner, again, steps=max(count, again.step), progress=progress, checkpoint=checkpoint)
        with watched("the prediction"):
            return run, *_predicted(self.predict(learner, start, chosen, run))


def _predicted(given: Any) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The table of modes and the facts that `predict` gave: columns of real numbers of one length, and numbers."""
    parts = sequence_of("what predict gives", given, "two mappings")
    if len(parts) != 2:
        raise InputError(f"predict must give two mappings, modes and facts, not {described(given)}")
    modes, facts = (mapping_of(f"the {name} of predict", part) for name, part in zip(("modes", "facts"), parts))
    table = {name: reals(f"the column {name!r} of predict", values) for name, values in modes.items()}
    if any(column.ndim != 1 for column in table.values()) or len({len(column) for column in table.values()}) > 1:
        raise InputError("the columns of predict must be of one length, a number for each mode")
    for name, value in facts.items():
        if not isinstance(value, Real):
            raise InputError(f"the fact {name!r} of predict must be a number, not {described(value)}")
    return table, facts
