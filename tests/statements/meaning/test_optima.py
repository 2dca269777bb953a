"""Optima against those that are known: quadratic functions, Rayleigh quotients, sums of eigenvalues, brute force."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from symssl import Diagonal, Orthonormal, Symmetric, inner, norm, sq
from symssl.language import Along, Eigenvalue, Optimum, VectorField
from symssl.statements.meaning import logic, optima, spectra, trajectories  # noqa: F401 - they register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.scene import Scene, Unknown
from symssl.statements.meaning.values import compare

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
q = sp.Symbol("q", nonnegative=True)
A, D, S = (sp.MatrixSymbol(name, n, n) for name, n in (("A", 3), ("D", 3), ("S", 2)))
U, V = sp.MatrixSymbol("U", 3, 2), sp.MatrixSymbol("V", 2, 3)
small = st.integers(-3, 3)
MATRIX = array_of([[2, 1, 0], [1, 3, 1], [0, 1, 1]])


def optimum(term, over, given=(), kind="min", values=()):
    scene = Scene(dict(values))
    value = scene.value(Optimum(term, over, given, kind))
    assert scene.estimates, "an optimum is never proved"
    return value


def same(value, exact):
    """Equal, as far as narrow balls can tell."""
    return compare(value, exact)[0] == 0


@given(st.lists(small, min_size=4, max_size=4), st.lists(small, min_size=2, max_size=2))
def test_quadratic_minima(entries, shift):
    L = np.array(entries).reshape(2, 2)
    H = L @ L.T + np.eye(2, dtype=int)
    z, h = sp.Matrix([x, y]), sp.Matrix(H.tolist())
    term = (z.T * h * z)[0] / 2 - shift[0] * x - shift[1] * y
    exact = -(sp.Matrix([shift]) * h.inv() * sp.Matrix(shift))[0] / 2
    assert same(optimum(sp.expand(term), (x, y)), fmpq(int(exact.p), int(exact.q)))


@pytest.mark.parametrize(
    "term, over, given, kind, exact",
    [
        (x**4 - x**2, x, (), "min", -sp.Rational(1, 4)),
        (q * sp.exp(-q), q, (), "max", sp.exp(-1)),
        (p + 1 / p, p, (), "min", 2),
        (x + y, (x, y), (sp.Eq(x**2 + y**2, 1),), "min", -sp.sqrt(2)),
        (x + y, (x, y), (sp.Le(x**2 + y**2, 1),), "max", sp.sqrt(2)),
        (x, x, (sp.Ge(x, 1), sp.Le(x, 2)), "min", 1),
        (x * y, (x, y), (sp.And(x >= 0, y >= 0, x + y <= 1),), "max", sp.Rational(1, 4)),
        (x**2 + (y - q) ** 2, (x, y, q), (), "min", 0),
        (p, p, (), "inf", 0),
        (sp.exp(-q), q, (), "inf", 0),
        (q / (1 + q), q, (), "sup", 1),
        (-(x**2), x, (), "inf", -sp.oo),
        (x**2, x, (), "sup", sp.oo),
        (x * y, (x, y), (), "inf", -sp.oo),
    ],
)
def test_known_optima(term, over, given, kind, exact):
    assert same(optimum(term, over, given, kind), Scene({}).value(sp.sympify(exact)))


@pytest.mark.parametrize(
    "term, over, given, reason",
    [
        (sp.exp(-p), p, (), "at infinity"),
        (p, p, (), "strict inequality"),
        (x, x, (sp.Gt(x, 1),), "strict inequality"),
        (x, x, (), "unbounded"),
        (x * y, (x, y), (), "unbounded"),
        (x, x, (sp.And(x >= 1, x <= 0),), "no point"),
    ],
)
def test_a_minimum_that_is_not_attained_is_none(term, over, given, reason):
    with pytest.raises(Unknown, match=reason):
        optimum(term, over, given)


def test_ky_fan():
    """Over frames tr U^T A U is at least the sum of the smallest eigenvalues, at most that of the greatest."""
    scene = Scene({A: MATRIX})
    for kind, numbers in (("min", (1, 2)), ("max", (-1, -2))):
        with ctx.workprec(256):
            exact = sum((arb(scene.value(Eigenvalue(A, k))) for k in numbers), arb(0))
        for term, over, frame in (
            (sp.Trace(U.T * A * U), U, Orthonormal(U)),
            (sp.Trace(V * A * V.T), V, Orthonormal(V.T)),
        ):
            value = optimum(term, over, (frame,), kind, {A: MATRIX})
            with ctx.workprec(256):
                assert abs(float(value - exact)) < 1e-20 and value.overlaps(exact)


def test_rayleigh_quotients_without_and_with_a_condition():
    z = sp.MatrixSymbol("z", 3, 1)
    exact = Scene({A: MATRIX}).value(Eigenvalue(A, 1))
    free = optimum(inner(z, A * z) / sq(z), z, (), "min", {A: MATRIX})
    bound = optimum(inner(z, A * z), z, (sp.Eq(norm(z), 1),), "min", {A: MATRIX})
    for value in (free, bound):
        assert abs(float(value - arb(exact))) < 1e-12 and value.overlaps(arb(exact))


def test_the_best_approximation_of_rank_two():
    """|A - V^T V|^2 leaves the square of the least eigenvalue (Eckart and Young)."""
    least = arb(Scene({A: MATRIX}).value(Eigenvalue(A, 1)))
    value = optimum(sq(A - V.T * V), V, (), "min", {A: MATRIX})
    assert abs(float(value - least**2)) < 1e-18


def test_symmetric_and_diagonal_matrices():
    target = sp.Matrix([[1, 2], [0, 1]])
    assert same(optimum(sq(S - target), S, (Symmetric(S),)), fmpq(2))
    assert same(optimum(sq(S - target), S, (Diagonal(S),)), fmpq(4))


@given(st.lists(small, min_size=5, max_size=5))
def test_polynomials_of_one_variable_against_their_critical_points(coefficients):
    term = x**6 + sum(c * x**k for k, c in enumerate(coefficients, 1))
    poly = np.polynomial.Polynomial([0, *coefficients, 1])
    critical = poly.deriv().roots()
    exact = min(poly(r.real) for r in critical if abs(r.imag) < 1e-6)
    assert abs(float(optimum(term, x)) - exact) < 1e-7 * max(1, abs(exact))


def test_the_greatest_value_on_a_trajectory():
    """x'' + x'/5 + x = 0 from rest at 0: the first swing is the greatest."""
    swing = VectorField({x: y, y: -x - y / 5})
    value = optimum(Along(x, swing, q, {x: 0, y: 1}), q, (sp.Le(q, 20),), "sup")
    rate = np.sqrt(1 - 0.01)
    time = np.arctan(rate / 0.1) / rate
    assert abs(float(value) - np.exp(-time / 10) * np.sin(rate * time) / rate) < 1e-14
