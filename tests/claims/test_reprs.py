"""What a person sees of claims at a prompt and in a notebook: a dozen short lines, well-formed HTML."""

from xml.etree import ElementTree

import pytest
import sympy as sp

from symssl import InputError, latex
from symssl.claims import Cache, Catalogue, Finding, Library, Model, audit, check, discover, errata
from symssl.claims.auditing.attack import Target
from symssl.claims.ledger.catalogue import in_words, rows_of
from symssl.claims.ledger.verification import verify_here

WIDE = sum(sp.Symbol(f"x{k}") ** k for k in range(200))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    library = discover("toy.derivations")
    paper = library.paper("garden")
    things = [library, paper, paper.claims[0].model or Model("wide", WIDE, (sp.Symbol("x1"),), weight_decay=WIDE)]
    things += [*paper.claims, Model("wide", WIDE, (sp.Symbol("x1"),)), Cache(tmp_path_factory.mktemp("cache"))]
    verdicts = [check(claim) for claim in paper.claims]
    things += [*verdicts, *(v.proof for v in verdicts if v.proof), *(step for v in verdicts for step in v.steps)]
    things += [*rows_of(paper), *(in_words(verdict, {}) for verdict in verdicts), Catalogue("toy.derivations")]
    things += [verify_here(paper), *audit(paper.claims[1:2]), *Target(paper.claims[1]).steps]
    rows = rows_of(paper)
    recorded = {
        row.id: {
            "verdict": v.verdict,
            "evidence": v.evidence,
            "correction": str(v.correction or ""),
            "witness": v.witness,
            "stated": "",
        }
        for row, v in zip(rows, verdicts)
    }
    return things + errata(rows, rows, recorded, {})[0]


def test_a_dozen_short_lines_that_name_the_class(shown):
    for thing in shown:
        lines = repr(thing).splitlines()
        assert len(lines) <= 12 and max(map(len, lines)) <= 120 and lines[0].startswith(type(thing).__name__), lines
    assert len({type(thing) for thing in shown}) >= 15


def test_notebooks(shown):
    for thing in shown:
        if hasattr(thing, "_repr_latex_"):
            assert thing._repr_latex_() == rf"$\displaystyle {latex(thing)}$"
        else:
            assert ElementTree.fromstring(thing._repr_html_()).tag == "table"


def test_a_verdict_says_what_there_is_to_say():
    claim = discover("toy.derivations").claim("garden.slip")
    assert repr(check(claim)).splitlines()[:3] == [
        "Verdict on garden.slip: corrected (symbolic)",
        "  correction: a - b*w**3 - w",
        f"  witness: {check(claim).witness}",
    ]


def test_a_library_and_a_finding_by_hand():
    assert Finding("a.b", "printed 1: sign of x", "rejected").kind == "printed: sign"
    with pytest.raises(InputError, match="papers must be a mapping"):
        Library(discover("toy.derivations").place, 3, {})
