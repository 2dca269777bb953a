"""Everything about a paper in one folder: its ledger, its equations, its figures."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..claims.claim import Paper
from ..claims.discovery import Library, discover
from ..claims.ledger.cache import Cache
from ..claims.ledger.catalogue import Catalogue, Decided
from ..claims.ledger.verification import Verification, as_json, verify, verify_here
from ..claims.places import DERIVATIONS, FIGURES
from ..errors import InputError
from ..support.arguments import described, flag, number, whole
from ..support.display import html_table, summary
from ..support.files import folder, write_text
from ..typeset.formulas import latex
from .documents import document, ledger_table
from .pictures import NoFigures, draw_figures, figures_of

__all__ = ["WrittenPaper", "write_paper"]


@dataclass(frozen=True, repr=False)
class WrittenPaper:
    """What was written of a paper, and the verdicts on its claims.

    Attributes
    ----------
    paper : its name.
    folder : where everything lies.
    files : the files written: the ledger as JSON and LaTeX, the equations, and `figures`.
    equations : labels of the equations.
    figures : the files of the figures, among `files`.
    decided : the verdicts in words, in the order of the paper's claims.
    differences : one line for each difference from the recorded ledger; empty where all is as recorded.
    notes : what else there is to say, one line each: what the cache did, that a paper has no figures.
    """

    paper: str
    folder: Path
    files: tuple[Path, ...]
    equations: tuple[str, ...]
    figures: tuple[Path, ...]
    decided: tuple[Decided, ...]
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def crashed(self) -> tuple[Decided, ...]:
        """The verdicts that are none: the derivation crashed."""
        return tuple(decided for decided in self.decided if decided.error)

    @property
    def as_recorded(self) -> bool:
        """Whether nothing crashed and nothing differs from the recorded ledger."""
        return not (self.differences or self.crashed)

    def __repr__(self) -> str:
        counts = (
            f"{len(self.decided)} claims, {len(self.equations)} equations, {len(self.figures)} files of figures "
            f"in {self.folder}"
        )
        verdicts = [decided.verdict for decided in self.decided]
        kinds = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
        return summary(f"WrittenPaper {self.paper}: {counts}", [kinds, *self.differences, *self.notes])

    def _repr_html_(self) -> str:
        return html_table(
            f"WrittenPaper {self.paper}",
            ("id", "verdict", "evidence", "witness", "reason"),
            [(d.id, d.verdict, d.evidence, d.witness, d.reason) for d in self.decided],
        )


def write_paper(
    paper: str | Paper,
    out: str | os.PathLike[str],
    *,
    derivations: str | os.PathLike[str] = DERIVATIONS,
    figures: str | os.PathLike[str] = FIGURES,
    jobs: int | None = None,
    time_limit: float = 300.0,
    cache: bool = True,
    progress: Callable[[int, int, str], object] | None = None,
) -> WrittenPaper:
    """Decide every claim of a paper and write its ledger, equations and figures.

    Parameters
    ----------
    paper : the name of a paper, or a `Paper`; one that belongs to no package, made at a prompt say, is decided
        in this process, without limit of time and with nothing to compare with.
    out : the folder to write into, made if needed.
    derivations, figures : where papers and figures are: a package, a folder, or a single file.
    jobs : number of worker processes; as many as there are cores if not given.
    time_limit : seconds for each claim; one that overruns is open.
    cache : whether verdicts that are kept on disk are used, and new ones kept.
    progress : called as ``progress(done, total, text)`` after each claim and each figure.

    Raises
    ------
    InputError
        for a paper that is not there, for figures that fail to import, and for a folder that cannot be written.

    >>> import sympy as sp
    >>> from tempfile import TemporaryDirectory
    >>> from symssl import Claim, Step
    >>> from symssl.claims import same_value
    >>> two = Claim("demo.two", "result", 2, lambda model: [Step("count", sp.Integer(2))], same_value())
    >>> with TemporaryDirectory() as folder:
    ...     written = write_paper(Paper("demo", "A demonstration", "", (two,)), folder)
    >>> [decided.verdict for decided in written.decided]
    ['holds']
    """
    if not isinstance(paper, (str, Paper)):
        raise InputError(f"paper must be the name of a paper or a Paper, not {described(paper)}")
    if not isinstance(out, (str, os.PathLike)):
        raise InputError(f"out must be a folder, not {described(out)}")
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be a function of done, total and a text, not {described(progress)}")
    jobs = None if jobs is None else whole("jobs", jobs, 1)
    limit, cached = number("time_limit", time_limit, 0), flag("cache", cache)
    library = _library_of(paper, derivations)
    chosen = library.paper(paper if isinstance(paper, str) else paper.id) if library else paper
    assert isinstance(chosen, Paper)
    try:
        makers, notes = figures_of(chosen.id, figures), []
    except NoFigures as missing:  # the rest of the paper goes on
        makers, notes = {}, [str(missing)]
    where = folder(out)
    if library is None:
        verified = verify_here(chosen, progress)
    else:
        catalogue = Catalogue(library.place, Cache() if cached else None)
        rows = catalogue.select([chosen.id])
        verified = verify(catalogue, rows, jobs=jobs, time_limit=limit, progress=progress)
    files = _ledger(verified, chosen, where)
    labels, more = _equations(chosen, where)
    drawn = draw_figures(makers, folder(where / "figures"), progress) if makers else ()
    return WrittenPaper(
        chosen.id,
        where,
        (*files, *more, *drawn),
        labels,
        drawn,
        verified.decided,
        verified.differences,
        (*notes, *verified.notes),
    )


def _library_of(paper: str | Paper, derivations: str | os.PathLike[str]) -> Library | None:
    """The library that a paper is taken from; `None` for one that no imported module exports."""
    if isinstance(paper, str):
        return discover(derivations)
    for name, module in list(sys.modules.items()):
        package, _, last = name.rpartition(".")
        if last == paper.id and package and vars(module).get("PAPER") is paper:
            from ..support.modules import path_of

            return discover(path_of(package) or package)
    return None


def _ledger(verified: Verification, paper: Paper, where: Path) -> list[Path]:
    pairs = list(zip(verified.rows, verified.decided))
    entries = [as_json(row, decided) for row, decided in pairs]
    for written in entries:
        del written["seconds"]  # the same paper gives the same files
    return [
        write_text(where / "ledger.json", json.dumps(entries, indent=1, ensure_ascii=False) + "\n"),
        write_text(where / "ledger.tex", ledger_table(pairs, title=paper.title)),
    ]


def _equations(paper: Paper, where: Path) -> tuple[tuple[str, ...], list[Path]]:
    """A file for each equation, and a document that takes them all in."""
    equations = folder(where / "equations")
    files, labels = [], []
    for label, equation in paper.equations().items():
        body = latex(equation, names=paper.notation, label=f"{paper.id}:{label}")
        files.append(write_text(equations / f"{label}.tex", body + "\n"))
        labels.append(label)
    inputs = "\n".join(f"\\input{{equations/{label}}}" for label in labels)
    files.append(write_text(where / "equations.tex", document(inputs, paper.title)))
    return tuple(labels), files
