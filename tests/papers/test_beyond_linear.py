"""Landscape and trajectories of |W Gamma W^T - I|^2, by NumPy alone against the closed forms of the derivations."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq, minimize
from sympy import lambdify

from symssl.derivations.beyond import landscape, linear

seeds = st.integers(0, 10**6)


def orthogonal(n, rng):
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def loss(W, G):
    return np.sum((W @ G @ W.T - np.eye(len(W))) ** 2)


def slope(W, G):
    return 4 * (W @ G @ W.T - np.eye(len(W))) @ W @ G


def hessian_matrix(f, x, step=1e-5):
    """Derivative of a gradient by central differences."""
    columns = []
    for unit in np.eye(x.size):
        v = step * unit.reshape(x.shape)
        columns.append(((f(x + v) - f(x - v)) / (2 * step)).ravel())
    H = np.array(columns)
    return (H + H.T) / 2


def critical_point(rng, d, eigenvalues, k):
    """A random critical point of rank k: k rows orthonormal in the indefinite form Gamma, a turn, a kernel part."""
    m = len(eigenvalues)
    V = orthogonal(m, rng)
    G = V @ np.diag(eigenvalues) @ V.T
    start = [j for j in range(m) if eigenvalues[j] > 0][:k]
    A = (keeping(G, rng) @ V[:, start] / np.sqrt(np.array(eigenvalues)[start])).T
    kernel = V[:, np.array(eigenvalues) == 0]
    W = orthogonal(d, rng)[:, :k] @ A + rng.normal(size=(d, kernel.shape[1])) @ kernel.T
    return W, G


def keeping(G, rng, size=0.2):
    """T with T^T G T = G: the Cayley transform of S G, S skew."""
    S = size * rng.normal(size=G.shape)
    K, unit = (S - S.T) @ G, np.eye(len(G))
    return np.linalg.solve(unit + K, unit - K)


@given(
    seed=seeds,
    d=st.integers(1, 3),
    signs=st.lists(st.sampled_from([-1, 0, 1, 1]), min_size=1, max_size=4),
    data=st.data(),
)
@settings(max_examples=60)
def test_morse_index_of_any_critical_point(seed, d, signs, data):
    rng = np.random.default_rng(seed)
    eigenvalues = [q * rng.uniform(0.5, 2) for q in signs]
    n_p, n_m, n_0 = (signs.count(q) for q in (1, -1, 0))
    k = data.draw(st.integers(0, min(d, n_p)))
    W, G = critical_point(rng, d, eigenvalues, k)
    assert np.allclose(slope(W, G), 0, atol=1e-8)
    assert np.isclose(loss(W, G), d - k)
    found = np.linalg.eigvalsh(hessian_matrix(lambda w: slope(w, G), W))
    assert np.sum(found < -1e-5) == (d - k) * (n_p - k)
    assert np.sum(abs(found) <= 1e-5) == k * len(signs) - k * (k + 1) // 2 + (d - k) * (k + n_0)
    assert np.sum(found > 1e-5) == k * (k + 1) // 2 + (d - k) * n_m


@given(seed=seeds, d=st.integers(1, 3), more=st.integers(0, 2))
@settings(max_examples=30)
def test_hessian_at_any_zero_of_the_loss(seed, d, more):
    rng = np.random.default_rng(seed)
    eigenvalues = np.sort(rng.uniform(0.3, 2, d + more))[::-1]
    W, G = critical_point(rng, d, list(eigenvalues), d)
    b = np.linalg.eigvalsh(W @ G @ G @ W.T)
    wanted = sorted([4 * (b[i] + b[j]) for i in range(d) for j in range(i + 1)])
    found = np.linalg.eigvalsh(hessian_matrix(lambda w: slope(w, G), W))
    np.testing.assert_allclose(found[-len(wanted) :], wanted, rtol=1e-6)
    assert found[-1] <= 8 * eigenvalues[0] * (1 + 1e-6)  # no minimum is sharper than the top spectral one


def test_an_indefinite_gamma_has_sharper_minima():
    G, W = np.diag([1.0, -1]), np.array([[5 / 4, 3 / 4]])
    assert np.isclose(loss(W, G), 0)
    assert np.isclose(np.linalg.eigvalsh(hessian_matrix(lambda w: slope(w, G), W))[-1], 17)


@pytest.mark.parametrize(
    "eigenvalues, d", [([1.5, 1, 0.5, 0.2], 2), ([1.5, 1, 0.5], 1), ([1.0, 1, 1], 2), ([0.5, -1.5], 2)]
)
def test_the_limit_of_the_learning_rate(eigenvalues, d):
    rng = np.random.default_rng(3)
    G = np.diag(eigenvalues)
    rank = min(d, sum(q > 0 for q in eigenvalues))
    start = np.zeros((d, len(eigenvalues)))
    for j in range(rank):
        start[j, j] = eigenvalues[j] ** -0.5
    limits = [1 / (4 * eigenvalues[0])] + [1 / (2 * -q) for q in eigenvalues if q < 0 and rank < d]

    def error(rate):
        W = start + 1e-4 * rng.normal(size=start.shape)
        for _ in range(400):
            W = np.clip(W - rate * slope(W, G), -1e3, 1e3)  # what diverges stays finite
        return abs(loss(W, G) - (d - rank))

    assert error(0.97 * min(limits)) < 1e-12
    assert not error(1.03 * min(limits)) < 1e-3


def test_at_the_limit_an_aligned_mode_still_converges():
    e = 0.1
    for _ in range(20000):
        e = (1 + e) * (1 + 1 - (1 + e) ** 2) - 1
    assert np.isclose(abs(e) * np.sqrt(16 * 20000), 1, rtol=0.02)  # e_n = (16 n)^(-1/2)


@given(seed=seeds, d=st.integers(1, 3), signs=st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=4))
@settings(max_examples=15)
def test_descent_ends_at_a_global_minimum(seed, d, signs):
    rng = np.random.default_rng(seed)
    V = orthogonal(len(signs), rng)
    G = V @ np.diag([q * rng.uniform(0.5, 1.5) for q in signs]) @ V.T
    shape = (d, len(signs))
    end = minimize(
        lambda w: loss(w.reshape(shape), G),
        rng.normal(size=d * len(signs)),
        jac=lambda w: slope(w.reshape(shape), G).ravel(),
        method="BFGS",
        options={"gtol": 1e-10, "maxiter": 4000},
    )
    assert np.isclose(end.fun, d - min(d, signs.count(1)), atol=2e-3)  # a null valley may be left slowly


@given(seed=seeds, d=st.integers(1, 3), m=st.integers(1, 4), epsilon=st.floats(0.05, 1.2))
@settings(max_examples=25)
def test_the_penalised_minimum(seed, d, m, epsilon):
    rng = np.random.default_rng(seed)
    V, eigenvalues = orthogonal(m, rng), np.sort(rng.uniform(-1, 2, m))[::-1]
    G = V @ np.diag(eigenvalues) @ V.T
    shape = (d, m)

    def penalised(w):
        return loss(w.reshape(shape), G) + 2 * epsilon * w @ w

    def gradient(w):
        return slope(w.reshape(shape), G).ravel() + 4 * epsilon * w

    ends = [
        minimize(penalised, rng.normal(size=d * m), jac=gradient, method="BFGS", options={"gtol": 1e-9})
        for _ in range(3)
    ]
    learnt = [q for q in eigenvalues[:d] if q > epsilon]
    wanted = d - sum((1 - epsilon / q) ** 2 for q in learnt)
    assert np.allclose([end.fun for end in ends], wanted, atol=1e-5)
    W = ends[0].x.reshape(shape)
    sizes = np.sort(np.linalg.eigvalsh(W.T @ W))[::-1][: len(learnt)]
    np.testing.assert_allclose(sizes, np.sort([(q - epsilon) / q**2 for q in learnt])[::-1], atol=1e-3)


# --- trajectories ------------------------------------------------------------------------


def integrate(f, start, time):
    run = solve_ivp(lambda t, w: f(w.reshape(start.shape)).ravel(), (0, time), start.ravel(), rtol=1e-11, atol=1e-13)
    return run.y[:, -1].reshape(start.shape)


def test_eigenvalues_of_an_aligned_start_are_logistic():
    rng = np.random.default_rng(2)
    U, V, eigenvalues, s = (
        orthogonal(3, rng),
        orthogonal(5, rng),
        np.array([1.2, 0.7, 0.4, 0.1, -0.5]),
        np.array([0.1, 0.3, 0.2]),
    )
    G = V @ np.diag(eigenvalues) @ V.T
    end = integrate(lambda w: -slope(w, G), U @ np.diag(s) @ V[:, :3].T, 1.3)
    grown = lambdify((linear.lam_0, linear.g, linear.t), linear.grown(linear.LOSS, linear.g))
    start = eigenvalues[:3] * s**2
    late = np.log(1 / start - 1) / (8 * eigenvalues[:3])
    np.testing.assert_allclose(
        np.sort(np.linalg.eigvalsh(end @ G @ end.T)),
        np.sort(1 / (1 + np.exp(-8 * eigenvalues[:3] * (1.3 - late)))),
        rtol=1e-7,
    )
    np.testing.assert_allclose(
        grown(start, eigenvalues[:3], 1.3), 1 / (1 + np.exp(-8 * eigenvalues[:3] * (1.3 - late)))
    )
    assert np.isclose(loss(end, G), np.sum((1 + np.exp(8 * eigenvalues[:3] * (1.3 - late))) ** -2.0), rtol=1e-6)


def test_one_output_in_its_own_clock():
    eigenvalues, start = np.array([1.3, 0.6, -0.4]), np.array([[0.2, 0.5, 0.7]])

    def q(theta):
        return np.sum(eigenvalues * start**2 * np.exp(2 * eigenvalues * theta))

    theta = 0.6
    time, _ = quad(lambda x: 1 / (4 * (1 - q(x))), 0, theta)
    end = integrate(lambda w: -slope(w, np.diag(eigenvalues)), start, time)
    np.testing.assert_allclose(end, start * np.exp(eigenvalues * theta), rtol=1e-8)
    late = integrate(lambda w: -slope(w, np.diag(eigenvalues)), start, 40)
    stop = brentq(lambda x: q(x) - 1, 0, 10)
    np.testing.assert_allclose(late, start * np.exp(eigenvalues * stop), rtol=1e-6)


def test_two_opposite_eigenvalues():
    g, a, b = 0.8, 0.3, 0.5
    start = np.array([[np.sqrt(a / g), np.sqrt(b / g)]])
    end = integrate(lambda w: -slope(w, np.diag([g, -g])), start, 0.4)
    at = {linear.a: a, linear.b: b, linear.size: g, linear.time: 0.4}
    z = float(linear.PAIR_SOLUTION.subs(at))
    np.testing.assert_allclose(end[0] ** 2, [a * z / g, b / (g * z)], rtol=1e-7)


def test_the_limit_of_one_output_is_biased_to_first_order():
    g, a, b = 0.7, 0.4, 1.1
    shares = []
    for alpha in (1e-2, 1e-3):
        stop = brentq(lambda z: alpha**2 * (2 * g * a * z**2 + g * b * z) - 1, 0, 1e5)
        shares.append(g * alpha * b * stop)
    assert np.allclose(shares, b * np.sqrt(g / (2 * a)), rtol=1e-2)
    assert abs(shares[1] - b * np.sqrt(g / (2 * a))) < abs(shares[0] - b * np.sqrt(g / (2 * a)))


def sharpened(W, G, power):
    values = np.linalg.eigvalsh(W @ G @ W.T)
    return np.sum((np.sign(values) * np.sqrt(abs(values)) - 1) ** 2) ** power


def numerical_slope(f, W, step=1e-6):
    out = np.zeros_like(W)
    for i in np.ndindex(W.shape):
        v = np.zeros_like(W)
        v[i] = step
        out[i] = (f(W + v) - f(W - v)) / (2 * step)
    return out


@pytest.mark.parametrize("power", [1, 0.5])
def test_sharpened_losses(power):
    rng = np.random.default_rng(4)
    U, V, s = orthogonal(2, rng), orthogonal(3, rng), np.array([0.4, 0.5])
    eigenvalues = np.array([0.9, 0.9 if power == 0.5 else -0.6, 0.3])
    G = V @ np.diag(eigenvalues) @ V.T
    start, time = U @ np.diag(s) @ V[:, :2].T, 0.2
    end = integrate_coarsely(lambda w: -numerical_slope(lambda x: sharpened(x, G, power), w), start, time)
    x, g = np.sqrt(abs(eigenvalues[:2])) * s, abs(eigenvalues[:2])
    if power == 1:
        wanted = np.where(eigenvalues[:2] > 0, 1 - (1 - x) * np.exp(-2 * g * time), (1 + x) * np.exp(-2 * g * time) - 1)
    else:
        wanted = 1 - (1 - x) * (1 - g[0] * time / np.linalg.norm(1 - x))
    found = np.linalg.eigvalsh(end @ G @ end.T)
    np.testing.assert_allclose(found, np.sort(np.sign(eigenvalues[:2]) * wanted**2), rtol=1e-5)


def integrate_coarsely(f, start, time):
    run = solve_ivp(lambda t, w: f(w.reshape(start.shape)).ravel(), (0, time), start.ravel(), rtol=1e-7, atol=1e-9)
    return run.y[:, -1].reshape(start.shape)


def test_modes_arrive_together_under_the_plain_norm():
    """e_j' = -gamma_j e_j / R: R falls at a rate between the least and the largest eigenvalue."""
    g, e = np.array([1.5, 0.5]), np.array([0.9, 0.8])
    total, _ = quad(lambda theta: np.linalg.norm(e * np.exp(-g * theta)), 0, np.inf)
    assert np.linalg.norm(e) / g[0] < total < np.linalg.norm(e) / g[1]
    run = solve_ivp(lambda t, x: -g * x / np.linalg.norm(x), (0, 0.999 * total), e, rtol=1e-10, atol=1e-13)
    assert np.linalg.norm(run.y[:, -1]) < 2e-3


@pytest.mark.parametrize("rank", [landscape.k, landscape.d])
def test_multiplicities_add_up(rank):
    total = sum(q.count for q in landscape.spectral(landscape.LOSS, rank).spectrum())
    assert (total - landscape.d * landscape.m).expand() == 0
