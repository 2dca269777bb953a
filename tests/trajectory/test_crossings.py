"""Times at which recorded curves cross a level: exact for logistic and for straight curves."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.trajectory import crossing_times


@given(st.floats(0.2, 3), st.floats(1, 9), st.floats(0.1, 0.9), st.floats(0.5, 4), st.integers(5, 40))
def test_logistic_growth_is_read_off_exactly(rate, middle, share, limit, points):
    t = np.linspace(0, 30, points)
    values = limit / (1 + np.exp(rate * (middle - t)))
    wanted = middle + np.log(share / (1 - share)) / rate
    time = crossing_times(t, values, share * limit, limit)
    if values[0] < share * limit and (values < limit * (1 - 1e-9)).all():
        assert time == pytest.approx(wanted, rel=1e-6)
    k = np.searchsorted(values >= share * limit, True)
    assert t[max(k - 1, 0)] <= time <= t[k]


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=8), st.floats(0.1, 0.9))
def test_the_first_recording_above_bounds_the_time(values, level):
    times = np.arange(len(values), dtype=float)
    time = crossing_times(times, values, level)
    above = np.flatnonzero(np.array(values) >= level)
    if not above.size:
        assert np.isnan(time)
    else:
        assert max(above[0] - 1, 0) <= time <= above[0]
        if above[0] and not 0 < min(values[above[0] - 1], values[above[0]]):  # straight lines outside (0, limit)
            assert time == pytest.approx(np.interp(level, *zip(*sorted([(values[k], k) for k in above[0] + [-1, 0]]))))


def test_columns_are_curves():
    times, columns = [0, 1, 2], np.array([[0.1, 0.6], [0.4, 0.7], [0.9, 0.8]])
    each = crossing_times(times, columns)
    assert each.tolist() == [crossing_times(times, column) for column in columns.T] and each[1] == 0


@pytest.mark.parametrize(
    "arguments, culprit",
    [
        (([0, 1], [0.1]), "values must have a row"),
        (([0, 1], "ab"), "values"),
        (({0, 1}, [0, 1]), "times"),
        (([0, 1], [0, 1], 1.5), "level must be a number between"),
        (([0, 1], [0, 1], 0.5, -1), "limit"),
        (([0, 1], [0, 1], "high"), "level"),
    ],
)
def test_bad_input_is_named(arguments, culprit):
    with pytest.raises(InputError, match=culprit):
        crossing_times(*arguments)
