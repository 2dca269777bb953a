"""Straight-line programs: shared steps, and branches that touch no other element."""

import warnings

import numpy as np
import pytest
import sympy as sp
from codegen_helpers import COSINE, SIX, a, numbers, x, y, z
from hypothesis import given, strategies as st

from symssl.codegen.compile import compile_function
from symssl.codegen.tape import Tape


def test_piecewise_touches_no_other_branch():
    expr = sp.Piecewise((sp.log(x), x > 0), (1 / x, x < 0), (5, True)) + sp.Piecewise(
        (sp.Piecewise((sp.sqrt(x - 1), x > 1), (sp.exp(1000 * x), x < 0), (0, True)), x > 0), (x**2, True)
    )
    at = np.array([-2.0, 0.0, 0.5, 4.0])
    expected = [-0.5 + 4, 5, np.log(0.5), np.log(4) + np.sqrt(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = compile_function(expr, [x])
        assert f(at) == pytest.approx(expected, rel=1e-15)
        assert [f(v) for v in at] == pytest.approx(expected, rel=1e-15)


def test_conditions_touch_no_other_branch():
    expr = sp.Piecewise((0, x <= 0), (1, sp.log(x) > 0), (2, True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compile_function(expr, [x])(np.array([-1.0, 0.0, 0.5, 2.0])).tolist() == [0, 0, 2, 1]


def test_equal_branches_of_different_functions_stay_apart():
    exprs = [sp.Piecewise((x, x > 0), (k, True)) for k in (1, 2)]
    assert compile_function(exprs, [x])(np.array([-1.0, 3.0])).tolist() == [[1, 3], [2, 3]]
    assert compile_function(exprs[0] * exprs[1], [x])(np.array([-1.0, 3.0])).tolist() == [2, 9]


@given(st.lists(numbers, min_size=1, max_size=9), numbers)
def test_piecewise_takes_the_first_condition_that_holds(values, level):
    expr = sp.Piecewise((x * y, sp.And(x > 0, sp.Not(sp.Eq(x, y)))), (x + y, sp.Or(x < y, x < -1)), (y / 3, x < 1))

    def plainly(x, y):
        if x > 0 and x != y:
            return x * y
        if x < y or x < -1:
            return x + y
        return y / 3 if x < 1 else np.nan

    f = compile_function([expr, expr * x], [x, y], block=4)
    got = f(np.array(values), level)
    true = np.array([plainly(v, level) for v in values])
    np.testing.assert_allclose(got, [true, true * values], rtol=1e-15, atol=1e-300)


def test_a_condition_on_parameters_alone_broadcasts():
    f = compile_function(sp.Piecewise((x, a > 0), (2, True)), [x, a])
    assert f(np.arange(3.0), 1.0).tolist() == [0, 1, 2]
    assert f(np.arange(3.0), -1.0).tolist() == [2, 2, 2]
    assert f(1.5, np.array([1.0, -1.0])).tolist() == [1.5, 2]
    inside = compile_function(sp.Piecewise((a, a > 0), (x, True)) * x + 1, [x, a])
    assert inside(np.arange(3.0), 2.0).tolist() == [1, 3, 5]
    assert inside(np.arange(3.0), -1.0).tolist() == [1, 2, 5]


def test_cse_evaluates_nothing():
    big = sp.Float(1e16)
    lost = sp.Add(sp.Add(x, big, evaluate=False), -big, evaluate=False)  # as written: rounds x away
    for cse in (True, False):
        assert compile_function(lost, [x], cse=cse)(0.3) == 0.0
        kept = compile_function([sp.UnevaluatedExpr(x * y - x * z), x * y], [x, y, z], cse=cse)
        assert kept(1 / 3, 3.0, 2.9)[0] == 1 / 3 * 3.0 - 1 / 3 * 2.9
    shared = compile_function([sp.sin(x) ** 2, sp.sin(x) + 1], [x])
    assert shared.source.count("sin(") == 1
    assert compile_function([sp.sin(x) ** 2, sp.sin(x) + 1], [x], cse=False).source.count("sin(") == 2


def test_steps_are_shared_and_horner():
    tape = Tape(SIX)
    tape.record(COSINE)
    operations = [step.ufunc for step in tape.steps]
    assert "power" not in operations and operations.count("divide") <= 4 and len(operations) <= 17
