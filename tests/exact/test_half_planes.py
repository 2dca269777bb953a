"""Roots by the sign of their real part: against spectra that were chosen."""

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, fmpq_poly
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.exact.half_planes import HalfPlanes, characteristic, half_planes, half_planes_of_balls, inertia
from symssl.exact.polynomial_systems import NumberField

z = sp.Symbol("z")
real = st.fractions(-3, 3, max_denominator=3)
roots = st.tuples(
    real, st.sampled_from([0, 0, 1, Fraction(1, 2), 2])
)  # real part and imaginary part, with its conjugate
spectra = st.lists(st.tuples(roots, st.integers(1, 2)), min_size=1, max_size=3)


def counted(spectrum):
    """(right, axis, left) with multiplicity."""
    totals = [0, 0, 0]
    for (re, im), order in spectrum:
        totals[0 if re > 0 else 1 if re == 0 else 2] += order * (2 if im else 1)
    return tuple(totals)


def blocks(spectrum):
    """A real matrix with the spectrum, in blocks; multiple ones as one Jordan block."""
    parts = []
    for (re, im), order in spectrum:
        block = sp.Matrix([[re, -im], [im, re]]) if im else sp.Matrix([[re]])
        n = block.rows
        whole = sp.diag(*[block] * order)
        for k in range(order - 1):
            whole[k * n : (k + 1) * n, (k + 1) * n : (k + 2) * n] = sp.eye(n)
        parts.append(whole)
    return sp.diag(*parts).applyfunc(sp.Rational)


def turned(matrix, random):
    """A similar matrix, by a product of triangular ones of determinant one."""
    n = matrix.rows
    lower = sp.Matrix(n, n, lambda i, j: 1 if i == j else random.randint(-1, 1) if j < i else 0)
    upper = sp.Matrix(n, n, lambda i, j: 1 if i == j else random.randint(-1, 1) if j > i else 0)
    turn = lower * upper
    return turn * matrix * turn.inv()


@given(spectra, st.sampled_from([1, -2, Fraction(3, 5)]))
def test_roots_of_a_product_are_counted_with_multiplicity(spectrum, lead):
    factors = [(((z - re) ** 2 + im**2) if im else (z - re)) ** order for (re, im), order in spectrum]
    poly = sp.Poly(sp.Rational(lead) * sp.prod([sp.sympify(f) for f in factors]), z)
    found = half_planes([sp.Rational(c) for c in poly.all_coeffs()])
    assert (found.right, found.axis, found.left) == counted(spectrum)
    assert found.some_right == (found.right > 0)


@given(spectra, st.randoms(use_true_random=False))
def test_eigenvalues_of_a_similar_matrix_are_counted_with_multiplicity(spectrum, random):
    matrix = turned(blocks(spectrum), random)
    found = half_planes(characteristic(matrix.tolist()))
    assert (found.right, found.axis, found.left) == counted(spectrum)


@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from([0, 1, -1])), min_size=1, max_size=3))
def test_roots_in_a_number_field(pairs):
    """Roots a + b sqrt(2), each a coefficient of its linear factor; doubles tell the signs."""
    field = NumberField(fmpq_poly([-2, 0, 1]), 1)
    root = field.element(fmpq_poly([0, 1]))
    coefficients = [field.element(1)]
    for a, b in pairs:
        value = root * b + a
        shifted = [*coefficients, field.element(0)]
        for k, c in enumerate(coefficients):
            shifted[k + 1] = shifted[k + 1] - c * value
        coefficients = shifted
    signs = [0 if (a, b) == (0, 0) else 1 if a + b * 2**0.5 > 0 else -1 for a, b in pairs]
    found = half_planes(coefficients)
    assert (found.right, found.axis, found.left) == tuple(signs.count(s) for s in (1, 0, -1))


@given(spectra, st.randoms(use_true_random=False), st.sampled_from([0.0, 1e-12]))
def test_enclosed_spectra_are_counted_or_said_to_be_open(spectrum, random, radius):
    matrix = turned(blocks(spectrum), random)
    right, axis, left = counted(spectrum)
    balls = [[arb(int(v.p)) / int(v.q) + arb(0, radius) for v in row] for row in matrix.tolist()]
    found = half_planes_of_balls(balls)
    if found.right is not None:
        assert (found.right, found.axis, found.left) == (right, axis, left)
    assert not found.some_right or right
    assert (found.right is None) == bool(found.reason)
    if axis:  # never certain
        assert found.right is None and found.stability in ("unstable", "undecided")
    elif radius == 0 or max(order for _, order in spectrum) == 1:  # a Jordan block is sensitive to the radius
        assert found.stability == ("unstable" if right else "stable")


def test_the_words():
    cases = [((0, 0, 3), "stable"), ((0, 2, 1), "nonhyperbolic"), ((1, 2, 0), "unstable"), ((2, 0, 0), "unstable")]
    assert [HalfPlanes(*counts).stability for counts, _ in cases] == [word for _, word in cases]
    assert HalfPlanes(None, None, None, True, "why").stability == "unstable"
    assert HalfPlanes(None, None, None, False, "why").stability == "undecided"


def test_a_form_for_a_whole_hull_of_slopes():
    """-1 and -2 on the two sides of a kink: one form decreases along both; 1 and -1: none."""
    assert inertia([[arb(-1.5, 0.5)]]) == (0, 1)
    assert inertia([[arb(0, 1)]]) is None
    wide = [[arb(1), arb(0, 0.2)], [arb(0, 0.2), arb(-2)]]
    assert inertia(wide) == (1, 1) and inertia(wide, 1.5) == (0, 2) and inertia(wide, -3) == (2, 0)


def test_unbounded_slopes_leave_everything_open():
    found = half_planes_of_balls([[arb("nan")]])
    assert found.stability == "undecided" and "not bounded" in found.reason


@pytest.mark.parametrize("wrong", [[], [0, 0], [1.5, 1], ["1"], None])
def test_bad_coefficients(wrong):
    with pytest.raises(InputError):
        half_planes(wrong)
