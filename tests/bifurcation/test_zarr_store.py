"""Regime maps in a Zarr store: any executor, resumed after a kill."""

import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
import sympy as sp
from regime_helpers import AXES, CUBIC, SIXTH, VALUES, number, rho, s2, texts

from symssl import Flow
from symssl.bifurcation import open_map, regime_map, regime_map_to_zarr, zarr_store as storage
from symssl.errors import InputError, OverBudget, SymsslError

SMALL = {symbol: (low, high, 9) for symbol, (low, high, _) in AXES.items()}


class Failing(ThreadPoolExecutor):
    """Fails on some of its tasks."""

    broken = True

    def submit(self, function, *args):
        if self.broken and sum(args[1]) % 2:
            return super().submit(lambda: 1 / 0)
        return super().submit(function, *args)


SCRIPT = """
import sys, time
import sympy as sp
sys.path.insert(0, {tests!r})
from regime_helpers import SIXTH, AXES, VALUES
from symssl.bifurcation import regime_map_to_zarr
regime_map_to_zarr(SIXTH, AXES, {path!r}, VALUES, chunk=(10, 90), progress=lambda done, total: (print(done, flush=True),
                                                                                               time.sleep(0.2)))
"""


@pytest.mark.parametrize("chunk", [(50, 40), (120, 90), (7, 90)])
def test_stored_map_equals_the_map(tmp_path, chunk):
    stored = regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=chunk)
    whole = regime_map(SIXTH, AXES, VALUES)
    assert np.array_equal(texts(stored.load()), texts(whole)) and stored.counts() == whole.counts()


def test_boundary_cells_in_chunks(tmp_path):
    axes = {rho: (0.125, 0.375, 9), s2: (0.0, 1.0, 5)}
    stored = regime_map_to_zarr(CUBIC, axes, tmp_path / "m.zarr", chunk=(4, 3))
    assert np.array_equal(texts(stored.load()), texts(regime_map(CUBIC, axes)))
    assert stored.counts(number)["2"] == 2


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(2)])
def test_any_executor(tmp_path, make):
    told = []
    with make() as executor:
        stored = regime_map_to_zarr(
            SIXTH,
            AXES,
            tmp_path / "m.zarr",
            VALUES,
            chunk=(50, 40),
            executor=executor,
            progress=lambda done, total: told.append((done, total)),
        )
    assert np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))
    assert told[0] == (0, 10800) and told[-1] == (10800, 10800) and sorted(told) == told


def test_failed_chunks_are_named_and_a_rerun_continues(tmp_path, monkeypatch):
    with Failing(1) as executor:
        with pytest.raises(SymsslError, match="run again to continue"):
            regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45), executor=executor)
        with pytest.raises(InputError, match="not finished"):
            open_map(tmp_path / "m.zarr")
        executor.broken = False
        told = []
        stored = regime_map_to_zarr(
            SIXTH,
            AXES,
            tmp_path / "m.zarr",
            VALUES,
            chunk=(60, 45),
            executor=executor,
            progress=lambda done, total: told.append(done),
        )
    assert told[0] == 5400 and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


def test_a_full_disk_keeps_what_is_finished(tmp_path, monkeypatch):
    from zarr import Array

    whole, written = Array.__setitem__, []

    def full(array, selection, value):
        if array.ndim == 2:  # a chunk of the map, not an axis
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(selection)
        whole(array, selection, value)

    with monkeypatch.context() as patch:
        patch.setattr(Array, "__setitem__", full)
        with pytest.raises(SymsslError, match="No space left on device; finished chunks are kept"):
            regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45))
    told = []
    stored = regime_map_to_zarr(
        SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45), progress=lambda done, total: told.append(done)
    )
    assert told[0] == 2 * 60 * 45
    assert np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


