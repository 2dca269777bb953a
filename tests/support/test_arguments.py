"""Every refusal names the argument and what came; what is right comes back as what it means."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import count
from numbers import Integral

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.support.arguments import (
    MOST_DIGITS,
    all_of,
    described,
    exact_fraction,
    flag,
    instance_of,
    mapping_of,
    number,
    one_of,
    random_generator,
    room_for,
    sequence_of,
    text_of,
    whole,
)

WRONG = [None, "up", b"up", {1, 2}, np.ones(2), sp.Symbol("x"), sp.eye(2), lambda: 1, int, object(), float("nan"), 1j]


@given(st.integers(-(10**30), 10**30), st.integers(-5, 5), st.integers(0, 9))
def test_whole_numbers_between_bounds(value, least, width):
    inside = least <= value <= least + width
    for kind in (int, sp.Integer):
        if inside:
            assert whole("n", kind(value), least, least + width) == value
        else:
            with pytest.raises(InputError, match=rf"^n must be a whole number from {least} to {least + width}, not "):
                whole("n", kind(value), least, least + width)


@given(st.one_of(st.floats(), st.integers(), st.fractions()), st.floats(-5, 5), st.floats(0.1, 9))
def test_numbers_between_bounds(value, low, width):
    """Infinities and NaN lie between no bounds, and a bound is no number between them."""
    high = low + width
    try:
        inside = low < float(value) < high
    except OverflowError:
        inside = False
    if inside:
        assert number("eta", value, low, high) == float(value)
    else:
        with pytest.raises(InputError, match=r"^eta must be a number between"):
            number("eta", value, low, high)


@pytest.mark.parametrize("value", [True, np.True_, 1.0, *WRONG], ids=described)
def test_what_is_no_whole_number(value):
    with pytest.raises(InputError, match=r"^n must be a whole number of at least 0, not "):
        whole("n", value)


@pytest.mark.parametrize("value", [True, 10**400, float("inf"), *WRONG], ids=lambda v: str(v)[:9])
def test_what_is_no_number(value):
    with pytest.raises(InputError, match=r"^t must be a finite number, not "):
        number("t", value)


@pytest.mark.parametrize("value", [0, 1, *WRONG], ids=described)
def test_only_true_and_false_are_flags(value):
    with pytest.raises(InputError, match=r"^strict must be True or False, not "):
        flag("strict", value)
    assert flag("strict", True) is True
    assert flag("strict", False) is False


@pytest.mark.parametrize("value", [0, ["exact"], *WRONG], ids=described)
def test_one_of_some_words(value):
    with pytest.raises(InputError, match=r"^method must be one of 'exact', 'census', not "):
        one_of("method", value, ("exact", "census"))


@pytest.mark.parametrize("value", [value for value in [0, [("a", 1)], *WRONG] if value is not None], ids=described)
def test_what_maps_nothing(value):
    with pytest.raises(InputError, match=r"^values must be a mapping from symbols to numbers"):
        mapping_of("values", value)


@given(st.dictionaries(st.text(max_size=2), st.integers()))
def test_mappings_are_copied(values):
    copy = mapping_of("values", values)
    assert copy == values
    assert copy is not values
    assert mapping_of("values", sp.Dict()) == {} == mapping_of("values", None)


@pytest.mark.parametrize(
    "value", [3, {}, *(w for w in WRONG if not isinstance(w, (np.ndarray, sp.MatrixBase)))], ids=described
)
def test_what_is_no_sequence(value):
    with pytest.raises(InputError, match=r"^times must be a sequence of numbers, not "):
        sequence_of("times", value, "numbers")


def test_sequences_of_one_kind():
    assert sequence_of("times", (t for t in (1, 2)), "numbers") == (1, 2)
    assert all_of("labels", ["a"], str, "texts") == ("a",)
    with pytest.raises(InputError, match=r"labels must be a sequence of texts, but labels\[1\] is 2"):
        all_of("labels", ["a", 2], str, "texts")


def test_instances():
    assert instance_of("poles", 2, int) == 2
    for value, said in ((int, "the class int"), ("2", "the string '2'"), (None, "None")):
        with pytest.raises(InputError, match=rf"^poles must be an Integral, not {said}$"):
            instance_of("poles", value, Integral)
    with pytest.raises(InputError, match=r"^poles must be a whole number, not "):
        instance_of("poles", Fraction(1, 2), int, "a whole number")


@pytest.mark.parametrize("value", ["", "  ", 3, *(w for w in WRONG if not isinstance(w, str))], ids=described)
def test_blank_texts_are_none(value):
    with pytest.raises(InputError, match=r"^title must be a text, not "):
        text_of("title", value)


@given(st.integers(0, 2**64))
def test_a_seed_and_its_generator_give_the_same(seed):
    assert random_generator(seed).integers(10**9) == random_generator(np.random.default_rng(seed)).integers(10**9)


@pytest.mark.parametrize(
    "value", ["7", 1.0, True, -1, np.random.RandomState(1), object(), {}, lambda: 1], ids=described
)
def test_what_is_no_seed(value):
    with pytest.raises(InputError, match=r"^rng must be a seed, a numpy.random.Generator or None, not "):
        random_generator(value)


def test_seeds_of_several_numbers_are_flat():
    """NumPy goes into a sequence whose items are sequences: into one that holds itself until the stack is gone."""
    within_itself = [1]
    within_itself.append(within_itself)
    for value in (np.matrix([[1, 2]]), within_itself, [[1, 2], [3]], np.ones((2, 2), int), [1.5], ["7"], count()):
        for stream in (None, 3):
            with pytest.raises(InputError, match="rng must be"):
                random_generator(value, stream)
        with pytest.raises(InputError, match="stream must be"):
            random_generator(7, value)
    for value in ([1, 2], (1, 2), np.array([1, 2])):
        assert random_generator(value).integers(10**9) == np.random.default_rng([1, 2]).integers(10**9)
        assert random_generator(value, 3).integers(10**9) == np.random.default_rng([1, 2, 3]).integers(10**9)


@given(st.text() | st.lists(st.text()) | st.binary() | st.floats())
def test_descriptions_are_short_and_on_one_line(value):
    assert len(described(value)) < 100
    assert "\n" not in described(value)


def test_mappings_of_other_libraries_count():
    class Own(Mapping):
        def __getitem__(self, key):
            return {"a": 1}[key]

        def __iter__(self):
            return iter("a")

        def __len__(self):
            return 1

    assert mapping_of("values", Own()) == {"a": 1}


@given(st.fractions() | st.decimals(allow_nan=False, allow_infinity=False).map(Fraction))
def test_numbers_are_read_as_what_they_say(value):
    assert exact_fraction(str(value)) == value
    if value.denominator == 1:
        assert exact_fraction(f" {value}.0 ") == exact_fraction(f"{value}e0") == value


@given(st.text(max_size=12) | st.text("0123456789.eE+-/_ *()", max_size=8))
def test_what_is_read_is_what_python_reads_exactly_or_refused(text):
    found, told = None, ""
    try:
        found = exact_fraction(text)
    except InputError as error:
        told = str(error)
    assert "is not a number; write 3, 0.5 or 1/4" in told if found is None else found == Fraction(text)


@pytest.mark.parametrize(
    "text",
    [
        "1e99999",
        "1e-99999",
        "1e999999999999",
        "1" * (MOST_DIGITS + 1),
        "9**9**9",
        "1e5e5",
        "nan",
        "inf",
        "1/0",
        "",
        "(",
        "0x1",
    ],
    ids=lambda text: text[:12],
)
def test_what_would_fill_the_memory_is_never_made(text):
    with pytest.raises(InputError) as told:
        exact_fraction(text)
    assert len(str(told.value)) < 120


@pytest.mark.parametrize("count", [10**11, 10**30, 10**400, 10**10_000], ids=int.bit_length)
def test_what_does_not_fit_into_memory_is_refused_with_its_count(count):
    with pytest.raises(InputError, match=r"the grid asks for about 10\^\d+ numbers, .*: take fewer") as told:
        room_for("the grid", count, "take fewer")
    assert abs(int(str(told.value).split("10^")[1].split()[0]) - (len(bin(count)) - 2) * 0.30103) <= 1
    assert room_for("the grid", 1000, "take fewer") == 1000


def test_numbers_of_thousands_of_digits_are_described():
    for value in (10**400, -(10**10_000), sp.Integer(10) ** 10_000, [10**10_000]):
        assert len(described(value)) < 100
