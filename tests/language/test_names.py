"""Two symbols of one name are refused."""

import pytest
from sympy import (
    MatrixSymbol,
    Symbol,
    symbols,
)

from symssl import InputError, samples, sq, total
from symssl.language.names import check_names

n, k, d, N = symbols("n k d N", integer=True, positive=True)
i, j = symbols("i j")
A, W, S = MatrixSymbol("A", n, n), MatrixSymbol("W", k, n), MatrixSymbol("S", d, d)
X = samples("x", d, N)


def test_names():
    check_names(sq(A), sq(A.T), total(sq(X[i]), i), total(sq(X[j]), j), Symbol("i", integer=True) * 0)
    with pytest.raises(InputError, match="called A"):
        check_names(sq(A), sq(MatrixSymbol("A", k, n)))
