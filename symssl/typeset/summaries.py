"""What a result shows of itself at a REPL: its class and a few short lines."""

from collections.abc import Iterable
from textwrap import shorten

__all__ = ["summary"]

LINES, WIDTH = 12, 118


def summary(title: str, lines: Iterable[object]) -> str:
    """A title with at most eleven short lines under it; what is longer is cut, what is more is counted.

    >>> print(summary("Sums", ["1 + 1 = 2", "1 + 2 = 3"]))
    Sums
      1 + 1 = 2
      1 + 2 = 3
    """
    shown = [f"  {_cut(str(line), WIDTH - 2)}" for line in lines]
    if len(shown) >= LINES:
        shown = [*shown[: LINES - 2], f"  ... and {len(shown) - LINES + 2} more"]
    return "\n".join([_cut(title, WIDTH), *shown])


def _cut(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else shorten(text, width, placeholder=" ...") if " " in text[:width] else text[: width - 4] + " ..."
