"""Options: numbers are read exactly and never evaluated, and bounded before anything is made of them."""

from fractions import Fraction

import click
import pytest
from hypothesis import given, strategies as st

from symssl.cli.options import Assignment, Seconds, number_typed

HUGE = ["1e999999999", "1" * 20_000, "9**9**9", "__import__('os')", "1e99999", "nan", "-inf", "1/0", "", "("]


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("symssl: ") and "Traceback" not in err


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:12])
def test_a_number_with_an_absurd_size_is_refused(run, text):
    code, _, err = run("latex", "garden", "--model", "quartic", "--set", f"a={text}")
    assert code == 2
    assert one_line(err) and len(err) < 200
    assert "not a number" in err


@given(st.lists(st.fractions(), min_size=1, max_size=3), st.sampled_from(["a", "N_x", "'", "ü"]))
def test_settings_are_read_exactly(numbers, name):
    text = f"{name}={':'.join(map(str, numbers))}"
    assert Assignment((len(numbers),), "shape").convert(text, None, None) == (name, tuple(numbers))
    with pytest.raises(click.UsageError):
        Assignment((len(numbers) + 1,), "shape").convert(text, None, None)


@pytest.mark.parametrize(
    "text", ["0:" * 10**6, "=1", "a", "a" * 2000 + "=1", "a=1:2:3:4:5"], ids=lambda text: text[:12]
)
def test_what_is_no_setting_is_refused_in_a_short_message(text):
    with pytest.raises(click.UsageError) as told:
        Assignment((1, 3), "name=number").convert(text, None, None)
    assert len(told.value.format_message()) < 200


@pytest.mark.parametrize("text", ["1e999", "1e10", "0", "-1", "nan", "1e-400"])
def test_seconds_are_what_a_clock_can_count(text):
    if text == "1e-400":
        assert Seconds().convert(text, None, None) == Fraction(1, 10**400)
        return
    with pytest.raises(click.UsageError):
        Seconds().convert(text, None, None)


@pytest.mark.parametrize("count", ["1e9", "1e99", "2.5", "-3", "1", "0", "1" * 200, "9**9"])
def test_no_axis_has_more_points_than_a_machine(run, count):
    code, _, err = run("regimes", "garden.quartic", "--x", f"a=0:1:{count}", "--fix", "b=1")
    assert code == 2 and one_line(err) and len(err) < 200


def test_an_number_typed_is_a_fraction():
    assert number_typed("1/4") == Fraction(1, 4) == number_typed("0.25")
