"""Joint Gaussian laws: what is declared is what is there, and what is no law is refused."""

from hypothesis import given, strategies as st
from sympy import (
    Identity,
    Matrix,
    MatrixSymbol,
    Symbol,
    symbols,
)

from symssl import InputError, gaussians
from symssl.language.random_vectors import GaussianVector

n, k, d, N = symbols("n k d N", integer=True, positive=True)
s2 = Symbol("sigma2", positive=True)
A, W, S = MatrixSymbol("A", n, n), MatrixSymbol("W", k, n), MatrixSymbol("S", d, d)
x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])


def test_covariances():
    y, z = gaussians(["y", "z"], d, mean=[0, MatrixSymbol("mu", d, 1)], cov=[[S, S / 2], [S / 2, S + Identity(d)]])
    assert isinstance(y, GaussianVector) and y.joint == z.joint and y.joint.covariance("y", "z") == S / 2
    table = Matrix([[1 + s2, 1], [1, 1 + s2]])
    assert gaussians("x x'", d, cov=table) == (x, xp) and gaussians("x, x'", d, cov=table.tolist()) == (x, xp)
    assert gaussians("u", 2, cov=[[Matrix([[2, 1], [1, 1]])]])[0].joint.covariance("u", "u").is_Matrix


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_rational_covariances_must_be_positive_semidefinite(a, b, c):
    good = a >= 0 and c >= 0 and a * c >= b * b
    try:
        gaussians("u v", 2, cov=[[a, b], [b, c]])
        assert good
    except InputError:
        assert not good
