"""Kernel self-supervised learning: against explicit features, against descent, and scikit-learn's own checks."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils.estimator_checks import estimator_checks_generator
from threadpoolctl import threadpool_limits

from symssl.errors import InputError
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


def similar(one, other, rtol=1e-7):
    """Embeddings that agree up to the signs of their components."""
    signs = np.sign((one * other).sum(axis=0))
    np.testing.assert_allclose(one, other * signs, rtol=0, atol=rtol * abs(one).max())


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
    xx, xy, yy = K[:12, :12], K[:12, 12:], K[12:, 12:]
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
    for time, expected in zip(times, path.correlations):
        f, g = model.transform(X, time=time), model.transform(X_prime, time=time)
        np.testing.assert_allclose(cross_correlation(f, g), np.diag(expected), rtol=0, atol=1e-8)
        fresh = clone(model).set_params(time=time).fit_transform(X, X_prime)
        np.testing.assert_allclose(f, fresh, rtol=0, atol=1e-7 * abs(f).max())
    assert path.loss[0] == pytest.approx(d, rel=1e-4) and path.loss[-1] < 1e-24
    assert (np.diff(path.norm) > -1e-12 * path.norm[-1]).all()
    # the norm of f in the space of the kernel
    if not model.centre:
        a, Z = model.dual_coef_ * path.singular_values[-1], model.X_fit_
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
        "pairs = [pair for one in t.ESTIMATORS for pair in t.estimator_checks_generator(one)]\n"
        "checks = [(e, check) for e, check in pairs if t.needs_dispatch(check)]\n"
        "for e, check in checks: check(e)\nprint(len(checks))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(ESTIMATORS)


def test_without_scikit_learn_the_extra_is_named():
    code = "import sys; sys.modules['sklearn'] = None\nfrom symssl import *; arc_cosine\nfrom symssl import KernelSSL"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
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


def test_nothing_is_given_before_fitting():
    for call in (lambda m: m.transform(X), lambda m: m.trajectories([0.0]), lambda m: m.get_feature_names_out()):
        with pytest.raises(NotFittedError):
            call(KernelSSL())
    failed = KernelSSL(kernel="linear")
    with pytest.raises(InputError):
        failed.fit(X, -X)
    with pytest.raises(NotFittedError):
        failed.transform(X)
