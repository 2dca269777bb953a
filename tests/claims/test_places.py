"""Papers by path: a folder, a single file, a package; from anywhere, in workers, with a ledger beside them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symssl.claims import discover
from symssl.claims.ledger.catalogue import Catalogue
from symssl.claims.places import Place, place_of
from symssl.errors import InputError
from symssl.support.arguments import described

TOY = Path(__file__).parents[1] / "toy"
SINGLE = (
    "from symssl.claims import Claim, Paper, Step, same_value\n"
    "def steps(model):\n    yield Step('count', len('ab'))\n"
    "PAPER = Paper('NAME', 'T', 'c', (Claim('NAME.a', 'result', 2, steps, same_value()),))\n"
)


@pytest.fixture
def mypapers(tmp_path, monkeypatch):
    """A folder of two papers without ``__init__.py``, one of which shares a module; and a file."""
    monkeypatch.setenv("SYMSSL_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "my papers"
    folder.mkdir()
    shutil.copy(TOY / "derivations" / "garden.py", folder)
    (folder / "_shared.py").write_text("two = len('ab')\n")
    (folder / "small.py").write_text(
        SINGLE.replace("NAME", "small").replace("len('ab')", "two + 0") + "from ._shared import two\n"
    )
    (tmp_path / "alone.py").write_text(SINGLE.replace("NAME", "alone"))
    return folder


def symssl(*args, cwd):
    """The command line in a process that knows nothing of where the papers are."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    code = "import sys; sys.path.remove(''); from symssl.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], check=False, capture_output=True, text=True, env=env, cwd=cwd
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_folder_from_anywhere_with_workers_and_the_cache(mypapers, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    first = symssl("--derivations", "./my papers", "verify", "--record", "-j", "2", cwd=tmp_path)
    assert first.returncode == 0
    assert "recorded 13 verdicts" in first.stderr
    assert (mypapers / "ledger.lock.json").is_file()
    again = symssl("--derivations", "../my papers", "verify", "-j", "2", cwd=tmp_path / "elsewhere")
    assert (again.returncode, again.stderr) == (0, "symssl: 13 of 13 verdicts were in the cache\n")
    moved = mypapers.rename(tmp_path / "renamed")
    known = symssl("--derivations", moved, "verify", cwd="/")
    assert (known.returncode, known.stderr) == (0, again.stderr)
    (moved / "_shared.py").write_text("two = len('abc')\n")  # the sources follow the files
    changed = symssl("--derivations", moved, "verify", cwd="/")
    assert changed.returncode == 1
    assert "12 of 13" in changed.stderr
    assert "small.a: verdict is corrected, recorded holds" in changed.stderr


def test_a_single_file_and_its_ledger(mypapers, tmp_path):
    first = symssl("--derivations", "alone.py", "verify", "--record", cwd=tmp_path)
    assert first.returncode == 0
    assert "alone.lock.json" in first.stderr
    assert list(json.loads((tmp_path / "alone.lock.json").read_text())["claims"]) == ["alone.a"]
    again = symssl("--derivations", tmp_path / "alone.py", "verify", "alone", cwd="/")
    assert (again.returncode, again.stderr) == (0, "symssl: 1 of 1 verdicts were in the cache\n")


def test_figures_by_path(mypapers, tmp_path):
    shutil.copytree(TOY / "figures", tmp_path / "figs")
    for figures in ("figs", "figs/garden.py"):
        done = symssl("--derivations", "my papers", "--figures", figures, "figure", "garden", "-o", "out", cwd=tmp_path)
        assert done.returncode == 0
        assert (tmp_path / "out" / "line.pdf").is_file()
        shutil.rmtree(tmp_path / "out")


@pytest.mark.parametrize(
    "where, said",
    [
        ("./nothing", "there is no such file or folder"),
        ("nothing.py", "there is no such file or folder"),
        ("nothing", "neither such a package nor such a folder"),
        ("empty", "holds no paper"),
        ("broken.py", "broken.py failed to import: SyntaxError: "),
        ("noted.txt", "is no Python file"),
        ("two.dots.py", "rename the file"),
        ("oneself", "one paper in several files"),
        ("", "must be a folder, a file or the name of a package"),
    ],
)
def test_what_is_no_collection_is_said_in_one_sentence(tmp_path, where, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "oneself").mkdir()
    (tmp_path / "oneself" / "__init__.py").write_text(SINGLE.replace("NAME", "oneself"))
    (tmp_path / "broken.py").write_text("def (:\n")
    (tmp_path / "noted.txt").write_text("")
    (tmp_path / "two.dots.py").write_text("")
    done = symssl("--derivations", where, "verify", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize("where", [3, None, {"a"}, object(), int, b"x", lambda: 1], ids=described)
def test_what_names_no_place(where):
    for call in (place_of, discover, Catalogue):
        with pytest.raises(InputError, match="must be a folder, a file or the name of a package"):
            call(where)


def test_digests_depend_on_neither_path_nor_package(tmp_path):
    shutil.copytree(TOY / "derivations", tmp_path / "one")
    shutil.copytree(TOY / "derivations", tmp_path / "two")
    catalogues = [Catalogue("toy.derivations"), Catalogue(tmp_path / "one"), Catalogue(str(tmp_path / "two"))]
    digests = [[(row.stated, row.key) for row in catalogue.rows] for catalogue in catalogues]
    assert digests[0] == digests[1] == digests[2]
    assert all(stated and key for stated, key in digests[0])
    assert len({catalogue.lock for catalogue in catalogues}) == 3


def test_places():
    place = place_of("toy.derivations")
    assert (place.names(), place.is_file, place.lock) == (["garden"], False, TOY / "derivations" / "ledger.lock.json")
    assert place.relative("toy.derivations.garden") == "papers.garden"
    assert place.relative("toy.other") == "toy.other"
    alone = Place("p", Path("/a/b.py"), "b.py")
    assert (alone.names(), alone.lock, alone.files()) == (["b"], Path("/a/b.lock.json"), {"p.b": Path("/a/b.py")})
    assert place_of(alone) is alone
