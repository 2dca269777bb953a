"""Laws of matrix flows against integration of the flow, and their number against theory."""

import pickle

import numpy as np
import pytest
from numerics import Point, integrate
from sympy import Identity, MatrixSymbol, exp, log, symbols

from symssl import (
    E,
    InputError,
    Symmetric,
    cosine,
    gaussians,
    gradient_flow,
    inner,
    matrix_equal,
    norm,
    potential,
    sg,
    sq,
)

n, m, k, l, d = symbols("n m k l d", integer=True, positive=True)
rho, alpha, beta = symbols("rho alpha beta", positive=True)
W, V, Z = MatrixSymbol("W", k, n), MatrixSymbol("V", n, m), MatrixSymbol("Z", m, l)
A, B, Y = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n), MatrixSymbol("Y", k, m)
Y3 = MatrixSymbol("Y3", k, l)
SIZES = {n: 3, m: 2, k: 2, l: 3}

# flow, degree, expected laws (up to scale and transposition)
FLOWS = {
    "balance": (gradient_flow(sq(W * V - Y) / 2, (W, V)), 2, [(W.T * W - V * V.T, 0)]),
    "balance with decay": (
        gradient_flow(sq(W * V - Y) / 2, (W, V), weight_decay=rho),
        2,
        [(W.T * W - V * V.T, -2 * rho)],
    ),
    "balance at different rates": (
        gradient_flow(sq(W * V - Y) / 2, (W, V), rates={W: alpha}),
        2,
        [(W.T * W / alpha - V * V.T, 0)],
    ),
    "no balance at different decay": (gradient_flow(sq(W * V - Y) / 2, (W, V), weight_decay={W: rho}), 2, []),
    "deep chain": (
        gradient_flow(sq(W * V * Z - Y3) / 2, (W, V, Z)),
        2,
        [(W.T * W - V * V.T, 0), (V.T * V - Z * Z.T, 0)],
    ),
    "nothing conserved": (gradient_flow(sq(W * V - Y) / 2 + sq(W * W.T) / 4, (W, V)), 2, []),
    "whitening": (gradient_flow(sq(W * W.T - Identity(k)) / 4, W), 2, []),
    "linear": (gradient_flow(inner(Y, W * V), W), 1, []),
    "pure decay": (gradient_flow(sq(W) / 2, W), 1, [(W, -1)]),
    "scale invariant": (
        gradient_flow(cosine(W, sg(MatrixSymbol("G", k, n))), W, weight_decay=rho),
        2,
        [(sq(W), -2 * rho)],
    ),
    "homogeneous of degree zero": (gradient_flow(log(sq(A)) - log(inner(A, B) ** 2), A), 2, [(sq(A), 0)]),
    "skew part": (gradient_flow(sq(A + A.T) / 4, A), 1, None),
    "rotation invariant": (gradient_flow(sq(A * A.T - Identity(n)) / 4, A, where=(Symmetric(A),)), 2, []),
}


def spans(law, quantities):
    return any(
        matrix_equal(law.quantity, q)
        or matrix_equal(law.quantity, -q)
        or (law.quantity.is_Matrix and law.quantity.shape == q.T.shape and matrix_equal(law.quantity, q.T))
        for q in quantities
    )


@pytest.mark.parametrize("name", FLOWS)
def test_laws_hold_along_the_integrated_flow(name):
    flow, degree, expected = FLOWS[name]
    found = flow.laws(degree)
    rng = np.random.default_rng(1)
    values = {
        A: rng.normal(size=(3, 3)),
        B: rng.normal(size=(3, 3)),
        W: rng.normal(size=(2, 3)),
        V: rng.normal(size=(3, 2)),
        Z: rng.normal(size=(2, 3)),
        Y: rng.normal(size=(2, 2)),
        Y3: rng.normal(size=(2, 3)),
    }
    if flow.where:
        values[A] = values[A] + values[A].T
    point = Point({**SIZES, **values, MatrixSymbol("G", k, n): rng.normal(size=(2, 3)), rho: 0.3, alpha: 0.6})
    end = point.moved(integrate(flow, point, [0.4])[-1])
    for law in found:
        start = point(law.quantity)
        assert np.abs(start).max() > 1e-6
        assert np.allclose(end(law.quantity), np.exp(0.4 * point(law.multiplier)) * start, rtol=1e-7, atol=1e-8)
    if expected is not None:
        assert len(found) == len(expected)
        for law in found:
            partners = [q for q, rate in expected if rate == law.multiplier]
            assert any(_proportional(law.quantity, q) for q in partners), law


def _proportional(a, b):
    """Whether a = c b or a = c b^T for a scalar c of the parameters."""
    rng = np.random.default_rng(2)
    point = Point(
        {**SIZES, alpha: 0.6, rho: 0.3, **{X: rng.normal(size=[SIZES[i] for i in X.shape]) for X in (A, B, W, V, Z)}}
    )
    x = np.asarray(point(a))
    for y in (np.asarray(point(b)), np.asarray(point(b)).T):
        if x.shape == y.shape and np.linalg.matrix_rank(np.stack([x.ravel(), y.ravel()]), tol=1e-9) == 1:
            return True
    return False


def test_any_loss_of_a_product_is_balanced():
    for loss in (potential("f", W * V), potential("f", W * V) * norm(W * V), exp(potential("f", W * V, V.T * W.T))):
        (law,) = gradient_flow(loss, (W, V), weight_decay=rho).laws()
        assert law.multiplier == -2 * rho and not law.conserved
        assert matrix_equal(gradient_flow(loss, (W, V), weight_decay=rho).lie(law.quantity), -2 * rho * law.quantity)


def test_expected_cosine_loss_has_the_norm_law_of_both_weights():
    x, xp = gaussians("x x'", m, cov=[[2, 1], [1, 2]])
    flow = gradient_flow(-E(cosine(W * V * x, sg(W * V * xp))), (W, V), weight_decay=rho)
    found = {law.multiplier for law in flow.laws()}
    assert found == {-2 * rho}
    assert matrix_equal(flow.lie(sq(W)), -2 * rho * sq(W))


def test_the_skew_part_of_a_symmetric_loss_is_conserved():
    found = FLOWS["skew part"][0].laws(1)
    rates = sorted((law.multiplier for law in found), key=str)
    assert 0 in rates and any(
        matrix_equal(law.quantity, A - A.T) or matrix_equal(law.quantity, A.T - A) for law in found if law.conserved
    )


def test_a_law_of_higher_degree():
    """Under L = <A, B> the product A B^-1 is unknown, but for A' = A, B' = -B the word A B is conserved."""
    flow = gradient_flow(-sq(A) / 2 + sq(B) / 2, (A, B))
    conserved = [law.quantity for law in flow.laws(2) if law.conserved]
    assert any(matrix_equal(q, A * B) or matrix_equal(q, (A * B).T) for q in conserved)


def test_three_weights_at_degree_three_are_quick():
    from time import perf_counter

    start = perf_counter()
    FLOWS["deep chain"][0].laws(2)
    assert perf_counter() - start < 10


@pytest.mark.parametrize("degree", [0, -1, 1.5, "2", None])
def test_bad_degree(degree):
    with pytest.raises(InputError):
        FLOWS["balance"][0].laws(degree)


def test_laws_pickle_and_print():
    (law,) = FLOWS["balance with decay"][0].laws()
    assert pickle.loads(pickle.dumps(law)) == law
    assert r"\rho" in law.latex()
