"""The store on disk: what was written comes back, and damage is noticed."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sympy as sp
from hypothesis import given, strategies as st

from symssl.claims import Claim, Model, Step
from symssl.claims.deciders import identity
from symssl.claims.ledger.cache import Cache, cache_folder
from symssl.claims.ledger.fingerprint import Fingerprint
from symssl.claims.ledger.sources import digest

x, y = sp.symbols("x y", positive=True)


# --- the store ---------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@given(BODIES)
def test_what_was_stored_comes_back(tmp_path_factory, body):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    key = digest(repr(body))
    assert cache.read("verdicts", key) is None
    cache.write("verdicts", key, body)
    assert cache.read("verdicts", key) == body
    assert Cache(cache.folder).read("verdicts", key) == body
    assert cache.damaged == []
    assert cache.trouble == ""


@given(BODIES, st.data())
def test_a_changed_byte_is_noticed(tmp_path_factory, body, data):
    """Any byte replaced, any tail cut off: the entry is as if it were not there, or says the same."""
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.write("verdicts", "ab", body)
    (path,) = cache.entries()
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                raw[:at],
                raw[:at] + data.draw(st.binary(min_size=1, max_size=1)) + raw[at + 1 :],
                raw + b"x",
                b"",
                b"[]",
                b"null",
                b'{"body": {}}',
            ]
        )
    )
    path.write_bytes(changed)
    found = cache.read("verdicts", "ab")
    if found is None:
        assert cache.damaged == [path]
        cache.write("verdicts", "ab", body)
        assert Cache(cache.folder).read("verdicts", "ab") == body
    else:  # bytes that JSON reads as the same value, such as a space for a space
        assert json.dumps(found, sort_keys=True) == json.dumps(body, sort_keys=True)


def test_an_entry_under_another_key_or_kind_is_not_believed(tmp_path):
    cache = Cache(tmp_path)
    cache.write("verdicts", "aa11", {"id": "a"})
    (path,) = cache.entries()
    for other in (tmp_path / "verdicts" / "aa" / "aa12.json", tmp_path / "catalogues" / "aa" / "aa11.json"):
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(path.read_bytes())
    assert cache.read("verdicts", "aa12") is None
    assert cache.read("catalogues", "aa11") is None
    assert len(cache.damaged) == 2
    assert cache.read("verdicts", "aa11") == {"id": "a"}


def test_another_schema_is_not_believed(tmp_path):
    cache = Cache(tmp_path)
    cache.write("verdicts", "aa11", {"id": "a"})
    (path,) = cache.entries()
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 2'))
    assert cache.read("verdicts", "aa11") is None


def test_a_folder_in_place_of_an_entry_or_a_file_in_place_of_the_folder(tmp_path):
    cache = Cache(tmp_path)
    (tmp_path / "verdicts" / "aa" / "aa11.json").mkdir(parents=True)
    assert cache.read("verdicts", "aa11") is None
    assert cache.damaged
    (tmp_path / "file").write_text("precious")
    blocked = Cache(tmp_path / "file")
    assert blocked.read("verdicts", "aa11") is None
    blocked.write("verdicts", "aa11", {})
    assert blocked.trouble
    assert (tmp_path / "file").read_text() == "precious"


def test_parallel_writers_leave_whole_entries(tmp_path):
    """Eight writers, three keys, readers in between: every read is a whole body of its key."""
    bodies = {key: {"id": key, "text": key * 5000} for key in ("aa", "ab", "ba")}

    def work(number):
        cache = Cache(tmp_path)
        for turn in range(20):
            key = sorted(bodies)[(number + turn) % 3]
            cache.write("verdicts", key, bodies[key])
            assert cache.read("verdicts", key) == bodies[key]
        return cache.damaged, cache.trouble

    with ThreadPoolExecutor(8) as pool:
        assert set(map(str, pool.map(work, range(8)))) == {"([], '')"}
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"aa.json", "ab.json", "ba.json"}


def test_clearing_removes_entries_only(tmp_path):
    cache = Cache(tmp_path)
    for key in ("aa11", "aa12", "bb11"):
        cache.write("verdicts", key, {})
    cache.write("catalogues", "cc11", {})
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "verdicts" / "aa" / "notes.txt").write_text("mine")
    assert {key: cache.info()[key] for key in ("verdicts", "catalogues")} == {"verdicts": 3, "catalogues": 1}
    assert cache.clear() == 4
    assert cache.clear() == 0
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["notes.txt", "notes.txt"]


def test_where_it_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("SYMSSL_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("SYMSSL_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/symssl")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "symssl"


# --- digests of claims -------------------------------------------------------------------

MODEL = Model("square", y * (x - 1) ** 2, (x,))


def steps(model):
    yield Step("differentiate", sp.diff(model.loss, x))


BASE = {"id": "a", "kind": "equation", "printed": 2 * y * (x - 1), "steps": steps, "decide": identity(), "model": MODEL}


def key(**changes):
    return Fingerprint(Claim(**BASE | changes)).claim
