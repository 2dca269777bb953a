"""Exact numbers, against Python's Fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.exact.numbers import (
    as_fmpq,
    as_sympy_number,
    exact_expression,
    exact_number,
    exact_values,
    is_zero,
    without_floats,
)

x, k = sp.symbols("x k", real=True)
floats = st.floats(allow_nan=False, allow_infinity=False)


@given(st.fractions())
def test_fractions_and_rationals_are_one_number(value):
    one = sp.Rational(value.numerator, value.denominator)
    assert (
        as_sympy_number(value) == as_sympy_number(as_fmpq(value)) == as_sympy_number(one) == exact_number(value) == one
    )
    assert as_fmpq(value) == as_fmpq(one) == fmpq(value.numerator, value.denominator)


@given(floats)
def test_a_float_is_the_fraction_it_is(value):
    wanted = Fraction(value)
    for given_ in (value, np.float64(value), sp.Float(value, 17)):
        number = exact_number(given_)
        assert (number.p, number.q) == (wanted.numerator, wanted.denominator)
    assert exact_expression("e", sp.Float(value, 17) * x) == sp.Rational(value) * x
    with pytest.raises(InputError, match="not an exact number"):
        as_sympy_number(value)


@given(st.integers())
def test_integers_of_every_kind(value):
    assert exact_number(value) == value == as_sympy_number(value)
    if abs(value) < 2**62:
        assert exact_number(np.int64(value)) == value


ASSUMPTIONS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "even", "odd", "prime")


@given(st.sampled_from(ASSUMPTIONS), st.booleans(), st.fractions(-6, 6, max_denominator=3))
def test_assumptions_are_kept(assumption, holds, value):
    symbol = sp.Symbol("s", real=True, **{assumption: holds})
    if getattr(sp.Rational(value), f"is_{assumption}") is not holds:
        with pytest.raises(InputError, match="s is declared"):
            exact_number(value, symbol)


@pytest.mark.parametrize(
    "value, message",
    [
        (math.nan, "NaN"),
        (math.inf, "infinite"),
        (sp.nan, "finite"),
        (sp.oo, "finite"),
        (True, "must be a number, not True"),
        ("1", "the string '1'"),
        (x, "finite number"),
        (1j, "must be a number"),
        (None, "None"),
    ],
)
def test_what_is_no_number(value, message):
    with pytest.raises(InputError, match=message):
        exact_number(value, k)


ROOTS = sp.Poly(x**5 - x - 1).real_roots()
ZEROS = [
    (x + 1) ** 2 - x**2 - 2 * x - 1,
    1 / (x - 1) - 1 / (x + 1) - 2 / (x**2 - 1),
    sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6),
    sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3),
    sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
    ROOTS[0] ** 5 - ROOTS[0] - 1,
]


@pytest.mark.parametrize("zero", ZEROS, ids=str)
def test_zero_and_what_is_nearly_zero(zero):
    assert is_zero(zero) and not is_zero(zero + sp.Rational(1, 10**30))


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.lists(st.integers(-3, 3), min_size=3, max_size=3))
def test_polynomials_vanish_where_their_coefficients_do(first, second):
    p, q = (sum(c * x**n for n, c in enumerate(coefficients)) for coefficients in (first, second))
    assert is_zero((p - q) / (1 + x**2)) == (first == second)


def test_values_by_symbol_or_name():
    assert exact_values({"k": 0.5, x: 2}, [k]) == {k: sp.Rational(1, 2), x: 2} and exact_values(None, [k]) == {}
    for values, message in (
        ({"kk": 1}, "did you mean k"),
        ({1: 1}, "symbol or its name"),
        ([k], "values must be a mapping"),
        ({k: "1"}, "value of k"),
    ):
        with pytest.raises(InputError, match=message):
            exact_values(values, [k])
    with pytest.raises(InputError, match="a value belongs to a symbol, not to an object"):
        exact_number(b"x", object())


def test_expressions_are_scalars():
    for wrong in (
        "x",
        sp.Matrix([x]),
        sp.MatrixSymbol("A", 2, 2),
        x > 0,
        None,
        True,
        {x: 1},
        sp.Lambda(x, x),
        sp.Symbol("z", commutative=False),
    ):
        with pytest.raises(InputError, match="the rate must be an expression"):
            exact_expression("the rate", wrong)
    for infinite in (sp.oo, sp.zoo * x, sp.nan):
        with pytest.raises(InputError, match="not finite"):
            exact_expression("the rate", infinite)
    assert without_floats(x**0.5) == sp.sqrt(x) and without_floats(x + 1) == x + 1
    with pytest.raises(InputError, match="not a rational number"):
        as_fmpq(sp.sqrt(2))
