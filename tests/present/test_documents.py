"""LaTeX and Markdown documents: they compile, and no text breaks them."""

import re
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.claims.ledger.errata import Erratum
from symssl.errors import InputError
from symssl.present.documents import document, errata_latex, errata_markdown

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


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
    assert "Printed: $\\frac{x}{2}$" in text
    assert "Correct: $y^{2}$" in text
    assert "Witness: `x = 1`" in text
    assert "Printed: $$\\begin{aligned} x &= 1 \\end{aligned}$$" in text
    assert "## Paper q" in text
    assert "`b_2`" in text
    assert errata_markdown([]).endswith("Nothing fails as printed.\n")


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
        assert code.endswith(fence)
        assert witness.strip() in code
        assert fence not in code[len(fence) : -len(fence)]


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
    assert sorted(begun) == sorted(ended)
    assert "document" in begun
    if not shutil.which("pdflatex"):  # the continuous integration has it
        return
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "errata.tex"],
        cwd=tmp_path,
        check=False,
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


def test_a_page_lies_on_its_side_only_if_it_is_said_so():
    assert "landscape" in document("a", landscape=True) and "landscape" not in document("a")
    with pytest.raises(InputError, match="landscape must be True or False"):
        document("a", landscape=np.ones(2))
