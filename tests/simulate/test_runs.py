"""Training runs: their times, their files, and what is shown of them."""

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, Run, train
from symssl.simulate.runs import elapsed, rate_at
from symssl.trajectory import TimeCourse

LEARNER = CrossCorrelation(np.diag([2.0, 1.0, 0.5]), 2, 0.1)


@given(st.integers(1, 50), st.integers(0, 60), st.floats(1e-4, 1))
def test_time_is_the_sum_of_the_rates(anneal, steps, eta):
    assert elapsed(steps, eta, anneal) == pytest.approx(sum(rate_at(k, eta, anneal) for k in range(steps)), abs=1e-12)


@given(st.integers(0, 30), st.sampled_from([0.0, 0.9]), st.sampled_from([0, 20]))
def test_a_run_is_a_time_course_that_survives_pickling_and_files(tmp_path_factory, steps, momentum, anneal):
    run = train(LEARNER, steps=steps, eta=0.01, momentum=momentum, anneal=anneal, every=3)
    path = tmp_path_factory.mktemp("runs") / "run.npz"
    run.save(path)
    assert isinstance(run, TimeCourse) and pickle.loads(pickle.dumps(run)) == run == Run.load(path)
    assert np.array_equal(run.times, elapsed(run.steps, 0.01, anneal)) and len(run["loss"]) == len(run.times)
    assert run != train(LEARNER, steps=steps, eta=0.01, momentum=momentum, anneal=anneal, every=3, rng=1)


def test_what_is_shown_fits_on_the_screen():
    run = train(LEARNER, steps=9, eta=0.01, progress=lambda done, total: True)
    for shown in (run, LEARNER):
        lines = repr(shown).splitlines()
        assert lines[0].startswith(type(shown).__name__) and len(lines) <= 12 and max(map(len, lines)) <= 120
    assert "stopped after 1 steps of eta = 0.01" in repr(run) and "resume continues it" in repr(run)


@pytest.mark.parametrize(
    "arguments, culprit", [(("a", 0.1), "steps"), (([1], -0.1), "eta"), (([1], 0.1, 2.5), "anneal")]
)
def test_bad_input_is_named(arguments, culprit):
    with pytest.raises(InputError, match=culprit):
        elapsed(*arguments)
