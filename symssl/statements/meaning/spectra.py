"""Eigenvalues of symmetric matrices, singular values and ranks: exact where the entries are, enclosed otherwise.

A rational matrix has its characteristic polynomial in rational numbers, and its roots are isolated with their
multiplicities.  Of a matrix of balls an approximate diagonalisation is turned into a proof: by the theorems of Weyl and
Ostrowski the eigenvalues of A differ from those of ``Q L Q^T`` by at most the residual, and those from L by the
relative defect of the orthogonality of Q.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpq_poly

from ...language.terms import Eigenvalue
from .derivatives import Tracked
from .functions import Opaque
from .scene import Scene, Unknown, evaluator

__all__ = ["greatest_bound", "rank", "real_roots", "symmetric_eigenvalues", "univariate"]

_TINY = 2**-80  # singular values below this, relative to the greatest, may be zero


def univariate(polynomial: Any) -> Any:
    """A polynomial of one variable, from flint's polynomials of several."""
    coefficients = [fmpq(0)] * (max((int(e[0]) for e in polynomial.monoms()), default=0) + 1)
    for (e,), c in polynomial.terms():
        coefficients[int(e)] = c
    return fmpq_poly(coefficients)


def real_roots(polynomial: Any) -> list[tuple[Any, int]]:
    """The distinct real roots of a rational polynomial in increasing order, with multiplicities.

    Rational roots are exact; the others are balls in which no other root lies.

    >>> real_roots(fmpq_poly([-2, 0, 1]) * fmpq_poly([-1, 1])**2)[1]
    (1, 2)
    """
    found: list[tuple[Any, int]] = []
    for factor, multiplicity in polynomial.factor()[1] if polynomial.degree() > 0 else []:
        if factor.degree() == 1:
            found.append((fmpq(-factor[0]) / fmpq(factor[1]), multiplicity))
        else:
            whole = fmpq_poly(factor).numer()
            with ctx.workprec(max(ctx.prec, 64)):
                roots = [z for z, _ in whole.complex_roots()]
            found += [(z.real if not isinstance(z, arb) else z, multiplicity) for z in roots if _is_real(z)]
    return sorted(found, key=lambda pair: _Ordered(pair[0]))


def _is_real(z: Any) -> bool:
    return isinstance(z, arb) or bool(z.imag.is_zero())


