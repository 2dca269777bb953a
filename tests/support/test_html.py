"""Tables for notebooks: well-formed whatever the cells say."""

from xml.etree import ElementTree

from hypothesis import given, strategies as st

from symssl.support.html import html_table

CELLS = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), CELLS)
def test_cells_come_back(rows, caption):
    table = ElementTree.fromstring(html_table(("a", "b"), rows, caption=caption))
    assert [tuple(cell.text or "" for cell in row) for row in table.iter("tr")][1:] == rows
    assert [c.text for c in table.iter("caption")] == ([caption] if caption else [])


def test_no_heading():
    assert html_table((), [(1, "<b>")]) == "<table><tr><td>1</td><td>&lt;b&gt;</td></tr></table>"
