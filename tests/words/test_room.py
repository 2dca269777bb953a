"""The room from outside: arguments of the wrong kind, short texts, formulas, pickles."""

import pickle

import pytest
import sympy as sp
from hypothesis import given, settings
from malformed import answers_or_refuses, malformed_calls, short

from symssl import Commutes, E, Orthonormal, Symmetric, gaussians, latex, norm, sq, words
from symssl.words import concentrate, expect, normal_form, read, rewriting, write

d = sp.Symbol("d", positive=True)
A, B, U = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("B", 3, 3), sp.MatrixSymbol("U", 3, 2)
P = sp.MatrixSymbol("P", 2, d)
(x,) = gaussians("x", d)
APPROXIMATION = concentrate(E(1 / norm(P * x)), order="o(1)")
POLY = read(A * B - B)

CALLS = {
    "read": (read, (A * B,), {}),
    "write": (write, (POLY,), {}),
    "rewriting": (rewriting, (Symmetric(A), POLY), {}),
    "Rewriting": (words.Rewriting, ((Symmetric(A),),), {}),
    "reduce": (rewriting(Symmetric(A)).reduce, (POLY,), {}),
    "expect": (expect, (E(sq(x)),), {}),
    "concentrate": (concentrate, (E(norm(P * x)),), {"values": {norm(P * x): norm(P)}, "order": "o(1)"}),
    "normal_form": (normal_form, (A * A.T,), {"where": Symmetric(A)}),
    "latex": (APPROXIMATION.latex, (), {"names": {d: "D"}, "label": "eq:a", "width": 40}),
}


def test_every_public_name_is_called():
    assert set(words.__all__) - {"Poly", "Approximation"} <= set(CALLS)


@settings(max_examples=400)
@given(malformed_calls(CALLS))
def test_arguments_of_the_wrong_kind(call):
    answers_or_refuses(call)


@pytest.mark.parametrize(
    "result",
    [APPROXIMATION, rewriting((Orthonormal(U), Symmetric(A), Commutes(A, B)))],
    ids=lambda r: type(r).__name__,
)
def test_results_show_what_they_are(result):
    short(result)


def test_an_approximation_is_a_formula():
    assert APPROXIMATION.latex() == latex(APPROXIMATION)
    assert r"\text{up to o(1)}" in APPROXIMATION.latex() and r"\to" in APPROXIMATION.latex()
    assert APPROXIMATION._repr_latex_().startswith("$")
    again = pickle.loads(pickle.dumps(APPROXIMATION))
    assert again == APPROXIMATION and hash(again) == hash(APPROXIMATION)


def test_a_polynomial_is_not_equal_to_other_things():
    assert POLY != 0 and POLY != "A" and POLY == read(A * B) - read(B) and hash(POLY) == hash(read(A * B - B))
