"""Terms as functions of their names: power series and polynomials that the scene's own evaluation yields."""

import pytest
import sympy as sp
from flint import arb, arb_series, ctx, fmpq
from hypothesis import given, strategies as st

from symssl import E, gaussians, inner, sg, sq
from symssl.language import Gradient, GradientFlow, Rate, VectorField
from symssl.statements.meaning import moments, rates  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.functions import Coordinates, Function, Opaque, degree_bound
from symssl.statements.meaning.scene import Scene

x, y, a = sp.symbols("x y a")
W, V = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("V", 3, 2)
small = st.integers(-4, 4)


@pytest.mark.parametrize(
    "term",
    [
        sp.exp(x) * sp.sin(2 * x),
        sp.tanh(x) / (2 + x),
        sp.sqrt(2 + x) ** 3,
        sp.log(3 + x**2) + sp.atan(x),
        (2 + x) ** (x / 2),
        sp.cosh(x) - sp.sinh(x) ** 2,
        sp.asinh(x) + sp.atanh(x / 3) + sp.acosh(2 + x),
    ],
)
def test_a_power_series_is_the_taylor_polynomial_that_sympy_finds(term):
    function = Function.of([term], [x], Scene({}), 128)
    with ctx.workprec(128):
        (found,) = function.series([arb_series([fmpq(1, 3), 1], 6)], 6)
        for k in range(6):
            exact = sp.diff(term, x, k).subs(x, sp.Rational(1, 3)) / sp.factorial(k)
            assert abs(float(found[k]) - float(exact.evalf(30))) < 1e-14 * max(1, abs(float(exact.evalf(30))))
            assert float(found[k].rad()) < 1e-30


def test_an_absolute_value_has_a_power_series_where_its_sign_is_told():
    function = Function.of([sp.Abs(x - 5)], [x], Scene({}))
    (found,) = function.series([arb_series([1, 1], 2)], 2)
    assert found[0] == 4 and found[1] == -1
    with pytest.raises(Opaque):
        function.series([arb_series([arb(5, 1), 1], 2)], 2)


def test_a_power_series_goes_through_the_gradient_of_a_loss_with_stopped_copies():
    dynamics = GradientFlow(sq(sg(W) * V - a * W * V) / 2, (W, V))
    scene = Scene({a: fmpq(2)})
    velocity = Function.velocity(dynamics, scene)
    start = [fmpq(k - 5, 3) for k in range(12)]
    step = fmpq(1, 7)
    series = velocity.series([arb_series([v, 1], 4) for v in start], 4)
    moved = velocity([v + step for v in start])
    for f, exact in zip(series, moved):
        total = sum((f[k] if k < f.length() else arb(0)) * arb(step) ** k for k in range(4))
        assert abs(float(total) - float(arb(exact))) < 1e-12  # a cubic field: the series ends there


@given(st.lists(small, min_size=3, max_size=3), st.lists(small, min_size=2, max_size=2))
def test_quotients_of_polynomials_have_the_values_of_the_term(coefficients, point):
    p, q, r = coefficients
    term = (p * x**2 * y + q * y + 1) / (1 + x**2) + r / (2 + y**4) ** 2
    above, below = Function.of([term], [x, y], Scene({})).ratios()
    value = above[0](*map(fmpq, point)) / below[0](*map(fmpq, point))
    exact = sp.Rational(term.subs({x: point[0], y: point[1]}))
    assert value == fmpq(int(exact.p), int(exact.q))


@pytest.mark.parametrize("term", [sp.exp(x), sp.sqrt(1 + x), sp.Abs(x), sp.Max(x, 1)])
def test_what_is_no_quotient_of_polynomials_is_refused(term):
    with pytest.raises(Opaque):
        Function.of([term], [x], Scene({})).ratios()


def test_a_parameter_that_is_not_rational_gives_no_polynomial_but_a_series():
    function = Function.of([a * x**2], [x], Scene({a: arb(2).sqrt()}))
    assert function.polynomials() is None
    (found,) = function.series([arb_series([0, 1], 3)], 3)
    assert abs(float(found[2]) - 2**0.5) < 1e-15


z, w = gaussians("z w", 3)


@pytest.mark.parametrize(
    "term, names, degree",
    [
        (sq(W * V), [W, V], 4),
        (sq(W * V), [V], 2),
        (sp.Trace(W * V) ** 3 * x, [W, x], 4),
        (inner(W, W) / (1 + x**2), [W], 2),
        (inner(W, W) / (1 + x**2), [x], None),
        (sp.exp(x) * y, [x, y], None),
        (E(sq(W * z)), [W], 2),
        (E(inner(z, w), given=(z,)), [z], 2),
        (Gradient(sq(W) ** 2, W), [W], 4),
        (Rate(sq(W), VectorField({W: W * V * W})), [W], 3),
        (sp.Determinant(W * V), [W], 2),
        (sg(x) ** 3, [x], 3),
    ],
)
def test_the_degree_is_bounded_from_the_term(term, names, degree):
    assert degree_bound(term, names) == degree


@given(st.lists(small, min_size=6, max_size=6), small)
def test_the_entries_of_names_go_there_and_back(entries, number):
    coordinates = Coordinates([W, x], Scene({}))
    values = {W: array_of([entries[:3], entries[3:]]), x: fmpq(number)}
    flat = coordinates.flat(values)
    back = coordinates.values(flat)
    assert len(flat) == coordinates.count == 7
    assert (back[W] == values[W]).all() and back[x] == number
    assert [flat[k] for k in (0, 2, 3)] == [entries[0], entries[2], entries[3]]
