"""Sentences as readers see them: legal LaTeX, lines, dynamics in sight, definitions, plain text."""

import re
import shutil
import subprocess

import pytest
from latex_rules import closes, doubled, legal
from sentences import CLAIMS, CUBIC, DESCENT, LINEAR, NAMED, VOCABULARY, sentence
from sympy import And, Eq, Gt, Implies, Lt, MatrixSymbol, Ne, Symbol, exp, oo, symbols

from symssl import latex, sq
from symssl.language import (
    Along,
    Definition,
    ForAll,
    GradientFlow,
    Let,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
)
from symssl.present.documents import document
from symssl.typeset.linebreaks import glyphs

NOTATION = {"sigma2": r"\sigma^2", "W": r"\mathbf{W}", "x": r"\xi"}
x, y, x_0, y_0 = symbols("x y x_0 y_0", real=True)
p, t = symbols("p t", positive=True)
n = Symbol("n", integer=True, positive=True)
W, W_0 = MatrixSymbol("W", n, n), MatrixSymbol("W_0", n, n)
FIELD = VectorField({x: p * x})
NAMES = Vocabulary(*(Object(s, f"the {s.name}") for s in (x, y, x_0, y_0, p, t, n, W, W_0)))


def test_the_rules_find_what_tex_refuses():
    assert doubled(r"\left\lVert W\right\rVert^{2}^{2}") and doubled("x_{1}_{2}") and doubled("x^2'")
    assert doubled("{x^{a}^{b}}") and doubled("x'_{i}^{2}")
    assert not doubled(r"{x'}^{2} + x'^2 + W^{0}_{1} + \left(x^{2}\right)^{2}")
    assert not closes(r"\left( x") and not closes("{x") and not closes(r"\begin{a} x \end{b}")


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("width", [30, 78, 10**6])
def test_every_sentence_is_legal_and_broken(name, width):
    held = sentence(name)
    text = held.latex(names=NOTATION, width=width)
    assert legal(text) and "Matrix" not in text and "VectorField" not in text
    rows = text.splitlines()
    if len(rows) > 1:
        assert rows[0] == r"\begin{aligned}" and rows[-1] == r"\end{aligned}"
        whole = held.latex(names=NOTATION, width=10**6)
        letters = re.compile(
            r"\\(?:begin|end)\{aligned\}|\\quad|\\\\(?=\n)|\\;|&|\\Big[lr]|\\left|\\right|\\text|[{}]|\s"
        )
        assert letters.sub("", text) == letters.sub("", whole)  # nothing is lost
    if width == 78:
        assert all(glyphs(row) < 105 for row in rows)


def test_all_sentences_differ():
    texts = [sentence(name).latex() for name in CLAIMS]
    assert len(set(texts)) == len(texts)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="without a LaTeX the structure is checked above")
