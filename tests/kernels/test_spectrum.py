"""Top eigenvalues of J K: dense and Lanczos agree, restarts, negative eigenvalues are found."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from threadpoolctl import threadpool_limits

from symssl.errors import InputError
from symssl.kernels import spectrum as kernelspectrum
from symssl.kernels.estimator import KernelSSL
from symssl.kernels.relu_networks import ReLUKernel, arc_cosine
from symssl.simulate import cross_correlation

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


@pytest.mark.parametrize(
    "options", KERNELS, ids=lambda o: getattr(o["kernel"], "__name__", str(o["kernel"])) + str(o.get("gamma", ""))
)
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


X, X_PRIME = pairs(0)


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
