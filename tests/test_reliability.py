"""A short seeded sample of every part of ``python -m benchmarks reliability``: nothing in it may fail."""

from importlib import import_module
from importlib.util import find_spec

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
@pytest.mark.parametrize("part", [part for part in PARTS if find_spec(f"benchmarks.reliability.{part}")])
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

        return tried("f", function, (), {}, "f(x)")

    assert raising(KeyError("x"))[1].startswith("f(x): KeyError") and raising(SystemExit(0))[1].startswith(
        "f(x): System"
    )
    assert raising(InputError("no"))[1].startswith("f(x): says no more") and raising(Own("mine"))[1] is None
    assert raising(InputError("x must be a number, not text"))[1] is None
    assert tried("f", sp.sympify, ((CODE,),), {"strict": True}, "f(x)")[0] == "evaluated"
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
