"""Common factors and Horner's rule: no cancellation, no overflow, no digits lost."""

import numpy as np
import pytest
import sympy as sp
from codegen_helpers import COSINE, SIX, x, y, z

from symssl.codegen.compile import compile_function


def test_the_sixth_order_field_against_its_plain_line():
    rng = np.random.default_rng(3)
    p, a, b, c, s2, rho = values = rng.uniform(0.5, 1.5, (6, 20_001))
    plain = (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p
    size = (p**2 / (a * b) + c * p**3 / b**2 + 2 * p**6 / (a * b**3)) / (1 + s2) + rho * p
    assert np.all(abs(compile_function(COSINE, SIX)(*values) - plain) <= 1e-15 * 20 * size)


@pytest.mark.parametrize("degree", [33, 200, 1000])
def test_long_polynomials(degree):
    n = sp.Symbol("n")
    expr = sp.Add(*((k + 1) * x**k for k in range(degree + 1)), x**n)
    at = np.array([-0.9, 0.3, 0.99])
    true = (1 - (degree + 2) * at ** (degree + 1) + (degree + 1) * at ** (degree + 2)) / (1 - at) ** 2 + at**2
    assert compile_function(expr, [x, n])(at, 2.0) == pytest.approx(true, rel=1e-12)


def test_cancellation_free_forms():
    small = 1e-12
    assert compile_function(sp.exp(x) - 1, [x])(small) == np.expm1(small)
    assert compile_function(3 - 3 * sp.exp(-x), [x])(small) == -3 * np.expm1(-small)
    assert compile_function(sp.log(1 + x), [x])(small) == np.log1p(small)


def test_common_factors_neither_overflow_nor_leave_a_root():
    f = compile_function([x + 1 / x, sp.sqrt(x * y + x * z)], [x, y, z])
    assert f(1e200, 1.0, 1.0)[0] == 1e200 and f(1e-200, 1.0, 1.0)[0] == 1e200
    assert f(-1.0, -2.0, -2.0)[1] == 2
