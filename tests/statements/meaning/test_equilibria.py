"""Zeros are all found, each once; stability and growth are those of textbooks."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import assume, given, strategies as st

from symssl import sq
from symssl.language import Count, GradientFlow, Growth, Stability, VectorField, Zeros
from symssl.statements.meaning import equilibria, logic  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.scene import Scene, Unknown

x, y, z, a, b = sp.symbols("x y z a b", real=True)
p, q = sp.symbols("p q", positive=True)
small = st.integers(-3, 3)
KINDS = ("stable", "unstable", "half-stable", "saddle", "nonhyperbolic")


def zeros(system, unknowns=None, domain=(), values=()):
    scene = Scene(dict(values))
    return scene.value(Zeros(system, unknowns, domain)), scene.estimates


def kinds(dynamics, point, values=()):
    scene = Scene(dict(values))
    held = {kind for kind in KINDS if scene.truth(Stability(dynamics, point, kind))}
    return held, scene.estimates


# --- zeros -----------------------------------------------------------------------------------


@given(st.lists(small, min_size=1, max_size=5), st.booleans())
def test_the_zeros_of_a_polynomial_are_its_roots_each_once(roots, squared):
    """Whatever multiplicities, beside a factor without real roots."""
    term = sp.prod([x - r for r in roots]) ** (2 if squared else 1) * (x**2 + x + 1)
    found, estimates = zeros(sp.expand(term), x)
    assert found == tuple(map(fmpq, sorted(set(roots)))) and not estimates


@pytest.mark.parametrize(
    "parameter, count",
    [(sp.Rational(1, 5), 5), (sp.Rational(4, 27), 5), (0, 3), (-1, 3), (sp.Rational(1, 4), 3), (1, 1)],
)
def test_sextic_equilibria_around_their_folds(parameter, count):
    """x' = x (x^4 - x^2 + a), the flow of a sextic: at a = 1/4 two pairs meet, at 0 one pair joins the origin."""
    field = VectorField({x: x * (x**4 - x**2 + a)})
    found, estimates = zeros(field, values={a: fmpq(int(sp.Rational(parameter).p), int(sp.Rational(parameter).q))})
    exact = {0} | {s * sp.sqrt(u) for u in sp.roots(z**2 - z + parameter, z) if u.is_real and u >= 0 for s in (1, -1)}
    assert len(exact) == len(found) == count and not estimates
    assert np.allclose([float(arb(v)) for v in found], sorted(map(float, exact)), atol=1e-12)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_a_double_root_at_a_fold_is_counted_once(shift):
    """4 x^3 - 3 x = c has three solutions between the folds c = -1, 1, two on them, one beyond: c = 1 + shift/10^30."""
    for sign in (1, -1):
        value = sign * (fmpq(1) + fmpq(shift, 10**30))
        count = Scene({a: value}).value(Count(Zeros(4 * x**3 - 3 * x - a, x)))
        assert count == 2 - shift


def test_poles_and_domains_and_declared_signs():
    assert zeros((x**2 - 1) / (x - 1), x) == ((fmpq(-1),), [])
    assert zeros(p**3 - p, p) == ((fmpq(1),), [])
    assert zeros(x**3 - x, x, (sp.Ge(x, 0),)) == ((fmpq(0), fmpq(1)), [])
    assert zeros(sp.Eq(x**2, x, evaluate=False), x) == ((fmpq(0), fmpq(1)), [])
    assert zeros((x**2 - 1, x**2 - 3 * x + 2), x) == ((fmpq(1),), [])
    with pytest.raises(Unknown, match="every value"):
        zeros(x - x + a, x, values={a: fmpq(0)})


@given(st.lists(st.tuples(small, small), min_size=1, max_size=3, unique=True))
def test_systems_have_just_the_solutions_they_are_made_of(points):
    """The ideal of a set of points, once by its products of linear forms, some of them double."""
    forms = [((x - r) ** 2, y - s) for r, s in points]
    system = [sp.expand(sp.prod(choice)) for choice in product(*forms)]
    found, estimates = zeros(tuple(system), (x, y))
    assert set(found) == {tuple(map(fmpq, point)) for point in points} and not estimates
    assert len(found) == len(points)


