"""Certified equilibria: algebra against roots that are known, stability against eigenvalues."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, strategies as st
from problems import m, u, v

from symssl import Flow
from symssl.bifurcation import (
    bifurcation_diagram,
    find_equilibria,
)
from symssl.errors import InputError, OverBudget, Refusal

rational = st.fractions(-3, 3, max_denominator=8)


def living_norm(modes):
    """The closed system of the cosine loss, norms alive, on its invariant parabola."""
    from symssl.derivations.bao2023 import COSINE, parabola

    flow = parabola(COSINE).expand(modes)
    return flow, {name: sp.Rational(1, 4) for name in ("rho", "sigma2")}


@given(st.lists(rational, min_size=1, max_size=5), st.sampled_from([1, -1]))
def test_equilibria_of_a_product_are_its_roots(roots, lead):
    f = lead * sp.prod(u - sp.Rational(r.numerator, r.denominator) for r in roots)
    found = find_equilibria(Flow({u: sp.expand(f)}))
    distinct = sorted(set(roots))
    assert found.complete and [e.exact[u] for e in found] == [sp.Rational(r) for r in distinct]
    for e, r in zip(found, distinct):
        order = roots.count(r)
        slope = lead * np.prod([float(r - q) for q in roots if q != r])
        assert e.multiplicity == order
        assert e.stability == ("half-stable" if order % 2 == 0 else "stable" if slope < 0 else "unstable")


@given(st.lists(st.lists(st.integers(-4, 4), min_size=3, max_size=3), min_size=3, max_size=3))
def test_stability_of_a_linear_field_against_its_eigenvalues(rows):
    matrix = sp.Matrix(rows)
    assume(matrix.det() != 0)
    states = sp.symbols("q_1:4", real=True)
    (point,) = find_equilibria(Flow(dict(zip(states, matrix * sp.Matrix(states)))))
    real = np.linalg.eigvals(np.array(rows, float)).real
    # exactly on the axis: a common root of the even and the odd part of the characteristic polynomial
    s = sp.Symbol("s")
    poly = matrix.charpoly(s).as_expr()
    on_axis = (
        any(r.is_nonpositive for r in sp.gcd(poly, poly.subs(s, -s)).subs(s, sp.sqrt(s)).as_poly(s).real_roots())
        if sp.gcd(poly, poly.subs(s, -s)).has(s)
        else False
    )
    if (real > 1e-9).any():
        assert point.stability == "unstable"
    elif on_axis:
        assert point.stability == "nonhyperbolic"
    else:
        assert point.stability == "stable"


@pytest.mark.parametrize(
    "flow, values, options, error, word",
    [
        (Flow({u: 0 * u}), {}, {}, Refusal, "identically"),
        (Flow({u: m - u}, (m,)), {}, {}, InputError, "give a value to the parameter m"),
        (Flow({u: m - u}, (m,)), {m: float("nan")}, {}, InputError, "NaN"),
        (Flow({u: sp.exp(u) - 2}), {}, {}, InputError, "within"),
        (Flow({u: sp.exp(u) - 2}), {}, {"within": {u: (1, 0)}}, InputError, "reversed"),
        (Flow({u: v * u, v: v * u}), {}, {}, Refusal, "isolated"),
        (Flow({u: m - u}, (m,)), {"mm": 1}, {}, InputError, "did you mean m"),
    ],
)
def test_equilibria_bad_input(flow, values, options, error, word):
    with pytest.raises(error, match=word):
        find_equilibria(flow, values, **options)


@given(st.integers(1, 5), st.integers(1, 5))
def test_equilibria_of_a_field_with_a_norm(a, b):
    """u' = a u - r u, v' = a v - r v - b v, r = |(u, v)|: on the axis v = 0 at distance a, on the other r = a - b."""
    r = sp.sqrt(u**2 + v**2)
    found = find_equilibria(Flow({u: a * u - r * u, v: (a - b) * v - r * v}))
    wanted = {(-a, 0), (0, 0), (a, 0)} | ({(0, a - b), (0, b - a)} if a > b else set())
    assert found.complete and {e.point for e in found} == wanted
    assert {e.point: e.stability for e in found}[a, 0] == "stable"
    assert {e.point: e.stability for e in found}[0, 0] == "undecided"  # the norm has no derivative there


@pytest.mark.parametrize(
    "field, points",
    [
        (sp.sqrt(u) - u, [(0, "undecided"), (1, "stable")]),
        (u**2 - sp.sqrt(2), [(-(2**0.25), "stable"), (2**0.25, "unstable")]),
        (sp.Abs(u) - 1, [(-1, "stable"), (1, "unstable")]),
        (sp.sqrt(sp.sqrt(u) + 2) - u ** sp.Rational(1, 2), [(4, "stable")]),
        (u * sp.Abs(u) - u, [(-1, "unstable"), (0, "stable"), (1, "unstable")]),
        (sp.sqrt(1 + u**2) + u, []),
        (sp.cbrt(u) - 2, [(8, "unstable")]),
    ],
)
def test_scalar_fields_with_radicals(field, points):
    found = find_equilibria(Flow({u: field}))
    assert found.complete and [(e.point, e.stability) for e in found] == [(pytest.approx(x), one) for x, one in points]


def test_a_closed_system_without_equilibrium_is_a_result():
    flow, values = living_norm(2)
    found = find_equilibria(flow, values, within=dict.fromkeys(flow.states, (0.05, 6)))
    assert found.complete and not len(found)


def test_the_equilibrium_of_negative_modes_repels_in_the_whole_system():
    """n equal modes rest at -sqrt(2/(rho (1 + sigma2)))/n; one mode alone is stable there, two apart are not."""
    for modes, stability in ((1, "stable"), (2, "unstable")):
        flow, values = living_norm(modes)
        (found,) = find_equilibria(flow, values, within=dict.fromkeys(flow.states, (-8, -0.5)))
        assert np.atleast_1d(found.point) == pytest.approx([-np.sqrt(2 / (1 / 4 * 5 / 4)) / modes] * modes)
        assert found.stability == stability
        rhs, h = (
            sp.lambdify(
                list(flow.states), [f.subs({q: values[q.name] for q in flow.parameters}) for f in flow.rhs.values()]
            ),
            1e-6,
        )
        at = np.atleast_1d(found.point)
        J = np.array([(np.array(rhs(*(at + h * e))) - rhs(*(at - h * e))) / (2 * h) for e in np.eye(modes)]).T
        assert (np.linalg.eigvals(J).real > 0).any() == (stability == "unstable")


x, y, z = sp.symbols("x y z", real=True)


@pytest.mark.parametrize(
    "field, stability, unstable",
    [
        ({x: y, y: x**2 + x * y, z: z}, "unstable", 1),  # 0, 0, 1
        ({x: x, y: y, z: -z}, "unstable", 2),  # 1, 1, -1
        ({x: y, y: -x, z: z}, "unstable", 1),  # i, -i, 1
        ({x: y - x**3, y: -x, z: -z}, "nonhyperbolic", 0),  # i, -i, -1
        ({x: -(x**3), y: -y}, "nonhyperbolic", 0),  # 0, -1
        ({x: x + y, y: y, z: z}, "unstable", 3),  # 1 three times, in one block of two
        ({x: x * (x**2 - 2), y: x * y - 2 * y}, "stable", 0),  # the first, at -sqrt(2), has 4 and is below
    ],
)
def test_eigenvalues_are_counted_exactly(field, stability, unstable):
    found = find_equilibria(Flow(field))
    middle = min(found, key=lambda e: np.abs(e.point).max())
    assert found.complete and (middle.stability, middle.unstable) == (stability, unstable)


def test_eigenvalues_at_irrational_points_are_counted_exactly():
    """Spectra at x = +-sqrt(2): -4 and 0, which no enclosure would tell, and -4 with 2 sqrt(2) - 2 or less."""
    touching = find_equilibria(Flow({x: -x * (x**2 - 2), y: y * (x**2 - 2) - y**3}))
    assert touching.complete
    assert {round(e.point[0], 3): (e.stability, e.unstable) for e in touching} == {
        -1.414: ("nonhyperbolic", 0),
        0: ("unstable", 1),
        1.414: ("nonhyperbolic", 0),
    }
    apart = find_equilibria(Flow({x: -x * (x**2 - 2), y: y * (2 * x - 2)}))
    assert [(e.stability, e.unstable) for e in apart] == [("stable", 0), ("unstable", 1), ("unstable", 1)]


@given(st.lists(st.sampled_from([-4, -1, -1, 2, 2, 3]), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_stability_where_eigenvalues_coincide(diagonal, random):
    """x' = T x with a triangular T: its eigenvalues are on the diagonal, and it need not have a full eigenbasis."""
    n = len(diagonal)
    states = sp.symbols(f"x1:{n + 1}", real=True)
    T = sp.Matrix(n, n, lambda i, j: diagonal[i] if i == j else random.randint(-2, 2) if j > i else 0)
    lower = sp.Matrix(n, n, lambda i, j: 1 if i == j else random.randint(-1, 1) if j < i else 0)
    (one,) = find_equilibria(Flow(dict(zip(states, lower * T * lower.inv() * sp.Matrix(states)))))
    assert one.unstable == sum(d > 0 for d in diagonal)
    assert one.stability == ("unstable" if max(diagonal) > 0 else "stable")


