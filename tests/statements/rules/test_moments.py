"""Expectations of polynomials in Gaussian vectors, and nothing else."""

import pytest
from sympy import MatrixSymbol, Trace, exp, symbols

from symssl import E, Refusal, gaussians, inner
from symssl.statements import derive

d = symbols("d", integer=True, positive=True)
(g,) = gaussians("g", d)
S = MatrixSymbol("S", d, d)


def test_moments_by_pairings():
    assert derive(E(inner(g, g))).value == d
    assert derive(E(inner(g, g) ** 2)).value.expand() == d**2 + 2 * d
    assert derive(E(inner(g, S * g))).value == Trace(S)


def test_what_is_no_polynomial_is_refused():
    with pytest.raises(Refusal):
        derive(E(exp(inner(g, g))))
