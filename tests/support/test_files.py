"""Files appear whole or not at all, and what stands in the way is named."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.support import files
from symssl.support.arguments import described
from symssl.support.files import folder, read_json, write_path, write_text, write_whole


@given(st.text(st.characters(codec="utf-8")))
def test_text_comes_back(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("out") / "deep" / "file.txt"
    assert write_text(path, text) == path
    assert path.read_bytes() == text.encode()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_whole, write_path])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file(tmp_path, write, error):
    path = tmp_path / "kept"
    path.write_text("old")

    def fails(target):
        raise error

    with pytest.raises(error):
        write(path, fails)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("nameless", [True, False])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, nameless, before):
    """A process that dies while it fills the file; what it leaves, where there must be a name, goes with the next."""
    path, code = (
        tmp_path / "kept [1].txt",
        (
            "import os, sys\nfrom symssl.support import files\n"
            + ("" if nameless else "files._nameless = lambda folder: None\n")
            + "def half(name):\n    open(name, 'w').write('half')\n    os.kill(os.getpid(), 9)\n"
            "files.write_path(sys.argv[1], half)\n"
        ),
    )
    if before:
        path.write_text(before)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, env=env, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert (path.read_text() if before else path.exists()) == (before or False)
    left = [p for p in tmp_path.iterdir() if p != path]
    assert len(left) == (0 if nameless and files._nameless(tmp_path) is not None else 1)
    monkeypatch.setattr(files, "_nameless", lambda folder: None)
    write_text(path, "new")
    assert list(tmp_path.iterdir()) == [path] and path.read_text() == "new"


def test_what_another_process_is_writing_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_nameless", lambda folder: None)
    path = tmp_path / "file"

    def both(name):
        write_text(path, "second")
        (tmp_path / name).write_text("first")

    write_path(path, both)
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "raw, said",
    [
        (b"[NaN]", "NaN is no number"),
        (b"[-Infinity]", "no number"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"\xff\xfe", "codec"),
        (b"", "Expecting value"),
        (b"9" * 5000, "digit"),
        (b" " * 200, "more than the 100"),
    ],
)
def test_json_that_is_none_is_refused_in_words(tmp_path, raw, said):
    (tmp_path / "a.json").write_bytes(raw)
    with pytest.raises(ValueError, match=said):
        read_json(tmp_path / "a.json", 100 if said.startswith("more") else 10**7)


def test_new_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "whole", "")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_stands_in_the_way_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file where a folder is expected"):
        folder(tmp_path / "file")
    with pytest.raises(InputError, match="lies below a file"):
        folder(tmp_path / "file" / "below")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match="is not writable"):
        folder(tmp_path)


@pytest.mark.parametrize("path", [3, None, "", {"a"}, object(), lambda: 1, int], ids=described)
def test_what_is_no_path(path):
    for call in (folder, lambda p: write_text(p, "")):
        with pytest.raises(InputError, match="must be a path, not"):
            call(path)


@pytest.mark.parametrize("path", [0, 3, None, "", b"", ["a.json"]])
def test_what_is_no_path_is_not_read(path):
    with pytest.raises(InputError, match="the file must be a path"):
        read_json(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_or_a_device_stays_what_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "through the pipe")
        assert pipe.is_fifo()
        assert os.read(reader, 100) == b"through the pipe"
    finally:
        os.close(reader)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
