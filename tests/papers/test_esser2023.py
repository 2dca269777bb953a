"""Esser et al. 2023 against NumPy: losses, flows of orthonormal layers, random frames, and the refutations."""

import numpy as np
import pytest
import recorded
import sympy as sp
from hypothesis import given, strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from symssl.derivations.esser2023 import dynamics, model, wide

seeds = st.integers(0, 10**6)


def frame(rng, rows, columns):
    return np.linalg.qr(rng.normal(size=(rows, columns)))[0]


def symmetric(rng, d):
    C = rng.normal(size=(d, d))
    return C + C.T


def data(rng, n, d):
    return rng.normal(size=(3, n, d))


def slope(f, A):
    """Gradient by central differences."""
    out = np.zeros_like(A)
    for i in np.ndindex(A.shape):
        e = np.zeros_like(A)
        e[i] = 1e-6
        out[i] = (f(A + e) - f(A - e)) / 2e-6
    return out


# --- Section 2 ---------------------------------------------------------------------------


@given(seeds, st.integers(1, 4), st.integers(1, 3))
def test_velocity_of_an_output_of_the_linear_model(seed, n, z):
    rng = np.random.default_rng(seed)
    d = 3
    x, p, m = data(rng, n, d)
    Theta, at = rng.normal(size=(z, d)), rng.normal(size=d)

    def loss(T):
        return np.sum((x @ T.T) * ((m - p) @ T.T))

    moved = -slope(loss, Theta) @ at
    u, up, um = x @ Theta.T, p @ Theta.T, m @ Theta.T
    printed = (x @ at) @ (up - um) + ((p - m) @ at) @ u
    np.testing.assert_allclose(moved, printed, atol=1e-6)


@given(seeds)
def test_rank_is_kept_and_only_a_simple_lowest_eigenvalue_collapses(seed):
    from scipy.linalg import expm

    rng = np.random.default_rng(seed)
    Theta = rng.normal(size=(2, 3))

    def share(spectrum):
        U = Theta @ expm(-2 * 20 * (np.diag(spectrum) - min(spectrum) * np.eye(3)))
        s = np.linalg.svd(U, compute_uv=False)
        return s[1] / s[0]

    assert share([-1, -0.2, 1]) < 1e-3 * np.abs(Theta).max() / np.abs(Theta[:, 0]).max() ** 2 + 1e-9
    U = Theta[:, :2]
    s = np.linalg.svd(U, compute_uv=False)
    assert share([-1, -1, 1]) == pytest.approx(s[1] / s[0], rel=1e-6)


def test_infonce_couples_its_outputs():
    def loss(T):
        u = T[:, 0]
        return -np.log(np.exp(u @ u) / (np.exp(u @ u) + np.exp(-u @ u)))

    alone, beside = (-slope(loss, np.array([[1.0], [second]]))[0, 0] for second in (0.0, 1.0))
    assert abs(alone - beside) > 0.1
    assert recorded.verdict("esser2023.rem2.infonce") == "refuted"


# --- Section 3 ---------------------------------------------------------------------------


def test_problem_four_is_not_problem_three():
    """d = h = z = 2, C = diag(-1, 1): the trace under 4, minus one under 3."""
    rng = np.random.default_rng(0)
    C = np.diag([-1.0, 1.0])
    for _ in range(5):
        M = frame(rng, 2, 2).T @ frame(rng, 2, 2)
        assert np.trace(M @ C @ M.T) == pytest.approx(0, abs=1e-12)
    assert recorded.verdict("esser2023.prop3.34") == "refuted"
    best = np.diag([1.0, 0.0])
    assert np.trace(best @ C @ best.T) == -1


