"""Verdicts kept on disk: an entry that is damaged, or not what was written, is treated as missing.

An entry is a JSON file that carries the key it was stored under and a checksum.
It is written in one rename, so that parallel runs cannot damage each other's work.
"""

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...support.arguments import described, mapping_of
from ...support.display import html_table
from ...support.files import path_given, write_text

__all__ = ["SCHEMA", "Cache", "cache_folder"]

SCHEMA = 1
KINDS = ("catalogues", "verdicts")


def cache_folder() -> Path:
    """Where the cache lies: ``$SYMSSL_CACHE``, or the platform's folder for caches."""
    if chosen := os.environ.get("SYMSSL_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "symssl"


def _checksum(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Cache:
    """JSON objects by kind and key below a folder.

    Attributes
    ----------
    damaged : paths of entries that were there and not whole; they are read as missing.
    trouble : why nothing can be written, once that has been found out; else empty.

    >>> import tempfile
    >>> cache = Cache(tempfile.mkdtemp())
    >>> cache.write("verdicts", "0f", {"id": "a"})
    >>> cache.read("verdicts", "0f")
    {'id': 'a'}
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        if folder is not None:
            folder = path_given("folder", folder)
        self.folder = folder if folder is not None else cache_folder()
        self.damaged: list[Path] = []
        self.trouble = ""

    def __repr__(self) -> str:
        counts = self.info()
        return f"Cache of {counts['verdicts']} verdicts and {counts['catalogues']} catalogues in {self.folder}"

    def _repr_html_(self) -> str:
        return html_table("Cache", (), list(self.info().items()))

    def _path(self, kind: str, key: str) -> Path:
        if not isinstance(kind, str) or kind not in KINDS:
            raise InputError(f"the cache has no entries of kind {described(kind)}")
        if not isinstance(key, str) or not key.isalnum():
            raise InputError(f"a key of the cache must be letters and digits, not {described(key)}")
        return self.folder / kind / key[:2] / f"{key}.json"

    def read(self, kind: str, key: str) -> dict[str, Any] | None:
        """The stored object, or `None` where there is none or the file is not what was written."""
        path = self._path(kind, key)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self.damaged.append(path)
            return None
        try:
            entry = json.loads(raw)
            body = entry.pop("body")
            whole = entry == {
                "schema": SCHEMA,
                "kind": kind,
                "key": key,
                "checksum": _checksum([SCHEMA, kind, key, body]),
            } and isinstance(body, dict)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            whole = False
        if not whole:
            self.damaged.append(path)
            return None
        return body

    def write(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Store an object; a folder that cannot be written to is noted in `trouble` and left alone."""
        path = self._path(kind, key)
        if self.trouble:
            return
        try:
            json.dumps(mapping_of("body", body, "names to plain data"))
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"body must be plain data, as JSON has it: {error}") from None
        entry = {
            "schema": SCHEMA,
            "kind": kind,
            "key": key,
            "checksum": _checksum([SCHEMA, kind, key, body]),
            "body": body,
        }
        try:
            write_text(path, json.dumps(entry, ensure_ascii=False))
        except (InputError, OSError) as error:
            self.trouble = str(error)

    def entries(self) -> list[Path]:
        """Paths of all entries, whole or not; nothing else that lies in the folder is listed."""
        return [path for kind in KINDS for path in sorted((self.folder / kind).glob("??/*.json"))]

    def info(self) -> dict[str, Any]:
        """Counts and bytes of what is stored."""
        paths = self.entries()
        counts = {kind: sum(path.parent.parent.name == kind for path in paths) for kind in KINDS}
        return {"folder": str(self.folder), **counts, "bytes": sum(path.stat().st_size for path in paths)}

    def clear(self) -> int:
        """Remove all entries, and only these; returns how many there were."""
        paths = self.entries()
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            with suppress(OSError):  # something else lies there, or another run has just written
                folder.rmdir()
        return len(paths)
