"""Processes that end with their parent, however that ends.

The end of a process closes its end of a pipe, which is news at the other end.  A thread that waits for news can do
nothing while C code keeps the interpreter, so the system is asked to end the process.
"""

import os
import signal
import sys
from contextlib import suppress

__all__ = ["end_at_news"]


def end_at_news(handle: int) -> None:
    """Let Linux end this process, C code or not, when there is news on a pipe or when it is closed.

    Elsewhere nothing happens, and a thread has to wait for the news.
    """
    if sys.platform != "linux":
        return
    import fcntl

    signal.signal(signal.SIGIO, signal.SIG_DFL)  # a handler may have been inherited
    with suppress(OSError):
        fcntl.fcntl(handle, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(handle, fcntl.F_SETFL, fcntl.fcntl(handle, fcntl.F_GETFL) | os.O_ASYNC)
