"""Cases tried in a process of their own, which is killed and replaced where one of them does not end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os

MEMORY = 6 << 30  # bytes that the process may have
START = 600.0  # seconds until its first case: it may make those before it once more, on a busy machine


def limit_memory():
    """Bound the memory of this process, so that what asks for all there is fails in it alone."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def where(error):
    """The innermost line of the package that an error passed through."""
    trace, found = error.__traceback__, "outside"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if f"{os.sep}symssl{os.sep}" in file and "benchmarks" not in file:
            found = f"{file.rpartition(f'{os.sep}symssl{os.sep}')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def try_apart(report, work, numbers, seed, *, patience, start="spawn"):
    """Add the case of every number to a report.

    ``work(pipe, numbers, seed)`` sends for each number in turn what it is about to try, in words, and then the
    outcome with what is wrong with it, or None.  A case of which nothing is heard for `patience` seconds, and one
    with which the process goes down, is a failure of its own.
    """
    rest = list(numbers)
    context = multiprocessing.get_context(start)
    while rest:
        ours, theirs = context.Pipe()
        worker = context.Process(target=work, args=(theirs, rest, seed))
        worker.start()
        theirs.close()
        shown, first = "before the first case", START
        try:
            while rest:
                shown, first = _heard(ours, max(first, patience)), 0.0
                outcome, failure = _heard(ours, patience)
                report.add(outcome, failure and f"{rest[0]}: {shown}: {failure}")
                rest.pop(0)
        except TimeoutError:
            report.add("endless", f"{rest.pop(0)}: {shown}: no end within {patience:g} s")
        except EOFError:
            report.add("process died", f"{rest.pop(0)}: {shown}: the process died")
        finally:
            worker.kill()
            worker.join()
    return report


def _heard(pipe, patience):
    if not pipe.poll(patience):
        raise TimeoutError
    return pipe.recv()
