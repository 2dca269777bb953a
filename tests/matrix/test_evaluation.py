"""Values at exact instances against floating-point numbers."""

import pytest
from sympy import (
    MatrixSymbol,
    Symbol,
    Trace,
    log,
    symbols,
)

from symssl import (
    Undecided,
    matrix_equal,
    sq,
)

n, k, d, N = symbols("n k d N", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")


def test_an_instance_without_a_value_confirms_nothing():
    with pytest.raises(Undecided):  # the logarithm of a negative number everywhere
        matrix_equal(log(-1 - sq(A)), log(-1 - Trace(A * A.T)))
    with pytest.raises(Undecided):
        matrix_equal(Symbol("q", imaginary=True) * Trace(A), Symbol("q", imaginary=True) * Trace(A.T))
