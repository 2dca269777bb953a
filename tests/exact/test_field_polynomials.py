"""Polynomials over Q(2^(1/3)): products of known factors are divided, and taken apart again."""

from flint import fmpq_poly
from hypothesis import given, settings, strategies as st

from symssl.exact.field_polynomials import common_divisor, derivative, divided, square_free, trimmed

MODULUS = fmpq_poly([-2, 0, 0, 1])
ONE = fmpq_poly([1])
numbers = st.lists(st.integers(-3, 3), min_size=3, max_size=3).map(fmpq_poly)
roots = st.lists(numbers, min_size=4, max_size=4, unique_by=str)


def product(*polys):
    """Of polynomials, coefficient by coefficient."""
    result = [ONE]
    for poly in polys:
        new = [fmpq_poly([])] * (len(result) + len(poly) - 1)
        for i, a in enumerate(result):
            for j, b in enumerate(poly):
                new[i + j] = (new[i + j] + a * b) % MODULUS
        result = new
    return result


def with_roots(*roots):
    return product(*([-r, ONE] for r in roots))


@given(roots, st.lists(numbers, max_size=5))
@settings(max_examples=20)
def test_quotient_and_remainder_give_the_polynomial_back(roots, poly):
    divisor = with_roots(*roots[:2])
    quotient, rest = divided(poly, divisor, MODULUS)
    back = product(quotient, divisor) if quotient else []
    length = max(len(back), len(rest), len(poly))
    padded = [[*p, *[fmpq_poly([])] * (length - len(p))] for p in (back, rest, poly)]
    assert [a + b for a, b in zip(*padded[:2])] == padded[2]
    assert len(rest) < len(divisor) and rest == trimmed(rest)


@given(roots, numbers.filter(lambda c: c.degree() >= 0))
@settings(max_examples=20)
def test_a_common_divisor_has_the_common_roots(roots, factor):
    a, b, c, d = roots
    scaled = product([factor], with_roots(a, b, b, d))
    assert common_divisor(scaled, with_roots(b, b, c, d), MODULUS) == with_roots(b, b, d)
    assert common_divisor(with_roots(a), with_roots(c), MODULUS) == [ONE]
    assert common_divisor(scaled, [], MODULUS) == with_roots(a, b, b, d) and common_divisor([], [], MODULUS) == []


@given(roots)
@settings(max_examples=20)
def test_multiplicities_are_those_of_the_roots(roots):
    a, b, c, d = roots
    assert square_free(with_roots(a, b, b, d, c, c, c, c), MODULUS) == [
        (with_roots(a, d), 1),
        (with_roots(b), 2),
        (with_roots(c), 4),
    ]
    assert square_free([ONE], MODULUS) == []


@given(roots)
@settings(max_examples=10)
def test_the_derivative_of_a_product(roots):
    a, b, c, _ = roots
    parts = [with_roots(b, c), with_roots(a, c), with_roots(a, b)]
    assert derivative(with_roots(a, b, c)) == [sum(cs, start=fmpq_poly([])) for cs in zip(*parts)]
