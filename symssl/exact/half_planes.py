"""How many roots of a polynomial, or eigenvalues of a matrix, lie right of the imaginary axis, on it and left of it.

Exact for coefficients whose signs can be told, by Sturm chains: with p(iy) = i**n (f(y) - i g(y)) for real f, g the
Cauchy index of g/f is the number of roots to the left less that to the right (Gantmacher, The Theory of Matrices II,
1959, chapter XV).  A common divisor of f and g holds the roots that lie symmetric about the axis; it cancels in the
index, and of its own roots the real ones are those on the axis, while the others are half to the right.

For a matrix of balls the count is proved from enclosures of its eigenvalues or, where eigenvalues are too close to
each other for that, from a quadratic form (Ostrowski and Schneider, Journal of Mathematical Analysis and
Applications 4, 1962): where P A + A^T P is positive definite, P has as many positive eigenvalues as A has eigenvalues
to the right of the axis, and as many negative ones as A has to the left.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp
from flint import acb_mat, arb_mat, ctx, fmpq, fmpq_mat, fmpq_poly

from ..errors import InputError
from ..support.arguments import described, sequence_of
from .numbers import as_fmpq

__all__ = ["HalfPlanes", "characteristic", "half_planes", "half_planes_of_balls", "inertia"]

_PRECISIONS = (128, 256, 512)
_SHIFTS = (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.03, 0.3)  # relative to the largest entry


@dataclass(frozen=True)
class HalfPlanes:
    """Numbers of roots, with multiplicity, by the sign of their real part.

    Attributes
    ----------
    right, axis, left : how many have a positive, zero or negative real part; None where that is not certain
    some_right : whether one at least is certain to lie to the right
    reason : what is not certain, and why; empty where all is

    Examples
    --------
    >>> HalfPlanes(1, 0, 2).stability
    'unstable'
    """

    right: int | None
    axis: int | None
    left: int | None
    some_right: bool = False
    reason: str = ""

    @property
    def stability(self) -> str:
        """What the linear approximation says of an equilibrium with these eigenvalues."""
        if self.right or self.some_right:
            return "unstable"
        if self.right is None or self.axis is None:
            return "undecided"
        return "nonhyperbolic" if self.axis else "stable"


def half_planes(coefficients: Sequence[Any]) -> HalfPlanes:
    """The roots of a polynomial, counted exactly.

    Parameters
    ----------
    coefficients : sequence of rational numbers or elements of one `NumberField`, that of the highest power first

    Raises
    ------
    InputError
        For the zero polynomial, no coefficients, and floats.

    Examples
    --------
    >>> half_planes([1, -1, 0, 0])  # 0, 0 and 1
    HalfPlanes(right=1, axis=2, left=0, some_right=True, reason='')
    >>> half_planes([1, 0, 2, 0, 1]).axis  # i and -i, both double
    4
    """
    numbers = [_number(c) for c in sequence_of("coefficients", coefficients, "exact numbers")]
    while numbers and _sign(numbers[0]) == 0:
        numbers.pop(0)
    if not numbers:
        raise InputError("the zero polynomial has every number as a root")
    n = len(numbers) - 1
    zero = numbers[0] * 0
    # p(iy)/i**n = f(y) - i g(y), lowest power first
    f, g = [zero] * (n + 1), [zero] * (n + 1)
    for k, c in enumerate(numbers):
        (f if k % 2 == 0 else g)[n - k] = c * (-1) ** (k // 2)
    chain = _chain(f, g)
    common = chain[-1]
    index = _variations(chain, -1) - _variations(chain, 1)  # roots to the left less those to the right
    apart = n - (len(common) - 1)
    axis = _real_roots(common)
    right = (apart - index) // 2 + (len(common) - 1 - axis) // 2
    return HalfPlanes(right, axis, n - axis - right, right > 0)


def _number(value):
    """A coefficient as something with exact arithmetic."""
    if hasattr(value, "sign") and hasattr(value, "is_zero") and not isinstance(value, sp.Basic):
        return value
    if isinstance(value, (int, Fraction, fmpq, sp.Rational)) and not isinstance(value, bool):
        return as_fmpq(value)
    raise InputError(f"a coefficient must be a rational or algebraic number, not {described(value)}")


def _sign(value):
    return int(value > 0) - int(value < 0) if isinstance(value, fmpq) else value.sign()


def _inverse(value):
    return 1 / value if isinstance(value, fmpq) else value.inverse()


# Polynomials here are lists of fmpq or of `AlgebraicNumber`, lowest power first; their signs are needed too, so that
# they are not those of `field_polynomials`.


def _trimmed(poly):
    """A polynomial without leading zeros."""
    poly = list(poly)
    while poly and _sign(poly[-1]) == 0:
        poly.pop()
    return poly


def _rest(f, g):
    """The remainder of f by g."""
    f, scale = list(f), _inverse(g[-1])
    while len(f) >= len(g):
        factor, shift = f[-1] * scale, len(f) - len(g)
        f = [c - factor * g[k - shift] if k >= shift else c for k, c in enumerate(f[:-1])]
        f = _trimmed(f)
    return f


def _chain(f, g):
    """The Sturm chain of two polynomials; it ends with their greatest common divisor."""
    chain = [_trimmed(f)]
    following = _trimmed(g)
    while following:
        chain.append(following)
        following = [-c for c in _rest(chain[-2], chain[-1])]
    return chain


def _variations(chain, side):
    """Changes of sign along a chain at plus or minus infinity."""
    signs = [_sign(p[-1]) * (side if len(p) % 2 == 0 else 1) for p in chain]
    return sum(a != b for a, b in pairwise(signs))


def _real_roots(poly):
    """The number of real roots of a polynomial, with multiplicity."""
    count = 0
    while len(poly) > 1:
        chain = _chain(poly, [c * k for k, c in enumerate(poly)][1:])
        count += _variations(chain, -1) - _variations(chain, 1)
        poly = chain[-1]  # its roots are the multiple ones, each of one order less
    return count


def characteristic(matrix: Sequence[Sequence[Any]]) -> list[Any]:
    """Coefficients of the characteristic polynomial of a matrix of exact numbers, that of the highest power first.

    >>> characteristic([[1, 2], [0, 3]])
    [1, -4, 3]
    """
    rows = [[_number(entry) for entry in row] for row in matrix]
    n = len(rows)
    if all(isinstance(entry, fmpq) for row in rows for entry in row):
        return list(fmpq_mat(n, n, [entry for row in rows for entry in row]).charpoly().coeffs()[::-1])
    # Faddeev and LeVerrier
    one = rows[0][0] * 0 + 1
    product = [[one * int(i == j) for j in range(n)] for i in range(n)]
    coefficients = [one]
    for k in range(1, n + 1):
        image = [[sum((rows[i][m] * product[m][j] for m in range(n)), one * 0) for j in range(n)] for i in range(n)]
        last = sum((image[i][i] for i in range(n)), one * 0) * fmpq(-1, k)
        coefficients.append(last)
        product = [[image[i][j] + (last if i == j else 0) for j in range(n)] for i in range(n)]
    return coefficients


# -- matrices of balls ---------------------------------------------------------------------


def half_planes_of_balls(balls: Sequence[Sequence[Any]]) -> HalfPlanes:
    """The eigenvalues of every matrix whose entries lie in given balls.

    What is not certain is None, with the reason: an eigenvalue on the axis is never certain.

    Examples
    --------
    >>> from flint import arb
    >>> half_planes_of_balls([[arb(-1, 0.1), arb(1)], [arb(0), arb(-1, 0.1)]]).left
    2
    >>> half_planes_of_balls([[arb(2), arb(1)], [arb(0), arb(0, 0.1)]]).stability
    'unstable'
    """
    n = len(balls)
    if not all(entry.is_finite() for row in balls for entry in row):
        return HalfPlanes(None, None, None, False, "the slopes of the field are not bounded there")
    for precision in _PRECISIONS:
        with ctx.workprec(precision):
            try:
                values = acb_mat([list(row) for row in balls]).eig(multiple=True)
            except ValueError:
                continue
            right, left = sum(bool(z.real > 0) for z in values), sum(bool(z.real < 0) for z in values)
        if right + left == n:
            return HalfPlanes(right, 0, left, right > 0)
        if right:
            return HalfPlanes(None, None, None, True, "some eigenvalues are not told from the imaginary axis")
    size = max((float(abs(entry).upper()) for row in balls for entry in row), default=0.0) or 1.0
    for shift in _SHIFTS:
        counted = inertia(balls, shift * size)
        if counted is not None and (counted[0] or shift == 0.0):
            right, left = counted
            if shift == 0.0:
                return HalfPlanes(right, 0, left, right > 0)
            return HalfPlanes(None, None, None, True, "some eigenvalues are not told from the imaginary axis")
    return HalfPlanes(
        None, None, None, False, "the enclosure of the eigenvalues does not tell some of them from the imaginary axis"
    )


def inertia(balls: Sequence[Sequence[Any]], shift: float = 0.0) -> tuple[int, int] | None:
    """Eigenvalues right and left of the line of real part `shift`, of every matrix in the balls; None if not told.

    They are the numbers of positive and negative eigenvalues of one quadratic form z^T P z that grows along
    z' = (A - shift) z for every one of these matrices A, even where A changes with z.

    >>> from flint import arb
    >>> inertia([[arb(-1, 0.5)]]), inertia([[arb(0, 0.5)]])
    ((0, 1), None)
    """
    n = len(balls)
    moved = [[entry - shift if i == j else entry for j, entry in enumerate(row)] for i, row in enumerate(balls)]
    form = _quadratic_form(moved)
    if form is None:
        return None
    # Sylvester: signs of the roots of the characteristic polynomial, all real, by Descartes
    exact = fmpq_mat(n, n, [fmpq(*map(int, float(v).as_integer_ratio())) for row in form for v in row])
    coefficients = fmpq_poly(exact.charpoly().coeffs())
    if coefficients[0] == 0:
        return None
    signs = [_sign(c) for c in coefficients.coeffs() if c != 0]
    right = sum(a != b for a, b in pairwise(signs))
    return right, n - right


def _quadratic_form(balls):
    """A symmetric P, in doubles, with P A + A^T P positive definite for every matrix A in the balls, or None."""
    from scipy.linalg import solve_continuous_lyapunov

    n = len(balls)
    middle = np.array([[float(entry.mid()) for entry in row] for row in balls])
    if not np.isfinite(middle).all():
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # eigenvalues of zero sum: what comes out is checked
            P = solve_continuous_lyapunov(middle.T, np.eye(n))
    except (np.linalg.LinAlgError, ValueError):
        return None
    P = (P + P.T) / 2
    if not np.isfinite(P).all():
        return None
    A, form = arb_mat([list(row) for row in balls]), arb_mat(P.tolist())
    product = form * A
    total = product + product.transpose()
    return P if _definite([[total[i, j] for j in range(n)] for i in range(n)]) else None


def _definite(rows):
    """Whether every symmetric matrix in the balls is positive definite, by elimination."""
    while rows:
        (pivot, *rest), *below = rows
        if not pivot > 0:
            return False
        rows = [[entry - row[0] * along / pivot for along, entry in zip(rest, row[1:])] for row in below]
    return True
