"""LaTeX: structure, stable order, broken lines, notation."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import sympy as sp
from hypothesis import given, strategies as st
from latex_rules import closes as balanced, doubled, legal
from matplotlib.mathtext import MathTextParser

from symssl import latex
from symssl.claims import Step, discover
from symssl.claims.ledger.verification import verify_here
from symssl.errors import InputError
from symssl.language.operators import E, sg, total
from symssl.language.sample_vectors import samples
from symssl.language.scalars import cosine, inner, norm, potential, sq
from symssl.present.documents import document, ledger_table
from symssl.scalar.flow import Flow
from symssl.typeset.text import escape

p, s, rho, sigma2, N_x = sp.symbols("p s rho sigma2 N_x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
W, P = sp.MatrixSymbol("W", n, n), sp.MatrixSymbol("Phi", n, n)
NAMES = {"sigma2": r"\sigma^2", N_x: r"N_\times"}


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


@given(EXPRESSIONS)
def test_every_formula_is_balanced_and_set(expr):
    text = latex(expr, names=NAMES, width=10**6)
    assert balanced(text)
    MathTextParser("path").parse(f"${text}$")


def test_notation():
    assert latex(sigma2 * N_x, names=NAMES) == r"N_\times \sigma^2"
    assert latex(W * P.T) == r"W \Phi^{\top}"
    with pytest.raises(InputError):
        latex(p, names="sigma2")


def test_flows_mappings_and_relations():
    flow = Flow({p: -rho * p, s: p}, (rho,))
    assert latex(flow) == "\\begin{aligned}\n\\dot{p} &= - p \\rho \\\\\n\\dot{s} &= p\n\\end{aligned}"
    assert latex({p: rho}) == r"p = \rho"
    assert latex(p >= s + 1) == r"p \geq s + 1"
    assert latex((1, 2)) == r"\left( 1, \  2\right)"
    assert balanced(latex(sp.Tuple(sp.Eq(p, s), sp.Eq(s, rho))))
    assert balanced(latex(inner(W, P) / norm(W) ** 2))


def test_sums_of_matrices_keep_every_term():
    terms = {"W \\Phi", "2 \\Phi W", "\\Phi^{\\top}", "W^{\\top} W"}
    text = latex(W * P - 2 * P * W + P.T - W.T * W)
    assert set(re.split(r" [-+] ", text.removeprefix("- "))) == terms
    broken = latex(sp.Eq(W, sum((k * W * P**k for k in range(1, 15)), sp.ZeroMatrix(n, n))), width=20)
    assert balanced(broken) and len(broken.splitlines()) > 4
    assert all(f"\\Phi^{{{k}}}" in broken for k in range(2, 15))


def test_labels():
    assert latex(p, label="a:b") == "\\begin{equation}\\label{a:b}\np\n\\end{equation}"


def test_steps_and_claims():
    assert latex(Step("cut_off", p)) == r"\text{cut\_off}\colon\quad p"
    claim = discover("toy.derivations").claim("garden.flow")
    assert latex(claim) == "a - b w^{3} - w"


@pytest.mark.parametrize("what", ["p + s", object(), 0.5])
def test_what_is_no_formula(what):
    with pytest.raises(InputError):
        latex(what)


def test_the_order_of_terms_is_the_same_in_every_process():
    code = (
        "import sympy as sp; from symssl import latex; a, b, c = sp.symbols('a b c');"
        "n = sp.Symbol('n'); W, V, U = (sp.MatrixSymbol(k, n, n) for k in 'WVU');"
        "print(latex((a + b*c)**2/(c + a) + b), latex(U*V - W + 2*V*U*W - W.T))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**env, "PYTHONHASHSEED": seed},
            text=True,
            capture_output=True,
            check=True,
        ).stdout
        for seed in "0123"
    }
    assert len(runs) == 1


@pytest.fixture(scope="module")
def decided():
    paper = discover("toy.derivations").papers["garden"]
    verified = verify_here(paper)
    return paper, list(zip(verified.rows, verified.decided))


def test_the_ledger_is_a_document(decided):
    paper, rows = decided
    text = ledger_table(rows, title=paper.title)
    assert balanced(text) and text.startswith(r"\documentclass")
    body = text.split(r"\endhead")[1].split(r"\end{longtable}")[0]
    entries = [row for row in body.split(r"\\[4pt]") if row.strip()]
    assert len(entries) == len(rows)
    for (claim, verdict), row in zip(rows, entries):
        assert row.count(" & ") == 2 and escape(claim.id) in row and verdict.verdict in row
        for formula in re.findall(r"\$([^$]+)\$", row):
            assert balanced(formula)
    assert r"corrected: \newline \fit{$\displaystyle \alpha - b w^{3} - w$}" in text


def test_documents_compile_where_latex_is_installed(decided, tmp_path):
    """Structure is checked everywhere; a LaTeX, where there is one, has the last word."""
    paper, rows = decided
    text = ledger_table(rows, title=paper.title)
    equations = "\n".join(latex(e, label=f"eq:{k}", names=paper.notation) for k, e in paper.equations().items())
    for name, source in (("ledger", text), ("equations", document(equations, "A & B"))):
        assert balanced(source)
        if shutil.which("pdflatex"):
            (tmp_path / f"{name}.tex").write_text(source)
            done = subprocess.run(
                ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", name],
                check=False,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                errors="replace",
            )
            assert done.returncode == 0, done.stdout[-2000:]
            assert not [w for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout) if float(w) > 10], name


def test_a_primed_sample_has_one_superscript_at_a_time():
    """TeX refuses x'^T: the prime is a superscript already."""
    i, N = sp.symbols("i N", integer=True, positive=True)
    text = latex(W * samples("x'", n, N)[i] * samples("x'", n, N)[i].T)
    assert text == r"W x'_{i} {x'_{i}}^{\top}"


