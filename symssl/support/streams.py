"""The two streams of a command: its results on standard output, and everything else on standard error.

Code that is not ours, that of a paper or of a process it starts, prints wherever it likes.  While a command
runs `apart`, all of that goes to standard error, and only what is written to `results` is a result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

__all__ = ["apart", "complete_streams", "drop_results", "printed", "results"]

_STACK: list[IO[str]] = []  # where results go, the last one now; empty where standard output is theirs anyway


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


def drop_results() -> None:
    """What is still buffered for the results goes nowhere, so that it fails no second time."""
    with suppress(OSError, ValueError, AttributeError):  # they may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), results().fileno())
