"""The package as a person meets it: its table of contents, one copy of every class, a quick start."""

import ast
import os
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import symssl

ROOT = Path(__file__).resolve().parent.parent


def python(code, cwd=ROOT, **env):
    """Run code in a source tree, with the tree first on the path as at a prompt there."""
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, **env},
    )


def public_names():
    tree = ast.parse((ROOT / "symssl" / "__init__.pyi").read_text())
    return {
        alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) and node.module for alias in node.names
    }


def test_help_is_the_table_of_contents():
    text = pydoc.plain(pydoc.render_doc(symssl))
    assert len(text.splitlines()) < 120
    assert not {name for name in public_names() if name not in text}
    assert public_names() <= set(dir(symssl))  # what an editor completes


def test_rooms_are_there_after_import_symssl():
    rooms = sorted(path.parent.name for path in (ROOT / "symssl").glob("*/__init__.pyi"))
    done = python(f"import symssl\nfor room in {rooms}: assert getattr(symssl, room).__name__ == f'symssl.{{room}}'")
    assert rooms and done.returncode == 0, done.stderr
    assert not set(rooms) & set(symssl.__all__)  # a star import brings no modules


@pytest.mark.parametrize("module", ["symssl.symssl.scalar.flow", "symssl.symssl", "symssl.tests", "symssl.benchmarks"])
def test_what_lies_beside_the_package_is_not_in_it(module):
    done = python(f"import {module}")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_papers_and_figures_are_imported_under_the_package():
    code = (
        "import symssl, symssl.derivations, symssl.figures\n"
        "from symssl.derivations import tian2021\n"
        "from symssl.figures import jing2021\n"
        "import sys, symssl.scalar.flow\n"
        "flows = {m.Flow for m in list(sys.modules.values()) if isinstance(vars(m).get('Flow'), type)}\n"
        "assert flows == {symssl.Flow}\n"
        f"assert symssl.derivations.__path__[0] == {str(ROOT / 'derivations')!r}"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_papers_are_imported_in_a_spawned_process(tmp_path):
    code = (
        "from multiprocessing import get_context\nfrom symssl.claims.discovery import home\n"
        "if __name__ == '__main__':\n"
        "    with get_context('spawn').Pool(1) as pool:\n"
        "        print(len(pool.apply(home, ('symssl.derivations', 'tian2021'))))\n"
    )
    (tmp_path / "spawns.py").write_text(code)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, tmp_path / "spawns.py"], check=False, capture_output=True, text=True, env=env
    )
    assert done.returncode == 0 and int(done.stdout) > 0, done.stderr


def test_nothing_is_loaded_before_it_is_used():
    code = (
        "import sys\nbefore = set(sys.modules)\nimport symssl\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'matplotlib', 'flint', 'mpmath', 'click'} & (set(sys.modules) - before)\n"
        "assert not heavy, heavy"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_the_command_line_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "symssl", "--version"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
    )
    assert (done.returncode, done.stdout.strip()) == (0, symssl.__version__), done.stderr


def test_every_room_is_imported_without_a_warning():
    rooms = sorted(path.parent.name for path in (ROOT / "symssl").glob("*/__init__.pyi"))
    code = f"import symssl\nfor room in {rooms!r}:\n    module = __import__(f'symssl.{{room}}', fromlist=['x'])\n"
    done = python(code + "    [getattr(module, name) for name in module.__all__]\n")
    assert done.returncode == 0 and done.stderr == "", done.stderr
