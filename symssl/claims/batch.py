"""Check many claims of a library in worker processes."""

from dataclasses import replace

from .checking import Verdict, check
from .discovery import discover
from .pool import run_tasks

__all__ = ["TIME_LIMIT", "check_all"]

TIME_LIMIT = 300.0


def _check(package, claim_id):
    """Worker side: the verdict without its proof object, which may be large."""
    return replace(check(discover(package).claim(claim_id)), proof=None)


def check_all(library, claims, *, jobs=None, time_limit=TIME_LIMIT):
    """Yield a `Verdict` for every claim, as they come.

    A claim that overruns is open with the reason "time limit"; a crash is open
    with its traceback in `error`.
    """
    tasks = [(claim.id, _check, (library.package, claim.id)) for claim in claims]
    for outcome in run_tasks(tasks, jobs=jobs, time_limit=time_limit):
        if outcome.late:
            yield Verdict(outcome.key, "open", reason=f"time limit: {time_limit:g} s were not enough",
                          seconds=outcome.seconds)
        elif outcome.error is not None:
            text = str(outcome.error)
            yield Verdict(outcome.key, "open", reason=f"crashed: {text.strip().splitlines()[-1]}",
                          seconds=outcome.seconds, error=text)
        else:
            yield outcome.value
