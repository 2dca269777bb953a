"""Check many claims of a library in worker processes."""

from dataclasses import replace

from ..support.workers import Task, run_tasks
from .checking import Verdict, check
from .discovery import home

__all__ = ["TIME_LIMIT", "check_all", "is_final", "origin"]

TIME_LIMIT = 300.0
_LATE = "time limit"


def _check(package, paper, claim_id):
    """Worker side: the verdict without its steps and proof object, which may be large."""
    return replace(check(home(package, paper)[claim_id]), proof=None, steps=())


def is_final(verdict):
    """Whether another run would come to the same: neither a crash nor a matter of time."""
    return not verdict.error and not verdict.reason.startswith(_LATE)


def origin(claim):
    """The module that a claim is derived in, whose stages its neighbours share."""
    steps = claim.steps
    while hasattr(steps, "func"):
        steps = steps.func
    return getattr(steps, "__module__", None) or ""


def check_all(library, claims, *, jobs=None, time_limit=TIME_LIMIT):
    """Yield a `Verdict` for every claim, as they come.

    A claim that overruns is open with the reason "time limit"; a crash is open
    with its traceback in `error`.
    """
    tasks = [
        Task(claim.id, _check, (library.package, paper, claim.id), group=(paper, origin(claim)))
        for claim in claims
        for paper in [library.paper_of(claim.id)]
    ]
    for outcome in run_tasks(tasks, jobs=jobs, time_limit=time_limit):
        if outcome.late:
            yield Verdict(
                outcome.key, "open", reason=f"{_LATE}: {time_limit:g} s were not enough", seconds=outcome.seconds
            )
        elif outcome.error is not None:
            text = str(outcome.error)
            yield Verdict(
                outcome.key,
                "open",
                reason=f"crashed: {text.strip().splitlines()[-1]}",
                seconds=outcome.seconds,
                error=text,
            )
        else:
            yield outcome.value
