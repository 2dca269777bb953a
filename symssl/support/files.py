"""Files that are never half-written, and JSON that is read without trust.

A file is filled before it has a name, where the system can do that (Linux), and under a temporary name
beside it elsewhere.  What a killed process leaves under such a name is removed by the next one that
writes the same file.
"""

import json
import os
import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from ..errors import InputError
from .arguments import callable_of, described, instance_of

__all__ = ["folder", "path_given", "read_json", "write_path", "write_text", "write_whole"]

_LARGEST = 2**31  # bytes of a JSON file that is read at all
_HANDLES = "/proc/self/fd"  # where Linux shows open files, those without a name too
_MARK = ".partial"  # how temporary names end
_IN_USE: set[str] = set()  # temporary names of this process


def folder(path: str | os.PathLike[str]) -> Path:
    """The folder, made if needed; `InputError` where a file is in the way or it cannot be written.

    >>> import tempfile
    >>> folder(tempfile.mkdtemp()).is_dir()
    True
    """
    path = path_given("the folder", path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{path} is a file where a folder is expected") from None
    except NotADirectoryError:
        raise InputError(f"{path} lies below a file: choose another folder") from None
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise InputError(f"the folder {path} is not writable")
    return path


def write_whole(path: str | os.PathLike[str], write: Callable[[BinaryIO], Any]) -> Path:
    """Call ``write(file)`` on a binary file that appears at `path` whole or not at all."""
    callable_of("write", write)

    def fill(name: str) -> None:
        with open(name, "wb") as file:
            write(file)

    return write_path(path, fill)


def write_path(path: str | os.PathLike[str], write: Callable[[str], Any]) -> Path:
    """Call ``write(name)``, which fills a file of that name; it then appears at `path` whole or not at all.

    A kill at any moment leaves the old file or the new one.  On Linux it leaves nothing else, but for one
    that falls between the naming of a whole file and its taking the place of an older one; there, and on
    other systems, the next writer of `path` removes what was left.  A device or a pipe is written to as it is:
    a file must not take its place.
    """
    path = path_given("the file", path)
    callable_of("write", write)
    folder(path.parent)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            write(str(path))
        elif not _without_a_name(path, write):
            _by_name(path, write)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text file in one step; an interrupt leaves the old file or none."""
    try:
        content = instance_of("text", text, str, "a text").encode(
            errors="surrogateescape"
        )  # names of files may need it
    except UnicodeEncodeError as error:
        raise InputError(f"text holds half a character, which no file can hold: {error}") from None
    return write_whole(path, lambda file: file.write(content))


def read_json(path: str | os.PathLike[str], most: int = _LARGEST) -> Any:
    """The content of a file of strict JSON, of `most` bytes at most.

    Raises OSError where it cannot be read, and ValueError, which says what is wrong, for anything that is no
    strict JSON: NaN, numbers beyond the doubles, nesting without end, text that is not UTF-8, a file too large.

    >>> import tempfile
    >>> read_json(write_text(tempfile.mkdtemp() + "/a.json", '{"a": [1, 2.5]}'))
    {'a': [1, 2.5]}
    """

    def refuse(token: str) -> float:
        raise ValueError(f"{token} is no number in JSON")

    with open(path_given("the file", path), "rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > most:
            raise ValueError(f"its {size} bytes are more than the {most} that are read")
        raw = file.read(most + 1)
    if len(raw) > most:  # a pipe or a device has no size
        raise ValueError(f"it has more than the {most} bytes that are read")
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except MemoryError:
        raise ValueError("it holds more than fits into memory") from None


def _without_a_name(path: Path, write: Callable[[str], Any]) -> bool:
    """Fill a file before it has a name; False where the system, or the library that writes, cannot do that."""
    handle = _nameless(path.parent)
    if handle is None:
        return False
    try:
        try:
            write(f"{_HANDLES}/{handle}")
        except PermissionError:  # HDF5 for one takes files by ordinary names only
            return False
        os.fchmod(handle, 0o666 & ~_umask())
        if not _linked(handle, path):
            _replaced(handle, path)
    finally:
        os.close(handle)
    return True


def _nameless(folder: Path) -> int | None:
    """A file without a name in a folder, or None where the system has no such thing."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(_HANDLES):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:  # a file system without them; what else is wrong is found out with a name
        return None


def _linked(handle: int, path: Path) -> bool:
    """Give a file without a name one; False where the name is taken."""
    where = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # a folder's handle makes Python call linkat, which follows the link to the file itself
        os.link(f"{_HANDLES}/{handle}", path.name, dst_dir_fd=where, follow_symlinks=True)
    except FileExistsError:
        return False
    finally:
        os.close(where)
    return True


def _replaced(handle: int, path: Path) -> None:
    """Put a file without a name, whole as it is, in the place of an older one."""
    with _sibling(path) as name:
        _linked(handle, name)
        os.replace(name, path)


def _by_name(path: Path, write: Callable[[str], Any]) -> None:
    """Fill a temporary sibling, then rename it."""
    with _sibling(path) as name:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        write(str(name))
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)


@contextmanager
def _sibling(path: Path) -> Iterator[Path]:
    """A name beside `path` that tells whose it is; what is left under such names by processes that are gone goes."""
    for left in path.parent.glob(f".{escape(path.name)}.*{_MARK}"):
        if _is_left(left):
            with suppress(OSError):
                left.unlink()
    name = path.with_name(f".{path.name}.{_machine()}-{os.getpid()}-{secrets.token_hex(4)}{_MARK}")
    _IN_USE.add(name.name)
    try:
        yield name
    finally:
        with suppress(OSError):
            name.unlink(missing_ok=True)
        _IN_USE.discard(name.name)


def _is_left(path: Path) -> bool:
    """Whether the process of this machine that made a temporary file is gone."""
    machine, _, rest = path.name.removesuffix(_MARK).rpartition(".")[2].partition("-")
    process = rest.partition("-")[0]
    if machine != _machine() or not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return path.name not in _IN_USE
    if os.name != "posix":  # there a file that is open cannot be removed
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    return f"{crc32(platform.node().encode()):08x}"


def path_given(name: str, value: Any) -> Path:
    """A path that a user gives; `InputError` for what is none, and for an empty one.

    >>> path_given("the file", "a.txt").name
    'a.txt'
    """
    if not isinstance(value, (str, os.PathLike)) or not str(value) or "\0" in str(value):
        raise InputError(f"{name} must be a path, not {described(value)}")
    return Path(value)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
