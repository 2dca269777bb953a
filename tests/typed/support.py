"""Uses of every failure and of what checks arguments and shows results; checked by mypy, never run."""

from types import ModuleType
from typing import Any, assert_type

from symssl import InputError, NotIsolated, OverBudget, Refusal, SymsslError, Undecided
from symssl.support import (
    Clock,
    budgeted,
    call_like,
    callable_of,
    certainly,
    check_time,
    cores,
    imported,
    limited,
    listing,
    nonnegative,
    quoted,
    read_json,
    remaining,
    seconds_of,
    seed_of,
    shown,
    words_of,
)


def failures(refusal: Refusal) -> None:
    assert_type(refusal.reason, str)
    assert_type(refusal.residual, Any)
    kinds: tuple[type[SymsslError], ...] = (InputError, NotIsolated, OverBudget, Refusal, Undecided)
    print(kinds)


assert_type(callable_of("progress", max), Any)
assert_type(quoted("up"), str)
assert_type(nonnegative("rho", 0), float)
assert_type(seed_of(7), int)
assert_type(shown(1.5), str)
assert_type(listing("Roots", [("x = 1", "stable")], ["all of them"]), str)
assert_type(call_like("Flow", ["x' = -x"]), str)
assert_type(cores(), int)
assert_type(words_of(KeyError("a")), str)
assert_type(imported("colorsys"), ModuleType)
assert_type(read_json("ledger.lock.json", 10**6), Any)


@budgeted("a product")
def product(a: int, b: int, *, budget: float | None = 1.0) -> int:
    return a * b


with limited(seconds_of("budget", 2), "a block"):
    check_time()
    assert_type(remaining(), float | None)
assert_type(product(2, 3, budget=None), int)
assert_type(certainly(product, 2, 3, seconds=5.0), int)
assert_type(Clock(5.0).share(0.5), float | None)
