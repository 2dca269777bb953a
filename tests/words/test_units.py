"""Unit vectors in words, against exact matrices: sums become products and traces, diagonal matrices become entries."""

from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Identity, MatrixSymbol, Rational, Trace, exp, symbols

from symssl import Diagonal, Undecided, inner, matrix_equal, sq, total
from symssl.language import Entry, unit
from symssl.matrix.exact_instances import instances
from symssl.words import read, write
from symssl.words.letters import letter
from symssl.words.units import without_units

n, m = symbols("n m", integer=True, positive=True)
i, j, k = symbols("i j k", integer=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
D, S = MatrixSymbol("D", n, n), MatrixSymbol("S", n, n)
W = MatrixSymbol("W", n, m)
DIAGONAL = (Diagonal(D), Diagonal(S))
e = {index: unit(index, n) for index in (i, j, k)}
d_i, s_i = Entry(D, i, i), Entry(S, i, i)

TRUE = [
    (total(e[i] * e[i].T, (i, n)), Identity(n)),
    (total(inner(e[i], A * e[i]), (i, n)), Trace(A)),
    (total(inner(e[i], A * e[i]) * inner(e[i], D * e[i]), (i, n)), Trace(A * D)),
    (total(e[i] * e[i].T * d_i * s_i**2, (i, n)), D * S**2),
    (total((1 - d_i * s_i**2) ** 2, (i, n)), Trace((Identity(n) - D * S**2) ** 2)),
    (total(A.T * e[i] * e[i].T * B, (i, n)), A.T * B),
    (total(Entry(W, i, j) ** 2, (i, n), (j, m)), sq(W)),
    (total(inner(e[i], A * e[j]) * e[i], (i, n)), A * e[j]),
    (D * e[i], d_i * e[i]),
    (Entry(D * S * D, i, i), d_i**2 * s_i),
    (inner(e[i], e[i]), 1),
    (total(inner(e[i], e[j]) * d_i, (i, n)), Entry(D, j, j)),
    (total(inner(e[i], e[i]), (i, n)), n),
    (
        total(exp(d_i) * e[i] * e[i].T, (i, n)) * total(exp(s_i) * e[i] * e[i].T, (i, n)),
        total(exp(d_i + s_i) * e[i] * e[i].T, (i, n)),
    ),
    (total(d_i ** Rational(1, 2) * e[i] * e[i].T, (i, n)) ** 2, D),
]
FALSE = [
    (A * e[i], Entry(A, i, i) * e[i]),
    (total(Entry(A, i, i) * e[i] * e[i].T, (i, n)), A),
    (total(Entry(A, i, i) * Entry(B, i, i), (i, n)), Trace(A * B)),
    (Entry(A * B, i, i), Entry(A, i, i) * Entry(B, i, i)),
    (total(d_i, (i, n)), Trace(S)),
    (total(inner(e[i], A * e[j]), (i, n)), Entry(A, j, j)),
    (inner(e[i], D * e[j]), Entry(D, i, i)),
]


@pytest.mark.parametrize("left, right", TRUE)
def test_what_holds_is_proved_and_rechecked(left, right):
    assert matrix_equal(left, right, where=DIAGONAL)


@pytest.mark.parametrize("left, right", FALSE)
def test_what_fails_is_never_proved(left, right):
    with suppress(Undecided):
        assert not matrix_equal(left, right, where=DIAGONAL)


def factor(index, diagonal):
    """A number made of entries at one place or two."""
    letters = (D, S) if diagonal else (A, B, D)
    return st.sampled_from([inner(e[a], M * e[b]) for M in letters for a in index for b in index])


@st.composite
def expressions(draw):
    """Products of entries under one sum or two, times a matrix or not."""
    index = draw(st.sampled_from([(i,), (i, j)]))
    out = 1
    for _ in range(draw(st.integers(1, 3))):
        out = out * draw(factor(index, draw(st.booleans())))
    tail = draw(
        st.sampled_from([None, e[i] * e[i].T, A * e[i] * e[i].T * B, e[i] * e[j].T if len(index) > 1 else None])
    )
    out = out if tail is None else out * tail
    bound = index if draw(st.booleans()) else index[:1]
    return total(out, *((a, n) for a in bound))


@settings(max_examples=25)
@given(expressions())
def test_the_value_stays_the_same_at_exact_matrices(expr):
    short = write(without_units(read(expr), [letter(D), letter(S)]))
    for instance in instances((expr, short), DIAGONAL, shapes=2):
        gap, _ = instance.gap(expr, short)
        entries = [gap] if not hasattr(gap, "nrows") else gap.entries()
        assert all(x == 0 for x in entries), (expr, short)
