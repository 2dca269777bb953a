"""The experiments of the papers: theory beside training."""

import numpy as np
import pytest

from symssl.errors import InputError


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


TOLD = {"s": [1.0, 2.0]}, {"error": 0.5}


@pytest.mark.parametrize(
    "given, words",
    [
        (None, "what predict gives"),
        ((TOLD[0],), "two mappings"),
        ((1, {}), "modes"),
        (({"s": 1.0}, {}), "one length"),
        (({"s": [1.0], "q": [1.0, 2.0]}, {}), "one length"),
        (({"s": [1j]}, {}), "complex"),
        (({"s": ["one"]}, {}), "no array of real numbers"),
        ((TOLD[0], {"error": "small"}), "the fact 'error' of predict must be a number"),
    ],
)
def test_a_prediction_that_is_no_table_is_refused_by_name(given, words):
    with pytest.raises(InputError, match=words):
        invented(given).run()


def invented(told, steps=3):
    from symssl.simulate import CrossCorrelation, Experiment

    return Experiment(
        "text",
        {"eta": 1e-3},
        ("none",),
        lambda settings, data, seed: CrossCorrelation(np.diag([1.0, 0.5]), components=1),
        lambda learner, start, settings: steps,
        lambda learner, start, settings, run: told,
    )


def test_steps_that_are_no_number_are_refused():
    for steps in (float("nan"), 2.5, -1, None):
        with pytest.raises(InputError, match="steps must be a whole number"):
            invented(TOLD, steps).run()


def test_whoever_watches_is_told_what_runs():
    from contextlib import contextmanager

    told = []

    @contextmanager
    def watch(what):
        told.append(what)
        yield

    run, modes, facts = invented(TOLD).run(watch=watch)
    assert told == ["making the learner", "the prediction"] and modes["s"].tolist() == [1.0, 2.0]
    assert run.step == 3 and facts == {"error": 0.5}
    with pytest.raises(InputError, match="watch must be"):
        invented(TOLD).run(watch=3)