@given(seeds, st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
def test_frobenius_balls_are_minimised_by_one_output(seed, z, h, d):
    rng = np.random.default_rng(seed)
    C, W1, W2 = symmetric(rng, d), rng.normal(size=(h, d)), rng.normal(size=(h, z))
    hidden = W1 @ C @ W1.T
    values, vectors = np.linalg.eigh(hidden)
    one = np.zeros((h, z))
    if values[0] < 0:
        one[:, 0] = np.linalg.norm(W2) * vectors[:, 0]
    assert np.trace(one.T @ hidden @ one) <= np.trace(W2.T @ hidden @ W2) + 1e-9


def test_regularisation_has_no_minimum_where_the_constraint_has():
    mu = 0.7
    found = minimize(lambda w: -((w[0] * w[1]) ** 2) + mu * (w @ w), [2.0, 2.0], options={"maxiter": 30})
    assert found.fun < -1e6


# --- Section 3.1 -------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 4, 6])
def test_moments_of_a_random_row(k):
    h, rng = 7, np.random.default_rng(k)
    g = rng.normal(size=(400000, h))
    q = g[:, 0] / np.linalg.norm(g, axis=1)
    assert np.mean(q**k) == pytest.approx(float(wide.moment(k).subs(wide.width, h)), rel=0.02)


def test_mean_squares_of_the_activations():
    h, d, z, rng = 400, 3, 2, np.random.default_rng(1)
    x = np.array([0.6, -0.8, 1.0])
    relu, logistic, bounded = [], [], []
    for _ in range(300):
        W1, W2 = frame(rng, h, d), frame(rng, h, z)
        r = W1 @ x
        relu.append(np.sum((W2.T @ (np.maximum(r, 0) - r)) ** 2))
        logistic.append(np.sum((W2.T @ (1 / (1 + np.exp(-r)) - r)) ** 2))
        bounded.append(np.sum((np.tanh(r) - r) ** 2))
    at = {wide.width: h, wide.outputs: z, wide.size: np.linalg.norm(x)}
    assert np.mean(relu) == pytest.approx(float(wide.relu_square().subs(at)), rel=0.2)
    assert np.mean(logistic) == pytest.approx(z / 4, rel=0.25)
    assert np.mean(bounded) <= float(wide.remainder_square().subs(at | {wide.c: 4 / (3 * np.sqrt(3))}))


def late_outputs(width, seed, phi, slope_of_phi, steps=10, rate=0.01):
    """Outputs after a short projected flow of W_2^T phi(W_1 x) on three triples in the plane."""
    rng = np.random.default_rng(seed)
    x, p, m = data(np.random.default_rng(5), 3, 2) * 0.5
    W1, W2 = frame(rng, width, 2), frame(rng, width, 1)
    for _ in range(steps):
        G1, G2 = np.zeros_like(W1), np.zeros_like(W2)
        for triple in zip(x, p, m):
            a, b, c = (phi(W1 @ v) for v in triple)
            u, v = W2.T @ a, W2.T @ (c - b)
            G2 += np.outer(a, v) + np.outer(c - b, u)
            for at, weight in zip(triple, (v, -u, u)):
                G1 += np.outer(slope_of_phi(W1 @ at) * (W2 @ weight), at)
        W1, W2 = W1 - rate * (G1 - W1 @ (W1.T @ G1)), W2 - rate * (G2 - W2 @ (W2.T @ G2))
    return np.linalg.norm(phi(x @ W1.T) @ W2)


@pytest.mark.parametrize("phi, slope_of_phi", [(lambda v: v, np.ones_like), (np.tanh, lambda v: 1 - np.tanh(v) ** 2)])
def test_outputs_at_a_fixed_time_vanish_with_the_width(phi, slope_of_phi):
    """Conjecture 1: sixteen times the width, a quarter of the output."""
    narrow, wide_ = (
        np.mean([late_outputs(h, seed, phi, slope_of_phi) ** 2 for seed in range(30)]) ** 0.5 for h in (100, 1600)
    )
    assert 0.15 < wide_ / narrow < 0.4


def test_the_sigmoid_moves_faster_in_wider_networks():
    sigmoid = (lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(-v) / (1 + np.exp(-v)) ** 2)
    narrow, wide_ = (np.mean([late_outputs(h, seed, *sigmoid, steps=30) for seed in range(10)]) for h in (100, 1600))
    assert wide_ > 1.5 * narrow


# --- Section 4 ---------------------------------------------------------------------------


def printed(q, lam):
    L = np.diag(lam)
    return -2 * (2 * L @ q - L @ q @ q.T @ q - q @ q.T @ L @ q)


@given(seeds, st.integers(2, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3))
def test_theorem_2_at_every_depth(seed, depth, d, z, extra):
    """The projected flow of every layer, by the product rule on the network."""
    rng = np.random.default_rng(seed)
    h = max(d, z) + extra
    C = symmetric(rng, d)
    layers = [frame(rng, h, d), *(frame(rng, h, h) for _ in range(depth - 2)), frame(rng, h, z).T]
    velocities = []
    for k, W in enumerate(layers):
        before = np.linalg.multi_dot([*reversed(layers[:k]), np.eye(d)]) if k else np.eye(d)
        after = np.linalg.multi_dot([np.eye(z), *reversed(layers[k + 1 :])]) if k + 1 < depth else np.eye(z)
        M = after @ W @ before
        G = 2 * after.T @ M @ C @ before.T
        if k + 1 < depth:
            velocities.append(after @ (-(G - W @ (W.T @ G))) @ before)
        else:  # the last layer is W_l^T
            velocities.append(-(G - G @ W.T @ W) @ before)
    lam, V = np.linalg.eigh(C)
    np.testing.assert_allclose((sum(velocities) @ V).T, printed((M @ V).T, lam), atol=1e-9)


@given(seeds, st.integers(1, 3), st.integers(1, 3))
def test_the_derived_flow_of_the_outputs(seed, d, z):
    """Three layers: what the derivation found, against the product rule on explicit weights."""
    rng = np.random.default_rng(seed)
    h = max(d, z) + 1
    lam = np.sort(rng.normal(size=d))
    W1, W2, W3 = frame(rng, h, d), frame(rng, h, h), frame(rng, h, z)
    q = W1.T @ W2.T @ W3
    G1, G3 = 2 * W2.T @ W3 @ q.T @ np.diag(lam), 2 * W2 @ W1 @ np.diag(lam) @ q
    moved = -(G1 - W1 @ W1.T @ G1).T @ W2.T @ W3 - W1.T @ W2.T @ (G3 - W3 @ W3.T @ G3)
    found = model.at(
        model.output_flow(model.DEEP3, model.NETWORK[3]).rhs[model.q],
        {model.q: sp.Matrix(q), model.Lambda: sp.diag(*map(float, lam))},
    )
    np.testing.assert_allclose(np.array(found, float), moved, atol=1e-9)


@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(0, 3))
def test_the_gradient_flow_on_frames_is_another(seed, d, z, extra):
    """What the projected flow of W_1 leaves out vanishes only where C and M^T M commute."""
    rng = np.random.default_rng(seed)
    h = max(d, z) + extra
    C, W1, W2 = symmetric(rng, d), frame(rng, h, d), frame(rng, h, z)
    M = W2.T @ W1
    G = 2 * W2 @ M @ C
    stiefel, projected = -(G - W1 @ G.T @ W1), -(G - W1 @ W1.T @ G)
    K = M.T @ M @ C
    np.testing.assert_allclose(stiefel - projected, -2 * W1 @ (K - K.T), atol=1e-9)
    ahead = np.trace(G.T @ stiefel), np.trace(G.T @ projected)
    assert max(ahead) < 1e-9  # both descend


