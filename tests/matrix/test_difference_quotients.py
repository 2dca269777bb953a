"""The recheck of a gradient flow: right flows pass, and every wrong one is caught."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import E, Symmetric, cosine, gaussians, gradient_flow, inner, norm, samples, sg, sq, total
from symssl.matrix.difference_quotients import recheck_gradient
from symssl.matrix.equality import Disagreement

n, d, N = sp.symbols("n d N", integer=True, positive=True)
rho = sp.Symbol("rho", positive=True)
W, P, S = sp.MatrixSymbol("W", n, n), sp.MatrixSymbol("P", n, d), sp.MatrixSymbol("S", n, n)
u, v = gaussians("u v", d, cov=[[1 + rho, 1], [1, 1 + rho]])
x = samples("x", d, N)
i, j = sp.symbols("i j", integer=True, positive=True)

LOSSES = {
    "quadratic": sq(W * P) / 2 + inner(W, S),
    "norms": norm(W * P) ** 3 + sp.exp(-sq(W) / 50),
    "stopped": sq(W * P - sg(S * P)) + inner(W, sg(W)),
    "moments": E(sq(W * P * u - sg(P * v))) / 2,
    "cosine": -E(cosine(W * P * u, sg(P * v))),
    "samples": total(sp.log(total(sp.exp(-sq(P * x[i] - P * x[j]) / 2), (j, N))) + sq(W * P * x[i]), (i, N)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_flows_of_losses_are_confirmed(name):
    flow = gradient_flow(LOSSES[name], (W, P) if LOSSES[name].has(W) else (P,), weight_decay=rho)
    assert len(recheck_gradient(LOSSES[name], flow.rhs, weight_decay=rho)) == 2


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "cosine"])
@pytest.mark.parametrize("wrong", ["twice", "sign", "transposed", "term", "decay"])
def test_wrong_flows_are_caught(name, wrong):
    rhs = dict(gradient_flow(LOSSES[name], (W,), weight_decay=rho).rhs)
    change = {
        "twice": lambda f: 2 * f,
        "sign": lambda f: -f,
        "transposed": lambda f: f.T,
        "term": lambda f: f + S / 10**6,
        "decay": lambda f: f - rho * W,
    }[wrong]
    with pytest.raises(Disagreement):
        recheck_gradient(LOSSES[name], {W: change(rhs[W])}, weight_decay=rho)


def test_a_stop_gradient_that_is_not_honoured_is_caught():
    stopped, open_ = sq(W * P - sg(W * S * P)), sq(W * P - W * S * P)
    assert recheck_gradient(stopped, gradient_flow(stopped, W).rhs)
    with pytest.raises(Disagreement):
        recheck_gradient(stopped, gradient_flow(open_, W).rhs)


def test_rates():
    flow = gradient_flow(LOSSES["quadratic"], W, rates={W: rho}, weight_decay=3)
    assert recheck_gradient(LOSSES["quadratic"], flow.rhs, rates={W: rho}, weight_decay=3)
    with pytest.raises(Disagreement):
        recheck_gradient(LOSSES["quadratic"], flow.rhs, weight_decay=3)


def test_relations_are_kept():
    loss = sq(W * S - P * P.T)
    flow = gradient_flow(loss, W, where=(Symmetric(S),))
    assert recheck_gradient(loss, flow.rhs, where=(Symmetric(S),))
    with pytest.raises(Disagreement):  # reduced by S = S^T, so wrong for other S
        recheck_gradient(sq(W * S) + inner(W, S), {W: -2 * W * S * S - S})


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(2, 3))
def test_random_quadratics_against_numpy(seed, size):
    """<grad, D> of tr(W^T A W B) by numpy, and the flow confirmed by the recheck."""
    rng = np.random.default_rng(seed)
    A, B = (sp.Matrix(size, size, list(map(int, rng.integers(-4, 5, size**2)))) for _ in range(2))
    M = sp.MatrixSymbol("M", size, size)
    loss = inner(M, sp.ImmutableMatrix(A) * M * sp.ImmutableMatrix(B))
    value, a, b = (rng.normal(size=(size, size)), np.array(A, float), np.array(B, float))
    gradient = a @ value @ b + a.T @ value @ b.T
    rhs = gradient_flow(loss, M).rhs[M]
    found = np.array(rhs.subs(M, sp.ImmutableMatrix(value)).as_explicit().tolist(), float)
    np.testing.assert_allclose(found, -gradient, atol=1e-9)
    assert recheck_gradient(loss, {M: rhs})
