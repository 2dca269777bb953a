"""A pool of killable worker processes: every task has its own time limit.

Workers are spawned once and reused; one that overruns is killed and replaced.
Tasks of one group go to one worker as long as there is other work for the rest,
so that what a worker has derived and keeps is used again.  Workers ignore the interrupt
key, so Ctrl-C reaches the parent, which ends them.  A worker with nothing left to do ends by itself,
and so does one whose parent is gone, in whatever way it went.  What a task prints goes to standard
error; nothing that it does ends more than the task.

One call of C code that has to end goes to the companion process of `support.companions` instead.
"""

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import current_process, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from ..errors import InputError, SymsslError
from .arguments import described, sequence_of, whole
from .budgets import seconds_of
from .display import words_of
from .lifelines import end_at_news

__all__ = ["Outcome", "Task", "WorkerFailure", "cores", "run_one", "run_tasks"]

_LONGEST = 1e6  # seconds that one call of the system waits: some count milliseconds in 32 bits
_IMPORTS = 300.0  # seconds in which a worker must have imported what its task needs; its time limit counts from then
_PATIENCE = 5.0  # seconds in which an idle worker must have ended once its pipe is closed
_STARTS = 3  # workers in a row that may die before their first task


class WorkerFailure(RuntimeError):
    """A task crashed in its worker; the message is the worker's traceback, `words` the exception in one line."""

    def __init__(self, text: str, words: str = "") -> None:
        super().__init__(text)
        self.words = words or text.strip().rpartition("\n")[2]


@dataclass(frozen=True)
class Task:
    """``function(*args, **kwargs)``; `group` is a tuple, the coarser division first."""

    key: Any
    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    group: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a value, an exception, or `late`; `died` where its worker went down with it."""

    key: Any
    value: Any = None
    error: Exception | None = None
    late: bool = False
    seconds: float = 0.0
    died: bool = False


def cores() -> int:
    """How many processes this one may have at work at the same time: the cores that it may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _serve(pipe: Connection) -> None:
    """Worker loop: receive ``(function, args, kwargs)``, send back ``(value, error)``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _one_thread_of_linear_algebra()
    _end_with_the_parent()
    _print_to_standard_error()
    if hasattr(os, "register_at_fork"):  # what a task forks gives no answers
        os.register_at_fork(after_in_child=pipe.close)
    current_process().daemon = False  # for the parent it is one; here it may have workers of its own
    with suppress(OSError):  # the parent may just have gone
        _answer(pipe)


def _answer(pipe: Connection) -> None:
    pipe.send("ready")
    while True:
        try:
            function, args, kwargs = pipe.recv()  # imports what they are made of
        except EOFError:
            return
        pipe.send("begun")
        answer: tuple[Any, Exception | None]
        try:
            answer = function(*args, **kwargs), None
        except SymsslError as error:
            answer = None, error
        except BaseException as error:  # noqa: BLE001 - whatever a task does wrong, `sys.exit(0)` too, the worker goes on
            answer = None, WorkerFailure(traceback.format_exc(), words_of(error))
        try:
            pipe.send(answer)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - what pickling raises depends on what is pickled
            pipe.send((None, WorkerFailure(f"the result cannot be sent back: {error}")))


def _one_thread_of_linear_algebra() -> None:
    """Threads of BLAS that wait for a core spin: workers beside each other would fight for cores.

    It is read when NumPy is imported, and what the user has set holds.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _end_with_the_parent() -> None:
    """End this process when its parent does, which closes a pipe: by the system, and by a thread where it cannot."""
    parent = parent_process()
    if parent is None:
        return

    def wait_for_it() -> None:
        wait([parent.sentinel])
        os._exit(1)

    end_at_news(parent.sentinel)
    threading.Thread(target=wait_for_it, name="end with the parent", daemon=True).start()


