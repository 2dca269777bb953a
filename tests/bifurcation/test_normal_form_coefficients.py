"""Coefficients of normal forms at events whose normal form is known."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import BIFURCATIONS, A, B, m, u, v, w

from symssl import Flow
from symssl.bifurcation import (
    Event,
    FieldProblem,
    continue_branch,
    critical_coefficients,
)
from symssl.errors import InputError, Refusal


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


q = sp.Symbol("q", real=True)
small = st.fractions(-3, 3, max_denominator=7).map(sp.Rational)


def two_oscillators(p11, p12, p21, p22, frequency):
    r, s = u**2 + v**2, w**2 + q**2
    one, two = m + p11 * r + p12 * s, m + p21 * r + p22 * s
    return {u: one * u - v, v: u + one * v, w: two * w - frequency * q, q: frequency * w + two * q}


@settings(max_examples=4)
@given(st.tuples(small, small, small, small), st.sampled_from([sp.Rational(7, 5), sp.sqrt(2), sp.Rational(5, 2), 4]))
def test_the_normal_form_of_two_pairs(terms, frequency):
    """Amplitudes of the two are |z| sqrt(2) for eigenvectors of length one, which doubles all terms."""
    problem = FieldProblem(Flow(two_oscillators(*terms, frequency), (m,)), m)
    for label in ("HB", "HH"):
        found = critical_coefficients(problem, Event(label, 0.0, (0.0,) * 4))
        assert found.kind == "double Hopf" and found.meaning
        assert [found.coefficients[k] for k in ("p11", "p12", "p21", "p22")] == pytest.approx(
            [2 * float(c) for c in terms]
        )
        assert found.coefficients["frequency2"] == pytest.approx(float(frequency))


@settings(max_examples=2)
@given(st.lists(st.integers(-2, 2), min_size=6, max_size=6))
def test_quadratic_terms_that_a_change_of_state_brings_in_do_not_matter(entries):
    """u -> u + quadratic terms leaves the normal form as it is, with all the resolvents at work."""
    terms, frequency = (-1, -2, sp.Rational(1, 2), -1), sp.Rational(7, 5)
    field = two_oscillators(*terms, frequency)
    e = [sp.Rational(k, 4) for k in entries]
    bend = {u: e[0] * w**2 + e[1] * w * q, v: e[2] * w * q, w: sp.Integer(0), q: sp.Integer(0)}
    back = {u: u - bend[u], v: v - bend[v]}  # old states in terms of the new ones
    rates = {x: f + sum(sp.diff(bend[x], y) * field[y] for y in (w, q)) for x, f in field.items()}
    flow = Flow({x: f.subs(back, simultaneous=True) for x, f in rates.items()}, (m,))
    found = critical_coefficients(FieldProblem(flow, m), Event("HH", 0.0, (0.0,) * 4))
    assert [found.coefficients[k] for k in ("p11", "p12", "p21", "p22")] == pytest.approx([2 * float(c) for c in terms])


@settings(max_examples=4)
@given(
    st.tuples(*[st.fractions(sp.Rational(1, 4), 3, max_denominator=5).map(sp.Rational)] * 3), st.sampled_from([1, -1])
)
def test_the_normal_form_of_a_zero_and_a_pair(sizes, sign):
    a, b, d = sizes
    flow = Flow({u: m + a * u**2 + sign * b * (v**2 + w**2), v: d * u * v - 2 * w, w: 2 * v + d * u * w}, (m,))
    found = critical_coefficients(FieldProblem(flow, m), Event("ZH", 0.0, (0.0,) * 3))
    scale = np.sign(found.coefficients["a"])  # the kernel may point either way
    assert found.kind == "zero-Hopf" and ("tori" in found.meaning) == (sign < 0)
    assert [scale * found.coefficients[k] for k in "abd"] == pytest.approx([float(a), 2 * sign * float(b), float(d)])
    assert found.coefficients["frequency"] == pytest.approx(2)


@pytest.mark.parametrize(
    "field, label, word",
    [
        ({u: m * u - u**3, v: m * v - v**3}, "BP", "kernel has dimension 2"),
        ({u: m * u - u**3, v: m * v - v**3, w: -w}, "LP", "kernel has dimension 2"),
        (two_oscillators(-1, 0, 0, -1, 1), "HB", "strong resonance 1:1"),
        (two_oscillators(-1, 0, 0, -1, 3), "HH", "strong resonance 1:3"),
        ({u: v, v: w, w: m * u + u**2}, "BP", "3 eigenvalues vanish"),
        (two_oscillators(-1, 0, 0, -1, sp.sqrt(2)) | {sp.Symbol("z", real=True): m * u}, "HB", "2 pairs and 1 zero"),
    ],
)
def test_many_critical_eigenvalues_have_no_simple_normal_form(field, label, word):
    with pytest.raises(Refusal, match=word):
        critical_coefficients(FieldProblem(Flow(field, (m,)), m), Event(label, 0.0, (0.0,) * len(field)))


def test_labels_that_do_not_fit_the_eigenvalues():
    problem = FieldProblem(Flow({u: m - u**2, v: -v}, (m,)), m)
    for label in ("HH", "ZH"):
        with pytest.raises(InputError, match=f"this is no {label} point"):
            critical_coefficients(problem, Event(label, 0.0, (0.0, 0.0)))
    with pytest.raises(InputError, match="no normal form"):
        critical_coefficients(problem, Event("UZ", 0.0, (0.0, 0.0)))


@pytest.mark.parametrize(
    "field, label, kind, word",
    [
        (m - u**4, "LP", "degenerate", "higher order"),
        (m - u**3, "LP", "cusp", "hysteresis"),
        (m**2 * u - u**3, "BP", "degenerate", "higher order"),  # the eigenvalue m^2 only touches zero
        (m**2 - u**2, "BP", "transcritical", "cross"),
        (m**2 + u**2, "BP", "degenerate", "isolated"),
        ((u - m) ** 2, "BP", "degenerate", "decide"),
        ((u - m) * (u + 2 * m), "BP", "transcritical", "cross"),
    ],
)
def test_a_degenerate_point_gets_no_simple_normal_form(field, label, kind, word):
    found = critical_coefficients(FieldProblem(Flow({u: field}, (m,)), m), Event(label, 0.0, (0.0,)))
    assert found.kind == kind and word in found.meaning


@pytest.mark.parametrize("real, word", [(m, "supercritical"), (m**2, "degenerate"), (-(m**3), "degenerate")])
def test_cycles_are_born_where_the_pair_crosses_with_speed(real, word):
    shifted = real.subs(m, m - sp.Rational(1, 3))
    flow = Flow({u: shifted * u - v - u * (u**2 + v**2), v: shifted * v + u - v * (u**2 + v**2)}, (m,))
    (event,) = continue_branch(flow, m, (0, 0), at=-1, bounds=(-1, 1)).events
    found = critical_coefficients(FieldProblem(flow, m), event)
    assert event.label == "HB" and found.kind == "Hopf" and found.meaning.startswith(word)


def test_chains_among_the_stable_eigenvalues_do_no_harm():
    x = sp.symbols("x1:7", real=True)
    slow = {x[0]: m * x[0] - x[1] - x[0] * (x[0] ** 2 + x[1] ** 2), x[1]: x[0] + m * x[1]}
    fast = {x[2]: m * x[2] - 5 * x[3] - x[2] * (x[2] ** 2 + x[3] ** 2), x[3]: 5 * x[2] + m * x[3]}
    flow = Flow({**slow, **fast}, (m,))
    chained = Flow({**slow, **fast, x[4]: x[5] - x[4], x[5]: -x[5]}, (m,))
    plain, more = (
        critical_coefficients(FieldProblem(f, m), Event("HH", 0.0, (0.0,) * len(f.states))) for f in (flow, chained)
    )
    assert more.kind == "double Hopf" and more.coefficients == pytest.approx(plain.coefficients, abs=1e-12)
    single = Flow({**slow, x[4]: x[5] - x[4], x[5]: -x[5]}, (m,))
    found = critical_coefficients(FieldProblem(single, m), Event("HB", 0.0, (0.0,) * 4))
    assert found.meaning.startswith("supercritical")