def test_equilibria_on_a_face_of_the_box_for_all_parameters():
    """u = 0 lies on the face and does not cross it; with a second state that is not proved, and said."""
    pitchfork = bifurcation_diagram(Flow({u: m * u - u**3}, (m,)), m, (-1, 1), within={u: (0, 2)})
    assert pitchfork.complete and len(pitchfork.branches) == 2
    planar = bifurcation_diagram(Flow({u: m * u - u**3, v: u - v}, (m,)), m, (-1, 1), within={u: (0, 2), v: (-1, 3)})
    assert not planar.complete and "where branches enter the box is not known" in planar.note


@pytest.mark.parametrize(
    "field, options, complete, number",
    [
        ({u: u**2 - 2}, {}, True, 2),
        ({u: u**2 + 1}, {}, True, 0),
        ({u: u**2 - 2}, {"within": {u: (0, 3)}}, True, 1),
        ({u: (u**2 - 2) ** 2, v: v - u}, {}, True, 2),  # algebra finds multiple ones too
        ({u: sp.cos(u)}, {"within": {u: (-2, 2)}}, True, 2),
        ({u: sp.exp(u)}, {"within": {u: (-2, 2)}}, True, 0),
        ({u: sp.exp(u) - 1, v: sp.sin(v) - u}, {"within": {u: (-1, 1), v: (-1, 4)}}, True, 2),
        ({u: 1 - sp.cos(u)}, {"within": {u: (-1, 1)}}, False, 0),  # a double one is not proved
        ({u: sp.cos(50 * u)}, {"within": {u: (-2, 2)}, "boxes": 5}, False, None),  # too few boxes
    ],
)
def test_equilibria_are_complete_where_that_is_proved_and_only_there(field, options, complete, number):
    found = find_equilibria(Flow(field), **options)
    assert found.complete == complete and bool(found.note) == (not complete)
    assert number is None or len(found) == number


