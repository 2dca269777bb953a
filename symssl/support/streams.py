"""The two streams of a command: its results on standard output, and everything else on standard error.

Code that is not ours, that of a paper or of a process it starts, prints wherever it likes.  While a command
runs `apart`, all of that goes to standard error, and only what is written to `results` is a result.
A process that it forks has no results.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

__all__ = ["apart", "complete_streams", "drop_results", "printed", "results", "undisturbed"]

_STACK: list[IO[str]] = []  # where results go, the last one now; empty where standard output is theirs anyway
_HOOKED: list[Any] = []  # what a forked process does first


def results() -> IO[str]:
    """Where results are written: standard output, also where others are kept from it."""
    return _STACK[-1] if _STACK else sys.stdout


@contextmanager
def apart(keep: bool = False) -> Iterator[None]:
    """Send what is written to standard output to standard error, but for what is written to `results`.

    `keep` leaves it so in the end, in a process that ends with the command: what a paper prints then is no
    result either.
    """
    if _STACK:  # it is so already
        yield
        return
    if not _HOOKED and hasattr(os, "register_at_fork"):
        _HOOKED.append(_without_results)
        os.register_at_fork(after_in_child=_without_results)
    before, handle = sys.stdout, _own_handle(sys.stdout)
    if handle is None:
        _STACK.append(before)
    else:
        before.flush()
        copy = os.dup(handle)
        _STACK.append(
            os.fdopen(copy, "w", encoding=before.encoding, errors="backslashreplace", buffering=_lines(before))
        )
        os.dup2(2, handle)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        if not keep:
            ours, sys.stdout = _STACK.pop(), before
            if handle is not None:
                try:
                    ours.flush()
                finally:
                    os.dup2(ours.fileno(), handle)
                    with suppress(OSError):
                        ours.close()


def _without_results() -> None:
    """A forked process that goes on where its parent is would write everything once more."""
    if _STACK:
        drop_results()


def _own_handle(stream: Any) -> int | None:
    """The handle of standard output where the stream is that; None for one that somebody put in its place."""
    try:
        return 1 if stream.fileno() == 1 and sys.stderr.fileno() == 2 else None
    except (OSError, ValueError, AttributeError):
        return None


def _lines(stream: Any) -> int:
    return 1 if stream.isatty() else -1


@contextmanager
def printed(stream: IO[str]) -> Iterator[IO[str]]:
    """Take what is written to `results` into another stream."""
    _STACK.append(stream)
    try:
        yield stream
    finally:
        _STACK.pop()


def complete_streams() -> None:
    """Open what was closed when the process started, so that no other file is taken for a stream."""
    with suppress(OSError):
        while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(handle)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - it stays open to the end


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let code that is not ours run, and put back what it changes for the rest of the process.

    That is the streams, open ones under their numbers, the working directory, what signals do, the interrupt key
    among them, alarms that are set, and how deep calls may go.
    """
    streams, handles = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr")}, _copies()
    where, deep, handlers, alarms = _working_directory(), sys.getrecursionlimit(), _handlers(), _alarms()
    try:
        yield
    finally:
        for handle, copy in handles.items():
            if not _is_open(handle):
                os.dup2(copy, handle)
            os.close(copy)
        for name, stream in streams.items():
            setattr(sys, name, _reopened(name, stream))
        if where is not None and _working_directory() != where:
            with suppress(OSError):  # it may be gone
                os.chdir(where)
        if sys.getrecursionlimit() != deep:
            sys.setrecursionlimit(deep)
        for alarm in _alarms() - alarms:
            signal.setitimer(alarm, 0)
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                with suppress(ValueError, TypeError, OSError):  # threads other than the first have no say, nor C code
                    signal.signal(number, handler)


def _handlers() -> dict[Any, Any]:
    """What is done at every signal."""
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _alarms() -> set[int]:
    """The clocks that will send a signal."""
    if not hasattr(signal, "getitimer"):
        return set()
    clocks = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
    return {clock for clock in clocks if signal.getitimer(clock)[0]}


def _copies() -> dict[int, int]:
    """Copies of the handles of the three streams that are open."""
    return {handle: os.dup(handle) for handle in range(3) if _is_open(handle)}


def _is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def _reopened(name: str, stream: Any) -> Any:
    """A stream, or where somebody closed standard output or standard error a new one for the same handle."""
    if stream is None or name == "stdin" or not getattr(stream, "closed", False):
        return stream
    handle = 1 if name == "stdout" and not _STACK else 2
    return open(handle, "w", buffering=1, errors="backslashreplace", closefd=False)


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def drop_results() -> None:
    """What is still buffered for the results goes nowhere, so that it fails no second time."""
    with suppress(OSError, ValueError, AttributeError):  # they may be no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, results().fileno())
        finally:
            os.close(nowhere)
