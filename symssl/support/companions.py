"""A companion process for what may stay in C code: a call that is over its budget is killed with it.

The companion is no worker of `support.workers`.  Workers take many tasks, several at a time, and import the
user's script again, which needs a guard for that; any exact method may want a companion, also in a script or a
notebook without a guard, within milliseconds and for one call.  So it is started once and kept, and imports nothing
but what it is asked for.  What both need in order to end with their parent is `support.lifelines`.
"""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import InputError, OverBudget, SymsslError
from .arguments import described
from .budgets import check_time, limited, over_budget, remaining, seconds_of
from .lifelines import end_at_news

__all__ = ["certainly"]

T = TypeVar("T")

_START = 120.0  # seconds in which a companion must have started; a budget counts from then


class _Companion:
    """A Python process that calls functions one at a time."""

    def __init__(self) -> None:
        read, write = (None, None) if os.name == "nt" else os.pipe()
        program = (
            f"import sys; sys.path[:] = {sys.path!r}; from symssl.support.companions import _serve; _serve({read!r})"
        )
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
        raise over_budget(what, limit)
    raise OverBudget(f"{what} ended its process (exit code {companion.process.returncode}): out of memory, or killed")


@atexit.register
def _dismiss() -> None:
    """End idle companions."""
    while _idle:
        _idle.pop().kill()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # a forked process has not the companions of its parent


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
