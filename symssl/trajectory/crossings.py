"""When recorded curves cross a level."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import number
from ..support.arrays import reals

__all__ = ["crossing_times"]


def crossing_times(
    times: ArrayLike, values: ArrayLike, level: float = 0.5, limit: float = 1.0
) -> np.ndarray | np.float64:
    """The first time at which each curve reaches a level, nan where it never does.

    Between two recordings log(v/(limit - v)) is taken to be linear, as it is for logistic growth to
    the limit; where a value is not between 0 and the limit, the value itself is.

    Parameters
    ----------
    times : array (recordings,), increasing
    values : array (recordings,) or (recordings, curves)
    level, limit : floats, 0 < level < limit

    Returns
    -------
    a number, or an array (curves,)

    Raises
    ------
    InputError
        For arrays that do not match, and a level that is not between 0 and the limit.

    Examples
    --------
    >>> t = np.linspace(0, 10, 6)
    >>> float(crossing_times(t, 1/(1 + np.exp(3 - t))).round(9))
    3.0
    """
    at, recorded = reals("times", times), reals("values", values)
    if at.ndim != 1 or recorded.ndim not in (1, 2) or len(recorded) != len(at):
        raise InputError(
            f"values must have a row for each of the times, (times,) or (times, curves): "
            f"got the shape {recorded.shape} at times of the shape {at.shape}"
        )
    top = number("limit", limit, 0, np.inf)
    wanted = number("level", level, 0, top)
    columns = recorded.reshape(len(at), -1).T
    return np.array([_crossing(at, v, wanted, top) for v in columns]).reshape(recorded.shape[1:])[()]


def _crossing(times, v, level, limit):
    above = np.flatnonzero(v >= level)
    if not above.size:
        return np.nan
    k = above[0]
    if k == 0:
        return times[0]
    ends, goal = v[k - 1 : k + 1], level
    if (0 < ends).all() and (ends < limit).all():
        ends, goal = np.log(ends / (limit - ends)), np.log(level / (limit - level))
    return times[k - 1] + (goal - ends[0]) / (ends[1] - ends[0]) * (times[k] - times[k - 1])
