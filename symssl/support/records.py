"""Records: frozen results that are equal where all that they hold is, arrays included."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

__all__ = ["Record", "same_content"]


class Record:
    """Base of frozen dataclasses that hold arrays: equal where all their fields are, also after pickling.

    Records have no hash: arrays have none.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Point(Record):
    ...     place: np.ndarray
    >>> Point(np.array([1.0, np.nan])) == Point(np.array([1.0, np.nan]))
    True
    """

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _same_fields(self, other)


def same_content(a: Any, b: Any) -> bool:
    """Whether two values hold the same: arrays by type and entries, NaN like NaN, containers item by item.

    >>> same_content({"t": np.array([1.0, np.nan])}, {"t": np.array([1.0, np.nan])})
    True
    >>> same_content(np.array([1]), np.array([1.0]))
    False
    """
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype):
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if isinstance(a, (tuple, list)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_content, a, b))
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and list(a) == list(b) and all(same_content(a[key], b[key]) for key in a)
    if is_dataclass(a) and not isinstance(a, type) and type(a) is type(b):
        return _same_fields(a, b)
    return bool(a == b) or bool(a != a and b != b)  # NaN is the one thing that differs from itself


def _same_fields(a: Any, b: Any) -> bool:
    return all(same_content(getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if f.compare)
