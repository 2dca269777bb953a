"""jing2021 against numerics that share no code: gradients by complex steps, flows by Runge-Kutta."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from recorded import verdict
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from symssl.claims import check
from symssl.derivations import jing2021

CLAIMS = {claim.id: claim for claim in jing2021.CLAIMS}
seeds = st.integers(0, 10**6)


def infonce(z, zp):
    """Eq. (2), also for complex embeddings near real ones."""
    total = 0
    for i in range(len(z)):
        own = np.sum((z[i] - zp[i]) ** 2) / 2
        others = [np.sum((z[i] - z[j]) ** 2) / 2 for j in range(len(z)) if j != i]
        total = total + np.log(np.exp(-own) + sum(np.exp(-o) for o in others)) + own
    return total


def slope(loss, A):
    out = np.zeros_like(A)
    for at in np.ndindex(A.shape):
        e = np.zeros(A.shape, complex)
        e[at] = 1e-30j
        out[at] = loss(A + e).imag / 1e-30
    return out


def softmax(z, zp):
    s = np.exp(-((z[:, None] - z[None]) ** 2).sum(-1) / 2)
    np.fill_diagonal(s, np.exp(-((z - zp) ** 2).sum(1) / 2))
    return s / s.sum(1, keepdims=True)


def x_matrix(a, x, xp):
    """Lemma 2."""
    S0 = sum(a[i, j] * np.outer(x[i] - x[j], x[i] - x[j]) for i in range(len(x)) for j in range(len(x)) if i != j)
    return S0 - sum((1 - a[i, i]) * np.outer(xp[i] - x[i], xp[i] - x[i]) for i in range(len(x)))


def printed_eq6(a, x, xp):
    N = range(len(x))
    first = sum(np.outer(sum(a[i, j] * (xp[i] - x[j]) + a[j, i] * (x[i] - x[j]) for j in N if j != i), x[i]) for i in N)
    return -first - sum((1 - a[i, i]) * np.outer(xp[i] - x[i], x[i]) for i in N)


def sample(seed, N, d):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=(N, d)), rng.normal(size=(N, d))


@settings(max_examples=25)
@given(seeds, st.integers(2, 5), st.integers(1, 3), st.integers(1, 3))
def test_the_gradients_of_eq4_and_the_matrix_of_lemma2(seed, N, n, d):
    rng, x, xp = sample(seed, N, d)
    W = rng.normal(size=(n, d))
    z, zp = x @ W.T, xp @ W.T
    a = softmax(z, zp)
    for i in range(N):
        others = [j for j in range(N) if j != i]
        g = sum(a[i, j] * (z[j] - zp[i]) + a[j, i] * (z[j] - z[i]) for j in others)
        np.testing.assert_allclose(g, slope(lambda q: infonce(q, zp), z)[i], atol=1e-9)
        gp = sum(a[i, j] * (zp[i] - z[i]) for j in others)
        np.testing.assert_allclose(gp, slope(lambda q: infonce(z, q), zp)[i], atol=1e-9)
    G = slope(lambda w: infonce(x @ w.T, xp @ w.T), W)
    np.testing.assert_allclose(G, -W @ x_matrix(a, x, xp), atol=1e-9)


def test_the_printed_eq6_is_another_matrix():
    rng, x, xp = sample(3, 4, 2)
    a = softmax(x, xp)
    printed = printed_eq6(a, x, xp)
    assert np.abs(printed - printed.T).max() > 0.1
    assert np.abs(printed - x_matrix(a, x, xp)).max() > 0.1
    assert verdict("jing2021.eq6") == "corrected"
    assert verdict("jing2021.lemma2") == "refuted"


@settings(max_examples=20)
@given(seeds)
def test_two_layers_and_what_they_conserve(seed):
    rng, x, xp = sample(seed, 4, 3)
    W1, W2 = rng.normal(size=(2, 3, 3)) * 0.7
    D1 = -slope(lambda w: infonce(x @ w.T @ W2.T, xp @ w.T @ W2.T), W1)
    D2 = -slope(lambda w: infonce(x @ W1.T @ w.T, xp @ W1.T @ w.T), W2)
    X = x_matrix(softmax(x @ W1.T @ W2.T, xp @ W1.T @ W2.T), x, xp)
    np.testing.assert_allclose(D1, W2.T @ W2 @ W1 @ X, atol=1e-8)
    np.testing.assert_allclose(D2, W2 @ W1 @ X @ W1.T, atol=1e-8)
    np.testing.assert_allclose(D1 @ W1.T + W1 @ D1.T, D2.T @ W2 + W2.T @ D2, atol=1e-8)


def weight_on_the_line(w0, x, xp, end):
    def velocity(t, w):
        W = np.array([[w[0]]])
        return -slope(lambda q: infonce(x @ q.T, xp @ q.T), W)[0]

    return solve_ivp(velocity, (0, end), [w0], rtol=1e-9, atol=1e-12, method="LSODA").y[0]


def test_strong_augmentation_without_collapse():
    """Corollary 1: X < 0 at the start, and the weight stops at a positive value."""
    x, xp = np.array([[0.0], [3.0]]), np.array([[4.0], [3.0]])
    start = np.sqrt(2 * np.log(2))
    path = weight_on_the_line(start, x, xp, 60)
    assert path[-1] < start
    covariance = path[-1] ** 2 * np.var(x)
    found = check(CLAIMS["jing2021.cor1"])
    wanted = next(value for name, value in found.proof.point.items() if str(name) == "final")
    assert found.verdict == "refuted" and covariance == pytest.approx(float(wanted), rel=1e-5)
    below = weight_on_the_line(0.1, x, xp, 60)  # from below: X > 0 at all times, and no divergence
    assert below[-1] == pytest.approx(path[-1], rel=1e-5) and np.all(np.diff(below) > -1e-9)


def test_a_wide_weight_keeps_its_singular_value():
    W = np.array([[1.0, 1.0]]) @ expm(30 * np.diag([0.0, -1.0]))
    assert np.linalg.svd(W)[1][0] == pytest.approx(1)


def test_weights_that_converge_do_not_align():
    """Theorem 2: X(t) = exp(-t) tau I with tau = log(4/3)/2, positive definite at all times."""
    P = np.linalg.inv([[1, 0.5], [0.5, 1]])
    Q = P - np.diag([1.0, -1.0])
    W1, W2 = np.linalg.cholesky(P), np.linalg.cholesky(Q).T
    tau = np.log(4 / 3) / 2

    def velocity(t, w):
        A, B = w.reshape(2, 2, 2)
        x = np.exp(-t) * tau
        return np.stack([x * B.T @ B @ A, x * B @ A @ A.T]).ravel()

    A, B = solve_ivp(velocity, (0, 60), np.stack([W1, W2]).ravel(), rtol=1e-11, atol=1e-12).y[:, -1].reshape(2, 2, 2)
    p, q = A @ A.T, B.T @ B
    np.testing.assert_allclose(p, [[2, -2], [-2, 4]], atol=1e-7)
    np.testing.assert_allclose(q, [[1, -2], [-2, 5]], atol=1e-7)
    alignment = np.abs(np.linalg.svd(B)[2] @ np.linalg.svd(A)[0])
    assert np.all(alignment[[0, 1], [0, 1]] < 0.99) and np.all(alignment[[0, 1], [1, 0]] > 0.05)


def test_leading_pairs_of_the_16_by_16_network_align_and_trailing_ones_do_not():
    """What Fig. 4 is taken to show, with distinct singular values at the start."""
    rng = np.random.default_rng(1)
    N, d = 64, 16
    x = rng.normal(size=(N, d))
    xp = x + 0.1 * rng.normal(size=(N, d))

    def start():
        frames = [np.linalg.qr(rng.normal(size=(d, d)))[0] for _ in range(2)]
        return frames[0] @ np.diag(0.3 * np.linspace(0.5, 1.5, d)) @ frames[1]

    W1, W2 = start(), start()
    for _ in range(3000):
        z, zp = x @ W1.T @ W2.T, xp @ W1.T @ W2.T
        r = np.sum(z**2, 1)
        s = z @ z.T - (r[:, None] + r) / 2
        np.fill_diagonal(s, -np.sum((z - zp) ** 2, 1) / 2)
        a = np.exp(s - s.max(1, keepdims=True))
        a /= a.sum(1, keepdims=True)
        off = a - np.diag(np.diag(a))
        both = off + off.T
        moved = (xp - x) * np.sqrt(off.sum(1))[:, None]
        X = (x.T * both.sum(1)) @ x - x.T @ both @ x - moved.T @ moved
        W1, W2 = W1 + 0.02 / N * W2.T @ W2 @ W1 @ X, W2 + 0.02 / N * W2 @ W1 @ X @ W1.T
        assert np.linalg.eigvalsh(X)[0] > 0
    alignment = np.abs(np.diag(np.linalg.svd(W2)[2] @ np.linalg.svd(W1)[0]))
    assert alignment[0] > 0.99
    assert alignment[d // 2 :].min() < 0.7


@settings(max_examples=20)
@given(seeds)
def test_the_alignment_law_and_the_sign_of_H(seed):
    """A_kl (s1_l^2 - s2_k^2) = v2_k^T C u1_l, and Lemma 6 with the other sign, by differences."""
    rng = np.random.default_rng(seed)
    W1, W2, G = rng.normal(size=(3, 3, 3))
    U1, s1, V1 = np.linalg.svd(W1)
    U2, s2, V2 = np.linalg.svd(W2)
    if min(np.abs(np.diff(s1)).min(), np.abs(np.diff(s2)).min()) < 0.2:
        return
    A = V2 @ U1
    C = W1 @ W1.T - W2.T @ W2
    np.testing.assert_allclose(A * (s1**2 - s2[:, None] ** 2), V2 @ C @ U1, atol=1e-9)
    h = 1e-6

    def aligned(step):
        u, _, v = (np.linalg.svd(W1 - step * W2.T @ G)[0], *np.linalg.svd(W2 - step * G @ W1.T)[1:])
        u = u * np.sign(np.sum(u * U1, 0))
        v = v * np.sign(np.sum(v * V2, 1))[:, None]
        return v @ u

    A_dot = (aligned(h) - aligned(-h)) / (2 * h)
    F = np.diag(s2) @ U2.T @ G @ V1.T @ np.diag(s1)

    def H(s):
        with np.errstate(divide="ignore"):
            out = 1 / (s[:, None] ** 2 - s**2)  # as printed
        np.fill_diagonal(out, 0)
        return out

    printed = -A @ (H(s1) * (A.T @ F + F.T @ A)) + (H(s2) * (A @ F.T + F @ A.T)) @ A
    np.testing.assert_allclose(A_dot, -printed, atol=1e-4 * (1 + np.abs(printed).max()))


@settings(max_examples=20)
@given(seeds)
def test_singular_value_rates(seed):
    rng = np.random.default_rng(seed)
    W1, W2, G = rng.normal(size=(3, 3, 3))
    U1, s1, V1 = np.linalg.svd(W1)
    U2, s2, V2 = np.linalg.svd(W2)
    if min(np.abs(np.diff(s2)).min(), s2.min()) < 0.1:
        return
    h = 1e-6
    rate = (np.linalg.svd(W2 - h * G @ W1.T)[1] - np.linalg.svd(W2 + h * G @ W1.T)[1]) / (2 * h)
    A, M = V2 @ U1, U2.T @ G @ V1.T
    right = -np.array([sum(A[k, r] * s1[r] * M[k, r] for r in range(3)) for k in range(3)])
    printed = -np.array([sum(A[k, r] * s1[r] * M[r, r] for r in range(3)) for k in range(3)])
    np.testing.assert_allclose(rate, right, atol=1e-4 * (1 + np.abs(right).max()))
    assert np.abs(rate - printed).max() > 1e-3


def test_isotropic_data_never_collapse():
    """Corollary 2: samples at the ends of a cross, a start that is a multiple of the identity."""
    x = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    W1, W2 = 0.5 * np.eye(2), 0.5 * np.eye(2)
    for _ in range(60):
        D1 = -slope(lambda w: infonce(x @ w.T @ W2.T, x @ w.T @ W2.T), W1)
        D2 = -slope(lambda w: infonce(x @ W1.T @ w.T, x @ W1.T @ w.T), W2)
        W1, W2 = W1 + 0.02 * D1, W2 + 0.02 * D2
    values = np.linalg.eigvalsh(np.cov((x @ W1.T @ W2.T).T))
    assert values[0] == pytest.approx(values[1]) and values[0] > 0.2


CROSS = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])


def test_an_exact_flow_of_infonce_keeps_its_ranks_apart():
    """Fig. 4 and App. B.5: X > 0 at all times, finite weights in the end, |A| a permutation."""
    partners = 2.5 * CROSS

    def velocity(t, w):
        A, B = w.reshape(2, 2, 2)
        X = x_matrix(softmax(CROSS @ (B @ A).T, partners @ (B @ A).T), CROSS, partners)
        return np.stack([B.T @ B @ A @ X, B @ A @ X @ A.T]).ravel()

    start = np.stack([np.diag([1, 0.5]), np.diag([0.5, 1])])
    slopes = [
        -slope(lambda w: infonce(CROSS @ w.T @ start[1].T, partners @ w.T @ start[1].T), start[0]),
        -slope(lambda w: infonce(CROSS @ start[0].T @ w.T, partners @ start[0].T @ w.T), start[1]),
    ]
    np.testing.assert_allclose(np.stack(slopes).ravel(), velocity(0, start.ravel()), atol=1e-9)
    path = solve_ivp(velocity, (0, 30), start.ravel(), rtol=1e-10, atol=1e-12).y.T.reshape(-1, 2, 2, 2)
    for A, B in path:
        X = x_matrix(softmax(CROSS @ (B @ A).T, partners @ (B @ A).T), CROSS, partners)
        assert np.linalg.eigvalsh(X)[0] > -1e-8
        np.testing.assert_allclose(np.abs(np.linalg.svd(B)[2] @ np.linalg.svd(A)[0]), [[0, 1], [1, 0]], atol=1e-7)
        assert A[0, 0] ** 2 - A[1, 1] ** 2 == pytest.approx(0.75)
    A, B = path[-1]
    assert (B @ A)[0, 0] ** 2 == pytest.approx(np.log(3.5), rel=1e-6)
    assert verdict("jing2021.thm2.infonce") == "holds"
    found = check(CLAIMS["jing2021.thm2.inf"])
    wanted = next(value for name, value in found.proof.point.items() if str(name) == "reciprocal")
    assert 1 / np.sum(A**2) == pytest.approx(float(wanted), rel=1e-6)


def test_depth_and_collapse():
    """Sec. 5.4: X = diag(1, 2), balanced layers, product diag(2, 1) at the start."""

    def ratio(layers, end):
        def velocity(t, w):
            return w ** (2 * layers - 1) * np.array([1, 2])

        p = (
            solve_ivp(velocity, (0, end), np.array([2.0, 1.0]) ** (1 / layers), rtol=1e-11, atol=1e-12).y[:, -1]
            ** layers
        )
        return p.min() / p.max()

    life = 2 ** (2 / 3) / 16
    assert ratio(1, 12) < 1e-4 and ratio(3, life * (1 - 1e-6)) < 1e-3
    assert ratio(2, 0.2499) == pytest.approx(0.5, rel=1e-5)


def test_one_amplitude_and_two_directions():
    """Below Lemma 2: at W = 0 the direction of the augmentation decides."""
    x = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]])
    for move, wanted in (([np.sqrt(8), 0], [30, 4]), ([0, np.sqrt(8)], [36, -2])):
        xp = x.copy()
        xp[0] += move
        np.testing.assert_allclose(x_matrix(softmax(0 * x, 0 * xp), x, xp), np.diag(wanted), atol=1e-12)


def test_rest_and_the_softmax_rows():
    """Theorem 1, X fixed: tr(X S') and tr(X' S') for S = W^T W, the second by differences."""
    rng, x, xp = sample(5, 4, 2)
    W = 0.5 * rng.normal(size=(2, 2))

    def at(w):
        a = softmax(x @ w.T, xp @ w.T)
        return a, x_matrix(a, x, xp)

    a, X = at(W)
    h = 1e-5
    dX = (at(W + h * W @ X)[1] - at(W - h * W @ X)[1]) / (2 * h)
    dS = X @ W.T @ W + W.T @ W @ X
    pair = np.array([[p - q if r != c else p - xp[r] for c, q in enumerate(x)] for r, p in enumerate(x)])
    speed = np.einsum("ija,ab,ijb->ij", pair, dS, pair)
    assert np.sum(X * dS) == pytest.approx(2 * np.sum((W @ X) ** 2))
    assert np.sum(X * dS) == pytest.approx(np.sum(a * (speed - np.diag(speed)[:, None])))
    variance = np.sum(a * speed**2, 1) - np.sum(a * speed, 1) ** 2
    assert np.sum(dX * dS) == pytest.approx(-np.sum(variance) / 2, rel=1e-6)


def test_the_covariance_along_a_lost_direction():
    """Corollary 1 for a fixed X: the Rayleigh quotient at W^{-T} e."""
    rng = np.random.default_rng(2)
    W0, half = rng.normal(size=(2, 3, 3))
    frame = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    Sigma, X, e = half @ half.T, frame @ np.diag([-0.7, 0.3, 1]) @ frame.T, frame[:, 0]
    for time in (0.0, 1.0, 3.0):
        W = W0 @ expm(time * X)
        C, y = W @ Sigma @ W.T, np.linalg.solve(W.T, e)
        bound = e @ Sigma @ e * np.exp(-1.4 * time) / np.sum(np.linalg.solve(W0.T, e) ** 2)
        assert y @ C @ y / (y @ y) == pytest.approx(bound)
        assert np.linalg.eigvalsh(C)[0] <= bound * (1 + 1e-9)


def test_one_frozen_layer_does_not_align():
    """Proposition 1 of Sec. 6: W_1 held fixed, W_2 driven by X."""
    W1, X = np.diag([2.0, 1.0]), np.array([[1, 0.5], [0.5, 1]])
    W2 = expm(6 * W1 @ X @ W1.T)
    overlap = (np.linalg.svd(W2)[2] @ np.eye(2))[0, 0] ** 2
    assert overlap == pytest.approx((1 + 3 / np.sqrt(13)) / 2)


@pytest.mark.parametrize(
    "label",
    [
        "lemma2.cons",
        "thm1",
        "thm1.fixed",
        "cor1",
        "intro.mech1",
        "thm2",
        "thm2.sign",
        "thm2.inf",
        "thm2.lim",
        "thm2.forall",
        "fig4",
        "cor2",
        "sec54",
        "prop6.1",
        "lemma4",
        "alpha",
        "lemma2",
        "z.dim",
        "thm3",
        "B6",
        "lemma5",
        "eq17",
        "lemma7",
    ],
)
def test_what_fails_is_put_right(label):
    assert verdict(f"jing2021.{label}") in ("refuted", "corrected")
    companions = [claim for claim in jing2021.CLAIMS if claim.corrects == f"jing2021.{label}"]
    assert companions and all(verdict(claim.id) == "holds" for claim in companions)
