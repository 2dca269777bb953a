"""The files of a stored map: every one that is missing, damaged or exchanged is named, and made anew."""

import json
import os
import shutil

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings, strategies as st
from regime_helpers import CUBIC, rho, s2, texts

from symssl.bifurcation import open_map, regime_map, regime_map_to_zarr
from symssl.bifurcation.stored_chunks import Layout
from symssl.errors import InputError
from symssl.support.seals import array_digest, seal

AXES = {rho: (0.125, 0.375, 9), s2: (0.0, 1.0, 5)}  # with cells on the boundary


def computed(path, **options):
    told = []
    found = regime_map_to_zarr(
        CUBIC, AXES, path, chunk=(4, 3), progress=lambda done, total: told.append(done), **options
    )
    return found, told


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "m.zarr"
    computed(path)
    return path


def files(path):
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def copied(whole, folder):
    path = folder / "m.zarr"
    shutil.rmtree(path, ignore_errors=True)
    return shutil.copytree(whole, path)


def read(path):
    stored = open_map(path)
    return stored.counts(), texts(stored.load()).tolist()


def test_a_finished_map_is_recognised_and_left_alone(whole):
    before, times = files(whole), {p: p.stat().st_mtime_ns for p in whole.rglob("*")}
    stored, told = computed(whole)
    assert told == [45] and files(whole) == before and times == {p: p.stat().st_mtime_ns for p in whole.rglob("*")}
    assert np.array_equal(texts(stored.load()), texts(regime_map(CUBIC, AXES)))


def test_every_file_that_is_gone_is_named_and_made_anew(whole, tmp_path):
    before = files(whole)
    for name in before:
        path = copied(whole, tmp_path)
        (path / name).unlink()
        with pytest.raises(InputError) as error:
            open_map(path).counts()
        assert name in str(error.value)
        if name.startswith("classes/c/"):
            index = ", ".join(name.split("/")[2:])
            assert f"the chunk ({index})" in str(error.value)
            with pytest.raises(InputError, match="missing"):
                open_map(path).to_xarray()
        if name == "zarr.json":  # all that is known of the map
            with pytest.raises(InputError, match="overwrite"):
                computed(path)
            computed(path, overwrite=True)
        else:
            _, told = computed(path)
            assert told[0] >= 45 - 12 and len(told) <= 2
            assert files(path) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.data())
def test_no_damage_changes_a_map_in_silence(whole, tmp_path, data):
    """One byte, a tail, or two files of the same name exchanged: the map is what it was, or an error."""
    path = copied(whole, tmp_path)
    names = sorted(files(path))
    name = data.draw(st.sampled_from(names))
    raw = (path / name).read_bytes()
    how = data.draw(st.sampled_from(["flip", "cut", "swap"]))
    if how == "swap":
        other = data.draw(st.sampled_from([n for n in names if n.split("/")[-1] in ("zarr.json", "0", "1", "2")]))
        (path / name).write_bytes((path / other).read_bytes())
        (path / other).write_bytes(raw)
    else:
        at = data.draw(st.integers(0, len(raw) - 1))
        bit = data.draw(st.integers(0, 7))
        (path / name).write_bytes(raw[:at] if how == "cut" else raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
    try:
        found = read(path)
    except InputError as failure:
        found = str(failure)
    assert str(path) in found if isinstance(found, str) else found == read(whole)


@pytest.mark.parametrize(
    "edit",
    [
        lambda a: a.update(shape=[10**12, 5]),
        lambda a: a.update(chunk=[10**12, 3]),
        lambda a: a.update(shape=[-9, 5]),
        lambda a: a.update(digests=""),
        lambda a: a.update(dtype="<f8"),
        lambda a: a.update(axes=["rho", "../rho"]),
        lambda a: a["patterns"].clear(),
        lambda a: a.update(patterns=[1, 2]),
        lambda a: a["patterns"].update({"2": 3}),
        lambda a: a["patterns"].update({"2": [[1], "0", [1], ["stable", "stable"]]}),
        lambda a: a["patterns"].update({"2": [[-1], 0, [], ["stable"]]}),
        lambda a: a["patterns"].update({"two": [[1], 0, [], ["stable"]]}),
        lambda a: a.update(metadata=1.5),
        lambda a: a["metadata"].pop(),
        lambda a: a["axis_digests"].pop(),
        lambda a: a.update(digests=10**40),
        lambda a: a.update(axes=[["rho"], "sigma2"]),
        lambda a: a.update(axes=3),
        lambda a: a.update(values="x"),
        lambda a: a.update(rechecked=[]),
        lambda a: a.update(rechecked=-1),
        lambda a: a.update(seconds="soon"),
        lambda a: a.update(seconds="nan"),
        lambda a: a.update(method={}),
        lambda a: a.update(flow=None),
    ],
)
def test_hostile_metadata_takes_no_memory(whole, tmp_path, edit):
    """Sealed anew by whoever changed it: what it says is held against the files before anything is read."""
    from symssl.bifurcation.zarr_store import _SEALED

    path = copied(whole, tmp_path) / "zarr.json"
    data = json.loads(path.read_text())
    edit(data["attributes"])
    data["attributes"].update(seal({name: data["attributes"][name] for name in _SEALED}))
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match="damaged|cannot be read|without a pattern") as caught:
        open_map(path.parent).counts()
    assert str(path.parent) in str(caught.value)


