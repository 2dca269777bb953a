"""The catalogue and what a change touches: nothing is derived twice, nothing stale is told."""

import json
import os
import subprocess
import sys
import textwrap
import time

import pytest

from symssl.claims.ledger.cache import Cache
from symssl.claims.ledger.catalogue import Catalogue, derive, recall
from symssl.claims.ledger.sources import digest

PAPERS = {
    "__init__.py": "",
    "_shared.py": "import sympy as sp\nx = sp.Symbol('x')\n",
    "one/__init__.py": """
        from symssl.claims import Paper
        from .lemmas import LEMMAS
        from .theorems import THEOREMS
        PAPER = Paper("one", "First", "c", LEMMAS + THEOREMS)
        """,
    "one/model.py": """
        from .._shared import x
        def square(model):
            return (x + 1)**2
        """,
    "one/lemmas.py": """
        import sympy as sp
        from symssl.claims import Claim, Step
        from symssl.claims.deciders import identity, same_value
        from .model import square
        from .._shared import x
        def steps(model):
            yield Step("expand", sp.expand(square(model)))
        def count(model):
            yield Step("count", len("ab"))
        LEMMAS = (Claim("one.square", "equation", x**2 + 2*x + 1, steps, identity()),
                  Claim("one.slip", "equation", x**2 + 2*x - 1, steps, identity()))
        """,
    "one/theorems.py": """
        from symssl.claims import Claim, Step
        from symssl.claims.deciders import same_value
        def steps(model):
            yield Step("count", len("abc"))
        THEOREMS = (Claim("one.count", "result", 3, steps, same_value()),)
        """,
    "two.py": """
        from symssl.claims import Claim, Paper, Step
        from symssl.claims.deciders import same_value
        def steps(model):
            yield Step("count", len("ab"))
        PAPER = Paper("two", "Second", "c", (Claim("two.count", "result", 2, steps, same_value()),))
        """,
}
EVERY = {"one.square", "one.slip", "one.count", "two.count"}


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """A package of two invented papers, one of them a package itself, and a cache; a new name for each test."""
    name = "papers_" + digest(request.node.nodeid)[:8]
    folder = tmp_path / name
    for path, text in PAPERS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))
    monkeypatch.setenv("SYMSSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # byte code is told from newer source by whole seconds only
    return folder


def run(package, *args):
    """`symssl ARGS` in a process of its own: (exit code, {id: (verdict, cached)}, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "symssl", "--derivations", package.name, *args, "-j", "1", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=package.parent,
    )
    assert "Traceback" not in done.stderr, done.stderr
    rows = json.loads(done.stdout)
    return done.returncode, {row["id"]: (row["verdict"], row["cached"]) for row in rows}, done.stderr


def derived_again(package):
    return {name for name, (_, cached) in run(package, "verify")[1].items() if not cached}


def edit(package, path, old, new):
    text = (package / path).read_text()
    assert old in text
    (package / path).write_text(text.replace(old, new))


def test_only_what_a_change_touches_is_derived_again(package):
    assert derived_again(package) == EVERY
    assert derived_again(package) == set()
    edit(package, "one/model.py", "return", "# it is a square\n    return")
    assert derived_again(package) == {"one.square", "one.slip"}  # through `from .model import square`
    edit(package, "one/theorems.py", "abc", "xyz")
    assert derived_again(package) == {"one.count"}
    edit(package, "_shared.py", "import", "# shared by papers\nimport")
    assert derived_again(package) == {"one.square", "one.slip"}
    edit(package, "two.py", 'len("ab")', 'len("abc")')
    _, found, _ = run(package, "verify")
    assert found["two.count"] == ("corrected", False)
    assert found["one.count"] == ("holds", True)
    edit(package, "one/lemmas.py", "x**2 + 2*x - 1", "x**2 + 2*x + 1")
    assert run(package, "verify", "one")[1] == {
        "one.square": ("holds", False),
        "one.slip": ("holds", False),
        "one.count": ("holds", True),
    }
    edit(package, "one/__init__.py", '"First"', '"A first paper"')
    assert derived_again(package) == set()
    assert set(run(package, "verify", "--no-cache")[1].values()) == {("holds", False), ("corrected", False)}


def test_going_back_finds_the_old_verdicts(package):
    run(package, "verify")
    edit(package, "two.py", 'len("ab")', 'len("abc")')
    assert run(package, "verify")[1]["two.count"] == ("corrected", False)
    edit(package, "two.py", 'len("abc")', 'len("ab")')
    assert run(package, "verify")[1]["two.count"] == ("holds", True)


def test_damaged_entries_are_decided_again_and_mended(package, tmp_path):
    run(package, "verify")
    entries = Cache(tmp_path / "cache").entries()
    assert len(entries) == 5  # four verdicts and one catalogue
    forged = next(path for path in entries if '"corrected"' in path.read_text())
    forged.write_text(forged.read_text().replace('"corrected"', '"holds"'))
    _, found, err = run(package, "verify")
    assert found["one.slip"] == ("corrected", False)
    assert "1 entries of the cache were damaged" in err
    assert derived_again(package) == set()
    for path in entries:
        path.write_bytes(b"\x00garbage")
    _code, found, err = run(package, "verify")
    assert {name for name, (_, cached) in found.items() if not cached} == EVERY
    assert "5 entries" in err
    assert derived_again(package) == set()


def test_nothing_heavy_is_imported_when_nothing_has_changed(package):
    run(package, "verify")
    code = (
        "import sys\nbefore = set(sys.modules)\n"  # the measuring of coverage imports some by itself
        "from symssl.cli.main import main\ntry:\n"
        f"    main(['--derivations', {package.name!r}, 'verify'])\nexcept SystemExit: pass\n"
        "new = set(sys.modules) - before\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'flint', 'mpmath', 'rich', 'multiprocessing'} & new\n"
        f"heavy |= {{name for name in sys.modules if name.startswith({package.name!r} + '.')}}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=package.parent)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 verdicts were in the cache" in done.stderr
    assert "one.slip" in done.stdout


def test_time_limits_and_crashes_are_not_kept(package):
    (package / "two.py").write_text(
        textwrap.dedent("""
        import time
        from symssl.claims import Claim, Paper, Step
        from symssl.claims.deciders import cited, same_value
        def slow(model):
            time.sleep(600)
            yield Step("count", 2)
        def broken(model):
            yield Step("divide", len("") / len(""))
        def quick(model):
            yield Step("count", len("ab"))
        PAPER = Paper("two", "Second", "c", (Claim("two.slow", "result", 2, slow, same_value()),
            Claim("two.broken", "result", 2, broken, same_value()),
            Claim("two.cited", "result", 2, quick, cited("a book"))))
        """)
    )
    for limit in ("6", "6", "60"):  # what is quick may need more on a busy machine
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "symssl",
                "--derivations",
                package.name,
                "verify",
                "two",
                "-j",
                "1",
                "--json",
                "--time-limit",
                limit,
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=package.parent,
        )
        rows = {row["id"]: row for row in json.loads(done.stdout)}
        assert {row["verdict"] for row in rows.values()} == {"open"}
        if rows["two.cited"]["cached"] and "time limit" not in rows["two.broken"]["reason"]:
            break
    assert [name for name, row in rows.items() if row["cached"]] == ["two.cited"]
    assert "time limit" in rows["two.slow"]["reason"]
    assert "ZeroDivisionError" in rows["two.broken"]["reason"]


def test_a_paper_with_an_import_that_cannot_be_followed_is_never_kept(package):
    (package.parent / f"{package.name}_outside.py").write_text("number = 2\n")
    edit(package, "two.py", "def steps", f"from {package.name}_outside import number\ndef steps")
    edit(package, "two.py", 'len("ab")', "number + 0")
    assert run(package, "verify", "two")[1] == {"two.count": ("holds", False)}
    (package.parent / f"{package.name}_outside.py").write_text("number = 31\n")
    assert run(package, "verify", "two")[1] == {"two.count": ("corrected", False)}


def test_a_source_that_changes_meanwhile_is_not_stored(package, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(package.parent))
    cache = Cache(tmp_path / "cache")
    catalogue = Catalogue(package.name, cache)
    rows = catalogue.select(["two"])
    assert recall(catalogue, rows) == ({}, list(rows))
    time.sleep(0.01)
    edit(package, "two.py", 'len("ab")', 'len("a")')
    (found,) = derive(catalogue, rows, jobs=1)
    assert found.verdict == "corrected"
    assert cache.info()["verdicts"] == 0
