"""Relations between matrices: explicit objects, used after differentiation."""

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Identity, MatrixExpr, MatrixSymbol, Transpose

from ..errors import InputError
from .inputs import as_matrix
from .names import check_names

__all__ = ["Commutes", "Diagonal", "Normalised", "Orthonormal", "Relation", "Symmetric", "check_relations"]


def _square(A, name):
    if A.shape[0] != A.shape[1]:
        raise InputError(f"{name}({A}): the matrix is {A.shape[0]} x {A.shape[1]}, not square")


def _symbol(A, name):
    A = as_matrix(A)
    if not isinstance(A, MatrixSymbol):
        raise InputError(f"{name}({A}): give a matrix symbol, not an expression")
    return A


@dataclass(frozen=True)
class Relation:
    """Base class: a relation between matrices that may be imposed on a flow."""

    probes = ()  # relations of auxiliary matrices that occur in the defect

    def defect(self):
        """The matrix expressions that vanish when the relation holds."""
        raise NotImplementedError

    @property
    def matrices(self):
        return tuple(getattr(self, f) for f in self.__dataclass_fields__)

    def __str__(self):
        return f"{type(self).__name__}({', '.join(map(str, self.matrices))})"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Symmetric(Relation):
    r""":math:`A = A^\top`.

    >>> from sympy import MatrixSymbol
    >>> print(Symmetric(MatrixSymbol("A", 3, 3)))
    Symmetric(A)
    """

    A: MatrixExpr = None  # None: the geometry of symmetric matrices, of whichever weight

    def __post_init__(self):
        if self.A is not None:
            object.__setattr__(self, "A", _symbol(self.A, "Symmetric"))
            _square(self.A, "Symmetric")

    def defect(self):
        return (self.A - self.A.T,)


@dataclass(frozen=True, repr=False)
class Diagonal(Relation):
    """A is diagonal (in the fixed basis): it commutes with every diagonal matrix.

    >>> from sympy import MatrixSymbol
    >>> Diagonal(MatrixSymbol("A", 3, 3))
    Diagonal(A)
    """

    A: MatrixExpr

    def __post_init__(self):
        object.__setattr__(self, "A", _symbol(self.A, "Diagonal"))
        _square(self.A, "Diagonal")

    @property
    def probes(self):
        """An arbitrary other diagonal matrix."""
        return (Diagonal(MatrixSymbol(f"D_{self.A.name}", *self.A.shape)),)

    def defect(self):
        """Who commutes with every diagonal matrix is diagonal."""
        (D,) = (probe.A for probe in self.probes)
        return (self.A * D - D * self.A,)


@dataclass(frozen=True, repr=False)
class Orthonormal(Relation):
    r"""The columns of U are orthonormal: :math:`U^\top U = I`, and :math:`UU^\top = I` if square.

    For orthonormal rows of W give `Orthonormal(W.T)`.

    >>> from sympy import MatrixSymbol
    >>> Orthonormal(MatrixSymbol("U", 3, 2))
    Orthonormal(U)
    """

    U: MatrixExpr

    def __post_init__(self):
        U = as_matrix(self.U)
        _symbol(U.T if isinstance(U, Transpose) else U, "Orthonormal")
        object.__setattr__(self, "U", U)
        n, k = U.shape
        if (n - k).is_negative:
            raise InputError(
                f"Orthonormal({U}): {k} columns of length {n} cannot be orthonormal; for "
                f"orthonormal rows give Orthonormal({U.T})"
            )

    def defect(self):
        U, (n, k) = self.U, self.U.shape
        return (U.T * U - Identity(k),) + ((U * U.T - Identity(n),) if n == k else ())


@dataclass(frozen=True, repr=False)
class Normalised(Relation):
    r"""The columns of U are orthonormal in the symmetric form A, definite or not: :math:`U^\top A U = I`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> A, U = MatrixSymbol("A", 3, 3), MatrixSymbol("U", 3, 2)
    >>> bool(matrix_equal(A*U*U.T*A.T*U, A*U, where=Normalised(U, A)))
    True
    """

    U: MatrixExpr
    A: MatrixExpr

    def __post_init__(self):
        U = as_matrix(self.U)
        _symbol(U.T if isinstance(U, Transpose) else U, "Normalised")
        object.__setattr__(self, "U", U)
        object.__setattr__(self, "A", _symbol(self.A, "Normalised"))
        _square(self.A, "Normalised")
        if U.shape[0] != self.A.shape[0] or (U.shape[0] - U.shape[1]).is_negative:
            raise InputError(f"Normalised({U}, {self.A}): shapes {tuple(U.shape)} and {tuple(self.A.shape)} do not fit")

    def defect(self):
        return (self.A - self.A.T, self.U.T * self.A * self.U - Identity(self.U.shape[1]))


@dataclass(frozen=True, repr=False)
class Commutes(Relation):
    """A B = B A, for matrices or words such as `Commutes(Phi*Phi.T, W)`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> A, B = MatrixSymbol("A", 3, 3), MatrixSymbol("B", 3, 3)
    >>> bool(matrix_equal(A*B*A, A*A*B, where=Commutes(A, B)))
    True
    """

    A: MatrixExpr
    B: MatrixExpr

    def __post_init__(self):
        for name in "AB":
            object.__setattr__(self, name, as_matrix(getattr(self, name)))
            _square(getattr(self, name), "Commutes")
        if self.A.shape != self.B.shape:
            raise InputError(
                f"Commutes({self.A}, {self.B}): shapes {tuple(self.A.shape)} and {tuple(self.B.shape)} differ"
            )

    def defect(self):
        return (self.A * self.B - self.B * self.A,)


def check_relations(where):
    """A tuple of relations, malformed input refused."""
    where = (where,) if isinstance(where, Relation) or not isinstance(where, Iterable) else tuple(where)
    for r in where:
        if not isinstance(r, Relation):
            raise InputError(f"{r!r} is not a relation; use Symmetric, Orthonormal, Normalised, Commutes or Diagonal")
        if None in r.matrices:
            raise InputError(f"{type(r).__name__}(): name the matrix")
    try:
        check_names(*(m for r in where for m in r.matrices))
    except InputError as error:
        raise InputError(f"contradictory relations: {error}") from None
    return where
