"""Expectations of polynomials in Gaussian vectors, and nothing else."""

import pytest
from sympy import Eq, Gt, MatrixSymbol, Trace, exp, oo, symbols

from symssl import E, Refusal, gaussians, inner, norm, sq
from symssl.language import GradientFlow, Limit, Object, Rate, Vocabulary
from symssl.statements import derive, entails

d = symbols("d", integer=True, positive=True)
k = symbols("k", positive=True)
(g,) = gaussians("g", d)
S = MatrixSymbol("S", d, d)


def test_moments_by_pairings():
    assert derive(E(inner(g, g))).value == d
    assert derive(E(inner(g, g) ** 2)).value.expand() == d**2 + 2 * d
    assert derive(E(inner(g, S * g))).value == Trace(S)


def test_what_is_no_polynomial_is_refused():
    with pytest.raises(Refusal):
        derive(E(exp(inner(g, g))))


def test_inside_a_term_a_mean_of_what_is_no_polynomial_stands_for_itself():
    M = MatrixSymbol("M", d, d)
    loss = GradientFlow(-E(inner(g, M * g) / norm(M * g)), M, decay=k)
    assert derive(Rate(sq(M), loss)).value == -2 * k * norm(M) ** 2
    words = Vocabulary(Object(M, "weights"), Object(d, "dimension"), Object(g, "a normal vector"), Object(k, "a rate"))

    def entailed(claim):
        return entails(words.sentence(claim)).held

    assert entailed(Eq(E(exp(sq(g)) + sq(g)), d + E(exp(sq(g))), evaluate=False))
    assert entailed(Eq(E(exp(sq(g))), k, evaluate=False)) is None  # a number that is not known
    assert entailed(Gt(E(exp(sq(g))), k, evaluate=False)) is None
    with pytest.raises(Refusal):
        derive(Limit(E(exp(-k * sq(g))), k, oo))
