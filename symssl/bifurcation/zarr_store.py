"""Regime maps larger than memory: chunk by chunk into Zarr, on any executor, resumed after a kill.

Every chunk of cells is a chunk of the Zarr array.  A worker writes its chunk
first and then a small record beside the store; a chunk counts as finished only
when its record is there, so whatever is killed loses no finished chunk.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import numpy as np

from ..errors import InputError, SymsslError
from ..exact.numbers import exact_number
from ..scalar.flow import Field, Flow
from ..support.arguments import described, flag, one_of
from ..support.display import html_table, listing
from ..support.files import folder, write_text
from .regime_conditions import regime_conditions
from .regimes import (
    Label,
    Pattern,
    RegimeMap,
    class_type,
    executor_of,
    fill,
    label_of,
    meaning_of,
    packed,
    pattern_of,
    prepared,
    progress_of,
)
from .results import path_of

__all__ = ["StoredMap", "open_map", "regime_map_to_zarr"]

_CELLS = 1 << 22  # cells in a chunk, unless told otherwise


@dataclass(frozen=True)
class _Job:
    """What a worker needs to compute any chunk; it pickles."""

    flow: Flow
    values: tuple  # (parameter, exact number) of the others
    axes: tuple  # (parameter, values) in order
    method: str
    path: str
    chunk: tuple

    @property
    def shape(self):
        return tuple(len(values) for _, values in self.axes)

    @property
    def blocks(self):
        """Index of every chunk."""
        return list(product(*(range(-(-n // c)) for n, c in zip(self.shape, self.chunk))))

    def slices(self, block):
        return tuple(slice(b * c, min((b + 1) * c, n)) for b, c, n in zip(block, self.chunk, self.shape))

    @property
    def fingerprint(self):
        """Tells one map from another, so that a rerun never continues a different one."""
        text = json.dumps(
            [
                str(dict(self.flow.states)),
                [(p.name, str(v)) for p, v in self.values],
                [(p.name, hashlib.sha256(v.tobytes()).hexdigest()) for p, v in self.axes],
                self.method,
                list(self.chunk),
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def records(self):
        return Path(f"{self.path}.progress")

    def record(self, block):
        return self.records / ("-".join(map(str, block)) + ".json")


@lru_cache(maxsize=8)
def _conditions(flow, parameters, values, method):
    return regime_conditions(flow, parameters, dict(values), method)


def compute_chunk(job: _Job, block: tuple[int, ...]) -> dict[str, Any]:
    """Compute one chunk, write it, then record it; returns the record."""
    import zarr

    started = perf_counter()
    parameters = tuple(p for p, _ in job.axes)
    conditions = _conditions(job.flow, parameters, job.values, job.method)
    slices = job.slices(block)
    axes = [values[s] for (_, values), s in zip(job.axes, slices)]
    classes = np.empty(tuple(map(len, axes)), class_type(conditions))
    rechecked, exact = fill(conditions, axes, classes)
    seen = {}
    flat = classes.reshape(-1)
    for number in np.unique(flat):
        place = int(np.argmax(flat == number))
        seen[int(number)] = [float(a[k]) for a, k in zip(axes, np.unravel_index(place, classes.shape))]
    zarr.open_group(job.path, mode="r+")["classes"][slices] = classes
    corner = [s.start for s in slices]
    on_boundary = [
        [[int(c + i) for c, i in zip(corner, np.unravel_index(place, classes.shape))], list(point)]
        for place, point in exact.items()
    ]
    record = {
        "fingerprint": job.fingerprint,
        "cells": int(classes.size),
        "rechecked": rechecked,
        "seconds": perf_counter() - started,
        "seen": seen,
        "boundary": on_boundary,
    }
    write_text(job.record(block), json.dumps(record) + "\n")
    return record


def regime_map_to_zarr(
    flow: Flow,
    axes: Mapping[Any, Any],
    path: str | PathLike[str],
    values: Mapping[Any, Any] | None = None,
    *,
    chunk: int | tuple[int, ...] | None = None,
    method: Literal["auto", "discriminant", "sturm"] = "auto",
    executor: Any = None,
    overwrite: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> StoredMap:
    """Compute a regime map into a Zarr store; a rerun with the same arguments continues.

    Parameters
    ----------
    flow, axes, values, method : as for `regime_map`, for one state and rational right-hand sides
    path : where the store goes
    chunk : cells along each axis in a chunk, one number or one for each axis; about four million in all if not given
    executor : any ``concurrent.futures.Executor``, whose workers must see `path`; of a Dask client, which is
        accepted too, a task whose worker is killed is given to another
    overwrite : start anew where a store exists that is finished or another map's
    progress : callable ``progress(cells finished, cells in all)``

    Returns
    -------
    StoredMap

    Raises
    ------
    InputError
        where `path` holds something else and `overwrite` is not set.
    SymsslError
        where a chunk fails; finished chunks are kept, and a rerun continues.
    """
    one_of("method", method, ("auto", "discriminant", "sturm"))
    grid, given, fixed = prepared(flow, axes, values)
    path, overwrite, progress = path_of(path), flag("overwrite", overwrite), progress_of(progress)
    executor_of(executor)
    shape = tuple(map(len, grid.values()))
    exact = tuple((p, exact_number(v, p)) for p, v in given.items())
    job = _Job(flow, exact, tuple(grid.items()), method, str(path), _chunk(shape, chunk))
    conditions = _conditions(flow, tuple(grid), exact, method)
    _opened(job, class_type(conditions), overwrite)
    records = {block: record for block in job.blocks if (record := _finished(job, block)) is not None}
    total = int(np.prod(shape, dtype=np.int64))
    done = sum(r["cells"] for r in records.values())
    if progress:
        progress(done, total)
    for block, record in _computed(job, [b for b in job.blocks if b not in records], executor):
        records[block] = record
        done += record["cells"]
        if progress:
            progress(done, total)
    _finish(job, conditions, records, fixed)
    return open_map(path)


def _chunk(shape, chunk):
    if chunk is None:
        chunk, left = [], _CELLS
        for n in reversed(shape):
            chunk.insert(0, max(1, min(n, left)))
            left //= chunk[0]
    chunk = tuple(chunk) if isinstance(chunk, (tuple, list)) else (chunk,) * len(shape)
    if len(chunk) != len(shape) or not all(isinstance(c, int) and not isinstance(c, bool) and c > 0 for c in chunk):
        raise InputError(
            f"chunk must be a positive whole number of cells, or one for each of {len(shape)} axes, "
            f"not {described(chunk)}"
        )
    return tuple(min(c, n) for c, n in zip(chunk, shape))


def _opened(job, dtype, overwrite):
    """Create the store, or accept the unfinished one of the same map."""
    import zarr

    path, mark = Path(job.path), job.records / "map.json"
    if path.exists() or job.records.exists():
        if mark.exists() and json.loads(mark.read_text()).get("fingerprint") == job.fingerprint and path.exists():
            return
        if not overwrite:
            raise InputError(f"{path} exists and is not the beginning of this map: choose another name, or overwrite")
        if path.exists() and not (path / "zarr.json").is_file():
            raise InputError(f"{path} is no Zarr store: it is not overwritten; remove it or choose another name")
        for old in (path, job.records):
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    folder(path.parent)
    group = zarr.open_group(job.path, mode="w")
    names = [p.name for p, _ in job.axes]
    group.create_array("classes", shape=job.shape, chunks=job.chunk, dtype=dtype, dimension_names=names)
    for p, values in job.axes:
        group.create_array(p.name, data=values, dimension_names=[p.name])
    folder(job.records)
    write_text(mark, json.dumps({"fingerprint": job.fingerprint}) + "\n")


def _finished(job, block):
    """The record of a finished chunk of this map, or None."""
    try:
        record = json.loads(job.record(block).read_text(encoding="utf-8"))
        return record if record["fingerprint"] == job.fingerprint else None
    except (OSError, ValueError, KeyError):
        return None


def _computed(job, blocks, executor):
    """(block, record) as chunks are finished; the first failure is raised after the others were taken in."""
    if executor is None:
        for block in blocks:
            try:
                yield block, compute_chunk(job, block)
            except Exception as error:
                raise _unfinished(block, error) from error
        return
    if type(executor).__module__.partition(".")[0] == "distributed":  # a client hands out futures of its own
        from distributed import as_completed

        futures = {executor.submit(compute_chunk, job, block, pure=False): block for block in blocks}
    else:
        from concurrent.futures import as_completed

        futures = {executor.submit(compute_chunk, job, block): block for block in blocks}
    completed = as_completed(list(futures))
    failures = []
    for future in completed:
        try:
            yield futures[future], future.result()
        except GeneratorExit:
            raise
        except Exception as error:  # noqa: BLE001 - a chunk may fail in any way; the first is raised below
            failures.append((futures[future], error))
    if failures:
        raise _unfinished(*failures[0], len(failures)) from failures[0][1]


def _unfinished(block, error, number=1):
    """What is said of chunks that failed, on a full disk for example."""
    return SymsslError(
        f"{number} chunk{'s' * (number > 1)} failed, the first, {block}, with {type(error).__name__}: {error}; "
        "finished chunks are kept, run again to continue"
    )


def _finish(job, conditions, records, fixed):
    """Patterns of all classes into the attributes; each cell on a boundary is counted on its own."""
    import zarr

    group = zarr.open_group(job.path, mode="r+")
    places = [(tuple(index), point) for record in records.values() for index, point in record["boundary"]]
    boundary = [(index, pattern_of(conditions.equilibria_at(point))) for index, point in places]
    special = {packed([one.exact(point) for one in conditions.signs]) for _, point in places}
    patterns = {}
    for record in records.values():
        for number, point in record["seen"].items():
            if int(number) not in patterns and int(number) not in special:
                patterns[int(number)] = pattern_of(conditions.equilibria_at(point))
    spare = iter(sorted(special) + [n for n in range(3 ** len(conditions.polynomials) + 1) if n not in special])
    for index, pattern in boundary:
        number = next((n for n, p in patterns.items() if p == pattern), None)
        if number is None:
            number = next(n for n in spare if n not in patterns)
            patterns[number] = pattern
        group["classes"][index] = number
    group.attrs.update(
        {
            "patterns": {
                str(k): [list(p.negative), p.zero, list(p.positive), list(p.stability)] for k, p in patterns.items()
            },
            "axes": [p.name for p, _ in job.axes],
            "values": dict(fixed),
            "method": conditions.proof,
            "flow": str(dict(conditions.flow.states)),
            "rechecked": sum(r["rechecked"] for r in records.values()),
            "seconds": sum(r["seconds"] for r in records.values()),
        }
    )
    open_map(job.path).describe()
    shutil.rmtree(job.records, ignore_errors=True)


def flags(patterns: Mapping[int, Pattern], label: Label) -> dict[str, Any]:
    """Plain attributes: the classes, and the meaning of each as one word."""
    meanings = [meaning_of(label, pattern).replace(", ", "-").replace(" ", "_") for pattern in patterns.values()]
    return {"flag_values": list(patterns), "flag_meanings": " ".join(meanings), "long_name": "regime"}


@dataclass(frozen=True, repr=False)
class StoredMap:
    """A finished map on disk; see `RegimeMap` for the meaning of classes and patterns.

    Attributes
    ----------
    path : where the store is
    patterns : mapping {class: Pattern}
    attributes : mapping of what was written beside the classes
    """

    path: str
    patterns: dict[int, Pattern]
    attributes: dict[str, Any]

    def __repr__(self) -> str:
        return listing(self._head(), [(f"class {k}", pattern) for k, pattern in self.patterns.items()])

    def _repr_html_(self) -> str:
        return html_table(self._head(), ("class", "regime"), list(self.patterns.items()))

    def _head(self) -> str:
        try:
            cells = " x ".join(map(str, self.shape))
        except Exception:  # noqa: BLE001 - a store that was moved away is still shown
            cells = "no longer there:"
        return f"StoredMap, {cells} cells over {', '.join(self.attributes.get('axes', ()))} at {self.path}"

    @property
    def _group(self) -> Any:
        import zarr

        return zarr.open_group(self.path, mode="r")

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(self._group["classes"].shape)

    @property
    def rechecked(self) -> int:
        """Number of cells that were worked out exactly."""
        return int(self.attributes["rechecked"])

    @property
    def seconds(self) -> float:
        """Time of the computation, of all workers together."""
        return float(self.attributes["seconds"])

    @property
    def method(self) -> str:
        """How regimes were told apart."""
        return str(self.attributes["method"])

    def describe(self, label: Label = str) -> None:
        """Write what the classes mean under a label into the store, as CF `flag_values` and `flag_meanings`."""
        import zarr

        classes = zarr.open_group(self.path, mode="r+")["classes"]
        classes.attrs.update(flags(self.patterns, label_of(label)))

    def counts(self, label: Label = str) -> dict[str, int]:
        """Cells by meaning, read chunk by chunk, largest first."""
        label_of(label)
        array = self._group["classes"]
        totals: dict[str, int] = {}
        for block in product(*(range(0, n, c) for n, c in zip(array.shape, array.chunks))):
            part = array[tuple(slice(b, b + c) for b, c in zip(block, array.chunks))]
            for number, count in zip(*np.unique(part, return_counts=True)):
                meaning = meaning_of(label, self.patterns[int(number)])
                totals[meaning] = totals.get(meaning, 0) + int(count)
        return dict(sorted(totals.items(), key=lambda pair: -pair[1]))

    def load(self) -> RegimeMap:
        """The whole map in memory, as a `RegimeMap`."""
        group, a = self._group, self.attributes
        return RegimeMap(
            Field({name: group[name][:] for name in a["axes"]}),
            Field(a["values"]),
            group["classes"][:],
            Field(self.patterns),
            a["rechecked"],
            a["seconds"],
            a["method"],
            {"flow": a["flow"]},
        )

    def to_xarray(self) -> Any:
        """A lazy xarray Dataset over the store; `InputError` where xarray, which is optional, is missing."""
        try:
            import xarray
        except ImportError:
            raise InputError("to_xarray() needs xarray: pip install 'symssl[scale]'") from None
        return xarray.open_zarr(self.path, consolidated=False)


def open_map(path: str | PathLike[str]) -> StoredMap:
    """The finished map stored at a path.

    Raises `InputError` where there is none, or where it is not finished.
    """
    path = path_of(path)
    import zarr

    try:
        attributes: dict[str, Any] = dict(zarr.open_group(str(path), mode="r").attrs)
    except Exception as error:  # noqa: BLE001 - what zarr raises depends on what lies there
        raise InputError(f"{path} holds no regime map: {error}") from None
    if "patterns" not in attributes:
        raise InputError(f"the map at {path} is not finished: run its computation again to continue")
    patterns = {int(k): Pattern(tuple(n), z, tuple(p), tuple(s)) for k, (n, z, p, s) in attributes["patterns"].items()}
    return StoredMap(str(path), patterns, attributes)
