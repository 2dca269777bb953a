"""Files appear whole or not at all, and what stands in the way is named."""

import os

import pytest
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.support.arguments import described
from symssl.support.files import folder, write_path, write_text, write_whole


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
