"""Descent on the cross-correlation loss: slopes against differences, eigenbasis, aligned starts."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.simulate import CrossCorrelation, cross_correlation, train
from symssl.trajectory import crossing_times

seeds = st.integers(0, 2**32 - 1)


def gamma_of(seed, m=5, n=20):
    X = np.random.default_rng(seed).standard_normal((n, m))
    return cross_correlation(X, X + 0.5 * np.random.default_rng(seed + 1).standard_normal((n, m)))


@given(seeds, st.integers(1, 4))
def test_the_gradient_of_the_cross_correlation_loss(seed, d):
    learner, rng = CrossCorrelation(gamma_of(seed), d, 1.0), np.random.default_rng(seed)
    W, step = learner.start(rng)["W"], rng.standard_normal((d, 5))

    def loss(h):
        return learner.observe({"W": W + h * step})["loss"]

    slope = (8 * (loss(1e-3) - loss(-1e-3)) - loss(2e-3) + loss(-2e-3)) / 12e-3
    assert slope == pytest.approx((learner.gradient({"W": W}, None)["W"] * step).sum(), rel=1e-6, abs=1e-6)


@given(seeds, st.integers(1, 4))
def test_the_loss_is_that_of_the_pairs(seed, d):
    rng = np.random.default_rng(seed)
    X, X_prime, W = rng.standard_normal((7, 5)), rng.standard_normal((7, 5)), rng.standard_normal((d, 5))
    C = sum(np.outer(W @ x, W @ y) + np.outer(W @ y, W @ x) for x, y in zip(X, X_prime)) / 14
    seen = CrossCorrelation(cross_correlation(X, X_prime), d).observe({"W": W})
    assert seen["loss"] == pytest.approx(((C - np.eye(d)) ** 2).sum())
    assert np.allclose(np.sort(seen["eigenvalues"]), np.linalg.eigvalsh(C))


@given(seeds)
def test_descent_takes_the_same_path_in_the_eigenbasis(seed):
    gamma = gamma_of(seed)
    values, V = np.linalg.eigh(gamma)
    values, V = values[::-1], V[:, ::-1]
    whole, reduced = CrossCorrelation(gamma, 3, 0.1), CrossCorrelation(values, 3, 0.1)
    W = whole.start(np.random.default_rng(seed))["W"]
    one = train(whole, steps=60, eta=0.01, start={"W": W})
    other = train(reduced, steps=60, eta=0.01, start={"W": W @ V})
    assert np.allclose(one.weights["W"] @ V, other.weights["W"], rtol=0, atol=1e-12)
    for a, b in zip(whole.aligned({"W": W}), reduced.aligned({"W": W @ V})):
        assert np.allclose(a, b)


def test_aligned_starts_predict_the_steps_of_descent():
    from symssl.derivations.simon2023.training import half_times

    learner = CrossCorrelation(np.array([3.0, 1.5, 0.7, 0.3]), 3, 1e-6)
    start, eta = learner.start(np.random.default_rng(5)), 0.01
    *_, flow, descent = half_times(learner, start, eta)
    run = train(learner, steps=int(1.2 * descent.max() / eta), eta=eta, start=start, every=2)
    simulated = crossing_times(run.times, run["eigenvalues"])
    assert abs(descent - simulated).max() < eta  # one step
    assert (abs(flow / simulated - 1) > abs(descent / simulated - 1)).all() and abs(flow / simulated - 1).max() > 0.02
