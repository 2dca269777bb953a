"""Check many claims of a library in worker processes, or those of one paper in this one."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..errors import InputError, SymsslError
from ..support.arguments import instance_of, number, sequence_of, whole
from ..support.workers import Task, run_tasks
from .checking import Verdict, check
from .claim import Claim
from .discovery import Library, home

__all__ = ["TIME_LIMIT", "check_all", "check_here", "is_final", "origin"]

TIME_LIMIT = 300.0
_LATE = "time limit"


def _check(package: str, paper: str, claim_id: str) -> Verdict:
    """Worker side: the verdict without its steps and proof object, which may be large."""
    return replace(check(home(package, paper)[claim_id]), proof=None, steps=())


def is_final(verdict: Verdict) -> bool:
    """Whether another run would come to the same: neither a crash nor a matter of time."""
    return not verdict.error and not verdict.reason.startswith(_LATE)


def origin(claim: Claim) -> str:
    """The module that a claim is derived in, whose stages its neighbours share."""
    steps = claim.steps
    while hasattr(steps, "func"):
        steps = steps.func
    return getattr(steps, "__module__", None) or ""


def _crashed(claim_id: str, text: str, seconds: float = 0.0) -> Verdict:
    reason = f"crashed: {text.strip().splitlines()[-1]}"
    return Verdict(claim_id, "open", reason=reason, seconds=seconds, error=text)


def check_all(
    library: Library, claims: Iterable[Claim], *, jobs: int | None = None, time_limit: float = TIME_LIMIT
) -> Iterator[Verdict]:
    """Yield a `Verdict` for every claim, as they come.

    Parameters
    ----------
    library, claims : a library and some claims of it.
    jobs : number of worker processes; as many as there are cores if not given.
    time_limit : seconds for each claim.

    A claim that overruns is open with the reason "time limit"; a crash is open
    with its traceback in `error`.

    Raises
    ------
    InputError
        for a claim that is not of this library.
    """
    instance_of("library", library, Library)
    limit = number("time_limit", time_limit, 0)
    tasks = []
    for claim in sequence_of("claims", claims, "claims of the library"):
        instance_of("each of the claims", claim, Claim)
        paper = library.paper_of(claim.id)
        tasks.append(Task(claim.id, _check, (library.package, paper, claim.id), group=(paper, origin(claim))))
    return _verdicts(tasks, None if jobs is None else whole("jobs", jobs, 1), limit)


def _verdicts(tasks: list[Task], jobs: int | None, limit: float) -> Iterator[Verdict]:
    for outcome in run_tasks(tasks, jobs=jobs, time_limit=limit):
        if outcome.late:
            reason = f"{_LATE}: {limit:g} s were not enough"
            yield Verdict(outcome.key, "open", reason=reason, seconds=outcome.seconds)
        elif outcome.error is not None:
            yield _crashed(outcome.key, str(outcome.error), outcome.seconds)
        else:
            yield outcome.value


def check_here(claims: Iterable[Claim]) -> Iterator[Verdict]:
    """Yield a `Verdict` for every claim, one after the other in this process; a crash is open, as in `check_all`."""
    for claim in claims:
        try:
            yield check(claim)
        except InputError:
            raise
        except SymsslError as error:
            yield _crashed(claim.id, str(error))
        except (Exception, SystemExit, GeneratorExit):  # noqa: BLE001 - the others are still decided
            yield _crashed(claim.id, traceback.format_exc())