@pytest.mark.parametrize(
    "system, unknowns, exact",
    [
        ((x**2 + y**2 - 1, x - 1), (x, y), {(1, 0)}),  # a line touches a circle
        ((x**2 + y**2 - 1, x - 2), (x, y), set()),
        ((x**2 - y, y**2 - x), (x, y), {(0, 0), (1, 1)}),
        ((x / y - 1, x + y - 2), (x, y), {(1, 1)}),
        ((x * y - 1, x + y - 2), (x, y), {(1, 1)}),
        ((x**2 - 2, y**2 - 2), (x, y), {(s * 2**0.5, t * 2**0.5) for s in (1, -1) for t in (1, -1)}),
        ((p * (1 - p - q), q * (1 - p / 2 - q)), (p, q), set()),
        ((p * (1 - p - q / 2), q * (1 - p / 2 - q)), (p, q), {(2 / 3, 2 / 3)}),
        ((x + y + z, x * y + y * z + z * x + 1, x * y * z), (x, y, z), {
            (0, 1, -1), (0, -1, 1), (1, 0, -1), (-1, 0, 1), (1, -1, 0), (-1, 1, 0)
        }),
    ],
)  # fmt: skip
def test_known_systems(system, unknowns, exact):
    found, estimates = zeros(system, unknowns)
    assert len(found) == len(exact) and not estimates
    for point in exact:
        assert any(np.allclose([float(arb(v)) for v in other], point, atol=1e-14) for other in found)


def test_infinitely_many_solutions_are_not_listed():
    with pytest.raises(Unknown, match="infinitely many"):
        zeros((x * y, x * z), (x, y, z))


def test_equilibria_of_dynamics_and_of_matrices():
    assert set(zeros(VectorField({x: x - x * y, y: x * y - y}))[0]) == {(0, 0), (1, 1)}
    W, S = sp.MatrixSymbol("W", 1, 2), sp.MatrixSymbol("S", 2, 2)
    found, estimates = zeros(GradientFlow(sq(W.T * W - S) / 4, W), values={S: array_of([[1, 0], [0, 4]])})
    assert len(found) == 5 and not estimates  # zero, and two signs of each eigenvector
    assert {tuple(map(float, v.ravel())) for v in found} == {(0, 0), (1, 0), (-1, 0), (0, 2), (0, -2)}


@pytest.mark.parametrize(
    "term, exact",
    [
        (sp.tanh(x) - x / 2, [-1.9150080481545875, 0, 1.9150080481545875]),
        (sp.exp(x) - x - 1, [0]),  # a double zero
        (sp.exp(x) + 1, []),
        (sp.exp(-x) - x, [0.567143290409783872999968662210]),
        ((sp.exp(x) - 2) * (x - 1), [np.log(2), 1]),
        (sp.sqrt(x) - x, [0, 1]),
    ],
)
def test_smooth_equations_are_searched(term, exact):
    found, estimates = zeros(term, x)
    assert len(found) == len(exact) and estimates
    assert np.allclose([float(arb(v)) for v in found], exact, atol=1e-12)


def test_smooth_systems_are_searched():
    found, estimates = zeros((sp.exp(x) - y, x + y - 1), (x, y))
    assert len(found) == 1 and estimates
    assert np.allclose([float(v) for v in found[0]], [0, 1], atol=1e-20)


def test_a_parameter_that_is_not_rational():
    found, _ = zeros(x**2 - a, x, values={a: arb(2).sqrt()})
    assert np.allclose([float(v) for v in found], [-(2**0.25), 2**0.25], atol=1e-12)


# --- stability --------------------------------------------------------------------------------


@given(st.integers(1, 5), st.sampled_from([-2, -1, 1, 2]), small)
def test_one_state_is_judged_by_the_signs_beside_it(order, factor, place):
    field = VectorField({x: factor * (x - place) ** order * (1 + (x - place) ** 2)})
    kind = {(1, True): "unstable", (1, False): "stable"}.get((order % 2, factor > 0), "half-stable")
    held, estimates = kinds(field, {x: place})
    assert held == {kind} | ({"nonhyperbolic"} if order > 1 else set()) and not estimates


