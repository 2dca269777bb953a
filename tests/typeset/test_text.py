"""Text in LaTeX and LaTeX as text."""

import re

from hypothesis import given, strategies as st

from symssl.typeset.text import escape


@given(st.text(max_size=30))
def test_escaped_text_has_no_bare_specials(text):
    assert not re.search(r"(?<!\\)[$&#%_^~<>]", escape(text)) or set("$&#%_^~<>").isdisjoint(text)
