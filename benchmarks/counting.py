"""How others count the positive equilibria of the sixth-degree field: every rival takes parameters that broadcast."""

from fractions import Fraction
from math import lcm

import numpy as np
import sympy as sp
from flint import fmpz_poly

from .sextic import ARGUMENTS, FIELD, p

PARAMETERS = ARGUMENTS[1:]
_REAL = 1e-9  # the tolerance on imaginary parts that peers use


def coefficients(a, b, c, s2, rho):
    """Of the quintic (1 + s2) F/p, highest first; exact where the numbers are."""
    return -2 / (a * b**3), 0 * a, 0 * a, -c / b**2, 1 / (a * b), -rho * (1 + s2)


def _each(count):
    """A count of one cell as one that broadcasts."""

    def every(*cells):
        cells = np.broadcast_arrays(*cells)
        return np.array([count(*point) for point in zip(*(x.ravel().tolist() for x in cells))]).reshape(cells[0].shape)

    return every


def _integers(*point):
    """The quintic of a cell times the common denominator, lowest first."""
    exact = [Fraction(x) for x in coefficients(*map(Fraction, point))]
    common = lcm(*(x.denominator for x in exact))
    return [int(x * common) for x in exact[::-1]]


def numpy_roots(*point):
    roots = np.roots(coefficients(*point))
    return int(((np.abs(roots.imag) < _REAL) & (roots.real > 0)).sum())


def companion(*cells):
    """Eigenvalues of all companion matrices in one call."""
    lead, *rest = np.broadcast_arrays(*coefficients(*cells))
    matrices = np.zeros((*lead.shape, 5, 5))
    matrices[..., range(1, 5), range(4)] = 1
    matrices[..., 0, :] = -np.stack(rest, axis=-1) / lead[..., None]
    roots = np.linalg.eigvals(matrices)
    return ((np.abs(roots.imag) < _REAL) & (roots.real > 0)).sum(axis=-1)


def sympy_count(*point):
    return int(sp.Poly(_integers(*point)[::-1], p, domain="ZZ").count_roots(0, None))


def naive_discriminant():
    """The sign of the discriminant as lambdify prints it: negative where three roots are real, two of them positive."""
    quintic = sp.Poly(sp.expand(sp.cancel(FIELD * (1 + ARGUMENTS[4]) / p)), p)
    compiled = sp.lambdify(PARAMETERS, sp.horner(sp.numer(sp.cancel(quintic.discriminant())), PARAMETERS[-1]))
    return lambda *cells: 2 * (compiled(*cells) < 0)


def flint_roots(*point):
    """The enclosures of simple roots tell real ones from pairs."""
    return sum(bool(z.imag == 0 and z.real > 0) for z, _ in fmpz_poly(_integers(*point)).complex_roots())


def flint_discriminant(*point):
    return 2 * int(fmpz_poly(_integers(*point)).discriminant() < 0)


# name: (count of cells that broadcast, cells along each axis on which its speed is taken)
RIVALS = {
    "np.roots in a loop": (_each(numpy_roots), 60),
    "batched companion eigenvalues": (companion, 200),
    "sympy count_roots": (_each(sympy_count), 15),
    "python-flint complex_roots": (_each(flint_roots), 60),
    "python-flint exact discriminant": (_each(flint_discriminant), 100),
    "naive NumPy sign of the discriminant": (naive_discriminant(), 4000),
}
