"""Sums under a shared index: single and multiple sums meet, and nothing false is proved."""

import pytest
from sympy import MatrixSymbol, exp, symbols

from symssl import inner, matrix_equal, samples, sq, total
from symssl.errors import Undecided

N, d = symbols("N d", integer=True, positive=True)
i, j, k = symbols("i j k")
W = MatrixSymbol("W", d, d)
X, Y = samples("x", d, N), samples("y", d, N)


def weight(i, j):
    return exp(inner(X[i], Y[j]))


def softmax(i, j, k):
    return weight(i, j) / total(weight(i, k), k)


@pytest.mark.parametrize(
    "left, right",
    [
        (total(softmax(i, j, k) * sq(X[i]), i, j), total(sq(X[i]), i)),
        (total(softmax(i, j, k) * X[i] * X[i].T, i, j), total(X[i] * X[i].T, i)),
        (total(softmax(i, j, k) ** 2 * softmax(i, j, k) ** -1 * X[i] * X[i].T, i, j), total(X[i] * X[i].T, i)),
        (
            total(softmax(i, j, k) * inner(X[i] - X[j], X[i]) ** 2, i, j),  # the square of a ball around zero
            total(softmax(i, j, k) * inner(X[j] - X[i], X[i]) ** 2, i, j),
        ),
        (1 - total(softmax(i, j, k) * sq(X[i]), i, j) / total(sq(X[i]), i), 0),
        (
            total((1 - softmax(i, i, k)) * sq(X[i]), i),
            total((softmax(i, j, k) - softmax(i, i, k)) * sq(X[i]), i, j)
            + (N - 1) * total(softmax(i, i, k) * sq(X[i]), i),
        ),
    ],
)
def test_the_rows_of_a_softmax_sum_to_one(left, right):
    assert matrix_equal(left, right)


@pytest.mark.parametrize(
    "left, right",
    [
        (total(softmax(i, j, k) * sq(X[j]), i, j), total(sq(X[i]), i)),  # columns do not
        (total(softmax(i, j, k) ** 2 * sq(X[i]), i, j), total(sq(X[i]), i)),
        (total(softmax(i, j, k) * X[i] * X[j].T, i, j), total(X[i] * X[i].T, i)),
    ],
)
def test_what_is_false_is_refuted(left, right):
    try:
        assert not matrix_equal(left, right)
    except Undecided:
        pytest.fail("an instance should tell the sides apart")
