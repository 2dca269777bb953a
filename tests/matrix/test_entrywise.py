"""Explicit matrices in expressions and flows, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import Point
from sympy import Identity, Matrix, MatrixSymbol, Symbol, Trace, diag, symbols

from symssl import E, Flow, InputError, Refusal, cosine, gaussians, gradient_flow, inner, norm, sq
from symssl.matrix.entrywise import explicit_value

m, n = symbols("m n", integer=True, positive=True)
A, B, C = MatrixSymbol("A", m, n), MatrixSymbol("B", n, n), MatrixSymbol("C", m, n)
EXPRESSIONS = (
    A * B,
    A.T * C + B,
    sq(A) * A - C,
    inner(A, C),
    norm(A) * B,
    cosine(A, C) ** 2,
    Trace(A * B * C.T),
    A * B.T * C.T * A,
    (B * B + Identity(n)).T,
)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(EXPRESSIONS), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_values_against_numpy(expr, rows, columns, seed):
    rng = np.random.default_rng(seed)
    shapes = {A: (rows, columns), B: (columns, columns), C: (rows, columns)}
    at = {M: rng.integers(1, 9, size=shape) for M, shape in shapes.items()}
    found = explicit_value(expr, {M: Matrix(value.tolist()) for M, value in at.items()})
    expected = Point({m: rows, n: columns, **{M: v.astype(float) for M, v in at.items()}})(expr)
    assert np.allclose(np.array(found.tolist() if hasattr(found, "tolist") else found, dtype=float), expected)


def test_a_flow_of_entries_is_the_matrix_flow():
    a = Matrix(2, 3, symbols("a_1:3(1:4)"))
    k = Symbol("k")
    flow = gradient_flow(sq(A * B) / 2, A).entries({A: a, B: diag(1, 2, k)}, parameters=(k,))
    assert isinstance(flow, Flow) and flow.parameters == (k,)
    assert tuple(flow.rhs.values()) == tuple(-(a * diag(1, 4, k**2)))


def test_bad_values():
    a = Matrix(2, 2, symbols("a_1:5"))
    flow = gradient_flow(sq(A * B) / 2, A)
    for table in (
        {A: a},
        {A: a, B: Matrix([[1]])},
        {A: a, B: 3},
        {A: diag(1, 2), B: diag(1, 2)},
        {B: diag(1, 2)},
        {A: Matrix([[a[0], a[0]]]), B: diag(1, 2)},
    ):
        with pytest.raises(InputError):
            flow.entries(table)
    (x,) = gaussians("x", n)
    with pytest.raises((Refusal, InputError)):
        explicit_value(E(inner(x, B * x)), {B: diag(1, 2)})
    with pytest.raises(InputError):
        explicit_value(A * B, {A: a})