def test_an_equilibrium_that_is_not_rational():
    assert kinds(VectorField({x: 2 - x**2}), {x: sp.sqrt(2)}) == ({"stable"}, [])
    assert kinds(VectorField({x: 2 - x**2}), {x: -sp.sqrt(2)}) == ({"unstable"}, [])
    held, estimates = kinds(VectorField({x: (2 - x**2) ** 2}), {x: sp.sqrt(2)})
    assert "half-stable" in held


@pytest.mark.parametrize(
    "field, point, held",
    [
        ({x: x - x * y, y: x * y - y}, {x: 0, y: 0}, {"unstable", "saddle"}),
        ({x: x - x * y, y: x * y - y}, {x: 1, y: 1}, {"nonhyperbolic"}),  # a centre
        ({x: -x + y, y: -x - y}, {x: 0, y: 0}, {"stable"}),  # a focus
        ({x: x + y, y: -x + y}, {x: 0, y: 0}, {"unstable"}),
        ({x: y, y: -(x**3)}, {x: 0, y: 0}, {"nonhyperbolic"}),  # a nilpotent Jacobian
        ({x: -x, y: -(y**3)}, {x: 0, y: 0}, {"nonhyperbolic"}),
        ({x: -x, y: -y, z: x * y}, {x: 0, y: 0, z: 1}, {"nonhyperbolic"}),
        ({x: -2 * x + y, y: x - 2 * y}, {x: 0, y: 0}, {"stable"}),
        ({x: -y, y: x, z: z}, {x: 0, y: 0, z: 0}, {"unstable"}),
        ({x: sp.sin(y), y: -sp.sin(x) - y}, {x: 0, y: 0}, {"stable"}),  # a pendulum with friction
        ({x: sp.sin(y), y: -sp.sin(x) - y}, {x: sp.pi, y: 0}, {"unstable", "saddle"}),
    ],
)
def test_several_states_are_judged_by_the_jacobian(field, point, held):
    assert kinds(VectorField(field), point)[0] == held


@given(st.lists(small, min_size=4, max_size=4))
def test_the_spectrum_decides_as_numpy_says(entries):
    A = np.array(entries).reshape(2, 2)
    eigenvalues = np.linalg.eigvals(A)
    assume(np.abs(eigenvalues.real).min() > 1e-6)
    field = VectorField({x: entries[0] * x + entries[1] * y, y: entries[2] * x + entries[3] * y})
    held, estimates = kinds(field, {x: 0, y: 0})
    assert ("stable" in held) == bool((eigenvalues.real < 0).all())
    assert ("saddle" in held) == bool(eigenvalues.real.max() > 0 > eigenvalues.real.min())
    assert not estimates


def test_a_rate_that_is_tiny_is_not_taken_for_zero():
    tiny = sp.Rational(1, 10**120)
    field = VectorField({x: tiny * x - y, y: x + tiny * y})
    assert kinds(field, {x: 0, y: 0}) == ({"unstable"}, [])


def test_what_is_no_equilibrium_has_no_stability():
    with pytest.raises(Unknown, match="no equilibrium"):
        kinds(VectorField({x: 1 - x}), {x: 0})


def test_the_saddle_of_a_linear_network():
    """|1 - v w|^2/2 at the origin grows with rates 1 and -1; at v = w = 1 with 0 and -2."""
    flow = GradientFlow((1 - x * y) ** 2 / 2, [x, y])
    assert Scene({}).value(Growth(flow, {x: 0, y: 0})) == (-1, 1)
    assert Scene({}).value(Growth(flow, {x: 1, y: 1})) == (-2, 0)
    assert kinds(flow, {x: 0, y: 0})[0] == {"unstable", "saddle"}


def test_growth_is_each_eigenvalue_once_and_real():
    W = sp.MatrixSymbol("W", 2, 2)
    assert Scene({}).value(Growth(GradientFlow(sq(W - sp.Identity(2)), W), {W: sp.eye(2)})) == (-2,)
    with pytest.raises(Unknown, match="not real"):
        Scene({}).value(Growth(VectorField({x: -y, y: x}), {x: 0, y: 0}))
    root = Scene({}).value(Growth(VectorField({x: 2 - x**2, y: -y}), {x: sp.sqrt(2), y: 0}))
    assert np.allclose([float(v) for v in root], [-2 * 2**0.5, -1])
