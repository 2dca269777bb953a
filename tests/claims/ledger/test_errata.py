"""Errata: only what a paper prints and what fails, and never from a ledger that is stale."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from symssl.claims.ledger.catalogue import Decided, Row
from symssl.claims.ledger.errata import Erratum, errata
from symssl.claims.ledger.lock import shares, summarised
from symssl.cli.main import main
from symssl.present.documents import errata_latex, errata_markdown
from symssl.typeset.text import plain

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


def row(name, source="printed", corrects="", stated="s", paper="p", cited=False, latex="x"):
    return Row(
        name,
        paper,
        "Title",
        "equation",
        source,
        f"Eq. ({name})",
        "why",
        corrects,
        f"text of {name}",
        latex,
        stated,
        "",
        "",
        cited,
    )


def recorded(verdict, stated="s", correction="", **more):
    return {
        "verdict": verdict,
        "evidence": "symbolic",
        "source": "printed",
        "correction": correction,
        "witness": "x = 1" if verdict in ("corrected", "refuted", "gap") else "",
        "stated": stated,
        "correction_latex": f"L{correction}" if correction else "",
        **more,
    }


def collect(rows, entries, known=()):
    found, stale = errata(rows, rows, entries, dict(known))
    return [(e.id, e.verdict, e.corrected, e.companions) for e in found], stale


def test_only_what_is_printed_and_fails():
    rows = [row("a"), row("b"), row("c"), row("d"), row("e", source="reconstructed"), row("f", source="new"), row("g")]
    entries = {
        "a": recorded("refuted"),
        "b": recorded("holds"),
        "c": recorded("corrected", correction="x+1"),
        "d": recorded("gap"),
        "e": recorded("refuted"),
        "f": recorded("refuted"),
        "g": recorded("open"),
    }
    found, stale = collect(rows, entries)
    assert stale == []
    assert found == [("a", "refuted", (), ()), ("c", "corrected", (("x+1", "Lx+1"),), ()), ("d", "gap", (), ())]


def test_companions_stand_in_where_nothing_was_derived():
    rows = [
        row("a"),
        row("a.two", source="new", corrects="a", latex="L2"),
        row("a.one", source="new", corrects="a", latex="L1"),
        row("b"),
        row("b.fixed", source="new", corrects="b"),
    ]
    entries = {
        "a": recorded("refuted"),
        "a.two": recorded("holds"),
        "a.one": recorded("holds"),
        "b": recorded("corrected", correction="y"),
        "b.fixed": recorded("holds"),
    }
    found, stale = collect(rows, entries)
    assert stale == []
    assert found == [
        ("a", "refuted", (("text of a.two", "L2"), ("text of a.one", "L1")), ("a.two", "a.one")),
        ("b", "corrected", (("y", "Ly"),), ("b.fixed",)),
    ]


@pytest.mark.parametrize(
    "entries, part",
    [
        ({}, "a is not recorded"),
        (
            {"a": recorded("refuted", stated="another"), "a.fixed": recorded("holds")},
            "a was recorded for another statement",
        ),
        ({"a": recorded("refuted")}, "a.fixed, which corrects a, is not recorded"),
        (
            {"a": recorded("refuted"), "a.fixed": recorded("holds", stated="another")},
            "a.fixed, which corrects a, was recorded for another",
        ),
        ({"a": recorded("refuted"), "a.fixed": recorded("refuted")}, "does not hold itself: it is refuted"),
    ],
)
def test_what_is_stale_is_named(entries, part):
    found, stale = collect([row("a"), row("a.fixed", source="new", corrects="a")], entries)
    assert len(stale) == 1 and part in stale[0]


def test_a_fresh_verdict_that_differs_is_named():
    fresh = Decided("a", "holds", "symbolic", "", "", "", "", 0.1)
    found, stale = collect([row("a")], {"a": recorded("refuted")}, {"a": fresh})
    assert found == [] and any("verdict is holds, recorded refuted" in line or "recorded" in line for line in stale)


# --- documents ---------------------------------------------------------------------------


def erratum(
    name="a",
    place="Eq. (1)",
    latex=r"\frac{x}{2}",
    corrected=((" y", "y^{2}"),),
    witness="x = 1",
    note="a slip",
    paper="p",
):
    return Erratum(
        name, paper, f"Paper {paper}", place, "corrected", "symbolic", ("x/2", latex), corrected, (), witness, note
    )


def test_markdown():
    text = errata_markdown(
        [
            erratum(),
            erratum("b_2", latex="\\begin{aligned}\nx &= 1\n\\end{aligned}", corrected=()),
            erratum("c", paper="q"),
        ]
    )
    assert text.startswith("# Errata\n\n## Paper p\n\n`p`: 2 corrected.")
    assert "Printed: $\\frac{x}{2}$" in text and "Correct: $y^{2}$" in text and "Witness: `x = 1`" in text
    assert "Printed: $$\\begin{aligned} x &= 1 \\end{aligned}$$" in text and "## Paper q" in text
    assert "`b_2`" in text and errata_markdown([]).endswith("Nothing fails as printed.\n")


@given(TEXT, TEXT, TEXT)
def test_markdown_is_not_broken_by_text(note, witness, place):
    """Code is fenced whatever it contains, and prose has no bare special character."""
    text = errata_markdown([erratum(note=note, witness=witness, place=place)])
    assert text.count("\n\n### ") == 1
    heading = text.split("\n\n### ")[1].split(":")[0]
    assert not re.search(r"(?<!\\)[*_$<|~]", heading.replace("\\\\", "")) or not place.strip()
    if witness:
        code = text.split("Witness: ")[-1].strip()
        fence = re.match("`+", code)[0]
        assert code.endswith(fence) and witness.strip() in code
        assert fence not in code[len(fence) : -len(fence)]


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


HARD = [
    erratum(
        "a.b_c^2%",
        "Eq. (5) & App. \\B_1 #3",
        r"\begin{aligned} x &= \frac{1}{2} \\ &\quad + 1 \end{aligned}",
        (("text & _only_ %", ""), ("", r"\sigma^{2}")),
        "W = Matrix([[1, 0], [0, 1/2]]), x' = {1} ~ # $ \\",
        "50 % of A_1 & B^2, λ ≥ 0, W → ∞, café",
    ),
    erratum("long", latex="+".join(f"x_{{{k}}}" for k in range(200))),
]


def test_latex_compiles(tmp_path):
    (tmp_path / "errata.tex").write_text(errata_latex(HARD))
    begun, ended = (re.findall(rf"\\{word}{{(\w+\*?)}}", errata_latex(HARD)) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended) and "document" in begun
    if not shutil.which("pdflatex"):  # the continuous integration has it
        return
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "errata.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "errata.pdf").read_bytes().startswith(b"%PDF")


@given(TEXT, TEXT, TEXT)
def test_latex_braces_balance(note, witness, place):
    text = errata_latex([erratum(note=note, witness=witness, place=place)])
    bare = re.sub(r"\\[{}\\]", "", text)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"(?<!\\)[#%&]", text.split(r"\begin{document}")[1])


# --- the command -------------------------------------------------------------------------

PAPERS = """
import sympy as sp
from symssl.claims import Claim, Paper, Step
from symssl.claims.deciders import gap, identity, refuted_at, valid
x = sp.Symbol("x", positive=True)
def square(model):
    yield Step("expand", sp.expand((x + len("a"))**2))
