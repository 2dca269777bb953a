"""Stop-gradients, expectations and sums over samples."""

from sympy import (
    symbols,
)

from symssl import inner, mean, samples, sq, total

n, k, d, N = symbols("n k d N", integer=True, positive=True)
i, j = symbols("i j")
X = samples("x", d, N)


def test_a_bound_index_is_not_free():
    assert i not in total(sq(X[i]), i).free_symbols and N in total(sq(X[i]), i).free_symbols
    assert mean(sq(X[i]), i) == total(sq(X[i]), i) / N
    assert mean(inner(X[i], X[j]), i, (j, N)) == total(inner(X[i], X[j]), i, j) / N**2
