"""What a user hands over: text and containers are refused."""

import pytest
from hypothesis import given, strategies as st
from sympy import Rational, Symbol

from symssl import InputError
from symssl.language.inputs import as_expression, as_matrix, dimension, is_matrix


def test_exact_refuses_text_and_containers():
    for bad in ("1 + 1", None, [1], {1}, object(), True):
        with pytest.raises(InputError):
            as_expression(bad)


@given(st.fractions(max_denominator=50))
def test_numbers_are_taken_exactly(value):
    assert as_expression(value) == Rational(value.numerator, value.denominator)


@given(st.integers(-5, 5))
def test_a_dimension_is_a_positive_integer(value):
    if value > 0:
        assert dimension(value, "d") == value
    else:
        with pytest.raises(InputError, match="d must be a positive integer"):
            dimension(value, "d")


@pytest.mark.parametrize("bad", ["A", 3, Symbol("a"), None, [[1]]])
def test_what_is_no_matrix_is_named(bad):
    with pytest.raises(InputError, match="the weight must be"):
        as_matrix(bad, "the weight")
    assert not is_matrix(bad)
