"""Digests of claims: equal exactly when the claims say the same, wherever their classes and papers lie."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.claims import Claim, Model, Step
from symssl.claims.deciders import identity, refuted_at, valid
from symssl.claims.ledger.fingerprint import Fingerprint, Unknown

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
