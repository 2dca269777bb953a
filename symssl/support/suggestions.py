"""What is said about a name that is not there: the nearest ones that are."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A clause to append to a message: "; did you mean ...?", or `otherwise` where nothing is near.

    >>> did_you_mean("gama", ["gamma", "rho"])
    '; did you mean gamma?'
    """
    near = get_close_matches(str(name), [str(k) for k in known], 3, 0.5)
    return f"; did you mean {' or '.join(near)}?" if near else otherwise
