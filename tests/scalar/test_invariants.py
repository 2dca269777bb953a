"""Darboux polynomials and first integrals, against known flows and numerical integration."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import INVARIANTS, MODES, a, b, m, p, r, rho, s, x, y, z
from scipy.integrate import solve_ivp

from symssl import Flow, InputError, Refusal
from symssl.scalar.invariants import _solve

small = st.integers(-3, 3)


@pytest.mark.parametrize("flow, degree, expected, integrals", INVARIANTS, ids=lambda v: str(v)[:40])
def test_known_invariants(flow, degree, expected, integrals):
    found = flow.invariants(degree)
    cofactors = {law.curve: law.cofactor for law in found}
    for curve, cofactor in expected.items():
        assert sp.expand(cofactors[curve] - cofactor) == 0
    assert all(law.verify() for law in found) and len(found.integrals) == integrals and found.complete
    if not expected:
        assert len(found) == 0 and not found


def test_the_parabola_is_found_quickly(monkeypatch):
    steps = []

    def counted(ring, equations, solution):
        steps.append(len(equations))
        yield from _solve(ring, equations, solution)

    monkeypatch.setattr("symssl.scalar.invariants._solve", counted)
    monkeypatch.setattr("symssl.scalar.invariants._by_groebner", None)  # not called
    laws = MODES.invariants()
    assert len(steps) < 100 and max(steps) < 100  # half a second; the order of the steps follows the hash seed
    parabola = next(law for law in laws if law.decay is not None)
    assert parabola.curve == s - p**2 and parabola.decay == 2 * rho
    assert MODES.restrict(parabola).states.keys() == {p}


@given(small, small, small, small)
@settings(max_examples=20)
def test_a_planted_curve_is_found(q, w, e, g):
    """A field built tangent to y = q*x**2 + w, whatever else it does."""
    curve = y - q * x**2 - w
    field = {x: e + x + g * y, y: sp.expand(2 * q * x * (e + x + g * y) + (x + 3) * curve)}
    laws = Flow(field).invariants(2)
    if q == w == 0:
        curve = y
    assert any(sp.expand(law.curve - curve) == 0 or sp.rem(curve, law.curve, y) == 0 for law in laws)


@pytest.mark.parametrize(
    "flow, degree, expected, integrals", [row for row in INVARIANTS if row[3]], ids=lambda v: str(v)[:40]
)
def test_first_integrals_stay_constant(flow, degree, expected, integrals):
    values = {q: 0.5 + 0.25 * i for i, q in enumerate(flow.parameters)}
    f = sp.lambdify([tuple(flow.states)], [g.subs(values) for g in flow.rhs.values()])
    path = solve_ivp(lambda _, v: f(v), (0, 1.5), [0.7, 0.4], rtol=1e-11, atol=1e-13)
    for integral in flow.invariants(degree).integrals:
        values_along = sp.lambdify(tuple(flow.states), integral.subs(values))(*path.y)
        assert np.ptp(values_along) < 1e-8 * abs(values_along[0])
        assert np.ptp(sp.lambdify(tuple(flow.states), sum(flow.states))(*path.y)) > 1e-2


def test_curve_decays_with_its_cofactor_numerically():
    values = {r: 1.0, a: 1.2, b: 0.8, sp.Symbol("c_x", real=True): 0.4, rho: 0.3}
    f = sp.lambdify([(p, s)], [g.subs(values) for g in MODES.rhs.values()])
    path = solve_ivp(lambda _, v: f(v), (0, 2), [0.3, 0.5], rtol=1e-11, atol=1e-13)
    gap = path.y[1] - path.y[0] ** 2
    assert abs(gap[-1] / gap[0] - np.exp(-2 * 0.3 * 2)) < 1e-9


def test_degree_bounds_the_search():
    flow = Flow({x: y, y: x**3 - x})
    assert len(flow.invariants(2)) == 0
    (energy,) = flow.invariants(4).integrals
    assert sp.diff(sp.expand(flow.lie(energy)), x) == 0 and energy.has(x**4)


def test_rational_fields_and_their_poles():
    found = Flow({x: x / (1 + y), y: -y / (1 + x**2)}).invariants(2)
    assert {law.curve for law in found} == {x, y} and len(found.integrals) == 1


def test_factors_are_irreducible_and_listed_once():
    curves = [law.curve for law in Flow({x: x * (1 - y), y: y * (x - 2), z: z * x}).invariants(3)]
    assert set(curves) == {x, y, z} and len(curves) == 3


def test_conjugate_pairs_appear_as_their_product():
    (law,) = Flow({x: -y + m * x, y: x + m * y}, (m,)).invariants(2)
    assert law.curve == x**2 + y**2 and law.cofactor == 2 * m


def test_a_wrong_law_is_noticed():
    law = next(iter(MODES.invariants()))
    assert not replace(law, cofactor=law.cofactor + 1).verify()


def test_refusals_and_input():
    with pytest.raises(Refusal, match="rational"):
        Flow({x: sp.exp(x)}).invariants()
    for degree in (0, -1, 1.5, True, "2"):
        with pytest.raises(InputError, match="whole number"):
            MODES.invariants(degree)


def test_a_search_that_gets_stuck_says_so(monkeypatch):
    """Equations that neither split nor have finitely many solutions are left alone, and the result is not complete."""
    module = import_module("symssl.scalar.invariants")
    ring, f, g = sp.ring("f, g", sp.QQ)
    assert list(module._solve(ring, [f**2 + g**2 - 1], {})) == [None]
    assert list(module._solve(ring, [f**2 - 2], {})) == []  # no rational solution: a proof, not a failure
    assert sorted(s[f] for s in module._solve(ring, [(f - 1) * (f + 2), g], {})) == sorted([ring(1), ring(-2)])
    saddle = Flow({x: y, y: 2 * x})  # the lines y = 2**(1/2)*x are not rational
    assert saddle.invariants(1).complete and not len(saddle.invariants(1))
    monkeypatch.setattr(module, "_by_groebner", lambda ring, equations, solution: iter([None]))
    assert not saddle.invariants(1).complete
    assert Flow({x: x, y: 3 * y}).invariants(1).complete  # nothing was left to it here
