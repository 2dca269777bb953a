"""Training runs in files: resumed bit for bit, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numerics import same_run as same

from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, Run, cross_correlation, resume, train

seeds = st.integers(0, 2**32 - 1)


def gamma_of(seed, m=5, n=20):
    X = np.random.default_rng(seed).standard_normal((n, m))
    return cross_correlation(X, X + 0.5 * np.random.default_rng(seed + 1).standard_normal((n, m)))


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


def test_runs_of_the_former_version_are_refused_by_name(tmp_path):
    """Form 1 called the recordings `observed` and had no times."""
    path = tmp_path / "run.npz"
    train(CrossCorrelation(gamma_of(3), 2), steps=5, eta=0.01).save(path)
    with np.load(path) as file:
        entries = {name.replace("values/", "observed/"): array for name, array in file.items() if name != "times"}
    about = {**json.loads(str(entries["about"])), "form": 1}
    np.savez(path, **{**entries, "about": np.array(json.dumps(about))})
    with pytest.raises(InputError, match=r"training run in form 1; this version of symssl reads .* form 2: train anew"):
        Run.load(path)
    np.savez(path, **{**entries, "about": np.array(json.dumps({**about, "form": 2}))})
    with pytest.raises(InputError, match="damaged: it has no place for 'times'"):
        Run.load(path)


@pytest.mark.parametrize("path", [5, None, {"run.npz"}, CrossCorrelation])
def test_what_names_no_file_is_refused(path):
    run = train(CrossCorrelation(gamma_of(3), 2), steps=1, eta=0.01)
    for call in (Run.load, run.save):
        with pytest.raises(InputError, match="path must name a file"):
            call(path)
