"""A paper's own functions that run in the process of the command: stopped when their time is over.

What can be given to a worker process is, and is killed there.  A function that names regimes, or a learner, is called
again and again by what runs here.  A loop in Python is stopped where it is; a call that waits, or stays in C code,
ends the process.
"""

import faulthandler
import os
import sys
import threading
from contextlib import contextmanager, suppress

import click

from ..errors import OverBudget
from ..support.budgets import limited

PROCESS = {"ours": False}  # whether this process ends with the command
END = os._exit  # a paper may not call it while its command runs
_GRACE = 2.0  # seconds that an exception may take to be raised
_LAST = 5.0  # and after which the process is ended by C code, should no other thread have come to it


@contextmanager
def watched(seconds, what, remedy=""):
    """Stop a block after some seconds, for certain where the process is ours, with a message; None for no limit.

    Raises
    ------
    OverBudget
        When the time is over.
    """
    if seconds is None:
        yield
        return
    seconds = float(seconds)
    words = f"{what} took longer than {seconds:g} s and was stopped" + (f": see {remedy}" if remedy else "")
    with _ending(seconds, words):
        try:
            with limited(seconds, what):
                yield
        except OverBudget as error:
            if not str(error).startswith(f"{what} was stopped"):  # of a budget inside
                raise
            raise OverBudget(words) from None


@contextmanager
def _ending(seconds, words):
    """End the process, if it is ours, where an exception ends nothing: it waits, or C code keeps the interpreter."""
    if not PROCESS["ours"] or seconds > threading.TIMEOUT_MAX:
        yield
        return
    last = threading.Timer(seconds + _GRACE, _end, (words,))
    last.daemon = True
    last.start()
    with suppress(OSError, ValueError, AttributeError):  # standard error may be no file
        faulthandler.dump_traceback_later(seconds + _GRACE + _LAST, exit=True, file=sys.stderr)
    try:
        yield
    finally:
        last.cancel()
        faulthandler.cancel_dump_traceback_later()


def _end(words):
    with suppress(OSError, ValueError):
        click.echo(f"symssl: {words}", err=True)
    end_now(1)


def end_now(code):
    """End this process and its workers, without what is left to be done at the end."""
    if "multiprocessing" in sys.modules:
        from multiprocessing import active_children

        for child in active_children():
            child.kill()
    END(code)
