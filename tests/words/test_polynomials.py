"""The word algebra and its gate: values survive, equal words have one form."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numerics import Point, losses, matrix, word_product, words
from sympy import (
    Dummy,
    Function,
    HadamardProduct,
    Identity,
    ImmutableMatrix,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
    log,
    pi,
    sqrt,
    symbols,
    tanh,
)

from symssl import E, InputError, Refusal, cosine, gaussians, inner, mean, norm, potential, samples, sg, sq, total
from symssl.words.letters import cyclic_form, letter, simplified, transpose
from symssl.words.polynomials import identity
from symssl.words.reading import read
from symssl.words.vanishing import vanishes
from symssl.words.writing import write

n, k, m = symbols("n k m", integer=True, positive=True)
d, N = symbols("d N", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
W, V, u = MatrixSymbol("W", k, n), MatrixSymbol("V", n, k), MatrixSymbol("u", n, 1)
LETTERS, SIZES = (A, W, V, u), (n, k, sp.Integer(1))
s, t = symbols("s t", positive=True)
c = Symbol("c", real=True)
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


# --- values -------------------------------------------------------------------------------


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


def test_renaming_a_bound_index_changes_nothing():
    one = total(total(inner(X[i], P * X[j]) * norm(X[i]), i), j)
    two = total(total(inner(X[j], P * X[i]) * norm(X[j]), j), i)
    assert read(one) == read(two)
    assert read(total(norm(X[i]), i) * total(norm(X[i]), i)) == read(total(norm(X[i]) * norm(X[j]), i, j))
    assert read(total(sq(X[i]), i) ** 2) != read(total(sq(X[i]) ** 2, i))


def test_sums_of_concrete_size_are_written_out():
    Y = samples("y", d, 3)
    assert read(total(sq(Y[i]), i)) == read(sq(Y[1]) + sq(Y[2]) + sq(Y[3]))
    assert read(total(sq(Y[i]), (i, 2))) == read(sq(Y[1]) + sq(Y[2]))


# --- one form -----------------------------------------------------------------------------


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


def test_words_by_hand():
    a, b = letter(A), letter(B)
    assert transpose((a, b.T)) == (b, a.T)
    assert cyclic_form((a, b)) == cyclic_form((b.T, a.T)) == cyclic_form((b, a))
    assert simplified((a, b, b.inverted, a)) == (1, (a, a))
    assert simplified((a, b, a.inverted), closed=True) == (1, (b,))
    assert simplified((a, a.T.inverted)) == (1, (a, a.T.inverted))
    swap = letter(ImmutableMatrix([[0, 2], [2, 0]]))
    assert simplified((swap, swap)) == (4, ()) and simplified((swap,)) == (1, (swap,))
    assert read(A * A.I) == identity(n) and read(Trace(A * B * A.I)) == read(Trace(B))
    assert write(read(Trace(Identity(n) + A * A.I))) == 2 * n


def test_scalars_by_hand():
    assert read(log(6) - log(2) - log(3)) == read(0)
    assert read(log(sqrt(2) * s)) == read(log(2) / 2 + log(s))
    assert read(exp(s) * exp(t) / exp(s + t)) == read(1)
    assert read(exp(2 * log(s))) == read(s**2)
    assert read(sqrt(s**2 * sq(A))) == read(s * norm(A))
    assert read(sqrt(c**2)) != read(c)
    assert read(2 ** Trace(A) * 2 ** -Trace(A)) == read(1)
    assert read(s**c * s**-c) == read(1)
    assert read(sqrt(6) * sqrt(10)) == read(2 * sqrt(15))
    assert vanishes(read(1 / (1 + s) + s / (1 + s) - 1))
    assert not vanishes(read(1 / (1 + s) - 1 / (1 + t)))
    assert read(pi * s - s * pi) == read(0)


def test_one_by_one_matrices_are_scalars_in_products():
    f = MatrixSymbol("f", 1, 1)
    assert read(u.T * A * u * u.T) == read(inner(u, A * u) * u.T)
    assert read(f * u.T) == read(Trace(f) * u.T)
    assert read(f.T) == read(f)
    assert read(f.I * f) == identity(sp.Integer(1))


def test_explicit_matrices():
    M = ImmutableMatrix([[1, 2], [3, 4]])
    G = MatrixSymbol("G", 2, 2)
    assert read(MatMul(M, G).T) == read(MatMul(G.T, M.T))
    assert read(Trace(MatMul(ImmutableMatrix.eye(2) * 3, G))) == read(3 * Trace(G))
    assert read(Trace(ImmutableMatrix([[s, 0], [0, s]]))) == read(2 * s)
    assert write(read(ImmutableMatrix.zeros(2, 3))) == ZeroMatrix(2, 3)
    point = Point({G: np.array([[1.0, -2], [0.5, 3]]), s: 0.3})
    e = Trace(MatMul(ImmutableMatrix([[s, sqrt(2)], [1, s**2]]), G, M, G.T))
    assert np.isclose(
        point(write(read(e))),
        point(Trace(MatMul(ImmutableMatrix([[Rational(3, 10), sqrt(2)], [1, Rational(9, 100)]]), G, M, G.T))),
    )
    assert read(MatPow(M, -1)) == read(M.inv())
    with pytest.raises(InputError, match="singular"):
        read(sp.Inverse(ImmutableMatrix([[1, 2], [2, 4]])))


# --- names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["A^T", "A^-1", "A<2x2>", "x[1]", "tr(A)", "A!", "'A", "A.B", "Φ'", "my matrix", "x*y", ""]
)
def test_odd_names_are_only_names(name):
    odd, plain = MatrixSymbol(name or "nameless", 2, 2), MatrixSymbol("A", 2, 2)
    for e in (odd - plain, odd - plain.T, odd * plain - plain * odd):
        assert read(e)
    assert not read(odd - odd) and read(write(read(odd * plain.T))) == read(odd * plain.T)


CLASHES = [
    lambda: sq(MatrixSymbol("A", 2, 2)) + sq(MatrixSymbol("A", 3, 3)),
    lambda: Symbol("rho") + Symbol("rho", positive=True),
    lambda: inner(gaussians("x", 2)[0], MatrixSymbol("x", 2, 1)),
    lambda: inner(gaussians("x", 2)[0], gaussians("x", 2, cov=[[2]])[0]),
    lambda: sq(MatrixSymbol("A", Symbol("n"), 2)) + n,
    lambda: Symbol("A") * Trace(A),
    lambda: sq(samples("x", 2, 3)[1]) + sq(samples("x", 2, 4)[1]),
]


@pytest.mark.parametrize("case", range(len(CLASHES)))
def test_two_symbols_of_one_name_are_refused(case):
    with pytest.raises(InputError, match="two different symbols"):
        read(CLASHES[case]())


def test_dummies_are_told_apart():
    a, b = Dummy("a"), Dummy("a")
    assert read(a - b) and not read(a - a)
    assert Function("log")(s) != log(s) and read(Function("log")(s) - log(s))


def test_sizes_of_one_name_and_other_assumptions_are_not_mixed():
    plain, positive = MatrixSymbol("A", Symbol("q"), Symbol("q")), MatrixSymbol("A", *[Symbol("q", positive=True)] * 2)
    for M in (plain, positive, plain):
        assert read(M.T * M).shape == tuple(M.shape)


# --- what is refused ----------------------------------------------------------------------

INPUT = [
    None,
    "A",
    True,
    [1, 2],
    0.5,
    sp.nan,
    sp.oo,
    sp.zoo,
    sp.I,
    Trace(A) ** Rational(1, 2) * 0.1,
    sp.Float(2) * A,
    ImmutableMatrix([[0.5]]),
    np.eye(2),
    Trace(A) ** 0.5,
    log(Trace(A) - Trace(A.T)),
    object(),
    {1: 2},
    A == B,
]
REFUSED = [
    sp.Determinant(A),
    HadamardProduct(A, B),
    (A + B).I,
    A[0, 1],
    A**n,
    Trace(A) ** c,
    sp.Max(s, t),
    total(sq(samples("x", d, 10**7)[i]), i),
    sp.Integral(s, (s, 0, t)),
    sp.KroneckerProduct(A, B),
    sp.Piecewise((s, s > t), (t, True)),
]


@pytest.mark.parametrize("case", range(len(INPUT)))
def test_malformed_input(case):
    with pytest.raises(InputError):
        read(INPUT[case])


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_the_algebra_does_not_know(case):
    with pytest.raises(Refusal) as caught:
        read(REFUSED[case])
    assert caught.value.reason


def test_shapes_are_checked_where_sympy_does_not():
    with pytest.raises(InputError):
        read(sg(A) + MatAdd(A, sg(W)))


def test_expressions_pickle():
    for e in BOUND.values():
        assert pickle.loads(pickle.dumps(e)) == e and pickle.loads(pickle.dumps(write(read(e)))) == write(read(e))
