"""Uses of every failure and of what checks arguments and shows results; checked by mypy, never run."""

from typing import Any, assert_type

from symssl import InputError, NotIsolated, Refusal, SymsslError, Undecided
from symssl.support import call_like, cores, function, listing, nonnegative, read_json, seed_of, shown


def failures(refusal: Refusal) -> None:
    assert_type(refusal.reason, str)
    assert_type(refusal.residual, Any)
    kinds: tuple[type[SymsslError], ...] = (InputError, NotIsolated, Refusal, Undecided)
    print(kinds)


assert_type(function("progress", max), Any)
assert_type(nonnegative("rho", 0), float)
assert_type(seed_of(7), int)
assert_type(shown(1.5), str)
assert_type(listing("Roots", [("x = 1", "stable")], ["all of them"]), str)
assert_type(call_like("Flow", ["x' = -x"]), str)
assert_type(cores(), int)
assert_type(read_json("ledger.lock.json", 10**6), Any)
