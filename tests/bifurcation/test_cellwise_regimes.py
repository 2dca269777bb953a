"""Regime maps from the equilibria of every cell, for several states."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import sympy as sp
from hypothesis import given, strategies as st
from regime_helpers import HYSTERESIS, k, m, texts, u

from symssl import Flow
from symssl.bifurcation import regime_map


@given(st.floats(-1, 1), st.floats(0.3, 2))
def test_cell_by_cell_agrees_with_the_polynomials(shift, width):
    axes = {m: (shift - width, shift + width, 5), k: (-1.0, 2.0, 4)}
    one, other = regime_map(HYSTERESIS, axes), regime_map(HYSTERESIS, axes, method="cellwise")
    assert np.array_equal(texts(one), texts(other)) and other.rechecked == 20 and other.method == "cellwise"


def test_the_brusselator_on_and_beside_its_hopf_curve():
    """u' = a - (b + 1) u + u^2 v, v' = b u - u^2 v loses stability at b = 1 + a^2, exact at a = 1/2, 1, 3/2."""
    v, A, B = sp.symbols("v A B", real=True)
    flow = Flow({u: A - (B + 1) * u + u**2 * v, v: B * u - u**2 * v}, (A, B))
    with ThreadPoolExecutor(2) as executor:
        told = []
        found = regime_map(
            flow,
            {A: (0.5, 1.5, 3), B: np.array([1.0, 1.25, 2.0, 3.25, 4.0])},
            executor=executor,
            progress=lambda done, total: told.append((done, total)),
        )
    wanted = [
        ["stable" if b_ < 1 + a_**2 else "nonhyperbolic" if b_ == 1 + a_**2 else "unstable" for b_ in found.axes["B"]]
        for a_ in found.axes["A"]
    ]
    assert texts(found).tolist() == wanted and told[-1] == (15, 15)


def test_cells_with_a_continuum_of_equilibria_are_named():
    """x' = k x - x (x^2 + y^2), y' = y - y (x^2 + y^2): at k = 1 a circle of equilibria."""
    x, y = sp.symbols("x y", real=True)
    circle = Flow({x: k * x - x * (x**2 + y**2), y: y - y * (x**2 + y**2)}, (k,))
    found = regime_map(circle, {k: (Fraction(1, 2), Fraction(3, 2), 5)})
    names = texts(found).tolist()
    assert names[2] == "not isolated" and [name.split(", ").count("stable") for name in names] == [2, 2, 0, 2, 2]


def test_cell_by_cell_in_a_box():
    found = regime_map(Flow({u: sp.exp(u) - m - u}, (m,)), {m: np.array([0.5, 1.0, 2.0])}, within={u: (-3, 3)})
    assert texts(found).tolist() == ["none", "perhaps more", "stable, unstable"]  # a double zero cannot be proved there
