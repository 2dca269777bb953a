"""The claims of a package as plain data, and their verdicts through the cache.

What is read from the cache needs neither SymPy nor the derivations; they are
imported only when something has to be derived again.
"""

from dataclasses import asdict, dataclass, fields
from functools import cached_property

from .cache import SCHEMA
from .sources import Sources, digest

__all__ = ["Catalogue", "Decided", "Row", "derive", "recall"]


@dataclass(frozen=True)
class Row:
    """A claim in words: what is needed to list it, to look its verdict up and to print it.

    `key` is the key of its verdict in the cache, empty where the verdict may not be kept;
    `stated` a digest of what it says; `display` one of how its paper is typeset; `cited` where
    the claim only refers to the literature or to experiments.
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


@dataclass(frozen=True)
class Decided:
    """A verdict in words; `cached` where it was found in the cache."""

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


class Catalogue:
    """The rows of a package, from the cache where no source has changed.

    Attributes
    ----------
    rows : every claim, paper after paper; failures : papers that failed to import, with the reason.
    """

    def __init__(self, package, cache=None):
        self.package, self.cache, self.sources = package, cache, Sources(package)
        self.folder = self.sources.folder
        kept = cache.read("catalogues", self._key) if cache else None
        self.rows = _rows(kept)
        self.failures = {}
        if self.rows is None:
            self.rows, self.failures = self._read_papers()
            followed = self.sources.closure(self.sources.files) is not None
            if cache and followed and not self.failures and self.sources.unchanged():
                cache.write("catalogues", self._key, {"rows": [asdict(row) for row in self.rows]})

    @property
    def _key(self):
        return digest("catalogue", str(SCHEMA), self.sources.whole)

    @cached_property
    def library(self):
        """The papers themselves, imported."""
        from ..discovery import discover

        return discover(self.package)

    def _read_papers(self):
        from ...typeset.formulas import latex
        from ...typeset.text import plain
        from ..deciders import cited

        rows = []
        for name, paper in self.library.papers.items():
            display = digest(self.sources.typesetting, repr(sorted((str(k), v) for k, v in paper.notation.items())))
            for claim in paper.claims:
                stated, key = self._keys(claim)
                rows.append(
                    Row(
                        claim.id,
                        name,
                        paper.title,
                        claim.kind,
                        claim.source,
                        claim.cite,
                        claim.note,
                        claim.corrects,
                        plain(claim.statement_latex or "") or str(claim.printed),
                        latex(claim, names=paper.notation),
                        stated,
                        key,
                        display,
                        getattr(claim.decide, "func", None) is cited("").func,
                    )
                )
        return tuple(rows), self.library.failures

    def _keys(self, claim):
        """Digest of what is stated, and the key of the verdict; empty where they cannot be known."""
        from .fingerprint import Fingerprint, Unknown

        try:
            found = Fingerprint(claim)
        except Unknown:
            return "", ""
        source = self.sources.derivation(found.modules)
        if source is None:
            return found.stated, ""
        return found.stated, digest("verdict", str(SCHEMA), found.claim, source, self.sources.engine)

    def select(self, names=()):
        """Rows for ids and paper names, in order; all of them for no name."""
        known = {row.id for row in self.rows} | {row.paper for row in self.rows}
        for name in names:
            if name not in known:  # the library knows what to say about it
                self.library.select([name])
        return tuple(row for row in self.rows if not names or row.id in names or row.paper in names)


def _rows(kept):
    """The rows of a stored catalogue, `None` where they are not what is expected."""
    try:
        rows = tuple(Row(**row) for row in kept["rows"])
    except (TypeError, KeyError):
        return None
    good = all(isinstance(getattr(row, f.name), f.type) for row in rows for f in fields(Row))
    return rows if good else None


def recall(catalogue, rows):
    """What the cache knows: ``(id -> Decided, rows that are left to derive)``."""
    found = {row.id: kept for row in rows if (kept := _kept(catalogue.cache, row)) is not None}
    return found, [row for row in rows if row.id not in found]


def _kept(cache, row):
    body = cache.read("verdicts", row.key) if cache and row.key else None
    if body is None:
        return None
    display = body.pop("display", None)
    try:
        found = Decided(**body, cached=True)
    except TypeError:
        return None
    typed = all(isinstance(getattr(found, f.name), f.type) for f in fields(Decided))
    fits = found.id == row.id and not found.error and (not found.correction or display == row.display)
    return found if typed and fits else None


def derive(catalogue, rows, *, jobs=None, time_limit=300.0):
    """Yield a `Decided` for every row, as they come; the cache keeps what is final."""
    from ...typeset.formulas import latex
    from ..batch import check_all, is_final

    library, cache, rows = catalogue.library, catalogue.cache, {row.id: row for row in rows}
    claims = [claim for claim in library.claims if claim.id in rows]
    for verdict in check_all(library, claims, jobs=jobs, time_limit=time_limit):
        row = rows[verdict.id]
        correction, names = verdict.correction, library.papers[row.paper].notation
        found = Decided(
            verdict.id,
            verdict.verdict,
            verdict.evidence,
            verdict.reason,
            verdict.witness,
            "" if correction is None else str(correction),
            "" if correction is None else latex(correction, names=names),
            verdict.seconds,
            verdict.error,
        )
        if cache and row.key and is_final(verdict) and catalogue.sources.unchanged():
            body = asdict(found) | {"display": row.display}
            del body["cached"]
            cache.write("verdicts", row.key, body)
        yield found
