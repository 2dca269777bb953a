"""The public names of `symssl.typeset` as a type checker sees them; never run."""

from collections.abc import Callable, Iterable
from typing import Any, assert_type

import sympy as sp

from symssl import latex
from symssl.support import summary
from symssl.typeset import Formula, Line, Tex, as_text


class Sum(Formula):
    """A formula of one's own."""

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return [Line(Tex("s"), "=", sp.Integer(2)), Line(None, "", as_text("and so on"))]


assert_type(Sum().latex(), str)
assert_type(latex(Sum(), names={"s": "t"}, label="eq:a", width=60), str)
assert_type(as_text("words"), Tex)
assert_type(summary("Sum", ["s = 2"]), str)
assert_type(Line(None, "", 1).relation, str)
