"""The public names of `symssl.matrix` as a type checker sees them; never run."""

from collections.abc import Mapping
from typing import Any, Literal, assert_type

import sympy as sp

from symssl import (
    Flow,
    Grassmann,
    Law,
    MatrixFlow,
    ModeFlow,
    Proof,
    SingularFlow,
    Stiefel,
    Symmetric,
    contraction_minimum,
    frame_minimum,
    gradient_flow,
    gram_matrix,
    hessian,
    matrix_equal,
    product_minimum,
    qr,
    qr_squares,
    second_variation,
    singular_flow,
    sq,
    unprojected,
)
from symssl.language import Relation
from symssl.matrix import Disagreement, FrameMinimum, explicit_value, laws, recheck_gradient

A, B, U = (sp.MatrixSymbol(name, 2, 2) for name in "ABU")
a, b = sp.symbols("a b", positive=True)

flow = gradient_flow(
    sq(A - B),
    (A,),
    weight_decay={A: 1},
    rates={A: 2},
    decay_with_rate=False,
    geometry={A: Symmetric()},
    extra={A: B},
    where=[Symmetric(B)],
)
assert_type(flow, MatrixFlow)
assert_type(MatrixFlow({A: -A}, where=(Symmetric(A),), residuals={}, convention=""), MatrixFlow)
assert_type(flow.rhs, Mapping[Any, Any])
assert_type(flow.states, Mapping[Any, Any])
assert_type(flow.where, tuple[Relation, ...])
assert_type(flow.residuals, Mapping[Relation, tuple[Any, ...]])
assert_type(flow.convention, str)
assert_type(flow.expect().map(lambda f: 2 * f).impose(Symmetric(A)).substitute({B: A.T}), MatrixFlow)
assert_type(flow.laws(2), tuple[Law, ...])
assert_type(laws(flow), tuple[Law, ...])
assert_type(flow.spectral({A: (U, a, U)}, change={b: a**2}, couplings={}, parameters=(b,)), ModeFlow)
assert_type(flow.image({U: A.T * A}).linearize({A: B}, {A: U}, where=()).retime(sq(A)), MatrixFlow)
assert_type(flow.entries({A: sp.eye(2), B: sp.eye(2)}, parameters=()), Flow)
assert_type(flow.latex(), str)
rate: Any = flow.lie(sq(A))

(law,) = flow.laws(1)
assert_type(law.conserved, bool)
parts: list[Any] = [law.quantity, law.multiplier]

proof = matrix_equal(A * B, B * A, where=Symmetric(A))
assert_type(proof, Proof)
assert_type(bool(proof), bool)
assert_type(proof.holds, bool)
assert_type(proof.certificate, str)
assert_type(proof.method, Literal["words", "entries"])
assert_type(proof.rechecked, tuple[str, ...])
left: Any = proof.residual
error: type[Exception] = Disagreement

assert_type(Stiefel("euclidean", rows=True).metric, Literal["canonical", "euclidean"])
assert_type(Stiefel().rows, bool)
assert_type(Grassmann(rows=True).rows, bool)
assert_type(hessian(sq(A), {A: B}), dict[Any, Any])
curvature: Any = second_variation(sq(A), {A: B})

decomposition = singular_flow(sp.eye(2), (a, b))
assert_type(decomposition, SingularFlow)
assert_type(decomposition.values, Mapping[Any, Any])
assert_type(decomposition.given, tuple[Any, ...])
frames: list[Any] = [decomposition.left, decomposition.right]

minimum = frame_minimum(sp.eye(2), 1)
assert_type(minimum, FrameMinimum)
assert_type(contraction_minimum(sp.eye(2), 1).certified(), bool)
assert_type(product_minimum(sp.eye(2), 1, 2).rank, int)
assert_type((minimum.lower, minimum.upper, minimum.unique), tuple[int, int, bool])
assert_type(minimum.terms(sp.eye(2)), tuple[Any, Any, Any])
pieces: list[Any] = [
    minimum.C,
    minimum.value,
    minimum.frame,
    minimum.threshold,
    minimum.excess,
    minimum.slack,
    minimum.projector,
]

table: Any = gram_matrix(A, B)
assert_type(qr_squares(A, B), tuple[Any, ...])
assert_type(qr(sp.eye(2)), tuple[Any, Any])
rest: Any = unprojected(A, B)
value: Any = explicit_value(sq(A), {A: sp.eye(2)})
assert_type(recheck_gradient(sq(A), {A: -2 * A}, weight_decay=0, rates={}, where=(), shapes=1), tuple[str, ...])