def nothing(model):
    yield Step("nothing to derive")
PAPER = Paper("wrong", "Wrong & right", "c", (
    Claim("wrong.right", "equation", x**2 + 2*x + 1, square, identity(), cite="Eq. (1)"),
    Claim("wrong.slip", "equation", x**2 + 2*x - 1, square, identity(), cite="Eq. (2)", note="a sign"),
    Claim("wrong.bound", "lemma", x > 1, nothing, refuted_at({x: sp.Rational(1, 2)}), cite="Lemma 3",
          statement_latex=r"x > 1 \\text{ always}"),
    Claim("wrong.bound.fixed", "lemma", sp.Ge(x + 1, 1, evaluate=False), nothing, valid(), source="new", corrects="wrong.bound"),
    Claim("wrong.lost", "lemma", x > 1, nothing, refuted_at({x: sp.Rational(1, 2)}), source="reconstructed"),
), notation={"x": r"\\xi"})
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, request):
    name = f"errata_{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / name / "wrong.py").write_text(PAPERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SYMSSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))

    def call(*args):
        with pytest.raises(SystemExit) as stop:
            main(["--derivations", name, *map(str, args)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    call.folder = tmp_path / name
    return call


def test_errata_of_an_invented_paper(run, tmp_path):
    code, out, err = run("errata")
    assert code == 1 and "wrong.slip is not recorded" in err and "verify --record" in err
    assert run("verify", "--record", "-j", "1")[0] == 0
    code, out, err = run("errata", "--json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert [(r["id"], r["place"], r["verdict"]) for r in rows] == [
        ("wrong.slip", "Eq. (2)", "corrected"),
        ("wrong.bound", "Lemma 3", "refuted"),
    ]
    assert rows[0]["printed_latex"] == r"\xi^{2} + 2 \xi - 1" and rows[0]["corrected"] == [
        {"text": "x**2 + 2*x + 1", "latex": r"\xi^{2} + 2 \xi + 1"}
    ]
    assert rows[1]["companions"] == ["wrong.bound.fixed"] and rows[1]["witness"] == "x = 1/2"
    assert rows[1]["printed"] == "x > 1 always"
    code, out, err = run("errata", "wrong", "--latex", tmp_path / "e.tex", "--markdown", tmp_path / "e.md")
    assert (code, out) == (0, "") and err.count("2 errata in") == 2
    assert r"Wrong \& right" in (tmp_path / "e.tex").read_text() and "wrong.lost" not in (tmp_path / "e.md").read_text()
    code, out, _ = run("errata")
    assert code == 0 and "Eq. (2): corrected (symbolic)  [wrong.slip]" in out and "correct: x**2 + 2*x + 1" in out
    assert "wrong: Wrong & right (1 corrected, 1 refuted)" in out


def test_a_stale_ledger_writes_nothing(run, tmp_path):
    run("verify", "--record", "-j", "1")
    lock = run.folder / "ledger.lock.json"
    data = json.loads(lock.read_text())
    data["claims"]["wrong.slip"]["stated"] = "0"
    lock.write_text(json.dumps(data))
    code, out, err = run("errata", "--latex", tmp_path / "e.tex")
    assert code == 1 and "wrong.slip was recorded for another statement" in err and "nothing was written" in err
    assert not (tmp_path / "e.tex").exists()


# --- the summary -------------------------------------------------------------------------


def test_shares_leave_out_citations_and_our_own():
    rows = [
        row("a"),
        row("b"),
        row("c"),
        row("d", cited=True),
        row("e", source="new"),
        row("f", source="reconstructed"),
        row("g"),
    ]
    entries = {
        "a": recorded("holds"),
        "b": recorded("refuted") | {"evidence": "numerical"},
        "c": recorded("open"),
        "d": recorded("open"),
        "e": recorded("holds"),
        "f": recorded("stipulated") | {"evidence": "certified"},
    }
    assert shares(rows, entries) == (3, 5, 2)
    count = summarised(rows, entries)["p"]
    assert {name: n for name, n in count.items() if n} == {
        "statements": 6,
        "holds": 1,
        "refuted": 1,
        "open": 2,
        "stipulated": 1,
        "not recorded": 1,
        "cited": 1,
        "new": 1,
    }


def test_summary_of_an_invented_paper(run):
    run("verify", "--record", "-j", "1")
    code, out, _ = run("summary")
    assert (
        code == 0
        and "4 of 4 (100.0 %) of the statements" in out
        and out.splitlines()[0].split()[:3] == ["paper", "statements", "holds"]
    )
    found = json.loads(run("summary", "--json")[1])
    assert (found["due"], found["decided"], found["exact"]) == (4, 4, 4) and found["papers"]["wrong"]["new"] == 1
