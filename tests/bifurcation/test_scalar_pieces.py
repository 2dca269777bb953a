"""Scalar fields in rational pieces: every zero and every flat stretch, exactly."""

from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl import Flow
from symssl.bifurcation.scalar_pieces import scalar_pieces
from symssl.errors import Refusal

x = sp.Symbol("x", real=True)
A, M, m = sp.Abs, sp.Max, sp.Min
rational = st.fractions(-4, 4, max_denominator=3)


@settings(max_examples=20)
@given(
    st.lists(rational, min_size=1, max_size=2, unique=True),
    st.lists(st.integers(-2, 2), min_size=2, max_size=2),
    st.integers(-2, 2),
    rational,
)
def test_zeros_of_a_line_with_hinges(kinks, slopes, slope, shift):
    """Zeros and flat stretches of a broken line, from its values at the kinks alone."""
    field = slope * x + sp.Rational(shift) + sum(s * M(0, x - sp.Rational(c)) for s, c in zip(slopes, kinks))
    zeros, gaps = scalar_pieces(Flow({x: sp.sympify(field)}))

    def at(v):
        return slope * v + shift + sum(s * max(0, v - c) for s, c in zip(slopes, kinks))

    knots = sorted(kinks)
    ends = [knots[0] - 1, *knots, knots[-1] + 1]
    wanted, flat = set(), 0
    for k, (a, b) in enumerate(pairwise(ends)):
        low, high = at(a), at(b)
        if low == high == 0:
            flat += 1
        elif low != high:
            zero = a - low * (b - a) / (high - low)
            if (k == 0 or zero >= a) and (k == len(ends) - 2 or zero <= b):
                wanted.add(zero)
    if not flat:
        assert {z.solution.values[x].rational for z in zeros} == {sp.Rational(v) for v in wanted} and not gaps
        for z in zeros:
            place = z.solution.values[x].rational
            nearest = (
                min([abs(sp.Rational(c) - place) for c in (*kinks, *wanted) if sp.Rational(c) != place] or [1]) / 2
            )
            assert z.sides == tuple(int(sp.sign(field.subs(x, place + s * nearest))) for s in (-1, 1))
            assert (z.multiplicity is None) == (
                place in map(sp.Rational, kinks) and any(sp.Rational(c) == place and s for c, s in zip(kinks, slopes))
            )
    else:
        assert gaps


@pytest.mark.parametrize(
    "field, zeros",
    [
        (-x + 2 * M(0, 1 - x), [(sp.Rational(2, 3), 1, (1, -1))]),
        (-A(x), [(0, None, (-1, -1))]),
        (-M(0, x) + M(0, -x), [(0, None, (1, -1))]),
        (sp.sign(x), [(0, None, (-1, 1))]),
        (sp.sign(x) + 1 - sp.Piecewise((1, x > 5), (1, True)) / 2, []),
        (sp.Piecewise((x - 1, x > 1), (x + 1, True)), [(-1, 1, (-1, 1))]),  # at 1 the value is 2
        (sp.Piecewise((x - 1, x >= 1), (x + 1, True)), [(-1, 1, (-1, 1)), (1, None, (1, 1))]),
        (sp.Piecewise((0, sp.Eq(x, 2)), (1, True)), [(2, None, (1, 1))]),
        ((A(x) - 1) ** 2, [(-1, 2, (1, 1)), (1, 2, (1, 1))]),
        (M(x**2 - 2, -1 - x), [(-1, 1, (1, -1)), (sp.sqrt(2), 1, (-1, 1))]),
        (A(A(x) - 1) - 1, [(-2, 1, (1, -1)), (0, None, (-1, -1)), (2, 1, (-1, 1))]),
        (1 / A(x) - 1, [(-1, 1, (-1, 1)), (1, 1, (1, -1))]),
        (M(m(x, 1), x - 3, -2), [(0, 1, (-1, 1))]),
    ],
)
def test_exact_zeros(field, zeros):
    found, gaps = scalar_pieces(Flow({x: field}))
    assert not gaps and len(found) == len(zeros)
    for z, (place, order, sides) in zip(found, zeros):
        assert z.solution.values[x].bounds(20)[0] <= place <= z.solution.values[x].bounds(20)[1]
        assert sides is None or (z.multiplicity, z.sides) == (order, sides)


@pytest.mark.parametrize(
    "field, ends",
    [
        (M(0, x), [(None, 0)]),
        (M(0, A(x) - 1), [(-1, 0), (0, 1)]),
        (sp.Piecewise((0, x > 2), (1, True)), [(2, None)]),
        (A(x) - x, [(0, None)]),
        (M(0, A(x) - 2) * (x - 1), [(-2, 0), (0, 1), (1, 2)]),  # a zero of the other factor lies on the flat
        (sp.sign(M(0, x)), [(None, 0)]),
    ],
)
def test_flat_stretches(field, ends):
    _, gaps = scalar_pieces(Flow({x: field}))
    assert [tuple(None if e is None else e.rational for e in (g.lower, g.upper)) for g in gaps] == ends


@pytest.mark.parametrize("field", [sp.floor(x), M(0, sp.exp(x)), M(x, sp.sqrt(2)), sum(A(x - k) for k in range(7))])
def test_what_is_not_of_this_kind_is_refused(field):
    with pytest.raises(Refusal):
        scalar_pieces(Flow({x: field}))
