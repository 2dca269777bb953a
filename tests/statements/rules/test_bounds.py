"""Balls that are not left, Taylor's remainder, projectors of one rank, and a trace that falls."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, Eq, Implies, Inverse, Le, MatrixSymbol, Rational, Symbol, Trace, oo, symbols

from symssl import InputError, Refusal, Symmetric, norm, total
from symssl.language import Along, Eigenvalue, ForAll, Limit, Rate, VectorField, function, unit
from symssl.statements import ball_kept, falls_in_ball, span_found, taylor_bound

d, z, k = symbols("d z k", integer=True, positive=True)
t, c = symbols("t c", positive=True)
W, W_0, S = MatrixSymbol("W", d, z), MatrixSymbol("W_0", d, z), MatrixSymbol("S", d, d)
FIELD = VectorField({W: -4 * S * W + 2 * S * W * W.T * W + 2 * W * W.T * S * W})
SIZE = Eigenvalue(W, 1, "singular")
ALONG = Along(SIZE, FIELD, t, {W: W_0})
GENERATOR = 4 * W.T * S * W


def test_the_ball_is_kept():
    for inside in (False, True):
        fact = ball_kept(ALONG, GENERATOR, (Symmetric(S),), inside=inside)
        assert isinstance(fact.proposition, Implies) and fact.given == (Symmetric(S),)
    with pytest.raises(Refusal):
        ball_kept(ALONG, GENERATOR)
    with pytest.raises(Refusal):
        ball_kept(ALONG, 2 * GENERATOR, (Symmetric(S),))
    with pytest.raises(InputError):
        ball_kept(Along(norm(W), FIELD, t, {W: W_0}), GENERATOR, (Symmetric(S),))


def test_a_trace_falls_until_it_rests():
    rate = Rate(Trace(W.T * S * W), FIELD)
    falls, rests = falls_in_ball(rate, S, (Symmetric(S),))
    assert falls.proposition.args[1] == Le(rate, 0, evaluate=False) and rests.level == "symbolic"
    for other, form, hypotheses in (
        (rate, S, ()),
        (Rate(Trace(W.T * W), FIELD), S, (Symmetric(S),)),
        (Rate(Trace(W.T * S * W), VectorField({W: 4 * S * W})), S, (Symmetric(S),)),
        (Rate(Trace(W.T * S * W), VectorField({W: -FIELD.rhs[W]})), S, (Symmetric(S),)),
    ):
        with pytest.raises(Refusal):
            falls_in_ball(other, form, hypotheses)


@settings(max_examples=8)
@given(st.integers(0, 99))
def test_in_the_ball_the_trace_falls(seed):
    rng = np.random.default_rng(seed)
    form, start = rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    form, start = form + form.T, start / np.linalg.svd(start)[1][0]
    velocity = -4 * form @ start + 2 * form @ start @ start.T @ start + 2 * start @ start.T @ form @ start
    assert 2 * np.trace(start.T @ form @ velocity) <= 1e-9


P = W * Inverse(W.T * W) * W.T


def span_and_each(field):
    """That the projector tends to that on the first unit vectors, and that it finds each of them."""
    start = {W: W_0}
    target = total(unit(k, d) * unit(k, d).T, (k, z))
    found = Eq(Limit(Along(P, field, t, start), t, oo), target, evaluate=False)
    kept = Limit(Along(norm(P * unit(k, d)), field, t, start), t, oo)
    return found, ForAll(k, Eq(kept, 1, evaluate=False), Le(k, z))


FOUND, EACH = span_and_each(FIELD)
FULL = Eq(Eigenvalue(W_0, kind="rank"), z, evaluate=False)


def test_a_span_is_found_where_each_vector_is():
    assert span_found(FOUND, EACH, (FULL,)).given == (FULL,)
    fewer = ForAll(k, EACH.body, Le(k, z - 1))
    shifted = VectorField({W: -W + MatrixSymbol("G", d, z)})
    moved = span_and_each(shifted)
    for conclusion, premise, hypotheses in ((FOUND, EACH, ()), (FOUND, fewer, (FULL,)), (*moved, (FULL,))):
        with pytest.raises(Refusal):
            span_found(conclusion, premise, hypotheses)


f, v = function("f"), Symbol("v", real=True)
BOUND = ForAll(v, Le(Abs(f(v, 2)), c))
GIVEN = (Eq(f(0), 0), Eq(f(0, 1), 1), BOUND)


def test_remainders():
    fact = taylor_bound(f, v, 2, GIVEN)
    assert fact.proposition.rhs == c * v**2 / 2 and fact.proposition.lhs == Abs(f(v) - v)
    for some in (GIVEN[1:], GIVEN[:2], (*GIVEN[:2], ForAll(v, Le(Abs(f(v, 2)), c * v**2)))):
        with pytest.raises(Refusal):
            taylor_bound(f, v, 2, some)
    half = ForAll(v, Le(Abs(f(v, 2)), c), v < 1)
    with pytest.raises(Refusal):
        taylor_bound(f, v, 2, (*GIVEN[:2], half))
    with pytest.raises(InputError):
        taylor_bound(f, Symbol("y"), 2, GIVEN)


@pytest.mark.parametrize("at", [-2, Rational(1, 2), 3])
def test_the_remainder_of_the_sine(at):
    from sympy import sin

    assert abs(float(sin(at) - at)) <= float(at**2) / 2
