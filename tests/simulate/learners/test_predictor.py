"""Encoder and predictor: slopes against differences, exact laws of every batch, expectations, runs bit for bit."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from numerics import Point, same_run as same

from symssl import expected_cosine_gradient, follow, mode_moments
from symssl.derivations import bao2023, tian2021
from symssl.errors import InputError
from symssl.simulate import LinearPredictor, resume, train

seeds, sizes = st.integers(0, 2**32 - 1), st.integers(1, 5)
losses = st.sampled_from(["cosine", "squared"])
options = {
    "loss": losses,
    "sigma2": st.sampled_from([0.0, 0.3, 2.0]),
    "rho": st.sampled_from([0.0, 0.1]),
    "batch": st.integers(1, 6),
    "average": st.sampled_from([0.0, 0.9]),
    "predictor": st.sampled_from(["free", "symmetric"]),
    "common_frames": st.booleans(),
}


@st.composite
def learners(draw, **given_options):
    chosen = {**{name: draw(values) for name, values in options.items()}, **given_options}
    h, d = draw(sizes), draw(sizes)
    data = draw(st.sampled_from([None, np.random.default_rng(h).standard_normal((7, d)) + 0.5]))
    return LinearPredictor(h, d, samples=20, data=data, **chosen)


def started(learner, seed):
    """Weights, the target's encoder moved away from the encoder."""
    rng = np.random.default_rng(seed)
    weights = learner.start(rng)
    if "target" in weights:
        weights["target"] += 0.5 * rng.standard_normal(weights["target"].shape)
    return weights


def plain(learner, W, Phi, target, x, x_prime):
    """The loss as it is written, pair by pair."""
    total = 0
    for a, b in zip(x, x_prime):
        v, t = W @ Phi @ a, target @ b
        total += -v @ t / np.linalg.norm(v) / np.linalg.norm(t) if learner.loss == "cosine" else (v - t) @ (v - t) / 2
    return total / len(x) + learner.rho / 2 * ((W**2).sum() + (Phi**2).sum())


@given(learners(), seeds)
def test_the_gradient_is_the_slope_of_the_loss_while_the_target_is_held(learner, seed):
    weights, rng = started(learner, seed), np.random.default_rng(seed + 1)
    W, Phi, target = weights["W"], weights["Phi"], weights.get("target", weights["Phi"])
    x, x_prime = learner.pairs(np.random.default_rng(seed), learner.batch)
    got = learner.gradient(weights, np.random.default_rng(seed))
    assert set(got) == {"W", "Phi"}
    step = {name: rng.standard_normal(g.shape) for name, g in got.items()}
    if learner.predictor == "symmetric":
        step["W"] = step["W"] + step["W"].T  # along symmetric matrices only
    near = min(*np.linalg.norm(x @ Phi.T @ W.T, axis=1), *np.linalg.norm(x_prime @ target.T, axis=1))
    e = 1e-3 * min(1, near)

    def moved(k):
        return plain(learner, W + k * step["W"], Phi + k * step["Phi"], target.copy(), x, x_prime)

    slope = (8 * (moved(e) - moved(-e)) - moved(2 * e) + moved(-2 * e)) / (12 * e)
    expected = sum((g * step[name]).sum() for name, g in got.items())
    assert slope == pytest.approx(expected, rel=1e-5, abs=1e-7 * max(1, 1 / near))


@given(learners(loss="cosine"), seeds)
def test_every_batch_of_the_cosine_loss_keeps_both_norms_but_for_the_decay(learner, seed):
    weights, x = started(learner, seed), learner.pairs(np.random.default_rng(seed), learner.batch)[0]
    W, Phi = weights["W"], weights["Phi"]
    shrunk = np.linalg.norm(x, axis=1) / np.linalg.norm(x @ Phi.T @ W.T, axis=1)
    rounding = 1e-14 * (
        np.linalg.norm(W) * np.linalg.norm(Phi) * shrunk.max()
        + learner.rho * np.linalg.norm(Phi) ** 2
        + learner.rho * np.linalg.norm(W) ** 2
    )
    for name, g in learner.gradient(weights, np.random.default_rng(seed)).items():
        assert abs((g * weights[name]).sum() - learner.rho * (weights[name] ** 2).sum()) < rounding


@given(learners(predictor="free"), seeds)
def test_every_batch_keeps_the_balance_but_for_the_decay(learner, seed):
    """W^T dL/dW = dL/dPhi Phi^T, so that W^T W - Phi Phi^T only decays, under either loss and any target."""
    weights = started(learner, seed)
    g, (W, Phi) = learner.gradient(weights, np.random.default_rng(seed)), (weights["W"], weights["Phi"])
    left, right = W.T @ (g["W"] - learner.rho * W), (g["Phi"] - learner.rho * Phi) @ Phi.T
    scale = np.linalg.norm(g["W"]) * np.linalg.norm(W) + np.linalg.norm(g["Phi"]) * np.linalg.norm(Phi)
    assert abs(left - right).max() <= 1e-12 * (scale + 1)


