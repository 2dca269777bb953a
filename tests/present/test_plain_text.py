"""LaTeX as plain text."""

import pytest
from hypothesis import given, strategies as st

from symssl.typeset.text import plain


@pytest.mark.parametrize(
    "text, wanted",
    [
        (r"\text{for all } W", "for all W"),
        (r"\frac{1}{N}\sum_{i} x_i", "1/NΣ_i x_i"),
        (r"\frac{a + b}{2}", "(a + b)/2"),
        (r"\left\lVert W\right\rVert^{2} \leq 1", "‖W‖^2 ≤ 1"),
        (r"\dot\Theta = \hat{x}, \text{ the dot}", "Θ̇ = x̂, the dot"),
        (r"a \\ b", "a ; b"),
        ("50\\%", "50%"),
        (r"W^{\top}", "W^T"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\frac1N + \frac{1}{\sum_{j} x_{ij}}", "1/N + 1/(Σ_j x_{ij})"),
        (r"s_1, \dots, s_d", "s_1, ..., s_d"),
        (r"x \sim \mathcal N(0, 1)~\text{or so}", "x ~ N(0, 1) or so"),
        (r"\text{Gr\"onwall}", "Grönwall"),
        (r"\mathbb I", "I"),
        (r"\partial\mathbf{r}", "∂ r"),
        (r"\frac{\exp(-x_{1}^{2})}{2}", "(exp(-x_1^2))/2"),
        (r"\frac{a", "a/"),
    ],
)
def test_plain_text(text, wanted):
    assert plain(text) == wanted


@given(st.text(st.sampled_from("\\\\{}_^ab1 frac\\\\text$&~"), max_size=40))
def test_plain_text_comes_back_whatever_is_put_in(text):
    assert "\n" not in plain(text)
