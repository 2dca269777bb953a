"""What a user gives as numbers."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Integer, Rational, symbols

from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, SoftmaxContrast, cross_correlation, mode_moments, train
from symssl.support.arrays import reals
from symssl.trajectory import crossing_times

KINDS = st.sampled_from([np.int8, np.uint16, np.float32, float, bool])


@given(st.lists(st.integers(0, 1), max_size=5), KINDS)
def test_numbers_of_every_kind_are_doubles_of_their_own(values, kind):
    given = np.array(values, kind)
    found = reals("x", given)
    assert found.dtype == float
    assert found.tolist() == values
    assert not np.shares_memory(found, given)


def test_exact_numbers_are_numbers():
    assert reals("x", [Integer(1), Rational(1, 2)]).tolist() == [1, 0.5]


@pytest.mark.parametrize("value", ["one", [[1], [1, 2]], [None, {}], ["1", "2"], "1", [symbols("x")], object()])
def test_what_is_no_number_is_named(value):
    with pytest.raises(InputError, match="speed is no array of real numbers"):
        reals("speed", value)


Z = np.ones((3, 2)) * 1j


@pytest.mark.parametrize(
    "call",
    [
        lambda: reals("x", 1j),
        lambda: cross_correlation(Z, Z),
        lambda: CrossCorrelation(Z.T @ Z, 1),
        lambda: SoftmaxContrast(Z, Z),
        lambda: train(CrossCorrelation(np.eye(2), 1), steps=1, eta=0.1, start={"W": np.ones((1, 2)) * 1j}),
        lambda: mode_moments([1j], [1.0], 0.5),
        lambda: crossing_times([0, 1], [0, 1j]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_complex_numbers_are_refused_and_not_cut(call):
    with pytest.raises(InputError, match="complex"):
        call()
