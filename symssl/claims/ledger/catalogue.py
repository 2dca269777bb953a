"""The claims of a package as plain data, and their verdicts through the cache.

What is read from the cache needs neither SymPy nor the derivations; they are
imported only when something has to be derived again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InputError, OverBudget
from ...support.arguments import all_of, instance_of
from ...support.budgets import limited
from ...support.display import html_table, summary, words_of
from ..places import DERIVATIONS, Place
from .cache import SCHEMA, Cache
from .sources import Sources, digest

if TYPE_CHECKING:
    from ..checking import Verdict
    from ..claim import Claim, Paper
    from ..discovery import Library

__all__ = ["Catalogue", "Decided", "Row", "derive", "in_words", "recall", "rows_of"]


@dataclass(frozen=True, repr=False)
class Row:
    """A claim in words: what is needed to list it, to look its verdict up and to print it.

    `key` is the key of its verdict in the cache, empty where the verdict may not be kept;
    `stated` a digest of what it says; `display` one of how its paper is typeset; `cited` where
    the claim only refers to the literature or to experiments; `formal` where it states a sentence, so that what is
    read is what is decided.
    """

    id: str
    paper: str
    title: str
    kind: str
    source: str
    cite: str
    note: str
    corrects: str
    statement: str
    latex: str
    stated: str
    key: str
    display: str
    cited: bool = False
    formal: bool = False

    def __repr__(self) -> str:
        return summary(f"Row {self.id}: {self.kind}, {self.source}", filter(None, (self.cite, self.statement)))

    def _repr_html_(self) -> str:
        return html_table(self.id, (), [(f.name, value) for f in fields(self) if (value := getattr(self, f.name))])


@dataclass(frozen=True, repr=False)
class Decided:
    """A verdict in words; `cached` where it was found in the cache.

    `meaning` counts the instances at which the meaning of a sentence was asked: true, false, not told.
    """

    id: str
    verdict: str
    evidence: str
    reason: str
    witness: str
    correction: str
    correction_latex: str
    seconds: float
    error: str = ""
    cached: bool = False
    meaning: str = ""

    def __repr__(self) -> str:
        shown = {"correction": self.correction, "witness": self.witness, "reason": self.reason}
        title = f"Decided {self.id}: {self.verdict} ({self.evidence})" + (", from the cache" if self.cached else "")
        return summary(title, [f"{name}: {text}" for name, text in shown.items() if text])

    def _repr_html_(self) -> str:
        return html_table(self.id, (), [(f.name, value) for f in fields(self) if (value := getattr(self, f.name))])


class Catalogue:
    """The rows of a collection of papers, from the cache where no source has changed.

    Attributes
    ----------
    place : where the collection lies.
    rows : every claim, paper after paper.
    failures : papers that failed to import, or whose claims cannot be put into words, with the reason.
    cache : the cache that is asked, or None.
    import_limit : seconds for the import of each paper, see `discover`, and for putting its claims into words; None
        for no limit.
    """

    def __init__(
        self,
        where: str | PathLike[str] | Place = DERIVATIONS,
        cache: Cache | None = None,
        *,
        import_limit: float | None = None,
    ) -> None:
        self.import_limit = import_limit
        self.cache = None if cache is None else instance_of("cache", cache, Cache, "a Cache or None")
        self.sources = Sources(where)
        self.place = self.sources.place
        kept = _rows(cache.read("catalogues", self._key)) if cache is not None else None
        self.failures: Mapping[str, str] = {}
        self.rows: tuple[Row, ...] = self._read_papers() if kept is None else kept
        if kept is None and cache is not None:
            followed = self.sources.closure(self.sources.files) is not None
            if followed and not self.failures and self.sources.unchanged():
                cache.write("catalogues", self._key, {"rows": [asdict(row) for row in self.rows]})

    def __repr__(self) -> str:
        papers = list(dict.fromkeys(row.paper for row in self.rows))
        counts = [f"{paper}: {sum(row.paper == paper for row in self.rows)} claims" for paper in papers]
        failed = [f"{name} failed to import: {reason}" for name, reason in self.failures.items()]
        return summary(f"Catalogue of {self.place.shown}: {len(self.rows)} claims", counts + failed)

    def _repr_html_(self) -> str:
        return html_table(
            self.place.shown, ("id", "kind", "source", "cite"), [(r.id, r.kind, r.source, r.cite) for r in self.rows]
        )

    @property
    def lock(self) -> Path:
        """The file of the recorded ledger."""
        return self.place.lock

    @property
    def _key(self) -> str:
        return digest("catalogue", str(SCHEMA), self.sources.whole)

    @cached_property
    def library(self) -> "Library":
        """The papers themselves, imported."""
        from ..discovery import discover

        return discover(self.place, import_limit=self.import_limit)

    def _read_papers(self) -> tuple[Row, ...]:
        failures, rows = dict(self.library.failures), list[Row]()
        for name, paper in self.library.papers.items():
            try:
                with limited(self.import_limit, "the words"):
                    rows += rows_of(paper, display=_display(self.sources, paper), keys=self._keys)
            except OverBudget:
                failures[name] = f"its claims were not put into words within {self.import_limit:g} s"
            except InputError:
                raise
            except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001 - the other papers are there
                failures[name] = f"its claims cannot be put into words: {words_of(error)}"
        self.failures = failures
        return tuple(rows)

    def _keys(self, claim: "Claim") -> tuple[str, str]:
        """Digest of what is stated, and the key of the verdict; empty where they cannot be known."""
        from .fingerprint import Fingerprint, NoFingerprint

        try:
            fingerprint = Fingerprint(claim, self.place)
        except NoFingerprint:
            return "", ""
        source = self.sources.derivation(fingerprint.modules)
        if source is None:
            return fingerprint.stated, ""
        return fingerprint.stated, digest("verdict", str(SCHEMA), fingerprint.claim, source, self.sources.engine)

    def select(self, names: Iterable[str] = ()) -> tuple[Row, ...]:
        """Rows for ids and paper names, in order; all of them for no name."""
        names = all_of("names", names, str, "names of papers and ids of claims")
        known = {row.id for row in self.rows} | {row.paper for row in self.rows}
        for name in names:
            if name not in known:  # the library knows what to say about it
                self.library.select([name])
        return tuple(row for row in self.rows if not names or row.id in names or row.paper in names)


def _display(sources: Sources, paper: "Paper") -> str:
    """Digest of how a paper is typeset."""
    return digest(sources.typesetting, repr(sorted((str(k), v) for k, v in paper.notation.items())))


def rows_of(
    paper: "Paper", *, display: str = "", keys: "Callable[[Claim], tuple[str, str]]" = lambda claim: ("", "")
) -> list[Row]:
    """The claims of one paper in words; without `keys` their verdicts are kept nowhere."""
    from ...language.quantifiers import External
    from ...typeset.formulas import latex
    from ..deciders import is_cited

    rows = []
    for claim in paper.claims:
        stated, key = keys(claim)
        written = latex(claim, names=paper.notation)
        rows.append(
            Row(
                claim.id,
                paper.id,
                paper.title,
                claim.kind,
                claim.source,
                claim.cite,
                claim.note,
                claim.corrects,
                _in_plain_text(claim, written),
                written,
                stated,
                key,
                display,
                is_cited(claim.decide) or isinstance(getattr(claim.sentence, "claim", None), External),
                claim.sentence is not None,
            )
        )
    return rows


def _in_plain_text(claim: "Claim", written: str) -> str:
    """A sentence as it is typeset; a transcribed statement in the words given for it, or as it was transcribed."""
    from ...typeset.text import plain

    return plain(written if claim.sentence is not None else claim.statement_latex or "") or str(claim.printed)


def _rows(kept: dict[str, Any] | None) -> tuple[Row, ...] | None:
    """The rows of a stored catalogue, `None` where they are not what is expected."""
    try:
        rows = tuple(Row(**row) for row in kept["rows"])  # type: ignore[index]
    except (TypeError, KeyError):
        return None
    good = all(isinstance(getattr(row, f.name), f.type) for row in rows for f in fields(Row))  # type: ignore[arg-type]
    return rows if good else None


def recall(catalogue: Catalogue, rows: Iterable[Row]) -> tuple[dict[str, Decided], list[Row]]:
    """What the cache knows: ``(id -> Decided, rows that are left to derive)``."""
    rows = tuple(rows)
    known = {row.id: kept for row in rows if (kept := _kept(catalogue.cache, row)) is not None}
    return known, [row for row in rows if row.id not in known]


def _kept(cache: Cache | None, row: Row) -> Decided | None:
    body = cache.read("verdicts", row.key) if cache and row.key else None
    if body is None:
        return None
    display = body.pop("display", None)
    try:
        decided = Decided(**body, cached=True)
    except TypeError:
        return None
    typed = all(isinstance(getattr(decided, f.name), f.type) for f in fields(Decided))  # type: ignore[arg-type]
    fits = decided.id == row.id and not decided.error and (not decided.correction or display == row.display)
    return decided if typed and fits else None


def in_words(verdict: "Verdict", names: Mapping[str, str]) -> Decided:
    """A verdict in words; `names` is the paper's notation."""
    from ...language.sentences import Sentence
    from ...typeset.formulas import latex

    correction = verdict.correction
    return Decided(
        verdict.id,
        verdict.verdict,
        verdict.evidence,
        verdict.reason,
        verdict.witness,
        "" if correction is None else correction.text(names) if isinstance(correction, Sentence) else str(correction),
        "" if correction is None else latex(correction, names=names),
        verdict.seconds,
        verdict.error,
        meaning=" ".join(map(str, verdict.meaning)) if any(verdict.meaning) else "",
    )


def derive(
    catalogue: Catalogue, rows: Iterable[Row], *, jobs: int | None = None, time_limit: float = 300.0
) -> Iterator[Decided]:
    """Yield a `Decided` for every row, as they come; the cache keeps what is final."""
    from ..batch import check_all, is_final

    library, cache, row_by_id = catalogue.library, catalogue.cache, {row.id: row for row in rows}
    claims = [claim for claim in library.claims if claim.id in row_by_id]
    for verdict in check_all(library, claims, jobs=jobs, time_limit=time_limit):
        row = row_by_id[verdict.id]
        decided = in_words(verdict, library.papers[row.paper].notation)
        if cache and row.key and is_final(verdict) and catalogue.sources.unchanged():
            body: dict[str, Any] = asdict(decided) | {"display": row.display}
            del body["cached"]
            cache.write("verdicts", row.key, body)
        yield decided
