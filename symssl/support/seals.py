"""Checksums of what is kept in files: a change that nobody meant does not pass for content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DIGEST", "SEAL", "array_digest", "is_sealed", "seal"]

SEAL = "checksum"  # the entry that holds it
DIGEST = 8  # bytes of the digest of an array


def seal(content: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a JSON object in their order, with a checksum of them all; one that was there is replaced.

    >>> is_sealed(seal({"a": 1})), is_sealed({**seal({"a": 1}), "a": 2})
    (True, False)
    """
    rest = {key: value for key, value in content.items() if key != SEAL}
    return {**rest, SEAL: _checksum(rest)}


def is_sealed(content: Mapping[str, Any]) -> bool:
    """Whether an object is what `seal` made of it."""
    return content.get(SEAL) == _checksum({key: value for key, value in content.items() if key != SEAL})


def _checksum(content: Any) -> str:
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def array_digest(values: np.ndarray, place: tuple[int, ...] = ()) -> str:
    """A short digest of an array, its shape and its type, and of its place among others where it has one.

    >>> import numpy as np
    >>> array_digest(np.zeros(3)) == array_digest(np.zeros((1, 3))), len(array_digest(np.zeros(3)))
    (False, 16)
    """
    import numpy as np

    made = blake2b(repr((tuple(place), values.shape, values.dtype.str)).encode(), digest_size=DIGEST)
    made.update(np.ascontiguousarray(values).data if values.size else b"")
    return made.hexdigest()
