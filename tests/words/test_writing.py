"""From the word algebra back to SymPy: values survive."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings, strategies as st
from numerics import Point, losses, matrix, word_product, words
from sympy import (
    MatAdd,
    MatrixSymbol,
    Rational,
    Trace,
    exp,
    log,
    symbols,
    tanh,
)

from symssl import E, cosine, gaussians, inner, mean, norm, potential, samples, sg, sq, total
from symssl.words.reading import read
from symssl.words.vanishing import vanishes
from symssl.words.writing import write

n, k, m = symbols("n k m", integer=True, positive=True)
d, N = symbols("d N", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
W, V, u = MatrixSymbol("W", k, n), MatrixSymbol("V", n, k), MatrixSymbol("u", n, 1)
LETTERS, SIZES = (A, W, V, u), (n, k, sp.Integer(1))
s, t = symbols("s t", positive=True)
i, j = symbols("i j")


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


@st.composite
def matrices(draw, left, right):
    """Sums and products of words, traces in front."""

    def product():
        out = word_product(draw(words(LETTERS, left, right, 3)))
        front = draw(st.sampled_from([1, -2, Rational(1, 3), s, Trace(A), sq(W), norm(V) * s, 1 / (1 + sq(u))]))
        return front * (sg(out) if draw(st.booleans()) else out)

    return MatAdd(*[product() for _ in range(draw(st.integers(1, 3)))]).doit(deep=False)


@settings(max_examples=100)
@given(losses(LETTERS, SIZES), points())
def test_reading_and_writing_keeps_scalar_values(e, point):
    value = point(e)
    assume(np.isfinite(value) and abs(value) < 1e8 and point.smallest > 1e-4)
    assert np.isclose(point(write(read(e))), value, rtol=1e-9, atol=1e-9)


@settings(max_examples=100)
@given(st.data(), points())
def test_reading_and_writing_keeps_matrix_values(data, point):
    left, right = data.draw(st.sampled_from([(a, b) for a in SIZES for b in SIZES]))
    e = data.draw(matrices(left, right))
    point.values[s] = 0.7
    assert np.allclose(point(write(read(e))), point(e), rtol=1e-9, atol=1e-9)


@settings(max_examples=100)
@given(losses(LETTERS, SIZES))
def test_writing_and_reading_is_the_identity(e):
    assert vanishes(read(write(read(e))) - read(e))


x, y = gaussians("x y", d, cov=[[2, 1], [1, 2]])
(z,) = gaussians("z", d, mean=[MatrixSymbol("mu", d, 1)], cov=[[MatrixSymbol("S", d, d)]])
P, Q = MatrixSymbol("P", d, d), MatrixSymbol("Q", d, d)
X = samples("x", d, N)
BOUND = {
    "two copies of one law": Trace(E(x * x.T) * E(x * x.T)),
    "three copies": Trace(E(z * z.T * P) * E(z * z.T) * E(z * z.T)),
    "a square": E(cosine(P * x, sg(Q * y))) ** 2,
    "independent product": E(norm(x) * E(norm(y))),
    "conditional": E(E(inner(x, y) ** 2 * norm(y), given=x) * norm(x)),
    "matrix": E(x) * E(norm(x) * x.T),
    "log of a mean": log(E(exp(inner(x, P * y)))),
    "log-sum-exp": mean(log(total(exp(inner(X[i], P * X[j])), j)), i),
    "double sum": total(total(inner(X[i], X[j]) ** 2, i), j),
    "sum of matrices": total(X[i] * X[i].T, i) * P * total(X[i] * X[j].T, i, j),
    "sum of one": total(1, (i, N)) + total(sq(P), (i, 4)),
    "potential": potential("f", P * Q, P) ** 2 * norm(P) / potential("g", P),
    "expected potential": E(potential("f", P * x)),
    "free sample": inner(X[3], X[i]) * norm(X[3]),
    "tanh": tanh(inner(x, P * x)) ** 2 * Trace(P.I * Q),
}


@pytest.mark.parametrize("name", BOUND)
def test_bound_labels_read_back(name):
    poly = read(BOUND[name])
    assert read(write(poly)) == poly
    assert write(read(write(poly))) == write(poly)


def test_expressions_pickle():
    for e in BOUND.values():
        assert pickle.loads(pickle.dumps(e)) == e and pickle.loads(pickle.dumps(write(read(e)))) == write(read(e))
