"""Curves of folds and Hopf points in two parameters, and the points on them."""

import pytest
import sympy as sp
from problems import BIFURCATIONS, BOGDANOV_TAKENS, A, B, k as K, m, u, v, w

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


a, b = sp.symbols("a b", real=True)
TURNING = Flow({u: a * u - v + u * w, v: u + a * v + v * w, w: b - w**2 - u**2 - v**2}, (a, b))


@pytest.mark.parametrize(
    "curve, parameters, start, bounds",
    [
        (hopf_curve, (a, b), (0, 0, 1, -1, 1), (-1, 2)),
        (hopf_curve, (a, b), (0, 0, 1, -1, 1), (0, 2)),
        (hopf_curve, (b, a), (0, 0, 1, 1, -1), (-1, 1)),
        (hopf_curve, (b, a), (0, 0, 1, 1, -1), (-1, 0)),  # the point is the end of the curve
        (fold_curve, (b, a), (0, 0, 0, 0, -0.3), (-1, 1)),
        (fold_curve, (b, a), (0, 0, 0, 0, -0.3), (-1, 0)),
        (fold_curve, (b, a), (0, 0, 0, 0, 0.7), (0, 1)),
    ],
)
def test_zero_hopf_is_met_by_both_curves(curve, parameters, start, bounds):
    """Folds at b = 0 and Hopf points at b = a^2 touch at the origin, where the Lyapunov coefficient has a pole."""
    found = curve(TURNING, parameters, start, bounds=bounds)
    (event,) = found.events
    assert event.label == "ZH" and event.converged
    assert (*event.state, event.parameter) == pytest.approx((0,) * 5, abs=1e-9)
    first, second = found.values.T
    along = second if parameters == (a, b) else first
    assert along == pytest.approx(
        (first if parameters == (a, b) else second) ** 2 if curve is hopf_curve else 0, abs=1e-9
    )


def test_a_hopf_curve_meets_another_pair():
    """The second pair crosses where k = 1/3, whatever m is; it has its own frequency."""
    x, y = sp.symbols("x y", real=True)
    first = {u: (m - K**2) * u - v - u**3, v: u + (m - K**2) * v - v**3}
    other = {x: (K - sp.Rational(1, 3)) * x - 4 * y - x**3, y: 4 * x + (K - sp.Rational(1, 3)) * y + u**2}
    flow = Flow(first | other, (m, K))
    curve = hopf_curve(flow, (m, K), (0, 0, 0, 0, 1, 1), bounds=(-1, 2))
    (event,) = curve.events
    assert event.label == "HH" and (event.state[-1], event.parameter) == pytest.approx((1 / 9, 1 / 3), abs=1e-9)
    assert critical_coefficients(FieldProblem(flow, (m, K)), event).kind == "double Hopf"


def test_a_pole_of_the_lyapunov_coefficient_is_no_generalised_hopf_point():
    """w follows |z|^2/(2 a) at the Hopf points w = -a, so that l1 has the sign of 1/(2 a) - 1/4: a pole and a zero."""
    cubic = (u**2 + v**2) / 4
    flow = Flow({u: TURNING.rhs[u] - u * cubic, v: TURNING.rhs[v] - v * cubic, w: TURNING.rhs[w]}, (a, b))
    curve = hopf_curve(flow, (b, a), (0, 0, 1, 1, -1), bounds=(-3, 3))
    assert sorted((round(e.parameter, 7), e.label) for e in curve.events) == [(0, "ZH"), (2, "GH")]
