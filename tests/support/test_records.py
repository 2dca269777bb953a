"""Records are equal where all that they hold is, also after pickling."""

import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.support.records import Record, same_content

ARRAYS = st.lists(st.floats(width=32), max_size=4).map(lambda values: np.array(values, float))
THINGS = st.recursive(
    st.integers() | st.floats() | st.text(max_size=3) | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=5,
)


@dataclass(frozen=True, eq=False)
class Place(Record):
    """A record with an array, and a field that does not count."""

    value: object
    note: str = field(default="", compare=False)


@given(THINGS)
def test_what_is_pickled_comes_back_equal(thing):
    record = Place(thing)
    assert pickle.loads(pickle.dumps(record)) == record == Place(thing, "another note")


@given(THINGS, THINGS)
def test_records_differ_where_their_content_does(a, b):
    assert (Place(a) == Place(b)) is same_content(a, b) is same_content(b, a)
    assert not same_content([a], [a, b])
    assert not same_content((a,), [a])


def test_records_have_no_hash_and_differ_from_anything_else():
    with pytest.raises(TypeError):
        hash(Place(1))
    assert Place(1) != 1
    assert not same_content(np.array([1]), np.array([1.0]))
    assert not same_content(np.array(1), 1)
