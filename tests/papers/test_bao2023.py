"""The cosine-loss paper: derived formulas and refutations against numerics that share no code with them."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.claims.checking import derive
from symssl.derivations.bao2023 import COSINE, PAPER, N_Phi, N_Psi, N_x, concentration, matrix, model, rho, sigma2

TITLED = {claim.id: claim for claim in PAPER.claims}


def derived(label):
    return derive(TITLED[f"bao2023.{label}"])[-1].result


def commutator_matrix(W, F, rho, r=1.0):
    """K of Proposition 1, written out anew, and the derivative of vec [F, W] under the concentrated flow."""
    n_phi, n_psi = np.sqrt(np.trace(F)), np.sqrt(np.trace(W @ F @ W.T))
    overlap = np.trace(F @ W) / (n_phi * n_psi)
    kron, one = np.kron, np.eye(len(W))
    square, tail = W @ W, W @ W @ F @ W
    K = 3 * rho * np.eye(len(W) ** 2) - r / (n_phi * n_psi) * (kron(W, one) + kron(one, W))
    K += r * overlap / n_psi**2 * (kron(square, one) + kron(one, square) + kron(F, one))
    K += (
        2
        * r
        / (n_phi * n_psi**3)
        * (
            kron(one, tail)
            + kron(tail, one)
            + kron(F @ W, square)
            + kron(square, F @ W)
            + kron(F @ W @ F, one)
            + kron(F, W @ F)
        )
    )
    return K


def concentrated_velocity(W, F, rho, r=1.0):
    """W' and F' from Lemma 1 with the limit of H."""
    n_phi, n_psi = np.sqrt(np.trace(F)), np.sqrt(np.trace(W @ F @ W.T))
    G = F @ W.T  # Phi Psi^T
    P = W @ F @ W.T  # Psi Psi^T
    H = r * (
        G / (n_phi * n_psi) - (W @ F @ P + P @ G) / (n_phi * n_psi**3) - np.trace(F @ W.T) / (n_phi * n_psi**3) * P
    )
    right = np.linalg.inv(W.T)
    half = W.T @ H @ right - rho * F
    return H @ right - rho * W, half + half.T


def random_pair(seed, n=4):
    rng = np.random.default_rng(seed)
    W, Phi = rng.normal(size=(n, n)), rng.normal(size=(n, n))
    return (W + W.T) / 2, Phi @ Phi.T


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_K_moves_the_commutator(seed, decay):
    W, F = random_pair(seed)
    W_dot, F_dot = concentrated_velocity(W, F, decay)
    L_dot = F_dot @ W + F @ W_dot - W_dot @ F - W @ F_dot
    L = F @ W - W @ F
    scale = np.abs(L_dot).max() + np.linalg.cond(W)
    np.testing.assert_allclose(
        -commutator_matrix(W, F, decay) @ L.ravel("F") / scale, L_dot.ravel("F") / scale, atol=1e-9
    )


def test_positive_eigenvalues_do_not_make_the_commutator_shrink():
    W, Phi = (np.array(A.tolist(), float) for A in matrix.WITNESS)
    F = Phi @ Phi.T
    n_phi, n_psi = np.linalg.norm(Phi), np.linalg.norm(W @ Phi)
    decay = float(matrix.SHIFT) / (3 * n_phi * n_psi)
    values = np.linalg.eigvals(commutator_matrix(W, F, decay))
    point = {str(q): float(v) for q, v in derived("prop1.limit").items()}
    assert np.abs(values.imag).max() < 1e-9 and values.real.min() * n_phi * n_psi >= point["smallest"] > 0
    W_dot, F_dot = concentrated_velocity(W, F, decay)
    L, L_dot = F @ W - W @ F, F_dot @ W + F @ W_dot - W_dot @ F - W @ F_dot
    growth = 2 * np.sum(L * L_dot) / np.sum(L * L) * n_phi * n_psi
    assert growth == pytest.approx(point["growth"]) and growth > 0.5


@pytest.mark.parametrize("size, length, decay", [(8, 1.0, 0.01), (8, 1.0, 0.03), (10, 0.7, 0.02), (6, 1.0, 0.001)])
def test_the_eigenvalue_of_K_at_a_flat_spectrum_of_both_signs(size, length, decay):
    p = np.repeat([length, -length], size // 2)
    lowest = np.linalg.eigvals(commutator_matrix(np.diag(p), np.diag(p**2), decay)).real.min()
    found = matrix.flat_pair_rate(COSINE).subs({model.n: size, matrix.size: length, sigma2: 0, rho: decay})
    assert lowest == pytest.approx(float(found))
    assert (lowest > 0) == (decay > 2 * (size - 6) / (3 * size**2 * length**2))


@given(st.lists(st.floats(-1.5, 1.5).filter(lambda q: abs(q) > 0.1), min_size=2, max_size=4), st.integers(0, 10**6))
def test_K_in_common_frames(p, seed):
    rng = np.random.default_rng(seed)
    p, s = np.array(p), rng.uniform(0.2, 1.5, len(p))
    K = commutator_matrix(np.diag(p), np.diag(s), 0.1)
    n_phi, n_psi = np.sqrt(s.sum()), np.sqrt((p**2 * s).sum())
    found = matrix.pair_rate(COSINE).subs(
        {
            matrix.p_i: p[0],
            matrix.p_j: p[1],
            matrix.s_i: s[0],
            matrix.s_j: s[1],
            sigma2: 0,
            rho: 0.1,
            N_Phi: n_phi,
            N_Psi: n_psi,
            N_x: (p * s).sum() / (n_phi * n_psi),
        }
    )
    assert K[len(p), len(p)] == pytest.approx(float(found), abs=1e-9)  # row and column of L[0, 1]


@given(st.integers(0, 10**6))
def test_how_the_flow_leaves_the_symmetric_matrices(seed):
    W, F = random_pair(seed)
    W_dot, _ = concentrated_velocity(W, F, 0.3)
    n_phi, n_psi = np.sqrt(np.trace(F)), np.sqrt(np.trace(W @ F @ W))
    L = F @ W - W @ F
    wanted = np.trace(F @ W) / (n_phi * n_psi**3) * L + 2 / (n_phi * n_psi**3) * (L @ F @ W + W @ F @ L)
    np.testing.assert_allclose(W_dot - W_dot.T, wanted, atol=1e-9 * (1 + np.linalg.cond(W)))


def test_moments_of_the_initial_matrices():
    size, width, draws = 5, 7, 40_000
    rng = np.random.default_rng(1)
    Phi = rng.normal(size=(draws, size, width)) / np.sqrt(width)
    W = rng.normal(size=(draws, size, size)) / np.sqrt(size)
    Psi = W @ Phi
    samples = [(Phi**2).sum((1, 2)) ** 2, *(((A.transpose(0, 2, 1) @ A) ** 2).sum((1, 2)) for A in (Phi, Psi))]
    for wanted, sample in zip(concentration.initial_moments(), samples):
        exact = float(wanted.subs({model.h: size, model.d: width}))
        assert abs(sample.mean() - exact) < 4 * sample.std() / np.sqrt(draws)
        assert sample.std() / np.sqrt(draws) < 0.02 * exact


def test_the_error_of_the_norm_shrinks_with_the_square_root_of_the_size():
    """Lemmas 2 and 3: its standard deviation over h, from the definition of the model."""
    rng = np.random.default_rng(2)
    spreads = []
    for size in (16, 64, 256):
        Phi = rng.normal(size=(size, 2 * size)) / np.sqrt(2 * size)
        x0 = rng.normal(size=(2 * size, 2000))
        spreads.append(np.std(((Phi @ x0) ** 2).sum(0) - np.sum(Phi**2)) / size)
    slope = np.polyfit(np.log([16, 64, 256]), np.log(spreads), 1)[0]
    assert -0.65 < slope < -0.35


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=6), st.floats(0.2, 3))
def test_the_tail_of_a_gaussian_chaos(weights, u):
    """P(sum a_j (e_j^2 - 1) > 2 |a|_2 sqrt(u) + 2 |a|_oo u) <= exp(-u)."""
    a = np.array(weights)
    e = np.random.default_rng(3).normal(size=(20_000, a.size))
    beyond = (e**2 - 1) @ a > 2 * np.linalg.norm(a) * np.sqrt(u) + 2 * a.max() * u
    assert beyond.mean() <= math.exp(-u) + 4 * math.sqrt(math.exp(-u) / 20_000)


def orlicz(values, chances, power):
    """The psi norm of a discrete variable, by bisection from its definition."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        moment = sum(c * math.exp(min((v / middle) ** power, 700)) for v, c in zip(values, chances))
        low, high = (middle, high) if moment > 2 else (low, middle)
    return high


