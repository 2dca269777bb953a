"""Budgets: seconds after which a computation is stopped for certain, whatever it is doing.

Code in Python is stopped where it runs: a watchdog raises an exception in its thread, as the interrupt key
does.  C code answers to no exception: what may stay in it for long is given to `support.companions`.  Of nested
budgets the one that ends first holds.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from heapq import heappop, heappush
from inspect import signature
from itertools import count
from typing import Any, ParamSpec, TypeVar

from ..errors import OverBudget
from .arguments import nonnegative, number

__all__ = [
    "BUDGET",
    "MOST_SECONDS",
    "TRIAL_BUDGET",
    "Clock",
    "budgeted",
    "check_time",
    "limited",
    "over_budget",
    "remaining",
    "seconds_of",
]

P = ParamSpec("P")
T = TypeVar("T")

MOST_SECONDS = 1e9  # some thirty years: more are as good as no limit, and no clock of the system takes much more
BUDGET = 60.0  # seconds that an exact question gets where nobody says more
TRIAL_BUDGET = 20.0  # seconds of one that another method takes over
_LEAST = 0.05  # seconds that a question gets where the time of all is over
_MOMENT = 0.002  # seconds until a thread is looked at again that is leaving its block
_DEPTH = 4  # calls that the end of a block makes, one inside the other
_AGAIN = 1.0  # seconds until an exception that was swallowed is raised once more


def seconds_of(name: str, budget: Any) -> float | None:
    """A budget as a positive finite number of seconds, or None for none; `InputError` for anything else.

    More than thirty years count as thirty years.

    >>> seconds_of("budget", 3)
    3.0
    """
    return None if budget is None else min(number(name, budget, 0), MOST_SECONDS)


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
        self.over = False


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
        """The computation has ended: nothing is raised in its thread any more.

        What was raised before and not yet taken is taken within the next steps of the thread, which calls this.  It is
        not called off: the interpreter would go on looking for it for ever, and in a traced function never come to the
        first line.
        """
        with self.mutex:
            limit.over = True
            while self.waiting and self.waiting[0][2].over:
                heappop(self.waiting)

    def _run(self) -> None:
        while True:
            with self.mutex:
                now = time.monotonic()
                while self.waiting and (self.waiting[0][2].over or self.waiting[0][0] <= now):
                    _, number, limit = heappop(self.waiting)
                    if limit.over:
                        continue
                    leaving = _leaving(limit.thread)
                    if not leaving:
                        _stop(limit.thread)
                    heappush(self.waiting, (now + (_MOMENT if leaving else _AGAIN), number, limit))
                self.asleep = self.waiting[0][0] if self.waiting else float("inf")
                pause = min(self.asleep - now, threading.TIMEOUT_MAX) if self.waiting else -1
            self.news.acquire(timeout=pause)


def _leaving(thread: int) -> bool:
    """Whether a thread is at the end of a block: an exception there, before the first line, would leave it in force.

    A thread is stopped where it may take an exception, and takes it there, so that what its frames show now is what
    the exception would meet.
    """
    frame = sys._current_frames().get(thread)
    for _ in range(_DEPTH):
        if frame is None or frame.f_code is limited.__exit__.__code__:
            return frame is not None
        frame = frame.f_back
    return False


def _stop(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Stopped))


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
            raise over_budget(self.what, self.seconds) from None


def over_budget(what: str, seconds: float) -> OverBudget:
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
                raise over_budget(what, budget) from None

        return within

    return decorate


def _after_fork() -> None:
    """A forked process has not the threads of its parent."""
    global _active, _watchdog
    _active, _watchdog = _Active(), _Watchdog()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
