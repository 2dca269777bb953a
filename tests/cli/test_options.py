"""Options: numbers are read exactly and never evaluated."""

from pathlib import Path

TOY = Path(__file__).parents[1] / "toy"


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("symssl: ") and "Traceback" not in err


def test_a_number_with_an_absurd_exponent_is_refused(run):
    code, _, err = run("latex", "garden", "--model", "quartic", "--set", "a=1e999999999")
    assert code == 2
    assert one_line(err)
    assert "not a number" in err
