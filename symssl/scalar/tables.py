"""Tables of cases and conditions in LaTeX, as the results on scalar flows print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy as sp

from ..typeset.formulas import Tex, as_text

__all__ = ["array", "condition_of", "numbered", "stable_words", "stacked", "together"]

_MANY = 4  # words that are listed where they alternate
_TIMES = {1: "", 2: "double", 3: "triple"}


def array(rows: Iterable[Sequence[str]]) -> Tex:
    r"""Rows of finished LaTeX in columns set flush left; a column that is empty in every row is left out.

    >>> print(array([["2", "", "m > 0"], ["0", "", "m < 0"]]))
    \begin{array}{l@{\quad}l}
    2 & m > 0 \\
    0 & m < 0
    \end{array}
    """
    rows = [[rf"\displaystyle {cell}" if r"\frac" in cell else cell for cell in map(str, row)] for row in rows]
    kept = [column for column in zip(*rows) if any(column)]
    apart = " \\\\[3pt]\n" if any(r"\frac" in cell for column in kept for cell in column) else " \\\\\n"
    body = apart.join(" & ".join(cells) for cells in zip(*kept))
    return Tex("\\begin{array}{" + r"@{\quad}".join("l" * len(kept)) + "}\n" + body + "\n\\end{array}")


def stacked(parts: Iterable[str]) -> Tex:
    """Formulas under each other, flush left; one alone stays as it is."""
    parts = tuple(parts)
    if len(parts) == 1:
        return Tex(parts[0])
    return Tex("\\begin{array}{@{}l@{}}\n" + " \\\\[4pt]\n".join(parts) + "\n\\end{array}")


def condition_of(condition: sp.Basic, write: Callable[[Any], str], word: str = "if") -> Tex:
    r"""A condition in words and formulas, nothing for the one that always holds.

    >>> x, y = sp.symbols("x y")
    >>> condition_of((x > 0) & sp.Ne(y, 0), sp.latex)
    '\\text{if } x > 0,\\ y \\neq 0'
    """
    if condition == sp.true:
        return Tex("")
    return Tex(rf"\text{{{word} }} {_joined(_without_content(condition), write)}")


def _without_content(condition):
    """Comparisons with zero without positive numerical factors: m > 0 for 4*m > 0."""
    shorter = {}
    for relation in condition.atoms(sp.core.relational.Relational):
        content, primitive = relation.lhs.as_content_primitive()
        if relation.rhs == 0 and content.is_positive:
            shorter[relation] = relation.func(primitive, 0)
    return condition.xreplace(shorter)


def _joined(condition, write):
    if isinstance(condition, sp.And):
        return r",\ ".join(_joined(part, write) for part in _simplest_first(condition.args))
    if isinstance(condition, sp.Or):
        return r"\text{ or }".join(_joined(part, write) for part in _simplest_first(condition.args))
    return write(condition)


def _simplest_first(parts):
    return sorted(
        parts, key=lambda part: (sp.count_ops(part.lhs) if part.is_Relational else 0, sp.default_sort_key(part))
    )


def numbered(name: str, k: int) -> str:
    """A symbol with a number as its index, also where it has an index already.

    >>> numbered("x", 2), numbered("c_{x}", 1)
    ('x_{2}', '{c_{x}}_{1}')
    """
    return f"{{{name}}}_{{{k}}}" if "_" in name or "^" in name else f"{name}_{{{k}}}"


def together(parts: Iterable[str]) -> Tex:
    r"""Several formulas as the entries of a tuple; one as it is.

    >>> together(["x", "y"]), together(["x"])
    ('\\left(x,\\ y\\right)', 'x')
    """
    parts = tuple(parts)
    listed = r",\ ".join(parts)
    return Tex(listed if len(parts) == 1 else rf"\left({listed}\right)")


def stable_words(kinds: Sequence[str | None], multiplicities: Sequence[int | None] = ()) -> Tex:
    r"""Stabilities as words, those of multiple equilibria with their multiplicity.

    A double equilibrium is half-stable anyway.

    >>> stable_words(["unstable", "stable", "half-stable"], [1, 3, 2])
    '\\text{unstable, stable (triple), half-stable}'
    """
    if len(kinds) > _MANY and set(kinds) == {"stable", "unstable"} and set(multiplicities) == {1}:
        return as_text(f"{kinds[0]} and {kinds[1]} in turn")
    words = []
    for kind, multiplicity in zip(kinds, multiplicities or [None] * len(kinds), strict=True):
        if multiplicity is None or (multiplicity == 2 and kind == "half-stable"):
            times = ""
        else:
            times = _TIMES.get(multiplicity, f"of multiplicity {multiplicity}")
        words.append(f"{kind} ({times})" if kind and times else kind or times)
    return as_text(", ".join(words)) if any(words) else Tex("")
