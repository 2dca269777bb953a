"""Time courses: what integration, descent, training runs and closed forms report, in one shape.

A time course holds times, the values of every state at these times, and how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError
from ..support.arguments import described
from ..support.arrays import reals
from ..support.records import Record
from ..support.suggestions import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Status", "TimeCourse", "increasing_times"]

Status = Literal["finished", "event", "stopped", "diverged", "failed"]

_SHOWN = 6  # states that a repr lists


@dataclass(frozen=True, eq=False, repr=False)
class TimeCourse(Record):
    """States along time.  Two time courses are equal where all that they hold is, arrays included.

    Attributes
    ----------
    times : array (n,), in rising order
    values : mapping from the name of a state to an array whose first axis is the times: (n,) for a number,
        (n, modes) for one number a mode, (n, rows, columns) for a matrix
    status : "finished"; "event", an event ended it; "stopped", by the caller; "diverged" or "failed"
    message : what happened and what to try; empty where it finished

    ``course[x]`` are the values of a state by name or Symbol; `InputError` for one that is not recorded.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow, integrate
    >>> x = symbols("x", positive=True)
    >>> course = integrate(Flow({x: -x}), {x: 1.0}, [0, 1, 2])
    >>> course[x].round(6).tolist() == course.values["x"].round(6).tolist() == [1.0, 0.367879, 0.135335]
    True
    >>> course
    Path: finished, 3 times from 0 to 2
      x: 1 to 0.135335
    """

    times: np.ndarray
    values: Mapping[str, np.ndarray]
    status: Status
    message: str

    def __getitem__(self, state: sp.Symbol | str) -> np.ndarray:
        name = state.name if isinstance(state, sp.Symbol) else state
        if not isinstance(name, str):
            raise InputError(f"a state is named by a string or a Symbol, not by {described(state)}")
        if name not in self.values:
            known = ", ".join(self.values) or "none"
            raise InputError(f"no state called {name!r}: there are {known}{did_you_mean(name, self.values)}")
        return self.values[name]

    def to_dataframe(self) -> pd.DataFrame:
        """A pandas frame with a row for each time and a column for each number: ``s``, or ``s[0]``, ``s[1]``, ...

        Raises
        ------
        InputError
            Where pandas is missing.
        """
        try:
            import pandas as pd
        except ImportError:
            raise InputError("to_dataframe() needs pandas: pip install pandas") from None
        columns = {}
        for name, values in self.values.items():
            for place in np.ndindex(np.shape(values)[1:]):
                columns[f"{name}[{', '.join(map(str, place))}]" if place else name] = np.moveaxis(values, 0, -1)[place]
        return pd.DataFrame(columns, index=pd.Index(self.times, name="time"))

    def _headline(self) -> str:
        times = self.times
        span = f" from {times[0]:g} to {times[-1]:g}" if len(times) else ""
        return f"{self.status}, {len(times)} time{'s' * (len(times) != 1)}{span}"

    def _rows(self) -> list[tuple[str, str]]:
        """Name and summary of each state: its first and last value, or its shape."""
        return [(name, _summary(values)) for name, values in self.values.items()]

    def __repr__(self) -> str:
        rows = self._rows()
        lines = [f"{type(self).__name__}: {self._headline()}"]
        lines += [f"  {name}: {summary}" for name, summary in rows[:_SHOWN]]
        if len(rows) > _SHOWN:
            lines.append(f"  and {len(rows) - _SHOWN} more: {', '.join(name for name, _ in rows[_SHOWN:])}")
        lines += [f"  {line}" for line in wrap(self.message, 116, max_lines=3)]
        return "\n".join(line if len(line) <= 120 else f"{line[:117]}..." for line in lines)

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in self._rows())
        caption = escape(f"{type(self).__name__}: {self._headline()}")
        message = f"<p>{escape(self.message)}</p>" if self.message else ""
        return f"<table><caption>{caption}</caption>{rows}</table>{message}"


def _summary(values: Any) -> str:
    values = np.asarray(values)
    if values.ndim == 1 and values.size:
        return f"{values[0]:g} to {values[-1]:g}"
    return f"array {values.shape}"


def increasing_times(times: Any) -> np.ndarray:
    """At least two finite times in increasing order, as an array; `InputError` for anything else.

    >>> increasing_times([0, 1]).tolist()
    [0.0, 1.0]
    """
    times = reals("times", times)
    if times.ndim != 1 or times.size < 2 or not np.isfinite(times).all() or not (np.diff(times) > 0).all():
        raise InputError(
            f"times must be at least two finite numbers in increasing order, not {described(times.tolist())}"
        )
    return times
