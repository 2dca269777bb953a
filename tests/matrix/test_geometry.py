"""Geometries of constrained weights: tangent, steepest in their metric, kept by the flow."""

import numpy as np
import pytest
from numerics import Point, complex_step, integrate, orthonormal
from sympy import Matrix, MatrixSymbol, symbols

from symssl import (
    Grassmann,
    InputError,
    Orthonormal,
    Stiefel,
    Symmetric,
    gradient_flow,
    inner,
    sq,
)

k, m, n, d, N = symbols("k m n d N", integer=True, positive=True)
A = MatrixSymbol("A", n, n)


def close(a, b, tol=1e-9):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=tol, atol=tol * (1 + np.abs(b).max(initial=0))), (a, b)


S, B = MatrixSymbol("S", n, n), MatrixSymbol("B", n, n)


def symmetric(rng):
    M = rng.normal(size=(3, 3))
    return M + M.T


@pytest.mark.parametrize(
    "geometry, rows",
    [
        (Stiefel(), False),
        (Stiefel("euclidean"), False),
        (Grassmann(), False),
        (Stiefel(rows=True), True),
        (Stiefel("euclidean", rows=True), True),
        (Grassmann(rows=True), True),
    ],
)
def test_geometries_keep_orthonormal_frames(geometry, rows):
    rng = np.random.default_rng(7)
    Q, D = MatrixSymbol("Q", 4, 2), MatrixSymbol("D", 4, 4)
    Q = MatrixSymbol("Q", 2, 4) if rows else Q
    tall = Q.T if rows else Q
    loss = -inner(tall, D * tall) / 2 + sq(tall.T * D * tall) / 4 + inner(MatrixSymbol("G", 4, 2), tall)
    flow = gradient_flow(loss, Q, geometry={Q: geometry})
    imposed = flow.impose(Orthonormal(tall))
    assert not imposed.residuals
    plain = gradient_flow(loss, Q).impose(Orthonormal(tall))
    assert plain.residuals
    start = orthonormal(4, 2, rng)
    point = Point(
        {Q: start.T if rows else start, D: rng.normal(size=(4, 4)), MatrixSymbol("G", 4, 2): rng.normal(size=(4, 2))}
    )
    end = integrate(flow, point, [0.5, 1.0])[-1][Q]
    end = end.T if rows else end
    close(end.T @ end, np.eye(2), 1e-8)
    # steepest in its metric on the tangent space: the loss falls by <G, grad> = |grad|^2
    G, v = complex_step(loss, Q, point), -point(flow.rhs[Q])
    X = point(Q)
    if rows:
        G, v, X = G.T, v.T, X.T
    metric = np.sum(v * v) - (np.sum((X.T @ v) ** 2) / 2 if geometry.__dict__.get("metric") == "canonical" else 0)
    close(np.sum(G * v), metric, 1e-8)
    tangent = X.T @ v
    close(tangent, -tangent.T if isinstance(geometry, Stiefel) else 0 * tangent, 1e-8)
    if isinstance(geometry, Stiefel):
        assert np.abs(tangent).max() > 0.01  # tangent, but not horizontal


def test_symmetric_geometry():
    rng = np.random.default_rng(8)
    loss = sq(A - B) / 2
    for geometry in (Symmetric(), Symmetric(A)):
        flow = gradient_flow(loss, A, geometry={A: geometry})
        assert not flow.impose(Symmetric(A)).residuals
        point = Point({n: 3, A: symmetric(rng), B: rng.normal(size=(3, 3))})
        G = complex_step(loss, A, point)
        close(point(flow.rhs[A]), -(G + G.T) / 2)


@pytest.mark.parametrize("geometry", [Stiefel, Grassmann])
@pytest.mark.parametrize("rows", [False, True])
def test_a_frame_of_more_vectors_than_entries_is_refused(geometry, rows):
    """Symbolic matrices and explicit ones, whose shapes are plain integers."""
    wide, tall = Matrix([[1, 0, 0]]), MatrixSymbol("W", n + 1, n)
    fitting, others = ((wide, tall.T), (wide.T, tall)) if rows else ((wide.T, tall), (wide, tall.T))
    for W in (*fitting, Matrix(0, 0, []), MatrixSymbol("W", n, m)):
        geometry(rows=rows).check(W)
    for W in others:
        with pytest.raises(InputError, match=f"cannot be orthonormal; set rows={not rows}"):
            geometry(rows=rows).check(W)
