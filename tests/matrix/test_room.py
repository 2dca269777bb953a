"""The room from outside: arguments of the wrong kind, short texts, formulas, pickles."""

import pickle

import pytest
import sympy as sp
from hypothesis import given, settings
from malformed import answers_or_refuses, malformed_calls, short

from symssl import Orthonormal, Symmetric, inner, latex, matrix, norm, sq
from symssl.matrix import (
    Grassmann,
    MatrixFlow,
    Stiefel,
    contraction_minimum,
    explicit_value,
    frame_minimum,
    gradient_flow,
    gram_matrix,
    hessian,
    laws,
    matrix_equal,
    product_minimum,
    qr,
    qr_squares,
    recheck_gradient,
    second_variation,
    singular_flow,
    unprojected,
)

A, B, C, D, Q = (sp.MatrixSymbol(name, 2, 2) for name in "ABCDQ")
W = sp.MatrixSymbol("W", 2, 3)
u, v = sp.MatrixSymbol("u", 3, 1), sp.MatrixSymbol("v", 3, 1)
a, b, c, d = sp.symbols("a b c d", positive=True)
rho, r = sp.symbols("rho r", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
FORM = sp.Matrix([[3, 1], [1, -1]])
FLOW = gradient_flow(sq(A - B) / 2, A)
SINGULAR = singular_flow(sp.Matrix([[1, 2], [3, 4]]), (a, b))
MINIMUM = frame_minimum(FORM, 1)

CALLS = {
    "gradient_flow": (
        gradient_flow,
        (sq(A - B), A),
        {
            "weight_decay": {A: rho},
            "rates": {A: r},
            "decay_with_rate": True,
            "geometry": {A: Symmetric()},
            "extra": {A: B},
            "where": Symmetric(B),
        },
    ),
    "MatrixFlow": (MatrixFlow, ({A: -A},), {"where": (), "residuals": {}, "convention": ""}),
    "lie": (FLOW.lie, (sq(A),), {}),
    "map": (FLOW.map, (lambda f: f,), {}),
    "impose": (FLOW.impose, (Symmetric(A),), {}),
    "substitute": (FLOW.substitute, ({B: C},), {}),
    "flow.laws": (FLOW.laws, (1,), {}),
    "spectral": (
        FLOW.spectral,
        ({A: (C, a, C)},),
        {"change": {b: a**2}, "couplings": {c: norm(A)}, "parameters": (d,)},
    ),
    "image": (gradient_flow(inner(W, W * sp.Identity(3)), W).image, ({sp.MatrixSymbol("q", 3, 3): W.T * W},), {}),
    "linearize": (gradient_flow(sq(A) ** 2, A).linearize, ({A: sp.ZeroMatrix(2, 2)}, {A: D}), {"where": ()}),
    "entries": (FLOW.entries, ({A: sp.Matrix(2, 2, [a, b, c, d]), B: sp.eye(2)},), {"parameters": ()}),
    "retime": (FLOW.retime, (sq(A),), {}),
    "laws": (laws, (FLOW, 1), {}),
    "matrix_equal": (matrix_equal, (A * B, B * A), {"where": ()}),
    "Stiefel": (Stiefel, ("canonical", False), {}),
    "Grassmann": (Grassmann, (False,), {}),
    "hessian": (hessian, (sq(A - B), {A: D}), {}),
    "second_variation": (second_variation, (sq(A - B), {A: D}), {}),
    "singular_flow": (singular_flow, (FORM, (a, b)), {}),
    "frame_minimum": (frame_minimum, (FORM, 1), {}),
    "contraction_minimum": (contraction_minimum, (FORM, 1), {}),
    "product_minimum": (product_minimum, (FORM, 1, 2), {}),
    "terms": (MINIMUM.terms, (sp.eye(2),), {}),
    "gram_matrix": (gram_matrix, (u, v), {}),
    "qr": (qr, (FORM,), {}),
    "qr_squares": (qr_squares, (u, v), {}),
    "unprojected": (unprojected, (u, v), {}),
    "explicit_value": (explicit_value, (sq(A), {A: FORM}), {}),
    "recheck_gradient": (
        recheck_gradient,
        (sq(A - B) / 2, dict(FLOW.rhs)),
        {"weight_decay": 0, "rates": {}, "where": (), "shapes": 1},
    ),
}


def test_every_public_name_is_called():
    assert set(matrix.__all__) - {"Disagreement", "Proof", "Law", "FrameMinimum", "SingularFlow"} <= set(CALLS)


@settings(max_examples=400)
@given(malformed_calls(CALLS))
def test_arguments_of_the_wrong_kind(call):
    answers_or_refuses(call)


LARGE = MatrixFlow({sp.MatrixSymbol(f"W{j}", 2, 2): sum((A**n for n in range(1, 40)), B) for j in range(20)})
RESULTS = {
    "flow": FLOW,
    "imposed": FLOW.impose(Symmetric(A)),
    "large": LARGE,
    "law": gradient_flow(sq(A) / 2, A).laws(1)[0],
    "proof": matrix_equal(A * B, B * A),
    "another proof": matrix_equal(A * A.T, A * A.T, where=Orthonormal(A)),
    "singular values": SINGULAR,
    "minimum": MINIMUM,
    "Stiefel": Stiefel(),
    "Stiefel in rows": Stiefel("euclidean", rows=True),
    "Grassmann": Grassmann(),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_show_what_they_are(name):
    result = RESULTS[name]
    short(result)
    assert result.latex() == latex(result) and result._repr_latex_() == rf"$\displaystyle {result.latex()}$"
    again = pickle.loads(pickle.dumps(result))
    assert again == result and repr(again) == repr(result) and hash(again) == hash(result)


@pytest.mark.parametrize(
    "name, formula",
    [
        ("flow", r"\dot{A} = B - A"),
        ("Stiefel", r"W^{\top} W = \mathbb{I}"),
        ("Stiefel in rows", r"W W^{\top} = \mathbb{I}"),
        ("law", r"\frac{d}{dt}\left[A\right] = -1\left[A\right]"),
        ("minimum", r"\operatorname{tr} S = 1"),
        ("singular values", r"\dot{a} &= 1"),
        ("singular values", r"U^{\top} \dot{U}"),
        ("singular values", r"a^{2} &\neq b^{2}"),
    ],
)
def test_formulas(name, formula):
    assert formula in RESULTS[name].latex()


def test_a_transpose_is_written_in_one_way():
    flow = gradient_flow(sq(W.T * W) / 4, W)
    assert flow.latex() == latex(flow) and r"^{\top}" in flow.latex() and "^{T}" not in flow.latex()


def test_states_is_another_name_of_the_right_hand_sides():
    assert FLOW.states is FLOW.rhs and list(LARGE.states) == list(LARGE.rhs)
