"""Powers, exponentials and logarithms of scalars have one form."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st
from sympy import (
    MatrixSymbol,
    Mul,
    Symbol,
    Trace,
    exp,
    log,
    pi,
    sqrt,
    symbols,
)

from symssl import InputError, norm, sq
from symssl.words import functions, write
from symssl.words.functions import power
from symssl.words.polynomials import scalar
from symssl.words.reading import read
from symssl.words.vanishing import vanishes

n, k, m = symbols("n k m", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
s, t = symbols("s t", positive=True)
c = Symbol("c", real=True)


def test_scalars_by_hand():
    assert read(log(6) - log(2) - log(3)) == read(0)
    assert read(log(sqrt(2) * s)) == read(log(2) / 2 + log(s))
    assert read(exp(s) * exp(t) / exp(s + t)) == read(1)
    assert read(exp(2 * log(s))) == read(s**2)
    assert read(sqrt(s**2 * sq(A))) == read(s * norm(A))
    assert read(sqrt(c**2)) != read(c)
    assert read(2 ** Trace(A) * 2 ** -Trace(A)) == read(1)
    assert read(s**c * s**-c) == read(1)
    assert read(sqrt(6) * sqrt(10)) == read(2 * sqrt(15))
    assert vanishes(read(1 / (1 + s) + s / (1 + s) - 1))
    assert not vanishes(read(1 / (1 + s) - 1 / (1 + t)))
    assert read(pi * s - s * pi) == read(0)


positive = st.lists(st.tuples(st.sampled_from([s, t, norm(A), exp(s)]), st.integers(-3, 3)), max_size=3)
positive = positive.map(lambda factors: Mul(*(a**e for a, e in factors)))
exponents = st.fractions(-3, 3, max_denominator=3)


@given(positive, exponents, exponents)
def test_powers_add_their_exponents(e, a, b):
    base = read(e)
    assert vanishes(power(base, a) * power(base, b) - power(base, a + b))
    assert vanishes(power(power(base, a), b) - power(base, a * b))


@given(positive, positive)
def test_logarithms_and_exponentials_are_inverse(a, b):
    assert functions.log(read(a) * read(b)) == functions.log(read(a)) + functions.log(read(b))
    assert vanishes(functions.exp(functions.log(read(a))) - read(a))
    assert functions.exp(read(s * 2) + read(t)) == functions.exp(read(s)).power(2) * functions.exp(read(t))


@given(st.fractions(Fraction(1, 50), 50, max_denominator=50), exponents)
def test_powers_of_numbers_against_floats(q, e):
    value = write(power(scalar(q), e))
    assert abs(float(value) / float(q) ** float(e) - 1) < 1e-12


def test_what_is_no_number_is_refused():
    for make in (
        lambda: power(scalar(0), -1),
        lambda: functions.log(scalar(0)),
    ):
        with pytest.raises(InputError):
            make()
