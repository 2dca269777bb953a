"""What a verdict depends on besides the claim: the source of its derivation and of the engine.

Nothing is imported that is looked at: modules are found as files, their imports
are read off the syntax tree, and versions come from the installed metadata.
"""

import ast
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import resolve_name
from os import PathLike
from pathlib import Path

from ..places import Place, place_of

__all__ = [
    "PRESENTATION",
    "TYPESETTING",
    "Sources",
    "digest",
    "engine_files",
    "is_of_papers",
    "versions",
]

# rooms that show verdicts and cannot change one
PRESENTATION = ("__main__", "cli", "draw", "present", "typeset")
TYPESETTING = "typeset"
_ENGINE = Path(__file__).resolve().parent.parent.parent
_REQUIRED = ("sympy", "python-flint", "mpmath", "numpy", "scipy")
_PAPERS = ("derivations", "figures")
_COVERED = {"symssl", "sympy", "flint", "mpmath", "numpy", "scipy"}
_INDIRECT = {"importlib", "pkgutil", "runpy"}  # modules that import by name, which no tree shows


def digest(*parts: str) -> str:
    """A short digest of texts, in which neither order nor boundaries are lost.

    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_of_papers(module: str) -> bool:
    """Whether a module belongs to the papers beside the engine.

    >>> is_of_papers("symssl.derivations.mine2026"), is_of_papers("symssl.scalar.flow")
    (True, False)
    """
    top, _, rest = module.partition(".")
    return top == "symssl" and rest.partition(".")[0] in _PAPERS


def versions() -> str:
    """The versions of everything that computes, as text."""
    return "; ".join(
        [f"{platform.python_implementation()} {sys.version}", *(f"{name} {_version(name)}" for name in _REQUIRED)]
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def engine_files() -> dict[str, Path]:
    """Every module of the engine that can change a verdict; an installed copy has papers and figures beside them."""
    return {
        str(path.relative_to(_ENGINE)): path
        for path in sorted(_ENGINE.rglob("*.py"))
        if path.relative_to(_ENGINE).with_suffix("").parts[0] not in (*PRESENTATION, *_PAPERS)
    }


class Sources:
    """The files of a collection of papers and of the engine, as they are now.

    Digests do not depend on where the collection lies or under which name it is imported.

    Attributes
    ----------
    place : where the collection lies.
    package : the name under which it is imported.
    files : mapping from the full name of each of its modules to its path.
    """

    def __init__(self, where: str | PathLike[str] | Place) -> None:
        self.place = place_of(where)
        self.package = self.place.package
        self.files = self.place.files()
        self._typesetting = sorted((_ENGINE / TYPESETTING).rglob("*.py"))
        self._engine = engine_files()
        self._seen = self._signature()

    def _signature(self) -> set[tuple[Path, int, int]]:
        paths = [*self.place.files().values(), *engine_files().values(), *self._typesetting]
        stats = [(path, path.stat()) for path in paths]
        return {(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats}

    def unchanged(self) -> bool:
        """Whether every file is still as it was when this object was made."""
        try:
            return self._signature() == self._seen
        except OSError:
            return False

    @cached_property
    def text(self) -> dict[str, str]:
        """Module -> its source."""
        return {name: path.read_text(encoding="utf-8", errors="surrogateescape") for name, path in self.files.items()}

    @cached_property
    def engine(self) -> str:
        """Digest of the engine and of the versions it runs with."""
        return digest(
            versions(),
            *(part for name, path in self._engine.items() for part in (name, path.read_text(encoding="utf-8"))),
        )

    @cached_property
    def typesetting(self) -> str:
        """Digest of the modules that make LaTeX."""
        return digest(*(path.read_text(encoding="utf-8") for path in self._typesetting))

    @cached_property
    def whole(self) -> str:
        """Digest of everything: as long as it stays, so does every claim of the package."""
        return digest(
            self.engine,
            self.typesetting,
            *(_encodable(part) for name, text in self.text.items() for part in (self.place.relative(name), text)),
        )

    @cached_property
    def _graph(self) -> dict[str, frozenset[str] | None]:
        return {}

    def _imports(self, module: str) -> frozenset[str] | None:
        """Modules below the package that a module imports, or `None` where an import cannot be followed."""
        if module not in self._graph:
            try:
                self._graph[module] = frozenset(_Imports(self, module).targets())
            except (_Untraceable, SyntaxError, ValueError):
                self._graph[module] = None
        return self._graph[module]

    def covered(self, module: str) -> bool:
        """Whether other digests cover a module: the engine, what it requires, the standard library."""
        top = module.partition(".")[0]
        if is_of_papers(module):
            return False  # of the package itself, or papers whose source is not looked at here
        if module == self.package or module.startswith(f"{self.package}.") or top in _INDIRECT:
            return False
        return top in _COVERED or top in sys.stdlib_module_names

    def closure(self, modules: Iterable[str]) -> frozenset[str] | None:
        """Modules below the package and all that they import there, directly or not.

        `None` where that is not known: an import leads to a module whose source is not looked at.
        """
        reached: set[str] = set()
        queue = [module for module in modules if not self.covered(module)]
        while queue:
            module = queue.pop()
            if module in reached:
                continue
            reached.add(module)
            targets = self._imports(module) if module in self.files else None
            if targets is None:
                return None
            queue += targets
        return frozenset(reached)

    def derivation(self, modules: Iterable[str]) -> str | None:
        """Digest of the source of the closure of some modules, or `None` where it is not known."""
        reached = self.closure(modules)
        if reached is None:
            return None
        parts = (part for name in sorted(reached) for part in (self.place.relative(name), self.text[name]))
        return digest("closure", *map(_encodable, parts))


def _encodable(text: str) -> str:
    """Source that is no UTF-8 still has a digest."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


