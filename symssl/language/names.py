"""Two different symbols of one name are refused."""

from __future__ import annotations

from sympy import Basic, Dummy, MatrixSymbol, Symbol

from ..errors import InputError
from .operators import MatrixTotal, Total
from .random_vectors import GaussianVector
from .sample_vectors import Sample
from .scalars import PotentialGradient

__all__ = ["check_names"]


def check_names(*exprs: Basic) -> None:
    """Refuse two different symbols of one name: on paper they could not be told apart.

    >>> from sympy import symbols
    >>> check_names(symbols("a") + symbols("b"))

    Raises
    ------
    InputError
        Names the symbol that occurs with two shapes, laws or sets of assumptions.
    """
    seen: dict[str, object] = {}
    for e in exprs:
        bound = {t.args[1] for t in e.atoms(Total, MatrixTotal)} | {s.index for s in e.atoms(Sample)}
        for s in e.atoms(MatrixSymbol, Symbol) - bound:
            if isinstance(s, (PotentialGradient, Dummy)):
                continue
            kind = (
                (type(s), *s.args[1:3], s.size)
                if isinstance(s, Sample)
                else s.copied(1)
                if isinstance(s, GaussianVector)
                else s
            )
            if seen.setdefault(s.name, kind) != kind:
                raise InputError(
                    f"two different symbols are called {s.name}: declare it once, with "
                    "one shape, one law and one set of assumptions"
                )
