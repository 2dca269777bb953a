"""Find the papers: every module of a package, of a folder, or a single file, that exports a `PAPER`.

A path is read in `places`; how a file outside every package is imported, in `symssl.support.modules`.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import InputError, SymsslError
from ..support.arguments import all_of, instance_of, mapping_of, number, sequence_of
from ..support.budgets import limited
from ..support.display import html_table, summary, words_of
from ..support.modules import imported
from ..support.streams import undisturbed
from ..support.suggestions import did_you_mean
from ..support.workers import WorkerFailure, run_one, run_tasks
from .claim import Claim, Paper
from .places import DERIVATIONS, Place, place_of

__all__ = ["Library", "discover", "home", "model_of"]


@dataclass(frozen=True, repr=False)
class Library:
    """The papers of a collection, and the modules that failed to import with the reason.

    Attributes
    ----------
    place : where the collection lies.
    papers : name -> `Paper`, in alphabetical order.
    failures : name -> why the module failed to import.
    """

    place: Place
    papers: Mapping[str, Paper]
    failures: Mapping[str, str]

    def __post_init__(self) -> None:
        instance_of("place", self.place, Place)
        all_of("the papers", list(mapping_of("papers", self.papers, "names to papers").values()), Paper, "papers")
        mapping_of("failures", self.failures, "names to reasons")
        paper_by_claim: dict[str, str] = {}
        for name, paper in self.papers.items():
            for claim in paper.claims:
                if claim.id in paper_by_claim:
                    raise InputError(
                        f"two claims with the id {claim.id!r}: in {paper_by_claim[claim.id]} and in {name} "
                        f"of {self.place.shown}"
                    )
                paper_by_claim[claim.id] = name
        object.__setattr__(self, "_paper_by_claim", paper_by_claim)

    def __repr__(self) -> str:
        return summary(f"Library of {self.place.shown}: {len(self.claims)} claims", self._lines())

    def _repr_html_(self) -> str:
        papers: list[tuple[str, str, object]] = [
            (name, paper.title, len(paper.claims)) for name, paper in self.papers.items()
        ]
        failed: list[tuple[str, str, object]] = [
            (name, f"failed to import: {reason}", "") for name, reason in self.failures.items()
        ]
        return html_table(self.place.shown, ("paper", "title", "claims"), papers + failed)

    def _lines(self) -> list[str]:
        return [f"{name}: {len(paper.claims)} claims, {paper.title}" for name, paper in self.papers.items()] + [
            f"{name} failed to import: {reason}" for name, reason in self.failures.items()
        ]

    @property
    def package(self) -> str:
        """The name under which the collection is imported."""
        return self.place.package

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, paper after paper."""
        return tuple(claim for paper in self.papers.values() for claim in paper.claims)

    @property
    def lock(self) -> Path:
        """The file of the recorded ledger."""
        return self.place.lock

    def paper_of(self, claim_id: str) -> str:
        """The name of the paper that makes a claim; `InputError` where there is no such claim."""
        self.claim(claim_id)
        return self._paper_by_claim[claim_id]  # type: ignore[attr-defined]

    def claim(self, claim_id: str) -> Claim:
        """The claim with this id; `InputError` with the nearest ids if there is none."""
        instance_of("claim_id", claim_id, str, "the id of a claim")
        if claim_id in self.papers:
            claims = self.papers[claim_id].claims
            raise InputError(
                f"{claim_id} is a paper: "
                + (f"name one of its claims, such as {claims[0].id}" if claims else "it has no claims")
            )
        return self.select([claim_id])[0]

    def paper(self, name: str) -> Paper:
        """The paper of this name; `InputError` with the nearest names if there is none."""
        if instance_of("name", name, str, "the name of a paper") not in self.papers:
            raise InputError(self._unknown(name, self.papers, "paper"))
        return self.papers[name]

    def select(self, names: Sequence[str] = ()) -> tuple[Claim, ...]:
        """Claims for ids and paper names, in library order; all of them for no name."""
        names = sequence_of("names", names, "names of papers and ids of claims")
        if not names:
            return self.claims
        known: Mapping[str, str] = self._paper_by_claim  # type: ignore[attr-defined]
        chosen: set[str] = set()
        for name in names:
            instance_of("names", name, str, "a sequence of names of papers and ids of claims")
            if name in self.papers:
                chosen.update(claim.id for claim in self.papers[name].claims)
            elif name in known:
                chosen.add(name)
            else:
                raise InputError(self._unknown(name, [*known, *self.papers], "claim or paper"))
        return tuple(claim for claim in self.claims if claim.id in chosen)

    def _unknown(self, name: str, known: Iterable[str], what: str) -> str:
        if name in self.failures:
            return f"{name} failed to import: {self.failures[name]}"
        return f"no {what} called {name!r}" + did_you_mean(name, known, "; `symssl list` shows what there is")


@cache
def home(package: str, paper: str) -> dict[str, Claim]:
    """The claims of one paper by id; no other paper is imported."""
    return {claim.id: claim for claim in imported(f"{package}.{paper}").PAPER.claims}


