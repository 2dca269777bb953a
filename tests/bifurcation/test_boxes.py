"""Equilibria of fields that are not algebraic, searched in a box or from seeds."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings, strategies as st
from problems import u, v

from symssl import Flow
from symssl.bifurcation import (
    find_equilibria,
)
from symssl.errors import NotIsolated


@given(st.floats(0.05, 3), st.floats(-1, 1))
def test_a_transcendental_field_in_a_box(a, b):
    """sin u - a u + b: bisection finds as many zeros as a fine scan sees sign changes, away from tangency."""
    found = find_equilibria(Flow({u: sp.sin(u) - sp.Rational(a) * u + sp.Rational(b)}), within={u: (-9, 9)})
    grid = np.linspace(-9, 9.0001, 200_001)  # zero, a likely root, is no node
    f = np.sin(grid) - a * grid + b
    assume(np.abs(np.cos(grid) - a)[np.abs(f) < 1e-2].min(initial=1.0) > 1e-2)  # no zero is nearly multiple
    assert found.complete and len(found) == (np.diff(np.sign(f)) != 0).sum()
    for e in found:
        ((low, high),) = e.bounds.values()
        assert (sp.sin(low) - sp.Rational(a) * low + sp.Rational(b)).evalf(40) * (
            sp.sin(high) - sp.Rational(a) * high + sp.Rational(b)
        ).evalf(40) <= 0


def test_a_double_equilibrium_of_a_transcendental_field_is_reported_not_guessed():
    found = find_equilibria(Flow({u: sp.exp(u) - 1 - u}), within={u: (-1, 1)})
    assert not found.complete and "neither" in found.note and not len(found)


def test_many_states_need_seeds_and_say_that_more_may_exist():
    states = sp.symbols("q_1:6", real=True)
    flow = Flow({q: sp.exp(-q) - q for q in states})
    found = find_equilibria(flow, seeds=[[0.5] * 5])
    assert not found.complete and len(found) == 1
    assert found[0].point == pytest.approx([0.5671432904097838] * 5, abs=1e-14)


hinge = st.fractions(-2, 2, max_denominator=3).map(sp.Rational)


@settings(max_examples=15)
@given(hinge, hinge, st.sampled_from([1, -1, 2, -3]), st.sampled_from([1, -2, 4]))
def test_a_hinge_in_a_changed_variable(root, kink, slope, turn):
    """s (g - r) + t (max(0, g - c) - max(0, r - c)) in g = sinh u: zero at g = r, perhaps on the other branch too."""

    def broken(v):
        return slope * (v - root) + turn * (max(0, v - kink) - max(0, root - kink))

    field = slope * (sp.sinh(u) - root) + turn * (sp.Max(0, sp.sinh(u) - kink) - sp.Max(0, root - kink))
    assume(slope + turn != 0)
    zeros = {root}
    other = kink - broken(kink) / (slope + turn if root < kink else slope)  # on the branch that does not hold the root
    if (other > kink) if root < kink else (other < kink):
        zeros.add(other)
    found = find_equilibria(Flow({u: field}), within={u: (-5, 5)})
    assert found.complete
    assert [e.point for e in found] == pytest.approx([float(sp.asinh(v)) for v in sorted(zeros)], abs=1e-9)
    for e, zero in zip(found, sorted(zeros)):
        step = sp.Rational(1, 1000)
        below, above = (sp.sign(broken(zero + s * step)) for s in (-1, 1))
        assume(all(abs(zero - w) > 2 * step for w in {*zeros, kink} - {zero}))
        assert e.stability == ("half-stable" if below == above else "stable" if below > 0 else "unstable")


@pytest.mark.parametrize(
    "field, points, complete",
    [
        (-sp.Abs(sp.sin(u)), [(0, "half-stable")], True),
        (sp.exp(u) - 2 + sp.Abs(u), [(-1.8414056604369606, "stable"), (0.4428544010023886, "unstable")], True),
        (sp.sign(sp.exp(u) - 2), [(0.6931471805599453, "unstable")], True),
        (-sp.sign(sp.exp(u) - 2) - sp.Rational(1, 2), [], True),  # jumps over zero
        (sp.Heaviside(sp.sin(u), 0), None, None),  # flat to the left of the jump
        (sp.floor(u) - u + sp.Rational(1, 2), [(k + 0.5, "stable") for k in range(-3, 3)], True),
        (sp.Mod(u, 2) - 1, [(-3, "unstable"), (-1, "unstable"), (1, "unstable"), (3, "unstable")], True),
        (
            (sp.exp(u) - 2) ** 2 * sp.cos(u),
            [(-np.pi / 2, "unstable"), (np.log(2), "half-stable"), (np.pi / 2, "stable")],
            True,
        ),
        (sp.sin(u) / u, [], False),  # not defined at 0
        (sp.sqrt(u) * sp.exp(u) - 1, [(0.4263027510068627, "unstable")], True),
        (sp.log(u), [(1, "unstable")], False),  # unbounded at 0
        (sp.exp(u) - 1 - sp.Max(0, u), [], False),  # double on one side of its kink
    ],
)
def test_kinks_jumps_and_edges_in_a_box(field, points, complete):
    within = {u: (-3, 3)}
    if points is None:
        with pytest.raises(NotIsolated):
            find_equilibria(Flow({u: field}), within=within)
        return
    found = find_equilibria(Flow({u: field}), within=within)
    assert found.complete == complete
    assert [(e.point, e.stability) for e in found] == [(pytest.approx(x, abs=1e-9), one) for x, one in points]


def test_a_flat_branch_is_no_equilibrium():
    for field in (sp.exp(u) * sp.Max(0, u), sp.exp(u) * (sp.Abs(u) - u)):
        with pytest.raises(NotIsolated, match="not isolated"):
            find_equilibria(Flow({u: field}), within={u: (-1, 1)})
    assert find_equilibria(Flow({u: sp.exp(u) * sp.Max(0, u)}), within={u: (1, 2)}).complete
    p = sp.Symbol("p", positive=True)
    assert len(find_equilibria(Flow({p: sp.exp(p) * (sp.Abs(p - 1) - p)}), within={p: (-1, 2)})) == 1


@pytest.mark.parametrize(
    "first, second, stability",
    [
        (-u + sp.Abs(v) / 2, -2 * v - sp.Abs(u) / 2, "stable"),
        (u - sp.Abs(v) / 2, -2 * v - sp.Max(0, u) / 2, "unstable"),
        (-u + sp.Max(0, v), sp.exp(-u) - 1 - v, "stable"),
        (-sp.sign(u) * sp.exp(v), -sp.sinh(v), "undecided"),
        (sp.Max(-u, -2 * u) + 3 * v, sp.Min(-v, -2 * v) - 3 * u, "stable"),
    ],
)
def test_a_kink_at_the_equilibrium_of_two_states(first, second, stability):
    """Half of them have no uncoupled stability: forms that decrease along all slopes beside the kink decide."""
    (e,) = (found := find_equilibria(Flow({u: first, v: second}), within={u: (-2, 3), v: (-2, 3)}))
    assert found.complete and np.abs(e.point).max() < 1e-9 and e.unstable is None
    assert e.stability == stability and bool(e.reason) == (stability == "undecided")
    if stability == "undecided":
        return
    f = sp.lambdify((u, v), (first, second))
    z = np.array([1e-3, 7e-4])  # a run from beside it comes closer, or leaves
    for _ in range(2000):
        z = z + 0.005 * np.array(f(*z), float)
    assert (np.abs(z).max() < 1e-6) == (stability == "stable")


def test_edges_of_the_box_are_part_of_it():
    for low, high, number in ((0, 3, 1), (-1, 0, 1), (-1, 4, 2), (1, 3, 0)):
        found = find_equilibria(Flow({u: sp.sin(u)}), within={u: (low, high)})
        assert found.complete and len(found) == number
    third = sp.Rational(1, 3)
    assert len(find_equilibria(Flow({u: sp.exp(u - third) - 1}), within={u: (third, 2)})) == 1
    assert len(find_equilibria(Flow({u: u**2 - 2}), within={u: (sp.sqrt(2), 2)})) == 1
    assert len(find_equilibria(Flow({u: u**2 - 2}), within={u: (sp.Rational(14142135624, 10**10), 2)})) == 0


def test_close_zeros_are_not_taken_for_one():
    gap = sp.Rational(1, 10**6)
    found = find_equilibria(Flow({u: (sp.exp(u) - 1) * (sp.exp(u) - 1 - gap)}), within={u: (-2, 3)})
    assert found.complete and [e.stability for e in found] == ["stable", "unstable"]


def test_shared_terms_are_eliminated_before_the_search():
    burst = (sp.exp(u) - 2) ** 3 * sp.cosh(v)
    found = find_equilibria(
        Flow({u: burst + sp.sinh(v - 1), v: burst - sp.sinh(v - 1)}), within={u: (-3, 3), v: (-3, 3)}
    )
    assert (
        found.complete
        and found[0].point == pytest.approx((np.log(2), 1))
        and found[0].stability in ("undecided", "stable")
    )


def test_seeds_find_kinked_equilibria_of_many_states():
    states = sp.symbols("q_1:6", real=True)
    flow = Flow({q: sp.exp(-q) - q + sp.Max(0, q - 1) for q in states})
    found = find_equilibria(flow, seeds=[[0.5] * 5, [0.6] * 5])
    assert not found.complete and len(found) == 1 and found[0].stability == "stable"
    assert found[0].point == pytest.approx([0.5671432904097838] * 5, abs=1e-14)


def test_a_coordinate_that_is_zero_does_not_shrink_without_end():
    """The first one converges to the number 0, the second one lies on the edge of the box and stands still longer."""
    x, y = sp.symbols("x y", real=True)
    cubic = sp.expand((y - sp.Rational(3, 2)) * (y + 7) * (2 * y + sp.Rational(7, 2)))
    drive = x * (sp.sin(3 * x) + 2)
    flow = Flow({x: cubic - drive, y: cubic + 2 * drive})
    (one,) = find_equilibria(flow, within={x: (-1, 2), y: (-1, sp.Rational(3, 2))})
    for state, value in ((x, 0), (y, sp.Rational(3, 2))):
        lower, upper = one.bounds[state]
        assert lower <= value <= upper
        assert upper - lower < sp.Rational(1, 10**16)
        assert lower.q.bit_length() < 10**4  # the bounds of a number far below any use would fill the memory


@pytest.mark.parametrize("digits", [5, 50, 400])
def test_as_many_digits_as_are_asked_for(digits):
    x = sp.Symbol("x", real=True)
    (one,) = find_equilibria(Flow({x: sp.cos(x) - x}), within={x: (0, 2)}, digits=digits)
    lower, upper = one.bounds[x]
    assert (upper - lower) * 10 ** (digits - 1) < lower
    low, high = (sp.N(sp.cos(end) - end, digits + 30) for end in (lower, upper))
    assert low >= 0 >= high
