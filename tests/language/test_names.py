"""Two symbols of one name are refused."""

import pytest
from hypothesis import given, strategies as st
from sympy import (
    MatrixSymbol,
    Symbol,
    symbols,
)

from symssl import InputError, samples, sq, total
from symssl.language.names import check_names

n, k, d, N = symbols("n k d N", integer=True, positive=True)
i, j = symbols("i j")
A, W, S = MatrixSymbol("A", n, n), MatrixSymbol("W", k, n), MatrixSymbol("S", d, d)
X = samples("x", d, N)


def test_names():
    check_names(sq(A), sq(A.T), total(sq(X[i]), i), total(sq(X[j]), j), Symbol("i", integer=True) * 0)
    with pytest.raises(InputError, match="called A"):
        check_names(sq(A), sq(MatrixSymbol("A", k, n)))


assumptions = st.dictionaries(st.sampled_from(["real", "positive", "integer"]), st.just(True), max_size=2)


@given(st.sampled_from("ab"), st.sampled_from("ab"), assumptions, assumptions)
def test_a_name_stands_for_one_symbol(first, second, one, two):
    a, b = Symbol(first, **one), Symbol(second, **two)
    if a.name == b.name and a != b:
        with pytest.raises(InputError, match=f"called {first}"):
            check_names(a + b)
    else:
        check_names(a + b)
