"""Text in LaTeX and LaTeX as text."""

import re

import pytest
from hypothesis import given, strategies as st

from symssl.typeset.text import breakable, dotted, escape, plain


@given(st.text(max_size=30))
def test_escaped_text_has_no_bare_specials(text):
    assert not re.search(r"(?<!\\)[$&#%_^~<>]", escape(text)) or set("$&#%_^~<>").isdisjoint(text)


@given(st.text("abcxyz019 ", max_size=30))
def test_plain_text_stays_what_it_is(text):
    assert plain(text) == " ".join(text.split())


@given(st.text(st.sampled_from("abc <>=+-_%&#$"), max_size=20))
def test_escaped_text_reads_as_it_was(text):
    back = plain(escape(text).replace(r"\textless{}", "<").replace(r"\textgreater{}", ">"))
    assert back == " ".join(text.split())


@given(st.text(max_size=20))
def test_breaks_are_invisible(text):
    assert breakable(text).replace(r"\allowbreak{}", "") == "".join(map(escape, text))


@pytest.mark.parametrize(
    "formula, wanted",
    [
        (r"\frac{a}{b + c}", "a/(b + c)"),
        (r"\frac{1}{\frac{a}{b}}", "1/(a/b)"),
        (r"\log \frac{a}{b}", "log (a/b)"),
        (r"\dot{p} = - p^{2}", "ṗ = - p^2"),
        (r"\left\lVert W\right\rVert", "‖W‖"),
        (r"p \geq 0 \\ q", "p ≥ 0 ; q"),
        (r"{\left\lVert W\right\rVert}^{4} = \log{\left(c + 1 \right)}", "‖W‖^4 = log(c + 1)"),
        (r"\min_{\substack{x > 0 \\ x < 1}} x", "min_{x > 0, x < 1} x"),
        (r"\left. f \right|_{x = 0} \in \left\{a, b\right\}", "f |_{x = 0} ∈ {a, b}"),
        (r"\frac{d}{dt} \left\lVert W\right\rVert = 0", "d/dt ‖W‖ = 0"),
        (r"\mathbb{E}\left[x \,\middle|\, y\right]", "E[x | y]"),
    ],
)
def test_formulas_in_the_characters_of_a_terminal(formula, wanted):
    assert plain(formula) == wanted


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("W", r"\dot{W}"),
        ("W_{1}", r"\dot{W}_{1}"),
        (r"\Theta_{\psi}", r"\dot{\Theta}_{\psi}"),
        (r"\hat{W}_{1}", r"\dot{\hat{W}}_{1}"),
        (r"\hat W_1", r"\dot{\hat W}_1"),
        (r"\sigma^2", r"\dot{\sigma}^2"),
        ("x'", r"\dot{x}'"),
        (r"\mathrm{loss}", r"\frac{d}{dt} \mathrm{loss}"),
        ("a + b", r"\frac{d}{dt} a + b"),
    ],
)
def test_a_dot_stands_over_the_letter(name, wanted):
    assert dotted(name) == wanted
