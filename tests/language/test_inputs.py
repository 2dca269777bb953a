"""What a user hands over: text and containers are refused."""

import pytest
from hypothesis import given, strategies as st
from sympy import Lambda, Matrix, MatrixSymbol, Rational, Symbol

from symssl import InputError
from symssl.language.inputs import as_expression, as_matrix, as_scalar, dimension, is_matrix


def test_exact_refuses_text_and_containers():
    for bad in ("1 + 1", None, [1], {1}, object(), True, Lambda(Symbol("x"), 1), Symbol("z", commutative=False)):
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


@pytest.mark.parametrize("bad", [MatrixSymbol("A", 2, 2), Matrix([[1, 2]]), Matrix(0, 0, []), "a", [1]])
def test_what_is_no_scalar_is_named(bad):
    with pytest.raises(InputError, match="the rate must be a scalar"):
        as_scalar(bad, "the rate")
    assert as_scalar(Symbol("a"), "the rate") == Symbol("a")
