"""Simon et al. 2023, kernels and appendices E to G: the derived formulas against NumPy, and what refutes the printed
ones.

Nothing here shares code with the derivations: kernels are built from random data, flows and
gradient descent are run on matrices.
"""

import numpy as np
import pytest
import recorded
import sympy as sp

from symssl.derivations.simon2023 import PAPER

RNG = np.random.default_rng(20230315)
START = RNG.bit_generator.state
DATA = ((6, 4, 3), (3, 9, 2), (5, 5, 2))  # n pairs, m features, d outputs: K degenerate, full, square


@pytest.fixture(autouse=True)
def same_draws():
    """What a test draws does not depend on the tests before it."""
    RNG.bit_generator.state = START


def claim(label):
    (found,) = (c for c in PAPER.claims if c.id == f"simon2023.{label}")
    return found


def verdict(label):
    return recorded.verdict(f"simon2023.{label}")


def power(K, exponent):
    """A power of a positive semidefinite matrix, zero on its null space."""
    values, vectors = np.linalg.eigh(K)
    kept = values > 1e-10 * values.max()
    return (vectors[:, kept] * values[kept] ** exponent) @ vectors[:, kept].T


def setting(n, m):
    X, Xp = RNG.normal(size=(n, m)), RNG.normal(size=(n, m))
    Xp = X + 0.5 * Xp
    B = np.vstack([X, Xp])
    return X, Xp, B, (X.T @ Xp + Xp.T @ X) / (2 * n)


