"""The lock file: read back, compared, the same from every process."""

import json

import pytest
from hypothesis import given, strategies as st

from symssl.claims import (
    check,
    discover,
)
from symssl.claims.ledger.lock import changed, differences, entry, read_lock, record
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


ENTRY = {"verdict": "holds", "evidence": "symbolic", "source": "printed", "correction": "", "witness": "x = 1"}


@given(st.data())
def test_no_changed_byte_changes_an_entry_in_silence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("lock") / "ledger.lock.json"
    record(path, {"a.eq1": ENTRY, "a.eq2": {**ENTRY, "verdict": "gap", "reason": "β"}}, {"a.eq1", "a.eq2"})
    before, raw = read_lock(path), path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << data.draw(st.integers(0, 7))]) + raw[at + 1 :])
    try:
        found = read_lock(path)
    except InputError as failure:
        found = str(failure)
    assert str(path) in found if isinstance(found, str) else found == before


def test_a_changed_entry_is_named_to_who_compares_and_refused_to_others(tmp_path):
    path = tmp_path / "ledger.lock.json"
    record(path, {"a.eq1": ENTRY, "a.eq2": ENTRY}, {"a.eq1", "a.eq2"})
    path.write_text(path.read_text().replace("x = 1", "x = 2", 1))
    with pytest.raises(InputError, match=r"the entry of a.eq1 is not what was recorded"):
        read_lock(path)
    assert read_lock(path, checked=False)["a.eq1"]["witness"] == "x = 2"
    assert changed(path, ["a.eq2"]) == [] and "a.eq1" in changed(path, ["a.eq1"])[0]
    record(path, {"a.eq2": ENTRY}, {"a.eq1", "a.eq2"})  # recording another claim does not make it good
    assert changed(path, ["a.eq1", "a.eq2"]) == changed(path, ["a.eq1"])
    record(path, {"a.eq1": ENTRY}, {"a.eq1", "a.eq2"})
    assert read_lock(path)["a.eq1"] == ENTRY


def test_a_ledger_without_checks_is_read(tmp_path):
    """As it was recorded before there were any."""
    path = tmp_path / "ledger.lock.json"
    path.write_text(json.dumps({"claims": {"a.eq1": ENTRY}}))
    assert read_lock(path) == {"a.eq1": ENTRY}


@pytest.mark.parametrize(
    "edit, said",
    [
        (lambda e: e.update(verdict="hods"), "verdict"),
        (lambda e: e.update(evidence="much"), "evidence"),
        (lambda e: e.update(note="more"), "'note'"),
        (lambda e: e.update(witness=None), "not made of texts"),
    ],
)
def test_what_is_no_entry_is_named(tmp_path, edit, said):
    path, data = tmp_path / "ledger.lock.json", {"claims": {"a.eq1": dict(ENTRY)}}
    edit(data["claims"]["a.eq1"])
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match=said):
        read_lock(path)