@pytest.mark.parametrize("name", ["seen", "boundary", "digests", "seconds"])
def test_a_record_of_another_form_counts_for_nothing(tmp_path, monkeypatch, name):
    """Sealed or not: its chunk is computed anew."""
    path = tmp_path / "m.zarr"

    def stopped(job, records, fixed):
        raise KeyboardInterrupt

    monkeypatch.setattr("symssl.bifurcation.zarr_store._finish", stopped)
    for change in ({}, {name: "x"}, {name: None}, {name: [["x"]]}):
        with pytest.raises(KeyboardInterrupt):
            computed(path)
        for file in (tmp_path / "m.zarr.progress").glob("[0-9]*.json"):
            record = json.loads(file.read_text())
            del record[name]
            file.write_text(json.dumps(seal({**record, **change})))
    monkeypatch.undo()
    stored, told = computed(path)
    assert told[0] == 0 and np.array_equal(texts(stored.load()), texts(regime_map(CUBIC, AXES)))


def test_attributes_of_others_are_no_damage(whole, tmp_path):
    path = copied(whole, tmp_path)
    group = zarr.open_group(path, mode="r+")
    group.attrs["author"] = group["classes"].attrs["units"] = group["rho"].attrs["units"] = "mine"
    stored = open_map(path)
    stored.describe(lambda pattern: f"{pattern.number} equilibria")
    assert read(path) == read(whole)
    attributes = dict(zarr.open_group(path, mode="r")["classes"].attrs)
    assert attributes["units"] == "mine" and "3_equilibria" in attributes["flag_meanings"].split()


def test_another_reader_finds_damage_by_the_checksum_of_the_chunk(whole, tmp_path):
    path = copied(whole, tmp_path)
    chunk = path / "classes" / "c" / "0" / "0"
    raw = chunk.read_bytes()
    chunk.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
    with pytest.raises(ValueError, match="checksum"):
        open_map(path).to_xarray()["classes"].values  # noqa: B018 - it is read here


def test_a_chunk_is_written_whole_and_read_back(tmp_path):
    layout = Layout(tmp_path / "s", ("a", "b"), (5, 7), (2, 3), np.dtype("<u2"))
    layout.create([np.arange(5.0), np.arange(7.0)])
    classes = np.arange(3, dtype="<u2").reshape(1, 3)
    layout.write((2, 1), classes)
    assert np.array_equal(layout.read((2, 1), array_digest(classes, (2, 1))), classes)
    with pytest.raises(InputError, match="not those that were written"):
        layout.read((2, 1), array_digest(classes, (1, 1)))  # those of another place
    assert not [name for name in os.listdir(layout.file((2, 1)).parent) if name != "1"]


@pytest.mark.parametrize("name", ["zarr.json", "classes/zarr.json", "rho/zarr.json"])
def test_what_a_message_about_damaged_metadata_says_to_do_helps(whole, tmp_path, name):
    path = copied(whole, tmp_path)
    (path / name).write_text('{"zarr_format"')
    with pytest.raises(InputError, match="is damaged") as caught:
        open_map(path).load()
    assert str(path / name) in str(caught.value)
    computed(path, overwrite="overwrite it" in str(caught.value))
    assert read(path) == read(whole)
