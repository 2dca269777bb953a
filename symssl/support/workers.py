"""A pool of killable worker processes: every task has its own time limit.

Workers are spawned once and reused; one that overruns is killed and replaced.
Tasks of one group go to one worker as long as there is other work for the rest,
so that what a worker has derived and keeps is used again.  Workers ignore the interrupt key, so Ctrl-C reaches the parent, which ends them.
"""

import os
import pickle
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any

from ..errors import InputError, SymsslError

__all__ = ["Outcome", "Task", "WorkerFailure", "run_one", "run_tasks"]

_IMPORTS = 300.0  # seconds in which a worker must have imported what its task needs; its time limit counts from then


class WorkerFailure(RuntimeError):
    """A task crashed in its worker; the message is the worker's traceback."""


@dataclass(frozen=True)
class Task:
    """``function(*args, **kwargs)``; `group` is a tuple, the coarser division first."""

    key: Any
    function: Callable
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    group: tuple = ()


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
            function, args, kwargs = pipe.recv()  # imports what they are made of
        except EOFError:
            return
        pipe.send("begun")
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

    def __init__(self, group=()):
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()
        self.key, self.busy, self.deadline, self.started, self.group = None, True, None, None, group
        self.time_limit = None

    def give(self, task, time_limit):
        self.pipe.send((task.function, task.args, task.kwargs))
        self.key, self.group, self.busy, self.started = task.key, task.group, True, time.monotonic()
        self.time_limit, self.deadline = (
            time_limit,
            None if time_limit is None else self.started + time_limit + _IMPORTS,
        )

    def begin(self):
        self.started = time.monotonic()
        self.deadline = None if self.time_limit is None else self.started + self.time_limit

    def kill(self):
        self.process.kill()
        self.process.join()
        self.pipe.close()


class _Queue:
    """Tasks that wait, by group."""

    def __init__(self, tasks):
        self.waiting = {}
        self.add(tasks)

    def add(self, tasks):
        for task in tasks:
            task = task if isinstance(task, Task) else Task(*task)
            self.waiting.setdefault(task.group, deque()).append(task)

    def __len__(self):
        return sum(map(len, self.waiting.values()))

    def take(self, group, busy):
        """The next task for a worker that had `group`, when the others are at work on the groups `busy`.

        First its own group, then one near it, then a part nobody is at work on, then the
        largest part; the first group of that part in the order of the tasks.
        """
        if group not in self.waiting:
            sizes = Counter()
            for other, tasks in self.waiting.items():
                sizes[other[:1]] += len(tasks)
            taken = {other[:1] for other in busy}
            part = max(sizes, key=lambda p: (p == group[:1], p not in taken, sizes[p]))
            near = [other for other in self.waiting if other[:1] == part]
            group = next((other for other in near if other not in busy), near[0])
        task = self.waiting[group].popleft()
        if not self.waiting[group]:
            del self.waiting[group]
        return task


def run_tasks(tasks, *, jobs=None, time_limit=None, then=None):
    """Run tasks, `Task` or triples ``key, function, args``, in worker processes; yield each `Outcome` as it comes.

    `time_limit` is in seconds for each task, without the start of the worker and its imports.
    ``then(outcome)`` may give further tasks.  Closing the generator, or an
    exception in the caller's loop, ends the workers.
    """
    queue, jobs = _Queue(tasks), jobs or os.cpu_count() or 1
    workers, orphaned = [], []  # groups whose worker is gone
    try:
        while queue or workers:
            starting = sum(worker.key is None for worker in workers)
            for _ in range(min(jobs - len(workers), len(queue) - starting)):
                workers.append(_Worker(orphaned.pop() if orphaned else ()))
            deadlines = [w.deadline for w in workers if w.deadline is not None]
            pause = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
            wait([w.pipe for w in workers if w.busy], pause)
            for worker in list(workers):
                outcome = _advance(worker)
                if worker.pipe.closed:
                    workers.remove(worker)
                    orphaned.append(worker.group)
                if outcome is not None:
                    queue.add(then(outcome) if then else ())
                    yield outcome
            _hand_out(queue, workers, time_limit, then is not None)
    finally:
        for worker in workers:
            worker.kill()


def _hand_out(queue, workers, time_limit, wait_for_more):
    """Give tasks to idle workers; an idle one goes when no more can come."""
    for worker in [w for w in workers if not w.busy]:
        if queue:
            busy = {other.group for other in workers if other.busy and other.key is not None}
            worker.give(queue.take(worker.group, busy), time_limit)
        elif not (wait_for_more and any(w.busy for w in workers)):
            worker.kill()
            workers.remove(worker)


def _advance(worker):
    """Collect what a worker has to say; kill it when its time is over."""
    key, spent = worker.key, time.monotonic() - (worker.started or time.monotonic())
    if worker.pipe.poll():
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            worker.kill()
            if worker.started is None:
                raise WorkerFailure(f"a worker died while it started (exit code {worker.process.exitcode})") from None
            return Outcome(
                key, error=WorkerFailure(f"the worker died (exit code {worker.process.exitcode})"), seconds=spent
            )
        if answer == "begun":
            worker.begin()
            spent = 0.0
        else:
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
        raise InputError(
            "a time limit needs a claim whose steps and decider are importable functions "
            f"(no lambda, no local function): {error}"
        ) from None
    for outcome in run_tasks([Task(None, function, args, kwargs)], jobs=1, time_limit=time_limit):
        if outcome.late:
            return late(outcome.seconds)
        if outcome.error is not None:
            raise outcome.error
        return outcome.value
