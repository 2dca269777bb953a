"""The least value of a quadratic form over frames, against eigenvalues; everything else is refused."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Ge, ImmutableMatrix, Integer, MatrixSymbol, Rational, Symbol, Trace, diag, sqrt

from symssl import Refusal, inner
from symssl.language import Optimum
from symssl.language.relations import Orthonormal
from symssl.statements import derive

F = MatrixSymbol("F", 3, 2)


@settings(max_examples=8)
@given(st.lists(st.integers(-4, 4), min_size=6, max_size=6))
def test_the_least_trace_is_the_sum_of_the_least_eigenvalues(entries):
    a, b, c, u, v, w = entries  # the antisymmetric part makes no difference
    C = ImmutableMatrix([[a, u, v], [-u, b, w], [-v, -w, c]])
    found = derive(Optimum(inner(F, C * F), F, Orthonormal(F))).value
    dense = np.array(C.tolist(), dtype=float)
    assert abs(float(found) - np.linalg.eigvalsh((dense + dense.T) / 2)[:2].sum()) < 1e-9


def test_forms_and_refusals():
    C = diag(-2, 5, 1)
    assert derive(Optimum(Trace(F.T * C * F), F, Orthonormal(F))).value == -1
    x = Symbol("x", real=True)
    for term in (
        Optimum(x**2, x),
        Optimum(inner(F, C * F), F),
        Optimum(inner(F, F) ** 2, F, Orthonormal(F)),
        Optimum(inner(F, MatrixSymbol("C", 3, 3) * F), F, Orthonormal(F)),
    ):
        with pytest.raises(Refusal):
            derive(term)


# --- a point that is given -----------------------------------------------------------------

r, s = Symbol("r", real=True), Symbol("s", positive=True)
g, epsilon = Symbol("gamma", positive=True), Symbol("epsilon", positive=True)
MODE = (1 - g * r**2) ** 2 + 2 * epsilon * r**2


def test_a_point_is_proved_to_be_optimal():
    at = {r: sqrt((g - epsilon) / g**2)}
    found = derive(Optimum(MODE, r), (g > epsilon,), at=at)
    assert found.value.equals(2 * epsilon / g - epsilon**2 / g**2) and found.level == "symbolic"
    assert derive(Optimum(-(r**2) + r, r, kind="max"), at={r: Rational(1, 2)}).value == Rational(1, 4)
    assert derive(Optimum(r, r, Ge(r, 3)), at={r: Integer(3)}).value == 3


@pytest.mark.parametrize(
    "term, given, at",
    [
        (Optimum(MODE, r), (), {r: sqrt((g - epsilon) / g**2)}),  # without gamma > epsilon there is no such point
        (Optimum(MODE, r), (g > epsilon,), {r: 1 / sqrt(g)}),
        (Optimum(r**2, r, kind="max"), (), {r: Integer(0)}),
        (Optimum(s, s), (), {s: Integer(0)}),  # not attained by a positive number
        (Optimum(r, r, Ge(r, 3)), (), {r: Integer(2)}),
        (Optimum(r, r), (Ge(r, 3),), {r: Integer(3)}),  # the hypothesis speaks of another r
    ],
)
def test_points_that_are_not_optimal_or_not_allowed_are_refused(term, given, at):
    with pytest.raises(Refusal):
        derive(term, given, at=at)
