"""Kernel self-supervised learning: against explicit features, against descent, and kernels against random networks."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.utils.estimator_checks import estimator_checks_generator
from threadpoolctl import threadpool_limits

from symssl.errors import InputError
from symssl.kernels import spectrum as kernelspectrum
from symssl.kernels.estimator import KernelSSL
from symssl.kernels.relu_networks import ReLUKernel, arc_cosine
from symssl.simulate import CrossCorrelation, cross_correlation, train

seeds = st.integers(0, 2**32 - 1)
solvers = st.sampled_from(["dense", "lanczos"])
KERNELS = [
    dict(kernel="rbf"),
    dict(kernel="rbf", gamma=0.02),
    dict(kernel="poly", degree=2),
    dict(kernel="laplacian"),
    dict(kernel="cosine"),
    dict(kernel=ReLUKernel(2)),
    dict(kernel=ReLUKernel(2, tangent=True, bias=0.1)),
    dict(kernel=arc_cosine, kernel_params={"order": 0}),
    dict(kernel="rbf", centre=True),
]


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


def exchanged(V):
    return np.roll(V, len(V) // 2, axis=0)


def similar(one, other, rtol=1e-7):
    """Embeddings that agree up to the signs of their components."""
    signs = np.sign((one * other).sum(axis=0))
    np.testing.assert_allclose(one, other * signs, rtol=0, atol=rtol * abs(one).max())


# --- explicit features -----------------------------------------------------------------------


@given(seeds, solvers, st.integers(1, 4), st.integers(4, 30))
def test_a_linear_kernel_is_the_linear_model(seed, solver, d, n):
    X, X_prime = pairs(seed, n, noise=0.2)
    values, V = np.linalg.eigh(cross_correlation(X, X_prime))
    values, V = values[::-1], V[:, ::-1]
    d = min(d, (values > 1e-3 * values[0]).sum())
    model = KernelSSL(d, "linear", solver=solver, random_state=0).fit(X, X_prime)
    np.testing.assert_allclose(model.eigenvalues_, values[:d], rtol=1e-9)
    new = np.random.default_rng(seed).standard_normal((7, 4))
    if abs(np.diff(values[: d + 1])).min(initial=1) > 1e-3 * values[0]:
        similar(model.transform(new), new @ V[:, :d] / np.sqrt(values[:d]))
    W = model.dual_coef_.T @ model.X_fit_  # |g_j| = 1, orthogonal
    np.testing.assert_allclose(W @ W.T, np.eye(d), rtol=0, atol=1e-7)


@given(seeds, solvers)
def test_the_eigenvalues_are_those_of_the_kernelised_gamma_as_printed(seed, solver):
    X, X_prime = pairs(seed, 12)
    Z = np.vstack([X, X_prime])
    K = rbf_kernel(Z, gamma=0.5)
    values, V = np.linalg.eigh(K)
    root = V / np.sqrt(values) @ V.T
    xx, xy, yx, yy = K[:12, :12], K[:12, 12:], K[12:, :12], K[12:, 12:]
    half = np.block([[xy @ xx, xy @ xy], [yy @ xx, yy @ xy]]) / 24
    gamma, b = np.linalg.eigh(root @ (half + half.T) @ root)
    model = KernelSSL(5, gamma=0.5, solver=solver).fit(X, X_prime)
    np.testing.assert_allclose(model.eigenvalues_, gamma[:-6:-1], rtol=1e-8)
    f = (b[:, :-6:-1] / np.sqrt(gamma[:-6:-1])).T @ root @ K[:, :12]
    np.testing.assert_allclose(
        model.transform(X) @ model.transform(X).T, f.T @ f, rtol=0, atol=1e-5 * abs(f).max() ** 2
    )


@given(seeds, solvers)
def test_centring_is_that_of_the_features(seed, solver):
    X, X_prime = pairs(seed)
    mean = np.vstack([X, X_prime]).mean(axis=0)
    inside = KernelSSL(3, "linear", centre=True, solver=solver).fit(X + 1, X_prime + 1)
    outside = KernelSSL(3, "linear", solver=solver).fit(X - mean, X_prime - mean)
    np.testing.assert_allclose(inside.eigenvalues_, outside.eigenvalues_, rtol=1e-9)
    f, g = inside.transform(2 * X + 1), outside.transform(2 * X - mean)
    np.testing.assert_allclose(f @ f.T, g @ g.T, rtol=0, atol=1e-6 * abs(g).max() ** 2)


def test_equal_views_give_the_kernel_over_the_number_of_samples():
    X, _ = pairs(0)
    values = np.linalg.eigvalsh(rbf_kernel(X))[::-1]
    np.testing.assert_allclose(KernelSSL(5).fit(X, X).eigenvalues_, values[:5] / len(X), rtol=1e-12)


# --- symmetries, and what is learnt ----------------------------------------------------------


@given(seeds, solvers, st.sampled_from(KERNELS))
def test_the_order_of_pairs_and_of_views_does_not_matter(seed, solver, options):
    X, X_prime = pairs(seed)
    rng = np.random.default_rng(seed)
    order, side = rng.permutation(len(X)), rng.integers(0, 2, (len(X), 1)) > 0
    one = KernelSSL(3, solver=solver, random_state=0, **options).fit(X, X_prime)
    other = KernelSSL(3, solver=solver, random_state=1, **options).fit(
        np.where(side, X, X_prime)[order], np.where(side, X_prime, X)[order]
    )
    np.testing.assert_allclose(one.eigenvalues_, other.eigenvalues_, rtol=1e-8)
    gaps = -np.diff(KernelSSL(4, solver="dense", **options).fit(X, X_prime).eigenvalues_)
    if gaps[-1] > 1e-3 * one.eigenvalues_[0]:  # the space of the components is well defined
        f, g = one.transform(X), other.transform(X)
        np.testing.assert_allclose(f @ f.T, g @ g.T, rtol=0, atol=1e-6 * abs(f).max() ** 2)


@given(seeds, solvers, st.sampled_from(KERNELS), st.integers(1, 4))
def test_the_cross_correlation_becomes_the_identity(seed, solver, options, d):
    X, X_prime = pairs(seed)
    model = KernelSSL(d, solver=solver, scale=1e-3, **options)
    f = model.fit_transform(X, X_prime)
    np.testing.assert_allclose(f, model.transform(X), rtol=0, atol=1e-7 * abs(f).max())
    np.testing.assert_allclose(cross_correlation(f, model.transform(X_prime)), np.eye(d), rtol=0, atol=1e-8)
    times = np.array([0, 1, 10, np.inf])
    path = model.trajectories(times)
    for time, expected, s in zip(times, path.correlations, path.singular_values):
        f, g = model.transform(X, time=time), model.transform(X_prime, time=time)
        np.testing.assert_allclose(cross_correlation(f, g), np.diag(expected), rtol=0, atol=1e-8)
        fresh = clone(model).set_params(time=time).fit_transform(X, X_prime)
        np.testing.assert_allclose(f, fresh, rtol=0, atol=1e-7 * abs(f).max())
    assert path.loss[0] == pytest.approx(d, rel=1e-4) and path.loss[-1] < 1e-24
    assert (np.diff(path.norm) > -1e-12 * path.norm[-1]).all()
    # the norm of f in the space of the kernel
    if not model.centre:
        a, Z = model.dual_coef_ * s, model.X_fit_
        assert np.einsum("ij,ij->", a, model._evaluator(Z.shape[1])(Z, Z) @ a) == pytest.approx(path.norm[-1], rel=1e-7)


def test_no_function_without_loss_has_less_norm():
    X, X_prime = pairs(3)
    model = KernelSSL(3, "linear").fit(X, X_prime)
    gamma, least, rng = cross_correlation(X, X_prime), model.trajectories(np.inf).norm[0], np.random.default_rng(0)
    for _ in range(100):
        W = rng.standard_normal((3, 4))
        C = W @ gamma @ W.T
        if np.linalg.eigvalsh(C)[0] > 0:
            assert (np.linalg.solve(np.linalg.cholesky(C), W) ** 2).sum() > least


# --- finite times against descent ------------------------------------------------------------


@given(seeds, solvers)
@settings(max_examples=15)
def test_finite_times_are_those_of_descent_from_an_aligned_start(seed, solver):
    X, X_prime = pairs(seed, noise=0.2)
    start, eta = np.array([0.02, 0.05, 0.03]), 2e-4
    model = KernelSSL(3, "linear", solver=solver, scale=start).fit(X, X_prime)
    V = model.dual_coef_.T @ model.X_fit_
    learner = CrossCorrelation(cross_correlation(X, X_prime), 3)
    run = train(learner, steps=2000, eta=eta, every=100, start={"W": start[:, None] * V})
    path = model.trajectories(run.times)
    # a step of descent errs by eta^2 s''/2: the error shrinks with eta
    assert path.correlations[-1, 0] > 0.5
    assert abs(np.sort(path.correlations)[:, ::-1] - run["eigenvalues"]).max() < 60 * eta
    np.testing.assert_allclose(path.loss, run["loss"], rtol=0, atol=120 * eta)
    np.testing.assert_allclose(
        model.transform(X, time=run.times[-1]), X @ run.weights["W"].T, rtol=0, atol=60 * eta * abs(X).max()
    )


def test_small_generic_starts_act_as_aligned_ones():
    X, X_prime = pairs(5, noise=0.2)
    learner = CrossCorrelation(cross_correlation(X, X_prime), 3, 1e-6)
    start = learner.start(np.random.default_rng(0))
    run = train(learner, steps=6000, eta=5e-4, every=100, start=start)
    path = KernelSSL(3, "linear", scale=learner.aligned(start)[1]).fit(X, X_prime).trajectories(run.times)
    assert abs(path.correlations - run["eigenvalues"]).max() < 0.05 and path.loss[-1] < 1e-3
    assert np.abs(np.diff(path.loss)).max() > 0.2  # steps


def test_the_start_is_that_of_gaussian_weights():
    X, X_prime = pairs(0)
    s = KernelSSL(3, scale=1e-3).fit(X, X_prime).start_
    rng = np.random.default_rng(0)
    R = [np.diag(np.linalg.qr(rng.standard_normal((3, 3)))[1]) ** 2 for _ in range(4000)]
    np.testing.assert_allclose(np.mean(R, axis=0) * 1e-6, s**2, rtol=0.1)


# --- solvers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("options", KERNELS, ids=lambda o: f"{o['kernel']}{o.get('gamma', '')}")
def test_the_solvers_agree_with_each_other_and_with_arpack(options):
    X, X_prime = pairs(1, 100, 6)
    dense, lanczos = (KernelSSL(6, solver=solver, **options).fit(X, X_prime) for solver in ("dense", "lanczos"))
    np.testing.assert_allclose(dense.eigenvalues_, lanczos.eigenvalues_, rtol=1e-10)
    similar(dense.transform(X), lanczos.transform(X))
    assert (dense.solver_, lanczos.solver_, KernelSSL().fit(X, X_prime).solver_) == ("dense", "lanczos", "dense")
    # ARPACK's shift-and-invert iterates A^-1 M x = x/lambda in the product of M: here J K/(2n) in that of K
    Z = np.vstack([X, X_prime])
    K = dense._evaluator(6)(Z, Z)
    if dense.centre:
        K = K - K.mean(axis=0)
        K = K - K.mean(axis=1)[:, None]
    operator = LinearOperator(K.shape, matvec=lambda v: exchanged(v) / len(v), dtype=float)
    found = eigsh(operator, 6, K, sigma=0, OPinv=operator, which="LA", return_eigenvectors=False)
    np.testing.assert_allclose(np.sort(1 / found)[::-1], dense.eigenvalues_, rtol=1e-9)


@given(seeds, st.integers(1, 25), st.sampled_from([0.0, 1e-5, 4.0]), solvers, st.booleans())
def test_neither_blocks_nor_memory_change_the_result(seed, block_size, memory, solver, centre):
    X, X_prime = pairs(seed, 30)
    options = dict(n_components=3, solver=solver, random_state=0, centre=centre)
    one = KernelSSL(**options).fit(X, X_prime)
    other = KernelSSL(block_size=block_size, memory=memory, **options).fit(X, X_prime)
    np.testing.assert_allclose(one.eigenvalues_, other.eigenvalues_, rtol=1e-11)
    similar(one.transform(X), other.transform(X), 1e-6)


def test_restarts_lose_nothing(monkeypatch):
    X, X_prime = pairs(2, 300, 10)
    whole = KernelSSL(8, solver="lanczos").fit(X, X_prime)
    monkeypatch.setattr(kernelspectrum, "_BASIS", -30)  # 42 columns
    restarted = KernelSSL(8, solver="lanczos").fit(X, X_prime)
    np.testing.assert_allclose(whole.eigenvalues_, restarted.eigenvalues_, rtol=1e-11)
    similar(whole.transform(X), restarted.transform(X))
    assert restarted.residuals_.max() < 1e-10 * whole.eigenvalues_[0]
    monkeypatch.setattr(kernelspectrum, "_PASSES", 4)
    with pytest.warns(ConvergenceWarning, match="after 4 products"):
        rough = KernelSSL(8, solver="lanczos").fit(X, X_prime)
    np.testing.assert_allclose(rough.eigenvalues_, whole.eigenvalues_, rtol=0.2)


@given(seeds, st.integers(1, 12), st.sampled_from([1, 4, 9]))
def test_all_components_exhaust_the_space(seed, n, m):
    X, X_prime = pairs(seed, n, m, noise=0.1)
    values = np.sort(np.linalg.eigvals(exchanged(np.eye(2 * n)) @ rbf_kernel(np.vstack([X, X_prime])) / (2 * n)).real)[
        ::-1
    ]
    d = (values > 1e-4 * values[0]).sum()
    for solver in ("dense", "lanczos"):
        model = KernelSSL(d, gamma=1 / m, solver=solver, random_state=0).fit(X, X_prime)
        np.testing.assert_allclose(model.eigenvalues_, values[:d], rtol=1e-7)
        f, g = model.transform(X), model.transform(X_prime)
        np.testing.assert_allclose(cross_correlation(f, g), np.eye(d), rtol=0, atol=1e-7)


@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_multiple_eigenvalues_are_counted(solver):
    X = np.eye(40)
    model = KernelSSL(25, "linear", solver=solver).fit(X, X)
    np.testing.assert_allclose(model.eigenvalues_, 1 / 40, rtol=1e-12)
    f = model.transform(X)
    np.testing.assert_allclose(f.T @ f / 40, np.eye(25), rtol=0, atol=1e-10)
    with pytest.raises(InputError, match=r"has 20 positive eigenvalues.*at most 20"):
        KernelSSL(25, "linear", solver=solver).fit(X, X * np.sign(np.arange(40) - 19.5)[:, None])


@given(seeds, solvers)
def test_distances_do_not_suffer_from_an_offset(seed, solver):
    X, X_prime = np.round(pairs(seed), 3)
    shift = 2.0**20
    X, X_prime = (X + shift) - shift, (X_prime + shift) - shift  # so that the shifted data are exact
    one = KernelSSL(3, solver=solver).fit(X, X_prime)
    other = KernelSSL(3, solver=solver).fit(X + shift, X_prime + shift)
    np.testing.assert_allclose(one.eigenvalues_, other.eigenvalues_, rtol=1e-12)


def test_dask_arrays_are_taken_block_by_block():
    array = pytest.importorskip("dask.array")
    X, X_prime = pairs(0)
    model = KernelSSL().fit(array.from_array(X, chunks=(7, 2)), array.from_array(X_prime, chunks=(40, 4)))
    expected = KernelSSL().fit(X, X_prime)
    assert np.array_equal(model.dual_coef_, expected.dual_coef_)
    assert np.array_equal(model.transform(array.from_array(X, chunks=5)), expected.transform(X))


# --- scikit-learn ----------------------------------------------------------------------------


class Noisy(KernelSSL):
    """The estimator with a second view of its own making, as the checks call fit(X, y)."""

    def fit(self, X, y=None):
        return super().fit(X, self.view(X))

    def fit_transform(self, X, y=None):
        return super().fit_transform(X, self.view(X))

    @staticmethod
    def view(X):
        try:
            X = np.asarray(X).astype(float, casting="safe" if np.iscomplexobj(X) else "unsafe")
            return X + 0.1 * np.random.default_rng(0).standard_normal(X.shape)
        except (TypeError, ValueError):  # what is no array of real numbers must be refused by fit
            return X


ESTIMATORS = [Noisy(), Noisy(solver="lanczos", random_state=0), Noisy(n_components=1, kernel="linear", time=5.0)]


def needs_dispatch(check):
    return check.func.__name__ == "check_array_api_input"


@pytest.mark.parametrize(
    "estimator, check",
    [
        pytest.param(estimator, check, id=f"{check.func.__name__}-{k}")
        for k, estimator in enumerate(ESTIMATORS)
        for _, check in estimator_checks_generator(estimator)
        if not needs_dispatch(check)
    ],
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_scikit_learn_checks_of_array_dispatch():
    """SciPy decides on its first import whether it takes arrays of other libraries: so in a process of its own."""
    inside = Path(__file__)
    code = (
        f"import sys; sys.path.insert(0, {str(inside.parent)!r}); import {inside.stem} as t\n"
        "checks = [(e, check) for one in t.ESTIMATORS for e, check in t.estimator_checks_generator(one) if t.needs_dispatch(check)]\n"
        "for e, check in checks: check(e)\nprint(len(checks))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "SCIPY_ARRAY_API": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(ESTIMATORS)


def test_without_scikit_learn_the_extra_is_named():
    code = "import sys; sys.modules['sklearn'] = None\nfrom symssl import *; arc_cosine\nfrom symssl import KernelSSL"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.rstrip().endswith("ImportError: KernelSSL needs scikit-learn: pip install 'symssl[data]'")


def test_names_and_clones():
    pandas = pytest.importorskip("pandas")
    X, X_prime = (pandas.DataFrame(side, columns=list("abcd")) for side in pairs(0))
    model = clone(KernelSSL(3, ReLUKernel(2, tangent=True))).set_output(transform="pandas").fit(X, X_prime)
    assert (
        list(model.transform(X).columns) == list(model.get_feature_names_out()) == [f"kernelssl{j}" for j in range(3)]
    )
    assert list(model.feature_names_in_) == list("abcd") and model.n_features_in_ == 4
    with pytest.raises(InputError, match="feature names"):
        model.fit(X, X_prime[list("dcba")])


# --- kernels of networks ---------------------------------------------------------------------


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


# --- bad input -------------------------------------------------------------------------------

X, X_PRIME = pairs(0)
HOLE = X.copy()
HOLE[3, 1] = np.nan


def fitting(*data, **options):
    return lambda: KernelSSL(**options).fit(*(data or (X, X_PRIME)))


@pytest.mark.parametrize(
    "call, culprit",
    [
        (fitting(X), "X_prime is missing"),
        (fitting(X, X_PRIME[:-1]), r"X has the shape \(40, 4\) and X_prime \(39, 4\)"),
        (fitting(X, X_PRIME[:, :3]), "X_prime"),
        (fitting(HOLE, X), "X contains NaN"),
        (fitting(X, HOLE), "X_prime contains NaN"),
        (fitting(X, X * np.inf), "X_prime contains infinity"),
        (fitting(X[0], X[0]), "2D"),
        (fitting(X * 1j, X), "Complex"),
        (fitting(X[:2], X[:2], n_components=3), "n_components = 3"),
        (fitting(X * 0 + 1, X * 0 + 1), "nothing to tell apart"),
        (fitting(X, -X, kernel="linear"), "no positive eigenvalues"),
        (fitting(kernel="linear", n_components=5), "at most 4"),
        (fitting(n_components=0), "n_components"),
        (fitting(n_components=2.0), "n_components"),
        (fitting(n_components=True), "n_components"),
        (fitting(solver="qr"), "solver must be one of 'auto'"),
        (fitting(kernel="nothing"), "kernel must be one of 'linear', 'rbf'"),
        (fitting(kernel=None), "kernel must be one of 'linear'"),
        (fitting(kernel="chi2"), "negative"),
        (fitting(gamma=np.nan), "gamma"),
        (fitting(gamma="scale"), "gamma"),
        (fitting(block_size=0), "block_size"),
        (fitting(memory=-1), "memory"),
        (fitting(tol=np.nan), "tol"),
        (fitting(time=-1.0), ">= 0"),
        (fitting(time=np.nan), ">= 0"),
        (fitting(time="now"), "now"),
        (fitting(time=[1, 2]), "one number"),
        (fitting(scale=0.0), "scale"),
        (fitting(scale=[1.0, 2.0, 3.0]), "scale"),
        (fitting(scale="small"), "scale"),
        (fitting(kernel_params={"order": 1}), "kernel_params"),
        (fitting(kernel=arc_cosine, kernel_params=1), "kernel_params"),
        (fitting(centre="no"), "centre"),
        (fitting(kernel="poly", degree="2"), "degree"),
        (fitting(random_state="seed"), "seed"),
        (fitting(kernel="poly", degree=400), "rescale the data"),
        (fitting(kernel=lambda x, y: x @ y[0]), "real array"),
        (fitting(kernel=lambda x, y: np.full((len(x), len(y)), np.nan)), "nan: rescale"),
        (lambda: KernelSSL().fit(X, X_PRIME).transform(X, time=-1), ">= 0"),
        (lambda: KernelSSL().fit(X, X_PRIME).transform(HOLE), "NaN"),
        (lambda: KernelSSL().fit(X, X_PRIME).transform(X, time=[1, 2]), "one number"),
        (lambda: KernelSSL().fit(X, X_PRIME).transform(X[:, :2]), "2 features"),
        (lambda: KernelSSL(kernel="chi2").fit(abs(X), abs(X_PRIME)).transform(X), "negative"),
        (lambda: KernelSSL().fit(X, X_PRIME).trajectories([1.0, np.nan]), ">= 0"),
        (lambda: KernelSSL().fit(X, X_PRIME).trajectories([[1.0]]), "one dimension"),
    ],
)
def test_bad_input_is_named(call, culprit):
    with np.errstate(all="ignore"), pytest.raises(InputError, match=culprit):
        call()


@pytest.mark.parametrize("memory", [0.0, 4.0])
@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_kernels_that_are_no_kernels_are_refused(solver, memory):
    options = dict(solver=solver, memory=memory, block_size=16)
    Z = np.vstack([X, X_PRIME])
    for kernel in (
        "sigmoid",
        lambda x, y: -(x @ y.T),
        lambda x, y: x @ y.T - 0.5 * np.exp(-((x[:, None] - y) ** 2).sum(-1)),
        lambda x, y: -((x[:, None] - y) ** 2).sum(-1),
    ):
        lowest = np.linalg.eigvalsh(kernel(Z, Z) if callable(kernel) else pairwise_kernels(Z, metric=kernel, coef0=1))[
            0
        ]
        with pytest.raises(InputError, match="not positive semidefinite") as error:
            KernelSSL(kernel=kernel, **options).fit(X, X_PRIME)
        assert float(str(error.value).split("eigenvalue ")[1].split()[0]) == pytest.approx(lowest, rel=0.02)
    with pytest.raises(InputError, match="not symmetric"):
        KernelSSL(kernel=lambda x, y: x @ y.T + 1e-3 * x[:, :1], **options).fit(X, X_PRIME)


def table(values, seed, lift=0.0):
    """A kernel of numbered samples whose matrix has these eigenvalues, plus a constant, and the two views."""
    size = len(values)
    V = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]
    if lift:  # the constant is an eigenvector of its own, of eigenvalue 0 before it is lifted
        V = np.linalg.qr(np.column_stack([np.ones(size), V[:, 1:]]))[0]
        values = np.concatenate([[0.0], values[1:]])
    K = V * values @ V.T
    K = (K + K.T) / 2 + lift
    numbers = np.arange(size, dtype=float)[:, None]
    return lambda x, y: K[np.ix_(x[:, 0].astype(int), y[:, 0].astype(int))], numbers[: size // 2], numbers[size // 2 :]


@pytest.mark.parametrize("memory", [0.0, 4.0])
@pytest.mark.parametrize("solver", ["dense", "lanczos"])
@given(seeds, st.sampled_from([1e-6, 1.0, 1e6]))
@settings(max_examples=10)
def test_eigenvalues_are_refused_below_minus_1e_10_of_the_trace(solver, memory, seed, unit):
    """A share of 0.9e-10 of the trace is taken for rounding, of 1.1e-10 for a kernel that is none."""
    options = dict(n_components=1, solver=solver, memory=memory, block_size=7, random_state=0)
    values = unit * np.repeat([0.0, 1.0, 3.0], [1, 13, 10])
    for share, refused in ((0.9e-10, False), (1.1e-10, True), (0.0, False)):
        values[0] = -share * values[1:].sum()
        kernel, *views = table(values, seed)
        if refused:
            with pytest.raises(InputError, match="not positive semidefinite") as error:
                KernelSSL(kernel=kernel, **options).fit(*views)
            assert float(str(error.value).split("eigenvalue ")[1].split()[0]) == pytest.approx(values[0], rel=0.01)
        else:
            KernelSSL(kernel=kernel, **options).fit(*views)


@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_of_a_centred_kernel_the_trace_is_that_of_the_centred_matrix(solver):
    """A large constant in the kernel is no feature: it must hide no negative eigenvalue."""
    values = np.repeat([0.0, 0.0, 1.0, 3.0], [1, 1, 12, 10])
    for share, refused in ((0.8e-10, False), (1.2e-10, True)):
        values[1] = -share * values[2:].sum()
        kernel, *views = table(values, 5, lift=4.0)  # the whole trace is three times the centred one
        options = dict(n_components=1, kernel=kernel, solver=solver, random_state=0)
        KernelSSL(**options).fit(*views)
        if refused:
            with pytest.raises(InputError, match="not positive semidefinite"):
                KernelSSL(centre=True, **options).fit(*views)
        else:
            KernelSSL(centre=True, **options).fit(*views)


def test_negative_eigenvalues_are_looked_for_though_the_components_are_found():
    """A rough tolerance ends the iteration before its quotients are negative: the probe goes on alone."""
    kernel, *views = table(np.repeat([-1.0, 1.0, 3.0], [1, 199, 200]), 0)
    with pytest.raises(InputError, match="not positive semidefinite") as error:
        KernelSSL(1, kernel, solver="lanczos", tol=0.99, random_state=0).fit(*views)
    assert float(str(error.value).split("eigenvalue ")[1].split()[0]) == pytest.approx(-1, rel=1e-6)


@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_small_components_are_no_rounding(solver):
    """Orthogonal features of the sizes 1 and 1e-5 have the eigenvalues 1 and 1e-10; one of 1e-9 is lost in rounding."""
    X = np.sign(np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])) * [1, 1e-5, 1e-9]
    model = KernelSSL(2, "linear", solver=solver, random_state=0).fit(X, X)
    np.testing.assert_allclose(model.eigenvalues_, [1, 1e-10], rtol=1e-5)
    with pytest.raises(InputError, match="at most 2"):
        KernelSSL(3, "linear", solver=solver, random_state=0).fit(X, X)


def test_nothing_is_given_before_fitting():
    for call in (lambda m: m.transform(X), lambda m: m.trajectories([0.0]), lambda m: m.get_feature_names_out()):
        with pytest.raises(NotFittedError):
            call(KernelSSL())
    failed = KernelSSL(kernel="linear")
    with pytest.raises(InputError):
        failed.fit(X, -X)
    with pytest.raises(NotFittedError):
        failed.transform(X)
