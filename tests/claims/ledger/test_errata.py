"""Errata: only what a paper prints and what fails, and never from a ledger that is stale."""

import pytest

from symssl.claims.ledger.catalogue import Decided, Row
from symssl.claims.ledger.errata import errata
from symssl.claims.ledger.lock import shares, summarised


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
    _found, stale = collect([row("a"), row("a.fixed", source="new", corrects="a")], entries)
    assert len(stale) == 1
    assert part in stale[0]


def test_a_fresh_verdict_that_differs_is_named():
    fresh = Decided("a", "holds", "symbolic", "", "", "", "", 0.1)
    found, stale = collect([row("a")], {"a": recorded("refuted")}, {"a": fresh})
    assert found == []
    assert any("verdict is holds, recorded refuted" in line or "recorded" in line for line in stale)


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
