"""Suggestions: near names, and nothing where none is near."""

from hypothesis import given, strategies as st

from symssl.support.suggestions import did_you_mean

NAMES = st.lists(st.text("abcdef", min_size=4, max_size=8), min_size=1, max_size=5, unique=True)


@given(NAMES, st.data())
def test_a_slip_of_one_letter_is_found(names, data):
    name = data.draw(st.sampled_from(names))
    slip = name[:-1] + "z"
    clause = did_you_mean(slip, names)
    assert clause.startswith("; did you mean ")
    assert clause.endswith("?")
    assert set(clause[len("; did you mean ") : -1].split(" or ")) <= set(names)


@given(NAMES)
def test_nothing_is_near_what_shares_no_letter(names):
    assert did_you_mean("xyzw", names) == ""
    assert did_you_mean("xyzw", names, "; none") == "; none"
