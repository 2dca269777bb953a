"""Linear pairs against SciPy's matrix exponential, degenerate matrices too."""

import numpy as np
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import x, y
from scipy.linalg import expm

from symssl import Flow
from symssl.scalar.linear_pairs import pair_cases

M = sp.symbols("a_1:5 b_1:3", real=True)
t = sp.Symbol("t", nonnegative=True)
starts = sp.symbols("x0 y0", real=True)
CASES = tuple(pair_cases((x, y), sp.Matrix(2, 2, M[:4]), sp.Matrix(M[4:]), sp.Matrix(starts), t))


@given(st.lists(st.integers(-2, 2), min_size=8, max_size=8))
@settings(max_examples=30)
def test_every_matrix_has_one_case(numbers):
    at = dict(zip((*M, *starts), numbers, strict=True))
    (case,) = (c for c in CASES if c.given.subs(at) == True)  # noqa: E712
    matrix = np.zeros((3, 3))
    matrix[:2, :2], matrix[:2, 2] = np.reshape(numbers[:4], (2, 2)), numbers[4:6]
    wanted = (expm(matrix * 0.5) @ [*numbers[6:], 1])[:2]
    for value, number in zip((case.solution, case.companions[0][1]), wanted, strict=True):
        assert abs(complex(value.subs({**at, t: sp.Rational(1, 2)}).evalf()) - number) < 1e-9 * (1 + abs(number))


def test_a_pair_without_equilibrium_and_declared_signs():
    form = Flow({x: y, y: sp.Integer(1) + 0 * x}).closed_form("x")
    assert sp.expand(form.solution - (starts[0] + starts[1] * form.time + form.time**2 / 2)) == 0 and form.end == sp.oo
    u, v = sp.symbols("u v", positive=True)
    turning = Flow({u: v, v: -u}).closed_form("u")
    at = {s: 1 for _, s in turning.initial}
    assert turning.end is None and turning.condition.subs({**at, turning.time: sp.Rational(1, 2)}) == sp.true
    assert turning.condition.subs({**at, turning.time: 1}) == sp.false  # v is negative
