"""Everything that does not hold as printed, put together from the recorded ledger.

Nothing is derived here.  An entry of the ledger that was recorded for another
wording of the statement is not used but named as stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...support.arguments import all_of, mapping_of
from ...support.display import html_table, summary
from .catalogue import Decided, Row
from .lock import differences, entry as ledger_entry

__all__ = ["FAILED", "Erratum", "errata"]

FAILED = ("corrected", "refuted", "gap")


@dataclass(frozen=True, repr=False)
class Erratum:
    """A printed statement that does not stand.

    `printed` and `corrected` are pairs of plain text and LaTeX; `corrected` holds one for
    each statement that replaces it, `companions` the ids of those that are claims of their own.
    """

    id: str
    paper: str
    title: str
    place: str
    verdict: str
    evidence: str
    printed: tuple[str, str]
    corrected: tuple[tuple[str, str], ...]
    companions: tuple[str, ...]
    witness: str
    note: str

    def __repr__(self) -> str:
        lines = [f"printed: {self.printed[0]}", *(f"correct: {text}" for text, _ in self.corrected)]
        lines += [f"witness: {self.witness}"] if self.witness else []
        return summary(f"Erratum {self.id}, {self.place or 'no place given'}: {self.verdict} ({self.evidence})", lines)

    def _repr_html_(self) -> str:
        rows = [("printed", self.printed[0]), *(("correct", text) for text, _ in self.corrected)]
        rows += [(name, text) for name in ("witness", "note") if (text := getattr(self, name))]
        return html_table(f"{self.place or self.id}: {self.verdict}", (), rows)

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "id": self.id,
            "paper": self.paper,
            "place": self.place,
            "verdict": self.verdict,
            "evidence": self.evidence,
            "printed": self.printed[0],
            "printed_latex": self.printed[1],
            "corrected": [{"text": text, "latex": latex} for text, latex in self.corrected],
            "companions": list(self.companions),
            "witness": self.witness,
            "note": self.note,
        }


def errata(
    rows: Iterable[Row],
    every: Sequence[Row],
    recorded: Mapping[str, Mapping[str, str]],
    known: Mapping[str, Decided],
) -> tuple[list[Erratum], list[str]]:
    """Errata among `rows`, and why any of them cannot be told; `every` row may correct one.

    `known` are verdicts that are certainly of now, by id, as far as there are any.

    Only statements that a paper prints count: nothing reconstructed, nothing new.
    """
    rows, every = all_of("rows", rows, Row, "claims in words"), all_of("every", every, Row, "claims in words")
    recorded = mapping_of("recorded", recorded, "ids to recorded entries")
    known = mapping_of("known", known, "ids to verdicts in words")
    failing: list[Erratum] = []
    stale: list[str] = []
    for row in rows:
        if row.source != "printed":
            continue
        entry = recorded.get(row.id)
        if entry is None:
            stale.append(f"{row.id} is not recorded")
        elif _is_stale(row, entry):
            stale.append(f"{row.id} was recorded for another statement")
        elif row.id in known and (lines := differences({row.id: entry}, {row.id: ledger_entry(row, known[row.id])})):
            stale += lines
        elif entry["verdict"] in FAILED:
            companions = [other for other in every if other.corrects == row.id]
            stale += [
                f"{other.id}, which corrects {row.id}, {why}"
                for other in companions
                if (why := _unfit(other, recorded.get(other.id)))
            ]
            failing.append(_erratum(row, entry, companions))
    return failing, stale


def _is_stale(row: Row, entry: Mapping[str, str]) -> bool:
    return entry.get("stated", "") != row.stated


def _unfit(row: Row, entry: Mapping[str, str] | None) -> str:
    """Why a claim cannot stand in for the one that it corrects; empty where it can."""
    if entry is None:
        return "is not recorded"
    if _is_stale(row, entry):
        return "was recorded for another statement"
    return "" if entry["verdict"] in ("holds", "stipulated") else f"does not hold itself: it is {entry['verdict']}"


def _erratum(row: Row, entry: Mapping[str, str], companions: Sequence[Row]) -> Erratum:
    own = [(entry["correction"], entry.get("correction_latex", ""))] if entry["correction"] else []
    return Erratum(
        row.id,
        row.paper,
        row.title,
        row.cite,
        entry["verdict"],
        entry["evidence"],
        (row.statement, row.latex),
        tuple(own or [(other.statement, other.latex) for other in companions]),
        tuple(other.id for other in companions),
        entry["witness"],
        row.note,
    )
