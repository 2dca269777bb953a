"""Letters, words and traces."""

from sympy import (
    Identity,
    ImmutableMatrix,
    MatrixSymbol,
    Trace,
    symbols,
)

from symssl.words.letters import cyclic_form, letter, simplified, transpose
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
