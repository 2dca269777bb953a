"""The gate to SymPy: numbers and SymPy's objects pass, text and what may hold it do not, and nothing is ever run."""

import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from benchmarks.reliability.texts import operations
from benchmarks.reliability.wrong import CODE, Disguised, holders, was_evaluated
from symssl import E, InputError, ModeSum, gaussians, inner, potential, samples, sg, sq, total
from symssl.exact.gate import Guarded, as_sympy

A = sp.MatrixSymbol("A", 2, 2)
p = sp.Symbol("p", positive=True)
i = sp.Symbol("i")
(v,) = gaussians("v", 2)
X = samples("X", 2, 3)
NODES = [
    sq(A), inner(A, A), sg(A), sg(p), E(sq(v)), E(v), total(sq(X[i]), i), total(X[i], i), potential("f", A), v, X[i],
    ModeSum(p), v.joint,
]  # fmt: skip


def test_the_text_does_tell_when_it_is_run():
    sp.sympify(CODE)
    assert was_evaluated() and not was_evaluated()
    sp.sympify((CODE,), strict=True)  # what this module is for
    assert was_evaluated()


@pytest.mark.parametrize("name", [name for name in holders() if not isinstance(holders()[name], sp.Expr)])
def test_no_container_passes_and_nothing_is_run(name):
    with pytest.raises(InputError, match="the thing must be"):
        as_sympy(holders()[name], "the thing")
    assert not was_evaluated()


@given(
    st.recursive(
        st.just(CODE) | st.just(p) | st.integers(),
        lambda inside: (
            st.lists(inside, min_size=1, max_size=3)
            | st.lists(inside, min_size=1, max_size=3).map(tuple)
            | st.dictionaries(st.sampled_from([p, "p", CODE]), inside, min_size=1, max_size=2)
            | inside.filter(lambda thing: not isinstance(thing, (list, dict))).map(lambda thing: (thing,))
            | st.lists(inside, min_size=1, max_size=2).map(lambda items: np.array([*items, None], dtype=object))
            | inside.map(Disguised)
        ),
        max_leaves=6,
    ).filter(lambda thing: not isinstance(thing, (int, sp.Symbol)))
)
def test_containers_in_containers_do_not_pass_either(thing):
    held = thing
    while isinstance(held, Disguised):
        held = held.held
    if isinstance(held, sp.Symbol):
        assert as_sympy(thing) == p
        return
    with pytest.raises(InputError):
        as_sympy(thing)
    assert not was_evaluated()


@pytest.mark.parametrize(
    "number",
    [3, Fraction(1, 3), Decimal("0.5"), 0.5, 1j, np.float64(0.5), np.int64(3), np.array(3.0), fmpq(1, 3)],
    ids=repr,
)
def test_numbers_pass_as_what_they_are(number):
    found = as_sympy(number)
    assert isinstance(found, sp.Basic) and complex(found) == complex(
        Fraction(int(number.p), int(number.q)) if isinstance(number, fmpq) else number
    )


@pytest.mark.parametrize("thing", [p, sq(A), A, sp.Matrix([[1, p]]), p > 1, sp.Tuple(p, 1), sp.pi])
def test_objects_of_sympy_pass_as_they_are(thing):
    assert as_sympy(thing) is thing


@pytest.mark.parametrize("node", NODES, ids=lambda n: type(n).__name__)
def test_no_operator_of_a_node_runs_text(node):
    assert isinstance(node, Guarded)
    assert [words for words, ran in operations(node) if ran] == []


@pytest.mark.parametrize("node", NODES, ids=lambda n: type(n).__name__)
def test_a_guarded_node_is_the_sympy_object_it_was(node):
    again = pickle.loads(pickle.dumps(node))
    assert again == node and hash(again) == hash(node) and {node: 1}[again] == 1
    assert node != (node,) and node != "A" and node != 1 and (node == sp.Symbol("other")) is False


def test_arithmetic_of_nodes_is_that_of_sympy():
    scalar, plain = sq(A), sp.Symbol("q", nonnegative=True)
    for name in ("add", "sub", "mul", "truediv", "pow"):
        for other in (3, Fraction(1, 2), p, 2 * p):
            apply = getattr(operator, name)
            assert apply(scalar, other).subs(scalar, plain) == apply(plain, sp.sympify(other))
            assert apply(other if isinstance(other, sp.Basic) else sp.sympify(other), scalar).subs(
                scalar, plain
            ) == apply(sp.sympify(other), plain)
    assert (scalar < 3).subs(scalar, plain) == (plain < 3) and (2 <= scalar) == (scalar >= 2)
    assert sg(A) + A - sg(A) == A and (sg(A) * A).shape == (2, 2) and -sg(A) == (-1) * sg(A)
    with pytest.raises(TypeError):
        operator.add(scalar, "A")
    with pytest.raises(TypeError):
        operator.lt((1,), scalar)
