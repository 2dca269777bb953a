"""Short texts for a REPL: never longer than a screen, and nothing is hidden in silence."""

from hypothesis import given, strategies as st

from symssl.typeset import summary

texts = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=300)


@given(texts, st.lists(texts, max_size=40))
def test_a_summary_fits_a_screen(title, lines):
    shown = summary(title, lines).split("\n")
    assert len(shown) <= 12 and max(map(len, shown)) <= 120


@given(st.lists(st.text("ab+ ", min_size=1, max_size=40).map(str.strip), max_size=30))
def test_what_is_left_out_is_counted(lines):
    shown = summary("Title", lines).split("\n")[1:]
    if len(lines) <= 11:
        assert shown == [f"  {' '.join(line.split())}" for line in lines]
    else:
        assert shown[-1] == f"  ... and {len(lines) - 10} more" and len(shown) == 11


def test_long_lines_are_cut_at_a_space():
    assert summary("T", ["word " * 60]).endswith("word ...")
    assert summary("T", ["x" * 400]).endswith("x ...")
