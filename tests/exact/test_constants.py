"""Irrational constants: exact zeros, certain signs, and roots of polynomials that are known by construction."""

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl.errors import InputError, Refusal, Undecided
from symssl.exact import real_roots
from symssl.exact.constants import Constants, isolated_roots

x = sp.Symbol("x", real=True)
ALGEBRAIC = (sp.sqrt(2), sp.sqrt(3) - 1, sp.Rational(2) ** sp.Rational(1, 3), sp.cos(sp.pi / 7), sp.GoldenRatio,
             sp.CRootOf(x**5 - x - 1, 0), -sp.sqrt(sp.sqrt(2) + 1))  # fmt: skip
OTHERS = (sp.pi, sp.E, sp.exp(2), sp.exp(sp.Rational(1, 2)), sp.cos(1), sp.log(2), sp.pi**2, sp.exp(sp.sqrt(2)))
constants = st.sampled_from((*ALGEBRAIC, *OTHERS))
rationals = st.fractions(-3, 3, max_denominator=4).map(lambda q: sp.Rational(q.numerator, q.denominator))


@given(constants, rationals, rationals)
def test_signs_agree_with_fifty_digits(c, a, b):
    found = Constants([c])
    expression = a * c**2 + b * c + 1
    value = expression.evalf(50)
    assert found.sign(found(expression)) == (0 if abs(value) < 1e-40 else int(sp.sign(value)))


@given(st.sampled_from(ALGEBRAIC))
@settings(max_examples=7)
def test_zero_is_recognised(c):
    found = Constants([c])
    poly = sp.minimal_polynomial(c, x)
    assert found.vanishes(_at(poly, found, c))
    assert found.sign(_at(poly + sp.Rational(1, 10**60), found, c)) == 1


def _at(poly, found, c):
    """The polynomial at the symbols of a constant, not simplified by SymPy."""
    return sp.expand(poly.subs(x, found(c)))


def test_relations_between_algebraic_constants():
    found = Constants([sp.sqrt(2), sp.sqrt(3), sp.sqrt(6)])
    r2, r3, r6 = (found(sp.sqrt(k)) for k in (2, 3, 6))
    assert found.vanishes(r2 * r3 - r6) and not found.vanishes(r2 + r3 - r6) and found.decidable


def test_what_only_enclosures_tell_is_given_up_with_the_number():
    found = Constants([sp.cos(1), sp.sin(1)])
    c, s = found(sp.cos(1)), found(sp.sin(1))
    assert not found.decidable and found.sign(c - s) == -1
    with pytest.raises(Undecided, match="less than 1e-"):
        found.sign(c**2 + s**2 - 1)
    with pytest.raises(Refusal, match="enclosure"):
        Constants([sp.zeta(3)])


@given(
    constants,
    st.lists(
        st.tuples(st.sampled_from((0, 1, 2)), st.integers(1, 2)), min_size=1, max_size=3, unique_by=lambda p: p[0]
    ),
)
@settings(max_examples=25)
def test_roots_known_by_construction(c, factors):
    """Products of powers of x, x - c and x^2 - c^2 - 1, multiplied out."""
    pieces = {0: x, 1: x - c, 2: x**2 - c**2 - 1}
    poly = sp.expand(sp.prod(pieces[k] ** e for k, e in factors))
    expected = {}
    for k, e in factors:
        for root in {0: [sp.Integer(0)], 1: [c], 2: [sp.sqrt(c**2 + 1), -sp.sqrt(c**2 + 1)]}[k]:
            expected[root.evalf(40)] = e
    found = real_roots(poly, x)
    assert [r.multiplicity for r in found] == [expected[v] for v in sorted(expected)]
    for root, value in zip(found, sorted(expected)):
        width = root.upper - root.lower
        assert root.lower <= sp.Rational(value) + sp.Rational(1, 10**35)
        assert sp.Rational(value) - sp.Rational(1, 10**35) <= root.upper and width <= abs(root.lower) / 10**15


def test_coefficients_that_vanish_are_left_out():
    zero = sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6 + sp.Integer(0)) + sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3)
    assert isolated_roots([sp.Integer(-1), sp.Integer(1), zero], 16) == [(1, 1, 1)]
    with pytest.raises(InputError, match="vanishes identically"):
        isolated_roots([zero], 16)


def test_a_product_with_two_constants_nobody_has_proved_independent():
    poly = sp.expand((x - sp.pi - sp.E) ** 2 * (x - 1))
    assert [(r.multiplicity, round(float(r), 9)) for r in real_roots(poly, x)] == [(1, 1.0), (2, 5.859874482)]
