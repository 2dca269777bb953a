"""Eigenvalues, singular values and ranks of explicit matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Integer, MatMul, MatrixBase, MatrixSymbol, sqrt

from ...errors import Refusal, Undecided
from ...language.terms import Eigenvalue
from ..facts import decided
from .derivation import Found, rule_for

__all__: list[str] = []


@rule_for(Eigenvalue, opaque=False)
def _eigenvalue(term: Any, given: Sequence[Any]) -> Found:
    matrix, number, kind = term.args
    matrix = matrix.doit() if not isinstance(matrix, MatrixBase) else matrix
    stated = all(getattr(n, "is_Integer", True) for n in matrix.shape)
    if not isinstance(matrix, MatrixBase) and stated and not matrix.atoms(MatrixSymbol):
        matrix = matrix.as_explicit()  # a product of explicit matrices
    if (scaled := _scaled(matrix, number, str(kind))) is not None:
        return scaled, {"rule": "eigenvalues of a multiple of a matrix"}
    if not isinstance(matrix, MatrixBase):
        raise Refusal(f"the spectrum of {matrix} is found at explicit matrices", term)
    if str(kind) == "rank":
        if matrix.free_symbols:
            raise Refusal("the rank of a matrix with symbols depends on them", term)
        return Integer(matrix.rank()), {"rule": "the rank"}
    singular = str(kind) == "singular"
    if not singular and matrix != matrix.T:
        raise Refusal("eigenvalues are numbered for symmetric matrices", term)
    base = (matrix.T * matrix if matrix.shape[1] <= matrix.shape[0] else matrix * matrix.T) if singular else matrix
    values = [value for value, times in base.eigenvals().items() for _ in range(times)]
    if len(values) < base.shape[0]:
        raise Refusal("not all eigenvalues have a closed form", matrix)
    ordered = _sorted(values, given)
    if not number.is_Integer or number == 0 or abs(int(number)) > len(ordered):
        raise Refusal(f"there is no eigenvalue number {number} of {len(ordered)}", term)
    if singular:
        return sqrt(ordered[-int(number)] if number > 0 else ordered[-int(number) - 1]), {"rule": "the singular values"}
    return ordered[int(number) - 1] if number > 0 else ordered[int(number)], {"rule": "the eigenvalues"}


def _scaled(matrix: Any, number: Any, kind: str) -> Any:
    """The extreme eigenvalue of a multiple of a matrix symbol, by the sign of the factor; None for others."""
    if kind != "eigenvalue" or number not in (1, -1) or not isinstance(matrix, MatMul):
        return None
    scale, rest = matrix.as_coeff_mmul()
    rest = rest.args[0] if isinstance(rest, MatMul) and len(rest.args) == 1 else rest
    if not isinstance(rest, MatrixSymbol) or not (scale.is_positive or scale.is_negative):
        return None
    return scale * Eigenvalue(rest, number if scale.is_positive else -number)


def _sorted(values: list[Any], given: Sequence[Any]) -> list[Any]:
    """From the least to the greatest, as far as the hypotheses tell."""
    out: list[Any] = []
    for value in values:
        place = 0
        while place < len(out) and _at_most(out[place], value, given):
            place += 1
        out.insert(place, value)
    return out


def _at_most(a: Any, b: Any, given: Sequence[Any]) -> bool:
    for relation, answer in ((a <= b, True), (a > b, False)):
        if relation == True or (relation != False and decided(relation, given)[0] is True):  # noqa: E712 - SymPy's own truth values
            return answer
    raise Undecided(f"which of {a} and {b} is the greater was not settled", a - b)
