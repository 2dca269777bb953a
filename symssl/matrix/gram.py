r"""Gram determinants, and the QR factorization that they describe.

The diagonal of R in M = QR, with orthogonal Q and an upper triangular R of
nonnegative diagonal, is :math:`r_{jj}^2 = G_j/G_{j-1}`, where :math:`G_j` is the
Gram determinant of the first j columns: the squared distance of column j from the
span of those before it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sympy import Expr, Float, ImmutableMatrix, Integer, MatrixBase, factor

from ..errors import InputError, Refusal
from ..language.inputs import as_matrix
from ..language.scalars import inner, sq
from ..support.arguments import instance_of

__all__ = ["gram_matrix", "qr", "qr_squares", "unprojected"]


def gram_matrix(*vectors: Any) -> ImmutableMatrix:
    """The matrix of inner products of columns (or of matrices of one shape).

    >>> from sympy import MatrixSymbol
    >>> u, v = MatrixSymbol("u", 3, 1), MatrixSymbol("v", 3, 1)
    >>> gram_matrix(u, v)
    Matrix([
    [      sq(u), inner(u, v)],
    [inner(u, v),       sq(v)]])
    """
    vectors = _vectors(vectors)
    return ImmutableMatrix(len(vectors), len(vectors), lambda i, j: _product(vectors, *sorted((i, j))))


def qr_squares(*vectors: Any) -> tuple[Expr, ...]:
    r"""Squares :math:`G_j/G_{j-1}` of the diagonal of R, for linearly independent columns.

    >>> from sympy import MatrixSymbol
    >>> u, v = MatrixSymbol("u", 3, 1), MatrixSymbol("v", 3, 1)
    >>> qr_squares(u, v)
    (sq(u), (-inner(u, v)**2 + sq(u)*sq(v))/sq(u))
    """
    table = gram_matrix(*vectors)
    minors = [Integer(1), *(table[:j, :j].det() for j in range(1, len(vectors) + 1))]
    return tuple(b / a for a, b in pairwise(minors))


def unprojected(vector: Any, *others: Any) -> Any:
    """The part of a column orthogonal to `others`, times their Gram determinant: a polynomial.

    >>> from sympy import MatrixSymbol
    >>> u, v = MatrixSymbol("u", 3, 1), MatrixSymbol("v", 3, 1)
    >>> unprojected(v, u)
    (-inner(u, v))*u + sq(u)*v
    """
    vector, *others = _vectors((vector, *others))
    if not others:
        return vector
    table = gram_matrix(*others)
    products = ImmutableMatrix([inner(u, vector) for u in others])
    coefficients = table.adjugate() * products  # Cramer's rule
    return table.det() * vector - sum((c * u for c, u in zip(coefficients, others, strict=True)), 0 * vector)


def qr(M: MatrixBase) -> tuple[ImmutableMatrix, ImmutableMatrix]:
    """Q and R of an explicit exact matrix: Q orthogonal, R upper triangular with positive diagonal.

    Raises
    ------
    Refusal
        The first columns are linearly dependent: the factorization is not unique.

    >>> from sympy import Matrix
    >>> Q, R = qr(Matrix([[3, 1, 0], [4, 0, 5]]))
    >>> Q*R == Matrix([[3, 1, 0], [4, 0, 5]]), R[0, 0], R[1, 1]
    (True, 5, 4/5)
    """
    M = ImmutableMatrix(instance_of("M", M, MatrixBase, "an explicit matrix"))
    if M.has(Float):
        raise InputError("M must be exact: write its entries as Rational")
    if M.rows > M.cols:
        raise Refusal("more rows than columns: the last columns of Q are not determined")
    if M[:, : M.rows].det() == 0:
        raise Refusal(f"the first {M.rows} columns are linearly dependent: Q and R are not unique")
    Q, _ = M[:, : M.rows].QRdecomposition()
    Q = ImmutableMatrix(Q)
    return Q, (Q.T * M).applyfunc(factor)


def _vectors(vectors):
    vectors = [as_matrix(v, "a column") for v in vectors]
    if not vectors:
        raise InputError("give at least one column")
    if len({tuple(v.shape) for v in vectors}) > 1:
        raise InputError(f"columns of different shapes: {', '.join(str(tuple(v.shape)) for v in vectors)}")
    return vectors


def _product(vectors, i, j):
    return sq(vectors[i]) if i == j else inner(vectors[i], vectors[j])
