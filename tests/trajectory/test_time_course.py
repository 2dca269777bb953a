"""The one shape of time courses: equal by content, read by Symbol or name, shown in a few lines."""

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sympy import symbols

from symssl.errors import InputError
from symssl.trajectory import TimeCourse
from symssl.trajectory.time_course import increasing_times

numbers = st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def courses(draw):
    length = draw(st.integers(0, 4))
    names = draw(st.lists(st.text("abc_1", min_size=1, max_size=9), max_size=9, unique=True))
    shapes = [(length, *draw(array_shapes(min_dims=0, max_dims=2, max_side=3))) for _ in names]
    values = {name: draw(arrays(float, shape, elements=numbers)) for name, shape in zip(names, shapes)}
    status = draw(st.sampled_from(["finished", "event", "stopped", "diverged", "failed"]))
    return TimeCourse(np.arange(float(length)), values, status, draw(st.text(max_size=300)))


@given(courses())
def test_a_course_equals_its_copy_and_differs_where_a_number_does(course):
    copy = pickle.loads(pickle.dumps(course))
    assert copy == course
    for name, values in course.values.items():
        if values.size:
            other = dict(course.values, **{name: np.where(np.isnan(values), 0.0, np.nan)})
            assert TimeCourse(course.times, other, course.status, course.message) != course
    with pytest.raises(TypeError):
        hash(course)


@given(courses())
def test_what_is_shown_is_short_and_names_the_class(course):
    text = repr(course)
    assert text.startswith("TimeCourse: ") and course.status in text
    assert len(text.splitlines()) <= 12 and all(len(line) <= 120 for line in text.splitlines())
    assert course._repr_html_().startswith("<table><caption>TimeCourse")
    assert "<script>" not in TimeCourse(course.times, {}, "failed", "<script>")._repr_html_()


@given(courses())
def test_frames_have_a_column_for_each_number(course):
    pytest.importorskip("pandas")
    frame = course.to_dataframe()
    assert frame.shape == (len(course.times), sum(int(np.prod(v.shape[1:])) for v in course.values.values()))
    for name, values in course.values.items():
        if values.ndim == 1:
            np.testing.assert_array_equal(frame[name], values)
        for place in np.ndindex(values.shape[1:]) if values.ndim > 1 else ():
            column = frame[f"{name}[{', '.join(map(str, place))}]"]
            np.testing.assert_array_equal(column, values[(slice(None), *place)])


def test_states_are_read_by_symbol_or_name():
    s = symbols("s", positive=True)
    course = TimeCourse(np.arange(2.0), {"s": np.arange(2.0), "gamma": np.ones(2)}, "finished", "")
    assert course[s] is course["s"] is course.values["s"]
    for bad, words in (("gama", "did you mean gamma"), (symbols("t"), "no state called 't'"), (1, "not by 1")):
        with pytest.raises(InputError, match=words):
            course[bad]


@pytest.mark.parametrize("times", [0, [0], [0, 0], [1, 0], [0, np.nan], [0, np.inf], {0, 1}, "01", [[0, 1]], None])
def test_times_that_do_not_increase_are_refused(times):
    with pytest.raises(InputError, match="times"):
        increasing_times(times)
