"""Companions: C code is stopped for certain, errors come back, and no process outlives its parent."""

import math
import os
import signal
import subprocess
import sys
import time

import pytest
import sympy as sp

from symssl import Flow
from symssl.errors import InputError, OverBudget
from symssl.support.budgets import limited
from symssl.support.companions import certainly

SLACK = 5.0  # seconds that a busy machine may take to notice


def spin():
    while True:
        pass


def long_in_c(exponent=3**19):
    """Minutes in one call of C code."""
    return pow(3, exponent)


def answer_of_a_companion():
    """The number of its process, and whether a budget inside it ends what runs there."""
    with pytest.raises(OverBudget), limited(0.05):
        spin()
    return os.getpid()


def nested_companion():
    return certainly(os.getpid, seconds=5), os.getpid()


def test_c_code_is_stopped_by_the_death_of_its_process_and_the_next_call_works():
    certainly(len, "warm", seconds=60)
    began = time.monotonic()
    with pytest.raises(OverBudget, match="a power was stopped"):
        certainly(long_in_c, seconds=0.3, what="a power")
    assert time.monotonic() - began < 0.3 + SLACK
    assert certainly(len, "abc", seconds=60) == 3


def test_a_companion_is_kept_and_is_another_process():
    first, second = (certainly(answer_of_a_companion, seconds=60) for _ in range(2))
    assert first == second != os.getpid()
    inner, outer = certainly(nested_companion, seconds=60)
    assert inner == outer  # no grandchildren: the outer process can be killed itself


def test_the_outer_budget_holds_for_a_companion_too():
    with pytest.raises(OverBudget, match="outer"), limited(0.3, "outer"):
        certainly(long_in_c, seconds=60, what="inner")


def test_errors_come_back_from_a_companion():
    with pytest.raises(InputError, match="not a parameter"):
        certainly(Flow({sp.Symbol("x"): sp.Integer(1)}).fix, {"k": 1}, seconds=60)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        certainly(divmod, 1, 0, seconds=60)
    with pytest.raises(InputError, match="cannot be given to another process"):
        certainly(lambda: 1, seconds=60)


def test_a_companion_works_where_children_of_workers_are_forbidden():
    """Workers of a pool are daemonic processes, which may have no children of the usual kind."""
    from symssl.support.workers import run_tasks

    (outcome,) = run_tasks([("in a worker", certainly_from_a_worker, ())], jobs=1, time_limit=120)
    assert outcome.error is None and outcome.value == 3


def certainly_from_a_worker():
    return certainly(len, "abc", seconds=60)


PARENT = """
import os, sys
from symssl.support.companions import certainly
print(certainly(os.getpid, seconds=100), flush=True)
certainly(pow, 3, 3**20, seconds=100)
"""  # no guard for the main module: a script has none


def gone(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_companion_ends_with_its_parent_even_in_c_code(number):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    companion = int(parent.stdout.readline())
    time.sleep(0.5)  # by then it computes
    assert not gone(companion)
    parent.send_signal(number)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 20
    while not gone(companion) and time.monotonic() < end:
        time.sleep(0.05)
    assert gone(companion)


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, "5", True])
def test_its_budget_is_a_positive_finite_number(wrong):
    with pytest.raises(InputError, match="budget must be"):
        certainly(len, "", seconds=wrong)


@pytest.mark.parametrize("seconds", [None, 1e300, 10**18])
def test_none_and_budgets_of_any_length_are_no_trouble(seconds):
    assert certainly(len, "ab", seconds=seconds) == 2
