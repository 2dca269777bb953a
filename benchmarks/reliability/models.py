"""Every model that `symssl models` lists, with `diagram` and `regimes` as they come, over random ranges.

Each command line must give an answer, or say in a sentence why not, within half a minute; it runs in a process
that is killed when it does not.
"""

from __future__ import annotations

import contextlib
import io
import json
from random import Random

from symssl.support.workers import Task, run_tasks

from .report import Report

LIMIT = 30.0  # seconds for each command
PATIENCE = 15.0  # seconds more until it is killed: what comes then is late, but its time is known


def command(arguments):
    """(exit status, what was printed) of a command line, in this process."""
    from symssl.cli.main import main

    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code
    return status or 0, output.getvalue(), errors.getvalue()


def models():
    """{model: [(parameter, whether it must be positive)]}, from the program itself and from the flows it names."""
    from symssl.claims import discover

    status, output, _ = command(["models", "--json"])
    if status:
        raise RuntimeError("`symssl models` fails")
    papers = discover("symssl.derivations").papers
    found = {}
    for row in json.loads(output):
        paper, _, name = row["model"].partition(".")
        assumed = {p.name: bool(p.is_nonnegative) for p in papers[paper].model(name).parameters}
        found[row["model"]] = [(name, assumed[name]) for name in row["parameters"]]
    return found


def number(random, positive):
    """A decimal of three digits, of any order of magnitude between 0.01 and 10."""
    value = random.choice((0.01, 0.1, 1, 1, 10)) * random.randint(1, 999) / 1000
    return value if positive or random.random() < 0.5 else -value


def span(random, positive):
    """A range that is not empty."""
    ends = sorted((number(random, positive), number(random, positive)))
    return (ends[0], ends[1]) if ends[0] < ends[1] else (ends[0], 2 * abs(ends[0]) + 1)


def lines(parameters, random):
    """The command lines of `diagram` and of `regimes` for a model: (command, options)."""
    order = random.sample(parameters, len(parameters))
    (name, positive), *others = order
    low, high = span(random, positive)
    fixed = [f"{other}={number(random, sign):.6g}" for other, sign in others]
    yield "diagram", ["--param", f"{name}={low:.6g}:{high:.6g}", *(["--fix", *fixed] if fixed else [])]
    axes = ["--x", f"{name}={low:.6g}:{high:.6g}:40"]
    if others and random.random() < 0.5:
        low, high = span(random, others[0][1])
        axes += ["--y", f"{others[0][0]}={low:.6g}:{high:.6g}:5"]
        fixed = fixed[1:]
    yield "regimes", [*axes, *(["--fix", *fixed] if fixed else [])]


def verdict(outcome, line):
    """(what became of a command, what is wrong with it or None)."""
    shown = "symssl " + " ".join(line)
    if outcome.late or outcome.seconds > LIMIT:
        return "late", f"{shown}: no answer within {LIMIT:g} s"
    if outcome.error is not None:
        return "crash", f"{shown}: {str(outcome.error).strip().splitlines()[-1]}"
    status, output, errors = outcome.value
    if "Traceback" in errors + output or status not in (0, 1, 2):
        return "crash", f"{shown}: exit status {status}, {errors.strip().splitlines()[-1:]}"
    if status == 0:
        try:
            json.loads(output)
        except ValueError as error:
            return "not JSON", f"{shown}: {error}"
        return f"answer ({line[0]})", None
    said = errors.strip()
    return ("status", None) if said.startswith("symssl: ") else ("silent", f"{shown}: exit status {status}, {said!r}")


def examine(count, seed):
    """`count` random ranges of every model, with `diagram` and with `regimes`."""
    report, random = Report("models", seed), Random(f"models {seed}")
    tasks = {}

    def every_line(outcome):
        """What is to be done once the models are known: in the process that has derived them."""
        if outcome.key is not None or outcome.value is None:
            return ()
        for model, parameters in outcome.value.items():
            for number_ in range(count):
                for what, options in lines(parameters, random):
                    tasks[model, number_, what] = [what, model, *options, "--json"]
        return [Task(key, command, (line,)) for key, line in tasks.items()]

    for outcome in run_tasks([Task(None, models)], jobs=1, time_limit=LIMIT + PATIENCE, then=every_line):
        if outcome.key is None and outcome.value is None:
            raise RuntimeError(f"the models are not known: {outcome.error or 'late'}")
        if outcome.key is not None:
            report.add(*verdict(outcome, tasks[outcome.key]))
    return report
