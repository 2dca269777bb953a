"""Where a quadratic form is negative, and the rank of the minimisers of a trace."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Eq, Ge, Gt, Integer, Lt, MatrixSymbol, Symbol, Trace, symbols

from symssl import Orthonormal, Refusal, Symmetric, inner, samples, sq, total
from symssl.language import Eigenvalue, Exists, Optimum
from symssl.statements import negative_somewhere, rank_of_minimisers

n, d, h, z, N = symbols("n d h z N", integer=True, positive=True)
i = Symbol("i", integer=True)
W, S = MatrixSymbol("W", z, n), MatrixSymbol("S", n, n)
FORM = Exists(W, Lt(Trace(W * S * W.T), 0, evaluate=False))


def test_the_least_eigenvalue_tells_where_a_form_is_negative():
    for condition in (Lt(Eigenvalue(S, 1), 0), Gt(Eigenvalue(-S, -1), 0), Gt(Eigenvalue(-S, n), 0)):
        assert negative_somewhere(FORM, (Symmetric(S),), exactly_where=condition)
    for wrong in (
        Lt(Eigenvalue(S, -1), 0),
        Gt(Eigenvalue(S, 1), 0),
        Lt(Eigenvalue(2 * S, 1), 1),
        Lt(Eigenvalue(-S, 1), 0),
    ):
        with pytest.raises(Refusal):
            negative_somewhere(FORM, (Symmetric(S),), exactly_where=wrong)


def test_the_trace_shows_it():
    X, Y = samples("x", n, N), samples("y", n, N)
    form = Exists(W, Lt(-total(inner(W * X[i], W * Y[i]), i), 0, evaluate=False))
    aligned = Gt(total(inner(X[i], Y[i]), i), 0)
    assert negative_somewhere(form, (aligned,)).given == (aligned,)
    with pytest.raises(Refusal):
        negative_somewhere(form, ())
    with pytest.raises(Refusal):
        negative_somewhere(Exists(W, Lt(Trace(W * S * W.T) + sq(W) ** 2, 0, evaluate=False)), (Symmetric(S),))


U, L, C = MatrixSymbol("U", h, d), MatrixSymbol("L", h, z), MatrixSymbol("C", d, d)
LOSS = Trace(L.T * U * C * U.T * L)
PROBLEM = Optimum(LOSS, (U, L), (Orthonormal(U), Orthonormal(L)))
NEEDED = (Symmetric(C), Lt(Eigenvalue(C, 2), 0), Ge(d, 2), Ge(z, 2), Ge(h, d), Ge(h, z))


def test_minimisers_keep_all_negative_eigenvalues():
    body = rank_of_minimisers(PROBLEM, Integer(2), NEEDED).proposition.body
    assert body.args[0] == Eq(LOSS, PROBLEM, evaluate=False)


@pytest.mark.parametrize("left_out", range(len(NEEDED)))
def test_all_hypotheses_are_needed(left_out):
    with pytest.raises(Refusal):
        rank_of_minimisers(PROBLEM, Integer(2), [c for k, c in enumerate(NEEDED) if k != left_out])


@settings(max_examples=6)
@given(st.integers(0, 50))
def test_layers_of_lower_rank_have_a_greater_loss(seed):
    """d = z = 2, h = 3: products of frames of rank one reach -2 at the most, those of rank two -3."""
    rng = np.random.default_rng(seed)
    D = np.diag([-2.0, -1.0])
    frames = [np.linalg.qr(rng.normal(size=(3, 2)))[0] for _ in range(2)]
    M = frames[0].T @ frames[1]
    loss = np.trace(M @ D @ M.T)
    assert loss >= -3 - 1e-9
    u, s, v = np.linalg.svd(M)
    one = s[0] * np.outer(u[:, 0], v[0])
    assert np.trace(one @ D @ one.T) >= -2 - 1e-9
