"""Orthonormal layers against difference quotients, against the equation of their outputs, and where they end."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from symssl.errors import InputError
from symssl.simulate import OrthonormalTrace, ReducedTrace, Run, contrast_matrix, follow, resume, train

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 4), st.integers(2, 4), st.integers(0, 2**32))
WEIGHT_RULES, BACK = OrthonormalTrace.rules, ("polar", "qr")
FOLLOWS = {"projected": "corrected", "corrected": "unprojected"}  # which equation which weights follow


def symmetric(d, rng):
    """A random C of norm one."""
    A = rng.standard_normal((d, d))
    A += A.T
    return A / np.linalg.norm(A, 2)


def learner(sizes, rule="corrected", **more):
    d, z, extra, layers, seed = sizes
    C = symmetric(d, np.random.default_rng(seed))
    return OrthonormalTrace(C, z, width=max(d, z) + extra, layers=layers, rule=rule, **more)


def network(weights):
    """W_l^T W_{l-1} ... W_1, multiplied from the left."""
    first, *middle, last = (weights[f"W{k}"] for k in range(1, len(weights) + 1))
    return reduce(np.matmul, [last.T, *middle[::-1], first])


def loss(C, weights):
    return np.trace(network(weights) @ C @ network(weights).T)


def moved(weights, along, by):
    return {name: W + by * along[name] for name, W in weights.items()}


# --- gradients, steps and constraints ----------------------------------------------------


@given(SIZES)
def test_gradient_is_the_slope_of_the_loss(sizes):
    net = learner(sizes)
    rng = np.random.default_rng(1)
    weights = {name: rng.standard_normal(W.shape) for name, W in net.start(rng).items()}  # anywhere, not only on frames
    along = {name: rng.standard_normal(W.shape) for name, W in weights.items()}
    slope = sum(np.vdot(g, along[name]) for name, g in net.gradient(weights, None).items())
    # fourth-order difference quotients of a polynomial
    near, far = (
        (loss(net.C, moved(weights, along, e)) - loss(net.C, moved(weights, along, -e))) / (2 * e) for e in (1e-3, 2e-3)
    )
    assert abs((4 * near - far) / 3 - slope) < 1e-7 * (1 + abs(slope))


@given(SIZES)
def test_rules_are_the_gradient_its_opposite_and_its_part_off_the_span(sizes):
    nets = {rule: learner(sizes, rule) for rule in WEIGHT_RULES}
    weights = nets["corrected"].start(np.random.default_rng(2))
    g = {rule: net.gradient(weights, None) for rule, net in nets.items()}
    for name, W in weights.items():
        assert np.array_equal(g["printed"][name], -g["corrected"][name])
        np.testing.assert_allclose(
            g["projected"][name], g["corrected"][name] - W @ W.T @ g["corrected"][name], atol=1e-13
        )
        assert abs(W.T @ g["projected"][name]).max() < 1e-13


@given(SIZES, st.sampled_from(WEIGHT_RULES), st.sampled_from(BACK), st.floats(1e-3, 1))
def test_layers_stay_orthonormal_to_rounding(sizes, rule, back, eta):
    net = learner(sizes, rule, back=back)
    run = train(net, steps=20, eta=eta, momentum=0.5)
    assert run.status == "finished" and run["defect"].max() < 1e-13
    for W in run.weights.values():
        np.testing.assert_allclose(W.T @ W, np.eye(W.shape[1]), atol=1e-13)


@given(SIZES, st.sampled_from(BACK), st.floats(1e-3, 0.03))
def test_small_steps_never_raise_the_loss_and_as_printed_never_lower_it(sizes, back, eta):
    for rule, sign in (("corrected", 1), ("projected", 1), ("printed", -1)):
        if back == "qr" and rule != "projected":
            continue
        seen = train(learner(sizes, rule, back=back), steps=40, eta=eta)["loss"]
        assert (sign * np.diff(seen) <= 1e-13).all()


def test_gram_and_schmidt_may_climb_however_small_the_step():
    """A square layer has no motion but within its span, and the order of the columns decides where."""
    rises = []
    for eta in (1e-2, 3e-3, 1e-3):
        for back, rule in (("qr", "corrected"), ("polar", "corrected"), ("qr", "projected")):
            net = OrthonormalTrace([[-1.0]], 1, width=2, layers=3, rule=rule, back=back)
            rises.append(np.diff(train(net, steps=round(0.6 / eta), eta=eta, every=1)["loss"]).max() / eta)
    above, *below = np.reshape(rises, (3, 3)).T
    assert (above > 0.01).all() and (np.array(below) <= 1e-9).all()


@given(SIZES)
def test_polar_is_the_nearest_frame_and_qr_keeps_the_flag(sizes):
    nets = {back: learner(sizes, back=back) for back in BACK}
    rng = np.random.default_rng(3)
    W = rng.standard_normal(nets["qr"].start(rng)["W1"].shape)
    near, ordered = (nets[back].after({"W1": W})["W1"] for back in BACK)
    stretch = near.T @ W  # the polar factor leaves a positive definite one
    np.testing.assert_allclose(near @ stretch, W, atol=1e-12)
    np.testing.assert_allclose(stretch, stretch.T, atol=1e-12)
    assert np.linalg.eigvalsh(stretch)[0] > 0
    triangle = ordered.T @ W
    np.testing.assert_allclose(triangle, np.triu(triangle), atol=1e-12)
    assert (np.diag(triangle) > 0).all()


@given(SIZES)
def test_observed_is_what_it_is_called(sizes):
    net = learner(sizes)
    run = train(net, steps=2, eta=0.01, every=1)
    M = network(run.weights)
    np.testing.assert_allclose(net.map(run.weights), M, atol=1e-14)
    np.testing.assert_allclose(run["loss"][-1], loss(net.C, run.weights), atol=1e-13)
    lam, V = net.eigenvalues, net.eigenvectors
    np.testing.assert_allclose(V @ np.diag(lam) @ V.T, net.C, atol=1e-13)
    assert (np.diff(lam) >= 0).all()
    q = run["q"][-1]
    np.testing.assert_allclose(q.T, M @ V, atol=1e-13)
    for k, length in enumerate(run["projections"][-1]):
        v = np.eye(len(lam))[k]
        np.testing.assert_allclose(length, np.linalg.norm(q @ np.linalg.lstsq(q, v, rcond=1e-9)[0]), atol=1e-6)


# --- the equation of the outputs ---------------------------------------------------------


@settings(max_examples=25)
@given(SIZES, st.sampled_from(sorted(FOLLOWS)))
def test_weights_follow_the_reduced_equation_to_first_order_whatever_depth_and_width(sizes, rule):
    """Halving eta halves the distance to the exact solution, and to the reduced steps."""
    net = learner(sizes, rule)
    small = ReducedTrace(net.eigenvalues, net.outputs, width=net.width, layers=net.layers, rule=FOLLOWS[rule])
    apart = []
    for eta in (0.02, 0.01):
        run = train(net, steps=round(1 / eta), eta=eta, every=1)
        start = {"q": run["q"][0]}
        steps = train(small, steps=round(1 / eta), eta=eta, every=1, start=start)
        path = follow(lambda w: {"q": -small.gradient(w, None)["q"]}, start, run.times)
        apart.append([abs(run["q"] - other).max() for other in (path["q"], steps["q"])])
    assert np.max(apart) < 0.1
    for first, second in zip(*apart):
        assert second < 0.6 * first + 1e-9


@given(SIZES, st.sampled_from(WEIGHT_RULES), st.integers(1, 5))
def test_units_that_are_silent_change_nothing(sizes, rule, more):
    """A network inside a wider one: the outputs move alike."""
    net = learner(sizes, rule)
    wide = OrthonormalTrace(net.C, net.outputs, width=net.width + more, layers=net.layers, rule=rule)
    run = train(net, steps=10, eta=0.05, every=1)
    start = net.start(np.random.default_rng([0, 0]))
    padded = {name: np.pad(W, ((0, more), (0, 0))) for name, W in start.items()}
    for k in range(2, net.layers):
        padded[f"W{k}"] = np.block(
            [[start[f"W{k}"], np.zeros((net.width, more))], [np.zeros((more, net.width)), np.eye(more)]]
        )
    same = train(wide, steps=10, eta=0.05, every=1, start=padded)
    np.testing.assert_allclose(same["q"], run["q"], atol=1e-12)


@pytest.mark.parametrize("layers", [3, 4])
def test_square_layers_stand_still_under_one_rule_only(layers):
    sizes = (3, 2, 2, layers, 5)
    for rule, least, most in (("projected", 0, 1e-12), ("corrected", 1e-2, 9)):
        net = learner(sizes, rule)
        before = net.start(np.random.default_rng([0, 0]))
        after = train(net, steps=50, eta=0.02).weights
        for k in range(2, layers):
            assert least <= abs(after[f"W{k}"] - before[f"W{k}"]).max() <= most


def test_depth_is_speed_where_the_gradient_is_not_projected():
    """Near q = 0 the outputs grow like exp(-(l + 2) lambda t), and like exp(-4 lambda t) if it is."""
    small = {"q": 1e-5 * np.ones((1, 1))}
    for layers in (2, 3, 4):
        for rule, rate in (("unprojected", layers + 2), ("corrected", 4), ("printed", 2)):
            run = train(ReducedTrace([-1.0], 1, layers=layers, rule=rule), steps=1, eta=0.01, start=small)
            np.testing.assert_allclose(run.weights["q"] / small["q"], 1 + 0.01 * rate, rtol=1e-9)


@given(SIZES)
def test_as_printed_it_is_the_same_path_at_half_the_speed(sizes):
    d, z, extra, _, seed = sizes
    lam = np.linalg.eigvalsh(symmetric(d, np.random.default_rng(seed)))
    slow, right = (ReducedTrace(lam, z, width=max(d, z) + extra, rule=rule) for rule in ("printed", "corrected"))
    assert np.array_equal(train(slow, steps=30, eta=0.04)["q"], train(right, steps=30, eta=0.02)["q"])


@settings(max_examples=25)
@given(SIZES)
def test_the_flow_stays_in_the_ball_and_its_steps_leave_it_to_first_order(sizes):
    d, z, extra, _, seed = sizes
    small = ReducedTrace(np.linalg.eigvalsh(symmetric(d, np.random.default_rng(seed))), z, width=max(d, z) + extra)
    runs = [train(small, steps=round(1 / eta), eta=eta, every=1) for eta in (0.01, 0.0025)]
    path = follow(lambda w: {"q": -small.gradient(w, None)["q"]}, {"q": runs[0]["q"][0]}, runs[0].times)
    assert np.linalg.norm(path["q"], 2, axis=(1, 2)).max() < 1 + 1e-7
    excess = [max(run["norm"].max() - 1, 0) for run in runs]
    assert excess[0] < 0.1 and excess[1] < 0.4 * excess[0] + 1e-9
    np.testing.assert_allclose(runs[0]["norm"][-1], np.linalg.svd(runs[0].weights["q"])[1][0], rtol=1e-12)


def test_outputs_that_vanish_span_nothing():
    seen = ReducedTrace([-1.0, 1.0], 1).observe({"q": np.zeros((2, 1))})
    assert seen["loss"] == seen["norm"] == 0 and not seen["projections"].any()
    assert ReducedTrace([-1.0, 1.0], 2).observe({"q": np.array([[1.0, 2], [0, 0]])})["projections"].tolist() == [1, 0]


# --- where it ends -----------------------------------------------------------------------


@settings(max_examples=20)
@given(
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 3),
    st.integers(2, 3),
    st.sampled_from(("corrected", "projected")),
    st.integers(0, 2**32),
)
def test_the_span_ends_at_the_lowest_eigenvectors(z, negative, positive, extra, layers, rule, seed):
    lam = np.array([*range(-z - negative, 0), *range(1, positive + 1)]) / 3
    rng = np.random.default_rng(seed)
    V = np.linalg.qr(rng.standard_normal((len(lam),) * 2))[0]
    C = (V * lam) @ V.T
    net = OrthonormalTrace(C, z, width=len(lam) + extra, layers=layers, rule=rule)
    run = train(net, steps=2500, eta=0.05, rng=seed)
    np.testing.assert_allclose(run["loss"][-1], lam[:z].sum(), atol=1e-6)
    np.testing.assert_allclose(run["projections"][-1], np.arange(len(lam)) < z, atol=1e-3)
    M = net.map(run.weights)
    np.testing.assert_allclose(M.T @ M, V[:, :z] @ V[:, :z].T, atol=1e-3)


@pytest.mark.parametrize("rule", ["corrected", "unprojected"])
def test_without_a_negative_eigenvalue_the_outputs_fade(rule):
    run = train(ReducedTrace([0.5, 1.0, 2.0], 2, width=5, rule=rule), steps=800, eta=0.05)
    assert run["norm"][-1] < 1e-6 and abs(run["loss"][-1]) < 1e-12
    run = train(OrthonormalTrace(np.diag([0.5, 1.0, 2.0]), 2, width=5), steps=800, eta=0.05)
    assert abs(run["q"][-1]).max() < 1e-6


def test_as_printed_the_highest_eigenvectors_are_found():
    run = train(OrthonormalTrace(np.diag([-2.0, -1, 1, 3]), 2, width=6, rule="printed"), steps=600, eta=0.05)
    np.testing.assert_allclose(run["loss"][-1], 4, atol=1e-9)
    np.testing.assert_allclose(run["projections"][-1], [0, 0, 1, 1], atol=1e-6)


# --- starts, runs, bad input -------------------------------------------------------------


def test_both_start_at_outputs_of_one_distribution():
    net, small = OrthonormalTrace(np.diag([-1.0, 1.0]), 1, width=7), ReducedTrace([-1.0, 1.0], 1, width=7)
    rng = np.random.default_rng(0)
    squares = [[(net.eigenvectors.T @ net.map(net.start(rng)).T) ** 2, small.start(rng)["q"] ** 2] for _ in range(4000)]
    np.testing.assert_allclose(np.mean(squares, (0, 2, 3)), 1 / 7, atol=0.006)  # a coordinate of a random unit vector
    np.testing.assert_allclose(np.mean(np.square(squares), (0, 2, 3)), 3 / (7 * 9), atol=0.006)


@given(
    st.integers(0, 12),
    st.sampled_from((OrthonormalTrace.rules, ReducedTrace.rules)),
    st.integers(0, 2),
    st.integers(2, 3),
)
def test_resuming_gives_the_bits_of_a_run_that_never_stopped(split, rules, k, layers):
    C = np.diag([-2.0, -0.5, 1.0])
    made = (
        OrthonormalTrace(C, 2, width=5, layers=layers, rule=rules[k])
        if rules is OrthonormalTrace.rules
        else ReducedTrace(np.diag(C), 2, width=5, layers=layers, rule=rules[k])
    )
    whole = train(made, steps=12, eta=0.05, momentum=0.3, every=2, rng=4)
    parts = resume(made, train(made, steps=split, eta=0.05, momentum=0.3, every=2, rng=4), steps=12)
    for table in ("weights", "velocity", "values"):
        for name, array in getattr(whole, table).items():
            assert np.array_equal(array, getattr(parts, table)[name]), name


def test_a_run_on_disk_belongs_to_its_rule(tmp_path):
    net = OrthonormalTrace(np.diag([-1.0, 1.0]), 1)
    path = train(net, steps=3, eta=0.1).save(tmp_path / "run.npz")
    assert np.array_equal(resume(net, path, steps=6).weights["W1"], train(net, steps=6, eta=0.1).weights["W1"])
    assert Run.load(path).configuration["rule"] == "corrected"
    with pytest.raises(InputError, match="rule = 'corrected', now 'printed'"):
        resume(OrthonormalTrace(np.diag([-1.0, 1.0]), 1, rule="printed"), path, steps=6)


@pytest.mark.parametrize(
    "made", [OrthonormalTrace(np.diag([-1e200, 1.0]), 1, width=3), ReducedTrace([-1e200, 1.0], 1, width=3)]
)
def test_what_leaves_the_range_of_doubles_is_said_to_diverge(made):
    run = train(made, steps=5, eta=1e300)
    assert run.status == "diverged" and "not finite" in run.message


@given(st.integers(1, 8), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**32))
def test_the_contrast_matrix_gives_the_mean_loss_of_linear_outputs(n, d, z, seed):
    rng = np.random.default_rng(seed)
    X, Xp, Xm = rng.standard_normal((3, n, d))
    M = rng.standard_normal((z, d))
    C = contrast_matrix(X, Xp, Xm)
    assert np.array_equal(C, C.T)
    u, up, um = (x @ M.T for x in (X, Xp, Xm))
    np.testing.assert_allclose(np.trace(M @ C @ M.T), (u * (um - up)).sum(1).mean(), atol=1e-12)
    np.testing.assert_allclose(np.trace(M @ contrast_matrix(X, Xp) @ M.T), -(u * up).sum(1).mean(), atol=1e-12)


SYM = np.diag([-1.0, 1.0])


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: OrthonormalTrace([[0, 1.0], [0, 0]], 1), "C is not symmetric"),
        (lambda: OrthonormalTrace([[np.nan]], 1), "C must"),
        (lambda: OrthonormalTrace([1.0], 1), "C must"),
        (lambda: OrthonormalTrace([["a"]], 1), "C is no array"),
        (lambda: OrthonormalTrace(SYM, 0), "outputs"),
        (lambda: OrthonormalTrace(SYM, 1, layers=1), "layers"),
        (lambda: OrthonormalTrace(SYM, 1, layers=2.5), "layers"),
        (lambda: OrthonormalTrace(SYM, 1, width=1), "width 1.*at least 2"),
        (lambda: OrthonormalTrace(SYM, 3, width=2), "width 2.*at least 3"),
        (lambda: OrthonormalTrace(SYM, 1, width=0), "width"),
        (lambda: OrthonormalTrace(SYM, 1, rule="up"), "rule.*'up'"),
        (lambda: OrthonormalTrace(SYM, 1, back="lu"), "back.*'lu'"),
        (lambda: ReducedTrace([1.0, -1.0], 1), "eigenvalues.*rising"),
        (lambda: ReducedTrace([], 1), "eigenvalues"),
        (lambda: ReducedTrace([np.inf], 1), "eigenvalues"),
        (lambda: ReducedTrace([-1.0], 1, rule="projected"), "rule"),
        (lambda: ReducedTrace([-1.0, 1.0], 1, width=1), "width 1"),
        (lambda: ReducedTrace(["a"], 1), "eigenvalues"),
        (lambda: contrast_matrix([[1.0]], [[1.0], [2.0]], [[1.0]]), "X_prime"),
        (lambda: contrast_matrix([1.0], [[1.0]]), "X "),
        (lambda: contrast_matrix([[1.0]], [[1.0]], [[np.nan]]), "X_minus"),
        (lambda: train(OrthonormalTrace(SYM, 1), steps=1, eta=1, start={"W1": SYM}), "W2"),
    ],
)
def test_bad_input_is_refused_by_name(call, culprit):
    with pytest.raises(InputError, match=culprit):
        call()
