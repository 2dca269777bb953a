"""Statements as SymPy objects: exact values kept, everything else refused."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import Flow, InputError
from symssl.exact.statements import as_statement

x = sp.Symbol("x", real=True)
exact = st.recursive(
    st.one_of(st.integers(-9, 9), st.fractions(max_denominator=9), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner)),
    max_leaves=8,
)


def plain(statement):
    """A SymPy statement as Python numbers in tuples."""
    if isinstance(statement, sp.Tuple):
        return tuple(map(plain, statement))
    return bool(statement) if statement in (sp.true, sp.false) else Fraction(statement.p, statement.q)


def frozen(value):
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


@given(exact)
def test_numbers_and_sequences_keep_their_values(value):
    assert plain(as_statement(value)) == frozen(value)


@given(exact)
def test_a_statement_is_its_own_statement(value):
    statement = as_statement(value)
    assert as_statement(statement) == statement


def test_flows_and_matrices():
    assert as_statement(Flow({x: -x})) == sp.Dict({x: -x})
    assert as_statement(sp.Matrix([x])) == sp.ImmutableMatrix([x])
    assert as_statement({1, 2}) == sp.FiniteSet(1, 2)


@pytest.mark.parametrize(
    "bad", ["x", None, 0.5, [0.5], sp.Float(1), sp.nan, np.ones(2), {x: "1"}, object(), Flow, lambda: 0]
)
def test_what_is_not_exact_is_refused(bad):
    with pytest.raises(InputError, match=r"the claim (must be|contains)"):
        as_statement(bad, "the claim")
