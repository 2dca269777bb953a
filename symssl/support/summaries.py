"""What an object shows of itself in a terminal: its class and a few short lines."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["summary"]

_WIDTH, _LINES, _SHORT = 100, 12, 88


def summary(name: str, rows: Iterable[str], *, width: int = _WIDTH, lines: int = _LINES) -> str:
    """A `repr` from the name of a class and what is to be said, one line each.

    Everything on one line where that is short; otherwise a line for each row, cut at `width`
    characters, and a count of the rows that did not fit into `lines` lines.

    >>> summary("Flow", ["x' = -k*x", "parameters: k"])
    "Flow(x' = -k*x; parameters: k)"
    >>> print(summary("Table", [f"row {k}" for k in range(30)], lines=4))
    Table
      row 0
      row 1
      ... and 28 more lines
    """
    rows = [" ".join(str(row).split()) for row in rows]
    whole = f"{name}({'; '.join(rows)})"
    if len(whole) <= _SHORT:
        return whole
    if len(rows) > lines - 1:
        hidden = len(rows) - (lines - 2)
        rows = [*rows[: lines - 2], f"... and {hidden} more lines"]
    return "\n".join([name, *(f"  {_cut(row, width - 2)}" for row in rows)])


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 4]} ..."