@pytest.mark.parametrize(
    "value",
    [
        sp.sqrt(2),
        sp.GoldenRatio,
        sp.pi,
        sp.E + sp.pi,
        sp.cos(1),
        sp.CRootOf(sp.Symbol("x") ** 5 - sp.Symbol("x") - 1, 0),
    ],
    ids=str,
)
@pytest.mark.parametrize("states", [1, 2])
def test_irrational_values_are_taken_exactly(value, states):
    """k x - x^3 has the equilibria 0 and the two roots of k, whatever number k is."""
    a, b, q = sp.symbols("x y k", real=True)
    flow = Flow({a: q * a - a**3}, (q,)) if states == 1 else Flow({a: b - a, b: q * a - a**3}, (q,))
    found = find_equilibria(flow, {q: value})
    root = sp.sqrt(value).evalf(40)
    assert found.pattern == ("stable", "unstable", "stable")
    assert found.complete == (states == 1 or bool(value.is_algebraic))
    for e, exact in zip(found, (-root, sp.Integer(0), root)):
        low, high = e.bounds[a]
        assert low - sp.Rational(1, 10**30) <= exact <= high + sp.Rational(1, 10**30)
        assert high - low <= max(abs(low) / 10**15, sp.Rational(1, 10**15))


def test_a_double_equilibrium_at_an_irrational_value():
    a, q = sp.symbols("x k", real=True)
    for value in (sp.sqrt(2), sp.pi):
        found = find_equilibria(Flow({a: (a - q) ** 2 * (a + 1)}, (q,)), {q: value})
        assert [(e.multiplicity, e.stability) for e in found] == [(1, "unstable"), (2, "half-stable")]


