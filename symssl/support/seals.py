"""Checksums of what is kept in files: a change that nobody meant does not pass for content."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

__all__ = ["SEAL", "is_sealed", "seal"]

SEAL = "checksum"  # the entry that holds it


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
