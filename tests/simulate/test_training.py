"""Training runs: gradients against differences, the theory against descent, checkpoints bit for bit."""

import json
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from numerics import same_run as same

from symssl.cli.main import cli
from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, Run, cross_correlation, resume, train
from symssl.simulate.runs import elapsed, rate_at
from symssl.simulate.training import Learner, fingerprint
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


@given(
    seeds,
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(1, 7),
    st.sampled_from([0.0, 0.9]),
    st.sampled_from([0, 60]),
)
def test_a_resumed_run_has_the_bits_of_one_that_never_stopped(
    tmp_path_factory, seed, first, more, every, momentum, anneal
):
    learner = CrossCorrelation(gamma_of(seed), 2, 0.1)
    options = dict(eta=0.01, rng=seed, every=every, momentum=momentum, anneal=anneal)
    whole = train(learner, steps=first + more, **options)
    path = tmp_path_factory.mktemp("runs") / "run.npz"
    train(learner, steps=first, **options).save(path)
    same(Run.load(path), train(learner, steps=first, **options))
    same(resume(learner, path, steps=first + more), whole)


def test_stopping_by_the_callback_loses_nothing(tmp_path):
    learner = CrossCorrelation(gamma_of(3), 2, 0.1)
    whole = train(learner, steps=400, eta=0.01)
    path = tmp_path / "run.npz"
    part = train(learner, steps=400, eta=0.01, progress=lambda done, total: done >= 123, checkpoint=path)
    assert part.status == "stopped" and 123 <= part.step < 400 and str(part.step) in part.message
    same(resume(learner, path, steps=400), whole)


def test_an_interrupt_leaves_a_checkpoint_that_continues(tmp_path):
    learner = CrossCorrelation(gamma_of(3), 2, 0.1)

    def interrupt(done, total):
        if done >= 200:
            raise KeyboardInterrupt

    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        train(learner, steps=400, eta=0.01, every=7, progress=interrupt, checkpoint=path)
    assert Run.load(path).step == 200
    same(resume(learner, path, steps=400), train(learner, steps=400, eta=0.01, every=7))


def test_divergence_is_stopped_at_its_step_and_nothing_is_lost():
    run = train(CrossCorrelation(gamma_of(1), 2, 0.5), steps=1000, eta=10.0, every=1)
    assert run.status == "diverged" and f"after {run.step} steps" in run.message and "eta = 10" in run.message
    assert 0 < run.step < 20 and np.isfinite(run.weights["W"]).all() and len(run.steps) >= run.step
    with pytest.raises(InputError, match="diverged at step"):
        resume(CrossCorrelation(gamma_of(1), 2, 0.5), run, steps=2000)


@given(st.integers(1, 50), st.integers(0, 60), st.floats(1e-4, 1))
def test_time_is_the_sum_of_the_rates(anneal, steps, eta):
    assert elapsed(steps, eta, anneal) == pytest.approx(sum(rate_at(k, eta, anneal) for k in range(steps)), abs=1e-12)


def test_checkpoints_of_another_model_version_or_shape_are_refused(tmp_path):
    learner, path = CrossCorrelation(gamma_of(3), 2), tmp_path / "run.npz"
    train(learner, steps=5, eta=0.01).save(path)
    with pytest.raises(InputError, match="another configuration: components = 2, now 3"):
        resume(CrossCorrelation(gamma_of(3), 3), path, steps=9)
    with pytest.raises(InputError, match="gamma"):
        resume(CrossCorrelation(gamma_of(4), 2), path, steps=9)
    with pytest.raises(InputError, match="done 5 steps already"):
        resume(learner, path, steps=4)

    class Other(CrossCorrelation):
        kind = "other"

    with pytest.raises(InputError, match="of kind 'cross-correlation', not 'other'"):
        resume(Other(gamma_of(3), 2), path, steps=9)
    with np.load(path) as file:
        entries = dict(file)
    about = json.loads(str(entries["about"]))
    np.savez(path, **{**entries, "about": np.array(json.dumps({**about, "form": 99}))})
    with pytest.raises(InputError, match="form 99"):
        Run.load(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match="no saved training run"):
        Run.load(path)
    with pytest.raises(InputError, match="cannot be read"):
        Run.load(tmp_path / "none.npz")
    np.savez(path, a=np.zeros(2))
    with pytest.raises(InputError, match="no saved training run"):
        Run.load(path)


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


def test_aligned_starts_predict_the_steps_of_descent():
    from symssl.derivations.simon2023.training import half_times

    learner = CrossCorrelation(np.array([3.0, 1.5, 0.7, 0.3]), 3, 1e-6)
    start, eta = learner.start(np.random.default_rng(5)), 0.01
    *_, flow, descent = half_times(learner, start, eta)
    run = train(learner, steps=int(1.2 * descent.max() / eta), eta=eta, start=start, every=2)
    simulated = crossing_times(run.times, run["eigenvalues"])
    assert abs(descent - simulated).max() < eta  # one step
    assert (abs(flow / simulated - 1) > abs(descent / simulated - 1)).all() and abs(flow / simulated - 1).max() > 0.02


# --- the command -----------------------------------------------------------------------------

