"""Basins of attraction: one state exactly, the plane by capture, against integration by SciPy."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from scipy.integrate import solve_ivp

from symssl import Flow
from symssl.bifurcation import basins, planar_basins
from symssl.errors import InputError, Refusal

x, y, m = sp.symbols("x y m", real=True)
positive = sp.Symbol("p", positive=True)


def summary(found):
    return [
        tuple(e if e is None or isinstance(e, str) else e.point for e in (b.lower, b.upper, b.limit)) for b in found
    ]


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4), st.lists(st.integers(-4, 4), max_size=2))
def test_the_limit_is_where_the_velocity_points(roots, poles):
    """The field is a quotient of factors: its sign at any point is a product of signs."""
    poles = [q for q in poles if q not in roots]
    field = sp.prod(x - r for r in roots) / sp.prod(x - q for q in poles)
    found = summary(basins(Flow({x: field})))
    edges = sorted({*roots, *poles})
    assert [b[:2] for b in found] == list(zip([None, *edges], [*edges, None]))
    for lower, upper, limit in found:
        at = upper - 0.5 if lower is None else lower + 0.5
        velocity = np.prod([at - r for r in roots]) * np.prod([np.sign(at - q) for q in poles])
        assert limit == (
            (upper if upper is not None else "+oo") if velocity > 0 else (lower if lower is not None else "-oo")
        )


@pytest.mark.parametrize(
    "flow, values, expected",
    [
        (Flow({x: m - x**2}, (m,)), {m: 4}, [(None, -2, "-oo"), (-2, 2, 2), (2, None, 2)]),
        (Flow({x: 1 + x**2}), {}, [(None, None, "+oo")]),
        (Flow({positive: positive - positive**3}), {}, [(0, 1, 1), (1, None, 1)]),
        (Flow({positive: -positive}), {}, [(0, None, 0)]),
        (Flow({x: 1 / (1 - x)}), {}, [(None, 1, 1), (1, None, 1)]),
    ],
)
def test_known_basins(flow, values, expected):
    assert summary(basins(flow, values)) == expected


def test_a_pole_is_told_from_an_equilibrium():
    (left, right) = basins(Flow({x: 1 / (1 - x)}))
    assert left.limit.kind == right.limit.kind == "pole"


@pytest.mark.parametrize(
    "flow, error, word",
    [
        (Flow({x: 0 * x}), Refusal, "identically"),
        (Flow({x: y, y: x}), InputError, "planar"),
        (Flow({x: m - x}, (m,)), InputError, "value"),
        (Flow({x: sp.exp(x) - 2}), InputError, "not rational"),
    ],
)
def test_what_basins_refuse(flow, error, word):
    with pytest.raises(error, match=word):
        basins(flow)


BOX = {x: (-2, 2), y: (-2, 2)}


@pytest.mark.parametrize(
    "flow",
    [
        Flow({x: x - x**3, y: -y}),
        Flow({x: y, y: x - x**3 - y / 2}),
        Flow({x: x * (2 - x - 2 * y), y: y * (2 - y - 2 * x)}),
    ],
    ids=["gradient", "damped well", "competition"],
)
def test_captured_cells_agree_with_integration(flow):
    found = planar_basins(flow, BOX, n=12)
    field = sp.lambdify(tuple(flow.states), list(flow.rhs.values()), "math")
    centres = [found.equilibria[k].point for k in found.attractors]
    for j in range(0, 12, 3):
        for i in range(0, 12, 3):
            if found.codes[j, i] < 0:
                continue
            run = solve_ivp(lambda t, state: field(*state), (0, 100), (found.x[i], found.y[j]), rtol=1e-9, atol=1e-11)
            assert run.y[:, -1] == pytest.approx(centres[found.codes[j, i]], abs=1e-5)
    assert (found.codes >= 0).mean() > 0.2


def test_the_separatrix_of_a_symmetric_competition_is_the_diagonal():
    found = planar_basins(Flow({x: x * (2 - x - 2 * y), y: y * (2 - y - 2 * x)}), {x: (0, 3), y: (0, 3)}, n=8)
    diagonal = [c for c in found.separatrices if c[0] == pytest.approx([2 / 3, 2 / 3])]
    assert len(diagonal) == 2 and all(c[:, 0] == pytest.approx(c[:, 1], abs=1e-6) for c in diagonal)
    winner = [tuple(found.equilibria[k].point) for k in found.attractors]
    assert winner[found.codes[0, 5]] == (2, 0) and winner[found.codes[5, 0]] == (0, 2)


@pytest.mark.parametrize(
    "box, n, word",
    [
        ({x: (2, -2), y: (-2, 2)}, 5, "reversed"),
        ({x: (-2, 2)}, 5, "no limits for the state y"),
        (BOX, 0, "from 1 to"),
    ],
)
def test_planar_bad_input(box, n, word):
    with pytest.raises(InputError, match=word):
        planar_basins(Flow({x: x - x**3, y: -y}), box, n=n)


def test_basins_between_kinks():
    assert summary(basins(Flow({x: sp.Abs(x) - 1}))) == [(None, -1, -1), (-1, 1, -1), (1, None, "+oo")]
    assert summary(basins(Flow({x: -x + 2 * sp.Max(0, 1 - x)}))) == [
        (None, pytest.approx(2 / 3), pytest.approx(2 / 3)),
        (pytest.approx(2 / 3), None, pytest.approx(2 / 3)),
    ]
    for field in (-x - sp.sign(x) + sp.Rational(1, 2), sp.sqrt(x) - x, sp.Max(0, 1 / x) - 1, sp.floor(x)):
        with pytest.raises(InputError, match="jumps, ends or is not rational"):  # a trajectory may slide along a jump
            basins(Flow({x: field}))


def test_a_trap_in_the_plane_holds_on_both_sides_of_a_kink():
    """x' = -x + 3 max(0, x - 1): what starts beyond 3/2 leaves."""
    found = planar_basins(Flow({x: -x + 3 * sp.Max(0, x - 1), y: -y}), {x: (-2, 3), y: (-1, 1)}, n=6)
    edge = sp.Rational(3, 2)  # -x + 3 (x - 1) vanishes there
    for column, start in enumerate(found.x):
        assert set(found.codes[:, column]) == ({0} if start < edge else {-1})