def _print_to_standard_error() -> None:
    """Whatever a task prints, in Python, in C or in a process that it starts, is no result of the command."""
    sys.stdout = sys.stderr
    with suppress(OSError):
        os.dup2(2, 1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back the interrupt key, so that a worker inherits that it is held back from its first moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it starts with the first worker otherwise, and lets the key through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_NO_START = (
    "worker processes die while they start (exit code {}): a script that uses them keeps what it does below "
    'if __name__ == "__main__":'
)


class _Worker:
    """One process and the task it has in hand."""

    def __init__(self, group: tuple[Any, ...] = ()) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()
        self.key: Any = None
        self.group = group
        self.busy = True
        self.started: float | None = None
        self.deadline: float | None = None
        self.time_limit: float | None = None

    def give(self, task: Task, time_limit: float | None) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has just died; reading its answer says so
            self.pipe.send((task.function, task.args, task.kwargs))
        self.key, self.group, self.busy, self.started = task.key, task.group, True, time.monotonic()
        self.time_limit, self.deadline = (
            time_limit,
            None if time_limit is None else self.started + time_limit + _IMPORTS,
        )

    def begin(self) -> None:
        self.started = time.monotonic()
        self.deadline = None if self.time_limit is None else self.started + self.time_limit

    def dismiss(self) -> None:
        """Let an idle worker return by closing its pipe, and end as a program does; one that does not is killed."""
        self.pipe.close()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class _Queue:
    """Tasks that wait, by group."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.waiting: dict[tuple[Any, ...], deque[Task]] = {}
        self.add(tasks)

    def add(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self.waiting.setdefault(task.group, deque()).append(task)

    def __len__(self) -> int:
        return sum(map(len, self.waiting.values()))

    def take(self, group: tuple[Any, ...], busy: set[tuple[Any, ...]]) -> Task:
        """The next task for a worker that had `group`, when the others are at work on the groups `busy`.

        First its own group, then one near it, then a part nobody is at work on, then the
        largest part; the first group of that part in the order of the tasks.
        """
        if group not in self.waiting:
            sizes: Counter[tuple[Any, ...]] = Counter()
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


def run_tasks(
    tasks: Iterable[Task | tuple[Any, ...]],
    *,
    jobs: int | None = None,
    time_limit: float | None = None,
    then: Callable[[Outcome], Iterable[Task]] | None = None,
) -> Generator[Outcome, None, None]:
    """Run tasks, `Task` or triples ``key, function, args``, in worker processes; yield each `Outcome` as it comes.

    `jobs` is how many workers there are at most, and never more than tasks or `cores`; as many as possible
    if not given.  `time_limit` is in seconds for each task, without the start of the worker and its imports.
    ``then(outcome)`` may give further tasks.  Closing the generator, or an
    exception in the caller's loop, ends the workers.

    Raises
    ------
    InputError
        for tasks that are none, fewer than one worker, or a time limit that is not positive.
    SymsslError
        where no worker can be started.

    >>> [outcome.value for outcome in run_tasks([("length", len, ("abc",))], jobs=1)]
    [3]
    """
    queue = _Queue(_task(task) for task in sequence_of("tasks", tasks, "tasks"))
    count = min(whole("jobs", jobs, 1), cores()) if jobs is not None else cores()
    limit = seconds_of("time_limit", time_limit)
    if then is not None and not callable(then):
        raise InputError(f"then must be a function of an outcome, not {described(then)}")
    return _run(queue, count, limit, then)


def _task(task: Task | tuple[Any, ...]) -> Task:
    parts = () if isinstance(task, Task) else sequence_of("each of the tasks", task, "key, function and arguments")
    if not isinstance(task, Task) and len(parts) not in (2, 3):
        raise InputError(f"each of the tasks must be a Task, or key, function and arguments, not {described(task)}")
    made = task if isinstance(task, Task) else Task(*parts)
    if not callable(made.function):
        raise InputError(f"a task must be a function, not {described(made.function)}")
    return made


def _run(
    queue: _Queue, jobs: int, time_limit: float | None, then: Callable[[Outcome], Iterable[Task]] | None
) -> Generator[Outcome, None, None]:
    workers: list[_Worker] = []
    orphaned: list[tuple[Any, ...]] = []  # groups whose worker is gone
    stillborn = 0  # workers in a row that died before they were ready
    try:
        while queue or workers:
            starting = sum(worker.key is None for worker in workers)
            for _ in range(min(jobs - len(workers), len(queue) - starting)):
                workers.append(_Worker(orphaned.pop() if orphaned else ()))  # noqa: PERF401 - one that has started is known before the next one starts
            deadlines = [w.deadline for w in workers if w.deadline is not None]
            pause = min(max(0.0, min(deadlines) - time.monotonic()), _LONGEST) if deadlines else None
            wait([w.pipe for w in workers if w.busy], pause)
            for worker in list(workers):
                outcome = _advance(worker)
                stillborn = stillborn + worker.pipe.closed if worker.started is None else 0
                if stillborn >= _STARTS:
                    raise SymsslError(_NO_START.format(worker.process.exitcode))
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


def _hand_out(queue: _Queue, workers: list[_Worker], time_limit: float | None, wait_for_more: bool) -> None:
    """Give tasks to idle workers; an idle one goes when no more can come."""
    for worker in [w for w in workers if not w.busy]:
        if queue:
            busy = {other.group for other in workers if other.busy and other.key is not None}
            worker.give(queue.take(worker.group, busy), time_limit)
        elif not (wait_for_more and any(w.busy for w in workers)):
            worker.dismiss()
            workers.remove(worker)


def _advance(worker: _Worker) -> Outcome | None:
    """Collect what a worker has to say; kill it when its time is over."""
    key, spent = worker.key, time.monotonic() - (worker.started or time.monotonic())
    if worker.pipe.poll():
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            worker.kill()
            if worker.started is None:
                return None  # before its first task: another takes its place
            died = WorkerFailure(f"the worker died (exit code {worker.process.exitcode})")
            return Outcome(key, error=died, seconds=spent, died=True)
        if answer == "begun":
            worker.begin()
            spent = 0.0
        else:
            worker.busy, worker.deadline = False, None
            if answer == "ready":
                return None
            value, error = answer
            return Outcome(key, value, error, seconds=spent)
    if worker.deadline is not None and time.monotonic() >= worker.deadline:
        worker.kill()
        return Outcome(key, late=True, seconds=spent)
    return None


def run_one(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    time_limit: float | None,
    late: Callable[[float], Any],
) -> Any:
    """Run one call in a worker; ``late(seconds)`` gives the value when the time is over."""
    try:
        pickle.dumps((function, args, kwargs))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError(
            "a time limit needs a claim whose steps and decider are importable functions "
            f"(no lambda, no local function): {error}"
        ) from None
    (outcome,) = run_tasks([Task(None, function, args, kwargs)], jobs=1, time_limit=time_limit)
    if outcome.late:
        return late(outcome.seconds)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value
