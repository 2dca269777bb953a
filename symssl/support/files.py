"""Files that are never half-written: a temporary sibling, then one rename."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import InputError
from .arguments import described, function, instance_of

__all__ = ["folder", "path_given", "write_path", "write_text", "write_whole"]


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
    function("write", write)

    def fill(temporary: str) -> None:
        with open(temporary, "wb") as file:
            write(file)

    return write_path(path, fill)


def write_path(path: str | os.PathLike[str], write: Callable[[str], Any]) -> Path:
    """Call ``write(name)``, which fills a file of that name; it then appears at `path` whole or not at all."""
    path = path_given("the file", path)
    function("write", write)
    folder(path.parent)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        write(temporary)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(f"cannot write {path}: {error.strerror or error}") from error
        raise
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
