"""Equal or not: expressions and containers, part by part, with no false verdict in either direction."""

import operator
from fractions import Fraction

import sympy as sp
from hypothesis import assume, given, strategies as st

from symssl.claims import (
    Claim,
    Step,
    check,
)
from symssl.claims.deciders import (
    identity,
)
from symssl.exact.identity import compare

x, y, z = sp.symbols("x y z", positive=True)
r = sp.Symbol("r", real=True)
n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


_LEAVES = st.one_of(
    st.sampled_from([(x, lambda v: v[0]), (y, lambda v: v[1]), (z, lambda v: v[2])]),
    st.integers(-3, 3).map(lambda k: (sp.Integer(k), lambda v, k=k: Fraction(k))),
)


def _grow(children):
    def binary(name):
        op = {"+": operator.add, "-": operator.sub, "*": operator.mul}[name]
        return st.tuples(children, children).map(
            lambda ab: (op(ab[0][0], ab[1][0]), lambda v: op(ab[0][1](v), ab[1][1](v)))
        )

    power = st.tuples(children, st.integers(2, 3)).map(lambda ak: (ak[0][0] ** ak[1], lambda v: ak[0][1](v) ** ak[1]))
    quotient = st.tuples(children, children).map(
        lambda ab: (ab[0][0] / (1 + ab[1][0] ** 2), lambda v: ab[0][1](v) / (1 + ab[1][1](v) ** 2))
    )
    return st.one_of(binary("+"), binary("-"), binary("*"), power, quotient)


EXPRESSIONS = st.recursive(_LEAVES, _grow, max_leaves=8)
GRID = [(Fraction(a, 3), Fraction(b, 5), Fraction(c, 7)) for a in (1, 4, 11) for b in (2, 9, 13) for c in (3, 8, 20)]


@given(EXPRESSIONS, EXPRESSIONS)
def test_comparison_agrees_with_fractions(left, right):
    """Equal exactly if all values on a grid agree, as computed without SymPy."""
    assume(left[0] != right[0])
    found = compare(left[0], right[0])
    values = [(left[1](v), right[1](v)) for v in GRID]
    if found.equal:
        assert all(a == b for a, b in values)
    else:
        at = [
            Fraction(int(q.p), int(q.q)) for q in (found.point.get(s, 1) for s in (x, y, z)) if not isinstance(q, int)
        ]
        point = {s: Fraction(int(q.p), int(q.q)) for s, q in found.point.items()}
        v = tuple(point.get(s, Fraction(1)) for s in (x, y, z))
        assert left[1](v) != right[1](v)
        assert all(q > 0 for q in at)


def test_a_part_that_is_equal_in_another_form_does_not_hide_one_that_differs():
    """Parts are compared to the last: A (A + B) is A^2 + A B, and the second parts differ."""
    printed, derived = sp.Tuple(A * (A + B), A * B), sp.Tuple(A * A + A * B, B * A)
    assert printed[0] != derived[0]
    assert check(claim(printed, derived, identity())).verdict == "corrected"


def test_a_difference_is_shown_where_both_sides_are_defined():
    from symssl.exact.identity import compare

    u, v = sp.symbols("u v", real=True)
    a = sp.log(u - 5) + v
    found = compare(a, a + v)
    assert not found.equal
    assert found.point[u] > 5


size = sp.Symbol("size", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", size, size), sp.MatrixSymbol("B", size, size)
