"""Gradients and derivatives along a flow: two product rules that have to agree, and difference quotients."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from numerics import Point, along, complex_step, losses
from sympy import Integer, MatrixSymbol, log, symbols

from symssl import E, MatrixFlow, Refusal, gaussians, inner, potential, samples, sg, sq, total
from symssl.language import unit
from symssl.language.sample_vectors import Sample
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


# --- unspecified functions of samples ----------------------------------------------------

i, j, size = symbols("i j N", integer=True, positive=True)
theta, v = MatrixSymbol("theta", k, 1), MatrixSymbol("v", k, 1)


def u(*points):
    return potential("u", theta, *points)


def sums(N):
    """Sums over N samples of terms in an unspecified function."""
    X, Y = samples("x", n, N), samples("y", n, N)
    return [
        total(u(X[i]), i),
        total(u(X[i]) * u(Y[i]) - u(Y[i]) ** 2, i),
        total(u(X[i], Y[j]) * (u(X[j], Y[i]) - 1), i, j),
        total(u(X[i]), i) * total(u(X[i]) * u(X[1]), i),
        total(log(1 + u(X[i]) ** 2), i),
    ]


@pytest.mark.parametrize("number", range(5))
def test_gradients_inside_a_sum_are_those_of_its_terms(number):
    general, written_out = sums(size)[number], sums(2)[number]
    found = write(gradient(read(general), letter(theta)))
    assert read(found) == gradient(read(general), letter(theta))
    at_two = found.replace(lambda e: isinstance(e, Sample), lambda x: x.func(x.args[0], *x.shape, x.index, 2))
    at_two = at_two.xreplace({size: Integer(2)})
    assert read(at_two) == gradient(read(written_out), letter(theta))


def test_the_gradient_of_a_term_is_not_that_of_another():
    X = samples("x", n, size)
    slope = write(gradient(read(u(X[i])), letter(theta)))
    along_v, value = inner(slope, v), u(X[i])
    assert read(total(value * along_v, i)) != read(total(value, i) * total(along_v, i) / size)
    assert read(total(along_v, i)) != read(size * along_v)
    assert read(inner(total(slope, i), v)) == read(total(along_v, i))
    other = write(gradient(read(u(X[j])), letter(theta)))
    assert read(total(slope * value, i)) == read(total(other * u(X[j]), j)) != read(total(other * value, i, j))


def test_an_unspecified_gradient_has_no_derivative_and_no_mean():
    (g,) = gaussians("g", n)
    slope = write(gradient(read(u(v)), letter(theta)))
    with pytest.raises(Refusal, match="the derivative of the unspecified gradient"):
        gradient(read(inner(slope, v)), letter(theta))
    moved = write(gradient(read(potential("f", theta, g)), letter(theta)))
    with pytest.raises(Refusal, match="the expectation of the unspecified gradient"):
        read(E(inner(moved, v) * inner(g, g)))


def test_equal_places_have_one_gradient():
    X, g = samples("x", n, size), MatrixSymbol("g", k, size)
    columns = total(X[i] * unit(i, size).T, i)
    places = W * columns, total(W * X[i] * unit(i, size).T, i), total(W * X[j] * unit(j, size).T, j)
    slopes = [write(gradient(read(potential("f", g)), letter(g))).xreplace({g: place}) for place in places]
    assert read(slopes[0]) == read(slopes[1]) == read(slopes[2]) != read(slopes[0].xreplace({W: 2 * W}))
    moved = gradient(read(potential("f", places[0])), letter(W))
    assert moved == read(slopes[1] * columns.T) != read(2 * slopes[1] * columns.T)
