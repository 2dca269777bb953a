"""Find the papers: every module of a package that exports a `PAPER`."""

import pkgutil
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path

from ..errors import InputError
from .claim import Paper
from .ledger.sources import DERIVATIONS

__all__ = ["FIGURES", "Library", "discover", "home", "unknown"]

FIGURES = "symssl.figures"


@dataclass(frozen=True)
class Library:
    """The papers of a package, and the modules that failed to import with the reason."""

    package: str
    papers: dict
    failures: dict

    def __post_init__(self):
        seen = {}
        for name, paper in self.papers.items():
            for claim in paper.claims:
                if claim.id in seen:
                    raise InputError(
                        f"two claims with the id {claim.id!r}: in {self.package}.{seen[claim.id]} "
                        f"and in {self.package}.{name}"
                    )
                seen[claim.id] = name
        object.__setattr__(self, "_home", seen)

    @property
    def claims(self):
        """All claims, paper after paper."""
        return tuple(claim for paper in self.papers.values() for claim in paper.claims)

    @property
    def folder(self):
        """The folder of the package, where its lock file lies."""
        return Path(import_module(self.package).__path__[0])

    def paper_of(self, claim_id):
        """The name of the paper that makes a claim."""
        return self._home[claim_id]

    def claim(self, claim_id):
        """The claim with this id; `InputError` with the nearest ids if there is none."""
        if claim_id in self.papers:
            raise InputError(
                f"{claim_id} is a paper: name one of its claims, such as {self.papers[claim_id].claims[0].id}"
            )
        return self.select([claim_id])[0]

    def paper(self, name):
        """The paper of this name; `InputError` with the nearest names if there is none."""
        if name not in self.papers:
            raise InputError(self._unknown(name, self.papers, "paper"))
        return self.papers[name]

    def select(self, names=()):
        """Claims for ids and paper names, in library order; all of them for no name."""
        if not names:
            return self.claims
        chosen = set()
        for name in names:
            if name in self.papers:
                chosen.update(claim.id for claim in self.papers[name].claims)
            elif name in self._home:
                chosen.add(name)
            else:
                raise InputError(self._unknown(name, [*self._home, *self.papers], "claim or paper"))
        return tuple(claim for claim in self.claims if claim.id in chosen)

    def _unknown(self, name, known, what):
        if name in self.failures:
            return f"{name} failed to import: {self.failures[name]}"
        return unknown(name, known, what)


def unknown(name, known, what):
    """What is said about a name that is not there."""
    near = get_close_matches(name, [*known], 3, 0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `symssl list` shows what there is"
    return f"no {what} called {name!r}{hint}"


@cache
def home(package, paper):
    """The claims of one paper by id; no other paper is imported."""
    return {claim.id: claim for claim in import_module(f"{package}.{paper}").PAPER.claims}


@cache
def discover(package=DERIVATIONS):
    """Import every module of the package and collect its paper.

    A module that fails to import is named in `failures`; the others are there.

    Raises
    ------
    InputError
        if the package does not exist or two claims have one id.
    """
    try:
        folder = import_module(package).__path__
    except (ImportError, AttributeError) as error:
        raise InputError(f"{package} is not a package of derivations: {error}") from None
    papers, failures = {}, {}
    for module in sorted(pkgutil.iter_modules(folder), key=lambda m: m.name):
        if module.name.startswith("_"):
            continue
        try:
            paper = getattr(import_module(f"{package}.{module.name}"), "PAPER", None)
            if paper is None:
                raise InputError("it exports no PAPER")
            if not isinstance(paper, Paper) or paper.id != module.name:
                raise InputError(f"PAPER must be a Paper whose id is the module's name {module.name!r}")
            papers[module.name] = paper
        except Exception as error:  # whatever a module does wrong, the others still run
            failures[module.name] = f"{type(error).__name__}: {error}"
    return Library(package, papers, failures)
