"""A short seeded sample of every part of ``python -m benchmarks reliability``: nothing in it may fail."""

import os
import time
from importlib import import_module

import pytest

from benchmarks.reliability import PARTS

SAMPLE = {
    "calls": 150,
    "command_lines": 60,
    "fields": 30,
    "solutions": 20,
    "branches": 4,
    "models": 1,
    "kills": 1,
    "files": 60,
}
SEED = 1


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_nothing_fails_in_a_sample(part):
    report = import_module(f"benchmarks.reliability.{part}").examine(SAMPLE[part], SEED)
    assert report.tried and not report.failures, "\n".join(report.failures[:10])


def test_the_examination_of_calls_sees_what_is_wrong():
    """Each way to fail is told with its call: an error from inside, text that is run, a message of nothing."""
    import sympy as sp

    from benchmarks.reliability.calls import malformed, tried
    from benchmarks.reliability.wrong import CODE, Own
    from symssl import InputError

    def raising(error):
        def function():
            raise error

        return tried("f", function, (), {})

    assert raising(KeyError("x"))[1].startswith("KeyError") and raising(SystemExit(0))[1].startswith("System")
    assert raising(InputError("no"))[1].startswith("says no more") and raising(Own("mine"))[1] is None
    assert raising(InputError("x must be a number, not text"))[1] is None
    assert tried("f", sp.sympify, ((CODE,),), {"strict": True})[0] == "evaluated"
    assert malformed(5, SEED)[-1] == malformed(5, SEED)[-1] != malformed(5, SEED + 1)[-1]


@pytest.mark.parametrize(
    "status, errors, evaluated, failure",
    [
        (0, "", False, None),
        (2, "symssl: no", False, None),
        (3, "", False, "exit status 3"),
        (1, "Traceback (most recent call last):\n  x", False, "traceback"),
        (0, "", True, "text was run"),
    ],
)
def test_the_examination_of_command_lines_sees_what_is_wrong(status, errors, evaluated, failure):
    from benchmarks.reliability.command_lines import _told

    told = _told(status, errors, evaluated)
    assert told == failure if failure is None else told.startswith(failure)


def _going_down(pipe, numbers, seed):
    """Cases of which 2 never ends, 4 takes the process with it, and 5 fails."""
    for number in numbers:
        pipe.send(f"case {number}")
        if number == 2:
            time.sleep(60)
        if number == 4:
            os._exit(0)
        pipe.send(("done", "wrong" if number == 5 else None))


def test_a_case_that_does_not_end_costs_no_other():
    from benchmarks.reliability.processes import try_apart
    from benchmarks.reliability.report import Report

    start = "fork" if hasattr(os, "fork") else "spawn"
    report = try_apart(Report("cases", 0), _going_down, range(7), 0, patience=3, start=start)
    assert report.tried == 7 and report.outcomes == {"done": 5, "endless": 1, "process died": 1}
    assert [line.partition(":")[0] for line in report.failures] == ["2", "4", "5"]
    assert report.failures[2] == "5: case 5: wrong" and "case 2: no end within 3 s" in report.failures[0]
