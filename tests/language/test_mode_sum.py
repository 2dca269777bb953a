"""Sums over modes: linear, bound, and equal to the sums written out."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import InputError, ModeSum, latex
from symssl.language.mode_sum import sum_over_modes

p, s = sp.symbols("p s", positive=True)
c, n = sp.symbols("c n", real=True)
coefficients = st.fractions(-3, 3, max_denominator=4).map(sp.Rational)
monomials = st.tuples(coefficients, *[st.integers(0, 3)] * 3).map(lambda t: t[0] * c ** t[1] * p ** t[2] * s ** t[3])
summands = st.lists(monomials, min_size=1, max_size=4).map(lambda terms: sp.Add(*terms))
values = st.lists(st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)), min_size=1, max_size=4)


def written_out(expr, modes):
    """The number of an expression in mode sums, at the values (p, s) of all modes and c = 0.7."""
    sums = {
        node: sp.Add(*(node.args[0].subs({p: sp.Float(a), s: sp.Float(b)}) for a, b in modes))
        for node in expr.atoms(ModeSum)
    }
    return float(expr.xreplace(sums).subs({c: 0.7, n: len(modes)}))


@given(summands, values)
def test_factors_are_pulled_out_without_changing_the_value(summand, modes):
    total = sum_over_modes(summand, {p, s}, n)
    wanted = sum(float(summand.subs({c: 0.7, p: a, s: b})) for a, b in modes)
    assert np.isclose(written_out(total, modes), wanted, rtol=1e-9, atol=1e-9)
    assert all(not node.args[0].has(c, n) for node in total.atoms(ModeSum))


@given(summands)
def test_the_summand_is_bound(summand):
    total = ModeSum(summand)
    assert total.free_symbols == set() and total.diff(p) == 0 and total.subs(p, 2) == total
    assert total.func(*total.args) == total


def test_signs():
    assert ModeSum(p**2).is_positive and ModeSum((p - s) ** 2).is_nonnegative and ModeSum(c).is_positive is None
    assert latex(ModeSum(p) ** 2) == r"\left(\sum_{j} p\right)^{2}" != latex(ModeSum(p**2))


@pytest.mark.parametrize("bad", ["p", None, sp.MatrixSymbol("A", 2, 2), [p]])
def test_what_cannot_be_summed(bad):
    with pytest.raises(InputError, match="summand"):
        ModeSum(bad)
