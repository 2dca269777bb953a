"""The top eigenvalues of J K/(2n), J the swap of the two halves, from products with the kernel matrix K.

See `symssl.kernels.estimator` for what they mean.  K is stored or evaluated anew, block by block, for every product.
"""

from __future__ import annotations

from collections.abc import Callable
from warnings import warn

import numpy as np

from ..errors import InputError

__all__ = ["Gram", "dense", "lanczos", "slices"]

Components = tuple[np.ndarray, np.ndarray, np.ndarray]  # eigenvalues, coefficients in columns, residuals

_NEGATIVE = 1e-10  # of the trace: a kernel whose eigenvalues fall below minus that is not semidefinite
_EPS = np.finfo(float).eps
_PASSES, _PROBES, _BASIS = 300, 16, 300  # products with K; those that look for negative eigenvalues; columns kept


def slices(size: int, rows: int) -> list[slice]:
    """Blocks of so many rows, the last one shorter.

    >>> slices(5, 3)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    return [slice(k, min(k + rows, size)) for k in range(0, size, rows)]


class Gram:
    """Products with the matrix K of Z, stored where it fits into a number of bytes.

    Only blocks on and above the diagonal are evaluated; of a function that is not known to be symmetric,
    the first sweep also evaluates the others and compares.  Centred, it is H K H with H = I - 11^T/(2n).
    """

    def __init__(
        self,
        evaluate: Callable[[np.ndarray, np.ndarray], np.ndarray],
        Z: np.ndarray,
        rows: int,
        budget: float,
        centre: bool,
        foreign: bool,
    ) -> None:
        self.evaluate, self.Z, self.rows, self.size = evaluate, Z, rows, len(Z)
        self.products = 0
        self.K: np.ndarray | None = None
        self.mean: np.ndarray | None = None
        self.trace, stored = 0.0, 8 * self.size**2 <= budget
        K = np.empty((self.size, self.size) if stored else (0, 0))
        for I, J, block in self._blocks(whole=stored or foreign):
            self._check(I, J, block, foreign)
            if stored:
                K[I, J], K[J, I] = block, block.T
            if I == J:
                self.trace += np.trace(block)
        if stored:
            self.K = K
        if centre:
            self.mean = (self @ np.full((self.size, 1), 1 / self.size))[:, 0]
            self.trace -= self.mean.sum()

    def _block(self, I, J):
        block = np.asarray(self.evaluate(self.Z[I], self.Z[J]))
        shape = (I.stop - I.start, J.stop - J.start)
        if block.shape != shape or block.dtype.kind not in "fiu":
            raise InputError(
                f"the kernel of {shape[0]} and {shape[1]} samples must be a real array {shape}, "
                f"got the shape {block.shape} of {block.dtype}"
            )
        return block

    def _blocks(self, whole=True):
        """(rows, columns, block) on and above the diagonal, or on the diagonal only."""
        parts = slices(self.size, self.rows)
        for k, I in enumerate(parts):
            for J in parts[k:] if whole else [I]:
                yield I, J, self._block(I, J)

    def _check(self, I, J, block, foreign):
        if not np.isfinite(block).all():
            i, j = np.argwhere(~np.isfinite(block))[0]
            raise InputError(
                f"the kernel of samples {I.start + i} and {J.start + j} is {block[i, j]}: rescale the data"
            )
        if foreign:
            other = self._block(J, I).T
            gap = abs(block - other)
            if gap.max() > 1e-10 * abs(block).max():
                i, j = np.unravel_index(gap.argmax(), gap.shape)
                raise InputError(
                    f"the kernel is not symmetric: k(x, y) = {block[i, j]:.6g} and k(y, x) = {other[i, j]:.6g} "
                    f"for the samples {I.start + i} and {J.start + j}: take (k(x, y) + k(y, x))/2"
                )

    def __matmul__(self, V: np.ndarray) -> np.ndarray:
        self.products += 1
        centre = self.mean is not None
        if centre:
            V = V - V.mean(axis=0)
        if self.K is not None:
            out = self.K @ V
        else:
            out = np.zeros_like(V)
            for I, J, block in self._blocks():
                out[I] += block @ V[J]
                if I != J:
                    out[J] += block.T @ V[I]
        return out - out.mean(axis=0) if centre else out

    def whole(self) -> np.ndarray:
        """The matrix itself."""
        return self @ np.eye(self.size) if self.K is None or self.mean is not None else self.K

    def insist(self, value: float) -> None:
        """Raise `InputError` for an eigenvalue of K, or a Rayleigh quotient, that is too negative for rounding."""
        if value < -_NEGATIVE * abs(self.trace):
            raise InputError(
                f"the kernel is not positive semidefinite: its matrix on the samples has an eigenvalue "
                f"{value:.6g} or less, at a trace of {self.trace:.6g}; take another kernel or parameters"
            )


def _swapped(V):
    """J V: the halves of the rows exchanged."""
    half = len(V) // 2
    return np.concatenate([V[half:], V[:half]])


# --- the two solvers -------------------------------------------------------------------------


def dense(gram: Gram, count: int) -> Components:
    """(eigenvalues, coefficients, residuals) of the top positive components from K = L L^T and L^T J L/(2n)."""
    size = gram.size
    values, V = np.linalg.eigh(gram.whole())
    gram.insist(values[0])
    kept = values > _floor(gram) * size
    L = V[:, kept] * np.sqrt(values[kept])
    if not L.size:
        return np.empty(0), np.empty((size, 0)), np.empty(0)
    small = L.T @ _swapped(L) / size
    gamma, u = np.linalg.eigh(_symmetric(small))
    gamma, u = gamma[: -count - 1 : -1], u[:, : -count - 1 : -1]
    residuals = np.linalg.norm(small @ u - u * gamma, axis=0)
    good = gamma > _floor(gram)
    return gamma[good], _swapped(L @ u[:, good]) / (size * gamma[good]), residuals[good]


def _floor(gram):
    """What rounding in K leaves of an eigenvalue gamma that is zero."""
    return 4 * _EPS * abs(gram.trace)


def lanczos(gram: Gram, count: int, rtol: float, random: np.random.RandomState) -> Components:
    """(eigenvalues, coefficients, residuals) of the top positive components by block Lanczos.

    The inner product is that of K; the residuals are at most `rtol` times the largest eigenvalue.
    Q has K-orthonormal columns, P = K Q and T = P^T J P/(2n).  Beside every block one vector more is
    multiplied, for the ordinary Lanczos iteration that looks for negative eigenvalues of K.
    """
    size, probe = gram.size, _Probe(gram, random)
    width = min(size, count + max(4, count // 5))  # no less than count: copies of a multiple eigenvalue
    most = 6 * width + _BASIS
    Q = P = np.empty((size, 0))
    T, W = np.empty((0, 0)), random.standard_normal((size, width))
    theta, Y, scale = np.empty(0), np.empty((0, 0)), 0.0
    for _ in range(_PASSES):
        new, image, back = _orthonormal(gram, probe, W, Q, P)
        tail = back @ Y[len(Y) - back.shape[1] :] if len(theta) else back
        residuals = np.linalg.norm(tail, axis=0)
        if not new.shape[1] or (len(theta) >= count and (residuals[:count] <= rtol * scale).all()):
            break
        if Q.shape[1] + new.shape[1] > most:  # restart from the best: their residuals span the new block
            keep = min(len(theta), count + width)
            Q, P, T = Q @ Y[:, :keep], P @ Y[:, :keep], np.diag(theta[:keep])
        Q, P = np.hstack([Q, new]), np.hstack([P, image])
        W = _swapped(image) / size
        H, old = P.T @ W, len(T)
        grown = np.empty((len(H), len(H)))
        grown[:old, :old], grown[:, old:], grown[old:, :old] = T, H, H[:old].T
        grown[old:, old:] = (H[old:] + H[old:].T) / 2
        T = grown
        theta, Y = np.linalg.eigh(T)
        theta, Y = theta[::-1], Y[:, ::-1]
        scale = abs(theta).max()
    else:
        from sklearn.exceptions import ConvergenceWarning

        warn(
            f"the components have residuals up to {residuals[:count].max() / scale:.1e} of the largest eigenvalue "
            f"after {_PASSES} products, not {rtol:.1e}: raise tol",
            ConvergenceWarning,
            stacklevel=3,
        )
    probe.finish()
    gamma, Y, residuals = theta[:count], Y[:, :count], residuals[:count]
    good = gamma > _floor(gram)
    gamma, Y = gamma[good], Y[:, good]
    return gamma, _swapped(P @ Y) / (size * gamma), residuals[good]


def _orthonormal(gram, probe, W, Q, P):
    """(new, K new, back): K-orthonormal columns, K-orthogonal to Q, with W = Q (..) + new @ back.

    Left out is what K does not see, and what is no more than rounding.
    """
    for _ in (0, 1):
        W = W - Q @ (P.T @ W)
    U, R = np.linalg.qr(W)
    image = probe.beside(U)
    values, V = np.linalg.eigh(_symmetric(U.T @ image))
    probe.seen(values[0])
    kept = values > _floor(gram)
    root = np.sqrt(values[kept])
    new, image, back = U @ V[:, kept] / root, image @ V[:, kept] / root, root[:, None] * (V[:, kept].T @ R)
    inner = P.T @ new  # dividing by small numbers has magnified what was left of Q
    new, image = new - Q @ inner, image - P @ inner
    values, V = np.linalg.eigh(_symmetric(new.T @ image))
    kept = values > 0.5  # they are 1, or 0 where W was nothing but rounding
    V, root = V[:, kept], np.sqrt(values[kept])
    return new @ V / root, image @ V / root, root[:, None] * (V.T @ back)


def _symmetric(M):
    return (M + M.T) / 2


class _Probe:
    """Lanczos for the smallest eigenvalue of K, on products that are made anyhow."""

    def __init__(self, gram, random):
        v = random.standard_normal(gram.size)
        self.gram, self.V, self.diagonal, self.beside_diagonal = gram, [v / np.linalg.norm(v)], [], []
        self.done = False

    def beside(self, U):
        """K U, and a step of its own."""
        if self.done:
            return self.gram @ U
        both = self.gram @ np.column_stack([U, self.V[-1]])
        v = both[:, -1]
        self.diagonal.append(v @ self.V[-1])
        basis = np.array(self.V)
        for _ in (0, 1):
            v = v - basis.T @ (basis @ v)
        length = np.linalg.norm(v)
        self.done = length <= 1e3 * _EPS * abs(self.gram.trace) or len(self.V) >= min(self.gram.size, _PROBES)
        if not self.done:
            self.beside_diagonal.append(length)
            self.V.append(v / length)
        return both[:, :-1]

    def seen(self, value):
        """A Rayleigh quotient of K: a negative one is made as negative as the iteration can, and refused."""
        if value < -_NEGATIVE * abs(self.gram.trace):
            self.finish()
            self.gram.insist(value)

    def finish(self):
        """Run to the end and refuse what is negative."""
        from scipy.linalg import eigvalsh_tridiagonal

        while not self.done:
            self.beside(np.empty((self.gram.size, 0)))
        self.gram.insist(eigvalsh_tridiagonal(self.diagonal, self.beside_diagonal)[0])
