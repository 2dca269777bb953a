r"""Kernel self-supervised learning: embeddings of pairs whose cross-correlation becomes the identity.

With features phi, f(x) = W phi(x) and the loss |C - I|^2, C = W Gamma W^T, small starts learn the top
eigenvectors of Gamma = Phi^T J Phi/(2n), one after the other.  The 2n rows of Phi are the features of
Z = [X; X'], and J exchanges the two halves.  Only K = Phi Phi^T is known.  A vector g = Phi^T a has
Gamma g = Phi^T J K a/(2n), so that

    J K a = 2n gamma a,    a^T K a = 1,    f_j(x) = s_j k(x, Z) a_j,    s_j -> gamma_j^(-1/2).

The operator J K/(2n) is self-adjoint in the inner product <a, b> = a^T K b, even where K is singular:
it has the spectrum of K_Gamma = K^(1/2) J K^(1/2)/(2n) and needs products with K only, no root and no
inverse.  As K a = 2n gamma J a, the embedding of a sample is 2n gamma s times the coefficient of its partner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import described, flag, nonnegative, number, one_of, whole
from ..trajectory.time_course import TimeCourse
from .spectrum import Gram, dense, lanczos, slices

__all__ = ["KernelSSL", "KernelTrajectory"]

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_array, check_is_fitted, validate_data
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "sklearn":
        raise
    raise ImportError("KernelSSL needs scikit-learn: pip install 'symssl[data]'") from None

_NAMED = ("linear", "rbf", "poly", "polynomial", "laplacian", "sigmoid", "cosine", "chi2", "additive_chi2")
_SOLVERS = ("auto", "dense", "lanczos")
_DENSE = 800  # rows of K up to which "auto" takes it apart as a whole


class _KindError(InputError, TypeError):
    """Bad input for which scikit-learn's conventions ask for a TypeError."""


