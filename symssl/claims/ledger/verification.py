"""The one path from claims to verdicts that are compared with the recorded ledger.

`verify` and `reproduce` on the command line, and `write_paper` in Python, take it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from ...support.arguments import all_of, described, instance_of, number, whole
from ...support.display import html_table, summary
from .catalogue import Catalogue, Decided, Row, derive, in_words, recall, rows_of
from .lock import changed, differences, entry, read_lock, record, remarks

if TYPE_CHECKING:
    from ..claim import Paper

__all__ = ["Progress", "Verification", "as_json", "verify", "verify_here"]

Progress = Callable[[int, int, str], object]  # done, total, what was done last


@dataclass(frozen=True, repr=False)
class Verification:
    """The verdicts on some claims, and how they compare with the recorded ones.

    Attributes
    ----------
    rows : the claims in words.
    decided : their verdicts in words, in the same order.
    differences : one line for each difference from the recorded ledger; empty where all is as recorded.
    notes : what the cache did, one line each.
    """

    rows: tuple[Row, ...]
    decided: tuple[Decided, ...]
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"{d.id}: {d.verdict} ({d.evidence})" for d in self.decided]
        title = f"Verification of {len(self.rows)} claims: {len(self.differences)} differences from the ledger"
        return summary(title, [*self.differences, *lines])

    def _repr_html_(self) -> str:
        return html_table(
            "Verification",
            ("id", "verdict", "evidence", "witness", "reason"),
            [(d.id, d.verdict, d.evidence, d.witness, d.reason) for d in self.decided],
        )

    @property
    def crashed(self) -> tuple[Decided, ...]:
        """The verdicts that are none: the derivation crashed."""
        return tuple(decided for decided in self.decided if decided.error)

    def record(self, catalogue: Catalogue) -> Path:
        """Write the verdicts into the lock file; the claims of a paper that failed to import are still claims."""
        known = {row.id for row in catalogue.rows}
        if catalogue.failures:
            known |= set(read_lock(catalogue.lock, checked=False))
        entries = {row.id: entry(row, d) | remarks(row, d) for row, d in zip(self.rows, self.decided)}
        return record(catalogue.lock, entries, known)


def verify(
    catalogue: Catalogue,
    rows: Iterable[Row],
    *,
    jobs: int | None = None,
    time_limit: float = 300.0,
    progress: Progress | None = None,
) -> Verification:
    """Decide claims of a catalogue, from the cache or in worker processes, and compare with the ledger.

    Parameters
    ----------
    jobs : number of worker processes; as many as there are cores if not given.
    time_limit : seconds for each claim; one that overruns is open.
    progress : called as ``progress(done, total, text)`` after each claim that is derived.

    Raises
    ------
    InputError
        for rows that are none of a catalogue's, fewer than one worker, or a limit that is not positive.

    >>> verify(Catalogue(), ()).decided
    ()
    """
    instance_of("catalogue", catalogue, Catalogue)
    rows = all_of("rows", rows, Row, "claims in words")
    jobs, time_limit = None if jobs is None else whole("jobs", jobs, 1), number("time_limit", time_limit, 0)
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be a function of done, total and a text, not {described(progress)}")
    known, missing = recall(catalogue, rows)
    outcomes = derive(catalogue, missing, jobs=jobs, time_limit=time_limit) if missing else iter(())
    known |= {decided.id: decided for decided in _told(outcomes, len(missing), progress)}
    recorded = read_lock(catalogue.lock, checked=False)
    lines = differences(recorded, {row.id: entry(row, known[row.id]) for row in rows})
    lines += changed(catalogue.lock, [row.id for row in rows])
    if len(rows) == len(catalogue.rows) and not catalogue.failures:
        lines += [f"{gone}: recorded, but there is no such claim" for gone in sorted(set(recorded) - set(known))]
    notes = _notes(catalogue, len(rows) - len(missing), len(rows))
    return Verification(rows, tuple(known[row.id] for row in rows), tuple(lines), tuple(notes))


def verify_here(paper: Paper, progress: Progress | None = None) -> Verification:
    """Decide the claims of a paper that belongs to no collection, in this process; nothing is recorded of it."""
    from ..batch import check_here

    verdicts = (in_words(verdict, paper.notation) for verdict in check_here(paper.claims))
    return Verification(tuple(rows_of(paper)), tuple(_told(verdicts, len(paper.claims), progress)))


def as_json(row: Row, decided: Decided) -> dict[str, Any]:
    """A decided claim as plain data."""
    return {
        "id": row.id,
        "paper": row.paper,
        "kind": row.kind,
        "cite": row.cite,
        "source": row.source,
        "verdict": decided.verdict,
        "evidence": decided.evidence,
        "seconds": round(decided.seconds, 3),
        "statement_latex": row.latex,
        "correction_latex": decided.correction_latex,
        "witness": decided.witness,
        "reason": decided.reason,
    }


def _told(outcomes: Iterator[Decided], total: int, progress: Progress | None) -> Iterator[Decided]:
    for done, decided in enumerate(outcomes, 1):
        if progress is not None:
            progress(done, total, f"{decided.id}: {decided.verdict} ({decided.seconds:.1f} s)")
        yield decided


def _notes(catalogue: Catalogue, recalled: int, total: int) -> Iterator[str]:
    cache = catalogue.cache
    if cache and recalled:
        yield f"{recalled} of {total} verdicts were in the cache"
    if cache and cache.damaged:
        yield f"{len(cache.damaged)} entries of the cache were damaged and have not been used"
    if cache and cache.trouble:
        yield f"nothing is kept in the cache: {cache.trouble}"
