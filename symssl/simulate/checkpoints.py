"""Training runs in files: arrays and one line of JSON in an ``.npz``, nothing that could be executed."""

import json
import zipfile
from dataclasses import fields

import numpy as np

from ..errors import InputError
from ..support.files import write_whole

__all__ = ["load_run", "save_run"]

FORM = 1  # of the file; raised where older files no longer fit
_TABLES = ("weights", "velocity", "observed")  # dicts of arrays


def save_run(run, path):
    """Write a run; the fields that are no arrays go into the entry ``about``."""
    parts = {f.name: getattr(run, f.name) for f in fields(run)}
    arrays = {f"{table}/{name}": np.asarray(a) for table in _TABLES for name, a in parts.pop(table).items()}
    arrays["steps"] = parts.pop("steps")
    about = json.dumps({"result": "training run", "form": FORM, **parts})
    return write_whole(path, lambda file: np.savez(file, about=np.array(about), **arrays))


def load_run(path):
    """The fields of a saved run.

    Raises `InputError` for a file that is missing, damaged, no run or of another form.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            entries = {name: file[name] for name in file.files}
        about = json.loads(str(entries.pop("about")))
        kind, form = about.pop("result"), about.pop("form")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, AttributeError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no saved training run, or damaged ({error})") from None
    if kind != "training run" or form != FORM:
        raise InputError(
            f"{path} holds a {kind} in form {form!r}; this version of symssl reads a training run in form {FORM}"
        )
    tables = {table: {} for table in _TABLES}
    try:
        found = {**about, "steps": entries.pop("steps"), **tables}
        for name, array in entries.items():
            table, _, key = name.partition("/")
            tables[table][key] = array
    except KeyError as error:
        raise InputError(f"{path} is damaged: it has no place for {error}") from None
    if missing := _fields() - set(found):
        raise InputError(f"{path} is damaged: {', '.join(sorted(missing))} is missing")
    return found


def _fields():
    from .training import Run

    return {f.name for f in fields(Run)}
