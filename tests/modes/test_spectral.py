"""Spectral reduction against the integrated matrix flow and its own diagonalisation."""

import numpy as np
import pytest
import sympy as sp
from numerics import Point, integrate, orthonormal
from sympy import MatrixSymbol, Symbol, Trace, ZeroMatrix, symbols

from symssl import (
    E,
    InputError,
    ModeSum,
    Refusal,
    concentrate,
    cosine,
    gaussians,
    gradient_flow,
    inner,
    norm,
    sg,
    sq,
)

h, d, m = symbols("h d m", integer=True, positive=True)
rho, s2 = symbols("rho sigma2", positive=True)
W, Phi, A = MatrixSymbol("W", h, h), MatrixSymbol("Phi", h, d), MatrixSymbol("A", h, h)
U, V, Q = MatrixSymbol("U", h, h), MatrixSymbol("V", d, h), MatrixSymbol("Q", h, h)
p, q = symbols("p q", real=True)
phi, s, N, T, K = symbols("phi s N T K", positive=True)
x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])
SQUARED = gradient_flow(E(sq(W * Phi * x - sg(Phi * xp))) / 2, (W, Phi), weight_decay=rho).expect()
COSINE = (
    gradient_flow(-E(cosine(W * Phi * x, sg(Phi * xp))), (W, Phi), weight_decay=rho)
    .map(lambda f: concentrate(f, order="o(1)").expr)
    .expect()
)
FRAMES = {W: (U, p, U), Phi: (U, phi, V)}
COUPLINGS = {N: norm(Phi), K: norm(W * Phi)}
VALUES = {"rho": 0.2, "sigma2": 0.3}


def start(rng, modes=3, length=4):
    F, G = orthonormal(modes, modes, rng), orthonormal(length, modes, rng)
    w, f = rng.uniform(0.2, 1, modes), rng.uniform(0.3, 1.2, modes)
    point = Point(
        {
            h: modes,
            d: length,
            rho: VALUES["rho"],
            s2: VALUES["sigma2"],
            W: F @ np.diag(w) @ F.T,
            Phi: F @ np.diag(f) @ G.T,
        }
    )
    return point, (F, G), (w, f)


def modes_by_integration(compiled, y, time, values=None):
    from scipy.integrate import solve_ivp

    run = solve_ivp(compiled.to_function(values), (0, time), np.concatenate(y), rtol=1e-11, atol=1e-12, method="DOP853")
    return run.y[:, -1].reshape(len(y), -1)


@pytest.mark.parametrize("flow", [SQUARED, COSINE], ids=["squared", "cosine"])
def test_modes_are_the_diagonal_of_the_matrix_flow(flow):
    point, (F, G), (w, f) = start(np.random.default_rng(0))
    modes = flow.spectral(FRAMES, couplings=COUPLINGS)
    end = integrate(flow, point, [0.7])[-1]
    rotated = F.T @ end[W] @ F, F.T @ end[Phi] @ G
    for M in rotated:
        assert np.abs(M - np.diag(np.diag(M))).max() < 1e-7
    values = {str(q): VALUES[str(q)] for q in modes.parameters}
    compiled = (
        modes
        if not any(g.atoms(ModeSum) for g in modes.states.values())
        else flow.spectral(FRAMES, couplings={**COUPLINGS, T: inner(Phi, W * Phi)})
    ).compile()
    found = modes_by_integration(compiled, (w, f), 0.7, values)
    assert np.allclose(found, [np.diag(M) for M in rotated], rtol=1e-7, atol=1e-8)


def test_a_change_that_forgets_a_sign_is_refused():
    flow = gradient_flow(sq(A) / 2 - Trace(A), A)  # a' = 1 - a is not even in a
    assert set(flow.spectral({A: (U, p, U)}).states) == {p}
    with pytest.raises(Refusal, match="declare p positive"):
        flow.spectral({A: (U, p, U)}, change={s: p**2})
    a = Symbol("a", positive=True)
    (rate,) = flow.spectral({A: (U, a, U)}, change={s: a**2}).states.values()
    assert sp.simplify(rate - (2 * sp.sqrt(s) - 2 * s)) == 0
    even = gradient_flow(sq(A) / 2, A).spectral({A: (U, p, U)}, change={s: p**2})
    assert even.states[s] == -2 * s


