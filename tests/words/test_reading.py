"""From SymPy to the word algebra: equal expressions are read alike, what is not exact is refused."""

import numpy as np
import pytest
import sympy as sp
from numerics import Point
from sympy import (
    HadamardProduct,
    ImmutableMatrix,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    log,
    sqrt,
    symbols,
)

from symssl import InputError, Refusal, gaussians, inner, samples, sg, sq, total
from symssl.words.polynomials import identity
from symssl.words.reading import read
from symssl.words.writing import write

n, k, m = symbols("n k m", integer=True, positive=True)
d, N = symbols("d N", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
W, V, u = MatrixSymbol("W", k, n), MatrixSymbol("V", n, k), MatrixSymbol("u", n, 1)
s, t = symbols("s t", positive=True)
c = Symbol("c", real=True)
i, j = symbols("i j")


def test_sums_of_concrete_size_are_written_out():
    Y = samples("y", d, 3)
    assert read(total(sq(Y[i]), i)) == read(sq(Y[1]) + sq(Y[2]) + sq(Y[3]))
    assert read(total(sq(Y[i]), (i, 2))) == read(sq(Y[1]) + sq(Y[2]))


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
