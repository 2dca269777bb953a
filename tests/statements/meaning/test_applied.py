"""Functions and entries at concrete values, against SymPy's own."""

from random import Random

import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from symssl.language import Apply, Entry, function
from symssl.statements.meaning.applied import a_function
from symssl.statements.meaning.scene import Scene, Unknown

v = sp.Symbol("v", real=True)
W = sp.MatrixSymbol("W", 2, 3)
k = sp.Symbol("k", integer=True)
NOTHING = Scene({})
phi = function("phi")
rationals = st.fractions(-3, 3, max_denominator=7)


@given(st.integers(0, 10**6), st.integers(0, 2), st.lists(rationals, min_size=6, max_size=6))
def test_values_and_derivatives_of_functions_are_taken_entry_by_entry(seed, order, entries):
    f = a_function(Random(seed))
    matrix = sp.ImmutableMatrix(2, 3, [sp.Rational(e.numerator, e.denominator) for e in entries])
    found = Scene({phi: f, W: NOTHING.value(matrix)}).value(phi(W, order))
    derivative = f.expr.diff(f.variables[0], order)
    for place, number in enumerate(matrix):
        wanted = derivative.subs(f.variables[0], number)
        got = found[divmod(place, 3)]
        assert abs(float(got) - float(wanted)) < 1e-12 * (1 + abs(float(wanted)))


@given(st.integers(1, 2), st.integers(1, 3))
def test_entries(row, column):
    matrix = sp.ImmutableMatrix(2, 3, range(1, 7))
    assert Scene({W: NOTHING.value(matrix)}).value(Entry(W, row, column)) == fmpq(int(matrix[row - 1, column - 1]))


@pytest.mark.parametrize(
    "term, values",
    [
        (phi(v), {v: fmpq(1)}),
        (phi(v), {v: fmpq(1), phi: fmpq(1)}),
        (Entry(W, k, 1), {W: NOTHING.value(sp.ImmutableMatrix.ones(2, 3)), k: fmpq(3)}),
    ],
)
def test_what_has_no_value(term, values):
    with pytest.raises(Unknown):
        Scene(values).value(term)


def test_a_function_that_is_given():
    assert Scene({v: fmpq(1, 2)}).value(Apply(sp.Lambda(v, v**2), v + 1)) == fmpq(9, 4)
