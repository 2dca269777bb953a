"""Random vectors with a declared joint Gaussian law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Float, Integer, Matrix, MatrixBase, MatrixSymbol, Symbol, Tuple, nan, oo, zoo
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from ..errors import InputError
from ..exact.gate import Guarded
from ..exact.numbers import is_zero
from ..support.arguments import described, instance_of, sequence_of, whole
from .inputs import as_expression, dimension, is_matrix
from .sample_vectors import Sample

__all__ = ["GaussianVector", "Joint", "gaussians"]


# --- Gaussian vectors --------------------------------------------------------------------


class Joint(Guarded, Basic):
    """Joint law of Gaussian vectors: names, means, covariances.

    `cov[i, j]` is either a scalar c, meaning c times the identity, or (held in
    `blocks`) a d x d matrix expression.  `copy` counts independent copies of
    the vectors, which occur where a product of expectations is written as one.
    """

    def __new__(cls, names: Tuple, means: Tuple, cov: Tuple, copy: Integer = Integer(1)) -> Joint:
        return Basic.__new__(cls, names, means, cov, copy)

    @property
    def copy(self) -> int:
        """Number of the independent copy, from 1."""
        return int(self.args[3])

    def copied(self, copy: int) -> Joint:
        """The law of that independent copy."""
        return self.func(*self.args[:3], Integer(whole("copy", copy, 1)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the vectors."""
        return tuple(str(n) for n in self.args[0])

    @property
    def means(self) -> Tuple:
        """The means of the vectors, in the order of `names`; 0 stands for the zero vector."""
        return self.args[1]

    def covariance(self, a: str, b: str) -> Expr:
        """Cov(a, b): a scalar (times the identity) or a matrix expression."""
        n = len(self.names)
        return self.args[2][self.names.index(a) * n + self.names.index(b)]

    def _sympystr(self, printer):
        return "Joint(%s)" % ", ".join(self.names)


class GaussianVector(Guarded, MatrixSymbol):
    """A column vector with a declared joint Gaussian law; made by :func:`gaussians`.

    >>> x, = gaussians("x", 3)
    >>> x.shape, x.joint.names
    ((3, 1), ('x',))
    """

    def __new__(cls, name: Any, rows: Any, cols: Any, joint: Joint) -> GaussianVector:
        instance_of("the law of a Gaussian vector", joint, Joint, "a joint law, as gaussians(...) declares it")
        name = name if isinstance(name, Str) else Str(str(name))
        return Basic.__new__(cls, name, as_expression(rows), as_expression(cols), joint)

    @property
    def joint(self) -> Joint:
        """The joint law of this vector and the others declared with it."""
        return self.args[3]

    def copied(self, copy: int) -> GaussianVector:
        """The vector of that name in an independent copy of the joint law."""
        return self.func(*self.args[:3], self.joint.copied(copy))

    def _sympystr(self, printer):
        copy = self.joint.copy
        return self.name if copy == 1 else f"{self.name}_({copy})"

    def _latex(self, printer, exp=None):
        text = (
            printer._print(Symbol(self.name))
            if self.joint.copy == 1
            else "%s^{(%d)}" % (printer._print(Symbol(self.name)), self.joint.copy)
        )
        return text if exp is None else "{%s}^{%s}" % (text, exp)


def gaussians(
    names: str | Sequence[str],
    dim: Any,
    *,
    mean: Sequence[Any] | None = None,
    cov: Sequence[Sequence[Any]] | MatrixBase | None = None,
) -> tuple[GaussianVector, ...]:
    r"""Jointly Gaussian column vectors with declared means and covariances.

    Parameters
    ----------
    names : str or sequence of str
        Names, in one string separated by spaces.
    dim : int or Symbol
        Common length d of the vectors.
    mean : list, optional
        One d x 1 matrix expression per vector (or 0); zero by default.
    cov : nested list, optional
        `cov[i][j]` is Cov of vectors i and j: a scalar c (meaning c I) or a
        d x d matrix expression.  Default: independent standard vectors.

    Raises
    ------
    InputError
        Shapes that do not fit, a covariance that is not symmetric, or a
        variance that is known to be negative.

    >>> from sympy import symbols
    >>> s2 = symbols("sigma2", positive=True)
    >>> x, xp = gaussians("x x'", symbols("d"), cov=[[1 + s2, 1], [1, 1 + s2]])
    >>> x.joint.covariance("x", "x'")
    1
    """
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    names = [str(a) for a in sequence_of("names", names, "names, or one string of them")]
    n, dim = len(names), dimension(dim, "dim")
    if n == 0 or len(set(names)) != n:
        raise InputError(f"names must be distinct, and one at least, not {described(names)}")
    means = [_constant(m, "mean") for m in sequence_of("mean", [0] * n if mean is None else mean, "column vectors")]
    if cov is None:
        cov = [[int(i == j) for j in range(n)] for i in range(n)]
    cov = cov.tolist() if isinstance(cov, MatrixBase) else sequence_of("cov", cov, "rows")
    rows = [[_constant(c, "cov") for c in sequence_of("a row of cov", row, "scalars or matrices")] for row in cov]
    if len(means) != n or len(rows) != n or any(len(row) != n for row in rows):
        raise InputError(f"for {n} names give {n} means and a covariance of {n} rows and {n} columns")
    for m in means:
        if m != 0 and tuple(getattr(m, "shape", ())) != (dim, 1):
            raise InputError(f"mean holds {m}, which is not a {dim} x 1 matrix")
    _check_covariance(names, rows, dim)
    joint = Joint(Tuple(*map(Str, names)), Tuple(*means), Tuple(*[c for row in rows for c in row]))
    return tuple(GaussianVector(name, dim, 1, joint) for name in names)


def _check_covariance(names, rows, dim):
    """What can be seen without reading matrix expressions; `symssl.words` does that when the vectors are first used."""
    for i, row in enumerate(rows):
        for j, c in enumerate(row):
            pair, mirror = f"Cov({names[i]}, {names[j]})", rows[j][i]
            if is_matrix(c) and tuple(c.shape) != (dim, dim):
                raise InputError(f"cov: {pair} = {c} is not {dim} x {dim}")
            if not is_matrix(c) and not is_matrix(mirror) and not is_zero(c - mirror):
                raise InputError(f"cov: {pair} = {c} is not Cov({names[j]}, {names[i]}) = {mirror}: not symmetric")
            if i == j and not is_matrix(c) and c.is_negative:
                raise InputError(f"cov: the variance {c} of {names[i]} is negative")
    flat = [c for row in rows for c in row]
    if all(not is_matrix(c) and c.is_Rational for c in flat) and not Matrix(rows).is_positive_semidefinite:
        raise InputError(f"cov must be positive semidefinite, and {rows} is not")


def _constant(a, name):
    """A mean or a covariance: exact, and not random itself."""
    a = as_expression(a, f"an entry of {name}")
    a = a.as_immutable() if isinstance(a, MatrixBase) else a
    if a.has(Float, nan, oo, zoo, -oo):
        raise InputError(f"{name} holds {a}, which is not exact and finite: write it as a Rational")
    if a.atoms(GaussianVector, Sample):
        raise InputError(f"{name} holds {a}, which depends on random vectors or samples")
    return a
