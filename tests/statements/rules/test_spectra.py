"""Eigenvalues, singular values and ranks of explicit matrices, against NumPy; the order is proved or refused."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, ImmutableMatrix, MatMul, MatrixSymbol, Symbol, diag, simplify, symbols

from symssl import Refusal
from symssl.language import Eigenvalue
from symssl.statements import derive

x, y = symbols("x y", real=True)
entries = st.lists(st.integers(-3, 3), min_size=4, max_size=4)


@settings(max_examples=10)
@given(entries, st.sampled_from([1, 2, -1, -2]))
def test_numbers_count_from_below_for_eigenvalues_and_from_above_for_singular_values(values, number):
    A = ImmutableMatrix(2, 2, values)
    symmetric, dense = A + A.T, np.array(values, dtype=float).reshape(2, 2)
    lowest = np.sort(np.linalg.eigvalsh(dense + dense.T))
    place = number - 1 if number > 0 else number
    assert abs(float(derive(Eigenvalue(symmetric, number)).value) - lowest[place]) < 1e-9
    greatest = np.linalg.svd(dense, compute_uv=False)
    assert abs(float(derive(Eigenvalue(A, number, "singular")).value) - greatest[place]) < 1e-9
    assert derive(Eigenvalue(A, kind="rank")).value == np.linalg.matrix_rank(dense)


def test_an_order_that_depends_on_parameters_is_refused():
    with pytest.raises(Refusal):
        derive(Eigenvalue(diag(x, y), 1))
    assert derive(Eigenvalue(diag(x, y), 1), given=(x < y,)).value == x
    assert derive(Eigenvalue(ImmutableMatrix([[x]]), 1, "singular")).value == Abs(x)


def test_what_has_no_spectrum_here_is_refused():
    for term in (
        Eigenvalue(ImmutableMatrix([[x, 1], [1, 1]]), kind="rank"),
        Eigenvalue(ImmutableMatrix([[0, 1], [0, 0]]), 1),
        Eigenvalue(diag(1, 2), 3),
        Eigenvalue(MatrixSymbol("A", 2, 2), 1, "singular"),
    ):
        with pytest.raises(Refusal):
            derive(term)


def test_products_of_explicit_matrices_have_a_spectrum():
    x = Symbol("x", positive=True)
    pair = ImmutableMatrix([x, -x])
    assert simplify(derive(Eigenvalue(-(x**2) * MatMul(pair, pair.T, evaluate=False), 1)).value + 2 * x**4) == 0