def test_all_sentences_and_definitions_compile(tmp_path):
    body = [r"\raggedright"]
    for name in CLAIMS:
        held = sentence(name)
        body.append(rf"$\displaystyle {held.latex(names=NOTATION)}$\par")
        body += [rf"$\displaystyle {row.line}$\par" for row in held.definitions(NOTATION)]
    (tmp_path / "all.tex").write_text(document("\n".join(body)))
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    wide = [float(w) for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
    assert not [w for w in wide if w > 10]


def test_dynamics_are_in_sight():
    text = sentence("rate of a weight").latex()
    assert (
        r"\text{where } \dot{W} = - \nabla_{W} \mathcal{L} - \rho W" in text and r"\mathcal{L} = \frac{1}{2 N}" in text
    )
    named = sentence("named dynamics")
    assert named.latex().startswith(r"\dot{W} = \left(G - W C\right) C \; \text{along } \text{the gradient flow")
    [row] = [r for r in named.definitions() if "dot" in r.symbol]
    assert row.words == "the gradient flow of the regression" and r"\mathcal{L} = \frac" in row.kind
    assert (
        sentence("a step").dynamics == (DESCENT,)
        and r"W^{\mathrm{next}} = W - \eta \nabla" in sentence("a step").latex()
    )


def test_two_dynamics_of_one_state_are_told_apart():
    held = sentence("two dynamics")
    text = held.latex()
    assert held.dynamics == (NAMED, LINEAR)
    assert r"\dot{W}^{(\mathrm{a})} = 0" in text and r"\dot{W}^{(\mathrm{b})} = - \rho W" in text
    assert r"(\mathrm{a}) \text{ is } \text{the gradient flow of the regression}" in text
    losses = [row.kind for row in held.definitions() if r"\nabla" in row.kind]
    assert r"\mathcal{L}_{1} = " in losses[0] and r"\mathcal{L}_{2} = " in losses[1]
    other = VectorField({y: -y})
    apart = NAMES.sentence(Eq(Rate(x, FIELD) + Rate(y, other), x))
    assert "mathrm" not in apart.latex() and r"\dot{y} = - y" in apart.latex()
    along = NAMES.sentence(Gt(Along(x, FIELD, t, {x: x_0}), Along(x, VectorField({x: -x}), t, {x: x_0})))
    assert r"x^{(\mathrm{a})}(t) > x^{(\mathrm{b})}(t)" in along.latex()


def test_starts_are_shown_once_or_where_they_differ():
    one = NAMES.sentence(Eq(Along(x, FIELD, t, {x: x_0}), x_0 * exp(p * t)))
    assert one.latex() == r"x(t) = x_{0} e^{p t}, \; \text{where } \dot{x} = p x,\; x(0) = x_{0}"
    generic = NAMES.sentence(Eq(Along(x, FIELD, t, {x: x}), x * exp(p * t)))
    assert generic.latex() == r"x(t) = x e^{p t}, \; \text{where } \dot{x} = p x"
    two = NAMES.sentence(Lt(Along(x, FIELD, t, {x: x_0}), Along(x, FIELD, t, {x: y_0})))
    assert two.latex().startswith(r"x(t;\, x(0) = x_{0}) < x(t;\, x(0) = y_{0})")


def test_hypotheses_abbreviations_and_conditions_are_in_sight():
    s = Symbol("s", real=True)
    names = Vocabulary(
        NAMES, Let(s, x + p, "a sum"), Object(Symbol("q", real=True), "more", Gt(Symbol("q", real=True), p))
    )
    held = names.sentence(Gt(s, Symbol("q", real=True)), [Ne(x, 0), Gt(x, p)], almost=x)
    assert held.latex() == (
        r"\text{for almost all } x \text{ with } x \neq 0 \text{ and } x > p\colon \; s > q, \; "
        r"\text{where } s = p + x,\; q > p"
    )
    assert names.sentence(Gt(x, 1), Ne(x, 2)).latex() == r"\text{if } x \neq 2 \text{ then} \; x > 1"


def test_long_claims_fall_into_lines():
    long = sum(Symbol("x", real=True) ** k for k in range(2, 30))
    claim = ForAll(y, And(Implies(Gt(y, long), Gt(y, x)), Gt(y + long, x)))
    text = NAMES.sentence(claim).latex()
    rows = text.splitlines()
    assert rows[1].startswith(r"& \text{for all } y")
    assert len(rows) > 6 and legal(text)
    assert NAMES.sentence(Implies(Gt(y, long), Gt(long, x))).latex().count(r"\Rightarrow") == 1


def test_definitions():
    rows = {row.name: row for row in sentence("given").definitions(NOTATION)}
    assert rows["u"].kind == (
        r"\text{Gaussian } \text{vector of length } d,\; \text{mean } 0,\; \text{covariance } "
        r"\left(\sigma^2 + 1\right) \mathbb{I},\; \text{covariance with } u' \text{: } \mathbb{I}"
    )
    assert rows["d"].kind == r"\text{positive integer}" and rows["sigma2"].symbol == r"\sigma^2"
    rows = {row.name: row for row in sentence("rate of a weight").definitions(NOTATION)}
    assert rows["z"].symbol == r"z_{1}, \dots, z_{N}" and rows["z"].kind == r"N \text{ vectors of length } d"
    assert rows["W"] == Definition("W", r"\mathbf{W}", "the weights", r"h \times d \text{ matrix}")
    assert rows["i"].words == "an index" and rows["i"].kind == r"1, \dots, N"
    assert rows["C"].kind == r"d \times d \text{ matrix},\; C = C^{\top}"
    rows = {row.name: row for row in sentence("abbreviation").definitions()}
    assert rows["B"].kind == "= W D" and rows["B"].words == "the filtered weights"
    rows = {row.name: row for row in sentence("a step with decay").definitions()}
    assert rows["f"].kind == r"\text{smooth function of } W"
    assert any(row.symbol.startswith(r"\operatorname{sg}") for row in sentence("stopped").definitions())
    assert any("ord" in row.symbol for row in sentence("order").definitions())


def test_bound_symbols_are_defined_too():
    c = Symbol("c", positive=True)
    rows = {row.name: row for row in NAMES.sentence(ForAll(c, Gt(Limit(c / (t + 1), t, oo), x))).definitions()}
    assert rows["c"].kind == "c > 0" and rows["c"].words
    assert rows["t"].words == "the t"  # it is declared


def test_plain_text():
    assert sentence("limit of a trajectory").text(width=200) == (
        "for almost all x_0 ∈ R: lim_{t → ∞} x(t) ∈ {- √α, √α}, where ẋ = α x - x^3, x(0) = x_0"
    )
    assert sentence("limit of a trajectory").text(width=70).splitlines() == [
        "for almost all x_0 ∈ R:",
        "  lim_{t → ∞} x(t) ∈ {- √α, √α},",
        "where ẋ = α x - x^3, x(0) = x_0",
    ]
    for name in CLAIMS:
        text = sentence(name).text(NOTATION, 60)
        assert not re.search(r"\\|\$|&(?! more)|substack|mathrm|left|right", text), text
        assert max(map(len, text.splitlines())) <= 110
    assert VOCABULARY.sentence(CLAIMS["not stable"]).text().startswith("x = 0 is not stable")


def test_words_for_dynamics_that_are_not_known_by_words():
    held = Vocabulary(NAMES, Named(FIELD, "the growth")).sentence(Gt(Rate(x, FIELD), 0))
    assert held.latex() == r"\dot{x} > 0 \; \text{along } \text{the growth}"
    flow = GradientFlow(sq(W - W_0), W)
    kinds = [row.words for row in NAMES.sentence(Gt(Rate(sq(W), flow), 0)).definitions() if "dot" in row.symbol]
    assert kinds == ["the gradient flow"] and CUBIC.states == (x,)
    assert latex(FIELD) == r"\dot{x} = p x"


def test_several_dynamics_with_words_follow_each_other():
    other = VectorField({y: -y})
    held = Vocabulary(NAMES, Named(FIELD, "the growth"), Named(other, "the decay")).sentence(
        Gt(Along(x, FIELD, t, {x: x_0}), Along(y, other, t, {y: y_0}))
    )
    assert held.text(width=200) == ("x(t) > y(t) along the growth, x(0) = x_0, and along the decay, y(0) = y_0")


def test_conditions_that_are_quantified_stand_in_brackets():
    held = NAMES.sentence(Gt(x, 1), [ForAll(p, Gt(x, -p)), Ne(x, 2)])
    assert held.text() == "if (for all p > 0: x > - p) and x ≠ 2 then x > 1"


def test_words_are_wrapped():
    rows = sentence("outside").latex(width=30).splitlines()
    assert rows[1:3] == [r"& \text{The accuracy of a deep network} \\", r"& \text{is 50\% \& more.}"]


def test_functions_and_random_matrices_are_defined():
    rows = {row.name: row for name in ("a function", "random matrices") for row in sentence(name).definitions()}
    assert rows["phi"].kind == r"\phi \colon \mathbb{R} \to \mathbb{R}"
    assert rows["Q"].kind.startswith(r"\text{random } h \times d \text{ matrix}") and "orthonormal" in rows["Q"].kind
    assert "normal" in rows["R"].kind
    signs = [
        row.symbol for name in ("unit vectors", "an eigenvector", "an entry") for row in sentence(name).definitions()
    ]
    assert {"e_{k}", "v_{k}(A)", r"\left[A\right]_{i,j}"} <= set(signs)
