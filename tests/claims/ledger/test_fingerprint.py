"""Digests of claims: equal exactly when the claims say the same, wherever their classes and papers lie."""

import importlib
import os
import pkgutil
import subprocess
import sys
from dataclasses import is_dataclass
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, strategies as st

import symssl
from symssl import Symmetric, norm, sg, sq
from symssl.claims import (
    Claim,
    Model,
    Step,
    cited,
    enclosed,
    equivalent,
    gap,
    identity,
    implied,
    order_of_error,
    refuted_at,
    same_value,
    stipulated,
    valid,
)
from symssl.claims.ledger.catalogue import Catalogue
from symssl.claims.ledger.fingerprint import Fingerprint, NoFingerprint
from symssl.claims.ledger.lock import read_lock
from symssl.claims.ledger.sources import is_of_papers
from symssl.claims.places import Place

x, y = sp.symbols("x y", positive=True)


MODEL = Model("square", y * (x - 1) ** 2, (x,))


def steps(model):
    yield Step("differentiate", sp.diff(model.loss, x))


def other_steps(model):
    yield Step("differentiate", sp.diff(model.loss, x))


def made(value):
    def local(model):
        yield Step("count", len(value))

    return local


BASE = {"id": "a", "kind": "equation", "printed": 2 * y * (x - 1), "steps": steps, "decide": identity(), "model": MODEL}


def key(**changes):
    return Fingerprint(Claim(**BASE | changes)).claim


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "b"},
        {"kind": "lemma"},
        {"printed": 2 * y * (x + 1)},
        {"steps": other_steps},
        {"decide": valid()},
        {"decide": identity("sizes 2 suffice")},
        {"given": (x > 1,)},
        {"model": Model("square", y * (x + 1) ** 2, (x,))},
        {"model": None},
        {"printed": sp.Symbol("x", real=True)},
        {"steps": made("ab")},
        {"model": Model("square", y * (x - 1) ** 2, (x,), weight_decay=y)},
    ],
    ids=",".join,
)
def test_what_decides_changes_the_key(changes):
    assert key(**changes) != key()


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "why"},
        {"cite": "eq. 1"},
        {"statement_latex": "x"},
        {"source": "reconstructed"},
        {"source": "new", "corrects": "c"},
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
    with pytest.raises(NoFingerprint):
        Fingerprint(Claim(**BASE | {"steps": made(object())}))


_EXPRESSIONS = st.recursive(
    st.sampled_from([x, y, sp.Integer(2), sp.Rational(1, 3), sp.pi]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(sum),
        st.tuples(inner, inner).map(lambda ab: ab[0] * ab[1]),
        inner.map(sp.exp),
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
            "import sys, importlib.util as u\n"
            f"s = u.spec_from_file_location('tests_of_cache', {str(Path(__file__))!r})\n"
            "m = u.module_from_spec(s)\nsys.modules['tests_of_cache'] = m\ns.loader.exec_module(m)\n" + code
        )
        done = subprocess.run([sys.executable, "-c", code_here], check=False, capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1


# --- classes and papers move -------------------------------------------------------------


def engine_modules():
    for module in pkgutil.walk_packages(symssl.__path__, "symssl."):
        if not module.name.startswith(("symssl.__main__", "symssl.derivations", "symssl.figures")):
            yield importlib.import_module(module.name)


def is_of_engine(thing):
    return thing.__module__.startswith("symssl.") and not is_of_papers(thing.__module__)


def test_no_two_classes_of_the_engine_share_a_name():
    """A class is told by its name alone, so that it may move: SymPy nodes, relations, evidence, results.

    What is private, no node and no dataclass, is never looked at in a claim.
    """
    homes = {}
    for module in engine_modules():
        for thing in vars(module).values():
            if not isinstance(thing, type) or not is_of_engine(thing):
                continue
            if not thing.__name__.startswith("_") or issubclass(thing, sp.Basic) or is_dataclass(thing):
                homes.setdefault(thing.__qualname__, set()).add(thing.__module__)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
    assert len(homes) > 100


def test_no_two_functions_that_a_claim_can_hold_share_a_name():
    """Deciders, and what the rooms export: all that a paper can hand over."""
    x = sp.Symbol("x")
    made = [
        identity(), same_value(), valid(), implied(), equivalent(), enclosed(), cited("a"), stipulated(),
        order_of_error(), refuted_at({x: 1}), gap(identity(), ""),
    ]  # fmt: skip
    functions = {getattr(decide, "func", decide) for decide in made}
    for path in Path(symssl.__file__).parent.glob("*/__init__.pyi"):
        room = importlib.import_module(f"symssl.{path.parent.name}")
        functions |= {f for name in room.__all__ if callable(f := getattr(room, name)) and hasattr(f, "__qualname__")}
    names = [f.__qualname__ for f in functions if is_of_engine(f)]
    assert len(names) == len(set(names)) > 100, {name for name in names if names.count(name) > 1}


def moved(thing, module, monkeypatch):
    """As if a class or function had been defined in another module of the engine."""
    monkeypatch.setattr(thing, "__module__", module)


def test_a_class_and_a_decider_that_move_change_no_digest(monkeypatch):
    n = sp.Symbol("n", integer=True, positive=True)
    A = sp.MatrixSymbol("A", n, n)
    claims = [
        Claim(**BASE | {"printed": sq(A), "given": (Symmetric(A),), "decide": stipulated(Symmetric(A))}),
        Claim(**BASE | {"printed": norm(A) + sg(norm(A)), "decide": identity()}),
    ]
    before = [(Fingerprint(c).stated, Fingerprint(c).claim) for c in claims]
    things = [Symmetric, Model, type(sq(A)), type(norm(A)), type(sg(norm(A)))]
    for thing in [*things, *(c.decide.func for c in claims)]:
        moved(thing, "symssl.another_room.another_module", monkeypatch)
    assert [(Fingerprint(c).stated, Fingerprint(c).claim) for c in claims] == before
    moved(Symmetric, "another_library.relations", monkeypatch)
    assert Fingerprint(claims[0]).stated != before[0][0]


def test_a_paper_s_own_function_tells_its_module(monkeypatch):
    before = key()
    moved(steps, "another_module", monkeypatch)
    assert key() != before
    place = Place("mine", Path("mine"), "mine")
    moved(steps, "mine.tree", monkeypatch)
    inside = Fingerprint(Claim(**BASE), place).claim
    moved(steps, "yours.tree", monkeypatch)
    assert Fingerprint(Claim(**BASE), Place("yours", Path("yours"), "yours")).claim == inside
    moved(steps, "yours.other", monkeypatch)
    assert Fingerprint(Claim(**BASE), Place("yours", Path("yours"), "yours")).claim != inside


def test_the_recorded_ledger_states_what_the_papers_state():
    catalogue = Catalogue()
    recorded = read_lock(catalogue.lock)
    assert {row.id: row.stated for row in catalogue.rows} == {name: entry["stated"] for name, entry in recorded.items()}
