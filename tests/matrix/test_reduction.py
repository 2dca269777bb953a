"""Flows of words, linear flows and other clocks, against integration and difference quotients by NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import Point
from sympy import Identity, MatrixSymbol, Rational, Trace, ZeroMatrix, exp, log, symbols

from symssl import (
    Grassmann,
    InputError,
    MatrixFlow,
    Orthonormal,
    Refusal,
    Stiefel,
    Symmetric,
    gradient_flow,
    inner,
    matrix_equal,
    norm,
    samples,
    sq,
    total,
)

h, d, z = symbols("h d z", integer=True, positive=True)
C = MatrixSymbol("C", d, d)
W1, W2, q = MatrixSymbol("W_1", h, d), MatrixSymbol("W_2", h, z), MatrixSymbol("q", d, z)
LOSS = Trace(W2.T * W1 * C * W1.T * W2)
TWO = gradient_flow(LOSS, (W1, W2), geometry={W1: Grassmann(), W2: Grassmann()}).impose(
    Symmetric(C), Orthonormal(W1), Orthonormal(W2)
)


def frame(rows, columns, rng):
    return np.linalg.qr(rng.normal(size=(rows, columns)))[0]


@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 10**6))
def test_the_image_of_a_flow_moves_as_the_word_does(wide, outputs, more, seed):
    """Against the two layers, integrated as they are."""
    rng = np.random.default_rng(seed)
    high = max(wide, outputs) + more
    c = rng.normal(size=(wide, wide))
    c = c + c.T
    w1, w2 = frame(high, wide, rng), frame(high, outputs, rng)

    def velocity(state):
        a, b = state[: high * wide].reshape(high, wide), state[high * wide :].reshape(high, outputs)
        da = -2 * (np.eye(high) - a @ a.T) @ b @ b.T @ a @ c
        db = -2 * (np.eye(high) - b @ b.T) @ a @ c @ a.T @ b
        return np.concatenate([da.ravel(), db.ravel()])

    def rk4(f, y, time, steps=400):
        for _ in range(steps):
            k = time / steps
            k1 = f(y)
            k2 = f(y + k / 2 * k1)
            k3 = f(y + k / 2 * k2)
            y = y + k / 6 * (k1 + 2 * k2 + 2 * k3 + f(y + k * k3))
        return y

    end = rk4(velocity, np.concatenate([w1.ravel(), w2.ravel()]), 0.3)
    expected = end[: high * wide].reshape(high, wide).T @ end[high * wide :].reshape(high, outputs)
    rhs = TWO.image({q: W1.T * W2}).rhs[q]
    sizes = {d: wide, z: outputs, h: high}

    def rate(y):
        return np.asarray(Point({**sizes, C: c, q: y.reshape(wide, outputs)})(rhs)).ravel()

    found = rk4(rate, (w1.T @ w2).ravel(), 0.3).reshape(wide, outputs)
    assert np.allclose(found, expected, atol=1e-6)


def test_an_image_keeps_relations_of_the_data_only():
    image = TWO.image({q: W1.T * W2})
    assert image.where == (Symmetric(C),) and set(image.rhs) == {q}
    assert matrix_equal(image.rhs[q], -4 * C * q + 2 * C * q * q.T * q + 2 * q * q.T * C * q, where=Symmetric(C))


def test_the_images_of_two_words_at_once():
    """The trace of both is the same number, written as the trace of either."""
    P, Q = MatrixSymbol("P", d, d), MatrixSymbol("Q", h, h)
    words = {P: W1.T * W1, Q: W1 * W1.T}
    both = gradient_flow(sq(W1) ** 2 / 4, W1).image(words)
    for new, rate in both.rhs.items():
        assert rate in (-2 * Trace(P) * new, -2 * Trace(Q) * new)


def test_what_does_not_close_is_refused_with_the_rest():
    with pytest.raises(Refusal) as caught:
        gradient_flow(sq(W1 * C), W1).image({q.func("P", h, h): W1 * W1.T})
    assert caught.value.residual.has(W1)


@pytest.mark.parametrize("words", [{}, None, {q: W1}, {q: W1.T * W2 + W1.T * W2}, {W1: W1}, {q: 2 * W1.T * W2}, {C: C}])
def test_image_refuses_bad_words(words):
    with pytest.raises(InputError):
        TWO.image(words)


k, n, N = symbols("k n N", integer=True, positive=True)
W, D, A = MatrixSymbol("W", k, n), MatrixSymbol("D", k, n), MatrixSymbol("A", n, n)
i, j = symbols("i j")
xs, ys = samples("x", n, N), samples("y", n, N)
EXPONENTIAL = total(log(total(exp(-sq(W * (xs[i] - xs[j])) / 2), j) + exp(-sq(W * (xs[i] - ys[i])))), i)


@settings(max_examples=15)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_a_linear_flow_is_the_limit_of_a_difference_quotient(rows, columns, count, seed):
    """About W = 0, for a loss with exponentials of sums of samples."""
    rng = np.random.default_rng(seed)
    data = {"x": rng.normal(size=(count, columns)), "y": rng.normal(size=(count, columns))}
    direction = rng.normal(size=(rows, columns))

    def slope(w):
        """The gradient of the loss, by hand."""
        out = np.zeros_like(w)
        for a in range(count):
            gaps = data["x"][a] - data["x"]
            weights = np.exp(-((gaps @ w.T) ** 2).sum(1) / 2)
            own = data["x"][a] - data["y"][a]
            last = np.exp(-((w @ own) ** 2).sum())
            out -= (w @ ((weights[:, None] * gaps).T @ gaps) + 2 * last * w @ np.outer(own, own)) / (
                weights.sum() + last
            )
        return out

    step = 1e-5
    expected = -(slope(step * direction) - slope(-step * direction)) / (2 * step)
    linear = gradient_flow(EXPONENTIAL, W).linearize({W: ZeroMatrix(k, n)}, {W: D})
    at = {k: rows, n: columns, N: count, D: direction}
    at |= {(name, a + 1): data[name][a][:, None] for name in data for a in range(count)}
    assert np.allclose(Point(at)(linear.rhs[D]), expected, atol=1e-6)


def test_a_linear_flow_about_a_frame():
    """Oja's flow about a frame that spans everything: only the Gram matrix relaxes."""
    S, V, T = MatrixSymbol("S", n, n), MatrixSymbol("V", n, n), MatrixSymbol("T", n, n)
    flow = MatrixFlow({S: A * S - S * S.T * A * S}, where=(Symmetric(A),))
    linear = flow.linearize({S: V}, {S: T}, where=(Orthonormal(V),))
    assert matrix_equal(
        linear.rhs[T],
        -V * T.T * A * V - V * V.T * A * T + A * T - T * V.T * A * V,
        where=(Symmetric(A), Orthonormal(V)),
    )


