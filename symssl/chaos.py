"""Matrices whose entries are polynomials in independent normal variables.

The recheck of Gaussian moments: vectors are written entry by entry as linear
forms in independent normals z_k of variance d_k, a polynomial expression is
expanded in them, and every monomial is averaged by
E z^(2m) = (2m - 1)!! d^m.  No pairing of vectors occurs anywhere.
"""

from math import prod

from flint import fmpq, fmpq_mat, fmpq_mpoly, fmpq_mpoly_ctx

__all__ = ["PolynomialMatrix", "Normals", "NotPolynomial"]


class NotPolynomial(Exception):
    """An operation that leaves polynomials."""


class PolynomialMatrix:
    """The few matrix operations that an evaluation needs."""

    def __init__(self, rows):
        self.rows = rows

    @classmethod
    def of(cls, M):
        return M if isinstance(M, cls) else cls(
            [[M[i, j] for j in range(M.ncols())] for i in range(M.nrows())])

    def nrows(self):
        return len(self.rows)

    def ncols(self):
        return len(self.rows[0])

    def __getitem__(self, ij):
        return self.rows[ij[0]][ij[1]]

    def transpose(self):
        return PolynomialMatrix([list(col) for col in zip(*self.rows)])

    def __add__(self, other):
        return PolynomialMatrix([[a + b for a, b in zip(r, s)]
                                 for r, s in zip(self.rows, self.of(other).rows)])

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, (fmpq_mat, PolynomialMatrix)):
            return PolynomialMatrix([[a*other for a in r] for r in self.rows])
        columns = list(zip(*self.of(other).rows))
        return PolynomialMatrix([[sum((a*b for a, b in zip(r[1:], c[1:])), r[0]*c[0])
                                  for c in columns] for r in self.rows])

    def __rmul__(self, other):
        return self.of(other)*self if isinstance(other, fmpq_mat) else self*other

    def __pow__(self, n):
        out = self
        for _ in range(n - 1):
            out = out*self
        return out

    def inv(self):
        raise NotPolynomial


class Normals:
    """Independent normals z_1 .. z_n behind a covariance matrix S = L D L^T.

    Works for any symmetric S: a moment is a polynomial in the covariances, so a
    negative "variance" is as good a test point as any.
    """

    def __init__(self, covariance, mean):
        self.n = covariance.nrows()
        self.ctx = fmpq_mpoly_ctx.get(tuple(f"z{k}" for k in range(max(self.n, 1))), "lex")
        L, self.variances = _ldl(covariance)
        z = self.ctx.gens()
        self.values = [sum((z[k]*L[i, k] for k in range(self.n)), self.ctx.constant(0)) + mean[i]
                       for i in range(self.n)]

    def average(self, value):
        """Expectation of a polynomial or a matrix of polynomials."""
        if isinstance(value, PolynomialMatrix):
            entries = [[self.average(a) for a in r] for r in value.rows]
            return fmpq_mat(len(entries), len(entries[0]), [a for r in entries for a in r])
        if not isinstance(value, fmpq_mpoly):
            return value
        return sum((c*prod(map(_moment, map(int, powers), self.variances))
                    for powers, c in value.to_dict().items()), fmpq(0))


def _moment(k, variance):
    if k % 2:
        return fmpq(0)
    return prod(range(1, k, 2))*variance**(k//2)


def _ldl(S):
    """S = L diag(d) L^T with unit lower triangular L."""
    n = S.nrows()
    L = fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    d = []
    for j in range(n):
        d.append(S[j, j] - sum((L[j, k]**2*d[k] for k in range(j)), fmpq(0)))
        for i in range(j + 1, n):
            rest = S[i, j] - sum((L[i, k]*L[j, k]*d[k] for k in range(j)), fmpq(0))
            if d[j] == 0:
                if rest != 0:
                    raise ZeroDivisionError("covariance without a triangular factorisation")
                continue
            L[i, j] = rest/d[j]
    return L, d
