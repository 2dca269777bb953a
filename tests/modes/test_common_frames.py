"""Matrices in common frames: values of words in one mode, and what leaves the frames."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from numerics import Point, orthonormal, word_product, words
from sympy import Float, MatrixSymbol, Symbol, Trace, symbols

from symssl import (
    E,
    InputError,
    MatrixFlow,
    ModeSum,
    Refusal,
    cosine,
    gaussians,
    gradient_flow,
    inner,
    norm,
    sg,
    sq,
)
from symssl.modes.common_frames import FramedFlow
from symssl.modes.spectral import off_frame

h, d, m = symbols("h d m", integer=True, positive=True)
rho, s2 = symbols("rho sigma2", positive=True)
W, Phi, A = MatrixSymbol("W", h, h), MatrixSymbol("Phi", h, d), MatrixSymbol("A", h, h)
U, V, Q = MatrixSymbol("U", h, h), MatrixSymbol("V", d, h), MatrixSymbol("Q", h, h)
p, q = symbols("p q", real=True)
phi, s, N, T, K = symbols("phi s N T K", positive=True)
x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])
SQUARED = gradient_flow(E(sq(W * Phi * x - sg(Phi * xp))) / 2, (W, Phi), weight_decay=rho).expect()
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


def test_couplings_have_the_value_of_their_matrices():
    point, _, (w, f) = start(np.random.default_rng(1))
    definitions = {**COUPLINGS, T: inner(Phi, W * Phi), Symbol("H"): Trace(W * W) * norm(W), Symbol("J"): Trace(W)}
    compiled = SQUARED.spectral(FRAMES, couplings=definitions).compile()
    found = compiled.couplings_at(w, f, values=VALUES)
    for name, definition in definitions.items():
        assert np.isclose(found[str(name)], point(definition))


def test_a_flow_that_leaves_the_frames_is_refused():
    B = MatrixSymbol("B", h, h)
    flow = gradient_flow(sq(A - B) / 2, A)
    with pytest.raises(Refusal, match="leaves the frames") as caught:
        flow.spectral({A: (U, p, U)})
    assert caught.value.residual is not None
    assert off_frame(flow, {A: (U, p, U)})[A] != sp.ZeroMatrix(h, h)
    # W' = -W W^T W + W^T is kept by a common frame of both sides, not by two different ones
    mixed = gradient_flow(sq(W.T * W) / 4 - Trace(W * W) / 2, W)
    assert mixed.spectral({W: (U, p, U)}).states[p] == -(p**3) + p
    with pytest.raises(Refusal):
        mixed.spectral({W: (U, p, Q)})


def test_unevaluated_expectations_are_refused():
    with pytest.raises(Refusal, match="expectations"):
        gradient_flow(-E(cosine(W * Phi * x, sg(Phi * xp))), (W, Phi)).spectral(FRAMES)


@settings(max_examples=30)
@given(st.data(), st.integers(0, 10**6))
def test_traces_of_framed_words_are_sums_over_modes(data, seed):
    """tr of a word of W = U diag(p) U^T and Phi = U diag(phi) V^T, by matrices and by modes."""
    word = data.draw(words((W, Phi), h, h, 4))
    trace = Trace(word_product(word))
    framed = FramedFlow(MatrixFlow({W: W, Phi: Phi}), FRAMES)
    value = framed.coupling(T, trace)
    point, _, (w, f) = start(np.random.default_rng(seed))
    by_modes = value.xreplace(
        {
            node: Float(sum(float(node.args[0].subs({p: a, phi: b})) for a, b in zip(w, f)))
            for node in value.atoms(ModeSum)
        }
    )
    assert np.isclose(float(by_modes), point(trace), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    "frames, reason",
    [
        ({W: (U, p, U)}, "must give a frame to each weight"),
        ({W: (U, p, U), Phi: (U, p, V)}, "used twice"),
        ({W: (U, p), Phi: (U, phi, V)}, "triple"),
        ({W: (U, p, U), Phi: (V, phi, V)}, "is h x d"),
        ({W: (W, p, U), Phi: (U, phi, V)}, "is itself a weight"),
    ],
)
def test_frames_that_do_not_fit(frames, reason):
    with pytest.raises(InputError, match=reason):
        FramedFlow(MatrixFlow({W: W, Phi: Phi}), frames)
