"""Trajectories and first times against closed forms; what is proved encloses the truth, what is not says so."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from symssl import inner, sg, sq
from symssl.language import Along, FirstTime, GradientDescent, GradientFlow, VectorField
from symssl.statements.meaning import logic, trajectories  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.functions import Function
from symssl.statements.meaning.scene import Scene, Unknown
from symssl.statements.meaning.trajectories import BlowUp, TooLong, Trajectory
from symssl.statements.meaning.values import compare

x, y, a, x0 = sp.symbols("x y a x_0")
t = sp.Symbol("t", positive=True)
W, S = sp.MatrixSymbol("W", 2, 2), sp.MatrixSymbol("S", 2, 2)
LOGISTIC = VectorField({x: a * x * (1 - x)})
ROTATION = VectorField({x: -y, y: x})
positive = st.fractions(min_value="1/8", max_value=3, max_denominator=8)


def number(fraction):
    return fmpq(fraction.numerator, fraction.denominator)


def contains(ball, value):
    """Whether a narrow ball holds a number, which mpmath has at the same precision."""
    with ctx.workprec(256), mpmath.workprec(256):
        inside = arb(str(value))
        return ball.overlaps(inside) and float(ball.rad()) < 2.0**-80 * max(1, abs(float(value)))


@given(positive, positive, positive)
def test_the_logistic_equation_is_enclosed(rate, start, time):
    scene = Scene({a: number(rate), x0: number(start), t: number(time)})
    value = scene.value(Along(x, LOGISTIC, t, {x: x0}))
    with mpmath.workprec(256):
        r, s, T = (mpmath.mpf(q.numerator) / q.denominator for q in (rate, start, time))
        exact = s * mpmath.exp(r * T) / (1 - s + s * mpmath.exp(r * T))
    assert contains(value, exact)
    assert scene.estimates == []


@pytest.mark.parametrize(
    "rhs, start, time, exact",
    [
        (-(x**3), 1, 100, lambda T: 1 / mpmath.sqrt(2 * T + 1)),  # the quartic flow
        (x**2, 1, sp.Rational(7, 8), lambda T: 1 / (1 - T)),
        (sp.exp(-x), 0, 3, lambda T: mpmath.log(1 + T)),
        (sp.tanh(x), 1, 2, lambda T: mpmath.asinh(mpmath.sinh(1) * mpmath.exp(T))),
        (1 / (2 * x), 1, 3, lambda T: mpmath.sqrt(1 + T)),
        (sp.Abs(x), -1, 2, lambda T: -mpmath.exp(-T)),
    ],
)
def test_known_solutions_are_enclosed(rhs, start, time, exact):
    scene = Scene({})
    value = scene.value(Along(x, VectorField({x: rhs}), time, {x: start}))
    with mpmath.workprec(256):
        assert contains(value, exact(mpmath.mpf(sp.Rational(time).p) / sp.Rational(time).q))
    assert scene.estimates == []


def test_the_radius_of_a_proved_trajectory_is_honest_where_steps_are_long():
    """With few bits the enclosures are wide, and hold the truth still."""
    velocity = Function.velocity(VectorField({x: x * (2 - x), y: x * y - y**3}), Scene({}), 64)
    narrow = Function.velocity(VectorField({x: x * (2 - x), y: x * y - y**3}), Scene({}), 256)
    start = [fmpq(1, 10), fmpq(1, 3)]
    for time in (fmpq(1, 3), fmpq(2), fmpq(5)):
        rough = Trajectory(velocity, start, 64).at(time)
        fine = Trajectory(narrow, start, 256).at(time)
        assert all(r.contains(f) for r, f in zip(rough, fine))
        assert all(float(r.rad()) > 2.0**-70 for r in rough)


def test_what_is_rounded_at_the_start_grows_with_the_trajectory():
    """x' = x - 1/3 from nearby: the rounding of 1/3 is most of the error at the end."""
    field, start = VectorField({x: x - sp.Rational(1, 3)}), fmpq(1, 3) + fmpq(1, 2**20)
    rough = Trajectory(Function.velocity(field, Scene({}), 64), [start], 64).at(fmpq(12))[0]
    with ctx.workprec(256):
        exact = arb(fmpq(1, 3)) + arb(12).exp() / 2**20
        assert rough.overlaps(exact) and 2.0**-55 < float(rough.rad()) < 2.0**-30


