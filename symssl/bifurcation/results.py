"""What the results of this package have in common: they save as JSON, load, compare and tabulate.

A file holds the fields of one result by name, with the kind and the version of
the form.  `load` tells from these what to build, and refuses anything else.
"""

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self

from ..errors import InputError
from ..support.arguments import instance_of
from ..support.files import read_json, write_text
from ..support.records import Record
from ..support.seals import SEAL, is_sealed, seal
from .json_form import built, hints, plain

__all__ = ["Result", "frame", "load", "path_of"]

VERSION = 2
_KINDS: dict[str, type["Result"]] = {}  # name of the kind -> class


class Result(Record):
    """Base of the results; a subclass is a frozen dataclass and names its kind.

    Fields are annotated with types that :mod:`symssl.bifurcation.json_form` writes; `_verify` raises
    ValueError where fields that were read do not fit together, and `_columns` lists the columns of the
    table.  Two results are equal where all their fields are; NaN equals NaN here.
    """

    _kind: str

    def __init_subclass__(cls, *, kind: str, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._kind = kind
        _KINDS[kind] = cls

    def _verify(self) -> None:
        """Raise ValueError where the fields do not fit together; here anything is accepted."""

    def _columns(self) -> list[tuple[str, Any]]:
        """Name and values of every column of the table."""
        raise NotImplementedError

    def to_dataframe(self) -> Any:
        """The table as a pandas DataFrame; pandas is optional, and `InputError` says so where it is missing."""
        return frame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """The kind, the version and the fields as plain lists, numbers and text.

        Raises `InputError` for what has no such form.
        """
        try:
            return {
                "result": self._kind,
                "version": VERSION,
                **{name: plain(getattr(self, name), hint) for name, hint in hints(self.__class__).items()},
            }
        except ValueError as error:
            raise InputError(f"this {self._kind} cannot be written as JSON: {error}") from None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The result that `to_dict` describes; entries of other names are ignored.

        Raises `InputError` where something is missing or damaged.
        """
        data = instance_of("data", data, Mapping, "a mapping, as `to_dict` gives it")
        try:
            result: Self = built(cls, data, {})
            return result
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
            raise InputError(f"this is no saved {cls._kind}: {error}") from None

    def to_json(self, **more: Any) -> str:
        """The text of the file that `save` writes, with `more` entries after the kind and a checksum at the end."""
        data = self.to_dict()
        head = {name: data.pop(name) for name in ("result", "version")}
        return _text(seal({**head, **more, **data})) + "\n"

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the result as JSON, whole or not at all; an existing file is replaced.  Returns the path.

        Raises `InputError` where the file cannot be written.
        """
        return Path(write_text(path_of(path), self.to_json()))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """The result of this kind that was saved at a path.

        Raises `InputError` where the file holds anything else, and names it.
        """
        result: Self = _loaded(path, cls)
        return result


def load(path: str | PathLike[str]) -> Any:
    """The result saved at a path: a `Branch`, `Diagram`, `Curve`, `CertifiedEquilibria`, `RegimeMap` or `PlanarBasins`.

    Raises
    ------
    InputError
        where there is no file, and where it is damaged, not strict JSON, of another kind or version.

    Examples
    --------
    >>> import tempfile
    >>> from sympy import symbols
    >>> from symssl import Flow, find_equilibria
    >>> x = symbols("x", real=True)
    >>> path = tempfile.mkdtemp() + "/equilibria.json"
    >>> load(find_equilibria(Flow({x: x - x**3})).save(path)).pattern
    ('stable', 'unstable', 'stable')
    """
    return _loaded(path, Result)


def path_of(path: Any) -> Path:
    """A path, from text or what names a file; `InputError` for anything else."""
    checked: Any = instance_of("path", path, (str, PathLike), "the path of a file")
    return Path(checked)


def _loaded(path, wanted):
    path = path_of(path)
    data = _read(path)
    kind, version = data.get("result"), data.get("version")
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        named = f"it names the result {kind!r}" if kind is not None else "it names no result"
        raise InputError(f"{path} is no saved {_listed(_KINDS)}: {named}")
    if version != VERSION:
        raise InputError(
            f"{path} holds a {kind} in form {version!r}; this version of symssl reads form {VERSION}: compute it again"
        )
    if not issubclass(known, wanted):
        raise InputError(f"{path} holds a {kind}, not a {wanted._kind}; load(path) takes it for what it is")
    try:
        result = known.from_dict(data)
    except InputError as error:
        raise InputError(f"{path} is damaged: {error}") from None
    if not is_sealed(data):  # what does not fit together is told first, by name
        raise InputError(
            f"{path} is damaged: its content is not what was written"
            + ("" if SEAL in data else f", since it has no {SEAL}")
            + "; compute it again"
        )
    return result


def _read(path):
    try:
        data = read_json(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{path} is no saved result: it is not JSON, or damaged ({error})") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} is no saved result: it holds a {type(data).__name__}")
    return data


def _listed(names):
    *first, last = sorted(names, key=lambda name: name != "diagram")
    return ", ".join(first) + f" or {last}"


def _text(data, margin=""):
    """JSON with a line for every entry; lists of numbers stay on one."""
    inner = margin + " "
    if isinstance(data, dict) and data:
        lines = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_text(value, inner)}" for key, value in data.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(data, list) and any(isinstance(value, dict) for value in data):
        return "[\n" + ",\n".join(inner + _text(value, inner) for value in data) + f"\n{margin}]"
    return json.dumps(data, allow_nan=False, ensure_ascii=False)


def frame(columns: Iterable[tuple[str, Any]]) -> Any:
    """A pandas DataFrame of (name, values) in order; `InputError` without pandas or for a name used twice."""
    try:
        import pandas
    except ImportError:
        raise InputError("to_dataframe() needs pandas: pip install pandas") from None
    columns = list(columns)
    names = [name for name, _ in columns]
    if twice := next((name for k, name in enumerate(names) if name in names[:k]), None):
        raise InputError(f"two columns of the table are called {twice}: rename the symbol of that name")
    return pandas.DataFrame(dict(columns))
