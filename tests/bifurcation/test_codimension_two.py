"""Curves of folds and Hopf points in two parameters, and the points on them."""

import pytest
import sympy as sp
from problems import BIFURCATIONS, BOGDANOV_TAKENS, A, B, k as K, m, u, v

from symssl import Flow
from symssl.bifurcation import (
    Event,
    FieldProblem,
    critical_coefficients,
    fold_curve,
    hopf_curve,
)
from symssl.errors import InputError


def test_cusp():
    k = sp.Symbol("k", real=True)
    curve = fold_curve(Flow({u: m + k * u - u**3}, (m, k)), (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    assert [e.label for e in curve.events] == ["CP"]
    assert (*curve.events[0].state, curve.events[0].parameter) == pytest.approx((0, 0, 0), abs=1e-10)
    assert 27 * curve.values[:, 0] ** 2 == pytest.approx(4 * curve.values[:, 1] ** 3, abs=1e-11)


def test_bogdanov_takens():
    folds = fold_curve(BOGDANOV_TAKENS, (A, B), (0.0, 0.0, 0.0, 1.0), bounds=(-1, 2))
    assert folds.values[:, 0] == pytest.approx(0, abs=1e-12)
    assert "BT" in [e.label for e in folds.events]
    hopf = hopf_curve(BOGDANOV_TAKENS, (A, B), (-0.5, 0.0, -0.25, 0.5), bounds=(-1, 2))
    assert hopf.values[:, 0] == pytest.approx(-(hopf.values[:, 1] ** 2), abs=1e-12)
    assert (hopf.values[:, 1] >= 0).all() and [e.label for e in hopf.events] == ["BT"]
    assert (*hopf.events[0].state, hopf.events[0].parameter) == pytest.approx((0, 0, 0, 0), abs=1e-14)
    form = critical_coefficients(FieldProblem(BOGDANOV_TAKENS, (A, B)), hopf.events[0])
    assert form.kind == "Bogdanov-Takens" and form.coefficients == pytest.approx({"a": 1, "b": 1}, abs=1e-12)
    # u' = v, v' = A + B v + u^2 + u v: unstable cycles, as the Lyapunov coefficient beside it says
    near = critical_coefficients(FieldProblem(BOGDANOV_TAKENS, A, {B: 0.1}), Event("HB", -0.01, (-0.1, 0.0)))
    assert near.coefficients["l1"] > 0 and "unstable" in form.meaning


def test_hopf_curve_of_the_brusselator():
    flow = next(p for p in BIFURCATIONS if p.name == "Brusselator").flow
    curve = hopf_curve(flow, (B, A), (1, 2, 2, 1), bounds=(0.2, 3))
    assert curve.values[:, 0] == pytest.approx(1 + curve.values[:, 1] ** 2, abs=1e-12)
    assert curve.values[:, 1].min() == pytest.approx(0.2) and curve.values[:, 1].max() == pytest.approx(3)


@pytest.mark.parametrize(
    "start, options, error, word",
    [
        ((1.0, -2.0, 3.5), {"method": "explicit"}, InputError, "lies on no fold"),
        ((1.0, -2.0, 9.0), {}, InputError, "outside the bounds"),
        ((1.0, -2.0), {}, InputError, "must list 3 finite numbers"),
        ((1.0, -2.0, 3.0), {"method": "guess"}, InputError, "one of"),
        (Event("HB", 0.0, (0.0,)), {}, InputError, "labelled LP, not HB"),
        (Event("LP", 0.0, (0.0,)), {}, InputError, "needs the value of k"),
    ],
)
def test_starts_of_fold_curves(start, options, error, word):
    with pytest.raises(error, match=word):
        fold_curve(Flow({u: m + K * u - u**3}, (m, K)), (m, K), start, bounds=(-1, 4), **options)


def test_a_hopf_curve_changes_its_criticality():
    """l1 is proportional to k: generalised Hopf at k = 0."""
    turn = u**2 + v**2
    flow = Flow({u: m * u - v + K * u * turn - u * turn**2, v: u + m * v + K * v * turn - v * turn**2}, (m, K))
    curve = hopf_curve(flow, (m, K), (0.0, 0.0, 0.0, 1.0), bounds=(-1, 2))
    assert [(e.label, e.parameter) for e in curve.events] == [("GH", pytest.approx(0, abs=1e-9))]
    with pytest.raises(InputError, match="no complex pair"):
        hopf_curve(Flow({u: m * u, v: -v + K}, (m, K)), (m, K), (0.0, 1.0, 0.5, 1.0), bounds=(-1, 2))
