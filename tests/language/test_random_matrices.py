"""Random matrices: a name with a law; what is no law is refused."""

import pickle

import pytest
from hypothesis import given, strategies as st
from sympy import MatrixSymbol, symbols

from symssl import InputError
from symssl.language import RandomMatrix, frame, gaussian_matrix

h, d = symbols("h d", integer=True, positive=True)


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_frame_has_no_more_columns_than_rows(rows, columns):
    assert gaussian_matrix("Q", rows, columns).law == "gaussian"
    if columns > rows:
        with pytest.raises(InputError, match="orthonormal"):
            frame("Q", rows, columns)
    else:
        made = frame("Q", rows, columns)
        assert made.shape == (rows, columns) and made.law == "frame"


def test_the_law_is_part_of_the_name():
    Q, G = frame("Q", h, d), gaussian_matrix("Q", h, d)
    assert Q != G and Q != MatrixSymbol("Q", h, d) and Q == frame("Q", h, d)
    assert Q.xreplace({h: 7, d: 2}).shape == (7, 2) and Q.xreplace({h: 7}).law == "frame"
    assert Q.T.T == Q == pickle.loads(pickle.dumps(Q)) == Q.func(*Q.args)


@pytest.mark.parametrize("arguments", [("Q", h, d, "uniform"), ("Q", h, d, None)])
def test_what_is_no_law(arguments):
    with pytest.raises(InputError):
        RandomMatrix(*arguments)


@pytest.mark.parametrize("arguments", [("Q", -1, d), (2, h, d), ("Q", h, d / 0)])
def test_what_is_no_shape(arguments):
    for make in (frame, gaussian_matrix):
        with pytest.raises(InputError):
            make(*arguments)
