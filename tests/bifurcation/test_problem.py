"""Problems that are continued: the elimination for modes against dense algebra."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, strategies as st

from symssl import Flow
from symssl.bifurcation import (
    ModeProblem,
    bifurcation_diagram,
    continue_branch,
)
from symssl.errors import Refusal


def mean_field(count, c=0.3):
    from symssl import ModeSum
    from symssl.modes.flow import ModeFlow

    s, g, mu, M, n, c_ = sp.symbols("s g mu M n c", real=True)
    modes = ModeFlow({s: s * (g - s - c_ * M) - mu * s}, {M: ModeSum(s) / n}, (g, c_, mu, n), n)
    growth = np.linspace(1.5, 2.5, count)
    problem = ModeProblem(modes.compile(), "mu", {"g": growth, "c": c, "n": count})
    return problem, lambda mu: growth - mu - c * (growth.mean() - mu) / (1 + c)


@pytest.mark.parametrize("count", [3, 40, 200])
def test_structured_branch_against_its_closed_form(count):
    problem, exact = mean_field(count)
    branch = continue_branch(problem, "mu", exact(0.0), at=0.0, bounds=(0.0, 1.0))
    assert branch.status == "bound" and (branch.unstable == 0).all() and branch.residual.max() < 1e-12
    for at, state in zip(branch.lam, branch.x):
        assert state == pytest.approx(exact(at), abs=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 30))
def test_structured_elimination_against_dense_algebra(seed, count):
    problem, _ = mean_field(count)
    rng = np.random.default_rng(seed)
    _, slopes = problem.evaluate(np.append(rng.uniform(0.3, 1, count), rng.uniform(0, 1)))
    D, low, high, f = slopes
    row, right = rng.normal(size=(2, count + 1))
    dense = np.vstack([np.column_stack([np.diag(D) + low.T @ high, f]), row])
    assume(np.linalg.cond(dense) < 1e8 and np.abs(D).min() > 1e-4)
    assert problem.solve(slopes, row, right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-5, abs=1e-5)
    assert problem.determinant_sign(slopes, row) == np.sign(np.linalg.det(dense))


def test_fields_with_kinks_are_refused_with_what_takes_them():
    x, m = sp.symbols("x m", real=True)
    with pytest.raises(Refusal, match="kinks.*find_equilibria"):
        bifurcation_diagram(Flow({x: m - sp.Abs(x)}, (m,)), m, (-1, 1))
    diagram = bifurcation_diagram(Flow({x: sp.sqrt(x) - m * x}, (m,)), m, (1, 2))  # at 0 the slope is unbounded
    assert not diagram.complete and "no derivative" in diagram.note
