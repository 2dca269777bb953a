"""Values of parameters by Symbol or name."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Symbol, symbols

from symssl.errors import InputError
from symssl.trajectory.parameters import parameter_values

PARAMETERS = a, b, c = symbols("a b c")


@given(st.permutations(PARAMETERS), st.lists(st.booleans(), min_size=3, max_size=3), st.floats(-9, 9))
def test_the_order_is_that_of_the_parameters(order, by_name, number):
    values = {q.name if named else q: [number, order.index(q)] for q, named in zip(order, by_name)}
    arrays = parameter_values(PARAMETERS, values)
    assert [array.tolist() for array in arrays] == [[number, order.index(q)] for q in PARAMETERS]


@pytest.mark.parametrize(
    "values, culprit",
    [
        (None, "no number for the parameters a, b, c"),
        ({a: 1, b: 2}, "no number for the parameters c"),
        ({a: 1, "a": 1, b: 2, c: 3}, "gives a twice"),
        ({a: 1, b: 2, c: 3, "d": 4}, "does not have: d"),
        ({a: 1, b: 2, c: np.inf}, "parameter c is not finite"),
        ({a: 1, b: 2, c: "x"}, "parameter c"),
        ({a + b: 1}, "keys of values must be symbols or names"),
        ([1, 2, 3], "values must be a mapping"),
        ("abc", "values must be a mapping"),
    ],
)
def test_bad_values_are_named(values, culprit):
    with pytest.raises(InputError, match=culprit):
        parameter_values(PARAMETERS, values)


@pytest.mark.parametrize("assumption, good", [("positive", 1.0), ("negative", -1.0), ("nonnegative", 2.0)])
def test_values_keep_the_sign_of_their_symbol(assumption, good):
    q = Symbol("q", **{assumption: True})
    assert parameter_values((q,), {q: [good, 0.0]})[0].tolist() == [good, 0.0]
    for value in (-good, [good, -good]):
        with pytest.raises(InputError, match="q is declared non"):
            parameter_values((q,), {"q": value})
