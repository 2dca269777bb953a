"""Solutions that are given: the right ones pass, every changed one is refused, and so is what may have several."""

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Gt, Identity, Integer, Le, MatrixSymbol, Ne, Rational, Symbol, exp, sqrt, symbols, tan, tanh

from symssl import Diagonal, Orthonormal, Refusal, Symmetric, sq, total
from symssl.errors import Undecided
from symssl.language import Along, Entry, ForAll, GradientFlow, VectorField, unit
from symssl.statements import derive

x, y = symbols("x y", real=True)
a, x0, y0 = symbols("a x_0 y_0", real=True)
p, p0, b = symbols("p p_0 b", positive=True)
t = Symbol("t", nonnegative=True)
CUBIC = VectorField({p: (1 - a * p**2) * a * p})
CURVE = exp(a * t) / sqrt(p0**-2 + (exp(2 * a * t) - 1) * a)


def along(term, dynamics, start):
    return Along(term, dynamics, t, start)


def test_a_solution_is_verified_for_parameters_of_any_sign():
    assert derive(along(p, CUBIC, {p: p0}), form={p: CURVE}).value == CURVE
    assert derive(along(a * p**2, CUBIC, {p: p0}), form={p: CURVE}).value == a * CURVE**2


@pytest.mark.parametrize(
    "form",
    [
        2 * CURVE,
        CURVE.xreplace({p0: 2 * p0}),
        CURVE.xreplace({t: 2 * t}),
        p0 * exp(a * t),
        CURVE + t,
    ],
)
def test_what_is_no_solution_is_refused(form):
    with pytest.raises((Refusal, Undecided)):
        derive(along(p, CUBIC, {p: p0}), form={p: form})


def test_a_form_with_a_pole_or_a_root_of_what_turns_negative_is_refused():
    blow_up = VectorField({p: p**2})
    with pytest.raises((Refusal, Undecided)):
        derive(along(p, blow_up, {p: p0}), form={p: 1 / (1 / p0 - t)})
    with pytest.raises((Refusal, Undecided)):  # it ends at time pi/2
        derive(along(x, VectorField({x: 1 + x**2}), {x: Integer(0)}), form={x: tan(t)})
    rational = VectorField({x: -(x**2)})
    assert derive(along(x, rational, {x: p0}), form={x: 1 / (1 / p0 + t)}).value == 1 / (1 / p0 + t)


def test_velocities_that_are_no_polynomials_may_have_other_solutions():
    with pytest.raises(Refusal):  # 0 and t^2/4 both solve x' = x^(1/2) from 0
        derive(along(p, VectorField({p: sqrt(p)}), {p: Integer(0)}), form={p: t**2 / 4})


def test_other_functions_that_are_smooth_everywhere():
    assert derive(along(x, VectorField({x: 1 - x**2}), {x: Integer(0)}), form={x: tanh(t)}).value == tanh(t)


def test_a_form_that_speaks_of_the_states_is_refused():
    with pytest.raises(Refusal):
        derive(along(x, VectorField({x: a * x}), {x: x0}), form={x: x * exp(a * t)})


def test_two_states_need_two_forms():
    spiral = VectorField({x: a * x, y: x + a * y})
    form = {x: x0 * exp(a * t), y: (y0 + x0 * t) * exp(a * t)}
    assert derive(along(x * y, spiral, {x: x0, y: y0}), form=form).value == form[x] * form[y]
    with pytest.raises(Refusal):
        derive(along(x, spiral, {x: x0, y: y0}), form={x: form[x], y: y0 * exp(a * t)})


@settings(max_examples=10)
@given(st.fractions(-2, 2, max_denominator=4), st.fractions(-2, 2, max_denominator=4), st.integers(-1, 1))
def test_linear_flows_with_any_numbers(rate, offset, change):
    rate, offset = Rational(rate.numerator, rate.denominator), Rational(offset.numerator, offset.denominator)
    flow = VectorField({x: rate * x + offset})
    curve = (x0 + offset / rate) * exp(rate * t) - offset / rate if rate else x0 + offset * t
    if change:
        with pytest.raises(Refusal):
            derive(along(x, flow, {x: x0}), form={x: curve + change * t})
    else:
        assert derive(along(x, flow, {x: x0}), form={x: curve}).value == curve


# --- one matrix ----------------------------------------------------------------------------

d, m = symbols("d m", integer=True, positive=True)
j, k = symbols("j k", integer=True)
W, U, V = MatrixSymbol("W", d, m), MatrixSymbol("U", d, d), MatrixSymbol("V", m, d)
D, S, M = MatrixSymbol("D", d, d), MatrixSymbol("S", d, d), MatrixSymbol("M", m, m)
rest = Identity(m) - V * V.T
e_j = unit(j, d)
FRAMES = (Orthonormal(U), Orthonormal(V), Diagonal(D), Diagonal(S), Symmetric(M))
POSITIVE = ForAll(k, Gt(Entry(S, k, k), 0), given=(Le(1, k), Le(k, d)))


def flow(C):
    return GradientFlow(sq(W * C * W.T - Identity(d)), W)


ALIGNED = flow(V * D * V.T + rest * M * rest)
d_j, s_j = Entry(D, j, j), Entry(S, j, j)
PROFILE = exp(4 * d_j * t) / sqrt(s_j**-2 + (exp(8 * d_j * t) - 1) * d_j)
START = {W: U * S * V.T}


def solution(profile):
    return U * total(profile * e_j * e_j.T, (j, d)) * V.T


def test_the_trajectory_from_an_aligned_start_is_verified():
    fact = derive(along(W, ALIGNED, START), (*FRAMES, POSITIVE), form={W: solution(PROFILE)})
    assert fact.value == solution(PROFILE) and fact.level == "symbolic" and not fact.sizes


@pytest.mark.parametrize(
    "dynamics, given, profile",
    [
        (ALIGNED, (*FRAMES, POSITIVE), 2 * PROFILE),
        (ALIGNED, (*FRAMES, POSITIVE), PROFILE.xreplace({t: 2 * t})),
        (ALIGNED, FRAMES, PROFILE),  # singular values of any sign: the root begins at |s|
        (ALIGNED, (*(r for r in FRAMES if r != Orthonormal(V)), POSITIVE), PROFILE),
        (flow(V * D * V.T + M), (*FRAMES, POSITIVE), PROFILE),  # V holds no eigenvectors
        (flow(M), (*FRAMES, POSITIVE), PROFILE),
    ],
)
def test_other_forms_and_fewer_hypotheses_are_refused(dynamics, given, profile):
    with pytest.raises((Refusal, Undecided)):
        derive(along(W, dynamics, START), given, form={W: solution(profile)})


def test_a_profile_that_depends_on_its_place_is_refused():
    with pytest.raises(Refusal):
        derive(along(W, ALIGNED, START), (*FRAMES, POSITIVE), form={W: solution(j * PROFILE)})


def test_hypotheses_stay_with_the_fact():
    zero = derive(along(x, VectorField({x: a * x}), {x: x0}), (Ne(x0, 0),), form={x: x0 * exp(a * t)})
    assert Ne(x0, 0) in zero.given