def test_plain_descent_gains_what_the_flow_lacks():
    learner, eta = LinearPredictor(4, 6, rho=0.2, batch=8), 0.05
    run = train(learner, steps=300, eta=eta, every=1)
    weights = learner.start(np.random.default_rng([0, 0]))
    batches, squares = np.random.default_rng([0, 1]), [[(w**2).sum() for w in weights.values()]]
    for _ in range(run.step):
        g = learner.gradient(weights, batches)
        gain = [((g[name] - 0.2 * w) ** 2).sum() for name, w in weights.items()]
        squares.append([(1 - 0.2 * eta) ** 2 * old + eta**2 * more for old, more in zip(squares[-1], gain)])
        weights = {name: w - eta * g[name] for name, w in weights.items()}
    assert np.allclose(run["squares"], squares, rtol=1e-10, atol=0)
    flow = squares[0][0] * np.exp(-0.4 * run.times[-1])
    assert run["squares"][-1, 0] > 3 * flow  # where the steps are not small, the weights stay


@pytest.mark.parametrize("eta, wanted", [(2e-2, 0.1), (5e-3, 0.025)])
def test_small_steps_follow_the_laws_of_the_flow(eta, wanted):
    learner, rho = LinearPredictor(6, 12, rho=0.3, batch=64), 0.3
    run = train(learner, steps=round(1 / eta), eta=eta, rng=3)
    start = learner.start(np.random.default_rng([3, 0]))
    squares = run["squares"] / run["squares"][0]
    assert abs(squares / np.exp(-2 * rho * run.times)[:, None] - 1).max() < wanted

    def balance(w):
        return w["W"].T @ w["W"] - w["Phi"] @ w["Phi"].T

    assert np.linalg.norm(
        balance(run.weights) / np.exp(-2 * rho * run.times[-1]) - balance(start)
    ) < wanted * np.linalg.norm(balance(start))


def over_batches(learner, weights, seed, count=600):
    """Mean of the gradient over batches and its standard error, by name."""
    rng = np.random.default_rng(seed)
    found = [learner.gradient(weights, rng) for _ in range(count)]
    return {
        name: (np.mean([g[name] for g in found], 0), np.std([g[name] for g in found], 0) / np.sqrt(count))
        for name in found[0]
    }


@pytest.mark.parametrize("h, d, sigma2", [(2, 3, 0.0), (4, 6, 0.25), (4, 4, 1.0), (5, 3, 0.5)])
def test_the_mean_slope_in_common_frames_is_the_expected_one(h, d, sigma2):
    learner = LinearPredictor(h, d, sigma2=sigma2, batch=100, common_frames=True)
    weights = learner.start(np.random.default_rng(h))
    p, s = learner.modes(weights)
    U = np.linalg.svd(weights["Phi"])[0]
    rng = np.random.default_rng(1)
    found = [-U.T @ learner.gradient(weights, rng)["W"] @ weights["W"].T @ U for _ in range(400)]
    mean, error = np.mean(found, 0), np.std(found, 0) / np.sqrt(len(found))
    expected = np.diag(expected_cosine_gradient(*mode_moments(p, s, sigma2)).value)
    assert (abs(mean - expected) <= 5 * error + 1e-12).all() and error.max() < 0.02


@pytest.mark.parametrize("average", [0.0, 0.5])
def test_the_mean_slope_of_the_squared_loss_is_the_derived_flow(average):
    """Any W, Phi and target: no frames are shared."""
    h, d, rho, sigma2 = 3, 5, 0.2, 0.4
    learner = LinearPredictor(h, d, loss="squared", sigma2=sigma2, rho=rho, batch=100, average=average)
    weights = started(learner, 4)
    if average:
        flow = tian2021.MODEL.flow().expect().rhs
        names, target = {"W": tian2021.Wp, "Phi": tian2021.W}, tian2021.Wa
        point = {
            tian2021.n: h,
            tian2021.d: d,
            tian2021.eta: rho,
            tian2021.sigma2: sigma2,
            tian2021.alpha_p: 1.0,
            tian2021.beta: 0.0,
        }
    else:
        flow = bao2023.flow(bao2023.SQUARED).expect().rhs
        names, target = {"W": bao2023.W, "Phi": bao2023.Phi}, bao2023.Phi
        point = {**dict(zip(bao2023.Phi.shape, (h, d))), bao2023.rho: rho, bao2023.sigma2: sigma2}
    at = Point(
        {**point, target: weights.get("target", weights["Phi"]), **{q: weights[name] for name, q in names.items()}}
    )
    for name, (mean, error) in over_batches(learner, weights, 5).items():
        assert (abs(mean + at(flow[names[name]])) <= 5 * error).all() and error.max() < 0.05