def top(matrix, d):
    """The d largest eigenvalues, descending, and their eigenvectors as columns."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1][:d], vectors[:, ::-1][:, :d]


@pytest.mark.parametrize("n, m, d", DATA)
def test_kernel_gamma(n, m, d):
    """Eqs. (23), (37) and Proposition 5.1(a) with the root of the pseudo-inverse; not with its inverse root."""
    X, Xp, B, gamma = setting(n, m)
    K, Z = B @ B.T, B @ gamma @ B.T
    xx, xp, px, pp = X @ X.T, X @ Xp.T, Xp @ X.T, Xp @ Xp.T
    half = np.block([[xp @ xx, xp @ xp], [pp @ xx, pp @ xp]])
    assert np.allclose(Z, (half + half.T) / (2 * n))
    printed = np.block([[xp @ xx, xp @ xp], [px @ xx, pp @ xp]])
    second = np.block([[xx @ px, xx @ pp], [px @ px, px @ pp]])
    assert np.allclose(Z, (half + second) / (2 * n)) and not np.allclose(Z, (printed + second) / (2 * n))

    def spectrum(root):
        return np.sort(np.linalg.eigvalsh(root @ Z @ root))

    def nonzero(values):
        return values[np.abs(values) > 1e-9]

    expected = nonzero(np.linalg.eigvalsh(gamma))
    assert np.allclose(nonzero(spectrum(power(K, -0.5))), expected)
    wrong = nonzero(spectrum(power(K, 0.5)))
    assert wrong.shape != expected.shape or not np.allclose(wrong, expected)
    assert verdict("kgamma.pinv") == verdict("eq37") == "refuted"


@pytest.mark.parametrize("n, m, d", DATA)
def test_top_spectral_embedding(n, m, d):
    """Eqs. (24), (42), (49): at points in the span of the data and off it; zero loss at the norm sum 1/gamma."""
    _, _, B, gamma = setting(n, m)
    root = power(B @ B.T, -0.5)
    values, b = top(root @ B @ gamma @ B.T @ root, d)
    _, g = top(gamma, d)
    g = g * np.sign(np.sum(g * (B.T @ root @ b), axis=0))
    x = RNG.normal(size=m)
    f = np.diag(values**-0.5) @ b.T @ root @ B @ x
    assert np.allclose(f, np.diag(values**-0.5) @ g.T @ x)
    W = np.diag(values**-0.5) @ b.T @ root @ B
    assert np.allclose(W @ gamma @ W.T, np.eye(d)) and np.isclose(np.sum(W**2), np.sum(1 / values))
    start = RNG.normal(size=(d, m))
    assert np.allclose(start @ B.T @ root @ b, start @ g)
    assert np.allclose(W @ B.T, np.diag(values**-0.5) @ b.T @ power(B @ B.T, 0.5))


def test_least_norm_among_zero_loss():
    """Proposition 5.1(c): whatever other W has no loss, its norm is larger; Gamma with negative eigenvalues."""
    _, _, _, gamma = setting(4, 6)
    gamma = gamma - 0.3 * np.eye(6)
    values = np.linalg.eigvalsh(gamma)
    d = 2
    best = np.sum(1 / values[::-1][:d])
    assert values.min() < 0 < values[::-1][d]
    for _ in range(200):
        V, _ = np.linalg.qr(RNG.normal(size=(6, d)))
        inside = V.T @ gamma @ V
        if np.linalg.eigvalsh(inside).min() > 0:
            W = power(inside, -0.5) @ V.T
            assert np.allclose(W @ gamma @ W.T, np.eye(d)) and np.sum(W**2) >= best
    assert verdict("prop5.1c") == "holds"


def test_same_views_and_separate_views():
    n, m = 5, 7
    X = RNG.normal(size=(n, m))
    B = np.vstack([X, X])
    root = power(B @ B.T, -0.5)
    assert np.allclose(root @ B @ (X.T @ X / n) @ B.T @ root, B @ B.T / (2 * n))
    assert verdict("xeqx") == "refuted" and verdict("xeqx.fixed") == "holds"
    X, Xp = np.hstack([X, 0 * X]), np.hstack([0 * X, RNG.normal(size=(n, m))])
    values = np.linalg.eigvalsh((X.T @ Xp + Xp.T @ X) / (2 * n))
    assert np.allclose(values, -values[::-1]) and values.max() > 0.1
    assert np.isclose(np.sum(values**2), np.trace(X @ X.T @ Xp @ Xp.T) / (2 * n**2))


def test_not_the_components_of_kernel_pca():
    """One pair: the outputs on the data are not along the top eigenvector of K_Gamma."""
    B = np.array([[7.0, 1.0], [1.0, 1.0]])
    gamma = (np.outer(B[0], B[1]) + np.outer(B[1], B[0])) / 2
    root = power(B @ B.T, -0.5)
    (value,), b = top(root @ B @ gamma @ B.T @ root, 1)
    assert np.isclose(value, 9)
    f = b[:, 0] @ root @ (B @ B.T)
    assert np.isclose((f @ b[:, 0]) ** 2 / (f @ f), 121 / 130)
    a = root @ b
    assert np.allclose(B @ gamma @ B.T @ a, value * (B @ B.T) @ a)
    assert verdict("kernelpca") == "refuted"


def test_alignment_of_random_subspaces():
    """E[a] = d/(2n), a <= 1; d^2/(2n) and a maximum of d are off by a factor d."""
    d, size, draws = 3, 12, 4000
    seen = []
    for _ in range(draws):
        first, second = (np.linalg.qr(RNG.normal(size=(size, d)))[0] for _ in range(2))
        seen.append(np.sum((first.T @ second) ** 2) / d)
    mean, error = np.mean(seen), np.std(seen) / np.sqrt(draws)
    assert abs(mean - d / size) < 5 * error < d / size / 10 and max(seen) <= 1
    assert verdict("align.max") == "refuted" and verdict("align.exp") == "corrected"


def descend(W, gamma, time, steps):
    """Gradient flow of |W gamma W^T - I|^2 by the classical Runge-Kutta method."""

    def velocity(W):
        return -4 * (W @ gamma @ W.T - np.eye(len(W))) @ W @ gamma

    h = time / steps
    for _ in range(steps):
        k1 = velocity(W)
        k2 = velocity(W + h / 2 * k1)
        k3 = velocity(W + h / 2 * k2)
        k4 = velocity(W + h * k3)
        W = W + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return W


def test_times_of_a_mode():
    """Escape at the rate 4 gamma, relaxation at 8 gamma; time to leave a ball is log(epsilon/start)/(4 gamma)."""
    gamma = np.diag([0.7, 0.2, -0.4])
    start, level = 1e-4, 0.05
    W = np.array([[start / np.sqrt(0.7), 0, 0]])
    reach = np.log(level / start) / (4 * 0.7)
    assert np.isclose(np.sqrt(0.7) * descend(W, gamma, reach, 4000)[0, 0], level, rtol=level**2)
    near = np.array([[0.999 / np.sqrt(0.7), 0, 0]])
    gap = 1 - np.sqrt(0.7) * descend(near, gamma, 1 / (8 * 0.7), 400)[0, 0]
    assert np.isclose(gap, 0.001 / np.e, rtol=2e-3)
    assert verdict("appF.tauprime") == verdict("fn23") == verdict("eq51") == "corrected"


def last_of(rate, slope, start, steps=3000):
    """Gradient descent on one coordinate: the spread of the last hundred iterates, and the last."""
    s, tail = start, []
    for k in range(steps):
        s = s - rate * slope(s)
        if not np.isfinite(s) or abs(s) > 1e6:
            return np.inf, s
        if k >= steps - 100:
            tail.append(s)
    return max(tail) - min(tail), s


def smooth_slope(epsilon):
    return lambda s: -4 * s * (1 - s**2) if s < 1 else -4 * s * epsilon**2 * (1 - s**2)


@pytest.mark.parametrize("epsilon", [1.0, 0.5, 0.25])
def test_largest_stable_learning_rate(epsilon):
    """(1 + epsilon^2)/(8 epsilon^2), which is 1/4 for the loss itself."""
    threshold = (1 + epsilon**2) / (8 * epsilon**2)
    below, end = last_of(0.97 * threshold, smooth_slope(epsilon), 1.0 - 1e-5)
    above, _ = last_of(1.03 * threshold, smooth_slope(epsilon), 1.0 - 1e-5)
    assert below < 1e-6 and abs(end - 1) < 1e-6
    assert above > 1e-3
    (printed,) = (part.lhs for part in claim("gsmooth").sentence.claim.args if isinstance(part, sp.Gt))
    assert float(printed.subs(sp.Symbol("epsilon", positive=True), sp.Rational(str(epsilon)))) == pytest.approx(
        threshold
    )


def test_the_norm_without_its_square():
    """|g(C) - I| couples two modes, and its slope does not vanish at the minimum."""

    def loss(q):
        return np.sqrt(np.sum((1 - q) ** 2))

    h, q = 1e-4, np.array([0.2, 0.6])
    mixed = sum(a * b * loss(q + h * np.array([a, b])) for a in (1, -1) for b in (1, -1)) / (4 * h**2)
    printed = claim("G2.Lsharp.coupled").sentence.claim.rhs
    at = {sp.Symbol("q_1", real=True): 0.2, sp.Symbol("q_2", real=True): 0.6}
    assert mixed == pytest.approx(float(printed.subs(at)), rel=1e-4)
    spread, _ = last_of(0.01, lambda s: -2 * s if s < 1 else 2 * 0.1 * s, 0.5)
    assert spread > 1e-3
    assert verdict("G2.Lsharp") == "refuted"


def test_rotations_of_the_embeddings():
    """Footnote 24 on a sample: only the loss with equal weights and the cosines stay."""
    F, Fp = RNG.normal(size=(8, 2)), RNG.normal(size=(8, 2))
    angle = 0.7
    U = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def weighted(F, Fp, weight):
        C = (F.T @ Fp + Fp.T @ F) / 16
        return np.sum((1 - np.diag(C)) ** 2) + weight * (np.sum(C**2) - np.sum(np.diag(C) ** 2))

    def variances(F):
        return np.sum(np.maximum(0, 1 - F.std(axis=0) / 2))

    turned = F @ U.T, Fp @ U.T
    assert np.isclose(weighted(F, Fp, 1), weighted(*turned, 1))
    assert not np.isclose(weighted(F, Fp, 0.1), weighted(*turned, 0.1))
    assert not np.isclose(variances(F), variances(turned[0]))
    assert verdict("fn24") == "holds"
