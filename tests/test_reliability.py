"""A short seeded sample of every part of ``python -m benchmarks reliability``: nothing in it may fail."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from benchmarks.reliability import PARTS

SAMPLE = {
    "calls": 150,
    "command_lines": 60,
    "fields": 30,
    "solutions": 30,
    "branches": 4,
    "models": 1,
    "kills": 2,
    "files": 60,
}
SEED = 1


@pytest.mark.slow
@pytest.mark.parametrize("part", [part for part in PARTS if find_spec(f"benchmarks.reliability.{part}")])
def test_nothing_fails_in_a_sample(part):
    report = import_module(f"benchmarks.reliability.{part}").examine(SAMPLE[part], SEED)
    assert report.tried and not report.failures, "\n".join(report.failures[:10])
