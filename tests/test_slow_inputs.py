"""Inputs that take long or have no end: each is stopped when its budget is over, and says what was stopped."""

import time

import pytest
import sympy as sp
from sympy import MatrixSymbol

from symssl import E, Flow, cosine, expect, fold_set, gaussians, gradient_flow, inner, matrix_equal, normal_form, sq
from symssl.errors import InputError, OverBudget

n = sp.Symbol("n", integer=True, positive=True)
A, B, C, D, G = (MatrixSymbol(name, n, n) for name in "ABCDG")
a, b, c = (MatrixSymbol(name, n, 1) for name in "abc")
(x,) = gaussians("x", n)
u = sp.symbols("u1:5", real=True)
y, k = sp.symbols("y k", real=True)
CHAIN = Flow({w: sp.expand(-(sp.prod(u) - y) * sp.prod(u) / w) for w in u}, (y,))
CUBE = sq((A + B + C + D) ** 3 - G)
WORDS = cosine(A * a + B * b + C * c, D * a + G * b + A * c)
DENSE = Flow({y: sum(sp.Symbol(f"p{j}", real=True) * y**j for j in range(9))}, sp.symbols("p0:9", real=True))

CALLS = {
    "gradient of a cube of four words": lambda budget: gradient_flow(CUBE, (A, B), budget=budget),
    "cosine of sums of three words": lambda budget: gradient_flow(WORDS + WORDS**2, (A, B), budget=budget),
    "moment of degree twelve": lambda budget: expect(E(inner(x, A * x) ** 6), budget=budget),
    "equality of long words": lambda budget: matrix_equal(CUBE, CUBE + sq(A), budget=budget),
    "normal form of long words": lambda budget: normal_form(CUBE, budget=budget),
    "invariants of a chain": lambda budget: CHAIN.invariants(3, budget=budget),
    "folds of a dense field": lambda budget: fold_set(DENSE, y, budget=budget),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_is_stopped_when_its_budget_is_over(name):
    began = time.monotonic()
    with pytest.raises(OverBudget, match=r"was stopped after its budget of 0\.2 s"):
        CALLS[name](0.2)
    assert time.monotonic() - began < 5  # far less than it takes, with room for a busy machine


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("budget", [0, -1.0, float("nan"), float("inf"), "1", True])
def test_a_budget_that_is_none_is_named(name, budget):
    with pytest.raises(InputError, match="budget must be"):
        CALLS[name](budget)
