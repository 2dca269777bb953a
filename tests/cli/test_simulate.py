"""`symssl simulate`: what is there, and one line for what is not."""

import pytest

from symssl.cli.main import main


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
