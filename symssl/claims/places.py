"""Where papers lie: in an importable package, in a folder, or in a single file.

Nothing is imported to find that out, apart from the parents of a package.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..errors import InputError
from ..support.arguments import instance_of, text_of
from ..support.modules import package_at

__all__ = ["DERIVATIONS", "FIGURES", "LOCK_NAME", "Place", "place_of"]

DERIVATIONS = "symssl.derivations"
FIGURES = "symssl.figures"
LOCK_NAME = "ledger.lock.json"


@dataclass(frozen=True)
class Place:
    """A collection of modules, one for each paper.

    Attributes
    ----------
    package : the name under which the collection is imported, in every process.
    path : its folder, or the single file.
    shown : the name or path by which it was asked for, for messages.
    """

    package: str
    path: Path
    shown: str

    @property
    def is_file(self) -> bool:
        """Whether it is a single file, which holds one paper."""
        return self.path.suffix == ".py"

    @property
    def lock(self) -> Path:
        """The recorded ledger: ``ledger.lock.json`` in a folder, ``NAME.lock.json`` beside a file ``NAME.py``."""
        return self.path.with_suffix(".lock.json") if self.is_file else self.path / LOCK_NAME

    def names(self) -> list[str]:
        """The names of the papers: modules and packages that do not begin with an underscore."""
        if self.is_file:
            return [self.path.stem]
        import pkgutil

        found = (module.name for module in pkgutil.iter_modules([str(self.path)]))
        return sorted(name for name in found if not name.startswith("_"))

    def files(self) -> dict[str, Path]:
        """Full name of every module -> its file; the collection itself is one where it has an ``__init__.py``."""
        if self.is_file:
            return {f"{self.package}.{self.path.stem}": self.path}
        return {self._module(path): path for path in sorted(_sources(self.path))}

    def _module(self, path: Path) -> str:
        parts = path.relative_to(self.path).with_suffix("").parts
        return ".".join((self.package, *(parts[:-1] if parts[-1] == "__init__" else parts)))

    def relative(self, module: str) -> str:
        """The name of a module without where the collection lies; other modules keep their names.

        >>> Place("mine", Path("mine"), "mine").relative("mine.tree")
        'papers.tree'
        """
        inside = module == self.package or module.startswith(f"{self.package}.")
        return "papers" + module.removeprefix(self.package) if inside else module


def _sources(folder: Path) -> Iterator[Path]:
    """Python files that can be imported below a folder."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
        yield from (Path(here, name) for name in files if name.endswith(".py"))


def place_of(where: str | os.PathLike[str] | Place, what: str = "derivations") -> Place:
    """Where the papers are that `where` names: a folder or file that exists, else a package.

    Parameters
    ----------
    where : a path, or the name of an importable package such as ``symssl.derivations``.
    what : what is looked for, for messages.

    Raises
    ------
    InputError
        where there is neither.

    >>> place_of("symssl.derivations").lock.name
    'ledger.lock.json'
    """
    if isinstance(where, Place):
        return where
    wanted = "a folder, a file or the name of a package"
    text = text_of(what, str(instance_of(what, where, (str, os.PathLike), wanted)), wanted)
    path = Path(text).expanduser()
    if path.exists():
        return _at(path.resolve(), text, what)
    if not isinstance(where, str) or os.sep in text or "/" in text or text.startswith(".") or text.endswith(".py"):
        raise InputError(f"{text}: there is no such file or folder to take the {what} from")
    return Place(text, _folder_of_package(text, what), text)


def _at(path: Path, text: str, what: str) -> Place:
    if path.is_dir():
        return Place(package_at(path), path, text)
    if path.suffix != ".py" or not path.is_file():
        raise InputError(f"{text} is no Python file: give a folder of {what}, or one file NAME.py")
    if "." in path.stem:
        raise InputError(f"{text}: a module's name has no dot; rename the file")
    return Place(package_at(path), path, text)


def _folder_of_package(package: str, what: str) -> Path:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"{package} is not a package of {what}: there is neither such a package nor such a folder")
    return Path(next(iter(spec.submodule_search_locations)))