@contextmanager
def _named_input():
    """A ValueError or TypeError of scikit-learn's validation becomes an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except TypeError as error:
        raise _KindError(f"wrong input: {error}") from None
    except (ValueError, IndexError, AttributeError, OverflowError) as error:  # of objects that are arrays in part only
        raise InputError(f"wrong input: {error}") from None


@dataclass(frozen=True, eq=False, repr=False)
class KernelTrajectory(TimeCourse):
    """Training from a small start at finite times, a `TimeCourse`; made by `KernelSSL.trajectories`.

    Its values are the four attributes below, by name; it always finishes.

    Attributes
    ----------
    times, values, status, message : see `TimeCourse`
    singular_values : array (times, components), s_j of the weights
    correlations : array (times, components), gamma_j s_j^2: the eigenvalues of C on the training pairs
    loss : array (times,), |C - I|^2
    norm : array (times,), the squared norm of f in the space of the kernel, sum_j s_j^2
    """

    @property
    def singular_values(self) -> np.ndarray:
        return self.values["singular_values"]

    @property
    def correlations(self) -> np.ndarray:
        return self.values["correlations"]

    @property
    def loss(self) -> np.ndarray:
        return self.values["loss"]

    @property
    def norm(self) -> np.ndarray:
        return self.values["norm"]


class KernelSSL(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""Embeddings in the span of a kernel that gradient flow learns from pairs, in closed form.

    The loss is |C - I|^2 (squared Frobenius norm), C = 1/(2n) sum_i f(x_i) f(x'_i)^T + f(x'_i) f(x_i)^T.
    From a small start the flow learns the components with the largest positive eigenvalues gamma_j
    of the cross-correlation of the features, in that order.  In the limit C = I, and f has the least norm
    in the space of the kernel among all functions with C = I.

    Parameters
    ----------
    n_components : int, at most the number of pairs
    kernel : "rbf", "linear", "poly", "laplacian", "sigmoid", "cosine", "chi2", or
        callable ``kernel(X, Y, **kernel_params)``, arrays (n, d) and (m, d) to an array (n, m); it is called on blocks
    gamma, degree, coef0 : of the named kernels; gamma = None is 1/d
    kernel_params : dict, of a callable
    centre : bool, subtract the mean of the features over both views
    solver : "dense" (eigenvalues of the whole matrix), "lanczos" (blocks of products with K, restarted)
        or "auto", dense for up to 400 pairs
    tol : float, residual at which "lanczos" stops, relative to the largest eigenvalue; 0 is 1e-10.  The name is that
        of scikit-learn's estimators, as is random_state; elsewhere in symssl it would be rtol, and rng
    block_size : int, rows of the blocks in which the kernel is evaluated
    memory : float, GiB that the (2n, 2n) matrix K may take; a larger one is evaluated anew for every product
    time : float, of training; None is the limit t -> oo
    scale : float, deviation of the weights at the start, which acts as s_j(0) = scale sqrt(d - j + 1) for
        d components; or array (n_components,), the s_j(0) themselves.  It matters at finite times only
    random_state : int, numpy RandomState or None, as in scikit-learn, of the first block of "lanczos"; the result
        depends on it by rounding alone

    Attributes
    ----------
    eigenvalues_ : array (n_components,), the gamma_j in falling order
    dual_coef_ : array (2n, n_components), the a_j with unit norm a^T K a; the largest entry of each is positive
    X_fit_ : array (2n, d), the rows of X, then those of X_prime
    start_ : array (n_components,), s_j(0)
    offset_ : array (n_components,), what centring subtracts from k(x, Z) a_j, 0 without
    residuals_ : array (n_components,), |Gamma g_j - gamma_j g_j| as the solver left it
    solver_ : str; n_iter_ : int, products with K
    n_features_in_, feature_names_in_ : as always

    Notes
    -----
    Dask arrays and frames are accepted: their blocks are computed into one array (n, d); K is evaluated by blocks
    in any case.  A pipeline hands X_prime on as it is: transform both views first.

    Rounding leaves a relative error of about 1e-16 gamma_1/gamma_j in gamma_j.  "dense" finds every negative eigenvalue
    of K, "lanczos" those that 16 steps of the ordinary iteration from a random vector find, and those in its way.

    Raises
    ------
    InputError
        a ValueError, for unpaired, constant or non-finite data, fewer positive eigenvalues than components,
        kernels that are not symmetric or not positive semidefinite, and parameters that make no sense.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((60, 3))
    >>> X_prime = X + 0.3*rng.standard_normal((60, 3))
    >>> model = KernelSSL(n_components=2).fit(X, X_prime)
    >>> f, f_prime = model.transform(X), model.transform(X_prime)
    >>> (((f.T @ f_prime + f_prime.T @ f)/120).round(6) + 0.0).tolist()      # + 0.0: no zero prints as -0.0
    [[1.0, 0.0], [0.0, 1.0]]
    >>> model.trajectories([0, 20, 1000]).loss.round(3).tolist()
    [2.0, 1.0, 0.0]
    """

    def __init__(
        self,
        n_components: int = 2,
        kernel: str | Callable[..., np.ndarray] = "rbf",
        *,
        gamma: float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: Mapping[str, Any] | None = None,
        centre: bool = False,
        solver: Literal["auto", "dense", "lanczos"] = "auto",
        tol: float = 0.0,
        block_size: int = 1024,
        memory: float = 4.0,
        time: float | None = None,
        scale: ArrayLike = 1e-7,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.centre = centre
        self.solver = solver
        self.tol = tol
        self.block_size = block_size
        self.memory = memory
        self.time = time
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, X_prime: Any = None) -> KernelSSL:
        """Learn from the pairs (X[i], X_prime[i]), arrays of one shape (n, d); returns the estimator."""
        self._check_parameters()
        with _named_input():
            random = check_random_state(self.random_state)
        Z = self._stacked(X, X_prime)
        pairs, d = len(Z) // 2, int(self.n_components)
        if d > pairs:
            raise InputError(
                f"n_components = {described(d)} needs as many pairs, got n_samples = {pairs}: lower n_components"
            )
        if (Z == Z[0]).all():
            raise InputError(f"all {2 * pairs} samples of both views are the same: there is nothing to tell apart")
        start, evaluate = self._start(), self._evaluator(Z.shape[1])
        gram = Gram(evaluate, Z, self.block_size, self.memory * 2**30, self.centre, callable(self.kernel))
        solver = self.solver if self.solver != "auto" else "dense" if len(Z) <= _DENSE else "lanczos"
        if solver == "dense":
            eigenvalues, a, residuals = dense(gram, d)
        else:
            eigenvalues, a, residuals = lanczos(gram, d, self.tol or 1e-10, random)
        if (known := len(eigenvalues)) < d:
            raise InputError(
                f"n_components = {d}, but Gamma has {known or 'no'} positive eigenvalue{'s' * (known != 1)} "
                "on these pairs: "
                + (f"lower n_components to at most {known}" if known else "the views do not agree; take another kernel")
            )
        a *= np.sign(a[abs(a).argmax(axis=0), np.arange(d)])
        self.eigenvalues_, self.dual_coef_, self.residuals_, self.start_ = eigenvalues, a, residuals, start
        self.X_fit_, self.solver_, self.n_iter_ = Z, solver, gram.products
        self.offset_ = gram.mean @ a if self.centre else np.zeros(d)
        return self

    def transform(self, X: Any, *, time: float | None = None) -> np.ndarray:
        """f(x) for the rows of X, an array (n, n_components), at the time of the estimator or another.

        inf is the limit.
        """
        check_is_fitted(self, "dual_coef_")
        s = self._singular_values(_time(self.time if time is None else time))
        with _named_input():
            X = validate_data(self, _computed(X), dtype=float, reset=False)
            evaluate, a, rows = self._evaluator(X.shape[1]), self.dual_coef_, self.block_size
            f = np.empty((len(X), a.shape[1]))
            for I in slices(len(X), rows):
                f[I] = sum(evaluate(X[I], self.X_fit_[J]) @ a[J] for J in slices(len(a), rows)) - self.offset_
        return f * s

    def fit_transform(self, X: Any, X_prime: Any = None) -> np.ndarray:
        """Fit, and the embeddings of X: those of the training pairs cost no further kernel."""
        self.fit(X, X_prime)
        pairs = len(self.X_fit_) // 2
        return 2 * pairs * self.eigenvalues_ * self._singular_values(_time(self.time)) * self.dual_coef_[pairs:]

    def trajectories(self, times: ArrayLike) -> KernelTrajectory:
        """Singular values, eigenvalues of C, loss and norm at times >= 0, a `KernelTrajectory`.

        Raises `InputError` for times that are negative or NaN; inf is the limit.
        """
        check_is_fitted(self, "dual_coef_")
        grid = _times(times)
        s = self._singular_values(grid)
        correlations = self.eigenvalues_ * s**2
        values = {
            "singular_values": s,
            "correlations": correlations,
            "loss": ((correlations - 1) ** 2).sum(axis=1),
            "norm": (s**2).sum(axis=1),
        }
        return KernelTrajectory(grid, values, "finished", "")

    @property
    def _n_features_out(self):
        return self.dual_coef_.shape[1]

    def _singular_values(self, times):
        """s_j at times in an array, an array (times, components)."""
        s = np.tile(self.eigenvalues_**-0.5, (len(times), 1))
        finite = np.isfinite(times)
        if finite.any():
            s[finite] = _growth().at(times[finite], self.start_, {"gamma": self.eigenvalues_})
        return s

    def _start(self):
        """s_j(0): the diagonal of R for the QR factors of a Gaussian d x d matrix is about this large."""
        d = int(self.n_components)
        try:
            start = np.array(self.scale, float)
        except (TypeError, ValueError):
            start = np.array(np.nan)
        if start.ndim == 0:
            start = start * np.sqrt(d - np.arange(d))
        if start.shape != (d,) or not ((start > 0) & np.isfinite(start)).all():
            raise InputError(f"scale must be a positive number or {d} of them, not {described(self.scale)}")
        return start

    def _check_parameters(self):
        whole("n_components", self.n_components, 1)
        one_of("solver", self.solver, _SOLVERS)
        named = isinstance(self.kernel, str) and self.kernel in _NAMED
        if not named and (isinstance(self.kernel, type) or not callable(self.kernel)):
            raise InputError(
                f"kernel must be one of {', '.join(map(repr, _NAMED))} or a function kernel(X, Y), "
                f"not {described(self.kernel)}"
            )
        whole("block_size", self.block_size, 1)
        nonnegative("tol", self.tol)
        if not isinstance(self.memory, float) or self.memory != np.inf:
            nonnegative("memory", self.memory)
        for name in ("gamma", "degree", "coef0"):
            if getattr(self, name) is not None or name != "gamma":
                number(name, getattr(self, name))
        _time(self.time)
        flag("centre", bool(self.centre) if isinstance(self.centre, np.bool_) else self.centre)
        if self.kernel_params is not None and not isinstance(self.kernel_params, Mapping):
            raise InputError(f"kernel_params must be a mapping or None, not {described(self.kernel_params)}")
        if self.kernel_params and not callable(self.kernel):
            raise InputError("kernel_params are those of a callable kernel: a named one takes gamma, degree and coef0")

    def _stacked(self, X, X_prime):
        """Z = [X; X'], doubles."""
        if X_prime is None:
            raise InputError(
                "X_prime is missing: fit(X, X_prime) takes the other view of every sample, of the shape of X"
            )
        with _named_input():
            X = validate_data(self, _computed(X), dtype=float)
            given = _computed(X_prime)
            X_prime = check_array(given, dtype=float, input_name="X_prime")
        if X.shape != X_prime.shape:
            raise InputError(f"X has the shape {X.shape} and X_prime {X_prime.shape}: row i of both is one pair")
        with _named_input():
            validate_data(self, given, reset=False, skip_check_array=True)  # the columns have the same names
        return np.concatenate([X, X_prime])

    def _evaluator(self, features):
        """The kernel as a function of two arrays."""
        kernel, gamma = self.kernel, 1 / features if self.gamma is None else float(self.gamma)
        if kernel == "rbf":
            from scipy.spatial.distance import cdist

            def evaluate(X, Y):  # differences, not products: exact for equal and accurate for close points
                distances = cdist(X, Y, "sqeuclidean")
                distances *= -gamma
                return np.exp(distances, out=distances)

            return evaluate
        if callable(kernel):
            return _named_input()(partial(kernel, **(self.kernel_params or {})))
        from sklearn.metrics.pairwise import pairwise_kernels

        return _named_input()(
            partial(
                pairwise_kernels, metric=kernel, filter_params=True, gamma=gamma, degree=self.degree, coef0=self.coef0
            )
        )


def _times(times):
    """Times in an array; None is the limit."""
    try:
        at = np.atleast_1d(np.asarray(np.inf if times is None else times, float))
    except (TypeError, ValueError, IndexError, AttributeError):
        at = np.array(np.nan)
    if at.ndim != 1 or not (at >= 0).all():
        raise InputError(f"times must be numbers >= 0 in one dimension, inf for the limit, not {described(times)}")
    return at


def _time(time):
    """One time in an array."""
    if not isinstance(time, (Real, type(None))) and getattr(time, "shape", None) != ():
        raise InputError(f"time must be one number, not {described(time)}: trajectories takes several")
    return _times(time)


def _computed(X):
    """Collections of dask as arrays or frames, block by block."""
    return X.compute() if hasattr(X, "compute") else X


@lru_cache(1)
def _growth():
    """The trajectories of a singular value, whose share of the loss is (1 - gamma s^2)^2."""
    from sympy import symbols

    from ..scalar.flow import Flow
    from ..trajectory.powers import power_trajectory

    s, gamma = symbols("s", positive=True), symbols("gamma", real=True)
    return power_trajectory(Flow({s: -((1 - gamma * s**2) ** 2).diff(s)}, (gamma,)))