def test_lotka_and_volterra_keep_their_invariant():
    field = VectorField({x: x - x * y, y: x * y - y})
    scene = Scene({})
    invariant = x - sp.log(x) + y - sp.log(y)
    start = {x: sp.Rational(1, 2), y: 1}
    before = scene.value(invariant.subs(start))
    for time in (1, 7, 20):
        after = scene.value(Along(invariant, field, time, start))
        assert compare(before, after)[0] == 0
    assert scene.estimates == []


def test_the_estimated_steps_agree_with_the_proved_ones_within_their_error():
    velocity = Function.velocity(VectorField({x: x - x * y, y: x * y - y}), Scene({}), 192)
    start = [fmpq(1, 2), fmpq(1)]
    proved, estimated = (Trajectory(velocity, start) for _ in range(2))
    estimated.proved = False
    for time in (fmpq(1, 3), fmpq(5, 2)):
        for p, e in zip(proved.at(time), estimated.at(time)):
            assert float(abs(p - e).mid()) < 2.0**-80
            assert float(p.rad()) < 2.0**-80 and float(e.rad()) < 2.0**-80


def test_a_velocity_without_power_series_is_an_estimate():
    scene = Scene({})
    value = scene.value(Along(x, VectorField({x: sp.Max(x, sp.Rational(1, 2)) * 0 - sp.sign(x) * x}), 1, {x: 1}))
    assert abs(float(value) - np.exp(-1)) < 1e-15
    through = Scene({})
    value = through.value(Along(x, VectorField({x: sp.Abs(x) + 1}), 1, {x: -sp.Rational(1, 2)}))
    # down to zero x = 1 - 3/2 exp(-t), which takes log(3/2); from there x = exp(t) - 1
    assert abs(float(value) - (np.exp(1 - np.log(1.5)) - 1)) < 1e-6
    assert through.estimates


def test_a_matrix_flow_is_that_of_its_entries():
    """W' = (S - W W^T) W with diagonal S and diagonal start: every entry follows s w - w^3."""
    flow = GradientFlow(sq(W * W.T - S) / 4, W)
    scene = Scene({S: array_of([[2, 0], [0, 1]])})
    value = scene.value(Along(W, flow, 1, {W: sp.diag(sp.Rational(1, 2), 2)}))
    with mpmath.workprec(256):
        for k, (s, w) in enumerate(((2, mpmath.mpf(1) / 2), (1, mpmath.mpf(2)))):
            exact = mpmath.sqrt(s / (1 + (s / w**2 - 1) * mpmath.exp(-2 * s)))
            assert contains(value[k, k], exact)
    assert bool(value[0, 1].contains(0)) and float(value[0, 1].rad()) < 1e-24


def test_stopped_copies_are_frozen_along_the_flow():
    """With the gradient of one factor only, |W|^2 -> the flow of <sg(W), W> is W' = -W; of |W|^2 it is W' = -2 W."""
    start = {W: sp.Matrix([[1, 2], [3, 4]])}
    scene = Scene({})
    frozen = scene.value(Along(W, GradientFlow(inner(sg(W), W), W), 1, start))
    free = scene.value(Along(W, GradientFlow(sq(W), W), 1, start))
    with mpmath.workprec(256):
        assert contains(frozen[0, 1], 2 * mpmath.exp(-1)) and contains(free[0, 1], 2 * mpmath.exp(-2))


def test_after_a_blow_up_there_is_no_value():
    with pytest.raises(Unknown, match="ends before"):
        Scene({}).value(Along(x, VectorField({x: x**2}), 2, {x: 1}))
    for proved in (True, False):
        trajectory = Trajectory(Function.velocity(VectorField({x: x**2}), Scene({})), [fmpq(1)])
        trajectory.proved = proved
        with pytest.raises(BlowUp):
            trajectory.at(fmpq(3, 2))
        assert 0.999 < float(trajectory.reached) < 1


def test_steps_have_an_end(monkeypatch):
    monkeypatch.setattr(trajectories, "MOST_STEPS", 20)
    trajectory = Trajectory(Function.velocity(ROTATION, Scene({})), [fmpq(0), fmpq(1)])
    with pytest.raises(TooLong, match="20 steps"):
        trajectory.at(fmpq(10**4))