def model_of(library: Library, paper: str, name: str, *, time_limit: float | None = None) -> Any:
    """The flow called `name` of a paper; what makes it runs in a worker process where `time_limit` is given.

    Raises
    ------
    InputError
        where there is no such paper or model.
    SymsslError
        where it is not made within `time_limit` seconds, or ends the worker.

    >>> library = discover()
    >>> paper = next(p.id for p in library.papers.values() if p.models)
    >>> model_of(library, paper, "nothing")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: ... has no model 'nothing'; it has ...
    """
    limit = None if time_limit is None else number("time_limit", time_limit, 0)
    chosen = instance_of("library", library, Library).paper(paper)
    if limit is None or hasattr(chosen.models.get(name), "fix"):
        return chosen.model(name)

    def late(seconds: float) -> None:
        raise SymsslError(
            f"the model {name} of {paper} was not made within {limit:g} s: see the function that makes it"
        )

    try:
        sent, model = run_one(_model, (library.package, paper, name), {}, limit, late)
    except WorkerFailure as failure:
        raise SymsslError(f"the model {name} of {paper} crashed: {failure.words}") from None
    if sent:
        return model
    with limited(limit, f"making the model {name} of {paper}"):
        return chosen.model(name)


def _model(package: str, paper: str, name: str) -> tuple[bool, Any]:
    """Whether a model can be sent to another process, and the model."""
    chosen = imported(f"{package}.{paper}").PAPER
    with undisturbed():
        model = chosen.model(name)
    try:
        pickle.dumps(model)
    except Exception:  # noqa: BLE001 - what pickling raises depends on what is pickled
        return False, None
    return True, model


def discover(
    where: str | os.PathLike[str] | Place = DERIVATIONS,
    *,
    import_limit: float | None = None,
    failures: Mapping[str, str] | None = None,
) -> Library:
    """Import every module of a collection and gather the papers.

    Parameters
    ----------
    where : the name of a package, or the path of a folder of papers or of a single paper's file.
    import_limit : seconds for each module.  Where they are given, every module is imported in a worker process
        first, so that one that never ends, or ends its process, is named in `failures` too.
    failures : modules that are known to fail, with the reason: they are not imported.

    A module of a folder that fails to import is named in `failures`; the others are there.

    Raises
    ------
    InputError
        where there is no such collection, where it holds no paper, where a single file fails to import,
        or where two claims have one id.

    >>> discover("no/such/folder")
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: no/such/folder: there is no such file or folder to take the derivations from
    """
    limit = None if import_limit is None else number("import_limit", import_limit, 0)
    known = {} if failures is None else mapping_of("failures", failures, "names to reasons")
    place = place_of(where)
    if place not in _LIBRARIES:
        if limit is not None:
            known = _tried_apart(place, limit, known)
        _LIBRARIES[place] = _discovered(place, known, limit)
    return _LIBRARIES[place]


_LIBRARIES: dict[Place, Library] = {}  # those that this process has gathered


def _tried_apart(place: Place, limit: float, known: Mapping[str, str]) -> dict[str, str]:
    """Module -> why it cannot be imported, found out in worker processes; "" is the collection itself."""
    failures = dict(known)
    modules = {name: f"{place.package}.{name}" for name in place.names() if name not in known}
    modules = {"": place.package, **modules}
    for outcome in run_tasks([(name, _try, (module,)) for name, module in modules.items()], jobs=1, time_limit=limit):
        if outcome.late:
            failures[outcome.key] = f"it was not imported within {limit:g} s"
        elif outcome.died:
            failures[outcome.key] = f"it ended its process ({outcome.error})"
        elif reason := outcome.value or (outcome.error and str(outcome.error)):
            failures[outcome.key] = reason
    return failures


def _try(module: str) -> str:
    """Import a module; why it fails, or nothing."""
    try:
        imported(module)
    except BaseException as error:  # noqa: BLE001 - whatever a module does wrong, it is told
        return words_of(error)
    return ""


def _discovered(place: Place, known: Mapping[str, str], limit: float | None) -> Library:
    if "" in known:
        raise InputError(f"{place.shown} failed to import: {known['']}")
    try:
        package = imported(place.package)
    except _AMISS as error:
        raise InputError(f"{place.shown} failed to import: {words_of(error)}") from error
    papers, failures = {}, {}
    for name in place.names():
        try:
            if name in known:
                failures[name] = known[name]
            else:
                with limited(limit, f"the import of {name}"):  # it may do other things here than in a worker
                    papers[name] = _paper(place, name)
        except _AMISS as error:
            failures[name] = words_of(error)
    if place.is_file and failures:
        raise InputError(f"{place.shown} failed to import: {failures[place.path.stem]}")
    if not papers and isinstance(getattr(package, "PAPER", None), Paper):
        raise InputError(f"{place.shown} is one paper in several files: give the folder that holds it")
    if not papers and not failures:
        raise InputError(f"{place.shown} holds no paper: a paper is a file NAME.py, or a package, that exports PAPER")
    return Library(place, papers, failures)


# whatever a module does wrong, `sys.exit(0)` too, the others still run; an interrupt is the user's
_AMISS = (Exception, SystemExit, GeneratorExit)


def _paper(place: Place, name: str) -> Paper:
    paper = getattr(imported(f"{place.package}.{name}"), "PAPER", None)
    if paper is None:
        raise InputError("it exports no PAPER")
    if not isinstance(paper, Paper) or paper.id != name:
        raise InputError(f"PAPER must be a Paper whose id is the module's name {name!r}")
    return paper
