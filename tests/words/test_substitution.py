"""Letters replaced by polynomials, words rebuilt, inverses: values survive."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import Point, losses, word_product, words
from sympy import Integer, MatrixSymbol, symbols

from symssl import Refusal, sq
from symssl.words import read, write
from symssl.words.letters import letter
from symssl.words.polynomials import from_word, trace_of_word
from symssl.words.substitution import inverse, map_letters, rebuild, substitute

n, k = symbols("n k", integer=True, positive=True)
A, B, C, W = (*(MatrixSymbol(name, n, n) for name in "ABC"), MatrixSymbol("W", k, n))
seeds = st.integers(0, 10**6)


def point(seed):
    rng = np.random.default_rng(seed)
    return Point({n: 2, k: 3, **{X: rng.normal(size=(2, 2)) for X in (A, B, C)}, W: rng.normal(size=(3, 2))})


@settings(max_examples=40)
@given(losses((A, B, W), (n, k), stops=False), seeds)
def test_a_substitution_is_one_of_the_value(e, seed):
    """f(A) with A = B C - C is f at that matrix."""
    at = point(seed)
    wanted = at.moved({A: at(B) @ at(C) - at(C)})
    value = wanted(e)
    if np.isfinite(value) and abs(value) < 1e8 and wanted.smallest > 1e-4:
        replaced = write(substitute(read(e), {letter(A): read(B * C - C)}))
        assert np.isclose(at(replaced), value, rtol=1e-7, atol=1e-7)


@given(st.data(), seeds)
def test_the_inverse_of_a_word(data, seed):
    word = word_product(data.draw(words((A, B), n, n, 3)))
    at = point(seed)
    poly = read(word)
    assert poly * inverse(poly) == read(A * A.I)
    assert np.allclose(np.linalg.inv(at(word)), at(write(inverse(poly))), rtol=1e-5, atol=1e-5)


@given(losses((A, B, W), (n, k)))
def test_rebuilding_from_the_same_parts_changes_nothing(e):
    poly = read(e)
    assert rebuild(poly, from_word, trace_of_word) == poly
    assert map_letters(poly, lambda a: a) == poly


@given(losses((A, B), (n,)))
def test_letters_that_become_equal_are_merged(e):
    merged = map_letters(read(e), lambda a: a.but(symbol=A) if a.base.symbol == B else a)
    assert merged == read(e.xreplace({B: A}))


def test_what_has_no_inverse_is_refused():
    for e in (A + B, W):
        with pytest.raises(Refusal):
            inverse(read(e))
    assert inverse(read(MatrixSymbol("f", 1, 1))).shape == (Integer(1), Integer(1))
    assert read(sq(A)).power(-1) * read(sq(A)) == read(1)