def test_gradient_descent_goes_by_exact_steps():
    eta = sp.Rational(1, 3)
    descent = GradientDescent(x**2 / 2 + y**2, [x, y], step=eta)
    scene = Scene({})
    assert scene.value(Along(x + y, descent, 4, {x: 1, y: 2})) == fmpq(2, 3) ** 4 + 2 * fmpq(1, 3) ** 4
    assert scene.estimates == []
    with pytest.raises(Unknown, match="no whole number"):
        scene.value(Along(x, descent, sp.Rational(1, 2), {x: 1, y: 2}))


@pytest.mark.parametrize("time", [fmpq(-1), sp.oo])
def test_times_that_are_none_are_refused(time):
    s = sp.Symbol("s")
    with pytest.raises(Unknown, match="not known to be positive|infinite time"):
        Scene({s: time}).value(Along(x, LOGISTIC.subs(a, 1), s, {x: sp.Rational(1, 2)}))


def test_the_derivative_by_time_is_the_velocity():
    scene = Scene({a: fmpq(2), x0: fmpq(1, 5), t: fmpq(3, 4)})
    path = Along(x, LOGISTIC, t, {x: x0})
    velocity = Along(a * x * (1 - x), LOGISTIC, t, {x: x0})
    assert compare(scene.value(sp.Derivative(path, t)), scene.value(velocity))[0] == 0
    assert scene.estimates == []
    again = Along(a**2 * x * (1 - x) * (1 - 2 * x), LOGISTIC, t, {x: x0})
    assert compare(scene.value(sp.Derivative(path, t, t)), scene.value(again))[0] == 0


# --- first times ---------------------------------------------------------------------------


@given(positive, st.fractions(min_value="1/20", max_value="2/5", max_denominator=20))
def test_the_half_time_of_the_logistic_equation(rate, start):
    scene = Scene({a: number(rate), x0: number(start)})
    time = scene.value(FirstTime(sp.Ge(x, sp.Rational(1, 2)), LOGISTIC, {x: x0}))
    with mpmath.workprec(256):
        s = mpmath.mpf(start.numerator) / start.denominator
        assert contains(time, mpmath.log((1 - s) / s) * rate.denominator / rate.numerator)
    assert scene.estimates == []


@pytest.mark.parametrize(
    "condition, exact",
    [
        (sp.Eq(x, y, evaluate=False), lambda: mpmath.pi / 4),
        (sp.Lt(x, 0), lambda: mpmath.pi / 2),
        (sp.And(sp.Lt(x, 0), sp.Lt(y, 0)), lambda: mpmath.pi),
        (sp.And(sp.Eq(x, 0, evaluate=False), sp.Lt(y, 0)), lambda: 3 * mpmath.pi / 2),
        (sp.Or(sp.Lt(y, 0), sp.Le(x, -sp.Rational(1, 2))), lambda: 2 * mpmath.pi / 3),
        (sp.Gt(x, 0), lambda: 0),
    ],
)
def test_first_times_on_a_circle(condition, exact):
    scene = Scene({})
    time = scene.value(FirstTime(condition, ROTATION, {x: 1, y: 0}))
    with mpmath.workprec(256):
        assert contains(arb(time), exact())
    assert scene.estimates == []


def test_the_boundary_at_the_start_counts_only_where_it_is_meant():
    start = {x: 1, y: 0}
    assert Scene({}).value(FirstTime(sp.Ge(y, 0), ROTATION, start)) == 0
    later = Scene({}).value(FirstTime(sp.Lt(y, 0), ROTATION, start))
    assert abs(float(later) - np.pi) < 1e-15
    assert abs(float(Scene({}).value(FirstTime(sp.Gt(y, 0), ROTATION, start)))) < 1e-15


def test_a_level_that_is_only_touched_is_an_estimate():
    scene = Scene({})
    time = scene.value(FirstTime(sp.Ge(y, 1), ROTATION, {x: 1, y: 0}))
    assert abs(float(time) - np.pi / 2) < 1e-9 and scene.estimates


@pytest.mark.parametrize(
    "condition, field, start",
    [
        (sp.Ge(x, 1), {x: x * (1 - x)}, sp.Rational(1, 2)),  # approached, never reached
        (sp.Ge(x, 2), {x: x * (1 - x)}, sp.Rational(1, 2)),
        (sp.Le(x, 0), {x: -(x**3)}, 1),
        (sp.Le(x, 0), {x: x**2}, 1),  # it blows up before
    ],
)
def test_what_never_happens_is_infinite_and_an_estimate(condition, field, start):
    scene = Scene({})
    assert scene.value(FirstTime(condition, VectorField(field), {x: start})) is sp.oo
    assert scene.estimates


