"""The sixth-degree field that every group measures, and its fold for a = b = 1, c = 1/2, s2 = 1/4."""

from fractions import Fraction

import sympy as sp

from symssl import Flow

p, a, b, c, s2, rho = ARGUMENTS = sp.symbols("p a b c s2 rho", positive=True)
FIELD = (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p
FLOW = Flow({p: FIELD}, (a, b, c, s2, rho))
VALUES = {a: 1, b: 1, c: Fraction(1, 2), s2: Fraction(1, 4)}
RHO = (0.001, 0.5)  # range of the diagram
S2 = (0.05, 1.0)  # range of the curve of folds
FOLD = Fraction("0.25108006340350989418805089320303363399729174822870")  # mpmath's findroot, 50 digits


def fold_at(s2):
    """The exact fold for another s2: rho enters the field as (1 + s2) rho."""
    return FOLD * Fraction(5, 4) / (1 + Fraction(s2))


def first_state(s2=0.25):
    """The state at the lower end of RHO from which peers start, on the branch that leaves zero."""
    level = x = RHO[0] * (1 + s2)
    for _ in range(20):
        x = level + 0.5 * x**2 + 2 * x**5
    return x