def test_an_elimination_that_takes_too_long_hands_over_to_the_box(monkeypatch):
    a, b = sp.symbols("x y", real=True)
    flow = Flow({a: b - a, b: a - a**3})

    def endless(*_, **__):
        while True:
            pass

    monkeypatch.setattr("symssl.bifurcation.equilibria.solve_system", endless)
    with pytest.raises(OverBudget, match="within="):
        find_equilibria(flow, budget=0.1)
    found = find_equilibria(flow, within={a: (-3, 3), b: (-3, 3)}, budget=0.1)
    assert found.pattern == ("stable", "unstable", "stable")
    assert {e.proof for e in found} == {"Krawczyk"} and "exactly" in found.note


def test_a_pole_that_cancels_is_none():
    (found,) = find_equilibria(Flow({u: (u**2 - 2 * u + 1) / (u - 1)}))
    assert (found.exact, found.stability, found.multiplicity) == ({u: 1}, "unstable", 1)
    (found,) = find_equilibria(Flow({u: (u**2 - 2 * u + 1) / (u - 1) + sp.Max(0, u - 5)}))
    assert (found.exact, found.stability, found.multiplicity) == ({u: 1}, "unstable", 1)
    # v (u - 1) and v**3 + v - 1, written with a pole at the equilibrium
    (found,) = find_equilibria(Flow({u: v * (u**2 - 2 * u + 1) / (u - 1), v: (u * v - v) / (u - 1) - 1 + v**3}))
    assert found.point[0] == 1 and found.point[1] ** 3 + found.point[1] == pytest.approx(1)
    assert (found.stability, found.unstable) == ("unstable", 2)


@pytest.mark.parametrize("constant", [sp.pi, sp.exp(1), sp.log(3)])
def test_equilibria_near_those_at_rational_values_of_a_constant(constant):
    found = find_equilibria(Flow({u: u - constant * v, v: v**2 - v}))
    assert not found.complete and f"rational values of {constant}" in found.note
    assert [e.unstable for e in found] == [1, 2]
    assert np.array([e.point for e in found]) == pytest.approx(np.array([[0, 0], [float(constant), 1]]), abs=1e-15)


def test_zeros_without_end_outside_of_the_box_are_not_followed(monkeypatch):
    """Of sin(u) in four states, which is sought from starts: one zero inside, and no end of others."""
    from symssl.bifurcation import boxes

    tried = []
    find = boxes._deflated
    monkeypatch.setattr(boxes, "_deflated", lambda *args: tried.append(1) or find(*args))
    states = sp.symbols("y1:5", real=True)
    field = {states[0]: sp.sin(states[0]), **{y: -y for y in states[1:]}}
    (found,) = find_equilibria(Flow(field), within=dict.fromkeys(states, (-1, 1)))
    assert found.point == pytest.approx((0, 0, 0, 0), abs=1e-15) and found.unstable == 1
    assert len(tried) < 400
    near = find_equilibria(Flow(field), seeds=[(0.1, 0, 0, 0)])
    assert not near.complete and any(abs(e.point[0]) < 1e-12 for e in near)
