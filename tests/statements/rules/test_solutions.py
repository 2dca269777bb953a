"""Limits and orders hold for all values of the parameters, not for most of them; trajectories as long as they last."""

from math import prod

import pytest
from hypothesis import given, strategies as st
from scipy.integrate import quad
from sympy import (
    Abs,
    Eq,
    Gt,
    Integer,
    Lt,
    MatrixSymbol,
    Ne,
    Rational,
    Symbol,
    exp,
    lambdify,
    limit,
    log,
    oo,
    simplify,
    sqrt,
    symbols,
)

from symssl import Refusal, matrix_equal
from symssl.language import Along, FirstTime, Limit, Order, VectorField
from symssl.statements import derive

x, y = symbols("x y", real=True)
k, t, x0 = symbols("k t x_0", positive=True)


@pytest.mark.parametrize(
    "term, to, value",
    [
        ((y * t + 1) / (t + 1), oo, y),
        ((y * exp(-k * t) + 2) / (1 + y**2 * exp(-t)), oo, 2),
        (k * t / (k * t + y), oo, 1),
        (sqrt(k * t + 1) / sqrt(t), oo, sqrt(k)),
        (log(k * t + 1) / log(t), oo, 1),
        (k * t, oo, oo),
    ],
)
def test_limits_that_hold_for_all_parameters(term, to, value):
    assert derive(Limit(term, t, to)).value == value


@pytest.mark.parametrize(
    "term",
    [
        y * t / (y * t + 1),
        (1 - k) * t / ((1 - k) * t + 1),
        1 / (y * t + 1),
        sqrt(y * t + 1) / sqrt(t),
        y * t,
        exp(y * t),
        t**y,
        log(y**2 * t + 1) / log(t),
    ],
)
def test_limits_that_change_where_a_coefficient_vanishes_are_refused(term):
    with pytest.raises(Refusal):
        derive(Limit(term, t, oo))


@given(
    st.lists(st.integers(-2, 2), min_size=1, max_size=3),
    st.lists(st.integers(-2, 2), min_size=1, max_size=3),
    st.sampled_from([1, t, exp(-t), t * exp(-t)]),
)
def test_a_limit_with_a_parameter_is_right_at_every_value_of_it(above, below, scale):
    """Coefficients c + y: at y = -1, 0, 1 some of them vanish."""
    numerator = sum((c + y) * t**j for j, c in enumerate(above)) * scale
    denominator = sum((c - y) * t**j for j, c in enumerate(below)) * scale + exp(-2 * t)
    try:
        found = derive(Limit(numerator / denominator, t, oo)).value
    except Refusal:
        return
    for value in (-2, -1, 0, 1, 2, Rational(1, 2)):
        at = {y: Integer(value) if isinstance(value, int) else value}
        assert (limit((numerator / denominator).subs(at), t, oo) - found.subs(at)).equals(0)


def test_two_sides_and_ends_with_symbols():
    assert derive(Limit((x**2 - y**2) / (x - y), x, y)).value == 2 * y
    assert derive(Limit(1 / (x - y), x, y, "+")).value == oo
    assert derive(Limit(1 / (x - y), x, y, "-")).value == -oo
    assert derive(Limit(exp(x), x, -oo)).value == 0
    with pytest.raises(Refusal, match="two sides"):
        derive(Limit(1 / x, x, 0))
    assert derive(Limit(1 / t, t, 0)).value == oo  # t is positive
    with pytest.raises(Refusal, match="does not tend"):
        derive(Limit(1 / (t + 1), t, -oo))


def test_orders():
    assert derive(Order(k * t**2 + t, t, oo)).value == 2
    assert derive(Order(y * t**2 + t, t, oo), given=(Ne(y, 0),)).value == 2
    assert derive(Order(Abs(x) ** 3, x, 0)).value == 3
    assert derive(Order(1 / x + 3, x, -oo)).value == 0
    for term in ((k - 1) * t**2 + t, y * t**2 + t, t * log(t), Integer(0) * t):
        with pytest.raises(Refusal):
            derive(Order(term, t, oo))
    with pytest.raises(Refusal):
        derive(Order(x + Abs(x), x, 0))


