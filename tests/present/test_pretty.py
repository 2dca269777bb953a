"""Formulas in characters: every term of a sum of matrices is shown with its sign."""

import re

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.language.sample_vectors import samples
from symssl.language.scalars import inner, norm
from symssl.present.pretty import pretty

n = sp.Symbol("n", integer=True, positive=True)
sigma2, N_x = sp.symbols("sigma2 N_x", positive=True)
LETTERS = [sp.MatrixSymbol(name, n, n) for name in "ABCDE"]
A, B, *_ = LETTERS
COEFFICIENTS = st.sampled_from([1, -1, 2, -3, sigma2, -sigma2, -sigma2 - 1, sigma2 + 1, 1 - sigma2, sigma2 - 1])


@given(st.lists(COEFFICIENTS, min_size=2, max_size=5))
def test_what_is_shown_reads_back_as_the_sum(coefficients):
    """Read the line as arithmetic: numbers in the place of the matrices give the value of the sum."""
    expr = sp.Add(*(c * M for c, M in zip(coefficients, LETTERS)))
    text = pretty(expr, unicode=False)
    terms = re.findall(r"(^-| - | \+ |^)(?:(\d+|sigma2|\([^)]*\))\*)?([A-E])", text)
    assert "".join(f"{sign}{factor}{'*' * bool(factor)}{letter}" for sign, factor, letter in terms) == text

    def number(sign, factor):
        parts = re.findall(r"([-+]?) ?(sigma2|\d+)", factor) or [("", "1")]
        value = sum((-1 if s == "-" else 1) * (7 if word == "sigma2" else int(word)) for s, word in parts)
        return -value if "-" in sign else value

    assert {letter: number(sign, factor) for sign, factor, letter in terms} == {
        str(M): sp.Mul(c).subs(sigma2, 7) for c, M in zip(coefficients, LETTERS)
    }


def test_a_negative_coefficient_becomes_the_separator():
    assert pretty(A - (sigma2 + 1) * B * A, names={sigma2: r"\sigma^{2}"}) == "A - (σ² + 1)⋅B⋅A"
    text = pretty(A / norm(A) - inner(A, B) * B / norm(B))
    assert re.search(r" - .*⋅B", text)
    assert "\n" in text


def test_a_sum_in_a_product_keeps_its_brackets():
    assert pretty(sp.MatMul(A, A + B), unicode=False) == "A*(A + B)"
    assert pretty(sp.MatMul(-2, A, A + B), unicode=False) == "-2*A*(A + B)"
    assert pretty(sp.Transpose(A + B), unicode=False) == "       T\n(A + B) "


@pytest.mark.parametrize("expr, shown", [(sigma2, "σ²"), (N_x, "N_×"), (sigma2 + 1, "σ² + 1")])
def test_the_notation_of_a_paper(expr, shown):
    assert pretty(expr, names={"sigma2": r"\sigma^{2}", "N_x": r"N_{\times}"}) == shown


def test_a_power_of_what_is_shown_as_a_power_is_bracketed():
    assert pretty(sigma2**3, names={"sigma2": r"\sigma^{2}"}).splitlines() == ["    3", "(σ²) "]


def test_notation_without_characters_is_left_alone():
    assert pretty(sigma2, names={"sigma2": r"\mathcal{S}"}) == "σ₂"
    assert pretty(sigma2, names={"sigma2": r"\sigma^{2}"}, unicode=False) == "sigma2"


@pytest.mark.parametrize("unicode", [True, False])
def test_a_line_that_is_too_long_and_is_no_sum_is_broken(unicode):
    text = pretty(sp.Tuple(*sp.symbols("x_1:30")), unicode=unicode, columns=40)
    assert max(map(len, text.splitlines())) <= 40
    assert text.count("x") == 29
    term = sp.Mul(*sp.symbols("y_1:20"), evaluate=False)
    text = pretty(term + sigma2, unicode=unicode, columns=40)
    assert max(map(len, text.splitlines())) <= 40


@given(st.lists(st.sampled_from([-3, -1, 1, 2]), min_size=3, max_size=14), st.integers(30, 70))
def test_long_sums_are_set_term_by_term(coefficients, columns):
    """No row is too wide, none is cut inside a term, and the signs in front of the terms are all there."""
    terms = [c * sp.Symbol(f"x_{k}") / (1 + sp.Symbol(f"y_{k}")) for k, c in enumerate(coefficients)]
    text = pretty(sum(terms), unicode=False, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "\\" not in text
    assert "".join(text.split()).count("/") == 0
    assert text.count("--") >= len(terms)
    for k in range(len(terms)):
        assert len(re.findall(rf"y_?{k}(?!\d)", text)) == 1
        assert len(re.findall(rf"x_?{k}(?!\d)", text)) == 1
    minus = len(re.findall(r"(?<!-)-(?!-)", text))
    assert minus == sum(c < 0 for c in coefficients)


def test_equations_with_long_sums_keep_their_left_side():
    equation = sp.Eq(sp.Symbol("p"), sum(sp.Symbol(f"x{k}") / (1 + sp.Symbol(f"y{k}")) for k in range(12)))
    rows = pretty(equation, columns=40).split("\n\n")
    assert len(rows) > 1
    assert "p = " in rows[0]
    assert all(" + " in row for row in rows)


def test_samples_show_which_one_they_are():
    x = samples("x'", n, sp.Symbol("N", integer=True, positive=True))
    assert pretty(x[sp.Symbol("i")]) == "x'[i]"
