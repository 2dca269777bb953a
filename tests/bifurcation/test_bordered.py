"""Bordered systems: fold and Hopf curves of many states."""

import numpy as np
import pytest
import sympy as sp
from problems import k as K, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    fold_curve,
    hopf_curve,
)


def _at_rest(others, x):
    """u = x with the others where q + q^3/9 = x (i + 1)."""
    roots = [np.roots([1 / 9, 0, 1, -x * (i + 1)]) for i in range(len(others))]
    return (x, *(float(r[np.abs(r.imag) < 1e-12].real[0]) for r in roots))


def test_curves_of_many_states():
    """Eight states, of which the others follow the first: its cusp; two of them turn: their Hopf points at m = k^2."""
    others = sp.symbols("q_1:8", real=True)
    lazy = {q: u * (i + 1) - q - q**3 / 9 for i, q in enumerate(others)}
    curve = fold_curve(
        Flow({u: m + K * u - u**3, **lazy}, (m, K)), (m, K), (*_at_rest(others, 1.0), -2.0, 3.0), bounds=(-1, 4)
    )
    assert [e.label for e in curve.events] == ["CP"] and 27 * curve.values[:, 0] ** 2 == pytest.approx(
        4 * curve.values[:, 1] ** 3, abs=1e-10
    )
    turning = {u: (m - K**2) * u - 2 * v - u * (u**2 + v**2), v: 2 * u + (m - K**2) * v - v * (u**2 + v**2)}
    hopf = hopf_curve(Flow({**turning, **lazy}, (m, K)), (m, K), (0.0,) * 9 + (1.0, 1.0), bounds=(-1, 2))
    assert hopf.values[:, 0] == pytest.approx(hopf.values[:, 1] ** 2, abs=1e-12) and hopf.events == ()
