"""Letters, words and traces."""

from hypothesis import given, strategies as st
from sympy import (
    Identity,
    ImmutableMatrix,
    MatrixSymbol,
    Trace,
    symbols,
)

from symssl.language import gaussian_matrix
from symssl.words.letters import cyclic_form, letter, short_hash, simplified, split_closed, transpose
from symssl.words.polynomials import identity
from symssl.words.reading import read
from symssl.words.writing import write

n, k, m = symbols("n k m", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)


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


plain = st.lists(st.sampled_from([letter(A), letter(B), letter(A).T, letter(B).T]), min_size=1, max_size=6).map(tuple)


@given(plain)
def test_transposing_twice_changes_nothing(word):
    assert transpose(transpose(word)) == word
    assert transpose(word)[0] == word[-1].T and all(a.T.T == a and a.base.base == a.base for a in word)


@given(plain, st.integers(0, 5))
def test_the_cyclic_form_is_one_of_the_class(word, turn):
    turned = word[turn % len(word) :] + word[: turn % len(word)]
    least = cyclic_form(word)
    assert least == cyclic_form(turned) == cyclic_form(transpose(turned)) == cyclic_form(least)
    assert sorted(map(repr, (a.base for a in least))) == sorted(map(repr, (a.base for a in word)))


@given(plain, plain)
def test_a_word_cancels_against_its_inverse(word, other):
    back = tuple(a.inverted for a in reversed(word))
    assert simplified(word + back + other) == (1, other)
    assert simplified(back + word + other) == (1, other)


@given(st.lists(st.sampled_from(["row", "column", "square"]), min_size=1, max_size=6))
def test_the_scalars_of_a_trace_are_its_factors(kinds):
    u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
    word = tuple(x for kind in kinds for x in ((letter(u), letter(v).T) if kind != "square" else (letter(A),)))
    pieces = split_closed(word)
    assert sum(map(len, pieces)) == len(word)
    assert len(pieces) == max(1, sum(kind != "square" for kind in kinds))


def test_a_letter_is_equal_to_letters_only():
    assert letter(A) != "A" and letter(A) != A and letter(A) == letter(A) and letter(A).text == "A"
    assert short_hash(A) == short_hash(MatrixSymbol("A", n, n)) != short_hash(B)


def test_a_random_matrix_is_another_letter_than_the_matrix_of_that_name():
    """Letters are kept by their keys: one of them would otherwise come back as the other."""
    random, fixed = letter(gaussian_matrix("W", n, n)), letter(MatrixSymbol("W", n, n))
    assert random != fixed and random.T.symbol != fixed.T.symbol
