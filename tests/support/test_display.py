"""Text and tables of results: never more than a dozen lines, never markup from a name."""

from html.parser import HTMLParser

from hypothesis import given, strategies as st

from symssl.support import call_like, html_table, listing, shown, summary, words_of

cells = st.text(max_size=200) | st.floats() | st.none() | st.integers() | st.lists(st.floats(), max_size=9).map(tuple)
rows = st.lists(st.tuples(cells, cells), max_size=40)
notes = st.lists(st.text(max_size=300), max_size=2)


class Reader(HTMLParser):
    """Tags and text of a document."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text.append(data)


@given(st.text(max_size=300), rows, notes)
def test_a_listing_fits_a_prompt(head, table, told):
    lines = listing(head, table, told).split("\n")
    assert len(lines) <= 12 and all(len(line) <= 120 for line in lines)


@given(st.text(max_size=300), rows, notes)
def test_a_table_holds_no_tag_but_its_own(title, table, told):
    read = Reader(html_table(title, ("a", "b<"), table, told))
    assert read.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_what_does_not_fit_is_counted():
    assert listing("n", [(k,) for k in range(20)]).splitlines()[-1] == "  ... and 13 more"
    assert "... and 25 more" in html_table("n", ("k",), [(k,) for k in range(40)])
    assert shown(None) == "" and shown(1 / 3) == "0.333333" and shown((1.0,) * 9).endswith("...)")


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


@given(st.lists(st.text(max_size=300), max_size=40))
def test_a_call_is_short_and_names_its_class(rows):
    text = call_like("Thing", rows)
    assert text.startswith("Thing") and len(text.splitlines()) <= 12
    assert all(len(line) <= 120 for line in text.splitlines())


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=60), min_size=1, max_size=11))
def test_the_parts_of_a_call_are_shown(rows):
    assert all(row in call_like("Thing", rows) for row in rows)


def test_parts_that_do_not_fit_are_counted():
    text = call_like("Thing", [f"row number {k}" for k in range(25)])
    assert text.splitlines()[-1].strip() == "... and 15 more" and "row number 9" in text
    assert call_like("Thing", ["a" * 200]).endswith(" ...")


def test_an_exception_without_words_is_named():
    class Mute(Exception):
        def __str__(self):
            raise ValueError("nothing to say")

    assert (words_of(Mute()), words_of(KeyError("a\nb"))) == ("Mute", r"KeyError: 'a\nb'")