class _Untraceable(Exception):
    """An import that leads out of the package to a module whose source is not looked at."""


class _Imports:
    """The imports of one module, read off its syntax tree."""

    def __init__(self, sources: Sources, module: str) -> None:
        self.sources, self.module = sources, module
        self.tree = ast.parse(sources.text[module])
        is_package = sources.files[module].name == "__init__.py"
        self.parent = module if is_package else module.rpartition(".")[0]

    def targets(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._whole(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    base = resolve_name("." * node.level + base, self.parent)
                for alias in node.names:
                    yield from self._name_of(base, alias.name)
            elif isinstance(node, ast.Name) and node.id == "__import__":
                raise _Untraceable(node.id)
            elif isinstance(node, ast.Attribute) and node.attr in _PAPERS and getattr(node.value, "id", "") == "symssl":
                raise _Untraceable(f"symssl.{node.attr}")

    def _whole(self, name: str) -> Iterator[str]:
        """A module taken as an object: with a package, everything below it may be reached."""
        if name in self.sources.files:
            yield name
            yield from (other for other in self.sources.files if other.startswith(f"{name}."))
        else:
            self._outside(name)

    def _name_of(self, base: str, name: str) -> Iterator[str]:
        child = f"{base}.{name}"
        if child in self.sources.files:
            yield from self._whole(child)
            if base in self.sources.files and self._rebinds(base, name):
                yield base
        elif base in self.sources.files:
            yield from self._whole(base) if name == "*" else (base,)
        else:
            self._outside(base)
            if base == "symssl":
                self._outside(child)

    def _rebinds(self, package: str, name: str) -> bool:
        """Whether a package may bind the name of a submodule of its own to something else."""
        for node in ast.walk(ast.parse(self.sources.text[package])):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
                return True
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
                return True
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                own = isinstance(node, ast.ImportFrom) and node.level == 1 and not node.module
                if any(
                    alias.name == "*" or ((alias.asname or alias.name) == name and not (own and alias.name == name))
                    for alias in node.names
                ):
                    return True
        return False

    def _outside(self, name: str) -> None:
        if not self.sources.covered(name):
            raise _Untraceable(name)
