"""The word algebra and its gate: values survive, equal words have one form."""

import numpy as np
import sympy as sp
from hypothesis import given, settings, strategies as st
from numerics import Point, matrix, word_product, words
from sympy import (
    MatrixSymbol,
    Symbol,
    Trace,
    symbols,
)

from symssl import gaussians
from symssl.words.reading import read

n, k, m = symbols("n k m", integer=True, positive=True)
d, N = symbols("d N", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
W, V, u = MatrixSymbol("W", k, n), MatrixSymbol("V", n, k), MatrixSymbol("u", n, 1)


@st.composite
def points(draw):
    at = {n: draw(st.integers(1, 3)), k: draw(st.integers(1, 3)), m: 2}
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    for M in (A, B, W, V, u):
        at[M] = matrix(
            draw(st.sampled_from(("generic", "commuting", "low rank"))),
            *(int(sp.sympify(x).subs({n: at[n], k: at[k]})) for x in M.shape),
            rng,
        )
    return Point(at)


x, y = gaussians("x y", d, cov=[[2, 1], [1, 2]])


@settings(max_examples=60)
@given(st.data())
def test_traces_up_to_rotation_and_transposition(data):
    word = data.draw(words((A, W, V), n, n, 5))
    at = data.draw(st.integers(0, len(word) - 1))
    base = read(Trace(word_product(word)))
    turned = word_product(word[at:] + word[:at])
    flipped = word_product(tuple(a.T for a in reversed(word)))
    assert base == read(Trace(turned)) == read(Trace(flipped))


@settings(max_examples=60)
@given(st.data(), points())
def test_different_forms_are_different_values(data, point):
    """The algebra is free: words that differ in form differ at some matrices."""
    one, two = (Trace(word_product(data.draw(words((A, B), n, n, 4)))) for _ in range(2))
    rng = np.random.default_rng(0)
    differ = any(
        abs(p(one) - p(two)) > 1e-9
        for p in (Point({n: 3, A: rng.normal(size=(3, 3)), B: rng.normal(size=(3, 3))}) for _ in range(2))
    )
    assert (read(one) != read(two)) == differ


def test_sizes_of_one_name_and_other_assumptions_are_not_mixed():
    plain, positive = MatrixSymbol("A", Symbol("q"), Symbol("q")), MatrixSymbol("A", *[Symbol("q", positive=True)] * 2)
    for M in (plain, positive, plain):
        assert read(M.T * M).shape == tuple(M.shape)
