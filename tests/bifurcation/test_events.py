"""Events between two points of a branch: where they lie, to machine precision."""

import pytest
from hypothesis import given, strategies as st
from problems import BIFURCATIONS, bratu_on_a_grid, m, mu, u

from symssl import Flow
from symssl.bifurcation import (
    Settings,
    continue_branch,
)


@pytest.mark.parametrize("n, error", [(6, 2e-3), (10, 3e-6), (14, 3e-8)])
def test_the_fold_of_bratu_on_a_chebyshev_grid(n, error):
    flow = bratu_on_a_grid(n)
    branch = continue_branch(
        flow, mu, [0.0] * len(flow.states), at=0, bounds=(0, 4), direction=1, settings=Settings(state_bound=8)
    )
    (fold,) = [e for e in branch.events if e.label == "LP"]
    assert error / 10 < abs(fold.parameter - 3.513830719125161) < error


def test_user_functions_are_located():
    branch = continue_branch(
        BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 1), functions={"half": lambda x, at: x[0] - 0.5}
    )
    event = next(e for e in branch.events if e.label == "UZ")
    assert (event.name, event.parameter) == ("half", pytest.approx(0.25, abs=1e-14))


@given(st.floats(0.1, 0.9), st.floats(0.02, 0.05))
def test_two_zeros_of_a_function_in_one_step(centre, apart):
    branch = continue_branch(
        Flow({u: m - u}, (m,)),
        m,
        0,
        at=0,
        bounds=(0, 1),
        settings=Settings(step=0.2, largest=0.2, samples=16),
        functions={"pair": lambda x, at: (x[0] - centre) ** 2 - apart**2},
    )
    wanted = [c for c in (centre - apart, centre + apart) if c < 1]
    assert [e.parameter for e in branch.events] == pytest.approx(wanted, abs=1e-13)