def test_small_steps_of_the_squared_loss_follow_the_derived_modes():
    learner = LinearPredictor(3, 6, loss="squared", sigma2=0.25, rho=0.05, batch=512, common_frames=True)
    p, s = learner.modes(learner.start(np.random.default_rng([0, 0])))
    run = train(learner, steps=1000, eta=0.004, every=250)
    closed = bao2023.modes(bao2023.SQUARED).compile()
    path = follow(
        lambda w: dict(zip("ps", closed.rhs(w["p"], w["s"], values={"rho": 0.05, "sigma2": 0.25}))),
        {"p": p, "s": s},
        run.times,
    )
    by_modulus = np.take_along_axis(path["p"], np.argsort(-abs(path["p"]), 1), 1)
    assert np.allclose(run["p"], by_modulus, atol=0.02)
    assert np.allclose(run["s"], np.sort(path["s"])[:, ::-1], atol=0.03)
    assert abs(run["p"][-1] - run["p"][0]).max() > 0.2  # it went somewhere


# --- what it starts from and sees --------------------------------------------------------


@given(learners(), seeds)
def test_what_is_observed(learner, seed):
    weights = started(learner, seed)
    W, Phi, seen = weights["W"], weights["Phi"], learner.observe(weights)
    F, Psi = Phi @ Phi.T, W @ Phi
    pairs = learner.pairs(np.random.default_rng([learner.seed, 2]), learner.samples)
    assert seen["loss"] == pytest.approx(
        plain(learner, W, Phi, weights.get("target", Phi), *pairs), rel=1e-9, abs=1e-12
    )
    norms = np.linalg.norm(Phi), np.linalg.norm(Psi)
    assert (seen["N_Phi"], seen["N_Psi"]) == pytest.approx(norms)
    assert seen["N_x"] == pytest.approx((Phi * Psi).sum() / np.prod(norms), abs=1e-12)
    assert (
        np.allclose(np.sort(seen["p"]), np.linalg.eigvalsh((W + W.T) / 2)) and (np.diff(abs(seen["p"])) <= 1e-15).all()
    )
    assert np.allclose(seen["s"], np.sort(np.linalg.eigvalsh(F))[::-1])
    assert seen["asymmetry"] == pytest.approx(np.linalg.norm(W - W.T) / np.linalg.norm(W))
    assert seen["commutator"] == pytest.approx(
        np.linalg.norm(F @ W - W @ F) / np.linalg.norm(F) / np.linalg.norm(W), abs=1e-12
    )
    assert np.allclose(seen["squares"], [(W**2).sum(), (Phi**2).sum()])


def test_the_start_has_the_scales_it_says():
    learner = LinearPredictor(60, 90)
    weights = learner.start(np.random.default_rng(0))
    for name, variance in (("W", 1 / 60), ("Phi", 1 / 90)):
        w = weights[name]
        assert abs((w**2).mean() / variance - 1) < 5 * np.sqrt(2 / w.size) and abs(w.mean()) < 5 * np.sqrt(
            variance / w.size
        )


@given(sizes, sizes, seeds)
def test_common_frames(h, d, seed):
    learner = LinearPredictor(h, d, common_frames=True)
    weights = learner.start(np.random.default_rng(seed))
    seen, (p, s) = learner.observe(weights), learner.modes(weights)
    assert seen["asymmetry"] == 0 and seen["commutator"] < 1e-12
    assert np.allclose(np.sort(p), np.sort(seen["p"])) and np.allclose(s, seen["s"])
    assert seen["N_Psi"] == pytest.approx(np.sqrt((p**2 * s).sum()))


@given(seeds)
def test_a_symmetric_predictor_stays_symmetric(seed):
    run = train(
        LinearPredictor(4, 6, rho=0.1, batch=8, predictor="symmetric"), steps=50, eta=0.1, rng=seed, momentum=0.9
    )
    assert (run["asymmetry"] == 0).all()


@pytest.mark.parametrize("data", [None, np.random.default_rng(0).standard_normal((400, 3)) * [1, 2, 0.5]])
def test_pairs_have_the_moments_of_two_noisy_views(data):
    n, sigma2 = 200_000, 0.7
    learner = LinearPredictor(2, 3, sigma2=sigma2, data=data)
    x, x_prime = learner.pairs(np.random.default_rng(1), n)
    between = np.eye(3) if data is None else data.T @ data / len(data)
    for a, b, covariance in (
        (x, x, between + sigma2 * np.eye(3)),
        (x_prime, x_prime, between + sigma2 * np.eye(3)),
        (x, x_prime, between),
    ):
        products = a[:, :, None] * b[:, None, :]
        assert (abs(products.mean(0) - covariance) < 5 * products.std(0) / np.sqrt(n)).all()


