"""Training: momentum against loops of its own, divergence, resumption, bad input."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numerics import same_run as same

from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, cross_correlation, resume, train
from symssl.simulate.training import Learner, fingerprint

seeds = st.integers(0, 2**32 - 1)


def gamma_of(seed, m=5, n=20):
    X = np.random.default_rng(seed).standard_normal((n, m))
    return cross_correlation(X, X + 0.5 * np.random.default_rng(seed + 1).standard_normal((n, m)))


def test_divergence_is_stopped_at_its_step_and_nothing_is_lost():
    run = train(CrossCorrelation(gamma_of(1), 2, 0.5), steps=1000, eta=10.0, every=1)
    assert run.status == "diverged" and f"after {run.step} steps" in run.message and "eta = 10" in run.message
    assert 0 < run.step < 20 and np.isfinite(run.weights["W"]).all() and len(run.steps) >= run.step
    with pytest.raises(InputError, match="diverged at step"):
        resume(CrossCorrelation(gamma_of(1), 2, 0.5), run, steps=2000)


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda g: train(CrossCorrelation(g, 2), steps=-1, eta=0.1), "steps"),
        (lambda g: train(CrossCorrelation(g, 2), steps=1, eta=0.0), "eta"),
        (lambda g: train(CrossCorrelation(g, 2), steps=1, eta=0.1, momentum=1.0), "momentum"),
        (lambda g: train(CrossCorrelation(g, 2), steps=1, eta=0.1, start={"V": 0}), "the learner has W"),
        (lambda g: train(CrossCorrelation(g, 2), steps=1, eta=0.1, start={"W": np.zeros((3, 5))}), "start of W"),
        (lambda g: CrossCorrelation(g, 6), "components"),
        (lambda g: CrossCorrelation(g + np.eye(5, k=1), 2), "not symmetric"),
        (lambda g: cross_correlation(np.ones((2, 3)), np.ones((3, 3))), "X_prime"),
        (lambda g: cross_correlation([[np.nan]], [[1.0]]), "X has NaN or infinity in row 0"),
    ],
)
def test_bad_input_is_named(call, culprit):
    with pytest.raises(InputError, match=culprit):
        call(gamma_of(0))


def test_what_is_no_learner_is_named():
    with pytest.raises(InputError, match=r"learner must be .* not .* \(a ndarray\)"):
        train(np.eye(2), steps=1, eta=0.1)


class Springs(Learner):
    """Two weights on parabolas with noise, and their running average, which has no gradient."""

    kind = "springs"

    def __init__(self, stiffness, noise=0.0):
        self.stiffness, self.noise = np.asarray(stiffness, float), noise

    def configuration(self):
        return {"stiffness": fingerprint(self.stiffness), "noise": self.noise}

    def start(self, rng):
        w = rng.standard_normal(self.stiffness.shape)
        return {"w": w, "b": rng.standard_normal(2), "average": w.copy()}

    def gradient(self, weights, rng):
        return {
            "w": self.stiffness * weights["w"] + self.noise * rng.standard_normal(self.stiffness.shape),
            "b": weights["b"] - weights["w"].sum(),
        }

    def observe(self, weights):
        return {"loss": (self.stiffness * weights["w"] ** 2).sum() / 2, "w": weights["w"]}

    def after(self, weights):
        weights["average"] = 0.9 * weights["average"] + 0.1 * weights["w"]
        return weights


@given(seeds, st.integers(0, 30), st.integers(1, 30), st.sampled_from([0.0, 0.3, 0.9, 0.99]), st.sampled_from([0, 45]))
def test_momentum_is_the_heavy_ball_of_a_plain_loop(seed, first, more, momentum, anneal):
    """v <- momentum v + gradient, then w <- w - rate v: nothing of `train` is used but the streams of its seed."""
    stiffness, noise, eta = np.array([0.5, 1.0, 3.0]), 0.1, 0.1
    births, batches = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    w, b = births.standard_normal(3), births.standard_normal(2)
    average, v_w, v_b, path = w, np.zeros(3), np.zeros(2), [w]
    for k in range(first + more):
        rate = eta * (1 + np.cos(np.pi * k / anneal)) / 2 * (k < anneal) if anneal else eta
        g_w, g_b = stiffness * w + noise * batches.standard_normal(3), b - w.sum()
        v_w, v_b = momentum * v_w + g_w, momentum * v_b + g_b
        w, b = w - rate * v_w, b - rate * v_b
        average = 0.9 * average + 0.1 * w
        path.append(w)
    learner = Springs(stiffness, noise)
    whole = train(learner, steps=first + more, eta=eta, rng=seed, momentum=momentum, anneal=anneal, every=1)
    begun = train(learner, steps=first, eta=eta, rng=seed, momentum=momentum, anneal=anneal, every=1)
    for run in (whole, resume(learner, begun, steps=first + more)):
        assert run.steps.tolist() == list(range(first + more + 1))
        np.testing.assert_allclose(run["w"], path, rtol=0, atol=1e-12)
        for name, wanted in (("w", w), ("b", b), ("average", average)):
            np.testing.assert_allclose(run.weights[name], wanted, rtol=0, atol=1e-12)
        if momentum:  # what has no gradient has no velocity
            assert set(run.velocity) == {"w", "b"}
            np.testing.assert_allclose(run.velocity["w"], v_w, rtol=0, atol=1e-12)
            np.testing.assert_allclose(run.velocity["b"], v_b, rtol=0, atol=1e-12)


@given(st.integers(1, 40), st.sampled_from([0.25, 0.5, 0.75]), st.sampled_from([0.125, 0.5, 1.0]))
def test_momentum_on_a_parabola_obeys_its_recurrence(steps, momentum, eta):
    """w_(k+1) = (1 + momentum - eta) w_k - momentum w_(k-1), in exact fractions: no velocity occurs."""
    m, rate = Fraction(momentum), Fraction(eta)
    path = [Fraction(1), 1 - rate]
    while len(path) <= steps:
        path.append((1 + m - rate) * path[-1] - m * path[-2])
    start = {"w": np.ones(1), "b": np.zeros(2), "average": np.ones(1)}
    run = train(Springs([1.0]), steps=steps, eta=eta, momentum=momentum, start=start, every=1)
    np.testing.assert_allclose(run["w"][:, 0], list(map(float, path)), rtol=0, atol=1e-13)


def test_resuming_neither_changes_the_run_it_starts_from_nor_forgets_its_chance():
    learner = Springs([0.5, 1.0, 3.0], 0.1)
    begun = train(learner, steps=10, eta=0.1, momentum=0.9)
    kept = {name: w.copy() for name, w in begun.weights.items()}, {name: v.copy() for name, v in begun.velocity.items()}
    one, other = resume(learner, begun, steps=25), resume(learner, begun, steps=25)
    for table, before in zip((begun.weights, begun.velocity), kept):
        assert all(np.array_equal(table[name], before[name]) for name in before)
    same(one, other)
    same(one, train(learner, steps=25, eta=0.1, momentum=0.9, every=1))


@given(seeds)
def test_a_generator_or_nothing_gives_a_seed_that_gives_the_run_again(seed):
    learner = Springs([0.5, 1.0, 3.0], 0.1)
    rng = np.random.default_rng(seed)
    one, other = (train(learner, steps=3, eta=0.1, rng=rng) for _ in range(2))
    assert one != other  # the generator moves on
    for run in (one, train(learner, steps=3, eta=0.1, rng=None)):
        assert train(learner, steps=3, eta=0.1, rng=run.seed) == run
    assert train(learner, steps=3, eta=0.1, rng=np.random.default_rng(seed)) == one


@pytest.mark.parametrize("rng", ["0", 0.5, -1, True, {1}, np.random.RandomState(0)])
def test_what_is_no_source_of_randomness_is_named(rng):
    with pytest.raises(InputError, match=r"rng must be a seed, a numpy.random.Generator or None"):
        train(Springs([1.0]), steps=1, eta=0.1, rng=rng)
