"""Many claims at once: time limits, crashes, and workers that are replaced."""

import math
import pickle
import time

import pytest
import sympy as sp

from symssl.claims import (
    Claim,
    Step,
    check,
    check_all,
    discover,
)
from symssl.claims.deciders import (
    identity,
)
from symssl.errors import InputError
from symssl.support.workers import run_tasks

x, y, z = sp.symbols("x y z", positive=True)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


def test_verdicts_travel_between_processes():
    found = check(claim(x**2 + y, x**2 - y, identity()))
    assert pickle.loads(pickle.dumps(found)).correction == found.correction


def sleepy(model):
    time.sleep(600)
    yield Step("never", x)


def test_the_time_limit_kills():
    started = time.monotonic()
    found = check(Claim("a", "equation", x, sleepy, identity()), time_limit=1)
    assert (found.verdict, found.reason) == ("open", "time limit")
    assert time.monotonic() - started < 300  # half of what the claim would take


def test_a_time_limit_needs_importable_steps():
    with pytest.raises(InputError, match="importable"):
        check(claim(x, x, identity()), time_limit=1)


def test_workers_are_replaced_after_death_and_delay():
    tasks = [
        ("late", time.sleep, (600,)),
        ("dead", math.factorial, (-1,)),
        ("exit", _exit, ()),
        ("good", math.sqrt, (9,)),
        ("mute", _unpicklable, ()),
    ]
    for limit in (1, 10, 100):  # on a busy machine the quick tasks may need longer
        found = {o.key: o for o in run_tasks(tasks, jobs=1, time_limit=limit)}
        if [key for key, o in found.items() if o.late] == ["late"]:
            break
    assert found["late"].late
    assert not found["good"].late
    assert "ValueError" in str(found["dead"].error)
    assert "exit code 3" in str(found["exit"].error)
    assert "cannot be sent back" in str(found["mute"].error)
    assert found["good"].value == 3


def _exit():
    import os

    os._exit(3)


def _unpicklable():
    return lambda: 0


@pytest.fixture(scope="module")
def garden():
    return discover("toy.derivations")


def test_the_whole_garden(garden):
    found = {v.id: v for v in check_all(garden, garden.claims, jobs=2, time_limit=60)}
    assert {name.removeprefix("garden."): v.verdict for name, v in found.items()} == {
        "loss": "stipulated",
        "flow": "holds",
        "slip": "corrected",
        "linear": "holds",
        "convex": "holds",
        "pull": "holds",
        "degree": "holds",
        "below": "refuted",
        "range": "holds",
        "gap": "gap",
        "order": "open",
        "cited": "open",
    }
    assert not any(v.error for v in found.values())
    assert "observed order 3.000" in found["garden.order"].witness
    assert "b = 0" in found["garden.gap"].reason
