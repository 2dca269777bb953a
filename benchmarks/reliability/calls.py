"""Malformed calls of the public API: an answer, or one of symssl's own errors that says something, in time.

No text is run, whatever it is wrapped in; a call that does not end is killed and told.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import random
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache

from symssl.errors import SymsslError

from .catalogue import calls
from .report import Report
from .wrong import Own, spoilt, was_evaluated, wrong

BUDGET = 30.0  # seconds that a call may take, whatever it is given
MEMORY = 6 << 30  # bytes that the process may have
_LEAST = 15  # characters below which a message says nothing


@cache
def _catalogue():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return calls(tempfile.mkdtemp(prefix="calls-"))


def malformed(number, seed):
    """Call number `number`: its name, the function, and arguments of which one, or each, is wrong."""
    chance = random.Random(f"{seed} {number}")
    name = chance.choice(sorted(_catalogue()))
    function, args, options = _catalogue()[name]
    args, options = list(args), dict(options)
    places = [*range(len(args)), *options]
    chosen = places if chance.random() < 0.1 else chance.sample(places, min(len(places), chance.choice([1, 1, 1, 2])))
    for place in chosen:
        into = options if isinstance(place, str) else args
        into[place] = wrong(chance) if chance.random() < 0.5 else spoilt(into[place], chance)
    what = ", ".join(f"{place}={_shown(options[place] if isinstance(place, str) else args[place])}" for place in chosen)
    return name, function, args, options, f"{name}({what})"


def _shown(value):
    with contextlib.suppress(Exception):
        text = " ".join(repr(value).split())
        return text if len(text) < 120 else f"{text[:120]}..."
    return f"a {type(value).__name__}"


def tried(name, function, args, options, what):
    """How a call ended, and what is wrong with that, or None."""
    was_evaluated()
    outcome, failure = "answered", None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = function(*args, **options)
            if isinstance(found, Iterator):
                list(itertools.islice(found, 3))
    except SymsslError as error:
        outcome = "refused"
        if len(str(error)) < _LEAST or " object at 0x" in str(error):
            failure = f"says no more than {str(error)!r}"
    except Own:
        outcome = "error of the user's own function"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        usual = name.partition(" ")[0].endswith("__getitem__") and isinstance(error, (LookupError, TypeError))
        if usual:  # what [] raises in Python, and what `in` and `get` rest on
            return "error of []", f"{what}: text was run" if was_evaluated() else None
        outcome, failure = type(error).__name__, f"{type(error).__name__}: {str(error)[:200]} at {_where(error)}"
    if was_evaluated():
        outcome, failure = "evaluated", f"text was run; {failure or outcome}"
    return outcome, failure and f"{what}: {failure}"


def _where(error):
    """The innermost line of the package that the error passed through."""
    trace, found = error.__traceback__, "outside"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if f"{os.sep}symssl{os.sep}" in file and "benchmarks" not in file:
            found = f"{file.rpartition(f'{os.sep}symssl{os.sep}')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _work(pipe, numbers, seed):
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(tempfile.mkdtemp(prefix="calls-"))
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        _catalogue()
        for number in numbers:
            try:
                name, *call, what = malformed(number, seed)
            except Exception as error:  # noqa: BLE001 - SymPy refuses to make some of the wrong objects
                pipe.send((number, "", None))
                pipe.send((number, f"not made: {type(error).__name__}", None))
                continue
            pipe.send((number, what, None))
            pipe.send((number, *tried(name, *call, what)))


def examine(count=10_000, seed=0, only=None):
    """So many malformed calls; `only` names numbers to repeat."""
    report = Report(f"malformed calls of the public API, each at most {BUDGET:g} s", seed)
    _catalogue()
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    rest = list(range(count) if only is None else only)
    while rest:
        ours, theirs = context.Pipe()
        worker = context.Process(target=_work, args=(theirs, rest, seed), daemon=True)
        worker.start()
        theirs.close()
        what = "before the first call"
        try:
            while rest:
                if not ours.poll(BUDGET):
                    raise TimeoutError
                _, what, _ = ours.recv()
                if not ours.poll(BUDGET):
                    raise TimeoutError
                number, outcome, failure = ours.recv()
                report.add(outcome, failure and f"{number}: {failure}")
                rest.pop(0)
        except TimeoutError:
            report.add("endless", f"{rest.pop(0)}: {what}: no end within {BUDGET:g} s")
        except EOFError:
            report.add("process died", f"{rest.pop(0)}: {what}: the process died")
        finally:
            worker.kill()
            worker.join()
    return report
