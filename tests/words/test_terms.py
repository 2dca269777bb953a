"""Terms: bound labels have canonical names, symbols are told apart."""

from sympy import (
    Dummy,
    Function,
    MatrixSymbol,
    log,
    symbols,
)

from symssl import inner, norm, samples, sq, total
from symssl.words.reading import read

d, N = symbols("d N", integer=True, positive=True)
s, t = symbols("s t", positive=True)
i, j = symbols("i j")
P, Q = MatrixSymbol("P", d, d), MatrixSymbol("Q", d, d)
X = samples("x", d, N)


def test_renaming_a_bound_index_changes_nothing():
    one = total(total(inner(X[i], P * X[j]) * norm(X[i]), i), j)
    two = total(total(inner(X[j], P * X[i]) * norm(X[j]), j), i)
    assert read(one) == read(two)
    assert read(total(norm(X[i]), i) * total(norm(X[i]), i)) == read(total(norm(X[i]) * norm(X[j]), i, j))
    assert read(total(sq(X[i]), i) ** 2) != read(total(sq(X[i]) ** 2, i))


def test_dummies_are_told_apart():
    a, b = Dummy("a"), Dummy("a")
    assert read(a - b) and not read(a - a)
    assert Function("log")(s) != log(s) and read(Function("log")(s) - log(s))
