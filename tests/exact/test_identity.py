"""The zero test on roots of exponentials: sqrt(exp(x)) is exp(x/2), also inside a factored radicand."""

import pytest
from sympy import exp, sqrt, symbols

from symssl.exact.identity import compare

a, b = symbols("a b", positive=True)
u = symbols("u", real=True)


@pytest.mark.parametrize(
    "left, right",
    [
        (sqrt(exp(u) * a), exp(u / 2) * sqrt(a)),
        (exp(u) / sqrt(1 / a + exp(2 * u) - 1), 1 / sqrt(exp(-2 * u) / a + 1 - exp(-2 * u))),
        (sqrt(a * exp(-3 * u) + b * exp(u)), exp(u / 2) * sqrt(a * exp(-4 * u) + b)),
        ((a * exp(u) + a * b * exp(u)) ** (a**0 / 3), exp(u / 3) * (a * (1 + b)) ** (a**0 / 3)),
    ],
)
def test_exponentials_leave_a_radicand(left, right):
    assert compare(left, right).equal
    assert not compare(left, 2 * right).equal


@pytest.mark.parametrize("right", [exp(u) * sqrt(a), exp(-u / 2) * sqrt(a), -exp(u / 2) * sqrt(a)])
def test_the_exponent_is_halved_and_the_root_positive(right):
    assert not compare(sqrt(exp(u) * a), right).equal
