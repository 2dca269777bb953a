"""Coefficients of normal forms at events whose normal form is known."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from problems import BIFURCATIONS, A, B, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    Event,
    FieldProblem,
    critical_coefficients,
)


@pytest.mark.parametrize(
    "flow, values, event, kind, coefficients",
    [
        (Flow({u: m - u**2}, (m,)), {}, Event("LP", 0.0, (0.0,)), "fold", {"a": -1, "b": 1}),
        (Flow({u: m * u - u**2}, (m,)), {}, Event("BP", 0.0, (0.0,)), "transcritical", {"a": -1, "b": 1}),
        (Flow({u: m * u - u**3}, (m,)), {}, Event("BP", 0.0, (0.0,)), "pitchfork", {"b": 1, "c": -1}),
        (Flow({u: m * u + u**3}, (m,)), {}, Event("BP", 0.0, (0.0,)), "pitchfork", {"b": 1, "c": 1}),
        (Flow({u: m - u**3}, (m,)), {}, Event("LP", 0.0, (0.0,)), "cusp", {"a": 0, "c": -1}),
        (
            Flow({u: m * u - v - u * (u**2 + v**2), v: u + m * v - v * (u**2 + v**2)}, (m,)),
            {},
            Event("HB", 0.0, (0.0, 0.0)),
            "Hopf",
            {"l1": -2, "frequency": 1},
        ),
        (
            Flow({u: m * u - 2 * v + u * (u**2 + v**2), v: 2 * u + m * v + v * (u**2 + v**2)}, (m,)),
            {},
            Event("HB", 0.0, (0.0, 0.0)),
            "Hopf",
            {"l1": 1, "frequency": 2},
        ),
        # a quadratic centre manifold: v = u**2 to lowest order, so u' = m u + u v gives the cubic +1
        (Flow({u: m * u + u * v, v: -v + u**2}, (m,)), {}, Event("BP", 0.0, (0.0, 0.0)), "pitchfork", {"b": 1, "c": 1}),
    ],
)
def test_normal_forms(flow, values, event, kind, coefficients):
    found = critical_coefficients(FieldProblem(flow, m, values), event)
    assert found.kind == kind and found.meaning
    assert found.coefficients == pytest.approx(coefficients, abs=1e-12)


def test_the_lorenz_hopf_point_is_subcritical():
    problem = next(p for p in BIFURCATIONS if p.name == "Lorenz")
    label, _, at, state = problem.events[-1]
    found = critical_coefficients(FieldProblem(problem.flow, problem.parameter), Event(label, at, state))
    assert found.coefficients["l1"] > 0 and found.meaning.startswith("subcritical")
    # the squared frequency is b (sigma + r) on this branch
    assert found.coefficients["frequency"] ** 2 == pytest.approx(8 / 3 * (10 + 470 / 19), rel=1e-9)


@given(st.floats(0.2, 3), st.floats(0.2, 3))
def test_criticality_at_a_double_zero(a, b):
    """The sign of a b is that of the Lyapunov coefficient beside it, for both signs of b."""
    for sign in (1, -1):
        flow = Flow({u: v, v: A + B * v + sp.Float(a) * u**2 + sign * sp.Float(b) * u * v}, (A, B))
        form = critical_coefficients(FieldProblem(flow, (A, B)), Event("BT", 0.0, (0.0, 0.0, 0.0)))
        assert form.coefficients == pytest.approx({"a": a, "b": sign * b})
        shift = -sign * 0.05 / b  # the trace B + sign b u vanishes at u = shift for B = 0.05
        hopf = Event("HB", -a * shift**2, (min(shift, -shift), 0.0))
        B_ = -sign * b * hopf.state[0]
        near = critical_coefficients(FieldProblem(flow, A, {B: B_}), hopf)
        assert np.sign(near.coefficients["l1"]) == sign
