"""The exact flow at finite size: against plain integration, what it keeps, and training."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import solve_ivp

from symssl.errors import InputError
from symssl.simulate import (
    LinearPredictor,
    expected_cosine_gradient,
    expected_flow,
    mode_moments,
    train,
)


@given(st.integers(1, 5), st.floats(0.01, 1), st.sampled_from([0.0, 0.05, 0.5]), st.booleans(), st.integers(0, 99))
def test_exact_flow_against_plain_integration(h, sigma2, rho, isotropic, seed):
    """p' = H/p - rho p and f' = H/f - rho f, where H = value, integrated as they stand: no hyperbola, no clock."""
    rng = np.random.default_rng(seed)
    p, s, spectrum = rng.uniform(0.5, 1.5, h) * rng.choice([-1, 1], h), rng.uniform(0.5, 1.5, h), rng.uniform(0.5, 2, h)
    spectrum = np.ones(h) if isotropic else spectrum
    times = [0, 0.05, 0.1]

    def field(_, z):
        p, f = z.reshape(2, h)
        H = expected_cosine_gradient(*mode_moments(p, f**2, sigma2, spectrum)).value
        return np.concatenate([H / p - rho * p, H / f - rho * f])

    plain = solve_ivp(
        field, (0, 0.1), np.concatenate([p, np.sqrt(s)]), method="DOP853", t_eval=times, rtol=1e-11, atol=1e-12
    ).y
    flow = expected_flow(p, s, sigma2, rho, times, spectrum)
    assert np.abs(flow.p - plain[:h].T).max() < 1e-7 and np.abs(np.sqrt(flow.s) - plain[h:].T).max() < 1e-7
    assert flow.error < 1e-5


@settings(max_examples=8)
@given(st.integers(1, 8), st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 99))
def test_exact_flow_keeps_what_is_kept(h, sigma2, rho, seed):
    """p^2 - f^2, and for the squares of each matrix the sum, decay as exp(-2 rho t)."""
    rng = np.random.default_rng(seed)
    p, s = rng.normal(size=h), rng.exponential(size=h)
    flow = expected_flow(p, s, sigma2, rho, [1, 2, 6])
    decay = np.exp(-2 * rho * np.array([0, 1, 5]))
    np.testing.assert_allclose(flow.p**2 - flow.s, np.outer(decay, p**2 - s), atol=1e-8 * (s.sum() + p @ p))
    np.testing.assert_allclose((flow.p**2).sum(1), decay * (p @ p), rtol=1e-5)
    np.testing.assert_allclose(flow.s.sum(1), decay * s.sum(), rtol=1e-4)


def test_training_in_common_frames_follows_the_exact_flow():
    learner = LinearPredictor(3, 6, rho=0.1, batch=4000, common_frames=True, predictor="symmetric")
    run = train(learner, steps=300, eta=0.01)
    start = learner.modes(learner.start(np.random.default_rng([0, 0])))
    flow = expected_flow(*start, learner.sigma2, learner.rho, run.times[[0, -1]])
    p, s = learner.modes(run.weights)
    assert (
        np.abs(np.sort(p) - np.sort(flow.p[-1])).max() < 0.02 and np.abs(np.sort(s) - np.sort(flow.s[-1])).max() < 0.02
    )
    assert np.abs(np.sort(p) - np.sort(start[0] * np.exp(-0.3))).max() > 0.05  # more than weight decay


def test_beside_a_single_large_mode_a_mode_dies_in_finite_time():
    """Without noise F_j k_j does not vanish with F_j where all others but one are small; at zero it stays."""
    flow = expected_flow([-0.3, -0.5], [0.07, 0.19], 0.0, 0.0, [0, 0.5, 1, 2])
    assert (flow.s[0] > 0).all() and (flow.s[-2:].max(1) > 0.1).all() and (flow.s[-2:].min(1) < 1e-15).all()
    np.testing.assert_allclose(flow.p**2 - flow.s, np.tile(flow.p[0] ** 2 - flow.s[0], (4, 1)), atol=1e-9)


@pytest.mark.parametrize(
    "changed, words",
    [
        (dict(rho=-0.1), "rho"),
        (dict(rho="a"), "rho must be a finite number"),
        (dict(times=[0]), "two finite numbers"),
        (dict(times=[0, 0]), "increasing"),
        (dict(times=[1, 0]), "increasing"),
        (dict(times=[0, np.nan]), "finite"),
        (dict(rho=10, times=[0, 100]), "leave the range"),
        (dict(p=[0, 0]), "vanish|var|zero|all"),
        (dict(s=[-1, 1]), ">= 0"),
        (dict(sigma2=-1), "sigma2"),
        (dict(rtol=0), "rtol"),
        (dict(method="Euler"), "one of 'RK23'"),
    ],
)
def test_bad_flows_are_refused(changed, words):
    with pytest.raises(InputError, match=words):
        expected_flow(**{**dict(p=[1, 0.5], s=[1, 1], sigma2=0.25, rho=0.1, times=[0, 1]), **changed})
