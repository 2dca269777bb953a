"""How names, dots, sums and ranges are written."""

import pytest
from sympy import MatrixSymbol, Symbol, latex as sympy_latex, symbols
from sympy.printing.latex import LatexPrinter

from symssl.language.writing import as_argument, listed, powered, ranges, renamed, superscript, unused_letter
from symssl.typeset.formulas import writer

PRINTERS = (LatexPrinter(), writer().printer)


def test_marks_and_powers():
    assert superscript("W", "(a)") == "W^{(a)}" and superscript("W^{0}", "+") == r"\left(W^{0}\right)^{+}"
    assert superscript("x'", "+") == r"\left(x'\right)^{+}"
    assert powered("x", None) == "x" and powered("x", 2) == r"\left(x\right)^{2}"
    assert listed(["a"]) == "a" and listed(["a", "b"]) == r"a \text{ and } b"
    assert unused_letter("tuv", {"t", "u"}) == "v"


@pytest.mark.parametrize("printer", PRINTERS)
def test_arguments_of_operators(printer):
    x, y = symbols("x y")
    A = MatrixSymbol("A", 2, 2)
    assert as_argument(printer, x + y).startswith(r"\left(") and as_argument(printer, -x).startswith(r"\left(")
    assert as_argument(printer, x * y) == "x y" and as_argument(printer, x * y, closed=True) == r"\left(x y\right)"
    assert as_argument(printer, A * A + A).startswith(r"\left(") and as_argument(printer, x**2, closed=True) == "x^{2}"


@pytest.mark.parametrize("printer", PRINTERS)
def test_names_are_restored_after_a_block(printer):
    x, y = symbols("x y")
    with renamed(printer, {x: "x(t)"}):
        assert printer._print(x * y) == "x(t) y"
        with renamed(printer, {x: None, y: "z"}):
            assert printer._print(x * y) == "x z"
        assert printer._print(x * y) == "x(t) y"
    assert printer._print(x * y) == "x y" == sympy_latex(x * y)


def test_none_brings_back_the_notation_of_the_paper():
    x = Symbol("x")
    printer = writer({"x": r"\xi"}).printer
    with renamed(printer, {x: "x(t)"}), renamed(printer, {x: None}):
        assert printer._print(x) == r"\xi"


@pytest.mark.parametrize(
    "assumptions, wanted",
    [
        ({}, r"x \in \mathbb{R}"),
        ({"real": True}, r"x \in \mathbb{R}"),
        ({"positive": True}, "x > 0"),
        ({"negative": True}, "x < 0"),
        ({"nonnegative": True}, r"x \geq 0"),
        ({"nonpositive": True}, r"x \leq 0"),
        ({"nonzero": True, "real": True}, r"x \neq 0"),
        ({"integer": True}, r"x \in \mathbb{Z}"),
        ({"integer": True, "positive": True}, r"x \in \{1, 2, \dots\}"),
        ({"integer": True, "nonnegative": True}, r"x \in \{0, 1, \dots\}"),
    ],
)
def test_what_a_symbol_ranges_over(assumptions, wanted):
    assert ranges(writer().printer, [Symbol("x", **assumptions)]) == wanted