def test_linearize_refuses_what_moves_and_what_does_not_fit():
    flow = gradient_flow(sq(W * A) + inner(W, W), W)
    with pytest.raises(Refusal) as caught:
        flow.linearize({W: MatrixSymbol("B", k, n)}, {W: D})
    assert caught.value.residual.has(MatrixSymbol("B", k, n))
    zero = {W: ZeroMatrix(k, n)}
    for at, directions in (
        (zero, {}),
        ({}, {W: D}),
        (zero, {W: A}),
        ({W: ZeroMatrix(n, n)}, {W: D}),
        (zero, {W: 2 * D}),
    ):
        with pytest.raises(InputError):
            flow.linearize(at, directions)


def test_another_clock_has_the_same_trajectories():
    fast = gradient_flow(norm(W) ** 4 / 4, W).retime(norm(W) ** 2)
    assert matrix_equal(fast.rhs[W], -W)
    assert fast.retime(2).rhs[W] == -W / 2
    for speed in (W, -1, 0, Identity(2)):
        with pytest.raises(InputError):
            fast.retime(speed)


def test_roots_real_near_zero_only_are_rechecked_there():
    """(1 - |q|^2)^(1/4) is real for small q only; the recheck says that it went there."""
    v = MatrixSymbol("v", n, 1)
    root = (1 - sq(v)) ** Rational(1, 4)
    proof = matrix_equal(root**3 * v, (1 - sq(v)) * v / root)
    assert proof and all("divided by" in text for text in proof.rechecked)
    assert not matrix_equal(root**3 * v, (1 - sq(v)) ** 2 * v / root)


def test_the_stiefel_flow_of_two_layers_is_ojas():
    flow = gradient_flow(LOSS, (W1, W2), geometry={W1: Stiefel(), W2: Stiefel()}).impose(
        Symmetric(C), Orthonormal(W1), Orthonormal(W2)
    )
    assert matrix_equal(flow.image({q: W1.T * W2}).rhs[q], 4 * (q * q.T * C * q - C * q), where=Symmetric(C))
