"""The cache: what it may tell, what a change touches, and that damage and time never leave a trace."""

import json
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, strategies as st

import symssl
from symssl.claims import Claim, Model, Step
from symssl.claims.deciders import identity, refuted_at, valid
from symssl.claims.ledger.cache import Cache, cache_folder
from symssl.claims.ledger.catalogue import Catalogue, derive, recall
from symssl.claims.ledger.fingerprint import Fingerprint, Unknown
from symssl.claims.ledger.sources import PRESENTATION, Sources, digest, engine_files

x, y = sp.symbols("x y", positive=True)
ROOT = Path(symssl.__file__).parent


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
    assert cache.read("verdicts", key) == body and Cache(cache.folder).read("verdicts", key) == body
    assert cache.damaged == [] and cache.trouble == ""


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
    assert cache.read("verdicts", "aa12") is None and cache.read("catalogues", "aa11") is None
    assert len(cache.damaged) == 2 and cache.read("verdicts", "aa11") == {"id": "a"}


def test_another_schema_is_not_believed(tmp_path):
    cache = Cache(tmp_path)
    cache.write("verdicts", "aa11", {"id": "a"})
    (path,) = cache.entries()
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 2'))
    assert cache.read("verdicts", "aa11") is None


def test_a_folder_in_place_of_an_entry_or_a_file_in_place_of_the_folder(tmp_path):
    cache = Cache(tmp_path)
    (tmp_path / "verdicts" / "aa" / "aa11.json").mkdir(parents=True)
    assert cache.read("verdicts", "aa11") is None and cache.damaged
    (tmp_path / "file").write_text("precious")
    blocked = Cache(tmp_path / "file")
    assert blocked.read("verdicts", "aa11") is None
    blocked.write("verdicts", "aa11", {})
    assert blocked.trouble and (tmp_path / "file").read_text() == "precious"


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
    assert cache.clear() == 4 and cache.clear() == 0
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


def other_steps(model):
    yield Step("differentiate", sp.diff(model.loss, x))


def made(value):
    def local(model):
        yield Step("count", len(value))

    return local


BASE = dict(id="a", kind="equation", printed=2 * y * (x - 1), steps=steps, decide=identity(), model=MODEL)


def key(**changes):
    return Fingerprint(Claim(**BASE | changes)).claim


@pytest.mark.parametrize(
    "changes",
    [
        dict(id="b"),
        dict(kind="lemma"),
        dict(printed=2 * y * (x + 1)),
        dict(steps=other_steps),
        dict(decide=valid()),
        dict(decide=identity("sizes 2 suffice")),
        dict(given=(x > 1,)),
        dict(model=Model("square", y * (x + 1) ** 2, (x,))),
        dict(model=None),
        dict(printed=sp.Symbol("x", real=True)),
        dict(steps=made("ab")),
        dict(model=Model("square", y * (x - 1) ** 2, (x,), weight_decay=y)),
    ],
    ids=lambda changes: ",".join(changes),
)
def test_what_decides_changes_the_key(changes):
    assert key(**changes) != key()


@pytest.mark.parametrize(
    "changes",
    [
        dict(note="why"),
        dict(cite="eq. 1"),
        dict(statement_latex="x"),
        dict(source="reconstructed"),
        dict(source="new", corrects="c"),
    ],
)
def test_what_only_describes_does_not(changes):
    assert key(**changes) == key()


def test_what_a_function_closes_over_belongs_to_the_claim():
    assert key(steps=made("ab")) == key(steps=made("ab")) != key(steps=made("abc"))
    one, two = (refuted_at({x: sp.Integer(k)}) for k in (2, 3))
    assert key(decide=one) != key(decide=two)
    assert key(decide=refuted_at(lambda derived: {})) != key(decide=one)


def test_symbols_that_look_alike_differ():
    assert (
        key(printed=sp.Symbol("x") + 1)
        != key(printed=sp.Symbol("x", real=True) + 1)
        != key(printed=sp.Symbol("x", positive=True) + 1)
    )
    assert key(printed=sp.Integer(2)) != key(printed=sp.Tuple(2)) != key(printed=sp.FiniteSet(2))


