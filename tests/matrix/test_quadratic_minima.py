"""Minima of quadratic forms on frames, against random search and eigenvalues in floating point."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl.errors import InputError, Undecided
from symssl.matrix.quadratic_minima import contraction_minimum, frame_minimum, is_semidefinite, product_minimum

diagonals = st.lists(st.integers(-4, 4), min_size=1, max_size=5)
symmetric = st.lists(st.integers(-3, 3), min_size=3, max_size=3).map(lambda v: sp.Matrix([[v[0], v[1]], [v[1], v[2]]]))


def lowest(C, k):
    return np.sort(np.linalg.eigvalsh(np.array(C, float)))[:k]


def frames(rng, n, k):
    return np.linalg.qr(rng.normal(size=(n, k)))[0]


@given(diagonals, st.integers(1, 5))
def test_values_by_eigenvalues(values, k):
    C = sp.diag(*values)
    if k <= len(values):
        assert frame_minimum(C, k).value == sum(sorted(values)[:k])
    assert contraction_minimum(C, k).value == sum(v for v in sorted(values)[:k] if v < 0)


@settings(max_examples=15)
@given(symmetric, st.integers(1, 2))
def test_certificates_of_full_matrices(C, k):
    for found in (frame_minimum(C, k), contraction_minimum(C, k), product_minimum(C, k, 3)):
        assert found.certified()
    assert float(frame_minimum(C, k).value) == pytest.approx(lowest(C, k).sum())


@given(diagonals, st.integers(1, 4), st.integers(0, 3), st.integers(0, 10**6))
def test_no_pair_of_frames_does_better(values, k, extra, seed):
    """Random frames stay above the minimum; the bound on tr S is the best possible."""
    C, d = sp.diag(*values), len(values)
    h = max(d, k) + extra
    found = product_minimum(C, k, h)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        M = frames(rng, h, k).T @ frames(rng, h, d)
        assert np.trace(M @ np.diag(values) @ M.T) >= float(found.value) - 1e-9
        parts = found.terms(sp.Matrix(M.T @ M))
        assert min(map(float, parts)) > -1e-9
        assert float(sum(parts)) == pytest.approx(np.trace(M @ np.diag(values) @ M.T) - float(found.value))
    assert found.certified()


@given(diagonals, st.integers(1, 4), st.integers(0, 3))
def test_the_minimum_is_attained_by_a_pair_of_frames(values, k, extra):
    """Columns of W_2: the kept eigenvectors, the rest orthogonal to the range of W_1."""
    d = len(values)
    h = max(d, k) + extra
    found = product_minimum(sp.diag(*values), k, h)
    W1 = np.eye(h)[:, :d]
    kept = np.array(found.frame.tolist(), float).reshape(d, found.rank)
    spare = np.eye(h)[:, d:]
    assert found.rank + spare.shape[1] >= k
    W2 = np.hstack([W1 @ kept, spare])[:, :k]
    np.testing.assert_allclose(W2.T @ W2, np.eye(k), atol=1e-12)
    M = W2.T @ W1
    assert np.trace(M @ np.diag(values) @ M.T) == pytest.approx(float(found.value))


def test_uniqueness():
    assert frame_minimum(sp.diag(-2, -1, 3), 2).unique
    assert not frame_minimum(sp.diag(-2, -1, -1), 2).unique
    assert not contraction_minimum(sp.diag(-2, 0), 2).unique  # the kernel is free
    assert contraction_minimum(sp.diag(-2, 1), 2).unique
    assert contraction_minimum(sp.diag(1, 2), 1).unique  # only zero
    assert product_minimum(sp.diag(1, 2), 1, 2).unique
    assert not product_minimum(sp.diag(0, 2), 1, 3).unique  # zero, or the kernel


def test_a_wrong_certificate_is_not_certified():
    from dataclasses import replace

    found = frame_minimum(sp.diag(-2, -1, 3), 2)
    assert found.certified()
    assert not replace(found, value=found.value - 1).certified()
    assert not replace(found, frame=sp.ImmutableMatrix(sp.eye(3)[:, 1:])).certified()
    assert not replace(found, threshold=sp.Integer(5)).certified()
    low = contraction_minimum(sp.diag(-2, -1, 3), 1)
    assert not replace(low, upper=2).certified()  # a second column would gain


def test_symbolic_eigenvalues():
    a, b, c = sp.symbols("a b c", positive=True)
    found = frame_minimum(sp.diag(-a, -a + b, -a + b + c), 2)
    assert found.value == -2 * a + b and found.certified() and found.unique
    x, y = sp.symbols("x y", real=True)
    with pytest.raises(Undecided):
        frame_minimum(sp.diag(x, y), 1)


@given(symmetric)
def test_semidefinite(C):
    assert is_semidefinite(C) == (np.linalg.eigvalsh(np.array(C.tolist(), float)).min() > -1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: frame_minimum(sp.Matrix([[0, 1], [0, 0]]), 1),
        lambda: frame_minimum(sp.eye(2), 3),
        lambda: frame_minimum(sp.Matrix([[0.5]]), 1),
        lambda: frame_minimum(sp.ones(2, 3), 1),
        lambda: product_minimum(sp.eye(2), 1, 1),
        lambda: contraction_minimum(sp.eye(2), 0),
    ],
)
def test_malformed_input_is_refused(call):
    with pytest.raises(InputError):
        call()
