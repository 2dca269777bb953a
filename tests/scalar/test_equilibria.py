"""Exact equilibria and proved stability, against exact isolation and numerical eigenvalues."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from problems import SCALAR, SIXTH, SIXTH_VALUES, a, b, c, d, k, m, mu, p, rho, sigma2, x, y

from symssl import Flow, InputError, Refusal

CUBIC = next(q.flow for q in SCALAR if q.name == "cubic with decay")
rationals = st.fractions(min_value=-3, max_value=3, max_denominator=12)


@pytest.mark.parametrize("problem", SCALAR, ids=lambda q: q.name)
def test_number_and_multiplicity_at_rational_parameters(problem):
    for values, (negative, zero, positive) in problem.counts:
        found = problem.flow.fix(dict(values)).equilibria()
        multiplicities = {
            s_: sorted((e.multiplicity for e in found if sp.sign(e.point) == s_), reverse=True) for s_ in (-1, 0, 1)
        }
        assert multiplicities == {-1: list(negative), 0: [zero] if zero else [], 1: list(positive)}
        assert found.verify() and found.implicit == ()


@given(st.lists(rationals, min_size=1, max_size=5))
def test_constructed_roots_and_stability_of_the_field_beside_them(roots):
    flow = Flow({x: -sp.expand(sp.prod([x - sp.Rational(q) for q in roots]))})
    found = flow.equilibria()
    assert found.points == tuple(sorted({sp.Rational(q) for q in roots}))
    names = {(1, -1): "stable", (-1, 1): "unstable"}
    eps = sp.Rational(1, 10**6)
    for e in found:
        sides = tuple(sp.sign(flow.rhs[x].subs(x, e.point + s_ * eps)) for s_ in (-1, 1))
        assert e.stability == names.get(sides, "half-stable")


def test_symbolic_branches_with_conditions():
    found = CUBIC.equilibria()
    at = {sigma2: 1, rho: sp.Rational(1, 9)}
    values = {e.point.subs(at): e.stability for e in found if e.condition.subs(at) == True}  # noqa: E712
    assert values == {0: "stable", sp.Rational(1, 6): "unstable", sp.Rational(1, 3): "stable"}
    at = {sigma2: 1, rho: sp.Rational(1, 8)}
    values = {e.point.subs(at): e.stability for e in found if e.condition.subs(at) == True}  # noqa: E712
    assert values == {0: "stable", sp.Rational(1, 4): "half-stable"} and found.verify()


def test_what_has_no_closed_form_is_an_equation():
    found = SIXTH.equilibria()
    assert found.points == (0,) and len(found.implicit) == 1
    numbers = SIXTH.fix({**SIXTH_VALUES, rho: sp.Rational(1, 4)}).equilibria()
    assert len(numbers) == 4 and [e.stability for e in numbers] == ["unstable", "stable", "unstable", "stable"]


@given(st.lists(rationals, min_size=4, max_size=4))
def test_planar_stability_against_eigenvalues(entries):
    matrix = sp.Matrix(2, 2, [sp.Rational(q) for q in entries])
    flow = Flow(dict(zip((x, y), matrix * sp.Matrix([x, y]), strict=True)))
    largest = max(np.linalg.eigvals(np.array(entries, dtype=float).reshape(2, 2)).real)
    try:
        found = flow.stability({x: 0, y: 0})
    except Refusal as refusal:
        found, residual = None, refusal.residual
    if found is None:
        assert abs(largest) < 1e-7 and residual  # a zero or imaginary pair
    else:
        assert abs(largest) > 1e-12 and found == ("stable" if largest < 0 else "unstable")


def test_systems():
    found = Flow({x: a * x - b * x * y, y: -c * y + d * x * y}, (a, b, c, d)).equilibria()
    assert set(found.points) == {(0, 0), (c / d, a / b)} and found.verify()
    assert {e.point: e.stability for e in found}[0, 0] == "unstable"


def test_assumptions_on_the_state_select():
    q = sp.Symbol("q", positive=True)
    assert Flow({q: (q - 1) * (q + 2) * q}).equilibria().points == (1,)
    found = Flow({q: q - m}, (m,)).equilibria()
    assert found.explicit[0].condition == (m > 0)
    assert Flow({x: 1 + x**2}).equilibria().points == ()


def test_refusals_and_input():
    with pytest.raises(InputError, match="not an equilibrium"):
        CUBIC.stability(1)
    with pytest.raises(InputError, match="no value for y"):
        Flow({x: y, y: -x}).stability({x: 0})
    with pytest.raises(Refusal, match="not decided") as refusal:
        Flow({x: m * x}, (m,)).stability(0)
    assert refusal.value.residual == m
    with pytest.raises(Refusal, match="not isolated"):
        Flow({x: x * y, y: -x * y}).equilibria()
    with pytest.raises(Refusal, match="vanishes identically"):
        Flow({x: sp.Integer(0)}).equilibria()
    with pytest.raises(Refusal, match="not a rational"):
        Flow({x: sp.exp(x) - 1}).equilibria()
    assert Flow({x: -(x**3) + 0 * k}).stability(0) == "stable" and mu.is_positive and p.is_real


def test_text_is_refused():
    x = sp.Symbol("x", real=True)
    flow = Flow({x: -x})
    for point in ("1 + 1", {x: "1 + 1"}):
        with pytest.raises(InputError, match="string"):
            flow.stability(point)


def admitted(found, at):
    """The points whose condition holds at numbers, each once."""
    return {tuple(sp.nsimplify(v.subs(at)) for v in e.values.values()) for e in found if e.condition.subs(at) == True}  # noqa: E712


@given(rationals)
def test_points_of_a_system_are_listed_where_they_are_real(q):
    q = sp.Rational(q)
    found = Flow({x: y - x, y: m - x**2}, (m,)).equilibria()
    assert found.verify()
    expected = {(r, r) for r in ({sp.sqrt(q), -sp.sqrt(q)} if q >= 0 else ())}
    assert admitted(found, {m: q}) == expected
    assert sum(e.condition.subs(m, q) == True for e in found) == len(expected)  # noqa: E712


def test_conditions_of_systems():
    z = sp.Symbol("z", real=True)
    lorenz = Flow({x: a * (y - x), y: x * (b - z) - y, z: x * y - c * z}, (a, b, c)).equilibria()
    conditions = {e.point[0]: e.condition for e in lorenz}
    assert len(lorenz) == 3 and conditions.pop(0) == sp.true and set(conditions.values()) == {b - 1 > 0}
    at = {a: 10, c: 1, b: 5}
    assert admitted(lorenz, at) == {(0, 0, 0), (2, 2, 4), (-2, -2, 4)}
    assert Flow({x: m * x - 1, y: -y}, (m,)).equilibria().explicit[0].condition == sp.Ne(m, 0)
    assert Flow({x: (x - m) / x, y: -y}, (m,)).equilibria().explicit[0].condition == sp.Ne(m, 0)
    squares = Flow({x: x**2 - m, y: y**2 - k}, (m, k)).equilibria()
    assert [len(admitted(squares, {m: s_, k: t_})) for s_ in (1, 0, -1) for t_ in (4, 0, -1)] == [4, 2, 0, 2, 1] + [
        0
    ] * 4
    assert Flow({x: y - x, y: x**3 - 1}).equilibria().points == ((1, 1),)
    for f in (m + y - x**3, x**4 - 2 * m * x**2 + 1):
        with pytest.raises(Refusal, match="real"):
            Flow({x: y - x, y: f}, (m,)).equilibria()


VANISHING = Flow({x: m * x**2 + k * x - 1}, (m, k))
VANISHING_ZEROS = VANISHING.equilibria()


@given(rationals, rationals)
def test_a_vanishing_leading_coefficient(q, t):
    flow, found, at = VANISHING, VANISHING_ZEROS, {m: sp.Rational(q), k: sp.Rational(t)}
    poly = sp.Poly(flow.rhs[x].subs(at), x)
    expected = {(sp.nsimplify(r),) for r in set(sp.real_roots(poly))} if poly.degree() > 0 else set()
    assert admitted(found, at) == expected and found.verify()
    for e in found:
        if e.condition.subs(at) == True and e.stability:  # noqa: E712
            slope = sp.diff(flow.rhs[x], x).subs(at).subs(x, e.point.subs(at))
            assert e.stability == {-1: "stable", 0: "half-stable", 1: "unstable"}[sp.sign(slope)]


def test_where_the_leading_coefficient_or_the_field_vanishes():
    found = Flow({x: m * x**2 + x - 1}, (m,)).equilibria()
    assert [(e.point, e.condition) for e in found if e.condition.has(sp.Eq(m, 0))] == [(1, sp.Eq(m, 0))]
    assert all(e.condition.subs(m, 0) == sp.false for e in found if e.point != 1)
    found = Flow({x: m * (x - 1)}, (m,)).equilibria()
    assert [(e.point, e.condition) for e in found] == [(1, sp.Ne(m, 0))] and found.implicit == (sp.Eq(m, 0),)
    found = Flow({x: m * x + k}, (m, k)).equilibria()
    assert found.implicit == (sp.Eq(m, 0) & sp.Eq(k, 0),) and found.explicit[0].condition == sp.Ne(m, 0)
    found = Flow({x: sp.expand((x - 1) * (m * x**2 + x - 1))}, (m,)).equilibria()
    assert [(e.point, e.multiplicity) for e in found if e.condition.subs(m, 0) == True] == [(1, 2)]  # noqa: E712
    assert Flow({x: (x - m) / x}, (m,)).equilibria().explicit[0].condition == sp.Ne(m, 0)


def test_a_listed_equilibrium_is_judged_as_listed():
    flow = Flow({x: a * x - b * x**3}, (a, b))
    assert {e.point: e.stability for e in flow.equilibria()} == {
        0: "unstable",
        sp.sqrt(a / b): "stable",
        -sp.sqrt(a / b): "stable",
    }
    pitchfork = Flow({x: m * x - x**3}, (m,))
    for e in (*flow.equilibria(), *pitchfork.equilibria()):
        owner = flow if e in flow.equilibria().explicit and e not in pitchfork.equilibria().explicit else pitchfork
        if e.stability is None:
            with pytest.raises(Refusal, match="not decided where"):
                owner.stability(e)
        else:
            assert owner.stability(e) == e.stability
    assert pitchfork.equilibria().explicit[1].stability == "stable"
    with pytest.raises(InputError, match="not among"):
        CUBIC.stability(pitchfork.equilibria().explicit[1])


@given(rationals.filter(lambda q: q > 0))
def test_the_condition_of_a_point_decides_its_signs(q):
    flow = Flow({x: y - x, y: m - x**2}, (m,))
    stability = {e.point[0]: e.stability for e in flow.equilibria() if e.condition == (m > 0)}
    assert stability == {sp.sqrt(m): "stable", -sp.sqrt(m): "unstable"}
    for point, verdict in stability.items():
        jacobian = np.array(flow.jacobian().subs(x, point).subs(m, sp.Rational(q)), dtype=float)
        assert verdict == ("stable" if max(np.linalg.eigvals(jacobian).real) < 0 else "unstable")


def test_the_assumptions_on_the_states_of_a_system_select():
    q = sp.Symbol("q", positive=True)
    found = Flow({q: y - q, y: m - q**2}, (m,)).equilibria()
    assert [(e.point, e.condition) for e in found] == [((sp.sqrt(m), sp.sqrt(m)), m > 0)]


@pytest.mark.parametrize("values", [(s_, t_) for s_ in (-1, 0, 1, 2) for t_ in (-1, 0, 2)])
def test_every_root_is_listed_once_where_leading_coefficients_vanish(values):
    u = sp.Symbol("u", real=True)
    pair = s, t = sp.symbols("s t", real=True)
    rhs = (s * u - 1) * (t * u**2 + u - 2)
    at = dict(zip(pair, values))
    listed = [e.point.subs(at) for e in Flow({u: rhs}, pair).equilibria() if e.condition.subs(at) == True]  # noqa: E712
    assert sorted(listed) == sorted(set(sp.Poly(rhs.subs(at), u).real_roots()))


def test_stability_beside_kinks_and_on_them():
    u, v, w = sp.symbols("u v w", real=True)
    assert Flow({u: -2 * u + sp.Max(0, u - 1)}).stability(0) == "stable"  # the hinge is elsewhere
    for field in (u - 3 * sp.Max(0, u), u / 2 - sp.Abs(u), -sp.sign(u), sp.floor(u)):
        with pytest.raises(Refusal, match="kink|jump|rational|integer"):  # not the middle of two slopes
            Flow({u: field}).stability(0)
    # a zero in the first column of Routh's table decides nothing: eigenvalues 0, 0, 1 and i, -i, 1
    assert Flow({u: v, v: u**2 + u * v, w: w}).stability({u: 0, v: 0, w: 0}) == "unstable"
    assert Flow({u: v, v: -u, w: w}).stability({u: 0, v: 0, w: 0}) == "unstable"
    with pytest.raises(Refusal, match="not hyperbolic"):
        Flow({u: v, v: -u, w: -w}).stability({u: 0, v: 0, w: 0})