N = sp.Symbol("N", integer=True, positive=True)
U = sp.MatrixSymbol("u", n, 1)
V, Z, X = sp.MatrixSymbol("V_1^0", n, n), sp.ZeroMatrix(n, n), samples("x'", n, N)
i = sp.Symbol("i")
MATRICES = st.recursive(
    st.sampled_from([W, P, V, X[i] * X[i].T, sp.Identity(n), Z]),
    lambda part: st.one_of(
        st.tuples(part, part).map(lambda ab: ab[0] + ab[1]),
        st.tuples(part, part).map(lambda ab: ab[0] * ab[1]),
        st.tuples(part, part).map(lambda ab: sp.HadamardProduct(ab[0], ab[1])),
        st.tuples(EXPRESSIONS, part).map(lambda ab: ab[0] * ab[1]),
        part.map(lambda A: A.T),
        part.map(lambda A: A**2),
        part.map(lambda A: total(A, (i, N))),
        part.map(sg),
    ),
    max_leaves=5,
)
SCALARS = st.recursive(
    st.one_of(
        MATRICES.map(sq),
        MATRICES.map(norm),
        MATRICES.map(sp.Trace),
        st.tuples(MATRICES, MATRICES).map(lambda ab: inner(*ab)),
        st.tuples(MATRICES, MATRICES).map(lambda ab: cosine(*ab)),
        st.sampled_from([potential("f", W), sp.Symbol("grad_f"), sp.Symbol("loss"), sp.Symbol("x'")]),
    ),
    lambda part: st.one_of(
        st.tuples(part, part).map(lambda ab: ab[0] + ab[1]),
        st.tuples(part, part).map(lambda ab: ab[0] * ab[1]),
        st.tuples(part, st.sampled_from([2, 3, -2, sp.Rational(1, 2), p])).map(lambda ab: ab[0] ** ab[1]),
        part.map(lambda a: total(a, (i, N))),
        part.map(E),
        part.map(sp.log),
    ),
    max_leaves=4,
)


@given(st.one_of(MATRICES, SCALARS))
def test_every_formula_of_matrices_is_legal(expr):
    for width in (40, 10**6):
        assert legal(latex(expr, names=NAMES | {"W": r"\hat{W}^2"}, width=width))


@given(st.lists(SCALARS, min_size=2, max_size=4, unique=True))
def test_different_formulas_are_written_differently(exprs):
    assert len({latex(e, width=10**6) for e in exprs}) == len(exprs)


@given(MATRICES, MATRICES)
def test_a_factor_with_a_sign_is_no_difference(A, B):
    assert latex(sp.MatMul(A, sp.MatMul(-1, B)), width=10**6) != latex(sp.MatAdd(A, -B), width=10**6)


