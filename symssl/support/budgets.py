"""Budgets: seconds after which a computation is stopped for certain, whatever it is doing.

Code in Python is stopped where it runs: a watchdog raises an exception in its thread, as the interrupt key
does.  C code answers to no exception, so what may stay in it for long goes to a companion process, which is
killed.  Of nested budgets the one that ends first holds.

The companion is no worker of `support.workers`.  Workers take many tasks, several at a time, and import the
user's script again, which needs a guard for that; any exact method may want a companion, also in a script or a
notebook without a guard, within milliseconds and for one call.  So it is started once and kept, and imports nothing
but what it is asked for.  What both need in order to end with their parent is `support.lifelines`.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from heapq import heappop, heappush
from inspect import signature
from itertools import count
from typing import Any, ParamSpec, TypeVar

from ..errors import InputError, OverBudget, SymsslError
from .arguments import described, nonnegative, number
from .lifelines import end_at_news

__all__ = ["Clock", "budgeted", "certainly", "check_time", "limited", "remaining", "seconds_of"]

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST = 1e8  # seconds
_LEAST = 0.05  # seconds that a question gets where the time of all is over
_AGAIN = 1.0  # seconds until an exception that was swallowed is raised once more
_START = 120.0  # seconds in which a companion must have started; a budget counts from then


def seconds_of(name: str, budget: Any) -> float | None:
    """A budget as a positive finite number of seconds, or None for none; `InputError` for anything else.

    More than three years count as three years.

    >>> seconds_of("budget", 3)
    3.0
    """
    return None if budget is None else min(number(name, budget, 0), _LONGEST)


class Clock:
    """Seconds that several questions share; None for no limit.

    >>> clock = Clock(10)
    >>> 4 < clock.share(1 / 2) <= 5, Clock(None).share(1 / 2)
    (True, None)
    """

    def __init__(self, seconds: float | None) -> None:
        given = seconds_of("seconds", seconds)
        self.end = None if given is None else time.monotonic() + given

    def share(self, part: float) -> float | None:
        """A part of the seconds that are left, and never less than 0.05."""
        part = nonnegative("part", part)
        return None if self.end is None else max(part * (self.end - time.monotonic()), _LEAST)


# -- in this process -----------------------------------------------------------------------


class _Stopped(BaseException):
    """Raised in a thread whose time is over; no `except Exception` takes it for an answer."""


class _Active(threading.local):
    """The budgets of a thread, the inner ones last."""

    def __init__(self) -> None:
        self.limits: list[_Limit] = []


class _Limit:
    """One budget in force."""

    def __init__(self, deadline: float) -> None:
        self.deadline, self.thread = deadline, threading.get_ident()
        self.over = self.fired = False


class _Watchdog:
    """A thread that stops others when their time is over.

    An exception may come in the middle of any function in Python, so that the locks here are taken by C code alone:
    `with` and a plain lock leave no moment at which one is held and nobody will give it back.
    """

    def __init__(self) -> None:
        self.mutex, self.news = threading.Lock(), threading.Lock()  # who waits for news acquires, who has some releases
        self.news.acquire()
        self.waiting: list[tuple[float, int, _Limit]] = []
        self.numbers = count()
        self.asleep = float("inf")  # until when the thread sleeps: nobody wakes it for what is later
        self.thread: threading.Thread | None = None

    def watch(self, limit: _Limit) -> None:
        with self.mutex:
            heappush(self.waiting, (limit.deadline, next(self.numbers), limit))
            first = limit.deadline < self.asleep
            self.asleep = min(self.asleep, limit.deadline)
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="budgets", daemon=True)
                self.thread.start()
        if first:
            self._tell()

    def _tell(self) -> None:
        with suppress(RuntimeError):  # there is news already
            self.news.release()

    def forget(self, limit: _Limit) -> None:
        """The computation has ended: nothing is raised in its thread any more."""
        with self.mutex:
            limit.over = True
            if limit.fired:
                _raise_in(limit.thread, None)
            while self.waiting and self.waiting[0][2].over:
                heappop(self.waiting)

    def _run(self) -> None:
        while True:
            with self.mutex:
                now = time.monotonic()
                while self.waiting and (self.waiting[0][2].over or self.waiting[0][0] <= now):
                    _, number, limit = heappop(self.waiting)
                    if not limit.over:
                        limit.fired = True
                        _raise_in(limit.thread, _Stopped)
                        heappush(self.waiting, (now + _AGAIN, number, limit))
                self.asleep = self.waiting[0][0] if self.waiting else float("inf")
                pause = min(self.asleep - now, threading.TIMEOUT_MAX) if self.waiting else -1
            self.news.acquire(timeout=pause)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(kind) if kind is not None else None
    )


_active = _Active()
_watchdog = _Watchdog()


def remaining() -> float | None:
    """Seconds left of the budget that ends first in this thread; None where there is none."""
    limits = _active.limits
    return limits[-1].deadline - time.monotonic() if limits else None


def check_time() -> None:
    """Stop here if a budget of this thread is over: for loops that call C code one piece after the other."""
    limits = _active.limits
    if limits and time.monotonic() >= limits[-1].deadline:
        raise _Stopped


class limited:
    """A block that is stopped after some seconds, with an `OverBudget` that says what was stopped.

    An outer budget that is over first ends both.  Nothing is stopped for None.

    Raises
    ------
    InputError
        For what is no positive finite number.
    OverBudget
        When the time is over.

    >>> with limited(0.05, "counting"):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
    symssl.errors.OverBudget: counting was stopped after its budget of 0.05 s; a larger one is given as budget=
    """

    def __init__(self, seconds: float | None, what: str = "the computation") -> None:
        self.seconds, self.what = seconds_of("budget", seconds), what
        self._limit: _Limit | None = None
        self._outer: _Limit | None = None

    def __enter__(self) -> None:
        if self.seconds is None:
            return
        limits, own = _active.limits, time.monotonic() + self.seconds
        self._outer = limits[-1] if limits else None
        self._limit = _Limit(own if self._outer is None else min(own, self._outer.deadline))
        limits.append(self._limit)
        _watchdog.watch(self._limit)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        limit, stopped = self._limit, kind is _Stopped
        if limit is None or self.seconds is None:
            return
        while True:  # the exception may still come until the watchdog has been told
            try:
                limits = _active.limits
                for inner in limits[limits.index(limit) :]:  # inner ones are left where they were stopped at the start
                    _watchdog.forget(inner)
                del limits[limits.index(limit) :]
                break
            except _Stopped:
                continue
            except ValueError:  # it was taken out by an outer one
                break
        if stopped and not (self._outer is not None and time.monotonic() >= self._outer.deadline):
            raise _over_budget(self.what, self.seconds) from None


def _over_budget(what: str, seconds: float) -> OverBudget:
    """What is raised when something was stopped."""
    return OverBudget(f"{what} was stopped after its budget of {seconds:g} s; a larger one is given as budget=")


def budgeted(what: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A decorator: the function runs within the seconds of its parameter `budget`.

    >>> @budgeted("the endless loop")
    ... def endless(*, budget: float | None = 0.05) -> None:
    ...     while True:
    ...         pass
    >>> endless()
    Traceback (most recent call last):
    symssl.errors.OverBudget: the endless loop was stopped after its budget of 0.05 s; a larger one is given as budget=
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        default = signature(function).parameters["budget"].default

        @wraps(function)
        def within(*args: P.args, **kwargs: P.kwargs) -> T:
            budget: Any = kwargs.get("budget", default)
            try:
                with limited(budget, what):
                    return function(*args, **kwargs)
            except _Stopped:  # it came at the very end of the block
                if _active.limits:
                    raise
                raise _over_budget(what, budget) from None

        return within

    return decorate


# -- in a companion process ----------------------------------------------------------------


class _Companion:
    """A Python process that calls functions one at a time."""

    def __init__(self) -> None:
        read, write = (None, None) if os.name == "nt" else os.pipe()
        program = f"import sys; sys.path[:] = {sys.path!r}; from symssl.support.budgets import _serve; _serve({read!r})"
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=() if read is None else (read,),
                start_new_session=os.name != "nt",  # the interrupt key is for the parent, which ends its companion
            )
        finally:
            if read is not None:
                os.close(read)
        self.lifeline = write  # nothing is ever written: the kernel closes it with the parent
        self.answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.used = False
        threading.Thread(target=self._listen, name="budgets: answers", daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                self.answers.put(pickle.load(self.process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self.answers.put(None)

    def call(self, request: bytes, seconds: float) -> tuple[str, Any]:
        """("value" or "error", what), or ("late", None), ("dead", None)."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(request)
            self.process.stdin.flush()
            if not self.used:
                self.used = True
                if self.answers.get(timeout=_START) is None:
                    return "dead", None
            answer: tuple[str, Any] | None = self.answers.get(timeout=seconds)
        except queue.Empty:
            return "late", None
        except OSError:
            return "dead", None
        return answer or ("dead", None)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except (OSError, ValueError):  # what was on its way is lost with the process
                pass
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None


