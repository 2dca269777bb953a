r"""How the nodes of a sentence are written: brackets, dots, states along a trajectory, what a symbol ranges over.

All functions take SymPy's LaTeX printer, or that of `symssl.typeset`, which also knows which dynamics and starts are
shown besides the formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sympy import Basic, MatrixSymbol
from sympy.printing.precedence import PRECEDENCE, precedence_traditional

from ..typeset.formulas import Writer
from .binding import letters
from .inputs import is_matrix

__all__ = [
    "as_argument",
    "assignments",
    "condition_latex",
    "grouped_ranges",
    "listed",
    "moving",
    "powered",
    "ranges",
    "renamed",
    "superscript",
]


def powered(text: str, exponent: Any) -> str:
    """LaTeX raised to a power, in brackets."""
    return text if exponent is None else rf"\left({text}\right)^{{{exponent}}}"


def superscript(text: str, mark: str) -> str:
    """A name with a mark above, beside what stands above already."""
    raised = re.search(r"\^|'", text)
    return rf"\left({text}\right)^{{{mark}}}" if raised else f"{text}^{{{mark}}}"


def as_argument(printer: Any, term: Any, closed: bool = False) -> str:
    """A term behind an operator: a sum in brackets; where `closed`, a product too."""
    text = printer._print(term)
    level = precedence_traditional(term)
    loose = level <= PRECEDENCE["Add"] or text.startswith("-")
    product = level <= PRECEDENCE["Mul"] or getattr(term, "is_open_sum", False)
    return rf"\left({text}\right)" if loose or (closed and product) else text


@contextmanager
def renamed(printer: Any, notation: Mapping[Any, str | None]) -> Iterator[None]:
    """Another notation for some symbols within the block; None for their own."""
    if hasattr(printer, "named"):
        with printer.named(notation):
            yield
        return
    before = printer._settings["symbol_names"]
    base = printer.__dict__.setdefault("notation", before)
    own = {symbol: base.get(symbol) if text is None else text for symbol, text in notation.items()}
    printer._settings["symbol_names"] = {k: v for k, v in {**before, **own}.items() if v is not None}
    try:
        yield
    finally:
        printer._settings["symbol_names"] = before


def listed(texts: Iterable[str]) -> str:
    r"""LaTeX joined as in prose.

    >>> listed(["a", "b", "c"])
    'a, b \\text{ and } c'
    """
    *first, last = texts
    return rf"{', '.join(first)} \text{{ and }} {last}" if first else last


def label(printer: Any, dynamics: Any) -> str:
    """What tells these dynamics from others in the same formula; nothing where there are no others."""
    return getattr(printer, "labels", {}).get(dynamics, "")


def moving(printer: Any, dynamics: Any, time: str, start: Any = None) -> dict[Any, str]:
    """The states of dynamics as functions of time; with their start unless that is shown besides the formula."""
    mark = label(printer, dynamics)
    shown = start is None or (dynamics, start) in getattr(printer, "starts", ())
    at = {}
    for state in dynamics.states:
        own = printer._print(state)
        known = shown or start[state] == state
        begin = "" if known else rf";\, {own}(0) = {printer._print(start[state])}"
        at[state] = f"{superscript(own, mark) if mark else own}({time}{begin})"
    return at


def assignments(printer: Any, point: Any, plain: bool = True) -> str:
    """Values of a point: ``x = 1``; several as tuples, ``(x, y) = (1, 2)``."""
    pairs = sorted(point.items(), key=lambda pair: str(pair[0]))
    with renamed(printer, dict.fromkeys((key for key, _ in pairs), None) if plain else {}):
        keys = [printer._print(key) for key, _ in pairs]
    values = [_value(printer, key, value) for key, value in pairs]
    known = {key.name for key, _ in pairs}
    sign = r"\to" if any(known & letters(value) for _, value in pairs) else "="  # x = 2 x would be an equation
    if len(pairs) == 1:
        return f"{keys[0]} {sign} {values[0]}"
    return rf"\left({', '.join(keys)}\right) {sign} \left({', '.join(values)}\right)"


def _value(printer: Any, key: Any, value: Any) -> str:
    sides = getattr(printer, "sides", None)
    return sides(key, value)[1] if sides and is_matrix(key) else printer._print(value)


def condition_latex(printer: Any, condition: Any) -> str:
    """A condition or a relation between matrices, in one line."""
    value = getattr(condition, "value", condition)
    if isinstance(value, Basic):
        return printer.condition(value) if hasattr(printer, "condition") else printer._print(value)
    made = value._latex_form(Writer(printer, float("inf")))
    if isinstance(made, str):
        return made
    return ", ".join(
        f"{_side(printer, l.left, l.right, 0)} {l.relation} {_side(printer, l.left, l.right, 1)}" for l in made
    )


def _side(printer: Any, left: Any, right: Any, which: int) -> str:
    part = (left, right)[which]
    if isinstance(part, str):
        return part
    sides = getattr(printer, "sides", None)
    return sides(left, right)[which] if sides and not isinstance(left, str) else printer._print(part)


# --- what symbols range over --------------------------------------------------------------

_SIGNS = (
    ("is_positive", "> 0"),
    ("is_negative", "< 0"),
    ("is_nonnegative", r"\geq 0"),
    ("is_nonpositive", r"\leq 0"),
    ("is_nonzero", r"\neq 0"),
)


def domain(printer: Any, symbol: Any) -> str:
    r"""What a symbol ranges over, as it stands after it: ``> 0``, ``\in \mathbb{R}^{h \times d}``."""
    if own := getattr(symbol, "ranges_over", ""):  # a function
        return own
    if isinstance(symbol, MatrixSymbol):
        rows, columns = map(printer._print, symbol.shape)
        return (
            rf"\in \mathbb{{R}}^{{{rows}}}"
            if symbol.shape[1] == 1
            else rf"\in \mathbb{{R}}^{{{rows} \times {columns}}}"
        )
    if symbol.is_integer:
        kinds = {"is_positive": r"\in \{1, 2, \dots\}", "is_nonnegative": r"\in \{0, 1, \dots\}"}
        return next((text for test, text in kinds.items() if getattr(symbol, test)), r"\in \mathbb{Z}")
    return next((text for test, text in _SIGNS if getattr(symbol, test)), r"\in \mathbb{R}")


def ranges(printer: Any, symbols: Sequence[Any]) -> str:
    """Symbols with what they range over, those of one kind together."""
    return listed(grouped_ranges(printer, symbols))


def grouped_ranges(printer: Any, symbols: Sequence[Any]) -> list[str]:
    """The same, one text for every kind."""
    groups: dict[str, list[str]] = {}
    for symbol in symbols:
        groups.setdefault(domain(printer, symbol), []).append(printer._print(symbol))
    return [f"{', '.join(names)} {kind}" for kind, names in groups.items()]


def unused_letter(letters: Iterable[str], taken: Iterable[str]) -> str:
    """The first letter that is not taken."""
    used = set(taken)
    return next(letter for letter in letters if letter not in used)


def tuple_of(printer: Any, parts: Iterable[Any]) -> str:
    """One name, or several in brackets."""
    texts = [printer._print(part) for part in parts]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