def run(q, lam, time):
    shape = q.shape
    found = solve_ivp(lambda _, y: printed(y.reshape(shape), lam).ravel(), (0, time), q.ravel(), rtol=1e-10, atol=1e-12)
    return found.y[:, -1].reshape(shape)


@given(seeds, st.sampled_from([-1, 1]))
def test_generic_starts_end_at_plus_or_minus_v1(seed, sign):
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(3, 1))
    q *= 0.7 / np.linalg.norm(q)
    q[0] = sign * (0.1 + abs(q[0]))
    end = run(q / max(1, np.linalg.norm(q)), [-2.0, -1.0, 0.5], 15)
    np.testing.assert_allclose(end[:, 0], [sign, 0, 0], atol=1e-5)


def test_starts_that_theorem_3_and_conjecture_2_forget():
    end = run(np.array([[0.0], [0.5]]), [-2.0, -1.0], 12)
    np.testing.assert_allclose(end[:, 0], [0, 1], atol=1e-6)
    end = run(np.array([[0.0, 0], [0.5, 0.1], [0, 0.5]]), [-3.0, -2.0, -1.0], 12)
    assert np.linalg.norm(end[0]) == 0 and np.linalg.matrix_rank(end, 1e-3) == 2


def test_a_square_first_layer_stays_on_the_sphere():
    """h = d, positive eigenvalues: W_1 stands still, W_2 runs to the lowest eigenvector; for h > d q vanishes."""
    rng = np.random.default_rng(0)
    C = np.diag([1.0, 2.0, 3.0])
    for h, norm in ((3, 1), (5, 0)):
        W1, W2 = frame(rng, h, 3), frame(rng, h, 1)
        for _ in range(1000):
            M = W2.T @ W1
            G1, G2 = 2 * W2 @ M @ C, 2 * W1 @ C @ M.T
            W1, W2 = W1 - 0.01 * (G1 - W1 @ (W1.T @ G1)), W2 - 0.01 * (G2 - W2 @ (W2.T @ G2))
            W1, W2 = np.linalg.qr(W1)[0] * np.sign(np.diag(np.linalg.qr(W1)[1])), W2 / np.linalg.norm(W2)
        assert np.linalg.norm(W2.T @ W1) == pytest.approx(norm, abs=1e-6)


