"""Imports read off the source, and what belongs to the engine."""

import os
import sys
import textwrap
from pathlib import Path

import pytest
from test_rooms import ORDER

import symssl
from symssl.claims.ledger.sources import PRESENTATION, Sources, digest, engine_files

ROOT = Path(symssl.__file__).parent


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


def graph(tmp_path, files):
    """Closure of `pkg_N.a` in a package made of the given files."""
    folder = tmp_path / f"pkg_{digest(repr(files))[:8]}"
    for path, text in {"__init__.py": "", **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sys.path.insert(0, str(tmp_path))
    try:
        sources = Sources(folder.name)
    finally:
        sys.path.remove(str(tmp_path))
    found = sources.closure([f"{folder.name}.a"])
    return found if found is None else {name.removeprefix(f"{folder.name}").lstrip(".") for name in found}


B = {"b/__init__.py": "from .c import z\nw = 1\n", "b/c.py": "z = 2", "b/d.py": "y = 3"}


@pytest.mark.parametrize(
    "text, reached",
    [
        ("import math, sympy\nfrom symssl.claims import Claim", {"a"}),
        ("from .b import z", {"a", "b", "b.c"}),
        ("from .b.d import y", {"a", "b.d"}),
        ("from .b import d", {"a", "b.d"}),
        ("from . import b", {"a", "b", "b.c", "b.d"}),
        ("from .b import *", {"a", "b", "b.c", "b.d"}),
        ("def f():\n    from .b.d import y", {"a", "b.d"}),
        ("import requests", None),
        ("from symssl.derivations.some import LOSS", None),  # papers of another package than the one looked at
        ("from symssl import derivations", None),
        ("from symssl import Claim, figures", None),
        ("import symssl\nx = symssl.derivations.some.LOSS", None),
        ("import symssl\nx = symssl.scalar.flow.Flow", {"a"}),
        ("from importlib import import_module", None),
        ("m = __import__('os')", None),
        ("from .missing import x", None),
        ("def f(:", None),
    ],
)
def test_imports_are_followed(tmp_path, text, reached):
    assert graph(tmp_path, {"a.py": text, **B}) == reached


def test_absolute_imports_of_the_package_are_followed(tmp_path):
    (tmp_path / "absolute").mkdir()
    for name, text in {
        "__init__": "",
        "a": "from absolute.b import z\nimport absolute.c",
        "b": "z = 1",
        "c": "",
        "d": "",
    }.items():
        (tmp_path / "absolute" / f"{name}.py").write_text(text)
    sys.path.insert(0, str(tmp_path))
    try:
        assert Sources("absolute").closure(["absolute.a"]) == {"absolute.a", "absolute.b", "absolute.c"}
    finally:
        sys.path.remove(str(tmp_path))


def test_a_package_that_hides_its_submodule_is_looked_at(tmp_path):
    files = {"a.py": "from .b import d", "b/__init__.py": "from .c import d", "b/c.py": "d = 1", "b/d.py": ""}
    assert graph(tmp_path, files) == {"a", "b", "b.c", "b.d"}


def test_presentation_and_only_presentation_is_left_out():
    """Rooms above the claims, and LaTeX, which has a digest of its own."""
    after = ORDER[ORDER.index("claims") + 1 :]
    assert set(PRESENTATION) == {"__main__", "typeset", *after}
    papers = {"derivations", "figures"}  # an installed copy has them inside the package
    sources = {path.relative_to(ROOT) for path in ROOT.rglob("*.py") if not papers & set(path.relative_to(ROOT).parts)}
    left_out = sources - set(map(Path, engine_files()))
    assert {path.with_suffix("").parts[0] for path in left_out} == set(PRESENTATION)
    assert not {path.with_suffix("").parts[0] for path in sources - left_out} & set(PRESENTATION)


def test_papers_in_an_installed_engine_are_not_the_engine(tmp_path, monkeypatch):
    for path in ("flow.py", "cli.py", "claims/zero.py", "derivations/paper.py", "figures/paper.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    monkeypatch.setattr("symssl.claims.ledger.sources._ENGINE", tmp_path)
    assert set(engine_files()) == {"flow.py", str(Path("claims/zero.py"))}


def test_the_engine_and_its_versions_are_part_of_every_key(package, monkeypatch):
    monkeypatch.syspath_prepend(str(package.parent))
    plain = Sources(package.name)
    before = plain.engine, plain.whole
    with monkeypatch.context() as patched:
        patched.setattr("symssl.claims.ledger.sources.versions", lambda: "sympy 99")
        other = Sources(package.name)
        assert other.engine != before[0]
        assert other.whole != before[1]
    (package.parent / "engine.py").write_text("x = 1")
    more = engine_files() | {"engine.py": package.parent / "engine.py"}
    with monkeypatch.context() as patched:
        patched.setattr("symssl.claims.ledger.sources.engine_files", lambda: more)
        assert Sources(package.name).engine != before[0]
    assert Sources(package.name).engine == before[0]
