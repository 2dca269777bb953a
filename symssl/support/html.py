"""Tables for notebooks: self-contained HTML, every cell escaped."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]


def html_table(heading: Sequence[object], rows: Iterable[Sequence[object]], *, caption: str = "") -> str:
    """A table as HTML.

    >>> html_table(("id", "verdict"), [("a<b", "holds")])
    '<table><tr><th>id</th><th>verdict</th></tr><tr><td>a&lt;b</td><td>holds</td></tr></table>'
    """
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(_row("td", row) for row in rows)
    return f"<table>{above}{_row('th', heading) if heading else ''}{body}</table>"


def _row(tag: str, cells: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"
