"""What is known of sums over unit vectors, of factors that do not vanish and of quadratic forms."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Eq, Ge, Gt, ImmutableMatrix, Lt, MatrixSymbol, Ne, Symbol, Trace, ZeroMatrix, symbols

from symssl import Diagonal, Symmetric, inner, norm, sq, total
from symssl.language import Eigenvalue, ForAll, unit
from symssl.statements.facts import decided
from symssl.statements.knowledge import completed, not_zero, of_all_vectors, order_of_forms, tidied

n, j = symbols("n j", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
W, D, S = MatrixSymbol("W", 3, n), MatrixSymbol("D", n, n), MatrixSymbol("S", n, n)
v, q = MatrixSymbol("v", n, 1), MatrixSymbol("q", n, 1)


def test_sums_over_all_unit_vectors_are_taken_and_no_others():
    e = unit(j, n)
    assert completed(total(sq(W * e), j)) == sq(W)
    assert completed(total(3 * inner(W * e, W * S * e), j)) == 3 * inner(W, W * S)
    for other in (total(sq(W * e), (j, 2)), total(norm(W * e), j), total(j * sq(W * e), j), total(inner(e, q) ** 2, j)):
        assert completed(other) == other
    assert decided(Eq(norm(W), total(norm(W * e), j), evaluate=False), ())[0] is not True


@pytest.mark.parametrize("relation", [Lt, Gt, Ne])
def test_a_product_that_does_not_vanish_has_no_factor_that_does(relation):
    known = not_zero([relation(Trace(S * W.T * W), 0, evaluate=False)])
    assert {norm(W), sq(S), Eigenvalue(W, 1, "singular")} <= known
    assert not not_zero([relation(Trace(S) + 1, 0, evaluate=False), Ge(sq(v), 0, evaluate=False)])


@settings(max_examples=12)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=3), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
def test_bounds_of_forms_hold_at_explicit_matrices(diagonal, vector):
    least = Eigenvalue(S, 1)
    bounds = order_of_forms([inner(v, S * v)], (Symmetric(S), Gt(least, 0), Gt(sq(v), 0)))
    assert any(isinstance(b, Gt) for b in bounds)
    assert not order_of_forms([inner(v, S * v)], (Gt(least, 0),))  # S need not be symmetric
    D_, v_ = np.diag(diagonal), np.array(vector[: len(diagonal)])
    assert v_ @ D_ @ v_ >= min(diagonal) * (v_ @ v_)


def test_unit_vectors_are_eigenvectors_of_diagonal_matrices():
    e, first = unit(k, n), unit(1, n)
    form = inner(e, D * e)
    assert tidied(inner(e, D * q), (Diagonal(D),)) == form * inner(e, q)
    assert tidied(inner(e, D * D * q), (Diagonal(D),)) == form**2 * inner(e, q)
    assert tidied(sq(first) + inner(first, unit(2, n)), ()) == 1
    assert tidied(inner(e, S * q), (Symmetric(S),)).has(S)  # not for others


def test_products_that_a_hypothesis_says_are_zero_are_left_out():
    zero = (Symmetric(S), Eq(S * v, ZeroMatrix(n, 1), evaluate=False))
    assert tidied(inner(v, S * S * v) + sq(v), zero) == norm(v) ** 2
    assert decided(Eq(S * v + v * v.T * S * v, ZeroMatrix(n, 1), evaluate=False), zero)[0] is True
    assert decided(Eq(S * q, ZeroMatrix(n, 1), evaluate=False), zero)[0] is not True


def test_linear_equations_for_all_vectors():
    x, y = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
    assert of_all_vectors(ForAll((x, y), Eq(W * x, W * y, evaluate=False))) == [Eq(W, ZeroMatrix(3, n), evaluate=False)]
    assert not of_all_vectors(ForAll(x, Eq(W * x, W * v, evaluate=False)))
    assert not of_all_vectors(ForAll(x, Eq(W * x, 0 * W * x, evaluate=False), (Gt(sq(x), 0),)))
    assert not of_all_vectors(ForAll(x, Eq(W * x, 0 * W * x, evaluate=False), almost=True))
    assert not of_all_vectors(ForAll(x, Eq(x * x.T * x, x, evaluate=False)))


@settings(max_examples=10)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=2), st.integers(-3, 3))
def test_signs_of_forms_are_right(entries, scale):
    """A comparison that is decided for all symmetric S holds at a diagonal one."""
    vector = ImmutableMatrix(entries)
    claim = Ge(inner(v, S * v) - Eigenvalue(S, 1) * sq(v), 0, evaluate=False)
    assert decided(claim, (Symmetric(S), Gt(Eigenvalue(S, 1), 0)))[0] is True
    assert decided(claim, (Gt(Eigenvalue(S, 1), 0),))[0] is not True
    assert scale * entries[0] ** 2 + (scale + 1) * entries[1] ** 2 >= scale * (vector.T * vector)[0]
