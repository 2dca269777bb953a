"""Matrices of exact values: operations that python-flint's matrices lack, and matrices of polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce as fold
from operator import add
from random import Random
from typing import Any

from flint import arb_mat, fmpq, fmpq_mat, fmpq_mpoly

__all__ = [
    "NotPolynomial",
    "PolynomialMatrix",
    "as_floats",
    "block_diagonal",
    "entries",
    "from_blocks",
    "identity_matrix",
    "is_matrix",
    "random_matrix",
    "times",
    "trace",
]


class NotPolynomial(Exception):
    """An operation that leaves polynomials."""


class PolynomialMatrix:
    """A matrix of polynomials: the few operations that an evaluation needs."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = rows

    @classmethod
    def of(cls, M: Any) -> PolynomialMatrix:
        """The matrix itself, or one of the entries of a `fmpq_mat`."""
        return M if isinstance(M, cls) else cls([[M[i, j] for j in range(M.ncols())] for i in range(M.nrows())])

    def nrows(self) -> int:
        return len(self.rows)

    def ncols(self) -> int:
        return len(self.rows[0])

    def __getitem__(self, ij: tuple[int, int]) -> Any:
        return self.rows[ij[0]][ij[1]]

    def transpose(self) -> PolynomialMatrix:
        return PolynomialMatrix([list(col) for col in zip(*self.rows)])

    def __add__(self, other: Any) -> PolynomialMatrix:
        return PolynomialMatrix([[a + b for a, b in zip(r, s)] for r, s in zip(self.rows, self.of(other).rows)])

    __radd__ = __add__

    def __mul__(self, other: Any) -> PolynomialMatrix:
        if not isinstance(other, (fmpq_mat, PolynomialMatrix)):
            return PolynomialMatrix([[a * other for a in r] for r in self.rows])
        columns = list(zip(*self.of(other).rows))
        return PolynomialMatrix(
            [[sum((a * b for a, b in zip(r[1:], c[1:])), r[0] * c[0]) for c in columns] for r in self.rows]
        )

    def __rmul__(self, other: Any) -> PolynomialMatrix:
        return self.of(other) * self if isinstance(other, fmpq_mat) else self * other

    def __pow__(self, n: int) -> PolynomialMatrix:
        out = self
        for _ in range(n - 1):
            out = out * self
        return out

    def inv(self) -> PolynomialMatrix:
        """An inverse has entries that are no polynomials: always raises `NotPolynomial`."""
        raise NotPolynomial


def is_matrix(a: Any) -> bool:
    """Whether a value is one of the matrices of this module, not a scalar."""
    return isinstance(a, (fmpq_mat, arb_mat, PolynomialMatrix))


def times(a: Any, b: Any) -> Any:
    """The product of two scalars, or of a scalar and a matrix in either order."""
    if not is_matrix(a):
        a, b = b, a
    if isinstance(b, fmpq_mpoly):
        a = PolynomialMatrix.of(a) if is_matrix(a) else a
    return a * b


def trace(M: Any) -> Any:
    """The sum of the diagonal."""
    return fold(add, (M[k, k] for k in range(M.nrows())))


def entries(M: Any) -> list[Any]:
    """All entries, row by row."""
    return [M[i, j] for i in range(M.nrows()) for j in range(M.ncols())]


def as_floats(M: fmpq_mat) -> list[list[float]]:
    """The rows of a rational matrix as the nearest floats, for NumPy.

    >>> as_floats(fmpq_mat(1, 2, [fmpq(1, 2), 3]))
    [[0.5, 3.0]]
    """
    # Python divides integers with one rounding; versions of python-flint before 0.9 have no float(fmpq)
    return [[int(M[i, j].p) / int(M[i, j].q) for j in range(M.ncols())] for i in range(M.nrows())]


def identity_matrix(n: int) -> fmpq_mat:
    """The n x n identity."""
    return fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def random_matrix(n: int, m: int, random: Random) -> fmpq_mat:
    """Small rationals, numerators up to 9 and denominators up to 5."""
    return fmpq_mat(n, m, [fmpq(random.randint(-9, 9), random.randint(1, 5)) for _ in range(n * m)])


def from_blocks(blocks: Sequence[Sequence[Any]]) -> fmpq_mat:
    """One matrix from a table of blocks."""
    rows = [[b[i, j] for b in line for j in range(b.ncols())] for line in blocks for i in range(line[0].nrows())]
    return fmpq_mat(len(rows), len(rows[0]), [x for r in rows for x in r])


def block_diagonal(blocks: Sequence[Any]) -> fmpq_mat:
    """Square blocks along the diagonal, zeros elsewhere."""
    return from_blocks(
        [[B if i == j else fmpq_mat(A.nrows(), B.ncols()) for j, B in enumerate(blocks)] for i, A in enumerate(blocks)]
    )
