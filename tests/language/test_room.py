"""The room from outside: arguments of the wrong kind, short texts, formulas, pickles."""

import pickle

import pytest
import sympy as sp
from hypothesis import given, settings
from malformed import answers_or_refuses, malformed_calls, short

from benchmarks.reliability.catalogue import _sentences, name_of
from symssl import language, latex
from symssl.language import (
    Commutes,
    Diagonal,
    E,
    ModeSum,
    Normalised,
    Orthonormal,
    Potential,
    Symmetric,
    cosine,
    gaussians,
    inner,
    mean,
    norm,
    potential,
    samples,
    sg,
    sq,
    total,
)

n, d, N = sp.symbols("n d N", integer=True, positive=True)
i, p = sp.Symbol("i"), sp.Symbol("p", positive=True)
A, B, U = (sp.MatrixSymbol(name, *shape) for name, shape in (("A", (n, n)), ("B", (n, n)), ("U", (3, 2))))
A3 = sp.MatrixSymbol("A3", 3, 3)
(x,) = gaussians("x", d)
X = samples("X", d, N)

CALLS = {
    "inner": (inner, (A, B), {}),
    "norm": (norm, (A,), {}),
    "sq": (sq, (A,), {}),
    "cosine": (cosine, (A, B), {}),
    "potential": (potential, ("f", A), {}),
    "Potential": (Potential, ("f", A), {}),
    "sg": (sg, (A,), {}),
    "E": (E, (norm(x),), {"given": ()}),
    "total": (total, (sq(X[i]), i), {}),
    "total with a range": (total, (sq(A), (i, 3)), {}),
    "mean": (mean, (sq(X[i]), i), {}),
    "gaussians": (gaussians, ("u v", 2), {"mean": [0, 0], "cov": [[1, 0], [0, 1]]}),
    "GaussianVector": (language.GaussianVector, ("x", d, 1, x.joint), {}),
    "copied": (x.copied, (2,), {}),
    "samples": (samples, ("x", d, N), {}),
    "samples[i]": (X.__getitem__, (i,), {}),
    "Sample": (language.Sample, ("x", d, 1, i, N), {}),
    "Symmetric": (Symmetric, (A,), {}),
    "Diagonal": (Diagonal, (A,), {}),
    "Orthonormal": (Orthonormal, (U,), {}),
    "Normalised": (Normalised, (U, A3), {}),
    "Commutes": (Commutes, (A, B), {}),
    "ModeSum": (ModeSum, (p**2,), {}),
    "PotentialGradient": (language.PotentialGradient, ("g", 2, 2, potential("f", A3), 0), {}),
    "defect": (Symmetric().defect, (), {}),
    "function": (language.function, ("phi",), {}),
    "FunctionSymbol": (language.function("phi"), (p, 1), {}),
    "Apply": (language.Apply, (sp.Lambda(p, p**2), A), {"order": 1}),
    "Entry": (language.Entry, (U, 1), {"column": 2}),
    "frame": (language.frame, ("Q", 3, 2), {}),
    "gaussian_matrix": (language.gaussian_matrix, ("G", n, d), {}),
    "RandomMatrix": (language.RandomMatrix, ("Q", 3, 2, "frame"), {}),
    "Eigenvector": (language.Eigenvector, (A,), {"number": 2}),
    **{name_of(call[0]): (*call, {})[:3] for call in _sentences(language) if isinstance(call, tuple)},
}


def test_every_public_name_is_called():
    assert set(language.__all__) - {"Relation", "Dynamics"} <= set(CALLS)


@settings(max_examples=400)
@given(malformed_calls(CALLS))
def test_arguments_of_the_wrong_kind(call):
    answers_or_refuses(call)


RELATIONS = {
    "A = A^{\\top}": Symmetric(A),
    "A_{ij} = 0 \\quad (i \\neq j)": Diagonal(A),
    "U^{\\top} U = \\mathbb{I}": Orthonormal(U),
    "U U^{\\top} = \\mathbb{I}": Orthonormal(sp.MatrixSymbol("U", 2, 3).T),
    "U^{\\top} A_{3} U = \\mathbb{I}": Normalised(U, A3),
    "A B = B A": Commutes(A, B),
}


@pytest.mark.parametrize("formula", RELATIONS)
def test_relations_are_formulas(formula):
    relation = RELATIONS[formula]
    short(relation)
    assert relation.latex() == latex(relation) == formula
    assert relation._repr_latex_() == rf"$\displaystyle {formula}$"
    again = pickle.loads(pickle.dumps(relation))
    assert again == relation and hash(again) == hash(relation)


def test_samples_show_what_they_are():
    assert repr(X) == "samples('X', d, N)"
