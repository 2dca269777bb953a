"""Where long formulas break: nothing is lost, and every line closes what it opens."""

import re

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import latex
from symssl.language.scalars import inner, norm
from symssl.typeset.linebreaks import glyphs, lines

p, s, rho, sigma2, N_x = sp.symbols("p s rho sigma2 N_x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
W, P = sp.MatrixSymbol("W", n, n), sp.MatrixSymbol("Phi", n, n)


def balanced(text):
    """Braces, environments and left-right pairs close in order."""
    depth = []
    for token in re.findall(r"\\begin\{\w+\}|\\end\{\w+\}|\\left(?![a-z])|\\right(?![a-z])|\\[{}]|[{}]", text):
        if token.startswith(("\\begin", "\\left", "{")):
            depth.append(token)
        elif token.startswith(("\\end", "\\right", "}")):
            opened = depth.pop()
            assert {"\\end": "\\begin", "\\right": "\\left", "}": "{"}[token.split("{")[0] or token] == (
                opened.split("{")[0] or opened
            ), text
            if token.startswith("\\end"):
                assert token[5:] == opened[7:], text
    return not depth


EXPRESSIONS = st.recursive(
    st.one_of(st.sampled_from([p, s, rho, sigma2, N_x]), st.fractions(-3, 3, max_denominator=5).map(sp.Rational)),
    lambda inner_: st.one_of(
        st.tuples(inner_, inner_).map(lambda ab: ab[0] + ab[1]),
        st.tuples(inner_, inner_).map(lambda ab: ab[0] * ab[1]),
        st.tuples(inner_, inner_).map(lambda ab: ab[0] / (1 + ab[1] ** 2)),
        inner_.map(lambda a: sp.sqrt(1 + a**2)),
        inner_.map(lambda a: a**3),
    ),
    max_leaves=10,
)


@given(EXPRESSIONS, st.integers(10, 60))
def test_breaking_lines_loses_nothing(expr, width):
    whole, broken = latex(expr, width=10**6), latex(expr, width=width)
    assert balanced(broken)
    broken = re.sub(r"\\Big([lr])(\S) ?", lambda m: {"l": r"\left", "r": r"\right"}[m[1]] + m[2], broken)
    joined = re.sub(r"\\begin\{aligned\}|\\end\{aligned\}|\\\\\n|&\\quad|&|\n", " ", broken)
    assert joined.split() == whole.split()


def test_long_sums_are_broken():
    text = latex(sp.Eq(p, sum(sp.Symbol(f"a{k}") for k in range(40))), width=40)
    lines = text.splitlines()
    assert lines[0] == r"\begin{aligned}" and len(lines) > 6
    assert lines[1].startswith("p &= ") and all(line.startswith(r"&\quad +") for line in lines[2:-1])


A, B = (sp.MatrixSymbol(name, n, n) for name in "AB")
LONG = sum((k * W * P**k for k in range(2, 30)), sp.ZeroMatrix(n, n))


@pytest.mark.parametrize(
    "obj, lines",
    [
        (sp.MatMul(sp.Symbol("a") / norm(W), LONG), 3),  # a factor in front of a long bracket
        (sp.Tuple(LONG, W, P), 3),  # a list, its parts in lines of their own
        (sp.Dict({p: sum(sp.Symbol(f"a{k}") for k in range(60)), s: p}), 2),
        (inner(W, LONG), 3),
        (sp.Eq(p, -rho * inner(W, sp.MatMul(A, sp.MatAdd(LONG, B), A))), 3),
    ],
)
def test_long_brackets_are_broken(obj, lines):
    """Brackets open over several lines are not paired by TeX; what is paired closes in its line."""
    text = latex(obj)
    assert balanced(text) and len(text.splitlines()) >= lines + 2
    assert len(re.findall(r"\\Bigl", text)) == len(re.findall(r"\\Bigr", text))
    for line in text.splitlines()[1:-1]:
        assert balanced(line) and len(re.sub(r"[{}^_&\s]|\\[A-Za-z]+", "", line)) < 100


def test_width_is_that_of_what_is_set():
    """A product of letters with names is as wide as its letters; a fraction as its wider part."""
    many = sp.MatMul(*[P, W] * 60)
    assert len(latex(many + W, width=80).splitlines()) > 2
    thin = sum(sp.Symbol(f"x{k}") / (p + s + rho) for k in range(7))
    assert "aligned" not in latex(thin, width=70)


@given(EXPRESSIONS, st.integers(10, 200))
def test_what_fits_is_left_in_one_line(expr, width):
    text = latex(expr, width=10**6)
    if glyphs(text) <= width:
        assert lines(text, width) == [text]
    assert " ".join(lines(text, width)).count("{") == text.count("{")


@given(EXPRESSIONS, EXPRESSIONS)
def test_a_fraction_is_as_wide_as_its_wider_part(a, b):
    above, below = latex(a, width=10**6), latex(b, width=10**6)
    assert abs(glyphs(rf"\frac{{{above}}}{{{below}}}") - max(glyphs(above), glyphs(below))) < 1e-9


@pytest.mark.parametrize(
    "text, width, parts",
    [
        (r"a \in \{1, 2, \dots\} + b", 8, [r"a", r"\in \{1, 2, \dots\}", "+ b"]),
        (r"f(x, y) = - g(x, y)", 8, [r"f(x, y)", r"= - g(x, y)"]),
        (r"a \leq b", 2, ["a", r"\leq b"]),
        (r"\left(a + b\right) \Rightarrow c", 7, [r"\left(a + b\right)", r"\Rightarrow c"]),
    ],
)
def test_breaks_are_before_signs_and_relations_and_in_no_bracket(text, width, parts):
    assert lines(text, width) == parts
