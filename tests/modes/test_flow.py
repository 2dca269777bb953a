"""Mode flows: derivatives of couplings, restriction, refusals."""

import pickle

import numpy as np
import pytest
import sympy as sp
from numerics import Point, orthonormal
from sympy import MatrixSymbol, symbols

from symssl import (
    E,
    InputError,
    ModeFlow,
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


def test_lie_derivatives_of_couplings():
    modes = COSINE.spectral(FRAMES, couplings={**COUPLINGS, T: inner(Phi, W * Phi)})
    point, _, (w, f) = start(np.random.default_rng(2))
    step = 1e-5
    velocity = {X: point(g) for X, g in COSINE.rhs.items()}
    flat = {**{c: point(e) for c, e in {**COUPLINGS, T: inner(Phi, W * Phi)}.items()}, rho: 0.2, s2: 0.3}
    for c, definition in {**COUPLINGS, T: inner(Phi, W * Phi)}.items():
        up, down = (point.moved({X: point(X) + e * step * v for X, v in velocity.items()})(definition) for e in (1, -1))
        rate = modes.lie(c)
        rate = rate.xreplace(
            {n: sum(float(n.args[0].subs({p: a, phi: b})) for a, b in zip(w, f)) for n in rate.atoms(ModeSum)}
        )
        assert np.isclose(float(rate.subs(flat)), (up - down) / (2 * step), rtol=1e-6)


def test_change_of_variable_and_restriction():
    modes = SQUARED.spectral(FRAMES, change={s: phi**2})
    assert set(modes.states) == {p, s}
    curve = modes.restrict({s: p**2})
    assert set(curve.states) == {p}
    expected = p**2 * (1 - (1 + s2) * p) - rho * p
    assert sp.expand(curve.states[p] - expected) == 0
    with pytest.raises(Refusal):
        modes.restrict({s: p})
    frozen = curve.freeze()
    assert sp.expand(frozen.states[p] - expected) == 0


def test_sums_without_a_coupling_can_be_neither_frozen_nor_compiled():
    modes = gradient_flow(sq(A) ** 2 / 4, A).spectral({A: (U, p, U)})
    with pytest.raises(Refusal, match="coupling"):
        modes.freeze()
    with pytest.raises(InputError, match="coupling"):
        modes.compile()


def test_mode_flows_pickle_and_print():
    modes = SQUARED.spectral(FRAMES, change={s: phi**2}, couplings={N: norm(Phi)})
    again = pickle.loads(pickle.dumps(modes))
    assert (
        isinstance(again, ModeFlow) and again == modes and hash(again) == hash(modes) and again.lie(N) == modes.lie(N)
    )
    assert r"\sum_{j}" in modes.latex()
    frozen = modes.freeze()
    assert pickle.loads(pickle.dumps(frozen)) == frozen
