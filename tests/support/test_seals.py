"""Checksums in JSON and of arrays: every change is noticed, that of the order of entries too."""

import json

import numpy as np
from hypothesis import assume, given, strategies as st

from symssl.support.seals import array_digest, is_sealed, seal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.text(max_size=4).filter(lambda key: key != "checksum"), VALUES, max_size=4)


@given(OBJECTS)
def test_what_is_read_back_is_sealed(content):
    again = json.loads(json.dumps(seal(content)))
    assert is_sealed(again) and seal(again) == seal(content) and not is_sealed(content)


@given(OBJECTS, OBJECTS)
def test_another_content_is_noticed(content, other):
    assume(json.dumps(content) != json.dumps(other))
    assert not is_sealed({**other, "checksum": seal(content)["checksum"]})


@given(st.lists(st.integers(0, 255), min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 255))
def test_every_byte_shape_type_and_place_of_an_array_counts(numbers, position, change):
    values = np.array(numbers, "u1")
    other = values.copy()
    other[position % len(values)] ^= change
    kinds = (other, values[:, None], values.view("i1"), np.append(values, 0).astype("u1"), values[:0])
    different = {array_digest(kind) for kind in (values, *kinds)}
    assert len(different) == 6 and array_digest(values, (1,)) not in different
    assert array_digest(np.repeat(values, 2)[::2]) == array_digest(values)  # what it holds, not how it lies in memory