def test_no_triangle_inequality_below_one():
    point = {str(q): float(v) for q, v in derived("def1.triangle").items()}
    half, whole = orlicz((1, 0), (0.5, 0.5), 0.5), orlicz((1,), (1,), 0.5)
    assert point["sum_of_norms"] == pytest.approx(2 * half) and point["norm_of_sum"] == pytest.approx(whole)
    assert whole > 2 * half
    assert orlicz((1,), (1,), 1) <= 2 * orlicz((1, 0), (0.5, 0.5), 1)


def test_the_concentration_inequality_fails_between_one_and_two():
    """n variables of tail exp(-x^(3/2)), all above n: no constant makes the printed bound reach their sum."""
    n = 4.0 ** np.arange(10, 40)
    budget = n * (n**1.5 + math.log(2)) + math.log(2)
    quotient = n**2 / (np.sqrt(n * budget) + budget ** (2 / 3))
    slope = np.polyfit(np.log(n), np.log(quotient), 1)[0]
    assert slope == pytest.approx(float(dict(derived("prop5")).popitem()[1]), abs=0.02) and quotient[-1] > 1e4
    exponential = n * (n + math.log(2)) + math.log(2)  # alpha = 1: bounded
    assert (n**2 / (np.sqrt(n * exponential) + exponential)).max() < 1


