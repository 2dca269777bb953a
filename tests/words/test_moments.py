"""Gaussian moments against product quadrature, and against a discrete law that shares them exactly."""

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from numerics import Point, matrix
from sympy import Identity, MatrixSymbol, Trace, exp, log, symbols, tanh

from symssl import (
    E,
    InputError,
    Refusal,
    concentrate,
    cosine,
    expect,
    gaussians,
    inner,
    matrix_equal,
    norm,
    samples,
    sg,
    sq,
    total,
)
from symssl.language.operators import Expectation, MatrixExpectation

d, m = symbols("d m", integer=True, positive=True)
s2, a, b = symbols("sigma2 a b", positive=True)
A, B, S, M = (MatrixSymbol(name, d, d) for name in "ABSM")
W, mu, nu = MatrixSymbol("W", m, d), MatrixSymbol("mu", d, 1), MatrixSymbol("nu", d, 1)

x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])
y, z = gaussians("y z", d, mean=[mu, nu], cov=[[S, M], [M.T, S + Identity(d)]])
LAWS = {"pair": (x, xp), "means and matrices": (y, z)}


@st.composite
def points(draw, largest=2):
    size = draw(st.integers(1, largest))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    L = matrix(draw(st.sampled_from(("generic", "low rank", "commuting"))), 2 * size, 2 * size, rng)
    joint = L @ L.T + np.kron(np.diag([0.0, 0]), np.eye(size))
    cov = joint[:size, :size]
    values = {d: size, m: 2, s2: rng.uniform(0.1, 1), S: cov, M: cov * 0.5}
    values |= {v: rng.uniform(-1, 1, (size, 1)) for v in (mu, nu)}
    values |= {
        A: rng.uniform(-1, 1, (size, size)),
        B: matrix("low rank", size, size, rng),
        W: rng.uniform(-1, 1, (2, size)),
        x: rng.normal(size=(size, 1)),
        y: rng.normal(size=(size, 1)),
        xp: rng.normal(size=(size, 1)),
        z: rng.normal(size=(size, 1)),
    }
    return Point(values)


@st.composite
def polynomials(draw, vectors, most=3):
    """Products of bilinear scalars, times a matrix word or not."""

    def vector():
        v = draw(st.sampled_from(vectors))
        return draw(st.sampled_from([lambda v: v, lambda v: A * v, lambda v: B.T * v, lambda v: v]))(v)

    def scalar():
        return draw(
            st.sampled_from(
                [
                    inner,
                    lambda u, v: sq(u),
                    lambda u, v: inner(W * u, W * v),
                    lambda u, v: inner(u, mu),
                    lambda u, v: 1 + inner(u, v),
                ]
            )
        )(vector(), vector())

    out = sp.Integer(1)
    for _ in range(draw(st.integers(0, most - 1))):
        out *= scalar()
    ending = draw(st.sampled_from(["scalar", "outer", "column", "row", "sandwich"]))
    return {
        "scalar": lambda: out * scalar(),
        "outer": lambda: out * vector() * vector().T,
        "column": lambda: out * vector(),
        "row": lambda: out * vector().T * A,
        "sandwich": lambda: out * A * vector() * vector().T * B,
    }[ending]()


def unevaluated(e):
    return e.atoms(Expectation, MatrixExpectation)