FORMULAS = {
    r"\left\lVert W\right\rVert^{4}": sq(W) ** 2,
    r"{\left\lVert W\right\rVert}^{4}": norm(W) ** 4,
    r"\frac{1}{\left\lVert W\right\rVert^{4}}": sq(W) ** -2,
    r"\left(\left\lVert W\right\rVert^{2}\right)^{p}": sq(W) ** p,
    r"\left(\sum_{i=1}^{3} W^{\top} W\right) W": total(W.T * W, (i, 3)) * W,
    r"W \sum_{i=1}^{3} W^{\top} W": W * total(W.T * W, (i, 3)),
    r"\frac{1}{\rho} \sum_{i=1}^{3} \left\lVert W\right\rVert^{2}": total(sq(W), (i, 3)) / rho,
    r"- \sum_{i=1}^{3} \left\lVert W\right\rVert": -total(norm(W), (i, 3)),
    r"\left(\sum_{i=1}^{3} \left\lVert W\right\rVert\right)^{2}": total(norm(W), (i, 3)) ** 2,
    r"\left\lVert \mathbb{I}_{n}\right\rVert": norm(sp.Identity(n)),
    r"W W^{\top} = \mathbb{I}": sp.Eq(W * W.T, sp.Identity(n)),
    r"W = 0": sp.Eq(W, Z),
    r"u^{\top} u = 1": sp.Eq(U.T * U, sp.Identity(1)),
    "0": sp.ZeroMatrix(1, 1),
    r"\mathbb{I}_{n}": sp.Identity(n),
    r"\left\lVert 0_{n \times n}\right\rVert^{2}": sq(Z),
    r"\mathrm{grad}_{f}": sp.Symbol("grad_f"),
    r"\mathrm{loss}": sp.Symbol("loss"),
    r"\alpha_{\mathrm{max}}": sp.Symbol("alpha_max"),
    r"\hat{x}_{ij}": sp.Symbol("xhat_ij"),
    r"x^{-}": sp.Symbol("x^-"),
    r"\psi'": sp.Symbol("psi'"),
    r"\psi'_{1}": sp.Symbol("psi'_1"),
    r"\left|p - s\right|": sp.Abs(p - s),
    r"\sum_{i=1}^{N} \left(- \left\lVert W\right\rVert^{3}\right)": total(-(norm(W) ** 3), (i, N)),
    r"{V^{0}_{1}}^{\top}": V.T,
    r"\left(W^{\top}\right)^{2}": W.T**2,
    r"W \left(- \Phi\right)": sp.MatMul(W, sp.MatMul(-1, P)),
    r"- \rho W": -rho * W,
    r"W \odot \Phi": sp.HadamardProduct(W, P),
    r"\text{a;b}": sp.Symbol("a;b"),
    r"\mathcal{L}": sp.Symbol(r"\mathcal{L}"),
    r"\rho > 1 \Rightarrow s > 2": sp.Implies(rho > 1, s > 2),
    r"\neg \left(\rho > 1 \Rightarrow s > 2\right)": sp.Not(sp.Implies(rho > 1, s > 2)),
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_as_papers_write_them(text):
    assert latex(FORMULAS[text]) == text and not doubled(text)


def test_unit_matrices_show_their_size_where_nothing_else_does():
    I, T = sp.Identity(n), sp.Identity(3)
    assert latex(W - I) == latex(W - sp.Identity(n)).replace("_{n}", "") and "_{" not in latex(W - 2 * I)
    assert latex(sp.Trace(T)) == r"\operatorname{tr}\left(\mathbb{I}_{3} \right)"
    assert "_{" not in latex(sp.Eq(W * W.T, 2 * I)) and latex(norm(rho * I)).count("_{n}") == 1
    assert latex({W: Z}) == "W = 0" and latex(sp.ZeroMatrix(n, 1)) == "0_{n}"


def test_a_long_left_side_is_broken_too():
    long = sum((k * W * P**k for k in range(2, 20)), Z)
    text = latex(sp.Eq(inner(W, long), p + s, evaluate=False), width=60)
    assert legal(text) and all(len(re.sub(r"[{}^_&\s]|\\[A-Za-z]+", "", row)) < 90 for row in text.splitlines())
    assert text.count("= p + s") + text.count("&= ") + text.count("= ") >= 1


@pytest.mark.parametrize(
    "name, text",
    [
        ("x^-", "x^{-}"),
        ("psi^-_2", r"\psi^{-}_{2}"),
        ("psi'", r"\psi'"),
        ("lambda'_1", r"\lambda'_{1}"),
        ("x1'_2", "x'_{1 2}"),
        ("error'", r"\mathrm{error}'"),
    ],
)
def test_signs_and_primes_in_names(name, text):
    assert latex(sp.Symbol(name)) == text
