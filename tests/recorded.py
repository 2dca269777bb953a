"""The verdicts in the recorded ledger; `papers/test_derivations.py` decides every claim again and compares."""

from functools import cache

from symssl.claims import discover
from symssl.claims.ledger.lock import read_lock


@cache
def ledger():
    """The recorded entries by id."""
    return read_lock(discover().lock)


def verdict(name):
    """The recorded verdict of the claim with this id."""
    return ledger()[name]["verdict"]
