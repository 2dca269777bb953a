"""A pool of killable worker processes: every task has its own time limit.

Workers are spawned once and reused; one that overruns is killed and replaced.
Workers ignore the interrupt key, so Ctrl-C reaches the parent, which ends them.
"""

import os
import pickle
import signal
import time
import traceback
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any

from ..errors import InputError, SymsslError

__all__ = ["Outcome", "WorkerFailure", "run_one", "run_tasks"]


class WorkerFailure(RuntimeError):
    """A task crashed in its worker; the message is the worker's traceback."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a value, an exception, or `late`."""

    key: Any
    value: Any = None
    error: Exception | None = None
    late: bool = False
    seconds: float = 0.0


def _serve(pipe):
    """Worker loop: receive ``(function, args, kwargs)``, send back ``(value, error)``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe.send("ready")
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = function(*args, **kwargs), None
        except SymsslError as error:
            answer = None, error
        except Exception:
            answer = None, WorkerFailure(traceback.format_exc())
        try:
            pipe.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            pipe.send((None, WorkerFailure(f"the result cannot be sent back: {error}")))


@contextmanager
def _uninterrupted():
    """Hold back the interrupt key, so that a worker inherits that it is held back from its first moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """One process and the task it has in hand."""

    def __init__(self):
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()
        self.key, self.busy, self.deadline, self.started = None, True, None, None

    def give(self, key, task, time_limit):
        self.pipe.send(task)
        self.key, self.busy, self.started = key, True, time.monotonic()
        self.deadline = None if time_limit is None else self.started + time_limit

    def kill(self):
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run_tasks(tasks, *, jobs=None, time_limit=None):
    """Run ``key, function, args`` triples in worker processes; yield each `Outcome` as it comes.

    `time_limit` is in seconds for each task, without the start of the worker.
    Closing the generator, or an exception in the caller's loop, ends the workers.
    """
    queue = deque((key, (function, args, {})) for key, function, args in tasks)
    jobs = min(jobs or os.cpu_count() or 1, len(queue))
    workers = []
    try:
        workers += [_Worker() for _ in range(jobs)]
        while workers:
            for worker in list(workers):
                outcome = _advance(worker)
                if outcome is not None:
                    yield outcome
                if worker.pipe.closed:
                    workers.remove(worker)
                    if queue:
                        workers.append(_Worker())
                elif not worker.busy:
                    if not queue:
                        worker.kill()
                        workers.remove(worker)
                    else:
                        worker.give(*queue.popleft(), time_limit)
            deadlines = [w.deadline for w in workers if w.deadline is not None]
            pause = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
            if workers:
                wait([w.pipe for w in workers], pause)
    finally:
        for worker in workers:
            worker.kill()


def _advance(worker):
    """Collect what a worker has to say; kill it when its time is over."""
    key, spent = worker.key, time.monotonic() - (worker.started or time.monotonic())
    if worker.pipe.poll():
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            worker.kill()
            return Outcome(key, error=WorkerFailure(f"the worker died (exit code {worker.process.exitcode})"),
                           seconds=spent)
        worker.busy, worker.deadline = False, None
        return None if answer == "ready" else Outcome(key, *answer, seconds=spent)
    if worker.deadline is not None and time.monotonic() >= worker.deadline:
        worker.kill()
        return Outcome(key, late=True, seconds=spent)
    return None


def run_one(function, args, kwargs, time_limit, late):
    """Run one call in a worker; ``late(seconds)`` gives the value when the time is over."""
    try:
        pickle.dumps((function, args, kwargs))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError("a time limit needs a claim whose steps and decider are importable functions "
                         f"(no lambda, no local function): {error}") from None
    for outcome in run_tasks([(None, _call, (function, args, kwargs))], jobs=1, time_limit=time_limit):
        if outcome.late:
            return late(outcome.seconds)
        if outcome.error is not None:
            raise outcome.error
        return outcome.value


def _call(function, args, kwargs):
    return function(*args, **kwargs)
