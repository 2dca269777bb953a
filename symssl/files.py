"""Files that are never half-written: a temporary sibling, then one rename."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from .errors import InputError

__all__ = ["folder", "write_text"]


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


def write_text(path, text):
    """Write a text file in one step; an interrupt leaves the old file or none."""
    path = Path(path)
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.",
                                delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(text)
                file.flush()
                os.chmod(temporary, 0o644)
                os.replace(temporary, path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    return path
