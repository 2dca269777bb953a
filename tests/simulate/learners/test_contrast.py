"""The softmax contrastive loss: slopes against differences, the linear law W' = W X, what linear layers keep."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from symssl.errors import InputError
from symssl.simulate import Run, SoftmaxContrast, follow, resume, train

ACTIVATIONS = st.sampled_from(["identity", "relu"])


@st.composite
def learners(draw, activation=ACTIVATIONS, layers=st.integers(1, 3), batch=False):
    n, m = draw(st.integers(2, 9)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    X = rng.standard_normal((n, m))
    return SoftmaxContrast(
        X,
        X + draw(st.floats(0.05, 2)) * rng.standard_normal((n, m)),
        layers=draw(layers),
        width=draw(st.integers(1, 4)),
        activation=draw(activation),
        batch=draw(st.integers(2, n)) if batch else None,
    )


def started(learner, seed=0):
    return learner.start(np.random.default_rng(seed))


def plain(z, z_prime):
    """The loss written out, sample by sample."""
    total = 0
    for i in range(len(z)):
        own = np.exp(-((z[i] - z_prime[i]) ** 2).sum() / 2)
        total -= np.log(own / (own + sum(np.exp(-((z[i] - z[j]) ** 2).sum() / 2) for j in range(len(z)) if j != i)))
    return total


@given(learners())
def test_loss_is_what_is_written(learner):
    weights = started(learner)
    z, z_prime = (learner.outputs(weights, x) for x in (learner.X, learner.X_prime))
    assert learner.observe(weights)["loss"] == pytest.approx(plain(z, z_prime), rel=1e-12, abs=1e-12)


@given(learners(), st.integers(0, 99))
def test_gradient_against_differences(learner, seed):
    weights = started(learner, seed)
    rng, found = np.random.default_rng(seed), learner.gradient(weights, None)
    along = {name: rng.standard_normal(W.shape) for name, W in weights.items()}

    def loss(e):
        return learner.observe({name: W + e * along[name] for name, W in weights.items()})["loss"]

    slope, e = sum(np.vdot(found[name], along[name]) for name in weights), 1e-5
    # a ReLU that switches between the two points would show as a difference of first order in e
    kinks = [
        learner._forward(
            {n: W + k * e * along[n] for n, W in weights.items()}, np.concatenate([learner.X, learner.X_prime])
        )
        for k in (-1, 1)
    ]
    if (
        all(((a > 0) == (b > 0)).all() for a, b in zip(*(values[1:-1] for values in kinks)))
        or learner.activation == "identity"
    ):
        assert (loss(e) - loss(-e)) / (2 * e) == pytest.approx(slope, rel=1e-5, abs=1e-5)


@given(learners(activation=st.just("identity"), layers=st.just(1)))
def test_one_layer_moves_by_W_X(learner):
    weights = started(learner)
    X = learner.drive(weights)
    np.testing.assert_allclose(X, X.T, atol=1e-12)
    np.testing.assert_allclose(learner.gradient(weights, None)["W1"], -weights["W1"] @ X, atol=1e-10)


@given(learners(activation=st.just("identity"), layers=st.integers(2, 3)))
def test_linear_layers_move_by_their_product_and_keep_their_balance(learner):
    weights = started(learner)
    layers, X = list(weights.values()), learner.drive(weights)
    product = np.linalg.multi_dot(layers[::-1])
    found = learner.gradient(weights, None)
    rest = np.linalg.multi_dot(layers[:0:-1]) if len(layers) > 2 else layers[1]
    np.testing.assert_allclose(found["W1"], -rest.T @ product @ X, atol=1e-9)
    for k in range(1, len(layers)):  # W_k W_k^T - W_{k+1}^T W_{k+1} is at rest
        one, other = weights[f"W{k}"], weights[f"W{k + 1}"]
        moved = found[f"W{k}"] @ one.T, other.T @ found[f"W{k + 1}"]
        np.testing.assert_allclose(moved[0] + moved[0].T, moved[1] + moved[1].T, atol=1e-9)


@given(learners(activation=st.just("identity"), layers=st.just(2)))
def test_balance_is_kept_along_the_flow(learner):
    start = started(learner)
    path = follow(lambda w: {name: -g for name, g in learner.gradient(w, None).items()}, start, [0, 0.02]).values
    before, after = (path["W1"][k] @ path["W1"][k].T - path["W2"][k].T @ path["W2"][k] for k in (0, 1))
    np.testing.assert_allclose(after, before, atol=1e-7 * (1 + abs(before).max()))


@given(learners(), st.floats(-3, 3), st.randoms())
def test_the_order_of_samples_and_turned_outputs_do_not_matter(learner, angle, random):
    weights, order = started(learner), list(range(len(learner.X)))
    random.shuffle(order)
    other = SoftmaxContrast(
        learner.X[order],
        learner.X_prime[order],
        layers=learner.layers,
        width=learner.width,
        activation=learner.activation,
    )
    seen, again = learner.observe(weights), other.observe(weights)
    for name in seen:
        np.testing.assert_allclose(again[name], seen[name], rtol=1e-8, atol=1e-8)
    if learner.width >= 2:
        turn = np.eye(learner.width)
        turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        last = f"W{learner.layers}"
        turned = learner.observe({**weights, last: turn @ weights[last]})
        np.testing.assert_allclose(turned["loss"], seen["loss"], rtol=1e-9)
        np.testing.assert_allclose(turned["spectrum"], seen["spectrum"], atol=1e-8)


@given(learners(activation=st.just("identity")), st.integers(0, 9))
def test_common_frames_are_those_of_X_without_weights(learner, seed):
    common = SoftmaxContrast(learner.X, learner.X_prime, layers=learner.layers, width=learner.width, common_frames=True)
    free, weights = started(learner, seed), started(common, seed)
    X = common.drive({name: 0 * W for name, W in weights.items()})
    bare = reduce(np.matmul, reversed(weights.values()))
    square = bare.T @ bare
    np.testing.assert_allclose(square @ X, X @ square, rtol=0, atol=1e-9 * (1 + abs(X).max()) * (1 + abs(square).max()))
    seen = common.observe(weights)
    np.testing.assert_allclose(seen["singular"], learner.observe(free)["singular"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.linalg.svd(bare)[1][:1], seen["singular"][:, 0].prod(), rtol=1e-9)
    Vt = np.linalg.svd(weights["W1"], full_matrices=False)[2]
    np.testing.assert_allclose(
        seen["forms"], [v @ common.drive(weights) @ v for v in Vt], rtol=1e-7, atol=1e-9 * abs(X).max()
    )


def test_strong_noise_makes_the_drive_negative_and_kills_its_directions():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 4))
    noise = rng.standard_normal((100, 4)) * [0.1, 0.1, 3, 3]
    run = train(SoftmaxContrast(X, X + noise), steps=3000, eta=1e-4)
    assert (run["drive"][0] < 0).sum() >= 2
    assert (run["spectrum"][-1][2:] < 1e-2).all() and (run["spectrum"][-1][:2] > 0.3).all()


def test_spectra_are_those_of_the_weights_and_outputs():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((30, 4))
    learner = SoftmaxContrast(X, X + 0.1 * rng.standard_normal((30, 4)), layers=2)
    weights = started(learner)
    seen, z = learner.observe(weights), learner.outputs(weights, X)
    np.testing.assert_allclose(seen["singular"][1], np.linalg.svd(weights["W2"], compute_uv=False))
    np.testing.assert_allclose(seen["spectrum"], np.linalg.eigvalsh((z - z.mean(0)).T @ (z - z.mean(0)) / 30)[::-1])
    np.testing.assert_allclose(seen["drive"], np.linalg.eigvalsh(learner.drive(weights))[::-1])
    aligned = learner.observe({"W1": weights["W1"], "W2": np.linalg.svd(weights["W1"])[0].T})
    assert aligned["alignment"].shape == (1, 4)
    U, size, _ = np.linalg.svd(weights["W1"])
    np.testing.assert_allclose(learner.observe({"W1": weights["W1"], "W2": np.diag(size) @ U.T})["alignment"], 1)


@given(learners(batch=True), st.integers(1, 9))
def test_a_stopped_run_resumes_bit_for_bit(learner, pause):
    whole = train(learner, steps=12, eta=1e-3, rng=3, every=2)
    assume(whole.status != "diverged")
    part = train(learner, steps=12, eta=1e-3, rng=3, every=2, progress=lambda done, _: done == pause)
    again = resume(learner, part, steps=12)
    assert all(np.array_equal(whole.weights[name], again.weights[name]) for name in whole.weights)
    assert np.array_equal(whole["loss"], again["loss"])


def test_saved_runs_know_their_learner(tmp_path):
    X = np.random.default_rng(0).standard_normal((5, 2))
    path = train(SoftmaxContrast(X, X), steps=3, eta=1e-3).save(tmp_path / "run.npz")
    with pytest.raises(InputError, match="layers = 1, now 2"):
        resume(SoftmaxContrast(X, X, layers=2), Run.load(path), steps=5)


def test_enormous_rates_end_as_diverged():
    X = np.random.default_rng(0).standard_normal((5, 2))
    run = train(SoftmaxContrast(X, X + 1, layers=3), steps=50, eta=1e200)
    assert run.status == "diverged" and "lower eta" in run.message


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    "arguments, options, words",
    [
        ((GOOD, GOOD[:2]), {}, "one pair"),
        ((GOOD, GOOD * np.nan), {}, "NaN"),
        ((GOOD[:1], GOOD[:1]), {}, "at least two"),
        ((GOOD, GOOD), {"layers": 0}, "layers"),
        ((GOOD, GOOD), {"width": 0}, "width"),
        ((GOOD, GOOD), {"activation": "tanh"}, "'identity', 'relu'"),
        ((GOOD, GOOD), {"batch": 4}, "there are 3"),
        ((GOOD, GOOD), {"batch": 1}, "batch"),
        ((GOOD, GOOD), {"scale": 0}, "scale"),
    ],
)
def test_bad_input_is_named(arguments, options, words):
    with pytest.raises(InputError, match=words):
        SoftmaxContrast(*arguments, **options)
