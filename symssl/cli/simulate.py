"""The command `symssl simulate`: train a model and set its theory beside it."""

import os

import click

from ..errors import InputError
from .options import NUMBER, echo, json_option, library_of, limit_option, more_numbers, print_json
from .watching import watched

__all__ = ["simulate"]


@click.command(
    epilog="\b\nExamples:\n  symssl simulate PAPER.NAME --set n=200 d=5 eta=1e-4 -o run.npz\n"
    "  symssl simulate PAPER.NAME --set n=200 d=5 eta=1e-4 -o run.npz --resume --steps 500000\n"
    "  symssl simulate PAPER.NAME --data crops --json"
)
@click.argument("model", required=False)
@more_numbers
@click.option(
    "--set",
    "settings",
    type=NUMBER,
    multiple=True,
    metavar="name=number ...",
    help="Settings; more of them may follow.",
)
@click.option("--data", help="The data to train on.")
@click.option(
    "--steps",
    type=click.IntRange(min=0),
    metavar="N",
    help="Steps in all; as many as the theory asks for if not given.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of data, weights and batches.")
@click.option("-o", "--out", metavar="FILE", help="Save the run, now and then and at the end (.npz).")
@click.option("--resume", "again", is_flag=True, help="Continue the run in the output file.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@limit_option("300", "Seconds for making the learner, and for the prediction; training has no limit.")
@json_option
@click.pass_context
def simulate(context, model, more, settings, data, steps, seed, out, again, force, time_limit, as_json):
    """Train a model by gradient descent and print prediction beside simulation, a row a mode.

    MODEL is PAPER.NAME, an experiment that a derivation exports; without it they are listed.
    The same command continues a run that was stopped, and --resume one that had ended, both with the
    same bits as if it had never stopped.
    """
    library = library_of(context)
    experiments = {
        f"{paper.id}.{name}": e for paper in library.papers.values() for name, e in paper.experiments.items()
    }
    if not experiments:
        raise InputError("no paper here exports an experiment: Paper(..., experiments={name: Experiment(...)})")
    if model is None and as_json:
        print_json([_listed(name, experiment) for name, experiment in experiments.items()])
        return 0
    if model is None:
        for name, experiment in experiments.items():
            listed = ", ".join(f"{k}={v:g}" for k, v in experiment.settings.items())
            echo(f"{name}: {experiment.text}\n  settings: {listed}\n  data: {', '.join(experiment.data)}")
        return 0
    if model not in experiments:
        raise InputError(f"no experiment called {model!r}; there are: {', '.join(experiments)}")
    values = {}
    for name, (value,) in (*settings, *more):
        if name in values:
            raise click.BadParameter(f"{name} is given twice")
        values[name] = value
    before = _saved(out, again, force)

    def watch(what):
        return watched(time_limit, f"{what} of {model}", "--time-limit")

    run, modes, facts = _run(experiments[model], values, data, steps, seed, before, out, model, watch)
    _tell(model, run, modes, facts, as_json)
    return int(run.status == "diverged")


def _listed(name, experiment):
    return {
        "model": name,
        "text": experiment.text,
        "settings": dict(experiment.settings),
        "data": list(experiment.data),
    }


def _saved(out, again, force):
    """The run to continue, or None: with --resume any, without it one that was stopped before its end."""
    from ..present.terminal import warn
    from ..simulate.runs import Run

    if again and out is None:
        raise click.BadParameter("--resume continues the run in the output file: name it with -o")
    if out and not out.endswith(".npz"):
        raise click.BadParameter(f"{out}: choose a name that ends in .npz")
    if again:
        return Run.load(out)
    if out and os.path.exists(out) and not force:
        try:
            begun = Run.load(out)
        except InputError as error:
            raise InputError(f"{out} exists and is not continued ({error}); --force overwrites it") from None
        if begun.status != "stopped":
            raise InputError(f"{out} exists: --resume continues it, --force overwrites it")
        warn(f"{out} was stopped after {begun.step} steps: continued")
        return begun
    return None


def _run(experiment, values, data, steps, seed, before, out, model, watch):
    from ..present.terminal import counting

    with counting(f"steps of {model}") as show:

        def progress(done, total):
            show(done, total)

        return experiment.run(
            values, data=data, rng=seed, steps=steps, progress=progress, checkpoint=out, again=before, watch=watch
        )


def _tell(model, run, modes, facts, as_json):
    """The table of modes; numbers that do not exist are null in JSON."""
    columns = {name: [float(v) for v in values] for name, values in modes.items()}
    if as_json:
        rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
        print_json(
            {
                "model": model,
                "status": run.status,
                "message": run.message,
                "steps": run.step,
                "eta": run.eta,
                "modes": rows,
                **facts,
            }
        )
        return
    from ..present.terminal import table, warn

    table(("mode", *columns), [(k + 1, *(f"{v:.6g}" for v in row)) for k, row in enumerate(zip(*columns.values()))])
    for name, value in facts.items():
        echo(f"{name}: {value:.4g}")
    echo(f"{run.status} after {run.step} steps")
    if run.message:
        warn(run.message)