def test_equal_entries_have_a_large_spectral_norm():
    sizes = np.array([4, 16, 64])
    quotient = [np.linalg.norm(np.ones((k, k)), 2) / (2 * np.sqrt(k)) for k in sizes]
    assert np.polyfit(np.log(sizes), np.log(quotient), 1)[0] == pytest.approx(0.5)


@given(st.floats(-1.5, 5), st.floats(0.001, 20))
def test_the_negative_equilibrium_lies_below_minus_one_half(k, m):
    roots = np.roots([-2, 0, 0, -k, 1, -m])
    negative = roots.real[(np.abs(roots.imag) < 1e-7 * np.abs(roots)) & (roots.real < 0)]
    assert negative.size == 1 and negative[0] < -0.5


def test_modes_of_the_exact_flow_move_at_most_by_four():
    """|H_jj| <= 2: the comparison behind the bound on the largest mode, by sampling H."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        p, f = rng.normal(size=6), rng.uniform(0.01, 3, 6)
        x0, noise = rng.normal(size=(2000, 6)), 0.5 * rng.normal(size=(2, 2000, 6))
        z, w = (x0 + noise[0]) * f, (x0 + noise[1]) * f * p
        z, w = (q / np.linalg.norm(q, axis=1)[:, None] for q in (z, w))
        diagonal = (z * w - (z * w).sum(1)[:, None] * w**2).mean(0)
        assert np.abs(diagonal).sum() <= 2 and abs(diagonal.sum()) < 1e-12
