"""The compiled coupled system against matrices, finite differences and its own parts."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import MatrixSymbol, Trace, symbols

from symssl import InputError, ModeSum, cosine, gradient_flow, norm, sg, sq
from symssl.modes.flow import ModeFlow

h, d = symbols("h d", integer=True, positive=True)
rho, r = symbols("rho r", positive=True)
W, Phi = MatrixSymbol("W", h, h), MatrixSymbol("Phi", h, d)
U, V = MatrixSymbol("U", h, h), MatrixSymbol("V", d, h)
p, phi, N, K, T = symbols("p phi N K T", positive=True)
LOSS = sq(W * Phi - sg(Phi)) / 2 + cosine(W * Phi, sg(Phi)) + r * Trace(W) ** 2 * norm(Phi)
FLOW = gradient_flow(LOSS, (W, Phi), weight_decay=rho)
COMPILED = FLOW.spectral(
    {W: (U, p, U), Phi: (U, phi, V)},
    couplings={N: norm(Phi), K: norm(W * Phi), T: Trace(W), symbols("c"): cosine(Phi, W * Phi)},
    parameters=(r, rho),
).compile()
VALUES = {"r": 0.7, "rho": 0.2}


def by_matrices(w, f):
    """The velocities of diagonal W and Phi, straight from the loss."""

    def loss(w, f, w0, f0):
        c = np.sum(w * f * f0) / np.sqrt(np.sum(w * w * f * f)) / np.sqrt(np.sum(f0 * f0))
        return np.sum((w * f - f0) ** 2) / 2 + c + 0.7 * np.sum(w) ** 2 * np.sqrt(np.sum(f * f))

    out = np.zeros((2, len(w)))
    for k in range(len(w)):
        e = 1e-30j * (np.arange(len(w)) == k)
        out[0, k] = -np.imag(loss(w + e, f + 0 * e, w, f)) / 1e-30 - 0.2 * w[k]
        out[1, k] = -np.imag(loss(w + 0 * e, f + e, w, f)) / 1e-30 - 0.2 * f[k]
    return out


states = st.integers(1, 5).flatmap(lambda n: st.tuples(*[st.lists(st.floats(0.2, 2), min_size=n, max_size=n)] * 2))


@given(states)
def test_velocities(y):
    w, f = map(np.array, y)
    assert np.allclose(COMPILED.rhs(w, f, values=VALUES), by_matrices(w, f), rtol=1e-9, atol=1e-10)


@settings(max_examples=20)
@given(states)
def test_jacobian_against_differences(y):
    y = np.array(y)
    n = y.shape[1]
    f = COMPILED.to_function(VALUES)
    step = 1e-6
    dense = np.stack(
        [(f(0, (y.ravel() + step * e)) - f(0, (y.ravel() - step * e))) / (2 * step) for e in np.eye(2 * n)], axis=1
    )
    D, A, B = COMPILED.jacobian(*y, values=VALUES)
    found = np.block([[np.diag(D[i, k]) + A[i].T @ B[:, k] for k in range(2)] for i in range(2)])
    assert np.allclose(found, dense, rtol=1e-6, atol=1e-6 * np.abs(dense).max())


@given(states)
def test_sensitivity_against_differences(y):
    y, step = np.array(y), 1e-6
    for name, value in VALUES.items():
        ahead, behind = (COMPILED.rhs(*y, values={**VALUES, name: value + e}) for e in (step, -step))
        assert np.allclose(
            COMPILED.sensitivity(name, *y, values=VALUES), (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-7
        )


def test_sensitivity_through_a_sum():
    """M = sum g s^2 moves with g: d/dg of s' = -M s + g is -s sum s^2 + 1."""
    s, g, M, n = symbols("s g M n", real=True)
    flow = ModeFlow({s: g - M * s}, {M: ModeSum(g * s**2)}, (g,), n).compile()
    y = np.array([0.5, 2.0, -1.0])
    assert np.allclose(flow.sensitivity("g", y, values={"g": 0.7})[0], 1 - y * (y @ y))
    with pytest.raises(InputError, match="unknown parameter: the string 'h'"):
        flow.sensitivity("h", y, values={"g": 0.7})


def test_batches_broadcast():
    rng = np.random.default_rng(0)
    w, f = rng.uniform(0.3, 1, (2, 4, 6))
    batch = COMPILED.rhs(w, f, values=VALUES)
    assert batch.shape == (2, 4, 6)
    for k in range(4):
        assert np.allclose(batch[:, k], COMPILED.rhs(w[k], f[k], values=VALUES))
    D, A, B = COMPILED.jacobian(w, f, values=VALUES)
    assert D.shape == (2, 2, 4, 6) and A.shape == (2, 4, 4, 6) and B.shape == (4, 2, 4, 6)


def test_a_flow_without_couplings_is_uncoupled():
    compiled = gradient_flow(sq(W) / 2, W).spectral({W: (U, p, U)}).compile()
    assert np.allclose(compiled.rhs(np.array([1.0, 2])), [[-1, -2]])
    D, A, B = compiled.jacobian(np.array([1.0, 2]))
    assert np.allclose(D, -1) and A.shape == (1, 0, 2) and B.shape == (0, 1, 2)
    assert compiled.couplings_at(np.array([1.0])) == {}


def test_pickles():
    again = pickle.loads(pickle.dumps(COMPILED))
    w = np.array([0.5, 1.0])
    assert np.array_equal(again.rhs(w, w, values=VALUES), COMPILED.rhs(w, w, values=VALUES))


@pytest.mark.parametrize(
    "case",
    [
        lambda: COMPILED.rhs([1.0], values=VALUES),
        lambda: COMPILED.rhs(1.0, 2.0, values=VALUES),
        lambda: COMPILED.rhs([], [], values=VALUES),
        lambda: COMPILED.rhs([1.0], [1.0]),
        lambda: COMPILED.rhs([1.0], [1.0], values={"r": 1, "rho": 1, "q": 2}),
        lambda: COMPILED.to_function({"r": 1}),
        lambda: COMPILED.rhs(["a"], ["b"], values=VALUES),
        lambda: COMPILED.rhs([1.0, 2.0], [1.0, 2.0, 3.0], values=VALUES),
        lambda: COMPILED.rhs([1j], [1j], values=VALUES),
        lambda: COMPILED.rhs([1.0], [1.0], values={"r": "a", "rho": 1}),
        lambda: COMPILED.to_function(VALUES)(0, np.ones(3)),
    ],
)
def test_bad_input(case):
    with pytest.raises(InputError):
        case()
