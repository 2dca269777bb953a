"""Training runs in files: arrays and one line of JSON in an ``.npz``, nothing that could be executed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Mapping
from math import prod
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.arguments import described
from ..support.files import write_whole
from ..support.seals import SEAL, array_digest, is_sealed, seal

__all__ = ["FORM", "load_run", "save_run"]

FORM = 2  # of the file; raised where older files no longer fit
_TABLES = ("weights", "velocity", "values")  # mappings from names to arrays
_ARRAYS = ("steps", "times")


def save_run(parts: Mapping[str, Any], path: str | PathLike[str]) -> Path:
    """Write the fields of a run; those that are no arrays go into the entry ``about``, with a checksum of all."""
    rest = {name: value for name, value in parts.items() if name not in (*_TABLES, *_ARRAYS)}
    arrays: dict[str, Any] = {f"{table}/{name}": np.asarray(a) for table in _TABLES for name, a in parts[table].items()}
    arrays |= {name: np.asarray(parts[name]) for name in _ARRAYS}
    about = {"result": "training run", "form": FORM, **rest, "arrays": _digests(arrays)}
    try:
        text = json.dumps(seal(about), allow_nan=False)
    except ValueError as error:
        raise InputError(f"this run cannot be saved: {error}") from None
    arrays["about"] = np.array(text)
    return write_whole(_file(path), lambda file: np.savez(file, **arrays))


def load_run(path: str | PathLike[str], wanted: Collection[str]) -> dict[str, Any]:
    """The wanted fields of a saved run.

    Raises
    ------
    InputError
        For a file that is missing, damaged, no run, or of another form.
    """
    entries = _entries(path)
    try:
        about = json.loads(str(entries.pop("about")), parse_constant=_refused)
        kind, form = about["result"], about["form"]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is no saved training run, or damaged ({_said(error)})") from None
    if kind != "training run" or form != FORM:
        raise InputError(
            f"{path} holds a {kind} in form {form!r}; this version of symssl reads a training run in form {FORM}: "
            "train anew, or resume it with the version that wrote it"
        )
    tables: dict[str, dict[str, np.ndarray]] = {table: {} for table in _TABLES}
    rest = {name: value for name, value in about.items() if name not in ("result", "form", "arrays", SEAL)}
    digests = _digests(entries)
    try:
        parts = {**rest, **{name: entries.pop(name) for name in _ARRAYS}, **tables}
        for name, array in entries.items():
            table, _, key = name.partition("/")
            tables[table][key] = array
    except KeyError as error:
        raise InputError(f"{path} is damaged: it has no place for {error}") from None
    if missing := set(wanted) - set(parts):
        raise InputError(f"{path} is damaged: {', '.join(sorted(missing))} is missing")
    if unknown := set(parts) - set(wanted):
        raise InputError(f"{path} is damaged: it also holds {', '.join(sorted(unknown))}")
    if not is_sealed(about):
        raise InputError(f"{path} is damaged: its entry about is not what was written")
    if about["arrays"] != digests:
        changed = sorted(
            name for name in {**about["arrays"], **digests} if about["arrays"].get(name) != digests.get(name)
        )
        raise InputError(f"{path} is damaged: {', '.join(changed)} is not what was written")
    return parts


def _entries(path):
    """The arrays of an ``.npz``, none of which may take more memory than the file does on disk."""
    try:
        with zipfile.ZipFile(_file(path)) as archive:
            if sum(member.file_size for member in archive.infolist()) > Path(path).stat().st_size:
                raise ValueError("its entries claim to be larger than the file")
            for member in archive.infolist():
                if member.compress_type != zipfile.ZIP_STORED or not member.filename.endswith(".npy"):
                    raise ValueError(f"the entry {member.filename} is not an array as it was written")
                with archive.open(member) as file:
                    _check_header(member, file)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - what zipfile and NumPy raise depends on the byte that is damaged
        raise InputError(f"{path} is no saved training run, or damaged ({_said(error)})") from None


def _check_header(member, file):
    """Whether an entry holds as many numbers as its header says, and numbers at all."""
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"the entry {member.filename} has a header of version {version}")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.kind not in ("U" if member.filename == "about.npy" else "biuf"):
        raise ValueError(f"the entry {member.filename} holds {dtype}, not real numbers")
    if any(n < 0 for n in shape) or file.tell() + prod(shape) * dtype.itemsize != member.file_size:
        raise ValueError(f"the entry {member.filename} is not as large as its shape {shape}")


def _digests(arrays):
    """A digest of every array by its name."""
    return {name: array_digest(array) for name, array in arrays.items()}


def _refused(token):
    raise ValueError(f"{token} is no number in JSON")


def _said(error):
    return str(error) or type(error).__name__


def _file(path):
    if not isinstance(path, (str, PathLike)):
        raise InputError(f"path must name a file, not {described(path)}")
    return path
