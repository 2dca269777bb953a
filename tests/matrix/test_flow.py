"""Matrix flows: derivatives along them, relations they keep, what can be done to them."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings, strategies as st
from numerics import KINDS, Point, along, losses, matrix, orthonormal
from sympy import MatrixSymbol, Trace, symbols

from symssl import (
    Commutes,
    Diagonal,
    E,
    MatrixFlow,
    Orthonormal,
    Refusal,
    Symmetric,
    expect,
    gaussians,
    gradient_flow,
    inner,
    matrix_equal,
    norm,
    potential,
    sq,
)

k, m, n, d, N = symbols("k m n d N", integer=True, positive=True)
rho, r, beta, tau = symbols("rho r beta tau", positive=True)
W, V, C = MatrixSymbol("W", k, n), MatrixSymbol("V", n, m), MatrixSymbol("C", m, k)
A = MatrixSymbol("A", n, n)


@st.composite
def points(draw, *matrices, sizes=(k, m, n), largest=3, scalars=()):
    """Sizes, scalars, and matrices of one structure or another; sizes of one included."""
    at = {s: draw(st.integers(1, largest)) for s in sizes}
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    for M in matrices:
        at[M] = matrix(
            draw(st.sampled_from(KINDS)), *(int(sp.sympify(s).subs({n: at[n] for n in sizes})) for s in M.shape), rng
        )
    at |= {s: rng.uniform(0.3, 1.5) for s in scalars}
    return Point(at)


def close(a, b, tol=1e-9):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=tol, atol=tol * (1 + np.abs(b).max(initial=0))), (a, b)


@settings(max_examples=40)
@given(losses((W, V), (k, m, n), stops=False, terms=1), points(W, V, C, scalars=(rho,)))
def test_lie_derivative(quantity, point):
    flow = gradient_flow(sq(W * V - C.T) / 2 + potential_free(W), (W, V), weight_decay=rho)
    at = point(quantity)
    assume(np.isfinite(at) and abs(at) < 1e6 and point.smallest > 1e-4)
    close(point(flow.lie(quantity)), along(quantity, flow, point))


def potential_free(w):
    return sq(w * w.T) / 4


def test_lie_derivative_of_matrices():
    rng = np.random.default_rng(4)
    flow = gradient_flow(sq(W * V - C.T) / 2, (W, V))
    point = Point(
        {k: 2, m: 3, n: 2, W: rng.normal(size=(2, 2)), V: rng.normal(size=(2, 3)), C: rng.normal(size=(3, 2))}
    )
    for q in (W * V, W.T * W - V * V.T, norm(W) * W):
        close(point(flow.lie(q)), along(q, flow, point))
    flow = gradient_flow(sq(A * A - A.T) / 2, A)
    point = Point({n: 3, A: rng.normal(size=(3, 3)) + 2 * np.eye(3)})
    for q in (A.I, A.I.T * A, Trace(A.I * A.T), A * A.T.I):
        close(point(flow.lie(q)), along(q, flow, point))


S, B = MatrixSymbol("S", n, n), MatrixSymbol("B", n, n)


def diagonal(rng):
    return np.diag(rng.uniform(-1, 1, 3))


def symmetric(rng):
    M = rng.normal(size=(3, 3))
    return M + M.T


IMPOSED = [  # loss, relations, matrices that satisfy them, which are preserved
    (sq(A - B) / 2, (Symmetric(A), Symmetric(B)), lambda g: {A: symmetric(g), B: symmetric(g)}, (True, True)),
    (sq(A - B) / 2, (Symmetric(A),), lambda g: {A: symmetric(g), B: g.normal(size=(3, 3))}, (False,)),
    (sq(A - B) / 2, (Diagonal(A), Symmetric(B)), lambda g: {A: diagonal(g), B: symmetric(g)}, (False, True)),
    (sq(A - B) / 2, (Diagonal(A), Diagonal(B)), lambda g: {A: diagonal(g), B: diagonal(g)}, (True, True)),
    (
        sq(A * A.T - B) / 2,
        (Commutes(A, B), Symmetric(A), Symmetric(B)),
        lambda g: dict(zip((A, B), commuting(g))),
        (True, True, True),
    ),
    (sq(A - B) / 2, (Orthonormal(A),), lambda g: {A: orthonormal(3, 3, g), B: g.normal(size=(3, 3))}, (False,)),
]


def commuting(rng):
    U = orthonormal(3, 3, rng)
    return [U @ np.diag(rng.normal(size=3)) @ U.T for _ in range(2)]


@pytest.mark.parametrize("loss, relations, build, kept", IMPOSED)
def test_impose_proves_or_leaves_the_true_residual(loss, relations, build, kept):
    rng = np.random.default_rng(6)
    flow = gradient_flow(loss, A)
    imposed = flow.impose(*relations)
    assert tuple(r not in imposed.residuals for r in relations) == kept
    for _ in range(3):
        point = Point({n: 3, rho: 0.5, **build(rng)})
        close(point(imposed.rhs[A]), point(flow.rhs[A]))
        for relation in relations:
            probes = {p.A: diagonal(rng) for p in relation.probes}
            at = point.moved(probes)
            moved = [along(q, flow, at) for q in relation.defect()]
            left = imposed.residuals.get(relation, ())
            if left:
                nonzero = [x for x in moved if np.abs(x).max() > 1e-9]
                for x, residual in zip(nonzero, left, strict=True):
                    close(at(residual), x)
            else:
                assert all(np.abs(x).max() < 1e-9 for x in moved)


(x0,) = gaussians("x", n, cov=[[S]])


def test_the_law_of_a_vector_may_not_move():
    with pytest.raises(Refusal, match="law of x depends on S"):
        gradient_flow(E(sq(x0)), S)
    flow = gradient_flow(expect(E(inner(x0, B * x0))), S)
    assert matrix_equal(flow.rhs[S], -B.T)
    with pytest.raises(Refusal, match="depends on S"):
        flow.lie(E(sq(x0)))


def test_potentials_are_opaque():
    flow = gradient_flow(potential("f", A * B), A)
    with pytest.raises(Refusal):
        flow.substitute({B: S})
    with pytest.raises(Refusal):
        flow.lie(flow.rhs[A])


def test_potential_flow_holds_for_any_loss_of_that_form():
    flow = gradient_flow(potential("f", W * V), (W, V), weight_decay=rho)
    assert matrix_equal(flow.lie(W.T * W - V * V.T), -2 * rho * (W.T * W - V * V.T))


def test_flows_pickle_and_hash():
    flow = gradient_flow(sq(A - B) / 2, A, weight_decay=rho).impose(Symmetric(A))
    again = pickle.loads(pickle.dumps(flow))
    assert again == flow and hash(again) == hash(flow) and isinstance(again, MatrixFlow)
    assert again.lie(sq(A)) == flow.lie(sq(A)) and again.residuals == flow.residuals
    assert r"\dot{A}" in flow.latex()


def test_a_potential_moves_by_the_chain_rule():
    """d/dt u(x) = <grad u(x), W'>, for any other potential v of the same weight."""
    x, y = MatrixSymbol("x", 3, 1), MatrixSymbol("y", 3, 1)
    flow = gradient_flow(potential("v", A, y), A)
    found = flow.lie(potential("u", A, x) ** 2)
    slope = {name: -gradient_flow(potential(name, A, at), A).rhs[A] for name, at in (("u", x), ("v", y))}
    assert matrix_equal(found, -2 * potential("u", A, x) * inner(slope["u"], slope["v"]))
    assert flow.lie(potential("u", B, x)) == 0
