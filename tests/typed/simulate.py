"""Every public name of `symssl.simulate` as a type checker sees it; this file is checked, not run."""

from collections.abc import Iterator, Mapping
from typing import Any, assert_type

import numpy as np

from symssl import descend, expected_flow, follow, mode_moments, resume, sampled_cosine_gradient, train
from symssl.simulate import (
    CosineGradient,
    CrossCorrelation,
    ExactFlow,
    Experiment,
    HiddenLayer,
    Learner,
    LinearPredictor,
    OrthonormalTrace,
    ReducedTrace,
    Run,
    SoftmaxContrast,
    approximation_error,
    contrast_matrix,
    crop_pairs,
    cross_correlation,
    digit_classes,
    expected_cosine_gradient,
    fingerprint,
    noisy_pairs,
)
from symssl.trajectory import TimeCourse

rng = np.random.default_rng(0)
Weights = dict[str, np.ndarray]

# data
X, X_prime = crop_pairs(3, size=2, window=4, rng=rng, centred=False, scale=1.0, photographs=[np.ones((6, 6, 1))])
assert_type(X, np.ndarray)
assert_type(digit_classes(3, 8, samples=5, rng=None), tuple[np.ndarray, np.ndarray])
assert_type(noisy_pairs(X, noise=0.1, rng=0), tuple[np.ndarray, np.ndarray])
assert_type(cross_correlation(X, X_prime), np.ndarray)
assert_type(contrast_matrix(X, X_prime, X), np.ndarray)
assert_type(fingerprint(X, X_prime), str)

# learners
predictor = LinearPredictor(4, 8, loss="cosine", rho=0.1, predictor="symmetric", common_frames=True, rng=1)
correlation = CrossCorrelation.in_eigenbasis(np.eye(3), components=2, scale=1e-3)
trace = OrthonormalTrace(np.eye(3), 1, width=5, layers=2, rule="projected", back="qr")
reduced = ReducedTrace([0.0, 1.0], 1, rule="unprojected")
contrast = SoftmaxContrast(X, X_prime, layers=2, width=3, activation="relu", batch=2, scale=0.1)
hidden = HiddenLayer(X, X_prime, X, outputs=1, width=3, activation="tanh", loss="contrast", orthonormal=False)
learners: list[Learner] = [predictor, correlation, trace, reduced, contrast, hidden]
for learner in learners:
    start = learner.start(rng)
    assert_type(start, Weights)
    assert_type(learner.kind, str)
    assert_type(learner.configuration(), dict[str, Any])
    assert_type(learner.gradient(start, rng), Weights)
    assert_type(learner.observe(start), dict[str, Any])
    assert_type(learner.after(start), Weights)
assert_type(correlation.aligned(start), tuple[np.ndarray, np.ndarray])
assert_type(correlation.correlation(start), np.ndarray)
assert_type(predictor.pairs(rng, 5), tuple[np.ndarray, np.ndarray])
assert_type(predictor.modes(start), tuple[np.ndarray, np.ndarray])
assert_type(trace.map(start), np.ndarray)
assert_type(contrast.outputs(start, X), np.ndarray)
assert_type(contrast.drive(start), np.ndarray)
assert_type(hidden.hidden(start, X), np.ndarray)
assert_type(hidden.map(start, X), np.ndarray)

# runs
run = train(correlation, steps=5, eta=0.1, rng=rng, start=start, momentum=0.5, anneal=5, every=1, seconds=1.0)
assert_type(run, Run)
assert_type(resume(correlation, run, steps=9, progress=lambda done, total: done > 7, checkpoint="run.npz"), Run)
assert_type(Run.load("run.npz"), Run)
run.save("run.npz")
assert_type(run.times, np.ndarray)
assert_type(run["loss"], np.ndarray)
assert_type(run.message, str)
assert_type(run.kind, str)
assert_type(run.configuration, Mapping[str, Any])
assert_type(run.eta, float)
assert_type(run.momentum, float)
assert_type(run.anneal, int)
assert_type(run.seed, int)
assert_type(run.every, int)
assert_type(run.step, int)
assert_type(run.weights, Mapping[str, np.ndarray])
assert_type(run.velocity, Mapping[str, np.ndarray])
assert_type(run.steps, np.ndarray)
assert_type(run.random, Mapping[str, Any])

experiment = Experiment(
    "text",
    {"eta": 0.1},
    ("data",),
    lambda settings, data, seed: correlation,
    lambda learner, start, settings: 5,
    lambda learner, start, settings, run: ({}, {}),
)
assert_type(experiment.given({"eta": 0.2}), dict[str, Any])
assert_type(experiment.run({"eta": 0.2}, rng=1, steps=3), tuple[Run, Mapping[str, Any], Mapping[str, float]])

# descent and expectations
assert_type(follow(lambda w: {"a": -w["a"]}, {"a": X}, [0, 1], rtol=1e-9, atol=0.0), TimeCourse)
assert_type(descend({"a": lambda w: w["a"]}, {"a": X}, 0.1), Iterator[Weights])
moments = mode_moments([1.0, 0.5], [1.0, 2.0], 0.25, spectrum=[1.0, 2.0])
assert_type(moments, tuple[np.ndarray, np.ndarray, np.ndarray])
gradient = expected_cosine_gradient(*moments, rtol=1e-12)
assert_type(gradient, CosineGradient)
assert_type(gradient.value, np.ndarray)
assert_type(gradient.alignment, np.ndarray)
assert_type(gradient.projection, np.ndarray)
assert_type(gradient.error, float)
assert_type(gradient.nodes, int)
assert_type(sampled_cosine_gradient(*moments, samples=9, rng=0), tuple[np.ndarray, np.ndarray])
assert_type(approximation_error([1.0], [1.0], 0.25, lambda p, s: 0 * p), float)
exact = expected_flow([1.0], [1.0], 0.25, 0.1, [0, 1], rtol=1e-8, method="DOP853")
assert_type(exact, ExactFlow)
assert_type(exact.p, np.ndarray)
assert_type(exact.s, np.ndarray)
assert_type(exact.error, float)
