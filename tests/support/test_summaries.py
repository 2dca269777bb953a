"""What a `repr` shows: never more than a dozen lines, none of them long."""

from hypothesis import given, strategies as st

from symssl.support.summaries import summary


@given(st.lists(st.text(max_size=300), max_size=40))
def test_a_summary_is_short_and_names_its_class(rows):
    text = summary("Thing", rows)
    assert text.startswith("Thing") and len(text.splitlines()) <= 12
    assert all(len(line) <= 100 for line in text.splitlines())


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=60), min_size=1, max_size=11))
def test_what_fits_is_shown_whole(rows):
    assert all(row in summary("Thing", rows) for row in rows)


def test_what_does_not_fit_is_counted():
    text = summary("Thing", [f"row number {k}" for k in range(25)])
    assert text.splitlines()[-1].strip() == "... and 15 more lines" and "row number 9" in text
    assert summary("Thing", ["a" * 200]).endswith(" ...")
