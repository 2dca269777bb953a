"""Budgets: what runs is stopped for certain, in Python and in C, in threads, nested, and with its parent."""

import math
import pickle
import subprocess
import sys
import threading
import time

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import Flow
from symssl.errors import InputError, OverBudget, Refusal, SymsslError
from symssl.support.budgets import Clock, budgeted, check_time, limited, remaining, seconds_of

SLACK = 5.0  # seconds that a busy machine may take to notice


def spin():
    while True:
        pass


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


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, "5", True, 1j, [], 10**400])
def test_a_budget_is_a_positive_finite_number(wrong):
    for call in (
        lambda: seconds_of("budget", wrong),
        lambda: limited(wrong),
        lambda: Flow({sp.Symbol("x"): sp.Integer(1)}).equilibria(budget=wrong),
    ):
        with pytest.raises(InputError, match="budget must be"):
            call()


def test_none_and_budgets_of_any_length_are_no_trouble():
    for seconds in (None, 1e300, 10**18):
        with limited(seconds):
            pass


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


def test_nothing_is_raised_at_the_end_of_a_block():
    """An exception before the first line of its end would leave the block in force, to be raised again ever after."""

    def wait_at_the_end(frame, event, arg):
        if event == "call" and frame.f_code is limited.__exit__.__code__:
            late = time.monotonic() + 0.1
            while time.monotonic() < late:
                pass

    before = sys.gettrace()
    sys.settrace(wait_at_the_end)
    try:
        with limited(0.02, "what ends just in time"):
            pass
    finally:
        sys.settrace(before)
    assert remaining() is None


def test_traced_code_goes_on_after_it_was_stopped():
    """A debugger or the measuring of coverage looks at every call; none may be looked at for ever."""
    code = (
        "import sys\n"
        "from symssl.errors import OverBudget\n"
        "from symssl.support.budgets import limited\n"
        "def look(frame, event, arg):\n    return look\n"
        "def called():\n    return 1\n"
        "sys.settrace(look)\n"
        "for _ in range(20):\n"
        "    try:\n        with limited(0.02):\n            while True:\n                called()\n"
        "    except OverBudget:\n        called()\n"
        "print(called())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "1\n"