def test_rows_of_the_data_are_what_is_drawn():
    data = np.arange(12.0).reshape(4, 3)
    x, x_prime = LinearPredictor(2, 3, sigma2=0.0, data=data).pairs(np.random.default_rng(0), 50)
    assert np.array_equal(x, x_prime) and {tuple(row) for row in x} == {tuple(row) for row in data}


# --- runs --------------------------------------------------------------------------------


def test_the_target_is_an_average_of_the_encoder():
    learner = LinearPredictor(3, 4, average=0.75, batch=4)
    run = train(learner, steps=30, eta=0.1, every=1)
    weights, batches = learner.start(np.random.default_rng([0, 0])), np.random.default_rng([0, 1])
    for _ in range(30):
        g = learner.gradient(weights, batches)
        moved = {name: weights[name] - 0.1 * g[name] for name in g}
        weights = {**moved, "target": 0.75 * weights["target"] + 0.25 * moved["Phi"]}
    assert all(np.allclose(run.weights[name], w, rtol=0, atol=1e-12) for name, w in weights.items())
    assert np.linalg.norm(weights["target"] - weights["Phi"]) > 1e-3


@given(learners(), seeds, st.integers(0, 20), st.integers(0, 20), st.sampled_from([0.0, 0.9]), st.sampled_from([0, 30]))
def test_a_resumed_run_has_the_bits_of_one_that_never_stopped(
    tmp_path_factory, learner, seed, first, more, momentum, anneal
):
    how = dict(eta=0.02, rng=seed, every=3, momentum=momentum, anneal=anneal)
    whole = train(learner, steps=first + more, **how)
    assume(whole.status != "diverged")
    path = train(learner, steps=first, **how).save(tmp_path_factory.mktemp("runs") / "run.npz")
    same(resume(learner, path, steps=first + more), whole)


@pytest.mark.parametrize(
    "name, value",
    [
        ("h", 3),
        ("rho", 0.2),
        ("loss", "squared"),
        ("average", 0.5),
        ("batch", 5),
        ("rng", 1),
        ("sigma2", 0.5),
        ("predictor", "symmetric"),
        ("data", np.ones((2, 4))),
    ],
)
def test_a_run_of_another_learner_is_refused(name, value):
    run = train(LinearPredictor(2, 4, batch=4), steps=2, eta=0.1)
    label = "seed" if name == "rng" else name
    with pytest.raises(InputError, match=f"another configuration: {label} = "):
        resume(LinearPredictor(**{"h": 2, "d": 4, "batch": 4, name: value}), run, steps=4)


def test_divergence_is_told():
    run = train(LinearPredictor(3, 4, loss="squared"), steps=500, eta=50.0, every=1)
    assert run.status == "diverged" and "lower eta" in run.message and np.isfinite(run.weights["W"]).all()


def test_weights_that_vanish_or_are_lost_are_seen_as_such():
    learner = LinearPredictor(2, 3)
    seen = learner.observe({"W": np.zeros((2, 2)), "Phi": np.ones((2, 3))})
    assert np.isnan([seen["loss"], seen["asymmetry"], seen["N_x"]]).all() and (seen["p"] == 0).all()
    lost = learner.observe({"W": np.full((2, 2), np.nan), "Phi": np.ones((2, 3))})
    assert all(np.isnan(value).all() for value in lost.values())
    assert {name: np.shape(v) for name, v in seen.items()} == {name: np.shape(v) for name, v in lost.items()}


@pytest.mark.parametrize(
    "wrong, culprit",
    [
        ({"h": 0}, "h must"),
        ({"d": 2.5}, "d must"),
        ({"batch": 0}, "batch"),
        ({"samples": 0}, "samples"),
        ({"rng": -1}, "rng"),
        ({"loss": "l1"}, "loss must be one of 'cosine', 'squared', not the string 'l1'"),
        ({"predictor": "none"}, "predictor must be one of 'free'"),
        ({"loss": []}, "loss must"),
        ({"sigma2": -0.1}, "sigma2"),
        ({"sigma2": np.nan}, "sigma2"),
        ({"rho": np.inf}, "rho"),
        ({"rho": "much"}, "rho"),
        ({"average": 1.0}, "average"),
        ({"average": -0.5}, "average"),
        ({"common_frames": "yes"}, "common_frames"),
        ({"data": np.ones((5, 3))}, r"data must be an array \(n, 4\)"),
        ({"data": np.ones((0, 4))}, "data must"),
        ({"data": [["a"]]}, "data is no array"),
        ({"data": np.diag([1, np.nan, 1, 1])}, "data has NaN or infinity in row 1"),
    ],
)
def test_bad_input_is_refused_by_name(wrong, culprit):
    with pytest.raises(InputError, match=culprit):
        LinearPredictor(**{"h": 2, "d": 4, **wrong})
