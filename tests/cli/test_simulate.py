"""`symssl simulate`: what is there, and one line for what is not."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from numerics import same_run

from symssl.cli.main import cli, main
from symssl.simulate import Run


@pytest.fixture
def simulate(capsys):
    def call(*args):
        with pytest.raises(SystemExit) as stop:
            main(["simulate", *args])
        return (stop.value.code, *capsys.readouterr())

    return call


def test_experiments_are_listed(simulate):
    code, out, _ = simulate()
    assert code == 0
    assert "simon2023.barlow: " in out
    assert "  settings: " in out
    assert "  data: " in out


def test_experiments_are_listed_in_json(simulate):
    code, out, _ = simulate("--json")
    listed = {row["model"]: row for row in json.loads(out)}
    assert code == 0 and listed["simon2023.barlow"]["settings"]["d"] > 0
    assert all(row["text"] and row["data"] for row in listed.values())


@pytest.mark.parametrize(
    "args, said",
    [
        (["nothing.here"], "no experiment called"),
        (["simon2023.barlow", "--set", "n"], "name=number"),
        (["simon2023.barlow", "--set", "n=4", "n=5"], "n is given twice"),
        (["simon2023.barlow", "--resume"], "name it with -o"),
        (["simon2023.barlow", "-o", "run.txt"], "ends in .npz"),
        (["simon2023.barlow", "--seed", "-1"], "--seed"),
    ],
)
def test_bad_usage_is_one_line(simulate, args, said):
    code, _, err = simulate(*args)
    assert code == 2
    assert err.count("\n") == 1
    assert said in err


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


def test_the_same_command_continues_a_run_that_was_stopped(tmp_path):
    whole, path = tmp_path / "whole.npz", tmp_path / "run.npz"
    assert said("--steps", 40, "-o", whole)[0] == said("--steps", 25, "-o", path)[0] == 0
    part = Run.load(path)
    replace(part, status="stopped", message="interrupted after 25 steps: resume continues it").save(path)
    code, _, told = said("--steps", 40, "-o", path)
    assert code == 0 and "was stopped after 25 steps: continued" in told
    same_run(Run.load(path), replace(Run.load(whole), every=part.every, **recordings(path)))
    assert np.array_equal(Run.load(path).weights["W"], Run.load(whole).weights["W"])
    path.write_bytes(path.read_bytes()[:-9])
    assert "is not continued" in said("--steps", 40, "-o", path)[2]


def recordings(path):
    """What depends on how often the run is recorded, which the number of steps asked for first decides."""
    run = Run.load(path)
    return {"times": run.times, "steps": run.steps, "values": run.values}


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
