"""Kernels of networks: against Gaussian averages, their recursion, and random networks."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.integrate import quad
from threadpoolctl import threadpool_limits

from symssl.errors import InputError
from symssl.kernels.relu_networks import ReLUKernel, arc_cosine

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Threads for matrices this small only wait for each other."""
    with threadpool_limits(1):
        yield


def pairs(seed, n=40, m=4, noise=0.5):
    """Views that agree up to noise, features of different sizes."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, m)) * np.linspace(2, 1, m)
    return X, X + noise * rng.standard_normal((n, m))


@given(seeds, st.sampled_from([0, 1]))
def test_arc_cosine_kernels_are_gaussian_averages(seed, order):
    x, y = np.random.default_rng(seed).standard_normal((2, 3))
    theta = np.arccos(x @ y / np.linalg.norm(x) / np.linalg.norm(y))
    # in the plane of x and y the direction w is uniform, and E|w|^2 = 2
    average, _ = quad(lambda u: (np.cos(u) * np.cos(u - theta)) ** order, theta - np.pi / 2, np.pi / 2)
    size = (np.linalg.norm(x) * np.linalg.norm(y)) ** order
    assert arc_cosine(x[None], y[None], order)[0, 0] == pytest.approx(average / np.pi * (2 * size) ** order, rel=1e-10)


@given(seeds, st.integers(0, 3), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_network_kernels_are_their_recursion(seed, depth, tangent, bias):
    X, Y = np.random.default_rng(seed).standard_normal((2, 3, 4))
    S, p, q = 2 * X @ Y.T / 4 + bias, 2 * (X**2).sum(axis=1) / 4 + bias, 2 * (Y**2).sum(axis=1) / 4 + bias
    T = S
    for _ in range(depth):
        root = np.sqrt(p[:, None] * q)
        theta = np.arccos(S / root)
        S = root * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi + bias
        T, p, q = S + (1 - theta / np.pi) * T, p + bias, q + bias
    np.testing.assert_allclose(ReLUKernel(depth, tangent, bias)(X, Y), T if tangent else S, rtol=1e-9, atol=1e-9)


def network(rng, X, width, bias):
    """(outputs, their inner products of gradients) of a random network with two hidden layers."""
    layers, h, size = [], X, X.shape[1]
    for inputs, outputs in ((size, width), (width, width), (width, 1)):
        W, b = rng.standard_normal((outputs, inputs)), rng.standard_normal(outputs)
        z = np.sqrt(2 / inputs) * h @ W.T + np.sqrt(bias) * b
        layers.append((W, h, z))
        h = np.maximum(z, 0)
    slope, tangent = np.ones((len(X), 1)), 0
    for W, h, z in reversed(layers):
        slope = slope * (z > 0) if slope.shape[1] > 1 else slope
        tangent = tangent + (slope @ slope.T) * (2 / h.shape[1] * h @ h.T + bias)
        slope = np.sqrt(2 / h.shape[1]) * slope @ W
    return layers[-1][2][:, 0], tangent


def test_network_kernels_are_those_of_wide_networks():
    X, bias = np.random.default_rng(1).standard_normal((5, 3)), 0.2
    runs = [network(np.random.default_rng([0, k]), X, 128, bias) for k in range(1500)]
    outputs, tangent = np.array([f for f, _ in runs]), np.mean([T for _, T in runs], axis=0)
    covariance, wide = outputs.T @ outputs / len(runs), ReLUKernel(2, False, bias)(X)
    # the deviation of a mean of products of Gaussians, and corrections of the order 1/width
    spread = np.sqrt((wide**2 + np.outer(wide.diagonal(), wide.diagonal())) / len(runs))
    assert (abs(covariance - wide) < 4 * spread + 0.02 * wide.max()).all()
    np.testing.assert_allclose(tangent, ReLUKernel(2, True, bias)(X), rtol=0, atol=0.03 * tangent.max())


@given(
    seeds,
    st.sampled_from(
        [
            lambda Z: arc_cosine(Z, order=0),
            arc_cosine,
            ReLUKernel(1),
            ReLUKernel(3, tangent=True),
            ReLUKernel(2, tangent=True, bias=0.5),
            ReLUKernel(10),
        ]
    ),
)
def test_network_kernels_stay_semidefinite_at_coinciding_points(seed, kernel):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((15, 3))
    Z = np.vstack(
        [
            X,
            X,
            -X,
            3 * X,
            X * (1 + 1e-9 * rng.standard_normal(X.shape)),
            X + 1e-5 * rng.standard_normal(X.shape),
            0 * X[:2],
        ]
    )
    K = kernel(Z)
    values = np.linalg.eigvalsh(K)
    assert values[0] > -1e-13 * values[-1] and np.array_equal(K, K.T)
    assert np.array_equal(K[:15, :15].diagonal(), K[:15, 15:30].diagonal())


def test_close_points_keep_their_angle():
    x, y = np.array([[1.0, 0.0]]), np.array([[1.0, 1e-9]])
    assert 1 - arc_cosine(x, y, 0)[0, 0] == pytest.approx(1e-9 / np.pi, rel=1e-6)
    assert arc_cosine(-x, y, 0)[0, 0] == pytest.approx(1e-9 / np.pi, rel=1e-6)


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: arc_cosine([[1.0]], order=2), "order must be 0 or 1, not 2"),
        (lambda: arc_cosine([[1.0]], [[1.0, 2.0]]), "Y 2"),
        (lambda: arc_cosine([1.0]), "shape"),
        (lambda: arc_cosine([["a"]]), "real numbers"),
        (lambda: arc_cosine([[np.nan]]), "NaN"),
        (lambda: ReLUKernel(-1), "depth"),
        (lambda: ReLUKernel(1, bias=-1.0), "bias"),
        (lambda: ReLUKernel(True), "depth"),
        (lambda: ReLUKernel(1, tangent="no"), "tangent"),
    ],
)
def test_network_kernels_name_bad_input(call, culprit):
    with pytest.raises(InputError, match=culprit):
        call()


X, X_PRIME = pairs(0)