@pytest.mark.parametrize("law", LAWS)
@settings(max_examples=40)
@given(data=st.data(), point=points())
def test_moments_of_random_polynomials(law, data, point):
    e = E(data.draw(polynomials(LAWS[law])))
    value = expect(e)
    assert not unevaluated(value)
    assert np.allclose(point(value), point(e), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("law", LAWS)
@settings(max_examples=25)
@given(data=st.data(), point=points())
def test_conditional_moments(law, data, point):
    first, second = LAWS[law]
    if law == "means and matrices":
        size = point.values[d]
        point.values[S] = point.values[S] + np.eye(size)  # a singular one has no conditional law
    e = E(data.draw(polynomials((first, second), 2)), given=first)
    value = expect(e)
    assert not unevaluated(value)
    assert np.allclose(point(value), point(e), rtol=1e-8, atol=1e-8)


def test_the_tower_property():
    for first, second in LAWS.values():
        f = inner(first, A * second) * sq(second)
        assert matrix_equal(expect(E(E(f, given=first))), expect(E(f)))


@pytest.mark.parametrize("degree", [2, 4, 6, 8])
def test_high_degrees(degree):
    rng = np.random.default_rng(degree)
    point = Point({d: 2, s2: 0.3, A: rng.uniform(-1, 1, (2, 2))})
    e = E(inner(x, A * xp) ** (degree // 2))
    assert np.isclose(point(expect(e)), point(e), rtol=1e-10)
    (g,) = gaussians("g", d)
    # the moments of chi^2: d (d + 2) (d + 4) ...
    expected = sp.prod([d + 2 * l for l in range(degree // 2)])
    assert sp.expand(expect(E(sq(g) ** (degree // 2))) - expected) == 0


NODES = (
    (Fraction(0), Fraction(1, 2)),
    *((Fraction(s), Fraction(1, 6)) for s in (1, -1)),
    *((Fraction(s), Fraction(1, 12)) for s in (2, -2)),
)


def test_a_rational_law_with_the_same_moments():
    """Five points share the moments of a normal up to degree five; the enumeration is exact."""
    G = sp.Matrix([[1, 2], [sp.Rational(1, 3), -1]])
    u, v = gaussians("u v", 2, cov=[[5, 3], [3, 2]])  # u = 2 g + h, v = g + h
    forms = [
        inner(u, G * v) * inner(v, v),
        inner(u, v) ** 2,
        sq(u) * inner(v, G * u),
        inner(u, v) * sq(v) + inner(u, G * G * u),
    ]
    exact = [0] * len(forms)
    for draw in product(NODES, repeat=4):
        weight = sp.Rational(1)
        for _, w in draw:
            weight *= sp.Rational(w.numerator, w.denominator)
        g1, g2, h1, h2 = (sp.Integer(int(value)) for value, _ in draw)
        at_u, at_v = sp.Matrix([2 * g1 + h1, 2 * g2 + h2]), sp.Matrix([g1 + h1, g2 + h2])
        dots = {
            "uv": at_u.dot(at_v),
            "vv": at_v.dot(at_v),
            "uu": at_u.dot(at_u),
            "uGv": at_u.dot(G * at_v),
            "vGu": at_v.dot(G * at_u),
            "uGGu": at_u.dot(G * G * at_u),
        }
        exact[0] += weight * dots["uGv"] * dots["vv"]
        exact[1] += weight * dots["uv"] ** 2
        exact[2] += weight * dots["uu"] * dots["vGu"]
        exact[3] += weight * (dots["uv"] * dots["vv"] + dots["uGGu"])
    for form, value in zip(forms, exact):
        assert expect(E(form)) == value


KNOWN = [
    (E(inner(x, A * xp)), Trace(A)),
    (E(sq(x)), d * (1 + s2)),
    (E(x * xp.T), Identity(d)),
    (E(x), sp.ZeroMatrix(d, 1)),
    (E(y), mu),
    (E(sq(y)), Trace(S) + sq(mu)),
    (E(y * z.T), M + mu * nu.T),
    (E(inner(x, xp), given=x), sq(x) / (1 + s2)),
    (E(xp, given=x), x / (1 + s2)),
    (E(x * x.T * A * xp * xp.T), (1 + s2) ** 2 * A + A.T + Trace(A) * Identity(d)),
]


@pytest.mark.parametrize("e, value", KNOWN)
def test_known_moments(e, value):
    assert matrix_equal(expect(e), value)


def test_products_of_independent_vectors_factor():
    (g,), (h,) = gaussians("g", d), gaussians("h", d)
    assert matrix_equal(expect(E(sq(g) * sq(h))), d**2)
    assert matrix_equal(expect(E(sq(g) * norm(h))), d * E(norm(h)))
    assert matrix_equal(expect(E(inner(g, h) ** 2)), d)
    assert expect(E(norm(g) * g)).has(MatrixExpectation)


def test_what_is_not_polynomial_stays():
    for e in (E(norm(x)), E(cosine(x, A * xp)), E(exp(-sq(x))), E(tanh(inner(x, xp))), log(E(1 / sq(x)))):
        assert expect(e) == e or matrix_equal(expect(e), e)
    mixed = expect(E(norm(x) + sq(x)))
    assert matrix_equal(mixed, E(norm(x)) + d * (1 + s2))


def test_inner_expectations_inside_functions_are_evaluated():
    assert matrix_equal(expect(log(1 + E(sq(x)))), log(1 + d * (1 + s2)))
    X = samples("q", d, 3)
    i = sp.Symbol("i")
    assert matrix_equal(expect(total(E(inner(x, X[i]) ** 2), i)), (1 + s2) * total(sq(X[i]), i))


def test_length_one():
    (g,) = gaussians("g", 1, cov=[[s2]])
    f = MatrixSymbol("f", 1, 1)
    assert sp.expand(expect(E(sq(g) ** 3)) - 15 * s2**3) == 0
    assert matrix_equal(expect(E(g * f * g)), s2 * f)
    assert expect(E(g * g * g)) == sp.ZeroMatrix(1, 1)


def test_stop_gradients_do_not_change_a_moment():
    assert matrix_equal(expect(E(inner(W * x, sg(W * xp)))), sq(W))


def test_concentration_is_named():
    step = concentrate(E(1 / norm(W * x)), order="o(1)")
    assert step.order == "o(1)" and matrix_equal(step.expr, 1 / (sp.sqrt(1 + s2) * norm(W)))
    with pytest.raises(InputError):
        concentrate(E(norm(x)), order="")
    with pytest.raises(InputError, match="does not occur"):
        concentrate(E(norm(x)), {norm(y): 1}, order="o(1)")


def test_conditioning_that_has_no_answer():
    u, v = gaussians("u v", d, cov=[[0, 0], [0, 1]])
    with pytest.raises(InputError, match="singular"):
        expect(E(inner(u, v), given=u))
    p, q, r = gaussians("p q r", d, cov=[[S, 0, 0], [0, S, 0], [0, 0, 1]])
    with pytest.raises(Refusal):
        expect(E(sq(r), given=(p, q)))


def test_the_degree_is_bounded():
    (v,) = gaussians("v", symbols("d"))
    d = symbols("d")
    assert (expect(E(sq(v) ** 6)) - sp.prod(d + 2 * k for k in range(6))).expand() == 0  # degree 12
    with pytest.raises(Refusal, match="degree 14"):
        expect(E(sq(v) ** 7))


# --- one normal -----------------------------------------------------------------------------


def odd_product(k):
    """(2k - 1)!! = (2k)!/(2^k k!), the number of pairings of 2k."""
    return factorial(2 * k) // (2**k * factorial(k))


@pytest.mark.parametrize("degree", range(9))
@settings(max_examples=3)
@given(st.fractions(0, 3, max_denominator=5), st.fractions(-2, 2, max_denominator=5))
def test_moments_of_one_normal_with_a_mean(degree, variance, centre):
    """The pairings of vectors, against the sum over the even powers around the mean."""
    variance, centre = map(sp.Rational, (variance, centre))
    (g,) = gaussians("g", 1, cov=[[variance]], mean=[sp.Matrix([[centre]])])
    wanted = sum(
        sp.binomial(degree, 2 * j) * centre ** (degree - 2 * j) * odd_product(j) * variance**j
        for j in range(degree // 2 + 1)
    )
    assert sp.expand(expect(E(inner(g, sp.Matrix([[1]])) ** degree)) - wanted) == 0