def test_signed_sums_keep_their_sign():
    flow = gradient_flow(sp.sqrt(1 + Trace(A) ** 2) * Trace(A), A)
    modes = flow.spectral({A: (U, p, U)}, couplings={Symbol("tau", real=True): Trace(A)})
    compiled = modes.compile()
    for w in (np.array([0.3, -1.0, 0.2]), np.array([0.3, 1.0, 0.2])):
        t = w.sum()
        assert np.allclose(compiled.rhs(w), -(np.sqrt(1 + t**2) + t**2 / np.sqrt(1 + t**2)))
    absolute = gradient_flow(sp.sqrt(Trace(A) ** 2), A).spectral({A: (U, p, U)}, couplings={q: Trace(A)})
    assert np.allclose(absolute.compile().rhs(np.array([-1.0, 0.5])), 1)


def test_deep_chain_with_data_as_a_frozen_weight():
    """Three layers and a data matrix with zero velocity: the singular values of each move in its frame."""
    n = symbols("n0:4", integer=True, positive=True)
    X1, X2, X3 = (MatrixSymbol(f"X{l + 1}", n[l + 1], n[l]) for l in range(3))
    Y = MatrixSymbol("Y", n[3], n[0])
    B = [MatrixSymbol(f"B{l}", n[l], m) for l in range(4)]
    a, b, c, y = symbols("a b c y", positive=True)
    flow = gradient_flow(sq(X3 * X2 * X1 - Y) / 2, (X1, X2, X3), extra={Y: ZeroMatrix(*Y.shape)})
    modes = flow.spectral({X1: (B[1], a, B[0]), X2: (B[2], b, B[1]), X3: (B[3], c, B[2]), Y: (B[3], y, B[0])})
    assert sp.expand(modes.states[a] - b * c * (y - a * b * c)) == 0 and modes.states[y] == 0
    assert sp.expand(modes.lie(a**2 - b**2)) == 0
    rng = np.random.default_rng(3)
    sizes = dict(zip(n, (4, 3, 2, 3)))
    frames = [orthonormal(sizes[n[l]], 2, rng) for l in range(4)]
    diagonals = rng.uniform(0.3, 1, (4, 2))
    point = Point(
        {
            **sizes,
            X1: frames[1] @ np.diag(diagonals[0]) @ frames[0].T,
            X2: frames[2] @ np.diag(diagonals[1]) @ frames[1].T,
            X3: frames[3] @ np.diag(diagonals[2]) @ frames[2].T,
            Y: frames[3] @ np.diag(diagonals[3]) @ frames[0].T,
        }
    )
    end = integrate(flow, point, [0.8])[-1]
    found = modes_by_integration(modes.compile(), diagonals, 0.8)
    assert np.allclose(frames[1].T @ end[X1] @ frames[0], np.diag(found[0]), atol=1e-8)
    assert np.allclose(np.linalg.svd(end[X3])[1][:2], np.sort(np.abs(found[2]))[::-1], atol=1e-8)


ONE = gradient_flow(sq(A) / 2 * rho, A)
TALL = MatrixSymbol("U", d, h)


@pytest.mark.parametrize(
    "case",
    [
        lambda: ONE.spectral("x"),
        lambda: ONE.spectral({A: 3}),
        lambda: ONE.spectral({}),
        lambda: ONE.spectral({W: (U, p, U)}),
        lambda: ONE.spectral({A: (U, p, TALL)}),
        lambda: ONE.spectral({A: (U, p)}),
        lambda: ONE.spectral({A: (U, p * q, U)}),
        lambda: ONE.spectral({A: (U, rho, U)}),
        lambda: ONE.spectral({A: (A, p, A)}),
        lambda: ONE.spectral({A: (U, p, U)}, couplings={p: norm(A)}),
        lambda: ONE.spectral({A: (U, p, U)}, couplings={rho: norm(A)}),
        lambda: ONE.spectral({A: (U, p, U)}, couplings={N: A}),
        lambda: ONE.spectral({A: (U, p, U)}, couplings={2 * N: norm(A)}),
        lambda: ONE.spectral({A: (U, p, U)}, change={p: p**2}),
        lambda: ONE.spectral({A: (U, p, U)}, change={s: rho**2}),
        lambda: ONE.spectral({A: (U, p, U)}, parameters=(p,)),
        lambda: SQUARED.spectral({W: (U, p, U), Phi: (U, p, V)}),
        lambda: SQUARED.spectral({W: (U, p, U)}),
        lambda: ONE.spectral({A: (U, p, U)}).lie(Symbol("unknown")),
        lambda: ONE.spectral({A: (U, p, U)}).restrict({q: p}),
    ],
)
def test_bad_input(case):
    with pytest.raises(InputError):
        case()
