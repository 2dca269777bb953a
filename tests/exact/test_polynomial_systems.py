"""Exact solution of polynomial systems, against NumPy roots and substitution."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, strategies as st

from symssl.errors import InputError, Refusal
from symssl.exact.polynomial_systems import solve_system

x, y, z = sp.symbols("x y z")
small = st.integers(-4, 4)


def values(solution):
    return [float(v.enclosure(80).mid()) for v in solution.values.values()]


@given(st.lists(small, min_size=2, max_size=7))
def test_one_variable_against_the_roots_by_multiplicity(roots):
    poly = sp.prod(x - r for r in roots) * (x**2 + 1)
    found = solve_system([sp.expand(poly)], [x])
    assert [(v, s.multiplicity) for s in found for v in values(s)] == [(r, roots.count(r)) for r in sorted(set(roots))]


@given(st.lists(small, min_size=6, max_size=6), st.lists(small, min_size=6, max_size=6))
def test_two_conics_against_the_eigenvalues_of_a_resultant(a, b):
    monomials = [x**2, x * y, y**2, x, y, 1]
    p, q = (sum(c * m for c, m in zip(cs, monomials)) for cs in (a, b))
    assume(sp.Poly(p, x, y).total_degree() == sp.Poly(q, x, y).total_degree() == 2)
    try:
        found = solve_system([p, q], [x, y])
    except Refusal:
        assert not sp.gcd(p, q).is_number  # a common component
        return
    for s in found:
        assert s.evaluate(p).is_zero() and s.evaluate(q).is_zero()
    # every real common zero that Newton's method finds from a grid is among them
    f = sp.lambdify((x, y), [p, q], "math")
    jacobian = sp.lambdify((x, y), sp.Matrix([p, q]).jacobian([x, y]).tolist(), "math")
    known = np.array([values(s) for s in found]).reshape(-1, 2)
    for start in np.random.default_rng(0).uniform(-6, 6, (12, 2)):
        point = start
        for _ in range(40):
            try:
                point = point - np.linalg.solve(np.array(jacobian(*point), float), np.array(f(*point), float))
            except np.linalg.LinAlgError:
                break
        regular = np.abs(f(*point)).max() < 1e-12 and np.linalg.cond(np.array(jacobian(*point), float)) < 1e6
        if np.isfinite(point).all() and regular and np.abs(point).max() < 1e3:
            assert np.linalg.norm(known - point, axis=1).min(initial=np.inf) < 1e-6


@given(st.lists(st.tuples(small, small), min_size=1, max_size=4, unique=True))
def test_a_system_built_from_its_points(points):
    """(x - a_i) products and an interpolating y: exactly these points, whatever the multiplicity of x."""
    xs = [a for a, _ in points]
    assume(len(set(xs)) == len(xs))
    poly = sp.interpolate(points, x) if len(points) > 1 else sp.Integer(points[0][1])
    found = solve_system([sp.prod(x - a for a in xs), y - poly], [x, y])
    assert sorted(tuple(v.rational for v in s.values.values()) for s in found) == sorted(points)


@pytest.mark.parametrize(
    "system, variables, expected",
    [
        ([x**2, y - x], [x, y], [((0, 0), 2)]),
        ([(x - 1) ** 2 * (x + 2), y**2 - x], [x, y], [((1, -1), 2), ((1, 1), 2)]),
        ([x**2 + 1, y], [x, y], []),
        ([x**41 - 1, y**41 - 1], [x, y], [((1, 1), 1)]),
        ([sp.Integer(1), x], [x], []),
        ([x * y - 1, x - 2], [x, y], [((2, sp.Rational(1, 2)), 1)]),
        ([10 * (y - x), x * (28 - z) - y, x * y - sp.Rational(8, 3) * z], [x, y, z], [((0, 0, 0), 1)]),
    ],
)
def test_rational_solutions_and_multiplicities(system, variables, expected):
    found = solve_system(system, variables)
    rational = [(tuple(v.rational for v in s.values.values()), s.multiplicity) for s in found]
    assert sorted(r for r in rational if None not in r[0]) == sorted(expected)


def test_signs_and_bounds_of_an_algebraic_number():
    upper = solve_system([x**2 - 2], [x])[1]
    root = upper.values[x]
    assert (root * root - 2).is_zero() and (root - 1).sign() == 1 and (1 / root - root / 2).is_zero()
    lower, above = root.bounds(40)
    assert lower**2 < 2 < above**2 and above - lower < sp.Rational(1, 10**39)
    assert (root - sp_fraction("1.41421356237309504880168872420969807856967187537694")).sign() == 1


def sp_fraction(text):
    import flint

    value = sp.Rational(text)
    return flint.fmpq(int(value.p), int(value.q))


@pytest.mark.parametrize(
    "system, variables, error, word",
    [
        ([x * y], [x, y], Refusal, "isolated"),
        ([0 * x], [x], Refusal, "vanish"),
        ([sp.pi * x - 1], [x], InputError, "rational"),
    ],
)
def test_what_is_refused(system, variables, error, word):
    with pytest.raises(error, match=word):
        solve_system(system, variables)
