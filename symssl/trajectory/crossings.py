"""When recorded curves cross a level."""

import numpy as np

from ..errors import InputError
from ..support.arrays import reals

__all__ = ["crossing_times"]


def crossing_times(times, values, level=0.5, limit=1.0):
    """The first time at which each curve reaches a level, nan where it never does.

    Between two recordings log(v/(limit - v)) is taken to be linear, as it is for logistic growth to
    the limit; where a value is not between 0 and the limit, the value itself is.

    Parameters
    ----------
    times : array (recordings,), increasing
    values : array (recordings,) or (recordings, curves)
    level : float below the limit

    Examples
    --------
    >>> t = np.linspace(0, 10, 6)
    >>> float(crossing_times(t, 1/(1 + np.exp(3 - t))).round(9))
    3.0
    """
    times, values = reals("times", times), reals("values", values)
    if times.ndim != 1 or values.ndim not in (1, 2) or len(values) != len(times):
        raise InputError(f"expected as many recordings as times; got {values.shape} and {times.shape}")
    if not 0 < level < limit:
        raise InputError(f"the level {level:g} must lie between 0 and the limit {limit:g}")
    columns = values.reshape(len(times), -1).T
    return np.array([_crossing(times, v, level, limit) for v in columns]).reshape(values.shape[1:])[()]


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