def test_a_trajectory_lasts_until_it_ends():
    with pytest.raises(Refusal, match="lasts"):
        derive(Along(x, VectorField({x: x**2}), t, {x: 1}))
    found = derive(Along(x, VectorField({x: x0 - x}), t, {x: 1})).value  # a parameter with the name of a start
    assert (found - (x0 + (1 - x0) * exp(-t))).equals(0)


def test_hypotheses_on_a_namesake_outside_say_nothing_inside():
    inner_term = Limit(exp(-x * k) / (1 + x), x, oo)
    with pytest.raises(Refusal):
        derive(Limit(1 / (y * x + 1), y, oo), given=(y > 5,))
    assert derive(inner_term, given=(x < 0,)).value == 0
    assert Symbol("x", real=True) == x


def test_what_has_a_constant_logarithmic_derivative_is_an_exponential():
    field = VectorField({x: x * y**2 - k * x, y: -(y**3)})
    found = derive(Along(x * y, field, t, {x: x0, y: 2}))
    assert found.value == 2 * x0 * exp(-k * t) and "lasts" in found.provisos[0]
    with pytest.raises(Refusal):
        derive(Along(x * y + 1, field, t, {x: x0, y: 2}))
    n = Symbol("n", integer=True, positive=True)
    A, B, A0, B0 = (MatrixSymbol(name, n, n) for name in ("A", "B", "A_0", "B_0"))
    drift = VectorField({A: B * A - k * A, B: B * B - k * B})
    assert derive(Along(A - A * B.T, VectorField({A: -k * A, B: B * 0}), t, {A: A0, B: B0})).value.has(exp(-k * t))
    with pytest.raises(Refusal):
        derive(Along(A - B, drift, t, {A: A0, B: B0}))
    balance = VectorField({A: A * B * B.T - k * A, B: A.T * A * B - k * B})
    value = derive(Along(A.T * A - B * B.T, balance, t, {A: A0, B: B0})).value
    assert matrix_equal(value, exp(-2 * k * t) * (A0.T * A0 - B0 * B0.T))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=3, unique=True), st.integers(-8, 8), st.sampled_from([1, -1]))
def test_a_trajectory_of_one_state_ends_at_the_next_equilibrium(roots, start, direction):
    f = direction * prod(x - r for r in roots) * (x**2 + 1)
    begin = Rational(start, 2)
    term = Limit(Along(x, VectorField({x: f}), t, {x: begin}), t, oo)
    velocity = f.subs(x, begin)
    ahead = sorted((r for r in roots if (r - begin) * velocity > 0), key=lambda r: abs(r - begin))
    if velocity == 0:
        assert derive(term).value == begin
    elif ahead:
        assert derive(term).value == ahead[0]
    else:
        with pytest.raises(Refusal):
            derive(term)


# --- hypotheses on signs and values ----------------------------------------------------------

a = Symbol("a", real=True)
p, p0 = symbols("p p_0", positive=True)
CUBIC = VectorField({p: (1 - a * p**2) * a * p})
END = Limit(Along(p, CUBIC, t, {p: p0}), t, oo)


@pytest.mark.parametrize("given, value", [(a > 0, 1 / sqrt(a)), (a < 0, 0), (Eq(a, 0), p0)])
def test_the_sign_that_a_hypothesis_tells_decides_a_limit(given, value):
    assert simplify(derive(END, (given,)).value - value) == 0


def test_without_a_sign_the_limit_is_refused():
    with pytest.raises(Refusal):
        derive(END)
    with pytest.raises(Refusal):
        derive(Limit(exp(a * t), t, oo))


