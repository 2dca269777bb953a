"""Powers, exponentials and logarithms of scalars have one form."""

from sympy import (
    MatrixSymbol,
    Symbol,
    Trace,
    exp,
    log,
    pi,
    sqrt,
    symbols,
)

from symssl import norm, sq
from symssl.words.reading import read
from symssl.words.vanishing import vanishes

n, k, m = symbols("n k m", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
s, t = symbols("s t", positive=True)
c = Symbol("c", real=True)


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
