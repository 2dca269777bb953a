"""Files that are never half-written: a temporary sibling, then one rename."""

import os
import tempfile
from pathlib import Path

from ..errors import InputError

__all__ = ["folder", "write_path", "write_text", "write_whole"]


def folder(path):
    """The folder, made if needed; `InputError` where a file is in the way or it cannot be written.

    >>> import tempfile
    >>> folder(tempfile.mkdtemp()).is_dir()
    True
    """
    path = Path(path)
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


def write_whole(path, write):
    """Call ``write(file)`` on a binary file that appears at `path` whole or not at all."""

    def fill(temporary):
        with open(temporary, "wb") as file:
            write(file)

    return write_path(path, fill)


def write_path(path, write):
    """Call ``write(name)``, which fills a file of that name; it then appears at `path` whole or not at all."""
    path = Path(path)
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


def write_text(path, text):
    """Write a text file in one step; an interrupt leaves the old file or none."""
    return write_whole(path, lambda file: file.write(text.encode()))


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
