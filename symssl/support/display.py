"""How results show themselves: a few lines of text at a prompt, a small table in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["call_like", "html_table", "listing", "shown", "summary", "words_of"]

_WIDTH = 120  # characters of a line
_LINES = 12  # of a summary
_SHORT = 88  # characters of what stays on one line
_ROWS = 8  # lines of a listing, and rows of a table, between its head and its notes


def summary(title: str, lines: Iterable[object]) -> str:
    """A title with at most eleven short lines under it; what is longer is cut, what is more is counted.

    >>> print(summary("Sums", ["1 + 1 = 2", "1 + 2 = 3"]))
    Sums
      1 + 1 = 2
      1 + 2 = 3
    """
    rows = [f"  {_one_line(line)}" for line in lines]
    if len(rows) >= _LINES:
        rows = [*rows[: _LINES - 2], f"  ... and {len(rows) - _LINES + 2} more"]
    return "\n".join(map(_clipped, [_one_line(title), *rows]))


def words_of(error: BaseException) -> str:
    r"""Kind and message of an exception in one line, also of one that has no words for itself.

    >>> words_of(ValueError("two\nlines"))
    'ValueError: two lines'
    """
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception of somebody else's, and what it says may fail in turn
        text = ""
    return ": ".join(filter(None, (type(error).__name__, text)))


def call_like(name: str, parts: Iterable[object]) -> str:
    """Name and parts as a call on one line where that is short, else as a summary.

    >>> call_like("Flow", ["x' = -k*x", "parameters: k"])
    "Flow(x' = -k*x; parameters: k)"
    >>> call_like("Table", [f"row {k}" for k in range(30)]).splitlines()[-1]
    '  ... and 20 more'
    """
    told = [_one_line(part) for part in parts]
    whole = f"{name}({'; '.join(told)})"
    return whole if len(whole) <= _SHORT else summary(name, told)


def listing(head: str, rows: Iterable[Sequence[object]] = (), notes: Iterable[str] = ()) -> str:
    """Text for a prompt: a head, rows in columns, and notes; at most a dozen lines of at most 120 characters.

    Rows that do not fit are counted, not shown.

    >>> print(listing("Roots: 2", [("x = -1", "stable"), ("x = 1", "unstable")]))
    Roots: 2
      x = -1  stable
      x = 1   unstable
    """
    table = [tuple(map(shown, row)) for row in rows]
    visible = table if len(table) <= _ROWS else table[: _ROWS - 1]
    widths = [max(map(len, column)) for column in zip(*visible)] if visible else []
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in visible]
    if len(visible) < len(table):
        lines.append(f"  ... and {len(table) - len(visible)} more")
    told = [" ".join(note.split()) for note in notes if note][:2]
    return "\n".join(map(_clipped, [" ".join(head.split()), *lines, *told]))


def html_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]] = (), notes: Iterable[str] = ()
) -> str:
    """A table for a notebook: self-contained, every text escaped, at most a screenful.

    >>> html_table("Roots", ("x",), [("a<b",)])
    '<table><caption>Roots</caption><thead><tr><th>x</th></tr></thead><tbody><tr><td>a&lt;b</td></tr></tbody></table>'
    """
    table = [tuple(map(shown, row)) for row in rows]
    visible = table if len(table) <= 2 * _ROWS else table[: 2 * _ROWS - 1]
    body = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in visible)
    if len(visible) < len(table):
        body += f'<tr><td colspan="{len(columns)}">... and {len(table) - len(visible)} more</td></tr>'
    for note in notes:
        if note:
            body += f'<tr><td colspan="{len(columns)}">{_cell(note)}</td></tr>'
    head = "".join(f"<th>{_cell(column)}</th>" for column in columns)
    head = f"<thead><tr>{head}</tr></thead>" if columns else ""
    return f"<table><caption>{_cell(title)}</caption>{head}<tbody>{body}</tbody></table>"


def shown(value: object) -> str:
    """A value as it is shown in a table: numbers with six digits, None as nothing, the rest as text.

    >>> shown(0.1234567), shown(None), shown((1.0, 2.5))
    ('0.123457', '', '(1, 2.5)')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        parts = [shown(part) for part in value[:6]] + (["..."] if len(value) > 6 else [])
        return f"({', '.join(parts)})"
    return " ".join(str(value).split())


def _cell(text: str) -> str:
    return escape(_clipped(text), quote=True)


def _clipped(line: str, width: int = _WIDTH) -> str:
    return line if len(line) <= width else f"{line[: width - 4]} ..."


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