def test_what_is_not_understood_has_no_fingerprint():
    with pytest.raises(Unknown):
        Fingerprint(Claim(**BASE | dict(steps=made(object()))))


_EXPRESSIONS = st.recursive(
    st.sampled_from([x, y, sp.Integer(2), sp.Rational(1, 3), sp.pi]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(sum),
        st.tuples(inner, inner).map(lambda ab: ab[0] * ab[1]),
        inner.map(lambda a: sp.exp(a)),
        inner.map(lambda a: a**2),
    ),
    max_leaves=6,
)


@given(_EXPRESSIONS, _EXPRESSIONS)
def test_equal_digests_exactly_for_equal_trees(a, b):
    assert (key(printed=a) == key(printed=b)) is (sp.srepr(a) == sp.srepr(b))


def test_digests_are_the_same_in_every_process():
    code = (
        "from tests_of_cache import key, made, x, refuted_at\nimport sympy as sp\n"
        "print(key(), key(steps=made('ab')), key(printed=sp.FiniteSet(x, 2, sp.pi)), key(decide=refuted_at({x: 2})))"
    )
    found = set()
    for seed in ("0", "1"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        code_here = (
            f"import sys, importlib.util as u\ns = u.spec_from_file_location('tests_of_cache', {str(Path(__file__))!r})\n"
            "m = u.module_from_spec(s)\nsys.modules['tests_of_cache'] = m\ns.loader.exec_module(m)\n" + code
        )
        done = subprocess.run([sys.executable, "-c", code_here], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1


# --- what a change touches ---------------------------------------------------------------

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
    assert found["two.count"] == ("corrected", False) and found["one.count"] == ("holds", True)
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
    assert found["one.slip"] == ("corrected", False) and "1 entries of the cache were damaged" in err
    assert derived_again(package) == set()
    for path in entries:
        path.write_bytes(b"\x00garbage")
    code, found, err = run(package, "verify")
    assert {name for name, (_, cached) in found.items() if not cached} == EVERY and "5 entries" in err
    assert derived_again(package) == set()


def test_nothing_heavy_is_imported_when_nothing_has_changed(package):
    run(package, "verify")
    code = (
        "import sys\nfrom symssl.cli.main import main\ntry:\n"
        f"    main(['--derivations', {package.name!r}, 'verify'])\nexcept SystemExit: pass\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'flint', 'mpmath', 'rich', 'multiprocessing'} & set(sys.modules)\n"
        f"heavy |= {{name for name in sys.modules if name.startswith({package.name!r} + '.')}}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=package.parent)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 verdicts were in the cache" in done.stderr and "one.slip" in done.stdout


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
            Claim("two.broken", "result", 2, broken, same_value()), Claim("two.cited", "result", 2, quick, cited("a book"))))
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
            capture_output=True,
            text=True,
            cwd=package.parent,
        )
        rows = {row["id"]: row for row in json.loads(done.stdout)}
        assert {row["verdict"] for row in rows.values()} == {"open"}
        if rows["two.cited"]["cached"] and "time limit" not in rows["two.broken"]["reason"]:
            break
    assert [name for name, row in rows.items() if row["cached"]] == ["two.cited"]
    assert "time limit" in rows["two.slow"]["reason"] and "ZeroDivisionError" in rows["two.broken"]["reason"]


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
    assert found.verdict == "corrected" and cache.info()["verdicts"] == 0


# --- the graph of imports ----------------------------------------------------------------


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


# --- the engine --------------------------------------------------------------------------


def test_presentation_and_only_presentation_is_left_out():
    """Rooms above the claims, and LaTeX, which has a digest of its own."""
    from test_rooms import ORDER

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
        assert other.engine != before[0] and other.whole != before[1]
    (package.parent / "engine.py").write_text("x = 1")
    more = engine_files() | {"engine.py": package.parent / "engine.py"}
    with monkeypatch.context() as patched:
        patched.setattr("symssl.claims.ledger.sources.engine_files", lambda: more)
        assert Sources(package.name).engine != before[0]
    assert Sources(package.name).engine == before[0]
