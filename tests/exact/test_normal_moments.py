"""Averages over independent normals, against double factorials and product quadrature."""

from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, strategies as st

from symssl.exact.normal_moments import Normals
from symssl.exact.rational_matrices import PolynomialMatrix


def odd_product(k):
    """(2k - 1)!! = (2k)!/(2^k k!), the number of pairings of 2k."""
    return factorial(2 * k) // (2**k * factorial(k))


@pytest.mark.parametrize("k", range(9))
@pytest.mark.parametrize("variance", [fmpq(1), fmpq(3, 2), fmpq(0), fmpq(-2, 3)])
def test_powers_of_one_normal(k, variance):
    """Of odd degree 0, of even degree (2k - 1)!! variance^k; a polynomial in the variance, whatever its sign."""
    normals = Normals(fmpq_mat(1, 1, [variance]), [fmpq(0)])
    (z,) = normals.values
    assert normals.average(z ** (2 * k)) == odd_product(k) * variance**k
    assert normals.average(z ** (2 * k + 1)) == 0
    (shifted,) = Normals(fmpq_mat(1, 1, [variance]), [fmpq(2)]).values
    wanted = sum(comb(k, 2 * j) * fmpq(2) ** (k - 2 * j) * odd_product(j) * variance**j for j in range(k // 2 + 1))
    assert normals.average(shifted**k) == wanted


def test_the_first_even_moments_are_1_1_3_15_105_945_10395():
    normals = Normals(fmpq_mat(1, 1, [fmpq(1)]), [fmpq(0)])
    (z,) = normals.values
    assert [int(normals.average(z**k)) for k in range(0, 13, 2)] == [1, 1, 3, 15, 105, 945, 10395]


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 3))
def test_averages_of_polynomials_against_gauss_hermite_quadrature(seed, size, rank):
    """Eight nodes an axis are exact up to degree 15; the factor comes from eigenvalues, not from L D L^T."""
    rng = np.random.default_rng(seed)
    root, mean = rng.integers(-2, 3, (size, min(rank, size))), rng.integers(-2, 3, size)
    S = root @ root.T
    normals = Normals(fmpq_mat(size, size, [int(s) for s in S.ravel()]), [fmpq(int(v)) for v in mean])
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    values, V = np.linalg.eigh(S)
    factor = V * np.sqrt(np.clip(values, 0, None))
    grid = np.array(list(product(nodes, repeat=size))) @ factor.T + mean
    weight = np.array(list(map(np.prod, product(weights, repeat=size))))
    for powers in rng.integers(0, 6 - size, (5, size)):
        exact = normals.average(prod(v ** int(k) for v, k in zip(normals.values, powers)))
        numeric = weight @ np.prod(grid**powers, axis=1)
        scale = weight @ np.prod(abs(grid) ** powers, axis=1)
        assert float(exact.p) / float(exact.q) == pytest.approx(numeric, rel=1e-9, abs=1e-9 * scale + 1e-12)


def test_averages_of_matrices_and_constants_and_of_a_covariance_without_factor():
    """Entry by entry; and zero variance with a covariance that is not zero cannot be factored."""
    normals = Normals(fmpq_mat(2, 2, [2, 1, 1, 5]), [fmpq(0), fmpq(3)])
    u, v = normals.values
    average = normals.average(PolynomialMatrix([[u * u, u * v], [v, v * v], [u * u * v * v, u]]))
    # E u^2 v^2 = S_uu (S_vv + 9) + 2 S_uv^2 = 2*14 + 2
    assert average == fmpq_mat(3, 2, [2, 1, 3, 14, 30, 0])
    assert normals.average(fmpq(7, 2)) == fmpq(7, 2)
    with pytest.raises(ZeroDivisionError, match="triangular"):
        Normals(fmpq_mat(2, 2, [0, 1, 1, 0]), [fmpq(0), fmpq(0)])
    held = Normals(fmpq_mat(2, 2, [0, 0, 0, 4]), [fmpq(1), fmpq(0)])
    assert held.average(held.values[0] * held.values[1] ** 2) == 4
