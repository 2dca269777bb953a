"""Words in orthonormal layers that obey an equation of their own, and equations at another speed."""

import pytest
from sympy import Identity, MatrixSymbol, Trace, symbols

from symssl import Grassmann, InputError, Orthonormal, Refusal, Stiefel, Symmetric
from symssl.language import Along, GradientFlow, VectorField
from symssl.statements import at_another_speed, reduced

h, d = symbols("h d", integer=True, positive=True)
t, c = symbols("t c", positive=True)
W, W_0, C, P = MatrixSymbol("W", h, d), MatrixSymbol("W_0", h, d), MatrixSymbol("C", h, h), MatrixSymbol("P", h, h)
FLOW = GradientFlow(Trace(W.T * C * W) / 2, W, geometry={W: Grassmann()})
ONTO = VectorField({P: 2 * P * C * P - C * P - P * C})
GIVEN = (Symmetric(C), Orthonormal(W_0))
ALONG = Along(W * W.T, FLOW, t, {W: W_0})


def test_a_projector_obeys_an_equation_of_its_own():
    fact = reduced(ALONG, ONTO, GIVEN)
    assert fact.value == Along(P, ONTO, t, {P: W_0 * W_0.T}) and set(GIVEN) <= set(fact.given)


@pytest.mark.parametrize(
    "along, onto, given",
    [
        (ALONG, ONTO, GIVEN[:1]),  # the start need not be orthonormal
        (ALONG, ONTO, GIVEN[1:]),  # C need not be symmetric
        (ALONG, VectorField({P: P * C * P - C * P}), GIVEN),
        (Along(W * W.T, GradientFlow(Trace(W.T * C * W) / 2, W), t, {W: W_0}), ONTO, GIVEN),  # leaves the frames
    ],
)
def test_what_is_missing_is_refused(along, onto, given):
    with pytest.raises(Refusal):
        reduced(along, onto, given)
    with pytest.raises(InputError):
        reduced(along, VectorField({MatrixSymbol("R", d, d): Identity(d)}), given)


def test_another_geometry_has_another_equation():
    other = GradientFlow(Trace(W.T * C * W) / 2, W, geometry={W: Stiefel("euclidean")})
    assert reduced(Along(W * W.T, other, t, {W: W_0}), ONTO, GIVEN)  # the same subspaces


def test_speeds():
    A = MatrixSymbol("A", 2, 2)
    A_0 = MatrixSymbol("A_0", 2, 2)
    fast, slow = VectorField({A: 3 * A - 6 * A * A.T * A}), VectorField({A: A / 2 - A * A.T * A})
    fact = at_another_speed(Along(Trace(A), fast, t, {A: A_0}), slow)
    assert fact.value == Along(Trace(A), slow, 6 * t, {A: A_0})
    for other in (VectorField({A: -A / 2 + A * A.T * A}), VectorField({A: A - A * A.T * A}), VectorField({A: 0 * A})):
        with pytest.raises(Refusal):
            at_another_speed(Along(A, fast, t, {A: A_0}), other)
