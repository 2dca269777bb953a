"""Geometries of constrained weights: the gradient in a metric on the constraint set.

A geometry turns the Euclidean gradient G of a loss into its gradient on the
set, by a formula that uses the constraint nowhere; whether the flow then keeps
the constraint is proved by `MatrixFlow.impose`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from sympy import Identity, MatrixSymbol

from ..errors import InputError
from ..exact.gate import as_sympy
from ..language.inputs import as_matrix
from ..language.relations import Symmetric
from ..support.arguments import described, flag, one_of
from ..typeset.formulas import Formula, Line, Tex
from ..words.polynomials import Poly
from ..words.reading import read

__all__ = ["Grassmann", "Stiefel", "projected"]

_HALF = Fraction(1, 2)


class _Frames(Formula):
    """Matrices with orthonormal columns, or (`rows`) with orthonormal rows."""

    rows: bool

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        W = MatrixSymbol("W", 2, 2)
        return [Line(W * W.T if self.rows else W.T * W, "=", Identity(2))]

    def _columns(self, G: Poly, W: Poly) -> Poly:
        raise NotImplementedError

    def gradient(self, G: Poly, W: Poly) -> Poly:
        """The gradient of a function whose Euclidean gradient is G."""
        if self.rows:
            return self._columns(G.T, W.T).T
        return self._columns(G, W)

    def check(self, W: MatrixSymbol) -> None:
        """Refuse a weight that has too few rows for so many orthonormal columns, or the other way round."""
        n, k = map(as_sympy, as_matrix(W, "the weight").shape)  # an explicit matrix has plain integers for its shape
        if self.rows:
            n, k = k, n
        if (n - k).is_negative:
            raise InputError(
                f"{self} of {W}: {k} vectors of length {n} cannot be orthonormal; set rows={not self.rows}"
            )


@dataclass(frozen=True, init=False)
class Stiefel(_Frames):
    r"""Matrices with orthonormal columns, :math:`W^\top W = I`.

    Parameters
    ----------
    metric : "canonical" or "euclidean"
        The gradient is :math:`G - W G^\top W` in the canonical metric and
        :math:`G - \tfrac12 W(W^\top G + G^\top W)` in the Euclidean one
        (Edelman, Arias and Smith 1998, eqs. 2.53 and 2.4).
    rows : bool
        Orthonormal rows, :math:`W W^\top = I`, instead.

    >>> from sympy import MatrixSymbol
    >>> from symssl import Orthonormal, gradient_flow, inner
    >>> W, C = MatrixSymbol("W", 5, 2), MatrixSymbol("C", 5, 2)
    >>> flow = gradient_flow(-inner(C, W), W, geometry={W: Stiefel("canonical")})
    >>> flow.rhs[W]
    C - W*C.T*W
    >>> dict(flow.impose(Orthonormal(W)).residuals)
    {}
    """

    rows: bool = False
    metric: Literal["canonical", "euclidean"] = "canonical"

    def __init__(self, metric: Literal["canonical", "euclidean"] = "canonical", rows: bool = False) -> None:
        object.__setattr__(self, "metric", one_of("metric", metric, ("canonical", "euclidean")))
        object.__setattr__(self, "rows", flag("rows", rows))

    def _columns(self, G: Poly, W: Poly) -> Poly:
        if self.metric == "canonical":
            return G - W * G.T * W
        return G - (W * (W.T * G + G.T * W)).scale(_HALF)


@dataclass(frozen=True)
class Grassmann(_Frames):
    r"""Subspaces, represented by matrices with orthonormal columns (or `rows`).

    The gradient is :math:`G - W W^\top G` (Edelman, Arias and Smith 1998,
    eq. 2.70).  The loss should depend on the subspace alone.

    >>> from sympy import MatrixSymbol
    >>> from symssl import Orthonormal, gradient_flow, inner
    >>> W, A = MatrixSymbol("W", 5, 2), MatrixSymbol("A", 5, 5)
    >>> flow = gradient_flow(-inner(W, A*W)/2, W, geometry={W: Grassmann()})
    >>> dict(flow.impose(Orthonormal(W)).residuals)
    {}
    """

    rows: bool = False

    def __post_init__(self) -> None:
        flag("rows", self.rows)

    def _columns(self, G: Poly, W: Poly) -> Poly:
        return G - W * (W.T * G)


def projected(G: Poly, W: MatrixSymbol, geometry: Symmetric | Stiefel | Grassmann | None) -> Poly:
    """The gradient of the weight `W` (a symbol) in its geometry, from the Euclidean G."""
    if geometry is None:
        return G
    if isinstance(geometry, Symmetric):
        if geometry.A not in (None, W):
            raise InputError(f"the geometry {geometry} of {W} is about another matrix")
        Symmetric(W)  # refuses what is not square
        return (G + G.T).scale(_HALF)
    if isinstance(geometry, _Frames):
        geometry.check(W)
        return geometry.gradient(G, read(W))
    raise InputError(
        f"the geometry of {W} must be Symmetric(), Stiefel(...) or Grassmann(...), not {described(geometry)}"
    )
