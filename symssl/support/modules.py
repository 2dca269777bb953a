"""Packages imported by where they lie: a folder of modules, or a single file, anywhere on disk.

The name of such a package spells its path, so that every process that has imported `symssl` finds it,
spawned workers and unpickled functions included; nothing is added to ``sys.path``.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from .arguments import instance_of, text_of
from .files import path_given
from .streams import undisturbed

__all__ = ["PREFIX", "imported", "package_at", "path_of", "spec_of"]

PREFIX = "symssl_at_"


def imported(name: str) -> ModuleType:
    """Import a module that is not ours; what it does to the streams, the working directory and the like is undone.

    >>> imported("colorsys").__name__
    'colorsys'
    """
    text_of("name", name, "the name of a module")
    with undisturbed():
        return import_module(name)


def package_at(path: str | os.PathLike[str]) -> str:
    """The name under which a folder or a file is imported as a package; a file is its one module.

    >>> path_of(package_at("papers/mine.py")) == Path("papers/mine.py").resolve()
    True
    """
    return PREFIX + os.fsencode(path_given("the package", path).resolve()).hex()


def path_of(name: str) -> Path | None:
    """The path that the name of a package, or of one of its modules, spells; `None` for other names."""
    top = instance_of("name", name, str, "the name of a package").partition(".")[0]
    if not top.startswith(PREFIX):
        return None
    try:
        return Path(os.fsdecode(bytes.fromhex(top.removeprefix(PREFIX))))
    except ValueError:
        return None


def spec_of(name: str) -> ModuleSpec | None:
    """How such a package is imported, or the one module of a file; those of a folder are found on its path."""
    path, module = path_of(name), name.partition(".")[2]
    if path is None or not path.exists():
        return None
    if module:
        return spec_from_file_location(name, path) if path.is_file() and module == path.stem else None
    init = path / "__init__.py"
    if init.is_file():
        return spec_from_file_location(name, init, submodule_search_locations=[str(path)])
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(path)] if path.is_dir() else []
    return spec
