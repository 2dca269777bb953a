"""Substitution: bound symbols stay, values are not captured, derivatives are taken before their point is put in."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st
from sentences import CLAIMS, sentence
from sympy import Dict, Eq, Gt, Identity, MatrixSymbol, Symbol, ZeroMatrix, oo, symbols

from symssl import InputError, samples, sq, total
from symssl.language import (
    Along,
    At,
    Exists,
    FirstTime,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Limit,
    Next,
    Optimum,
    Order,
    Rate,
    Stability,
    VectorField,
    Zeros,
)
from symssl.language.binding import Binder, Derived, as_bound, free_in, letters, written_out
from symssl.language.names import bound_names, free_names

x, y, x_1, t = symbols("x y x_1 t", real=True)
a, b = symbols("a b", positive=True)
h, d, N, i = symbols("h d N i", integer=True, positive=True)
W, V = MatrixSymbol("W", h, d), MatrixSymbol("V", h, d)
Z = samples("z", d, N)
FIELD = VectorField({x: a * x})
BINDERS = {
    "Limit": Limit(a * x, x, oo),
    "Order": Order(a * x**2, x, 0),
    "At": At(a * x, {x: 2}),
    "Along": Along(a * x, FIELD, t, {x: 1}),
    "FirstTime": FirstTime(Gt(x, a), FIELD, {x: 1}),
    "Zeros": Zeros(a * x - 1, x),
    "Stability": Stability(FIELD, {x: 0}, "stable"),
    "Optimum": Optimum(a * x**2, x),
    "ForAll": ForAll(x, Gt(a * x, 0), Gt(x, a)),
    "Exists": Exists(x, Gt(a * x, 0), Gt(x, a)),
}


@pytest.mark.parametrize("put", ["subs", "xreplace"])
@pytest.mark.parametrize("name", BINDERS)
def test_bound_symbols_are_not_touched_and_values_are_not_captured(name, put):
    node = BINDERS[name]
    assert x not in node.free_symbols and a in node.free_symbols
    assert getattr(node, put)({x: b}) == node
    assert getattr(node, put)({a: b}) != node and a not in getattr(node, put)({a: b}).free_symbols
    put_in = getattr(node, put)({a: x + 1})  # x names something else there
    assert x in put_in.free_symbols and a not in put_in.free_symbols
    assert x not in put_in.bound_symbols and put_in.bound_symbols[0].name == "x_1"
    assert put_in == getattr(node, put)({a: b}).subs(b, x + 1)
    renamed_first = getattr(node, put)({a: x_1})
    assert x_1 in renamed_first.free_symbols and renamed_first.bound_symbols == [x]


@pytest.mark.parametrize("name", CLAIMS)
def test_sentences_are_rebuilt_pickled_and_hashed(name):
    claim = CLAIMS[name]
    assert pickle.loads(pickle.dumps(ForAll(OTHER, claim))) == ForAll(OTHER, claim)
    assert rebuilt(claim) == claim or claim in EVALUATED
    held = sentence(name)
    assert pickle.loads(pickle.dumps(held)) == held and hash(pickle.loads(pickle.dumps(held))) == hash(held)


OTHER = Symbol("other")
EVALUATED = {CLAIMS["zero matrix"], CLAIMS["for all of several kinds"]}  # SymPy does, where it rebuilds a relation


def rebuilt(part):
    return part.func(*map(rebuilt, part.args)) if part.args else part


def test_equal_and_hashed_alike_in_a_process_with_another_hash_seed(tmp_path):
    """What is pickled here is found there among what is built there, and the other way round."""
    file = tmp_path / "claims"
    file.write_bytes(pickle.dumps([sentence(name) for name in CLAIMS]))
    code = (
        "import pickle, sys; from sentences import CLAIMS, sentence; held = pickle.load(open(sys.argv[1], 'rb'));"
        "made = [sentence(name) for name in CLAIMS];"
        "assert set(made) == set(held) and made == held and {s.claim for s in made} == {s.claim for s in held};"
        "print([s.latex() for s in made] == [s.latex() for s in held], hash('x'))"
    )
    told = []
    for seed in "12":
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))}
        done = subprocess.run([sys.executable, "-c", code, str(file)], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        told.append(done.stdout.split())
    assert told[0][0] == told[1][0] == "True" and told[0][1] != told[1][1]


@pytest.mark.parametrize("name", CLAIMS)
def test_free_and_bound_names_are_told_apart(name):
    claim = CLAIMS[name]
    free = {symbol for _, symbol in free_names(claim)}
    assert claim.free_symbols <= free
    assert letters(claim) - {n for n, _ in free_names(claim)} <= bound_names(claim) | {
        "e^d"
    }  # the family of unit vectors


def test_sizes_are_substituted_everywhere():
    small = MatrixSymbol("W", 3, d)
    flow = GradientFlow(sq(W), W, rates={W: a})
    for node in (Rate(W, flow), Gradient(sq(W), W), Limit(W / a, a, oo), Along(W, flow, t, {W: V}), At(W, {W: V})):
        for put in (node.subs(h, 3), node.xreplace({h: Symbol("h_2")}).xreplace({Symbol("h_2"): 3})):
            assert put.shape == (3, d) and not put.has(h)
    assert Rate(W, flow).subs(h, 3) == Rate(small, GradientFlow(sq(small), small, rates={small: a}))
    every = ForAll(W, Gt(sq(W), 0)).subs(h, 3)
    assert every.bound == (small,) and every.body == Gt(sq(small), 0)
    assert dict(Along(W, flow, t, {W: V}).subs(h, 3).args[3]) == {small: MatrixSymbol("V", 3, d)}
    sizes = ForAll((h, W), Gt(sq(W), 0))
    assert sizes.subs(h, 3) == sizes  # the size is bound


def test_a_value_of_a_state_is_the_point_where_the_derivative_is_taken():
    flow, step = GradientFlow(a * x**2, x), GradientDescent(a * x**2, x, step=b)
    for node in (Rate(a * x, flow), Next(a * x, step), Gradient(a * x**2, x)):
        assert isinstance(node, Derived)
        assert node.subs(x, 3) == node.xreplace({x: 3}) == At(node, {x: 3})
        assert node.subs(x, y).free_symbols == {y, *node.free_symbols} - {x} and not isinstance(node.subs(x, y), At)
        moved = node.subs(a, x)  # a does not move, and x does: the value is put in afterwards
        assert isinstance(moved, At) and moved.args[0] == node and dict(moved.args[1]) == {a: x}
        assert node.subs(a, 5).free_symbols == node.free_symbols - {a}
        assert node.xreplace({a: 1, x: 3}) == At(node.subs(a, 1), {x: 3})
    pair = Rate(x * y, VectorField({x: y, y: x**2}))
    assert pair.xreplace({x: y, y: x}) == Rate(x * y, VectorField({y: x, x: y**2}))
    assert Gradient(sq(W), W).subs(W, ZeroMatrix(h, d)) == At(Gradient(sq(W), W), {W: ZeroMatrix(h, d)})
    assert Gradient(sq(W), W).xreplace({W: V}) == Gradient(sq(V), V)


def test_dynamics_keep_symbols_as_states():
    with pytest.raises(InputError, match="At, or by a start"):
        GradientFlow(x**2, x).subs(x, 3)
    assert GradientFlow(a * x**2, x).subs(a, 3) == GradientFlow(3 * x**2, x)
    assert GradientFlow(a * x**2, x).xreplace({x: y}) == GradientFlow(a * y**2, y)


def test_sums_bind_their_index():
    whole = total(sq(W * Z[i]), i)
    assert whole.subs(i, 2) == whole and whole.xreplace({i: N}) == whole
    assert whole.subs(N, 4) == total(sq(W * samples("z", d, 4)[i]), i)
    shifted = total(a * sq(Z[i]), i).subs(a, i)
    assert i in shifted.free_symbols and shifted.args[1] != i


names = st.sampled_from("abxyz")


@given(names, st.lists(names, max_size=2), names)
def test_substitution_in_a_limit_is_that_of_logic(variable, factors, old):
    """Free symbols after the substitution are those that must be: computed here from the term by itself."""
    s = {name: Symbol(name, positive=True) for name in "abxyz"}
    term = s[variable] + sum(s[f] * 2 for f in factors)
    value = s["a"] + s["x"]
    node = Limit(term, s[variable], oo)
    put = node.subs(s[old], value)
    wanted = term.free_symbols - {s[variable]}
    if s[old] in wanted:
        wanted = (wanted - {s[old]}) | value.free_symbols
    assert put.free_symbols == wanted
    assert put == node.xreplace({s[old]: value})


def test_symbols_that_cannot_be_bound():
    with pytest.raises(InputError, match="law or an index"):
        as_bound(Z[1], "ForAll")
    with pytest.raises(InputError, match="same assumptions"):
        Limit(1 / Symbol("x", positive=True), x, oo)
    with pytest.raises(InputError, match="same shape"):
        ForAll(MatrixSymbol("W", h, 2), Gt(sq(W), 0))
    assert as_bound(x, "Limit", x + y) is x


def test_abbreviations_are_written_out_as_text_is():
    s, C = Symbol("s", real=True), MatrixSymbol("C", d, d)
    claim = ForAll(x, Gt(s, 0))
    assert written_out(claim, {s: x**2}) == ForAll(x, Gt(x**2, 0))
    assert written_out(Along(s, FIELD, t, {x: 1}), {s: x**2}) == Along(x**2, FIELD, t, {x: 1})
    held = Eq(C * C, Identity(d), evaluate=False)
    assert written_out(held, {s: x}) is held and written_out(held, {C: Identity(d)}).args[1] == Identity(d)


def test_parts_outside_the_scope():
    node = At(a * x, {x: y})
    assert isinstance(node, Binder) and node.outer == ((y,),) and free_in(Dict({x: y}), a) == {a, y}
