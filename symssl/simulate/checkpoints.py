"""Training runs in files: arrays and one line of JSON in an ``.npz``, nothing that could be executed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import described
from ..support.files import write_whole

__all__ = ["FORM", "load_run", "save_run"]

FORM = 2  # of the file; raised where older files no longer fit
_TABLES = ("weights", "velocity", "values")  # mappings from names to arrays
_ARRAYS = ("steps", "times")


def save_run(parts: Mapping[str, Any], path: str | PathLike[str]) -> Path:
    """Write the fields of a run; those that are no arrays go into the entry ``about``."""
    rest = {name: value for name, value in parts.items() if name not in (*_TABLES, *_ARRAYS)}
    arrays: dict[str, Any] = {f"{table}/{name}": np.asarray(a) for table in _TABLES for name, a in parts[table].items()}
    arrays |= {name: np.asarray(parts[name]) for name in _ARRAYS}
    arrays["about"] = np.array(json.dumps({"result": "training run", "form": FORM, **rest}))
    return write_whole(_file(path), lambda file: np.savez(file, **arrays))


def load_run(path: str | PathLike[str], wanted: Collection[str]) -> dict[str, Any]:
    """The wanted fields of a saved run.

    Raises
    ------
    InputError
        For a file that is missing, damaged, no run, or of another form.
    """
    try:
        with np.load(_file(path), allow_pickle=False) as file:
            entries = {name: file[name] for name in file.files}
        about = json.loads(str(entries.pop("about")))
        kind, form = about.pop("result"), about.pop("form")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, AttributeError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no saved training run, or damaged ({error})") from None
    if kind != "training run" or form != FORM:
        raise InputError(
            f"{path} holds a {kind} in form {form!r}; this version of symssl reads a training run in form {FORM}: "
            "train anew, or resume it with the version that wrote it"
        )
    tables: dict[str, dict[str, np.ndarray]] = {table: {} for table in _TABLES}
    try:
        parts = {**about, **{name: entries.pop(name) for name in _ARRAYS}, **tables}
        for name, array in entries.items():
            table, _, key = name.partition("/")
            tables[table][key] = array
    except KeyError as error:
        raise InputError(f"{path} is damaged: it has no place for {error}") from None
    if missing := set(wanted) - set(parts):
        raise InputError(f"{path} is damaged: {', '.join(sorted(missing))} is missing")
    if unknown := set(parts) - set(wanted):
        raise InputError(f"{path} is damaged: it also holds {', '.join(sorted(unknown))}")
    return parts


def _file(path):
    if not isinstance(path, (str, PathLike)):
        raise InputError(f"path must name a file, not {described(path)}")
    return path
