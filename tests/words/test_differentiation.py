"""Gradients and derivatives along a flow: two product rules that have to agree, and difference quotients."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from numerics import Point, along, complex_step, losses
from sympy import MatrixSymbol, symbols

from symssl import E, MatrixFlow, Refusal, gaussians, inner, potential, sg, sq
from symssl.words import read, write
from symssl.words.differentiation import derivative, gradient, release
from symssl.words.letters import letter

n, k = symbols("n k", integer=True, positive=True)
A, D, W = MatrixSymbol("A", n, n), MatrixSymbol("D", n, n), MatrixSymbol("W", k, n)


def point(seed):
    rng = np.random.default_rng(seed)
    return Point({n: 2, k: 3, A: rng.normal(size=(2, 2)), D: rng.normal(size=(2, 2)), W: rng.normal(size=(3, 2))})


@settings(max_examples=60)
@given(losses((A, W), (n, k), stops=False))
def test_the_derivative_is_the_gradient_in_that_direction(e):
    poly = read(e)
    assert derivative(poly, {letter(A): read(D)}) == (gradient(poly, letter(A)).T * read(D)).trace()


@settings(max_examples=60)
@given(losses((A, W), (n, k)), st.integers(0, 10**6))
def test_gradients_against_complex_steps(e, seed):
    at = point(seed)
    value = at(e)
    assume(np.isfinite(value) and abs(value) < 1e6 and at.smallest > 1e-4)
    found = at(write(release(gradient(read(e), letter(A)))))
    assert np.allclose(found, complex_step(e, A, at), rtol=1e-7, atol=1e-7 * (1 + np.abs(found).max()))


@settings(max_examples=40)
@given(losses((A, W), (n, k), stops=False), st.integers(0, 10**6))
def test_derivatives_along_a_flow_against_complex_steps(e, seed):
    at = point(seed)
    value = at(e)
    assume(np.isfinite(value) and abs(value) < 1e6 and at.smallest > 1e-4)
    found = at(write(derivative(read(e), {letter(A): read(D)})))
    assert np.isclose(found, along(e, MatrixFlow({A: D}), at), rtol=1e-7, atol=1e-7 * (1 + abs(found)))


@given(losses((A, W), (n, k)))
def test_a_gradient_is_linear(e):
    one, two = read(e), read(sq(A) * 3)
    assert gradient(one + two, letter(A)) == gradient(one, letter(A)) + gradient(two, letter(A))


def test_what_is_stopped_does_not_move():
    assert not gradient(read(sq(sg(A))), letter(A)) and not derivative(read(sg(A)), {letter(A): read(D)})
    assert release(read(sg(A) * A)) == read(A * A)


def test_what_has_no_derivative_is_refused():
    S = MatrixSymbol("S", n, n)
    (x,) = gaussians("x", n, cov=[[S]])
    with pytest.raises(Refusal, match="law of x depends on S"):
        gradient(read(E(sq(x))), letter(S))
    slope = gradient(read(potential("f", A)), letter(A))
    with pytest.raises(Refusal, match="unspecified gradient"):
        derivative(slope, {next(slope.letters()).base: read(D)})
    with pytest.raises(Refusal, match="no single gradient"):
        gradient(read(E(potential("f", inner(x, x) * A))), letter(A))
