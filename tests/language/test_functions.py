"""Functions that are not specified, functions of entries, entries: what they hold, print and refuse."""

import pickle

import pytest
from hypothesis import given, strategies as st
from sympy import Lambda, MatrixSymbol, Max, Rational, Symbol, latex, symbols, tanh

from symssl import InputError
from symssl.language import Apply, Entry, FunctionSymbol, function, norm, sq

n, k = symbols("n k", integer=True, positive=True)
v = Symbol("v", real=True)
W, x = MatrixSymbol("W", n, k), MatrixSymbol("x", k, 1)
phi = function("phi")
FUNCTIONS = (phi, Lambda(v, tanh(v)), Lambda(v, v**2 + 1))
TERMS = (v, v**2, W, W * x, norm(x))


@given(st.sampled_from(FUNCTIONS), st.sampled_from(TERMS), st.integers(0, 4))
def test_a_function_has_the_shape_of_what_it_is_applied_to(f, term, order):
    applied = Apply(f, term, order)
    assert getattr(applied, "shape", None) == getattr(term, "shape", None)
    assert (applied.function, applied.term, applied.order) == (f, term, order)
    assert applied.func(*applied.args) == applied == pickle.loads(pickle.dumps(applied))
    assert Apply(f, term, order + 1) != applied
    assert ("'" * order if order < 4 else f"({order})") in latex(applied)


def test_what_is_inside_is_substituted():
    y = MatrixSymbol("y", k, 1)
    assert phi(W * x).xreplace({x: y}) == phi(W * y)
    assert phi(v, 1).xreplace({phi: FUNCTIONS[1]}) == Apply(FUNCTIONS[1], v, 1)
    assert sq(phi(W)).free_symbols >= {phi, W}


def test_formulas():
    assert latex(phi(W * x)) == r"\phi\left(W x\right)"
    assert latex(phi(v, 2)) == r"\phi''\left(v\right)"
    assert latex(Apply(Lambda(v, tanh(v)), W)) == r"\tanh{\left(W \right)}"
    assert latex(Apply(Lambda(v, Max(v, 0)), W)) == r"\max\left(0, W\right)"
    assert latex(Apply(Lambda(v, v**2), v + 1)) == r"\left(v + 1\right)^{2}"
    assert latex(Entry(W * x, k)) == r"\left[W x\right]_{k}"
    assert latex(Entry(W, 1, k) ** 2) == r"\left[W\right]_{1,k}^{2}"
    assert (str(phi(v, 1)), str(Entry(W, 1, k)), str(Entry(W * x, 1))) == ("phi'(v)", "W[1, k]", "(W*x)[1, 1]")


@given(st.integers(-2, 5), st.integers(-2, 5))
def test_entries_are_numbered_from_one(row, column):
    A = MatrixSymbol("A", 3, 2)
    inside = 1 <= row <= 3 and 1 <= column <= 2
    if not inside:
        with pytest.raises(InputError, match="positive|numbered from 1"):
            Entry(A, row, column)
        return
    entry = Entry(A, row, column)
    assert entry.args == (A, row, column) and entry.is_real
    assert entry.func(*entry.args) == entry == pickle.loads(pickle.dumps(entry))


@pytest.mark.parametrize(
    "made",
    [
        lambda: Apply("tanh", v),
        lambda: Apply(Lambda((v, n), v + n), v),
        lambda: Apply(phi, "v"),
        lambda: phi(v, -1),
        lambda: phi(v, 1.5),
        lambda: Entry(v, 1),
        lambda: Entry(x, 1, 2),
        lambda: Entry(W, Rational(3, 2)),
        lambda: function(3),
    ],
)
def test_what_is_no_function_or_no_entry(made):
    with pytest.raises(InputError):
        made()


def test_a_function_is_a_name():
    assert function("phi") == phi and function("psi") != phi and isinstance(phi, FunctionSymbol)
    assert phi != Symbol("phi")


@pytest.mark.parametrize("name", [len, 3, None, ["phi"]])
def test_the_name_of_a_function_is_text(name):
    with pytest.raises(InputError, match="the name of a function"):
        FunctionSymbol(name)
