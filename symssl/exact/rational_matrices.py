"""Matrices of exact values: what python-flint's lack, and matrices of polynomials."""

from functools import reduce as fold
from operator import add

from flint import arb_mat, fmpq, fmpq_mat, fmpq_mpoly

__all__ = [
    "NotPolynomial",
    "PolynomialMatrix",
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

    def __init__(self, rows):
        self.rows = rows

    @classmethod
    def of(cls, M):
        return M if isinstance(M, cls) else cls([[M[i, j] for j in range(M.ncols())] for i in range(M.nrows())])

    def nrows(self):
        return len(self.rows)

    def ncols(self):
        return len(self.rows[0])

    def __getitem__(self, ij):
        return self.rows[ij[0]][ij[1]]

    def transpose(self):
        return PolynomialMatrix([list(col) for col in zip(*self.rows)])

    def __add__(self, other):
        return PolynomialMatrix([[a + b for a, b in zip(r, s)] for r, s in zip(self.rows, self.of(other).rows)])

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, (fmpq_mat, PolynomialMatrix)):
            return PolynomialMatrix([[a * other for a in r] for r in self.rows])
        columns = list(zip(*self.of(other).rows))
        return PolynomialMatrix(
            [[sum((a * b for a, b in zip(r[1:], c[1:])), r[0] * c[0]) for c in columns] for r in self.rows]
        )

    def __rmul__(self, other):
        return self.of(other) * self if isinstance(other, fmpq_mat) else self * other

    def __pow__(self, n):
        out = self
        for _ in range(n - 1):
            out = out * self
        return out

    def inv(self):
        raise NotPolynomial


def is_matrix(a):
    return isinstance(a, (fmpq_mat, arb_mat, PolynomialMatrix))


def times(a, b):
    """Product of scalars and matrices."""
    if not is_matrix(a):
        a, b = b, a
    if isinstance(b, fmpq_mpoly):
        a = PolynomialMatrix.of(a) if is_matrix(a) else a
    return a * b


def trace(M):
    return fold(add, (M[k, k] for k in range(M.nrows())))


def entries(M):
    return [M[i, j] for i in range(M.nrows()) for j in range(M.ncols())]


def identity_matrix(n):
    return fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def random_matrix(n, m, r):
    return fmpq_mat(n, m, [fmpq(r.randint(-9, 9), r.randint(1, 5)) for _ in range(n * m)])


def from_blocks(blocks):
    """One matrix from a table of blocks."""
    rows = [[b[i, j] for b in line for j in range(b.ncols())] for line in blocks for i in range(line[0].nrows())]
    return fmpq_mat(len(rows), len(rows[0]), [x for r in rows for x in r])


def block_diagonal(blocks):
    return from_blocks(
        [[B if i == j else fmpq_mat(A.nrows(), B.ncols()) for j, B in enumerate(blocks)] for i, A in enumerate(blocks)]
    )
