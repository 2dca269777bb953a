"""Checksums in JSON: every change is noticed, that of the order of entries too."""

import json

from hypothesis import assume, given, strategies as st

from symssl.support.seals import is_sealed, seal

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
