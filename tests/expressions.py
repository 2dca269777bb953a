"""Expressions built twice, as SymPy trees and as functions of Fractions: their values are known without SymPy."""

import operator
from fractions import Fraction

import sympy as sp
from hypothesis import strategies as st

x, y, z = sp.symbols("x y z", positive=True)

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