def test_another_map_is_not_continued(tmp_path):
    regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45))
    with pytest.raises(InputError, match="overwrite"):
        regime_map_to_zarr(CUBIC, {rho: (0.1, 0.3, 5), s2: (0.0, 1.0, 5)}, tmp_path / "m.zarr")
    (tmp_path / "note.txt").write_text("kept")
    with pytest.raises(InputError, match="overwrite"):
        regime_map_to_zarr(SIXTH, AXES, tmp_path / "note.txt", VALUES)
    with pytest.raises(InputError, match="no Zarr store"):
        regime_map_to_zarr(SIXTH, AXES, tmp_path / "note.txt", VALUES, overwrite=True)
    assert (tmp_path / "note.txt").read_text() == "kept"
    stored = regime_map_to_zarr(CUBIC, {rho: (0.1, 0.3, 5), s2: (0.0, 1.0, 5)}, tmp_path / "m.zarr", overwrite=True)
    assert sum(stored.counts().values()) == 25


def test_sigkill_loses_no_finished_chunk(tmp_path):
    path = str(tmp_path / "m.zarr")
    script = SCRIPT.format(tests=os.path.dirname(os.path.dirname(__file__)), path=path)
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))),
    )
    seen = [int(run.stdout.readline()) for _ in range(4)]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert seen[-1] >= 2700
    told = []
    stored = regime_map_to_zarr(
        SIXTH, AXES, path, VALUES, chunk=(10, 90), progress=lambda done, total: told.append(done)
    )
    assert told[0] >= seen[-1] and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


@pytest.mark.slow
def test_a_dask_cluster_and_a_killed_worker(tmp_path):
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        killed = []

        def progress(done, total):
            if done and not killed:
                worker = next(iter(cluster.workers.values()))
                killed.append(worker)
                os.kill(worker.process.pid if hasattr(worker, "process") else worker.pid, signal.SIGKILL)

        stored = regime_map_to_zarr(
            SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(10, 30), executor=client, progress=progress
        )
        assert killed and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))
    time.sleep(0.1)


def test_the_conditions_of_a_map_are_derived_once(tmp_path, monkeypatch):
    """A budget may end elsewhere the next time: chunks by other conditions would number their classes otherwise."""
    derived = storage.regime_conditions
    asked = []

    def counting(*args, **options):
        asked.append(options["budget"])
        return derived(*args, **options)

    monkeypatch.setattr(storage, "regime_conditions", counting)
    jobs, compute = [], storage.compute_chunk
    monkeypatch.setattr(storage, "compute_chunk", lambda job, block: jobs.append(job) or compute(job, block))
    storage._conditions.cache_clear()
    found = regime_map_to_zarr(SIXTH, SMALL, tmp_path / "m.zarr", VALUES, chunk=7, budget=50)
    assert asked == [50]
    storage._conditions.cache_clear()
    assert pickle.loads(pickle.dumps(jobs[0])).conditions == jobs[0].conditions and asked == [50]  # as in a worker

    def by_subresultants(flow, axes, values, method, budget):
        return derived(flow, axes, values, "sturm", budget=budget)

    before = found.counts()
    monkeypatch.setattr(storage, "regime_conditions", by_subresultants)
    assert by_subresultants(SIXTH, SMALL, VALUES, "auto", None).polynomials != jobs[0].conditions.polynomials
    with pytest.raises(InputError, match="not the beginning of this map"):
        regime_map_to_zarr(SIXTH, SMALL, tmp_path / "m.zarr", VALUES, chunk=7)
    assert open_map(tmp_path / "m.zarr").counts() == before


def test_conditions_that_take_too_long_are_stopped(tmp_path):
    x, m = sp.symbols("x m", real=True)
    p = sp.symbols("p0:8", real=True)
    flow = Flow({x: m + sum(c * x**j for j, c in enumerate(p, 1))}, (m, *p))
    with pytest.raises(OverBudget):
        regime_map_to_zarr(flow, dict.fromkeys((m, *p), (0, 1, 2)), tmp_path / "m.zarr", budget=0.3)
    assert not list(tmp_path.iterdir())
