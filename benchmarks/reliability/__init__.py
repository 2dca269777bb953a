"""What fails where anything goes: seeded random calls, command lines, fields, models, kills and damaged files.

Every part is a module with ``examine(count, seed) -> Report``; the test suite runs a short sample of each.
"""

from __future__ import annotations

from importlib import import_module

PARTS = {  # how many of each the whole run tries
    "calls": 10_000,
    "command_lines": 3000,
    "fields": 1000,
    "solutions": 1000,
    "branches": 200,
    "models": 10,
    "kills": 40,
    "files": 2000,
}


def run(parts=PARTS, seed=0):
    """Every part in full; a part that finds a failure prints it."""
    for part in parts:
        import_module(f"{__name__}.{part}").examine(PARTS[part], seed).show()