@pytest.mark.parametrize(
    "term, value",
    [
        (x0 / sqrt(k * (1 - exp(-t)) + exp(-t)), x0 / sqrt(k)),
        ((k + exp(-t)) ** y, k**y),
        (y / (k + 1 / t) ** Rational(1, 3), y / k ** Rational(1, 3)),
    ],
)
def test_powers_of_what_has_a_positive_limit(term, value):
    assert derive(Limit(term, t, oo)).value == value


def test_powers_of_what_may_tend_to_zero_are_refused():
    with pytest.raises(Refusal):
        derive(Limit((y + exp(-t)) ** Rational(-1, 2), t, oo))


# --- first times ---------------------------------------------------------------------------


def passage(velocity, begin, target, given=()):
    return derive(FirstTime(Eq(x, target, evaluate=False), VectorField({x: velocity}), {x: begin}), given).value


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=3),
    st.sampled_from([1, -1, Rational(1, 2)]),
    st.integers(-4, 4),
    st.integers(-4, 4),
)
def test_the_first_time_is_the_integral_of_the_reciprocal_velocity(roots, scale, begin, target):
    """Velocities with roots; where one lies on the way, or the velocity points away, no finite time is found."""
    velocity = scale
    for root in roots:
        velocity = velocity * (x - root)
    begin, target = begin + Rational(1, 3), target + Rational(2, 3)
    low, high = sorted((begin, target))
    blocked = any(low <= root <= high for root in roots)
    speed = velocity.subs(x, begin)
    if speed * (target - begin) < 0:
        assert passage(velocity, begin, target) == oo
    elif blocked:
        with pytest.raises(Refusal):
            passage(velocity, begin, target)
    else:
        expected = quad(lambdify(x, 1 / velocity), float(begin), float(target))[0]
        assert float(passage(velocity, begin, target)) == pytest.approx(expected, rel=1e-9)


def test_first_times_with_parameters():
    a, b = symbols("a b", positive=True)
    assert passage(-2 * (1 - (a - b) * x), 1 / a, 0, (Gt(a, b),)).subs({a: 2, b: 1}) == log(2) / 2
    found = passage(-2 * (1 - (a - b) * x), 1 / a, 0, (Ne(a, b),))
    assert all(
        abs(found.subs({a: p, b: q}) - (log(p) - log(q)) / (2 * (p - q))).n() < 1e-12 for p, q in ((1, 3), (3, 1))
    )
    with pytest.raises(Refusal):
        passage(a - x, 0, b)  # b may lie beyond the equilibrium a
    assert passage(a - x, 0, b, (Lt(b, a),)).subs({a: 2, b: 1}) == log(2)


@pytest.mark.parametrize("velocity", [1 / (x - 1) ** 2, 1 / (x - 1), Abs(x) + 1, (x - 1) ** 2])
def test_no_first_time_through_a_pole_an_equilibrium_or_what_is_no_rational_function(velocity):
    with pytest.raises(Refusal):
        passage(velocity, 0, 2) if velocity != 1 / (x - 1) else passage(-velocity, 0, 2)


def test_inside_a_limit_the_side_is_known():
    """1/(1 - t) is the solution of x' = x^2 from one until t = 1; from the right nothing is left of it."""
    blown = Along(x, VectorField({x: x**2}), t, {x: 1})
    fact = derive(Limit(blown, t, 1, "-"))
    assert fact.value == oo and not fact.given
    with pytest.raises(Refusal):
        derive(Limit(blown, t, 1, "+"))
    with pytest.raises(Refusal):
        derive(Limit(blown, t, 2, "-"))


def test_a_sum_has_the_sum_of_the_limits_of_its_terms():
    assert derive(Limit(y * log(1 + k / t) + y**2, t, oo)).value == y**2
    with pytest.raises(Refusal):  # the first grows where y is not zero
        derive(Limit(y * log(t) + 1, t, oo))
