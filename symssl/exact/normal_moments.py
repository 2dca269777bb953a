"""Averages of polynomials in Gaussian variables, the second way to Gaussian moments.

The entries of random vectors are written as linear forms in independent normals z_k of variance d_k; a
polynomial is expanded in them, and every monomial is averaged by E z^(2m) = (2m - 1)!! d^m.  Pairings of
vectors (Isserlis), by which moments are computed elsewhere, do not occur, so that the two ways check each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_mpoly, fmpq_mpoly_ctx

from .rational_matrices import PolynomialMatrix, identity_matrix

__all__ = ["Normals"]


class Normals:
    """Independent normals z_1 .. z_n behind a covariance matrix S = L D L^T.

    Works for any symmetric S: a moment is a polynomial in the covariances, so a
    negative "variance" is as good a test point as any.

    Parameters
    ----------
    covariance : fmpq_mat, symmetric, n x n
    mean : n rationals

    Attributes
    ----------
    values : the n Gaussian variables as polynomials in z_1 .. z_n
    variances : those of z_1 .. z_n

    Raises
    ------
    ZeroDivisionError
        For a covariance without such a factorisation: a zero variance with a covariance that is not zero.

    >>> u, v = Normals(fmpq_mat(2, 2, [2, 1, 1, 5]), [0, 3]).values
    >>> Normals(fmpq_mat(2, 2, [2, 1, 1, 5]), [0, 3]).average(u * u * v)
    6
    """

    def __init__(self, covariance: fmpq_mat, mean: Sequence[Any]) -> None:
        self.n = covariance.nrows()
        self.ctx = fmpq_mpoly_ctx.get(tuple(f"z{k}" for k in range(max(self.n, 1))), "lex")
        L, self.variances = _ldl(covariance)
        z = self.ctx.gens()
        self.values = [
            sum((z[k] * L[i, k] for k in range(self.n)), self.ctx.constant(0)) + mean[i] for i in range(self.n)
        ]

    def average(self, value: Any) -> Any:
        """The expectation of a polynomial in `values`, or of a matrix of them entry by entry."""
        if isinstance(value, PolynomialMatrix):
            entries = [[self.average(a) for a in r] for r in value.rows]
            return fmpq_mat(len(entries), len(entries[0]), [a for r in entries for a in r])
        if not isinstance(value, fmpq_mpoly):
            return value
        return sum(
            (c * prod(map(_moment, map(int, powers), self.variances)) for powers, c in value.to_dict().items()), fmpq(0)
        )


def _moment(k, variance):
    if k % 2:
        return fmpq(0)
    return prod(range(1, k, 2)) * variance ** (k // 2)


def _ldl(S):
    """S = L diag(d) L^T with unit lower triangular L."""
    n = S.nrows()
    L, d = identity_matrix(n), []
    for j in range(n):
        d.append(S[j, j] - sum((L[j, k] ** 2 * d[k] for k in range(j)), fmpq(0)))
        for i in range(j + 1, n):
            rest = S[i, j] - sum((L[i, k] * L[j, k] * d[k] for k in range(j)), fmpq(0))
            if d[j] == 0:
                if rest != 0:
                    raise ZeroDivisionError("covariance without a triangular factorisation")
                continue
            L[i, j] = rest / d[j]
    return L, d
