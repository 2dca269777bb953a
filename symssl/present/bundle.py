"""Everything about a paper in one folder: its ledger, its equations, its figures."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..claims.claim import Paper
from ..claims.discovery import Library, discover
from ..claims.ledger.cache import Cache
from ..claims.ledger.catalogue import Catalogue, Decided
from ..claims.ledger.verification import Verification, as_json, verify, verify_here
from ..claims.places import DERIVATIONS, FIGURES
from ..errors import InputError, SymsslError
from ..support.arguments import described, flag, mapping_of, number, text_of, whole
from ..support.display import html_table, summary
from ..support.files import folder, write_text
from ..support.modules import imported
from ..support.streams import undisturbed
from ..support.workers import WorkerFailure, run_one
from ..typeset.formulas import latex
from .documents import document, ledger_table
from .pictures import NoFigures, draw_apart, draw_figures, figure_names, figures_of

__all__ = ["WrittenPaper", "equations_apart", "write_paper"]


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
    time_limit : seconds for each claim, each figure and for all equations; a claim that overruns is open.
    cache : whether verdicts that are kept on disk are used, and new ones kept.
    progress : called as ``progress(done, total, text)`` after each claim and each figure.

    Raises
    ------
    InputError
        for a paper that is not there, for figures that fail to import, and for a folder that cannot be written.
    SymsslError
        where equations or figures crash, or overrun.

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
    makers: dict[str, Any] = {}
    names: tuple[str, ...] = ()
    notes: list[str] = []
    try:
        if library is None:
            makers = figures_of(chosen.id, figures)
        else:
            names = figure_names(chosen.id, figures, time_limit=limit)
    except NoFigures as missing:  # the rest of the paper goes on
        notes = [str(missing)]
    where = folder(out)
    if library is None:
        verified = verify_here(chosen, progress)
    else:
        catalogue = Catalogue(library.place, Cache() if cached else None)
        rows = catalogue.select([chosen.id])
        verified = verify(catalogue, rows, jobs=jobs, time_limit=limit, progress=progress)
    files = _ledger(verified, chosen, where)
    typeset = _typeset(chosen) if library is None else equations_apart(library.package, chosen.id, limit)
    labels, more = _equations(chosen, typeset, where)
    drawn: tuple[Path, ...] = ()
    if makers:
        drawn = draw_figures(makers, folder(where / "figures"), progress)
    elif names:
        into = folder(where / "figures")
        drawn = draw_apart(chosen.id, figures, names, into, jobs=jobs, time_limit=limit, progress=progress)
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


def equations_apart(package: str, paper: str, time_limit: float) -> dict[str, str]:
    """The equations of a paper of a package by label, as LaTeX; they are worked out in a worker process.

    Raises `SymsslError` where they crash, in whatever way, or overrun.
    """

    def late(seconds: float) -> None:
        raise SymsslError(f"the equations of {paper} took longer than {time_limit:g} s and were stopped")

    try:
        found: dict[str, str] = run_one(_equations_of, (package, paper), {}, time_limit, late)
    except WorkerFailure as failure:
        raise SymsslError(f"the equations of {paper} crashed: {failure.words}") from None
    return found


def _equations_of(package: str, paper: str) -> dict[str, str]:
    chosen = imported(f"{package}.{paper}").PAPER
    with undisturbed():
        return _typeset(chosen)


def _typeset(paper: Paper) -> dict[str, str]:
    """Label -> LaTeX."""
    equations = mapping_of(f"the equations of {paper.id}", paper.equations(), "labels to equations")
    return {
        _label(paper, label): latex(equation, names=paper.notation, label=f"{paper.id}:{label}")
        for label, equation in equations.items()
    }


def _label(paper: Paper, label: Any) -> str:
    """The label of an equation, which names a file too."""
    name = text_of(f"a label of the equations of {paper.id}", label, "a text")
    if name in (".", "..") or any(letter in "/\\" or not letter.isprintable() for letter in name):
        raise InputError(f"{name!r}, a label of the equations of {paper.id}, names a file: leave out / and \\")
    return name


def _equations(paper: Paper, typeset: Mapping[str, str], where: Path) -> tuple[tuple[str, ...], list[Path]]:
    """A file for each equation, and a document that takes them all in."""
    equations = folder(where / "equations")
    files = [write_text(equations / f"{label}.tex", body + "\n") for label, body in typeset.items()]
    inputs = "\n".join(f"\\input{{equations/{label}}}" for label in typeset)
    files.append(write_text(where / "equations.tex", document(inputs, paper.title)))
    return tuple(typeset), files
