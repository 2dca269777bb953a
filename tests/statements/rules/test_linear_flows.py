"""Linear flows of matrices: terms that grow at a rate, and explicit matrices entry by entry."""

import mpmath
import pytest
from hypothesis import given, settings, strategies as st
from sympy import (
    Determinant,
    Identity,
    ImmutableMatrix,
    Inverse,
    MatrixSymbol,
    Rational,
    Trace,
    diag,
    exp,
    eye,
    oo,
    simplify,
    sqrt,
    symbols,
)

from symssl import Orthonormal, Refusal, Symmetric, norm, sq
from symssl.language import Along, Eigenvalue, Limit, VectorField
from symssl.statements import derive

n, d = symbols("n d", integer=True, positive=True)
t, rate = symbols("t lambda", positive=True)
W, V, start, Y = MatrixSymbol("W", n, d), MatrixSymbol("V", d, d), MatrixSymbol("W_0", n, d), MatrixSymbol("Y", d, d)
e = MatrixSymbol("e", d, 1)
DRIVE = -rate * e * e.T + (Identity(d) - e * e.T) * Y * (Identity(d) - e * e.T)


def along(term, rhs, given=(), beginning=None):
    return derive(Along(term, VectorField(rhs), t, beginning or {W: start}), given)


@pytest.mark.parametrize(
    "term, value",
    [(W * e, exp(-rate * t) * start * e), (sq(W * e), exp(-2 * rate * t) * sq(start * e))],
)
def test_an_eigenvector_decays_at_its_eigenvalue(term, value):
    assert simplify(along(term, {W: W * DRIVE}, (Orthonormal(e), Symmetric(Y))).value - value).doit() in (0, value * 0)


def test_what_is_conserved_stays():
    skew = Y - Y.T
    assert along(sq(W), {W: W * skew}).value == sq(start)
    with pytest.raises(Refusal):
        along(sq(W), {W: W * Y})


@pytest.mark.parametrize(
    "term, rhs",
    [
        (W * e, {W: W * DRIVE}),  # e is no unit vector
        (sq(W), {W: W * Trace(W.T * W)}),  # not linear, nor for all times
        (sq(W), {W: W + Y[0, 0] * start}),  # moved by a constant
    ],
)
def test_what_does_not_grow_at_a_rate_is_refused(term, rhs):
    beginning = {W: start} | ({V: V} if V in rhs else {})
    with pytest.raises(Refusal):
        along(term, rhs, (), beginning)


@pytest.mark.parametrize(
    "term, rhs",
    [
        (sq(W), {W: W, V: V * V.T * V}),  # the other state does not last
        (norm(W), {W: W}),  # not smooth where W vanishes
    ],
)
def test_what_may_not_last_is_said_under_a_proviso(term, rhs):
    beginning = {W: start} | ({V: V} if V in rhs else {})
    assert along(term, rhs, (), beginning).provisos and not along(sq(W), {W: W}, (), {W: start}).provisos


def test_hypotheses_on_a_state_say_nothing_on_the_way():
    with pytest.raises(Refusal):
        along(sq(V), {V: V * V.T * V}, (Orthonormal(V),), {V: Identity(d)})


M = MatrixSymbol("M", 2, 2)
entries = st.integers(-3, 3).map(Rational)


@settings(max_examples=25)
@given(st.tuples(entries, entries), st.tuples(entries, entries), st.lists(entries, min_size=4, max_size=4))
def test_explicit_matrices_against_the_exponential_of_numbers(rates, turn, begin):
    frame = ImmutableMatrix([[1, turn[0]], [turn[1], turn[0] * turn[1] + 1]])  # of determinant one
    drive, begin = frame * diag(*rates) * frame.inv(), ImmutableMatrix(2, 2, begin)
    found = (
        derive(Along(Trace(M * M.T), VectorField({M: M * drive}), t, {M: begin})).value.subs(t, Rational(1, 2)).doit()
    )
    with mpmath.workdps(30):
        moved = mpmath.matrix(begin.tolist()) * mpmath.expm(mpmath.matrix(drive.tolist()) / 2)
        exact = sum(x**2 for x in moved)
        assert mpmath.almosteq(mpmath.mpf(str(found.evalf(30))), exact, 1e-20, 1e-20)


def test_singular_values_of_explicit_matrices():
    row = MatrixSymbol("M", 1, 2)
    flow = VectorField({row: row * diag(0, -1)})
    path = Along(Eigenvalue(row, -1, "singular"), flow, t, {row: ImmutableMatrix([[1, 1]])})
    assert simplify(derive(path).value - sqrt(1 + exp(-2 * t))) == 0
    assert derive(Limit(path, t, oo)).value == 1


@pytest.mark.parametrize(
    "term, rhs",
    [
        (Trace(M), M * ImmutableMatrix([[1, 1], [1, 2]])),  # growth rates that are no rational numbers
        (Trace(M), M * M),
        (Trace(M), M + eye(2)),
        (Trace(Inverse(M)), M * M.T),
    ],
)
def test_other_flows_of_explicit_matrices_are_refused(term, rhs):
    with pytest.raises(Refusal):
        derive(Along(term, VectorField({M: rhs}), t, {M: ImmutableMatrix(eye(2))}))


def test_the_determinant_of_a_hyperbolic_flow_stays():
    flow = VectorField({M: M * diag(1, -1)})
    assert derive(Along(Determinant(M), flow, t, {M: ImmutableMatrix(eye(2))})).value == 1


def test_inverses_of_what_stays_invertible_grow_too():
    across, begin = sq(Inverse(V.T) * e), {V: MatrixSymbol("V_0", d, d)}
    moved = along(across, {V: V * DRIVE}, (Orthonormal(e), Symmetric(Y)), begin)
    assert simplify(moved.value - exp(2 * rate * t) * across.xreplace(begin)) == 0
    with pytest.raises(Refusal):  # V + V^T may become singular
        along(Trace(Inverse(V)), {V: -V.T}, (), begin)
    with pytest.raises(Refusal):
        along(sq(Inverse(V)), {V: V * Trace(V)}, (), begin)