@given(seeds)
def test_the_ball_is_kept_and_the_loss_descends(seed):
    rng = np.random.default_rng(seed)
    q, lam = rng.normal(size=(4, 2)), np.sort(rng.normal(size=4))
    q *= rng.uniform(0.2, 1) / np.linalg.norm(q, 2)
    end = run(q, lam, 1.0)
    assert np.linalg.norm(end, 2) <= 1 + 1e-7
    assert np.trace(end.T @ np.diag(lam) @ end) <= np.trace(q.T @ np.diag(lam) @ q) + 1e-9


def test_euler_at_the_printed_step_is_half_as_fast():
    eta, q = 1e-4, np.array([[0.05]])
    p = q.copy()
    for _ in range(2000):
        p = p + eta * printed(p, [-1.0]) / 2
    assert p[0, 0] == pytest.approx(run(q, [-1.0], 0.1)[0, 0], rel=1e-3)
    assert abs(p[0, 0] - run(q, [-1.0], 0.2)[0, 0]) > 0.01


def test_expected_form_is_minus_the_covariance():
    rng = np.random.default_rng(2)
    n = 10**6
    mean, root = np.array([1.0, -2.0]), np.array([[1.0, 0.0], [0.5, 0.7]])
    x, m = (mean + rng.normal(size=(n, 2)) @ root.T for _ in range(2))
    p = x + 0.3 * rng.normal(size=(n, 2))
    found = x.T @ (m - p) / n
    np.testing.assert_allclose(found, -root @ root.T, atol=0.02)
    assert abs(found + (root @ root.T + np.outer(mean, mean))).max() > 1


# --- the ledger --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label, verdict",
    [
        ("thm2", "holds"),
        ("thm3.case1", "refuted"),
        ("thm3.case2", "refuted"),
        ("thm3.missing", "refuted"),
        ("conj2", "refuted"),
        ("prop1.collapse", "refuted"),
        ("prop2", "holds"),
        ("prop3.34", "refuted"),
        ("eq10", "corrected"),
        ("eq11", "corrected"),
        ("EC", "corrected"),
        ("ECneg", "refuted"),
        ("sec5.C", "corrected"),
        ("grassmann", "refuted"),
        ("lem1.proof", "refuted"),
    ],
)
def test_verdicts_that_matter(label, verdict):
    assert recorded.verdict(f"esser2023.{label}") == verdict


def test_a_network_that_is_not_a_product_is_refused():
    from symssl.errors import Refusal

    with pytest.raises(Refusal):
        model.folded(model.W1 * model.C * model.W1.T, model.NETWORK[2], model.M)
    flow = dynamics.vector_flow(model.DEEP2)
    assert flow.rhs[dynamics.vector].shape == (model.d, 1)
    assert isinstance(dynamics.coordinate_flow(model.DEEP2, 1).states[dynamics.coordinates[0]], sp.Expr)
