"""The names in an expression; two different symbols of one name are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Basic, Dummy, MatrixSymbol, Symbol

from ..errors import InputError
from .binding import Binder
from .operators import MatrixTotal, Total
from .random_vectors import GaussianVector
from .sample_vectors import Sample
from .scalars import Potential, PotentialGradient
from .unit_vectors import UnitVector

__all__ = ["bound_names", "check_names", "free_names", "names_in"]

_UNNAMED = (Dummy, PotentialGradient, UnitVector)  # nobody declares them


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
            if isinstance(s, _UNNAMED):
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


def names_in(*exprs: Any) -> dict[str, Any]:
    """The names that occur, bound ones and sizes included: name -> symbol, family of samples or function.

    >>> from sympy import MatrixSymbol, symbols
    >>> h, d = symbols("h d", integer=True)
    >>> sorted(names_in(MatrixSymbol("W", h, d)))
    ['W', 'd', 'h']
    """
    found: dict[str, Any] = {}
    for expr in exprs:
        for part in _parts_of(expr):
            if isinstance(part, Potential):
                found.setdefault(str(part.args[0]), part)
            elif isinstance(part, (Symbol, MatrixSymbol)) and not isinstance(part, _UNNAMED):
                found.setdefault(part.name, part)
    return found


def free_names(*exprs: Any) -> list[tuple[str, Any]]:
    """Names with what they stand for, where they are not bound; those of the shapes of matrices too.

    >>> from sympy import MatrixSymbol, Symbol, oo
    >>> from symssl.language import Limit
    >>> t, a, h = Symbol("t"), Symbol("a"), Symbol("h")
    >>> [name for name, _ in free_names(Limit(a*t, t, oo) + a)]
    ['a']
    """
    found: dict[tuple[str, Any], None] = {}
    seen: set[Any] = set()
    stack: list[tuple[Any, frozenset[Any]]] = [(expr, frozenset()) for expr in exprs]
    while stack:
        part, bound = stack.pop()
        if isinstance(part, (tuple, list)):
            stack.extend((p, bound) for p in part)
        if not isinstance(part, Basic) or (part, bound) in seen:
            continue
        seen.add((part, bound))
        if isinstance(part, Potential):
            found[str(part.args[0]), part] = None
        elif isinstance(part, (Symbol, MatrixSymbol)) and not isinstance(part, _UNNAMED) and part not in bound:
            found[part.name, part] = None
        mine = bound | set(getattr(part, "bound_symbols", ()))
        if isinstance(part, Binder):
            stack.extend((part.args[k], mine) for k in part.within)
            stack.append((part.outer, bound))
        else:
            stack.extend((p, mine) for p in part.args)
    return list(found)


def _parts_of(expr: Any) -> Iterator[Any]:
    """All parts, and those of the shapes of matrices."""
    stack, seen = [expr], set()
    while stack:
        part = stack.pop()
        if not isinstance(part, Basic) or part in seen:
            continue
        seen.add(part)
        yield part
        if isinstance(part, Potential):
            stack.extend(part.args[1:])
        else:
            stack.extend(part.args)


def bound_names(expr: Any) -> set[str]:
    """Names that the expression binds itself: indices of sums, variables of limits, quantified symbols.

    >>> from sympy import Integral, Symbol
    >>> bound_names(Integral(Symbol("x"), (Symbol("x"), 0, 1)))
    {'x'}
    """
    return {symbol.name for part in _parts_of(expr) for symbol in getattr(part, "bound_symbols", ())}
