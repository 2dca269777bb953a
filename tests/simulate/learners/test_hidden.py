"""One hidden layer: slopes against differences, the linear case against the linear learners, frames that are kept."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from symssl.errors import InputError
from symssl.simulate import (
    CrossCorrelation,
    HiddenLayer,
    OrthonormalTrace,
    contrast_matrix,
    cross_correlation,
    resume,
    train,
)

PHI = st.sampled_from(["identity", "relu", "tanh", "sigmoid"])
LOSSES = st.sampled_from(["contrast", "correlation"])

KEPT = st.booleans()


@st.composite
def learners(draw, activation=PHI, loss=LOSSES, orthonormal=KEPT, batch=False):
    n, m, outputs = draw(st.integers(2, 9)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    data = np.random.default_rng(draw(st.integers(0, 999))).standard_normal((3, n, m))
    return HiddenLayer(
        *data,
        outputs=outputs,
        width=draw(st.integers(max(m, outputs), 6)),
        activation=draw(activation),
        loss=draw(loss),
        orthonormal=draw(orthonormal),
        batch=draw(st.integers(1, n)) if batch else None,
    )


def started(learner, seed=0):
    return learner.start(np.random.default_rng(seed))


@given(learners(), st.integers(0, 99))
def test_gradient_against_differences(learner, seed):
    weights, rng = started(learner, seed), np.random.default_rng(seed)
    found = learner.gradient(weights, None)
    along = {name: rng.standard_normal(W.shape) for name, W in weights.items()}

    def at(e):
        return {name: W + e * along[name] for name, W in weights.items()}

    e, slope = 1e-5, sum(np.vdot(found[name], along[name]) for name in weights)
    switched = any(((learner.hidden(at(-e), X) > 0) != (learner.hidden(at(e), X) > 0)).any() for X in learner.samples)
    if learner.activation != "relu" or not switched:
        assert (learner.observe(at(e))["loss"] - learner.observe(at(-e))["loss"]) / (2 * e) == pytest.approx(
            slope, rel=1e-5, abs=1e-6
        )


@given(learners(activation=st.just("identity"), loss=st.just("correlation"), orthonormal=st.just(False)))
def test_without_activation_the_product_feels_the_cross_correlation(learner):
    weights = started(learner)
    X, X_prime = learner.samples
    if learner.outputs <= X.shape[1]:
        linear = CrossCorrelation(cross_correlation(X, X_prime), learner.outputs)
        product = {"W": weights["W2"].T @ weights["W1"]}
        slope, found = linear.gradient(product, None)["W"], learner.gradient(weights, None)
        np.testing.assert_allclose(found["W1"], weights["W2"] @ slope, atol=1e-9)
        np.testing.assert_allclose(found["W2"], weights["W1"] @ slope.T, atol=1e-9)
        np.testing.assert_allclose(
            learner.observe(weights)["spectrum"], linear.observe(product)["eigenvalues"], atol=1e-9
        )


@given(learners(activation=st.just("identity"), loss=st.just("contrast"), orthonormal=st.just(True)))
def test_without_activation_the_frames_descend_the_trace(learner):
    weights, linear = (
        started(learner),
        OrthonormalTrace(contrast_matrix(*learner.samples), learner.outputs, width=learner.width),
    )
    again = linear.start(np.random.default_rng(0))
    for name, slope in linear.gradient(weights, None).items():
        np.testing.assert_allclose(learner.gradient(weights, None)[name], slope, atol=1e-9)
        np.testing.assert_array_equal(again[name], weights[name])
    assert learner.observe(weights)["loss"] == pytest.approx(linear.observe(weights)["loss"], abs=1e-10)


@given(learners(orthonormal=st.just(True)))
def test_frames_are_kept(learner):
    run = train(learner, steps=10, eta=0.1)
    assert all(abs(W.T @ W - np.eye(W.shape[1])).max() < 1e-13 for W in run.weights.values())
    np.testing.assert_allclose(run["singular_1"], 1, atol=1e-13)


@given(learners(batch=True), st.integers(1, 9))
def test_a_stopped_run_resumes_bit_for_bit(learner, pause):
    whole = train(learner, steps=12, eta=1e-2, rng=3, every=2)
    assume(whole.status != "diverged")
    part = train(learner, steps=12, eta=1e-2, rng=3, every=2, progress=lambda done, _: done == pause)
    again = resume(learner, part, steps=12)
    assert all(np.array_equal(whole.weights[name], again.weights[name]) for name in whole.weights)
    assert np.array_equal(whole["loss"], again["loss"])


def test_spectra_are_those_of_the_outputs():
    data = np.random.default_rng(1).standard_normal((3, 40, 3))
    learner = HiddenLayer(*data, outputs=2, width=5)
    weights = started(learner)
    u, seen = learner.map(weights, data[0]), learner.observe(weights)
    np.testing.assert_allclose(seen["spectrum"], np.linalg.eigvalsh(np.cov(u.T, bias=True))[::-1])
    np.testing.assert_allclose(seen["norms"], [np.linalg.norm(weights["W1"]), np.linalg.norm(weights["W2"])])
    np.testing.assert_allclose(u, np.tanh(data[0] @ weights["W1"].T) @ weights["W2"])


def test_rates_too_large_end_as_diverged():
    data = np.random.default_rng(0).standard_normal((3, 10, 2))
    for loss in ("contrast", "correlation"):
        run = train(HiddenLayer(*data, outputs=2, width=4, activation="relu", loss=loss), steps=400, eta=1e3)
        assert run.status == "diverged" and "lower eta" in run.message


DATA = np.arange(12.0).reshape(3, 2, 2)


@pytest.mark.parametrize(
    "arrays, options, words",
    [
        ((DATA[0], DATA[1, :1], DATA[2]), {}, "one pair"),
        ((DATA[0], DATA[1]), {}, "X_minus"),
        ((DATA[0] * np.nan, DATA[1], DATA[2]), {}, "NaN"),
        (DATA, {"activation": "elu"}, "activation"),
        (DATA, {"loss": "hinge"}, "loss"),
        (DATA, {"outputs": 0}, "outputs"),
        (DATA, {"width": 1, "orthonormal": True}, "at least 2 units"),
        (DATA, {"batch": 3}, "there are 2"),
        (DATA, {"scale": -1}, "scale"),
    ],
)
def test_bad_input_is_named(arrays, options, words):
    with pytest.raises(InputError, match=words):
        HiddenLayer(*arrays, **{"outputs": 1, "width": 3, **options})
