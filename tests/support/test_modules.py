"""Packages imported by where they lie: in this process and in others, with relative imports, from any folder."""

import importlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from symssl.support.modules import package_at, path_of, spec_of


@given(st.lists(st.text(st.characters(blacklist_characters="/\0", codec="utf-8"), min_size=1), min_size=1, max_size=3))
def test_names_spell_paths(parts):
    path = Path("/", *parts).resolve()
    name = package_at(path)
    assert path_of(name) == path == path_of(f"{name}.inner.most")
    assert name.isidentifier()


@pytest.mark.parametrize("name", ["symssl", "symssl_at_zz", "os.path", ""])
def test_other_names_are_left_alone(name):
    assert path_of(name) is None
    assert spec_of(name) is None


@pytest.fixture
def lying(tmp_path):
    """A folder with two modules, one of which imports the other, and a single file."""
    (tmp_path / "folder with spaces").mkdir()
    (tmp_path / "folder with spaces" / "one.py").write_text("def f():\n    return 'one'\n")
    (tmp_path / "folder with spaces" / "two.py").write_text("from .one import f\n")
    (tmp_path / "single.py").write_text("def f():\n    return 'single'\n")
    return tmp_path


def test_folders_with_and_without_init(lying):
    folder = lying / "folder with spaces"
    name = package_at(folder)
    assert importlib.import_module(f"{name}.two").f() == "one"
    (lying / "other").mkdir()
    (lying / "other" / "__init__.py").write_text("here = __name__\n")
    assert importlib.import_module(package_at(lying / "other")).here == package_at(lying / "other")


def test_a_file_is_a_package_of_one_module(lying):
    name = package_at(lying / "single.py")
    assert importlib.import_module(f"{name}.single").f() == "single"
    for absent in ("other", "one"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"{name}.{absent}")


def test_functions_travel_to_other_processes(lying):
    functions = [
        importlib.import_module(f"{package_at(lying / 'folder with spaces')}.one").f,
        importlib.import_module(f"{package_at(lying / 'single.py')}.single").f,
    ]
    code = "import pickle, sys, symssl; print([f() for f in pickle.loads(bytes.fromhex(sys.argv[1]))])"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code, pickle.dumps(functions).hex()],
        check=False,
        capture_output=True,
        text=True,
        env=env,
        cwd="/",
    )
    assert done.stdout == "['one', 'single']\n", done.stderr
    assert not any("folder with spaces" in entry for entry in sys.path)