_idle: list[_Companion] = []
_here = threading.Event()  # set in a companion


def certainly(function: Callable[..., T], *args: Any, seconds: float | None, what: str = "the computation") -> T:
    """``function(*args)`` in a companion process that is killed when the time is over.

    The function is one of a module, and arguments and result can be pickled.  Inside a companion, and without
    any budget, it is called at once.

    Raises
    ------
    OverBudget
        When the time, or that of a budget around it, is over.

    >>> certainly(len, "abc", seconds=30)
    3
    """
    seconds = seconds_of("budget", seconds)
    left = remaining()
    if _here.is_set() or (seconds is None and left is None):
        with limited(seconds, what):
            return function(*args)
    try:
        request = pickle.dumps((function, args, min(t for t in (seconds, left) if t is not None)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError(f"{what} cannot be given to another process: {error}") from None
    companion = _idle.pop() if _idle else _Companion()
    done = False
    try:
        limit = min(t for t in (seconds, remaining()) if t is not None)
        kind, value = companion.call(request, max(limit, 0.01))
        done = kind in ("value", "error")
    finally:
        if done and not _idle:
            _idle.append(companion)
        else:
            companion.kill()
    check_time()
    if kind == "value":
        result: T = value
        return result
    if kind == "error":
        raise value
    if kind == "late":
        raise _over_budget(what, limit)
    raise OverBudget(f"{what} ended its process (exit code {companion.process.returncode}): out of memory, or killed")


@atexit.register
def _dismiss() -> None:
    """End idle companions."""
    while _idle:
        _idle.pop().kill()


def _after_fork() -> None:
    """A forked process has neither the threads nor the companions of its parent."""
    global _active, _watchdog
    _active, _watchdog = _Active(), _Watchdog()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _serve(lifeline: int | None) -> None:
    """The loop of a companion: calls come by standard input, answers go out by what was standard output."""
    _here.set()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a function prints is no answer
    _end_with_parent(lifeline)
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        try:
            while True:
                requests.put(pickle.load(sys.stdin.buffer))
        except BaseException:  # noqa: BLE001 - whatever is wrong with the parent, its companion ends
            os._exit(1)

    # the first request is read here, since it imports what it is made of
    request = _first(sys.stdin.buffer)
    _send(answers, "ready")
    threading.Thread(target=listen, daemon=True).start()
    while True:
        function, args, seconds = request
        _limit_cpu(seconds)
        answer: tuple[str, Any]
        try:
            answer = "value", function(*args)
        except SymsslError as error:
            answer = "error", error
        except Exception:  # noqa: BLE001 - whatever goes wrong is the caller's to see
            answer = "error", RuntimeError(traceback.format_exc())
        _send(answers, answer)
        request = requests.get()


def _first(stream: Any) -> Any:
    try:
        return pickle.load(stream)
    except EOFError:  # the parent has gone
        os._exit(0)


def _send(stream: Any, answer: Any) -> None:
    try:
        data = pickle.dumps(answer)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        data = pickle.dumps(("error", RuntimeError(f"the result of {described(answer)} cannot be sent: {error}")))
    try:
        stream.write(data)
        stream.flush()
    except OSError:  # the parent has gone
        os._exit(0)


def _end_with_parent(lifeline: int | None) -> None:
    """End this process when its parent has gone, which may be so already."""
    if lifeline is None:
        return
    import select

    end_at_news(lifeline)
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)


def _limit_cpu(seconds: float) -> None:
    """Let the kernel end this process when it computes for longer than it may, should nobody be left to kill it."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(time.process_time() + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
