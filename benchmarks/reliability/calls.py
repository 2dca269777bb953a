"""Malformed calls of the public API: an answer, or one of symssl's own errors that says something, in time.

No text is run, whatever it is wrapped in; a call that does not end is killed and told.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import os
import random
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache

import sympy as sp

from symssl.errors import SymsslError

from .catalogue import calls
from .processes import limit_memory, try_apart, where
from .report import Report
from .wrong import Own, raises, spoilt, was_evaluated, wrong

BUDGET = 30.0  # seconds that a call may take, whatever it is given
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
        thing = wrong(chance) if chance.random() < 0.5 else spoilt(into[place], chance)
        into[place] = _settled(function, place, thing)
    what = ", ".join(f"{place}={_shown(options[place] if isinstance(place, str) else args[place])}" for place in chosen)
    return name, function, args, options, f"{name}({what})"


ABSURD = 10**30
_WORK = {"steps", "degree", "count", "samples"}
_CALLED = {"change", "label", "progress"}


def _settled(function, place, value):
    """The value, but for two that are right in their way: what takes long, such as a million steps, and a function.

    The first is made absurd, the second raises an error of its own.
    """
    if not isinstance(place, str):
        names = list(inspect.signature(function).parameters)
        place = names[place] if place < len(names) else ""
    if place in _WORK and isinstance(value, (int, float, sp.Number)) and 2 < value < ABSURD:
        return ABSURD
    return raises if place in _CALLED and callable(value) else value


def _shown(value):
    with contextlib.suppress(Exception):
        text = " ".join(repr(value).split())
        return text if len(text) < 120 else f"{text[:120]}..."
    return f"a {type(value).__name__}"


def tried(name, function, args, options):
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
            return "error of []", "text was run" if was_evaluated() else None
        outcome, failure = type(error).__name__, f"{type(error).__name__}: {str(error)[:200]} at {where(error)}"
    if was_evaluated():
        outcome, failure = "evaluated", f"text was run; {failure or outcome}"
    return outcome, failure


def _work(pipe, numbers, seed):
    limit_memory()
    os.chdir(tempfile.mkdtemp(prefix="calls-"))
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        _catalogue()
        for number in numbers:
            try:
                name, *call, what = malformed(number, seed)
            except Exception as error:  # noqa: BLE001 - SymPy refuses to make some of the wrong objects
                pipe.send("")
                pipe.send((f"not made: {type(error).__name__}", None))
                continue
            pipe.send(what)
            pipe.send(tried(name, *call))


def examine(count=10_000, seed=0, only=None):
    """So many malformed calls; `only` names numbers to repeat."""
    report = Report(f"malformed calls of the public API, each at most {BUDGET:g} s", seed)
    _catalogue()  # a process that is forked has it already
    start = "fork" if hasattr(os, "fork") else "spawn"
    return try_apart(report, _work, range(count) if only is None else only, seed, patience=BUDGET, start=start)
