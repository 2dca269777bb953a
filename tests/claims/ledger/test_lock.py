"""The lock file: read back, compared, the same from every process."""

import pytest

from symssl.claims import (
    check,
    discover,
)
from symssl.claims.ledger.lock import differences, entry, read_lock, record
from symssl.errors import InputError


@pytest.fixture(scope="module")
def garden():
    return discover("toy.derivations")


def test_the_lock_is_read_back_and_compared(tmp_path, garden):
    one, two = garden.claims[1:3]
    entries = {c.id: entry(c, check(c)) for c in (one, two)}
    assert read_lock(tmp_path / "lock.json") == {}
    record(tmp_path / "lock.json", entries, {one.id, two.id})
    assert read_lock(tmp_path / "lock.json") == entries
    assert differences(read_lock(tmp_path / "lock.json"), entries) == []
    changed = {**entries, two.id: {**entries[two.id], "verdict": "holds"}}
    assert differences(entries, changed) == [f"{two.id}: verdict is holds, recorded corrected"]
    record(tmp_path / "lock.json", {one.id: entries[one.id]}, {one.id})  # the other claim is gone
    assert set(read_lock(tmp_path / "lock.json")) == {one.id}


def test_recorded_entries_do_not_depend_on_the_process(garden):
    """Witnesses come from fixed seeds, not from hash order."""
    import os
    import subprocess
    import sys

    code = (
        "from symssl.claims import check, discover; from symssl.claims.ledger.lock import entry; import json;"
        "c = discover('toy.derivations').claim('garden.slip'); print(json.dumps(entry(c, check(c))))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**env, "PYTHONHASHSEED": seed},
            text=True,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def test_a_damaged_lock_is_named(tmp_path):
    (tmp_path / "ledger.lock.json").write_text("{")
    with pytest.raises(InputError, match=r"ledger.lock.json is not a ledger"):
        read_lock(tmp_path / "ledger.lock.json")
