"""Helpers of the tests of regime maps: flows and axes, and the regimes of cells as text."""

import numpy as np
import sympy as sp

from symssl import Flow

p, u = sp.symbols("p u", real=True)
m, k = sp.symbols("m k", real=True)
rho, a, b = sp.symbols("rho a b", positive=True)
s2 = sp.Symbol("s2", nonnegative=True)
c = sp.Symbol("c", real=True)
SIXTH = Flow({p: (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p}, (rho, a, b, c, s2))
CUBIC = Flow({p: p**2 * (1 - (1 + s2) * p) - rho * p}, (rho, s2))
HYSTERESIS = Flow({u: m + k * u - u**3}, (m, k))
AXES = {rho: (0.01, 0.5, 120), b: (0.5, 2, 90)}
VALUES = {a: 1, c: sp.Rational(1, 2), s2: sp.Rational(1, 4)}


def number(pattern):
    return pattern.number


def texts(found):
    codes, names = found.labelled(str)
    return np.array(names)[codes]
