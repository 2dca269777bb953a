"""Budgets: what runs is stopped for certain, in Python and in C, in threads, nested, and with its parent."""

import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import Flow
from symssl.errors import InputError, OverBudget, Refusal, SymsslError
from symssl.support.budgets import Clock, budgeted, certainly, check_time, limited, remaining, seconds_of

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


def elapsed(function):
    began = time.monotonic()
    function()
    return time.monotonic() - began


def test_a_loop_is_stopped_where_it_runs():
    def run():
        with (
            pytest.raises(OverBudget, match="spinning was stopped after its budget of 0.1 s"),
            limited(0.1, "spinning"),
        ):
            spin()

    assert 0.1 <= elapsed(run) < 0.1 + SLACK
    assert remaining() is None


def test_code_that_catches_every_exception_is_stopped_all_the_same():
    def stubborn():
        while True:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001 - that is what is tested
                pass

    with pytest.raises(OverBudget), limited(0.1):
        stubborn()


@given(st.lists(st.floats(0.02, 0.1), min_size=2, max_size=4))
@settings(max_examples=8)
def test_of_nested_budgets_the_one_that_ends_first_holds(seconds):
    def nest(k):
        with limited(seconds[k], f"number {k}"):
            nest(k + 1) if k + 1 < len(seconds) else spin()

    first = min(range(len(seconds)), key=lambda k: (seconds[k], k))
    with pytest.raises(OverBudget) as caught:
        nest(0)
    named = int(str(caught.value).split()[1])
    assert seconds[named] <= seconds[first] + 0.02  # budgets that end together may be told in either order
    assert remaining() is None


def test_what_ends_in_time_is_not_disturbed_and_an_inner_refusal_leaves_the_outer_going():
    with limited(60):
        with limited(1):
            assert 0 < remaining() <= 1
        with pytest.raises(OverBudget), limited(0.05):
            spin()
        assert 50 < remaining() <= 60
        with pytest.raises(ZeroDivisionError), limited(1):
            1 / 0  # noqa: B018
    time.sleep(0.1)
    check_time()


def test_every_thread_has_its_own_budget():
    stopped = []

    def run(seconds):
        try:
            with limited(seconds):
                spin()
        except OverBudget:
            stopped.append(seconds)

    threads = [threading.Thread(target=run, args=(s,)) for s in (0.1, 0.2, 0.3)]
    for thread in threads:
        thread.start()
    with limited(60):
        for thread in threads:
            thread.join()
    assert sorted(stopped) == [0.1, 0.2, 0.3]


def test_c_code_is_stopped_by_the_death_of_its_process_and_the_next_call_works():
    def run():
        with pytest.raises(OverBudget, match="a power was stopped"):
            certainly(long_in_c, seconds=0.3, what="a power")

    certainly(len, "warm", seconds=60)
    assert elapsed(run) < 0.3 + SLACK
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
from symssl.support.budgets import certainly
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


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, "5", True, 1j, [], 10**400])
def test_a_budget_is_a_positive_finite_number(wrong):
    for call in (
        lambda: seconds_of("budget", wrong),
        lambda: limited(wrong),
        lambda: certainly(len, "", seconds=wrong),
        lambda: Flow({sp.Symbol("x"): sp.Integer(1)}).equilibria(budget=wrong),
    ):
        with pytest.raises(InputError, match="budget must be"):
            call()


def test_none_and_budgets_of_any_length_are_no_trouble():
    for seconds in (None, 1e300, 10**18):
        with limited(seconds):
            pass
        assert certainly(len, "ab", seconds=seconds) == 2


def test_a_decorated_function_takes_its_default_and_keeps_its_name():
    @budgeted("waiting")
    def wait(*, budget: float | None = 0.05) -> None:
        """Doc."""
        spin()

    assert wait.__doc__ == "Doc."
    with pytest.raises(OverBudget, match="waiting was stopped after its budget of 0.05 s"):
        wait()
    with pytest.raises(OverBudget, match="0.02"):
        wait(budget=0.02)


def test_the_refusal_survives_a_process():
    refusal = pickle.loads(pickle.dumps(OverBudget("over")))
    assert isinstance(refusal, Refusal) and isinstance(refusal, SymsslError) and str(refusal) == "over"


def test_a_clock_shares_what_is_left():
    clock = Clock(10)
    assert 4.9 < clock.share(0.5) <= 5 and Clock(1e-9).share(0.5) == 0.05 and Clock(None).share(0.1) is None
