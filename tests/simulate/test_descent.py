"""Descent and the flow it discretises: against matrix exponentials, conserved quantities, order of the error."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import expm

from symssl.errors import InputError, Refusal
from symssl.simulate import (
    descend,
    follow,
)

unit = st.floats(-1, 1)


@given(arrays(float, (3, 3), elements=unit), arrays(float, (3, 2), elements=unit))
def test_linear_flow_against_the_matrix_exponential(matrix, start):
    path = follow(lambda w: {"W": matrix @ w["W"]}, {"W": start}, [0, 0.5, 2])
    for t, w in zip(path.times, path["W"]):
        assert np.abs(w - expm(t * matrix) @ start).max() < 1e-9 * np.exp(6)  # growth at most exp(3 t)


def test_two_weights_keep_their_shapes_and_balance():
    """Gradient flow of |B A - M|^2/2 keeps A A^T - B^T B."""
    rng = np.random.default_rng(2)
    target, start = rng.normal(size=(2, 4)), {"A": rng.normal(size=(3, 4)), "B": rng.normal(size=(2, 3))}

    def residual(w):
        return w["B"] @ w["A"] - target

    field = {"B": lambda w: -residual(w) @ w["A"].T, "A": lambda w: -w["B"].T @ residual(w)}
    path = follow(field, start, np.linspace(0, 40, 5))
    a, b = path["A"], path["B"]
    assert a.shape == (5, 3, 4) and b.shape == (5, 2, 3)
    balance = a @ a.transpose(0, 2, 1) - b.transpose(0, 2, 1) @ b
    assert np.abs(balance - balance[0]).max() < 1e-8
    assert np.abs(b[-1] @ a[-1] - target).max() < 1e-6


def test_descent_converges_to_the_flow_at_first_order():
    start, times = {"x": np.array([2.0])}, [0, 1]
    flow = follow(lambda w: {"x": -(w["x"] ** 3)}, start, times)["x"][-1]
    errors = []
    for n in (64, 128, 256):
        last = next(islice(descend(lambda w: {"x": w["x"] ** 3}, start, 1 / n), n, None))
        errors.append(abs(last["x"] - flow)[0])
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([1, 1], abs=0.1)


def test_descent_refuses_bad_input():
    with pytest.raises(InputError, match="rate"):
        descend(lambda w: w, {"x": 1.0}, 0)
    with pytest.raises(InputError, match="x is empty or not finite"):
        descend(lambda w: w, {"x": np.nan}, 1)
    with pytest.raises(InputError, match="no weights"):
        follow(lambda w: w, {}, [0, 1])
    with pytest.raises(InputError, match="a key of start must be the name of a weight"):
        follow(lambda w: w, {3: 1.0}, [0, 1])
    with pytest.raises(InputError, match="increasing"):
        follow(lambda w: w, {"x": 1.0}, [0, 0])
    with pytest.raises(InputError, match="shape"):
        next(islice(descend(lambda w: {"x": np.ones(2)}, {"x": 1.0}, 1), 1, None))
    with pytest.raises(InputError, match="gradient must give a derivative of x; got y"):
        next(islice(descend(lambda w: {"y": 1.0}, {"x": 1.0}, 1), 1, None))
    with pytest.raises(Refusal, match="stopped"):
        follow(lambda w: {"x": w["x"] ** 2}, {"x": 1.0}, [0, 2])
