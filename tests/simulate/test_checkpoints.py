"""Training runs in files: resumed bit for bit, and what is refused."""

import json
import zipfile
from io import BytesIO

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


# --- damage, and interrupts at any moment --------------------------------------------------


def rewritten(path, edit):
    """The file with its arrays and its text edited, and every checksum made anew: only what it says is wrong."""
    from symssl.support.seals import array_digest, seal

    with np.load(path) as file:
        entries = dict(file)
    about = json.loads(str(entries.pop("about")))
    edit(entries, about)
    about["arrays"] = {name: array_digest(array) for name, array in entries.items()}
    np.savez(path, **entries, about=np.array(json.dumps(seal(about))))


@pytest.mark.parametrize(
    "edit, said",
    [
        (lambda a, d: d.update(eta=float("nan")), "NaN"),
        (lambda a, d: d.update(eta=-1.0), "eta"),
        (lambda a, d: d.update(step=10**40), "step"),
        (lambda a, d: d.update(step=-3), "step"),
        (lambda a, d: d.update(configuration=None), "configuration"),
        (lambda a, d: d["configuration"].update(scale=float("inf")), "Infinity"),
        (lambda a, d: d.update(every=0), "every"),
        (lambda a, d: d.update(momentum=1.5), "momentum"),
        (lambda a, d: d.update(status="going on"), "status"),
        (lambda a, d: d.update(seed="7"), "seed"),
        (lambda a, d: d.update(random={"bit_generator": "none"}), "damaged"),
        (lambda a, d: d.update(configuration=[1]), "configuration"),
        (lambda a, d: a.update({"weights/W": a["weights/W"].astype(complex)}), "complex128"),
        (lambda a, d: a.update({"weights/W": a["weights/W"].astype(np.float32)}), "float32"),
        (lambda a, d: a["weights/W"].__setitem__((0, 0), np.nan), "not finite"),
        (lambda a, d: a.update({"velocity/W": np.zeros(3)}), "velocity"),
        (lambda a, d: a.update(steps=a["steps"][::-1].copy()), "increasing"),
        (lambda a, d: a.update(times=a["times"] * 2), "times"),
        (lambda a, d: a.update({"values/loss": a["values/loss"][:-1]}), "loss"),
    ],
)
def test_impossible_values_are_named_before_they_are_used(tmp_path, edit, said):
    path = tmp_path / "run.npz"
    train(CrossCorrelation(gamma_of(3), 2), steps=6, eta=0.01, every=2, momentum=0.5).save(path)
    rewritten(path, lambda arrays, about: None)
    Run.load(path)
    rewritten(path, edit)
    with pytest.raises(InputError, match=said) as error:
        Run.load(path)
    assert str(path) in str(error.value)


@given(st.data())
def test_no_changed_byte_changes_a_run_in_silence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("runs") / "run.npz"
    run = train(CrossCorrelation(gamma_of(3), 2), steps=6, eta=0.01, every=2, momentum=0.5)
    raw = run.save(path).read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << data.draw(st.integers(0, 7))]) + raw[at + 1 :])
    try:
        found = Run.load(path)
    except InputError as failure:
        found = str(failure)
    if isinstance(found, str):
        assert str(path) in found
    else:
        same(found, run)


def test_a_huge_shape_takes_no_memory(tmp_path):
    path = tmp_path / "run.npz"
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(path, "w", compression) as archive:
            archive.writestr("times.npy", header.getvalue() + bytes(800))
        with pytest.raises(InputError, match=r"claim to be larger|not as large as its shape|not an array"):
            Run.load(path)


class Interrupted(CrossCorrelation):
    """Interrupted in the middle of a step, after the weights were moved, or while it records."""

    where, after_steps = "after", 5

    def _count(self, where):
        if where == self.where:
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls == self.after_steps:
                raise KeyboardInterrupt

    def gradient(self, weights, rng):
        slopes = super().gradient(weights, rng)
        rng.random()
        self._count("gradient")
        return slopes

    def after(self, weights):
        moved = super().after(weights)
        self._count("after")
        return moved

    def observe(self, weights):
        self._count("observe")
        return super().observe(weights)


@pytest.mark.parametrize("where", ["gradient", "after", "observe"])
@pytest.mark.parametrize("moment", [3, 5, 8])
def test_an_interrupt_in_the_middle_of_a_step_loses_no_bit(tmp_path, where, moment):
    path, options = tmp_path / "run.npz", dict(eta=0.05, every=2, momentum=0.9)
    learner = Interrupted(gamma_of(3), 2, 0.1)
    learner.where, learner.after_steps = where, moment
    with pytest.raises(KeyboardInterrupt):
        train(learner, steps=20, checkpoint=path, **options)
    learner.where = "nowhere"
    assert Run.load(path).status == "stopped"
    same(resume(learner, path, steps=20), train(learner, steps=20, **options))


def test_checkpoints_by_time_say_that_they_are_not_the_end(tmp_path):
    path, seen = tmp_path / "run.npz", []
    learner = CrossCorrelation(gamma_of(3), 2, 0.1)

    def look(done, total):
        seen.append(Run.load(path) if path.exists() else None)

    whole = train(learner, steps=400, eta=0.01, progress=look, checkpoint=path, seconds=0)
    kept = [run for run in seen if run is not None]
    assert kept and {run.status for run in kept} == {"stopped"} and Run.load(path).status == "finished"
    same(resume(learner, kept[len(kept) // 2], steps=400), whole)