SMALL = ["simulate", "simon2023.barlow", "--set", "n=40", "d=3", "alpha=1e-3", "eta=1e-3", "size=4", "window=8"]


def said(*more):
    result = CliRunner().invoke(cli, [*SMALL, *map(str, more)])
    return result.exit_code, result.stdout, f"{result.stderr} {result.exception}"


def test_the_command_predicts_saves_and_resumes(tmp_path):
    code, text, _ = said("--json")
    found = json.loads(text)
    assert code == 0 and found["status"] == "finished" and len(found["modes"]) == 3
    assert all(abs(row["error (descent)"]) < 0.05 for row in found["modes"])
    path = tmp_path / "run.npz"
    assert said("--steps", found["steps"] // 2, "-o", path)[0] == 0
    assert "--resume" in said("-o", path)[2]
    code, text, _ = said("--steps", found["steps"], "-o", path, "--resume", "--json")
    continued = json.loads(text)
    assert code == 0 and [r["start"] for r in continued["modes"]] == [r["start"] for r in found["modes"]]
    assert "seed = 0" in said("-o", path, "--resume", "--seed", 1)[2]


@pytest.mark.parametrize(
    "more, culprit",
    [
        (["--data", "nothing"], "data must be one of"),
        (["m=3"], "unknown setting m"),
        (["n=2"], "given twice"),
        (["--resume"], "name it with -o"),
        (["-o", "run.txt"], ".npz"),
    ],
)
def test_the_command_refuses_bad_input(more, culprit):
    code, _, error = said(*more)
    assert code and culprit in error


def test_what_is_no_learner_is_named():
    with pytest.raises(InputError, match=r"learner must be .* not .* \(a ndarray\)"):
        train(np.eye(2), steps=1, eta=0.1)


# --- experiments of the papers ------------------------------------------------------------------


def experiments(paper):
    return __import__("importlib").import_module(f"symssl.derivations.{paper}.training").EXPERIMENTS


def test_training_follows_the_exact_flow_where_the_limit_of_many_modes_errs():
    run, modes, facts = experiments("bao2023")["cosine"].run({"time": 4.0, "batch": 512})
    assert run.status == "finished" and facts["largest error (exact flow)"] < 0.01
    assert facts["largest error (eigenvalue flow)"] > 0.2
    assert facts["|W|^2, end over start"] == pytest.approx(np.exp(-2 * 0.05 * 4), rel=0.01)
    assert len(modes["simulated"]) == 8


def test_for_the_squared_loss_the_eigenvalue_flow_is_exact():
    _, _, facts = experiments("bao2023")["l2"].run({"time": 4.0, "batch": 512})
    assert facts["largest error (eigenvalue flow)"] < 0.02


def test_the_reduced_equation_as_printed_takes_twice_the_steps():
    _, modes, facts = experiments("esser2023")["trace"].run({"n": 60, "width": 64}, steps=3000)
    simulated, printed, corrected = (modes[f"step ({name})"][0] for name in ("simulated", "printed", "corrected"))
    assert abs(corrected - simulated) <= 4 and 1.8 < printed / simulated < 2.2
    assert (
        facts["largest distance of the outputs (corrected)"]
        < 0.01
        < 0.1
        < facts["largest distance of the outputs (printed)"]
    )


def test_singular_values_of_both_layers_are_those_of_the_modes_up_to_the_error_of_steps():
    """The error falls in proportion to the rate: what is left is that of finite steps, not of the theory."""
    errors = []
    for eta in (4e-5, 1e-5):
        run, modes, facts = experiments("jing2021")["layers"].run({"time": 0.02, "n": 64, "m": 6, "eta": eta})
        assert facts["smallest alignment"] > 0.99 and run.status == "finished"
        errors.append(facts["largest relative error"])
    assert errors[1] < 0.005 and 3 < errors[0] / errors[1] < 5
    assert (modes["simulated (1)"] / modes["start (1)"]).max() > 2


@pytest.mark.parametrize(
    "paper, name, settings, words",
    [
        ("bao2023", "cosine", {"eta": 0}, "eta"),
        ("bao2023", "cosine", {"time": -1}, "time"),
        ("bao2023", "l2", {"h": 1.5}, "whole"),
        ("simon2023", "barlow", {"n": 2, "d": 3}, "as many pairs"),
        ("jing2021", "layers", {"n": 1}, "at least 2"),
        ("jing2021", "layers", {"time": -1}, "time"),
        ("esser2023", "trace", {"outputs": 64}, "fewer than"),
        ("esser2023", "trace", {"eta": -1}, "eta"),
        ("bao2023", "l2", {"x": 1}, "unknown"),
    ],
)
def test_settings_that_make_no_sense_are_named(paper, name, settings, words):
    with pytest.raises(InputError, match=words):
        experiments(paper)[name].run(settings)


@pytest.mark.parametrize("eta", [1e100, 1e300])
def test_enormous_rates_end_as_diverged(eta):
    run, *_ = experiments("bao2023")["cosine"].run({"eta": eta}, steps=50)
    assert run.status == "diverged" and "lower eta" in run.message


# --- momentum against loops of its own --------------------------------------------------------


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
