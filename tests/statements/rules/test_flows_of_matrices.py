"""Spectra about equilibria of matrices, entry by entry; layers that stay orthonormal."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Eq, Identity, ImmutableMatrix, MatrixSymbol, Trace, diag, symbols

from symssl import Grassmann, Orthonormal, Refusal, Symmetric
from symssl.language import Along, GradientFlow, Growth, Object, VectorField, Vocabulary
from symssl.statements import derive, entails

d, h = symbols("d h", integer=True, positive=True)
t = symbols("t", positive=True)
Q = MatrixSymbol("q", 2, 1)
W, W_0, C = MatrixSymbol("W", h, d), MatrixSymbol("W_0", h, d), MatrixSymbol("C", h, h)
LOSS = Trace(W.T * C * W)
START = (Orthonormal(W_0),)


@settings(max_examples=8)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_the_spectrum_of_a_linear_flow_is_that_of_its_matrix(entries):
    A = ImmutableMatrix(2, 2, entries)
    A = A + A.T
    if A.is_zero_matrix or (A.is_diagonal() and A[0, 0] == A[1, 1]):  # SymPy turns it into a number
        return
    found = derive(Growth(VectorField({Q: A * Q}), {Q: ImmutableMatrix([0, 0])})).value
    wanted = sorted(set(np.round(np.linalg.eigvalsh(np.array(A.tolist(), dtype=float)), 9)))
    np.testing.assert_allclose(sorted(float(value) for value in found), wanted, atol=1e-8)


def test_the_spectrum_at_a_corner_of_a_nonlinear_flow():
    L = diag(-2, 3)
    flow = VectorField({Q: -L * Q + Q * Q.T * L * Q})  # the length at 2 lambda_1, the direction at lambda_1 - lambda_2
    assert set(derive(Growth(flow, {Q: ImmutableMatrix([1, 0])})).value) == {-4, -5}
    with pytest.raises(Refusal):
        derive(Growth(VectorField({W: C * W}), {W: W_0}))
    with pytest.raises(Refusal):
        derive(Growth(VectorField({Q: MatrixSymbol("A", 2, 2) * Q}), {Q: ImmutableMatrix([1, 0])}))


def test_layers_stay_orthonormal_under_a_projected_flow():
    kept = Along(W.T * W, GradientFlow(LOSS, W, geometry={W: Grassmann()}), t, {W: W_0})
    assert derive(kept, START).value == W_0.T * W_0
    words = Vocabulary(*(Object(s, "it") for s in (d, h, t, W_0, W)), Object(C, "it", Symmetric(C)))
    assert entails(words.sentence(Eq(kept, Identity(d), evaluate=False), START)).held


def test_what_moves_or_is_not_kept_has_no_value():
    projected, free = GradientFlow(LOSS, W, geometry={W: Grassmann()}), GradientFlow(LOSS, W)
    for term, hypotheses in (
        (Along(W.T * W, projected, t, {W: W_0}), ()),  # not orthonormal at the start
        (Along(W.T * W, free, t, {W: W_0}), START),  # leaves the frames
        (Along(W * W.T, projected, t, {W: W_0}), START),  # the subspace moves
        (Along(W.T * C * W, projected, t, {W: W_0}), START),
    ):
        with pytest.raises(Refusal):
            derive(term, hypotheses)
