"""Fold curves in closed form, against continuation and against formulas."""

import numpy as np
import pytest
from problems import k as K, m, u

from symssl import Flow
from symssl.bifurcation import (
    bifurcation_diagram,
    fold_curve,
)
from symssl.errors import Refusal


@pytest.mark.parametrize("method", ["explicit", "continuation"])
@pytest.mark.parametrize(
    "field, first, second, start, bounds, exact, cusps",
    [
        # two parameters by the state: m = -2 u^3, k = 3 u^2
        (m + K * u - u**3, m, K, (1.0, -2.0, 3.0), (-1, 4), lambda x, a, b: (a + 2 * x**3, b - 3 * x**2), [(0, 0, 0)]),
        # a state that no parameter moves: f = (u - u^2) q/(1 + q) - m u has its fold at u = 0 only; here u = 1/2
        (
            u**2 * (1 - u) / (1 + K**2) - m * u,
            m,
            K,
            (0.5, 0.125, 1.0),
            (-2, 2),
            lambda x, a, b: (x - 0.5, a - 0.25 / (1 + b**2)),
            [],
        ),
        # the parameter enters squared, so that the state is a function of it
        (m - (u - K) ** 2 - K, m, K, (1.0, 1.0, 1.0), (-2, 2), lambda x, a, b: (x - b, a - b), []),
    ],
)
def test_fold_curves(method, field, first, second, start, bounds, exact, cusps):
    curve = fold_curve(Flow({u: field}, (second, first)), (first, second), start, bounds=bounds, method=method)
    for defect in exact(curve.x[:, 0], *curve.values.T):
        assert np.abs(defect).max() < 1e-11
    assert [(*e.state, e.parameter) for e in curve.events if e.label == "CP"] == [
        pytest.approx(c, abs=1e-9) for c in cusps
    ]
    assert curve.residual.max() < 1e-12 and curve.status == "bound"
    assert max(curve.values[[0, -1], 1]) == pytest.approx(bounds[1], abs=1e-9)


def test_fold_curves_without_a_closed_form_are_continued():
    flow = Flow({u: m + K * u - u**3 - K**3 * u**2}, (m, K))
    (fold, _) = bifurcation_diagram(flow, m, (-3, 3), {K: 1}).events
    with pytest.raises(Refusal):
        fold_curve(flow, (K, m), (*fold.state, 1.0, fold.parameter), bounds=(-3, 3), method="explicit")
    curve = fold_curve(flow, (m, K), fold, {K: 1}, bounds=(0.5, 1.5))
    x, (a, b) = curve.x[:, 0], curve.values.T
    assert a + b * x - x**3 - b**3 * x**2 == pytest.approx(
        0, abs=1e-12
    ) and b - 3 * x**2 - 2 * b**3 * x == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("power", [3, 5, 7])
def test_the_order_of_a_cusp(power):
    start = (1.0, 1 - power, power)  # m = -(power - 1) u^power, K = power u^(power - 1)
    curve = fold_curve(Flow({u: m + K * u - u**power}, (m, K)), (m, K), start, bounds=(-1, 8), method="explicit")
    assert [(e.label, e.multiplicity) for e in curve.events] == [("CP", power)]
