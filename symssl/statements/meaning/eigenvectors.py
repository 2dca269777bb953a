"""Unit eigenvectors of symmetric matrices: exact where the matrix is diagonal, else enclosed.

An approximate eigenvector v with residual r is, up to sign, no farther from one of length one than sqrt(2) |r| over the
distance of its eigenvalue from the others (Davis and Kahan), and what v lacks in length.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from flint import arb, ctx, fmpq

from ...language.terms import Eigenvector
from .algebra import product, zeros
from .derivatives import Tracked
from .functions import Opaque
from .scene import Scene, Unknown, evaluator
from .spectra import _arb, _mpf, symmetric_eigenvalues

__all__ = ["unit_eigenvector"]


@evaluator(Eigenvector)
def _eigenvector(node: Any, scene: Scene) -> Any:
    matrix, number = scene.value(node.args[0]), scene.size(node.args[1])
    if any(isinstance(entry, Tracked) for entry in matrix.flat):
        raise Opaque("an eigenvector")
    n = matrix.shape[0]
    if not 1 <= abs(number) <= n:
        raise Unknown(f"there is no eigenvector number {number}: there are {n}")
    if not all(arb(a - b).contains(0) for a, b in zip(matrix.flat, matrix.T.flat)):
        raise Unknown("eigenvectors are numbered where the matrix is symmetric, and it is not")
    found, simple = unit_eigenvector(matrix, number - 1 if number > 0 else n + number)
    if not simple:
        scene.estimate("one of the eigenvectors of a multiple eigenvalue was taken")
    return found


def unit_eigenvector(matrix: Any, place: int) -> tuple[Any, bool]:
    """A unit eigenvector for the eigenvalue at a place from below, and whether that eigenvalue is simple.

    >>> unit_eigenvector(np.array([[fmpq(2), fmpq(0)], [fmpq(0), fmpq(1)]]), 0)[0].tolist()
    [[0], [1]]
    """
    n = matrix.shape[0]
    if all(isinstance(x, fmpq) and (i == j or x == 0) for (i, j), x in np.ndenumerate(matrix)):
        order = sorted(range(n), key=lambda k: (matrix[k, k], k))
        exact = zeros(n, 1)
        exact[order[place], 0] = fmpq(1)
        value = matrix[order[place], order[place]]
        return exact, sum(matrix[k, k] == value for k in range(n)) == 1
    with mpmath.workprec(ctx.prec):
        values, vectors = mpmath.eigsy(mpmath.matrix([[_mpf(arb(x)) for x in row] for row in matrix]))
        column = sorted(range(n), key=lambda k: values[k])[place]
        vector, value = zeros(n, 1), _arb(values[column])
        for i in range(n):
            vector[i, 0] = _arb(vectors[i, column])
    residual = _length(product(matrix, vector) - vector * value)
    lack = (1 - _length(vector)).abs_upper()
    eigenvalues = symmetric_eigenvalues(matrix)
    gap = min([(arb(e) - value).abs_lower() for k, e in enumerate(eigenvalues) if k != place], default=arb(1))
    simple = bool(gap > 0)
    radius = (arb(2).sqrt() * residual / gap if simple else residual) + lack
    for i in range(n):
        vector[i, 0] = vector[i, 0] + arb(0, radius.upper())
    return vector, simple


def _length(vector: Any) -> Any:
    return sum((arb(x) * arb(x) for x in vector.flat), arb(0)).nonnegative_part().sqrt()
