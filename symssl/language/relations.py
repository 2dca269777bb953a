"""Relations between matrices: explicit objects, used after differentiation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from sympy import Identity, MatrixExpr, MatrixSymbol, Transpose

from ..errors import InputError
from ..support.arguments import described, sequence_of
from ..typeset.formulas import Formula, Line, Tex
from .inputs import as_matrix, is_matrix
from .names import check_names

__all__ = ["Commutes", "Diagonal", "Normalised", "Orthonormal", "Relation", "Symmetric", "check_relations"]


def _square(A, name):
    if A.shape[0] != A.shape[1]:
        raise InputError(f"{name}({A}): the matrix is {A.shape[0]} x {A.shape[1]}, not square")


def _symbol(A, name):
    A = as_matrix(A, f"the matrix of {name}")
    if not isinstance(A, MatrixSymbol):
        raise InputError(f"{name}({A}): give a matrix symbol, not an expression")
    return A


def _symbol_or_transpose(U, name):
    U = as_matrix(U, f"the matrix of {name}")
    _symbol(U.T if isinstance(U, Transpose) else U, name)
    return U


@dataclass(frozen=True, repr=False)
class Relation(Formula):
    """Base class: a relation between matrices that may be imposed on a flow.

    >>> from sympy import MatrixSymbol
    >>> A = MatrixSymbol("A", 3, 3)
    >>> isinstance(Symmetric(A), Relation), Symmetric(A).matrices
    (True, (A,))
    """

    probes: ClassVar[Any] = ()  # relations of auxiliary matrices that occur in the defect

    def defect(self) -> tuple[MatrixExpr, ...]:
        """The matrix expressions that vanish when the relation holds.

        >>> from sympy import MatrixSymbol
        >>> Symmetric(MatrixSymbol("A", 3, 3)).defect()
        (A - A.T,)
        """
        raise NotImplementedError

    @property
    def matrices(self) -> tuple[MatrixExpr, ...]:
        """The matrices that are related, in the order in which they were given."""
        return tuple(getattr(self, f.name) for f in fields(self))

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(A) for A in self.matrices if A is not None)})"

    __repr__ = __str__

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        if None in self.matrices:
            return Tex(rf"\mathrm{{{type(self).__name__}}}")
        return [self._line(*self.matrices)]

    def _line(self, *matrices):
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Symmetric(Relation):
    r""":math:`A = A^\top`.

    >>> from sympy import MatrixSymbol
    >>> print(Symmetric(MatrixSymbol("A", 3, 3)))
    Symmetric(A)
    """

    A: MatrixExpr | None = None  # None: the geometry of symmetric matrices, of whichever weight

    def __post_init__(self) -> None:
        if self.A is not None:
            object.__setattr__(self, "A", _symbol(self.A, "Symmetric"))
            _square(self.A, "Symmetric")

    def defect(self) -> tuple[MatrixExpr, ...]:
        """A - A^T."""
        if self.A is None:
            raise InputError("Symmetric(): name the matrix")
        return (self.A - self.A.T,)

    def _line(self, A):
        return Line(A, "=", A.T)


@dataclass(frozen=True, repr=False)
class Diagonal(Relation):
    """A is diagonal (in the fixed basis): it commutes with every diagonal matrix.

    >>> from sympy import MatrixSymbol
    >>> Diagonal(MatrixSymbol("A", 3, 3))
    Diagonal(A)
    """

    A: MatrixExpr

    def __post_init__(self) -> None:
        object.__setattr__(self, "A", _symbol(self.A, "Diagonal"))
        _square(self.A, "Diagonal")

    @property
    def probes(self) -> tuple[Relation, ...]:
        """An arbitrary other diagonal matrix."""
        return (Diagonal(MatrixSymbol(f"D_{self.A.name}", *self.A.shape)),)

    def defect(self) -> tuple[MatrixExpr, ...]:
        """The commutator with an arbitrary diagonal matrix: it vanishes exactly if A is diagonal."""
        ((D,),) = (probe.matrices for probe in self.probes)
        return (self.A * D - D * self.A,)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        A = write(self.A)
        entry = f"{{{A}}}_{{ij}}" if "_" in A else f"{A}_{{ij}}"  # never two subscripts
        return [Line(Tex(entry), "=", Tex(r"0 \quad (i \neq j)"))]


@dataclass(frozen=True, repr=False)
class Orthonormal(Relation):
    r"""The columns of U are orthonormal: :math:`U^\top U = I`, and :math:`UU^\top = I` if square.

    For orthonormal rows of W give `Orthonormal(W.T)`.

    >>> from sympy import MatrixSymbol
    >>> Orthonormal(MatrixSymbol("U", 3, 2))
    Orthonormal(U)
    """

    U: MatrixExpr

    def __post_init__(self) -> None:
        U = _symbol_or_transpose(self.U, "Orthonormal")
        object.__setattr__(self, "U", U)
        n, k = U.shape
        if (n - k).is_negative:
            raise InputError(
                f"Orthonormal({U}): {k} columns of length {n} cannot be orthonormal; for "
                f"orthonormal rows give Orthonormal({U.T})"
            )

    def _line(self, U):
        return Line(U.T * U, "=", Identity(U.shape[1]))

    def defect(self) -> tuple[MatrixExpr, ...]:
        """U^T U - I, and U U^T - I where U is square."""
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

    def __post_init__(self) -> None:
        U = _symbol_or_transpose(self.U, "Normalised")
        object.__setattr__(self, "U", U)
        object.__setattr__(self, "A", _symbol(self.A, "Normalised"))
        _square(self.A, "Normalised")
        if U.shape[0] != self.A.shape[0] or (U.shape[0] - U.shape[1]).is_negative:
            raise InputError(f"Normalised({U}, {self.A}): shapes {tuple(U.shape)} and {tuple(self.A.shape)} do not fit")

    def _line(self, U, A):
        return Line(U.T * A * U, "=", Identity(U.shape[1]))

    def defect(self) -> tuple[MatrixExpr, ...]:
        """A - A^T, and U^T A U - I."""
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

    def __post_init__(self) -> None:
        for name in "AB":
            object.__setattr__(self, name, as_matrix(getattr(self, name), f"the matrix {name} of Commutes"))
            _square(getattr(self, name), "Commutes")
        if self.A.shape != self.B.shape:
            raise InputError(
                f"Commutes({self.A}, {self.B}): shapes {tuple(self.A.shape)} and {tuple(self.B.shape)} differ"
            )

    def _line(self, A, B):
        return Line(A * B, "=", B * A)

    def defect(self) -> tuple[MatrixExpr, ...]:
        """A B - B A."""
        return (self.A * self.B - self.B * self.A,)


def check_relations(where: Any, name: str = "where") -> tuple[Relation, ...]:
    """A relation, or several, as a tuple; `InputError` for anything else and for contradictions.

    >>> from sympy import MatrixSymbol
    >>> check_relations(Symmetric(MatrixSymbol("A", 3, 3)))
    (Symmetric(A),)
    """
    if isinstance(where, Relation):
        where = (where,)
    elif isinstance(where, str) or not isinstance(where, Iterable) or is_matrix(where):
        raise InputError(f"{name} must be relations, such as Symmetric(A), not {described(where)}")
    where = sequence_of(name, sorted(where, key=str) if isinstance(where, (set, frozenset)) else where, "relations")
    for r in where:
        if not isinstance(r, Relation):
            raise InputError(
                f"{name} holds {described(r)}, which is not a relation: "
                "use Symmetric, Orthonormal, Normalised, Commutes or Diagonal"
            )
        if None in r.matrices:
            raise InputError(f"{type(r).__name__}(): name the matrix")
    try:
        check_names(*(m for r in where for m in r.matrices))
    except InputError as error:
        raise InputError(f"contradictory relations: {error}") from None
    return where
