"""Elimination: every solution once, none that the resultants brought in, against a Groebner basis and known points."""

import pytest
import sympy as sp
from flint import fmpq, fmpq_mpoly_ctx, fmpq_poly
from hypothesis import assume, given, settings, strategies as st

from symssl.errors import NotIsolated
from symssl.exact.elimination import components, primitive, projections, real_count
from symssl.exact.polynomial_systems import _by_basis, project_system, solve_system

X, Y, Z = sp.symbols("x y z")
small = st.integers(-3, 3)


def ring(*names):
    context = fmpq_mpoly_ctx.get(list(names), "lex")
    return context.gens()


def places(solutions):
    return sorted(
        ([round(float(v.enclosure(100).mid()), 9) + 0.0 for v in s.values.values()], s.multiplicity) for s in solutions
    )


@st.composite
def systems(draw, unknowns):
    monomials = [m for m in sp.itermonomials(unknowns, 2) if m != 1]
    equations = []
    for _ in unknowns:
        coefficients = draw(st.lists(small, min_size=len(monomials), max_size=len(monomials)))
        point = sum(c * m for c, m in zip(coefficients, monomials))
        equations.append(sp.expand(point - draw(small)))
    assume(all(e.has(*unknowns) for e in equations))
    return equations


@given(systems((X, Y)))
@settings(max_examples=25)
def test_as_a_groebner_basis_finds_them(equations):
    polys = [sp.Poly(e, X, Y, domain=sp.QQ) for e in equations]
    try:
        expected = _by_basis(polys, [], [X, Y], None)
    except NotIsolated:
        assume(False)
    found = solve_system(equations, [X, Y])
    assert places(found) == places(expected)
    assert all(s.evaluate(e).is_zero() for s in found for e in equations)


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=3, unique=True), st.integers(1, 2))
@settings(max_examples=15)
def test_three_unknowns_with_points_known_by_construction(points, power):
    """Pairwise products of linear forms that vanish at the points, and nothing else does after a generic one."""
    assume(len({p[0] for p in points}) == len(points))
    univariate = sp.prod((X - p[0]) for p in points)
    lines = [sp.interpolate([(p[0], p[k]) for p in points], X) if len(points) > 1 else points[0][k] for k in (1, 2)]
    equations = [univariate, (Y - lines[0]) ** power, (Z - lines[1]) + (Y - lines[0]) * (X + 5)]
    found = solve_system([sp.expand(e) for e in equations], [X, Y, Z])
    assert sorted((tuple(v.rational for v in s.values.values()), s.multiplicity) for s in found) == sorted(
        (p, power) for p in points
    )


def test_factors_that_only_a_resultant_has_are_dropped():
    x, y = ring("x", "y")
    found = components([(y - x) * (y + x) - 1, y**2 + x**2 - 3])
    assert {str(c.modulus) for c in found} and sum(real_count(c.modulus) for c in found) == 4


def test_a_fibre_of_several_points_extends_the_field():
    found = solve_system([X**2 - 2, Y**2 - X * Y - 1], [X, Y])
    assert len(found) == 4 and all(s.field.modulus.degree() == 4 for s in found)


def test_where_poles_lie_there_is_no_solution():
    assert len(solve_system([X * (X - Y), Y**2 - 1], [X, Y])) == 4
    assert len(solve_system([X * (X - Y), Y**2 - 1], [X, Y], nonzero=[X])) == 2
    assert len(solve_system([X * (X - Y), Y**2 - 1], [X, Y], nonzero=[X * (Y - 1)])) == 1
    assert len(solve_system([X * (X - 1)], [X], nonzero=[X])) == 1
    assert solve_system([X * (X - 1)], [X], nonzero=[0 * X]) == ()


@pytest.mark.parametrize(
    "equations", [[X * Y, X * (Y - 1)], [X * Y * Z, X - X * Y], [(X - Y) * (X + 1), (X - Y) * (Y + 2)]]
)
def test_what_is_not_isolated_is_said_to_be(equations):
    with pytest.raises(NotIsolated):
        solve_system(equations, [X, Y, Z] if equations[0].has(Z) else [X, Y])


@given(systems((X, Y)))
@settings(max_examples=15)
def test_projections_hold_every_solution(equations):
    try:
        found = solve_system(equations, [X, Y])
    except NotIsolated:
        assume(False)
    cases = project_system(equations, [X, Y], [Y])
    for s in found:
        assert any(all(s.evaluate(p.as_expr()).is_zero() for p in case) for case in cases)


def test_a_projection_without_polynomials_bounds_nothing():
    x, y, z = ring("x", "y", "z")
    assert projections([x - y * z], [], [1]) == [[]]


def test_a_polynomial_in_its_primitive_form():
    x, y = ring("x", "y")
    assert primitive(fmpq(-3, 4) * x + fmpq(9, 8) * y) == 2 * x - 3 * y
    assert real_count(fmpq_poly([1, 0, 1])) == 0 and real_count(fmpq_poly([-2, 0, 0, 1])) == 1


def test_the_hook_sees_every_long_step():
    seen = []
    x, y = ring("x", "y")
    components([x**2 + y**2 - 4, x * y - 1, x**4 - 4 * x**2 + 1], before=lambda step, *_, **__: seen.append(step))
    assert {"factor", "resultant"} <= set(seen)


def test_long_steps_in_a_number_field_are_announced():
    """A product of two generic curves: 36 conjugate points, whose field is what takes the time."""
    ring = fmpq_mpoly_ctx.get(["x", "y"], "lex")
    x, y = ring.gens()
    told = []
    (one,) = components(
        [x**6 - 3 * x * y**2 + 7 * y - 1, y**6 + x**2 * y - 5 * x + 2],
        before=lambda step, *polys, unknown=None: told.append((step, len(polys), polys[0])),
    )
    assert one.modulus.degree() == 36
    fields = [modulus for step, _, modulus in told if step == "field"]
    assert fields and all(modulus == one.modulus for modulus in fields)
    assert any(count > 1 for step, count, _ in told if step == "field")  # with what is inverted
