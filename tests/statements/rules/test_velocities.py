"""Rates, steps and gradients, against difference quotients and by hand."""

import pytest
from hypothesis import given, settings, strategies as st
from sympy import MatrixSymbol, Rational, exp, symbols

from symssl import E, Refusal, Symmetric, gaussians, inner, matrix_equal, norm, sg, sq
from symssl.language import Gradient, GradientDescent, GradientFlow, Next, Rate, VectorField
from symssl.statements import derive

x, y = symbols("x y", real=True)
k, eta = symbols("k eta", positive=True)
n = symbols("n", integer=True, positive=True)
W, S = MatrixSymbol("W", 2, n), MatrixSymbol("S", n, n)


@settings(max_examples=10)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.integers(-2, 2), st.integers(-2, 2))
def test_a_rate_is_the_derivative_along_the_flow(coefficients, at_x, at_y):
    a, b, c, e = coefficients
    loss, term = a * x**2 * y + b * y**2 + c * x, x * y + e * x**2
    found = derive(Rate(term, GradientFlow(loss, (x, y), decay=k))).value.subs({x: at_x, y: at_y, k: 2})
    h = Rational(1, 10**6)

    def moved(s):
        def slope(of):
            value = -(loss.subs({of: of + h}, simultaneous=True) - loss.subs({of: of - h}, simultaneous=True)) / (2 * h)
            return value.subs({x: at_x, y: at_y})

        after = {x: at_x + s * (slope(x) - 2 * at_x), y: at_y + s * (slope(y) - 2 * at_y)}
        return term.subs(after, simultaneous=True)

    assert abs((moved(h) - moved(-h)) / (2 * h) - found) < Rational(1, 1000)


def test_matrices_steps_and_what_is_held_constant():
    assert derive(Rate(W, GradientFlow(inner(W, sg(W)), W))).value == -W  # not -2 W: one factor is held
    assert derive(Rate(W, GradientFlow(sq(W) / 2, W, decay=k))).value == -W - k * W
    assert matrix_equal(derive(Next(W, GradientDescent(sq(W) / 2, W, step=eta))).value, W - eta * W)
    assert derive(Next(x**2, GradientDescent(x**2 / 2, x, step=eta))).value.equals((x - eta * x) ** 2)
    assert derive(Gradient(x * exp(y), y)).value == x * exp(y)
    symmetric = derive(Rate(W, GradientFlow(inner(W, W * S) / 2, W, where=Symmetric(S))))
    assert symmetric.value == -W * S


def test_scalars_and_matrices_do_not_mix():
    with pytest.raises(Refusal, match="scalar and matrix"):
        derive(Rate(x, GradientFlow(x * sq(W), (x, W))))
    assert derive(Rate(x, VectorField({x: y}))).value == y


def test_moments_of_gaussian_inputs_are_found():
    A = MatrixSymbol("A", 3, n)
    g, other = gaussians("g g'", n, cov=[[2, 1], [1, 2]])
    mean_flow = GradientFlow(E(sq(A * g - sg(A * other))) / 2, A)
    found = derive(Rate(A, mean_flow))
    assert matrix_equal(found.value, -A)
    assert matrix_equal(derive(Rate(sq(A), mean_flow)).value, -2 * sq(A))
    other = derive(Rate(A, GradientFlow(E(norm(A * g)), A))).value  # what is no polynomial stays a mean
    assert matrix_equal(other, -E(A * g * g.T / norm(A * g)))
