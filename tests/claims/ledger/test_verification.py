"""One path to verdicts: from the cache, from workers, compared with the ledger, recorded."""

import shutil
from pathlib import Path

import pytest

from symssl.claims import discover
from symssl.claims.ledger.cache import Cache
from symssl.claims.ledger.catalogue import Catalogue
from symssl.claims.ledger.lock import read_lock
from symssl.claims.ledger.verification import as_json, verify, verify_here

TOY = Path(__file__).parents[2] / "toy" / "derivations"


@pytest.fixture
def catalogue(tmp_path):
    shutil.copytree(TOY, tmp_path / "papers")
    return Catalogue(tmp_path / "papers", Cache(tmp_path / "cache"))


def test_the_second_time_nothing_is_derived(catalogue):
    told = []
    first = verify(catalogue, catalogue.rows, jobs=2, progress=lambda *args: told.append(args))
    assert [done for done, total, _ in told] == list(range(1, 13))
    assert {total for _, total, _ in told} == {12}
    assert len(first.differences) == 12
    assert first.differences[0].endswith("not recorded")
    assert not first.crashed
    first.record(catalogue)
    again = verify(catalogue, catalogue.rows, progress=lambda *args: told.append(args))
    assert len(told) == 12
    assert again.differences == ()
    assert again.notes == ("12 of 12 verdicts were in the cache",)
    assert [d.verdict for d in again.decided] == [d.verdict for d in first.decided]
    assert set(read_lock(catalogue.lock)) == {row.id for row in catalogue.rows}


def test_workers_and_this_process_agree(catalogue):
    here = verify_here(discover("toy.derivations").paper("garden"))
    there = verify(catalogue, catalogue.rows, jobs=2)
    for (row, a), (other, b) in zip(zip(here.rows, here.decided), zip(there.rows, there.decided)):
        assert as_json(row, a) | {"seconds": 0} == as_json(other, b) | {"seconds": 0}
    assert here.differences == here.notes == ()


def test_a_part_is_compared_with_its_part_of_the_ledger(catalogue):
    verify(catalogue, catalogue.rows, jobs=2).record(catalogue)
    lock = catalogue.lock.read_text()
    catalogue.lock.write_text(lock.replace("garden.cited", "garden.gone"))
    assert verify(catalogue, catalogue.select(["garden.flow"])).differences == ()
    assert set(verify(catalogue, catalogue.rows).differences) == {
        "garden.cited: open, not recorded",
        "garden.gone: recorded, but there is no such claim",
    }
