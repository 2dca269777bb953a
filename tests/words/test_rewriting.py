"""Relations and rewriting: sound at matrices that satisfy them, complete where they say so."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import Point, orthonormal, word_product, words
from sympy import MatrixSymbol, Trace, symbols

from symssl import Commutes, Diagonal, InputError, Normalised, Orthonormal, Refusal, Symmetric, Undecided, matrix_equal
from symssl.words.reading import read
from symssl.words.rewriting import rewriting
from symssl.words.writing import write

n, k = symbols("n k", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
U, W = MatrixSymbol("U", n, k), MatrixSymbol("W", k, n)


def frame(rng):
    F = orthonormal(3, 3, rng)
    return lambda: F @ np.diag(rng.normal(size=3)) @ F.T


def in_frame(rng, *symbols):
    draw = frame(rng)
    return {X: draw() for X in symbols}


def normalised(g):
    """U with three rows and a symmetric, indefinite A with U^T A U = I."""
    U_, N = g.normal(size=(3, 2)), g.normal(size=(3, 3))
    P = np.linalg.pinv(U_).T
    Q = np.eye(3) - P @ U_.T
    return {U: U_, A: P @ P.T + Q @ (N + N.T) @ Q.T, B: g.normal(size=(3, 3))}


SETS = {
    "normalised": ((Normalised(U, A),), normalised),
    "symmetric": (
        (Symmetric(A),),
        lambda g: {A: (lambda M: M + M.T)(g.normal(size=(3, 3))), B: g.normal(size=(3, 3)), U: g.normal(size=(3, 2))},
    ),
    "tall frame": (
        (Orthonormal(U),),
        lambda g: {A: g.normal(size=(3, 3)), B: g.normal(size=(3, 3)), U: orthonormal(3, 2, g)},
    ),
    "square frame": (
        (Orthonormal(A),),
        lambda g: {A: orthonormal(3, 3, g), B: g.normal(size=(3, 3)), U: g.normal(size=(3, 2))},
    ),
    "commuting": (
        (Commutes(A, B), Symmetric(A), Symmetric(B)),
        lambda g: {**in_frame(g, A, B), U: g.normal(size=(3, 2))},
    ),
    "diagonal": (
        (Diagonal(A), Diagonal(B)),
        lambda g: {A: np.diag(g.normal(size=3)), B: np.diag(g.normal(size=3)), U: g.normal(size=(3, 2))},
    ),
    "a word": (
        (Commutes(U * U.T, A), Symmetric(A)),
        lambda g: {A: np.eye(3) * g.normal(), B: g.normal(size=(3, 3)), U: g.normal(size=(3, 2))},
    ),
}


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_rewriting_is_sound(name, data, seed):
    """The normal form has the value of what it came from, words and traces."""
    where, build = SETS[name]
    word = word_product(data.draw(words((A, B, U), n, n, 5)))
    point = Point({n: 3, k: 2, **build(np.random.default_rng(seed))})
    for e in (word, Trace(word)):
        system = rewriting(where, read(e))
        assert np.allclose(point(write(system.reduce(read(e)))), point(e), atol=1e-8)


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=40)
@given(data=st.data())
def test_normal_forms_are_normal(name, data):
    """Reducing twice is reducing once, and reducing the parts first changes nothing."""
    where, _ = SETS[name]
    first, second = (word_product(data.draw(words((A, B, U), n, n, 3))) for _ in range(2))
    system = rewriting(where)
    assert system.complete
    whole = system.reduce(read(first * second))
    assert system.reduce(whole) == whole
    assert system.reduce(system.reduce(read(first)) * system.reduce(read(second))) == whole
    assert system.reduce(whole.T) == system.reduce(read((first * second).T))
    turned = [system.reduce(read(Trace(w))) for w in (first * second, second * first, (first * second).T)]
    assert turned[0] == turned[1] == turned[2]


def test_by_hand():
    def normal(e, *where):
        return write(rewriting(where, read(e)).reduce(read(e)))

    assert normal(U.T * U * U.T, Orthonormal(U)) == U.T
    assert normal(Trace(U * U.T), Orthonormal(U)) == k
    assert normal(Trace(W.T * W), Orthonormal(W.T)) == k
    assert normal(A.T * B.T, Symmetric(A), Symmetric(B)) == A * B
    assert normal(A * B * A.I, Commutes(A, B)) == B
    assert normal(A.I * B, Diagonal(A), Diagonal(B)) == normal(B * A.I, Diagonal(A), Diagonal(B))
    assert normal(A * B - B * A, Diagonal(A)) != 0


def test_an_incomplete_system_says_so():
    where = (Commutes(A * B, B * A),)
    assert not rewriting(where).complete
    assert matrix_equal(A * B * B * A * C, B * A * A * B * C, where=where)  # what is derived still holds
    with pytest.raises(Undecided, match="no finite complete"):
        matrix_equal(A * B, B * A, where=where)


def test_a_commuting_sum_is_refused():
    with pytest.raises(Refusal, match="not a single word"):
        rewriting((Commutes(A + B, C),))


def test_columns_that_are_normalised_in_a_form():
    form = Normalised(W.T, A)  # rows of W: W A W^T = I
    assert matrix_equal(W * A * W.T * W, W, where=form)
    assert not matrix_equal(W * W.T * W, W, where=form)
    assert matrix_equal(A, A.T, where=form)
    assert not matrix_equal(A * U * U.T * A, A, where=Normalised(U, A))
    with pytest.raises(InputError, match="do not fit"):
        Normalised(W, A)
    with pytest.raises(InputError, match="do not fit"):
        Normalised(MatrixSymbol("T", 2, 3), MatrixSymbol("S", 2, 2))
