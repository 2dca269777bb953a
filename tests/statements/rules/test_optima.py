"""The least value of a quadratic form over frames, against eigenvalues; everything else is refused."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import ImmutableMatrix, MatrixSymbol, Symbol, Trace, diag

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
