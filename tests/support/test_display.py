"""Text and tables of results: never more than a dozen lines, never markup from a name."""

from html.parser import HTMLParser

from hypothesis import given, strategies as st

from symssl.support import html_table, listing, shown

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
