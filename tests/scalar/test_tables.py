"""Tables of cases: columns that are empty vanish, conditions read as in print."""

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.scalar.tables import array, condition_of, numbered, stable_words, stacked, together

x, y = sp.symbols("x y", real=True)
cells = st.lists(st.lists(st.sampled_from(["", "a", "b_{1}"]), min_size=3, max_size=3), min_size=1, max_size=5)


@given(cells)
def test_a_table_keeps_every_cell_and_drops_empty_columns(rows):
    text = array(rows)
    head, *body, foot = text.splitlines()
    kept = [column for column in zip(*rows) if any(column)]
    assert head.count("l") - "\\begin{array}".count("l") == len(kept) and foot == "\\end{array}"
    read = [[cell.strip() for cell in line.removesuffix("\\\\").split("&")] for line in body]
    assert not kept or read == [list(row) for row in zip(*kept)]


def test_fractions_get_room():
    assert array([[r"\frac{1}{2}", "a"], ["b", "c"]]).splitlines()[1] == r"\displaystyle \frac{1}{2} & a \\[3pt]"


@pytest.mark.parametrize(
    "condition, text",
    [
        (sp.true, ""),
        (4 * x > 0, r"\text{if } x > 0"),
        (sp.Eq(6 * x - 3, 0), r"\text{if } 2 x - 1 = 0"),
        (-2 * x > 0, r"\text{if } - x > 0"),
        (sp.Lt(x**2 - y, 0) & (y > 0), r"\text{if } y > 0,\ x^{2} - y < 0"),
        ((x > 1) | (y > 0), r"\text{if } x > 1\text{ or }y > 0"),
    ],
)
def test_conditions(condition, text):
    assert condition_of(condition, sp.latex) == text


def test_words_for_stability():
    assert stable_words([None], [3]) == r"\text{triple}" and stable_words([None], [1]) == ""
    assert stable_words(["stable"], [5]) == r"\text{stable (of multiplicity 5)}"
    assert stable_words(["stable", "unstable"] * 3, [1] * 6) == r"\text{stable and unstable in turn}"
    assert "in turn" not in stable_words(["stable", "unstable"] * 3, [1] * 5 + [3])


def test_formulas_one_by_one():
    assert numbered("x^{a}", 3) == "{x^{a}}_{3}" and stacked(["a"]) == "a" and stacked("ab").count(r"\\") == 1
    assert together(["a", "b"]) == r"\left(a,\ b\right)"
