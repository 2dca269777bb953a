"""Flows that turn towards an eigenspace: what is derived agrees with trajectories that are followed."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import solve_ivp
from sympy import (
    Contains,
    Eq,
    Ge,
    Gt,
    Identity,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Ne,
    Symbol,
    Trace,
    ZeroMatrix,
    diag,
    oo,
    symbols,
)

from symssl import Diagonal, Refusal, Symmetric, inner, norm, sq
from symssl.language import (
    Along,
    Eigenvalue,
    Eigenvector,
    GradientFlow,
    Growth,
    Limit,
    Object,
    Stability,
    VectorField,
    Vocabulary,
    unit,
)
from symssl.statements import derive, entails

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", positive=True)
k = Symbol("k", integer=True, positive=True)
x, x_0 = MatrixSymbol("x", n, 1), MatrixSymbol("x_0", n, 1)
S, W, W_0 = MatrixSymbol("S", n, n), MatrixSymbol("W", 3, n), MatrixSymbol("W_0", 3, n)
FIELD = -4 * S * x + 2 * S * x * x.T * x + 2 * x * x.T * S * x
TURNING = VectorField({x: FIELD})
e, e_k = unit(1, n), unit(k, n)
least = Eigenvalue(S, 1)
FIRST = Eq(inner(e, S * e), least, evaluate=False)
SIMPLE = Eq(Eigenvalue(S - least * Identity(n), kind="rank"), n - 1, evaluate=False)
KNOWN = (Diagonal(S), FIRST, SIMPLE, Lt(least, 0), Le(sq(x_0), 1))
END = Limit(Along(x, TURNING, t, {x: x_0}), t, oo)


def test_the_sign_of_the_start_tells_the_end():
    assert derive(END, (*KNOWN, Gt(inner(e, x_0), 0))).value == e
    assert derive(END, (*KNOWN, Lt(inner(e, x_0), 0))).value == -e
    assert derive(END, (Symmetric(S), Gt(least, 0), Lt(sq(x_0), 1))).value == ZeroMatrix(n, 1)
    assert (
        derive(Limit(Along(sq(x), TURNING, t, {x: x_0}), t, oo), (Symmetric(S), Gt(least, 0), Lt(sq(x_0), 1))).value
        == 0
    )


@pytest.mark.parametrize("left_out", range(5))
def test_no_hypothesis_can_be_left_out(left_out):
    some = [h for number, h in enumerate(KNOWN) if number != left_out]
    with pytest.raises(Refusal):
        derive(END, (*some, Gt(inner(e, x_0), 0)))
    with pytest.raises(Refusal):
        derive(END, (Symmetric(S), Gt(least, 0), Le(sq(x_0), 1)))  # on the sphere the length stays one


@pytest.mark.parametrize(
    "field",
    [
        4 * S * x - 2 * S * x * x.T * x - 2 * x * x.T * S * x,  # away from the least eigenvalue
        -4 * S * x + 2 * S * x * x.T * x + 3 * x * x.T * S * x,  # leaves the ball
        -S * S * x,
        -4 * S * x + 4 * S * x * x.T * x,  # the speed vanishes on the sphere
    ],
)
def test_other_flows_are_refused(field):
    with pytest.raises(Refusal):
        derive(Limit(Along(x, VectorField({x: field}), t, {x: x_0}), t, oo), (*KNOWN, Gt(inner(e, x_0), 0)))


@settings(max_examples=8)
@given(st.lists(st.integers(-4, 4), min_size=2, max_size=3, unique=True), st.integers(0, 99))
def test_followed_trajectories_end_where_it_is_said(diagonal, seed):
    diagonal = np.sort(diagonal).astype(float) / 2
    if diagonal[0] == 0:
        return
    start = np.random.default_rng(seed).normal(size=len(diagonal))
    start *= 0.8 / np.linalg.norm(start)
    if abs(start[0]) < 0.05:
        return
    D = np.diag(diagonal)
    path = solve_ivp(
        lambda _, y: -4 * D @ y + 2 * D @ y * (y @ y) + 2 * y * (y @ D @ y), (0, 60), start, rtol=1e-9, atol=1e-12
    ).y[:, -1]
    said = np.sign(start[0]) * np.eye(len(start))[0] if diagonal[0] < 0 else 0 * start
    assert np.abs(path - said).max() < 1e-4


def test_components_and_images_of_the_end():
    orthogonal = (*KNOWN, Eq(inner(e, x_0), 0, evaluate=False))
    assert derive(inner(e, END), orthogonal).value == 0
    with pytest.raises(Refusal):
        derive(inner(e, END), KNOWN)
    kernel = (Symmetric(S), Eq(least, 0, evaluate=False), Lt(sq(x_0), 1))
    assert derive(S * END, kernel).value == ZeroMatrix(n, 1)
    with pytest.raises(Refusal):
        derive(S * END, kernel[:2])


LINEAR = GradientFlow(Trace(W * S * W.T), W, where=Symmetric(S))
SHARE = Eigenvalue(W, 1, "singular") / norm(W)


def test_linear_flows_lose_all_dimensions_but_one():
    apart = (Lt(least, Eigenvalue(S, 2)), Ne(sq(W_0 * Eigenvector(S, 1)), 0))
    end = Limit(Along(SHARE, LINEAR, t, {W: W_0}), t, oo)
    assert derive(end, (Symmetric(S), *apart)).value == 1
    for some in ((Symmetric(S), apart[0]), (Symmetric(S), apart[1]), apart):
        with pytest.raises(Refusal):
            derive(end, some)
    upward = GradientFlow(-Trace(W * S * W.T), W, where=Symmetric(S))
    with pytest.raises(Refusal):
        derive(Limit(Along(SHARE, upward, t, {W: W_0}), t, oo), (Symmetric(S), *apart))
    with pytest.raises(Refusal):  # no function of the direction
        derive(Limit(Along(norm(W), LINEAR, t, {W: W_0}), t, oo), (Symmetric(S), *apart))


def test_linear_flows_from_one_side_keep_the_rank():
    rank = Eigenvalue(W, kind="rank")
    B = MatrixSymbol("B", 3, 3)
    both = VectorField({W: W * S + 2 * B * W})
    assert derive(Along(rank, both, t, {W: W_0})).value == Eigenvalue(W_0, kind="rank")
    shifted = VectorField({W: W * S + MatrixSymbol("G", 3, n)})
    for other in (shifted, VectorField({W: W * S + B * W * S})):
        with pytest.raises(Refusal):
            derive(Along(rank, other, t, {W: W_0}))


WORDS = Vocabulary(
    Object(n, "a size"),
    Object(k, "a number"),
    Object(x, "a state"),
    Object(S, "a matrix", Diagonal(S)),
    Object(x_0, "a start"),
)


def said(claim, *given):
    return entails(WORDS.sentence(claim, (FIRST, SIMPLE, Lt(least, 0), *given))).held


def test_growth_rates_and_stability_at_eigenvectors():
    other = (Ge(k, 2), Le(k, n))
    m = inner(e_k, S * e_k)
    assert said(Stability(TURNING, {x: e}, "stable")) and said(Stability(TURNING, {x: -e}, "stable"))
    assert said(Stability(TURNING, {x: e_k}, "unstable"), *other)
    assert said(Stability(TURNING, {x: 0 * e}, "unstable"))
    assert not said(Stability(TURNING, {x: e_k}, "stable"), *other)
    assert said(Contains(8 * least, Growth(TURNING, {x: e})))
    assert said(Contains(2 * (least - m), Growth(TURNING, {x: e})), *other)
    assert not said(Contains(2 * (least - m), Growth(TURNING, {x: e})), Le(k, n))  # k may be one
    assert not said(Contains(3 * (least - m), Growth(TURNING, {x: e})), *other)


def test_growth_rates_agree_with_the_jacobian_of_entries():
    a, b = symbols("a b", real=True)
    size2 = TURNING.subs(n, 2).xreplace({S.subs(n, 2): diag(a, b).as_immutable()})
    (state,) = size2.states
    found = derive(Growth(size2, {state: Matrix([1, 0])})).value
    assert {rate.expand() for rate in found} == {8 * a, 2 * a - 2 * b}