class _Ordered:
    """Numbers in their certain order: roots of one polynomial have disjoint balls."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __lt__(self, other: _Ordered) -> bool:
        a, b = self.x, other.x
        if isinstance(a, fmpq) and isinstance(b, fmpq):
            return bool(a < b)
        a, b = arb(a), arb(b)
        if bool(a < b) or bool(b < a):
            return bool(a < b)
        raise Unknown("two roots are too close to be told apart at this precision")


def symmetric_eigenvalues(matrix: Any) -> list[Any]:
    """All eigenvalues of a symmetric matrix from below, each as often as its multiplicity.

    Only the part of the matrix that is symmetric counts: ``(A + A^T)/2``.
    """
    n = matrix.shape[0]
    if all(isinstance(x, fmpq) for x in matrix.flat):
        roots = real_roots(_characteristic(matrix))
        return [root for root, multiplicity in roots for _ in range(multiplicity)]
    balls = arb_mat([[(arb(matrix[i, j]) + arb(matrix[j, i])) / 2 for j in range(n)] for i in range(n)])
    return enclosed_eigenvalues(balls, ctx.prec)


def _characteristic(matrix: Any) -> Any:
    return fmpq_mat([list(row) for row in matrix]).charpoly()


def enclosed_eigenvalues(matrix: Any, bits: int) -> list[Any]:
    """Enclosures, in increasing order, of the eigenvalues of a symmetric matrix of balls."""
    n = matrix.nrows()
    if any(not x.is_finite() for x in matrix.entries()):
        raise Unknown("a matrix with entries that are not finite has no eigenvalues")
    if bits <= 64:
        values, vectors = np.linalg.eigh(np.array([[float(matrix[i, j].mid()) for j in range(n)] for i in range(n)]))
        Q, L = arb_mat(vectors.tolist()), [arb(float(v)) for v in values]
    else:
        with mpmath.workprec(bits):
            middle = mpmath.matrix([[_mpf(matrix[i, j]) for j in range(n)] for i in range(n)])
            values, vectors = mpmath.eigsy(middle)
            order = sorted(range(n), key=lambda k: values[k])
            Q = arb_mat([[_arb(vectors[i, k]) for k in order] for i in range(n)])
            L = [_arb(values[k]) for k in order]
    diagonal = arb_mat([[L[i] if i == j else 0 for j in range(n)] for i in range(n)])
    unit = arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    residual = _size(matrix - Q * diagonal * Q.transpose())
    defect = _size(Q.transpose() * Q - unit)
    return [value + arb(0, (residual + abs(value) * defect).upper()) for value in L]


def _size(matrix: Any) -> Any:
    """The Frobenius norm."""
    return sum((x * x for x in matrix.entries()), arb(0)).upper().sqrt().upper()


def _mpf(ball: Any) -> Any:
    mantissa, exponent = ball.mid().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def _arb(number: Any) -> Any:
    sign, mantissa, exponent, _ = number._mpf_
    return arb(int(-mantissa if sign else mantissa)) * arb(2) ** int(exponent)


def greatest_bound(matrix: Any) -> Any:
    """An upper bound of the eigenvalues of the symmetric part of a square matrix of balls."""
    n = len(matrix)
    balls = arb_mat([[(matrix[i][j] + matrix[j][i]) / 2 for j in range(n)] for i in range(n)])
    if n == 1:
        return balls[0, 0].upper()
    rows = [balls[i, i] + sum((abs(balls[i, j]) for j in range(n) if j != i), arb(0)) for i in range(n)]
    bound = max((r.upper() for r in rows), key=float)
    if not bound.is_finite():
        return bound
    return min(bound, enclosed_eigenvalues(balls, 53)[-1].upper(), key=float)


# --- terms ------------------------------------------------------------------------------------


def rank(matrix: Any, scene: Scene) -> int:
    """The rank of a matrix; an estimate where balls that may be zero count as such."""
    if 0 in matrix.shape:
        return 0
    if all(isinstance(x, fmpq) for x in matrix.flat):
        return int(fmpq_mat([list(row) for row in matrix]).rank())
    values = singular_values(matrix)
    positive = sum(bool(value > 0) for value in values)
    rest = values[positive:]
    if rest and not all(bool(abs(value) < values[0] * _TINY) for value in rest):
        raise Unknown("the rank cannot be told at this precision")
    if rest:
        scene.estimate("singular values that may be zero count as zero")
    return positive


def singular_values(matrix: Any) -> list[Any]:
    """The singular values from above, as the upper half of the spectrum of ``[[0, A], [A^T, 0]]``."""
    m, n = matrix.shape
    doubled = np.empty((m + n, m + n), dtype=object)
    doubled.fill(fmpq(0))
    doubled[:m, m:], doubled[m:, :m] = matrix, matrix.T
    values = symmetric_eigenvalues(doubled)[::-1][: min(m, n)]
    return [v if isinstance(v, fmpq) else v.nonnegative_part() for v in values]


@evaluator(Eigenvalue)
def _eigenvalue(node: Any, scene: Scene) -> Any:
    matrix, kind = scene.value(node.args[0]), str(node.args[2])
    for entry in matrix.flat:
        if isinstance(entry, Tracked):
            raise Opaque("derivatives do not go through an eigenvalue")
    if kind == "rank":
        return fmpq(rank(matrix, scene))
    number = scene.size(node.args[1])
    values = _real_spectrum(matrix) if kind == "eigenvalue" else singular_values(matrix)
    if not 1 <= abs(number) <= len(values):
        raise Unknown(f"there is no {kind} number {number}: there are {len(values)}")
    return values[number - 1 if number > 0 else number]


def _real_spectrum(matrix: Any) -> list[Any]:
    if matrix.shape[0] != matrix.shape[1]:
        raise Unknown(f"a {matrix.shape[0]} x {matrix.shape[1]} matrix has no eigenvalues")
    defect = [a - b for a, b in zip(matrix.flat, matrix.T.flat)]
    if all(isinstance(x, fmpq) for x in matrix.flat):
        roots = [root for root, multiplicity in real_roots(_characteristic(matrix)) for _ in range(multiplicity)]
        if len(roots) < matrix.shape[0]:
            raise Unknown("the eigenvalues are not all real, and so not ordered")
        return roots
    if not all(arb(x).contains(0) for x in defect):
        raise Unknown("eigenvalues are ordered where the matrix is symmetric, and it is not")
    return symmetric_eigenvalues(matrix)