def test_at_an_equilibrium_nothing_ever_happens_for_certain():
    scene = Scene({})
    assert scene.value(FirstTime(sp.Ge(x, 2), VectorField({x: x * (1 - x)}), {x: 1})) is sp.oo
    assert scene.estimates == []


def test_before_a_blow_up_every_level_is_passed():
    time = Scene({}).value(FirstTime(sp.Gt(x, 10**6), VectorField({x: x**2}), {x: 1}))
    with mpmath.workprec(256):
        assert contains(time, 1 - mpmath.mpf(10) ** -6)


def test_first_steps_of_descent():
    descent = GradientDescent(x**2 / 2, x, step=sp.Rational(1, 2))
    assert Scene({}).value(FirstTime(sp.Le(x, sp.Rational(1, 100)), descent, {x: 1})) == 7
    scene = Scene({})
    assert scene.value(FirstTime(sp.Le(x, -1), descent, {x: 1})) is sp.oo and scene.estimates


@given(st.lists(positive, min_size=4, max_size=4), positive)
def test_linear_velocities_are_enclosed_by_the_exponential_and_by_steps(entries, time):
    drive = sp.ImmutableMatrix(2, 2, [sp.Rational(e.numerator, e.denominator) for e in entries]) - sp.eye(2)
    flow = VectorField({W: W * S + S.T * W - 2 * W})
    scene = Scene({S: array_of([[scene_number(x) for x in row] for row in drive.tolist()]), t: number(time)})
    start = {W: array_of([[fmpq(1), fmpq(2)], [fmpq(-1), fmpq(1, 2)]])}
    velocity = Function.velocity(flow, scene, 192)
    exact = trajectories.trajectory_of(flow, start, scene)
    stepwise = Trajectory(velocity, velocity.coordinates.flat(start), 192)
    assert type(exact) is trajectories.LinearTrajectory
    with ctx.workprec(192):
        moment = arb(number(time))
    for one, other in zip(exact.at(moment), stepwise.at(moment)):
        assert one.overlaps(other)
        assert float(one.rad()) < 1e-30 * max(1.0, float(abs(one).mid()))


def scene_number(x):
    return fmpq(int(x.p), int(x.q))


@pytest.mark.parametrize(
    "rhs, told",
    [
        (W * S - W.T, True),
        (S * (W + W.T) * S, True),
        (W * sp.Trace(W), False),
        (W * W, False),
        (W + S, False),
        (sp.Inverse(W), False),
    ],
)
def test_what_is_linear_is_seen_from_how_it_is_written(rhs, told):
    assert trajectories.is_linear(VectorField({W: rhs})) is told


@pytest.mark.parametrize("rhs, told", [(a * x, True), (x * y, True), (sp.exp(x), False), (x**2, False), (x + 1, False)])
def test_the_same_of_scalars(rhs, told):
    assert trajectories.is_linear(VectorField({x: rhs})) is told


@given(st.integers(20, 500), st.fractions("1/2", 4, max_denominator=4), st.fractions(2, 5, max_denominator=3))
def test_what_is_rounded_at_the_end_of_a_step_is_part_of_the_error(slowness, start, time):
    """A slow flow, in steps whose defect is far below the rounding."""
    rate = fmpq(1, slowness)
    scene = Scene({a: rate, x0: number(start), t: number(time)})
    ball = scene.value(Along(x, VectorField({x: a * x * (1 - a * x**2)}), t, {x: x0}))
    with ctx.workprec(500):
        growth = (2 * arb(rate) * arb(number(time))).exp()
        exact = growth.sqrt() / (1 / arb(number(start)) ** 2 + (growth - 1) * arb(rate)).sqrt()
        assert ball.contains(exact)


@pytest.mark.parametrize(
    "start, speed", [(fmpq(7, 2) ** 8, fmpq(16, 7)), (fmpq(10**12), fmpq(1)), (fmpq(10**12), fmpq(3, 7))]
)
def test_steady_motion_reaches_what_is_far_and_its_time_is_enclosed(start, speed):
    """However small the speed is beside the distance; the rounding of the ends of all steps is in the enclosure."""
    scene = Scene({x0: start, a: speed})
    time = scene.value(FirstTime(sp.Eq(x, 0), VectorField({x: -a}), {x: x0}))
    assert bool(arb(time).overlaps(arb(start / speed)))
