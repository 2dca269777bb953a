"""Regime maps larger than memory: chunk by chunk into Zarr, on any executor, resumed after a kill.

Every chunk of cells is a chunk of the Zarr array.  A worker writes its chunk
first and then a small record beside the store; a chunk counts as finished only
when its record is there and its cells are those that were recorded, so whatever is killed loses no
finished chunk, and nothing that is damaged passes for finished.  A finished store
knows the digests of its chunks (`stored_chunks`): what is missing or damaged there is computed anew too.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import numpy as np

from ..errors import InputError, SymsslError
from ..exact.numbers import exact_number
from ..scalar.flow import Field, Flow
from ..support.arguments import described, flag, one_of, whole
from ..support.budgets import TRIAL_BUDGET
from ..support.display import html_table, listing
from ..support.files import folder, read_json, write_text
from ..support.seals import DIGEST, array_digest, is_sealed, seal
from ..support.workers import Outcome, Task, run_tasks
from .regime_conditions import RegimeConditions, regime_conditions
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
from .stored_chunks import (
    CLASSES,
    FORM,
    Layout,
    attributes_of,
    attributes_of_array,
    layout_of,
    typed,
    write_attributes,
)

__all__ = ["StoredMap", "open_map", "regime_map_to_zarr"]

_CELLS = 1 << 22  # cells in a chunk, unless told otherwise
_SEALED = {  # the attributes that a finished map is read from, in the order in which they are sealed, with their types
    "form": int,
    "patterns": dict[int, tuple[tuple[int, ...], int, tuple[int, ...], tuple[str, ...]]],
    "axes": tuple[str, ...],
    "shape": tuple[int, ...],
    "chunk": tuple[int, ...],
    "dtype": str,
    "metadata": tuple[str, ...],
    "axis_digests": tuple[str, ...],
    "digests": str,
    "values": dict[str, str],
    "method": str,
    "flow": str,
    "rechecked": int,
    "seconds": float,
    "fingerprint": str,
}
_RECORD = {  # what is known of a finished chunk
    "fingerprint": str,
    "cells": int,
    "rechecked": int,
    "seconds": float,
    "seen": dict[int, tuple[float, ...]],
    "boundary": tuple[tuple[tuple[int, ...], tuple[float, ...]], ...],
    "digests": tuple[str, ...],
}


@dataclass(frozen=True)
class _Job:
    """What a worker needs to compute any chunk; it pickles."""

    flow: Flow
    values: tuple  # (parameter, exact number) of the others
    axes: tuple  # (parameter, values) in order
    method: str
    path: str
    chunk: tuple
    found: tuple  # what makes the conditions: derived once, since another time a budget may end elsewhere

    @property
    def conditions(self):
        return _conditions(*self.found)

    @property
    def layout(self):
        names, shape = tuple(p.name for p, _ in self.axes), tuple(len(values) for _, values in self.axes)
        return Layout(Path(self.path), names, shape, self.chunk, np.dtype(class_type(self.conditions)))

    @property
    def fingerprint(self):
        """Tells one map from another, so that a rerun never continues a different one."""
        text = json.dumps(
            [
                FORM,
                str(dict(self.flow.states)),
                [(p.name, str(v)) for p, v in self.values],
                [(p.name, hashlib.sha256(v.tobytes()).hexdigest()) for p, v in self.axes],
                self.method,
                [str(p) for p in self.conditions.polynomials],  # the classes are numbered by their signs
                list(self.chunk),
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def records(self):
        return Path(f"{self.path}.progress")

    @property
    def mark(self):
        return self.records / "map.json"

    def record(self, block):
        return self.records / ("-".join(map(str, block)) + ".json")

    def keep(self, block, record):
        write_text(self.record(block), json.dumps(seal(record)) + "\n")


@lru_cache(maxsize=8)
def _conditions(flow, axes, polynomials, proof):
    """The same object for every chunk, with what has been compiled for it."""
    return RegimeConditions(flow, axes, polynomials, proof)


def compute_chunk(job: _Job, block: tuple[int, ...]) -> dict[str, Any]:
    """Compute one chunk, write it, then record it; returns the record."""
    started = perf_counter()
    conditions, layout = job.conditions, job.layout
    slices = layout.slices(block)
    axes = [values[s] for (_, values), s in zip(job.axes, slices)]
    classes = np.empty(tuple(map(len, axes)), layout.dtype)
    rechecked, exact = fill(conditions, axes, classes)
    seen = {}
    flat = classes.reshape(-1)
    for number in np.unique(flat):
        place = int(np.argmax(flat == number))
        seen[str(number)] = [float(a[k]) for a, k in zip(axes, np.unravel_index(place, classes.shape))]
    layout.write(block, classes)
    on_boundary = [
        [[int(i) for i in np.unravel_index(place, classes.shape)], list(point)] for place, point in exact.items()
    ]
    record = {
        "fingerprint": job.fingerprint,
        "cells": int(classes.size),
        "rechecked": rechecked,
        "seconds": perf_counter() - started,
        "seen": seen,
        "boundary": on_boundary,  # places within the chunk
        "digests": [array_digest(classes, block)],
    }
    job.keep(block, record)
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
    jobs: int | None = None,
    budget: float | None = TRIAL_BUDGET,
    overwrite: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> StoredMap:
    """Compute a regime map into a Zarr store; a rerun with the same arguments continues.

    Whatever stops it, a kill at any moment or a full disk, a rerun takes up what is finished.  A finished
    map that is asked for again is only read through; of its chunks those that are missing or damaged are
    computed anew.

    Parameters
    ----------
    flow, axes, values, method : as for `regime_map`, for one state and rational right-hand sides
    path : where the store goes
    chunk : cells along each axis in a chunk, one number or one for each axis; about four million in all if not given
    executor : any ``concurrent.futures.Executor``, whose workers must see `path`; of a Dask client, which is
        accepted too, a task whose worker is killed is given to another
    jobs : instead of an executor so many worker processes of this machine, which an interrupt ends at once
    budget : seconds for the conditions that separate the regimes; None for no limit
    overwrite : start anew where a store exists that is finished or another map's
    progress : callable ``progress(cells finished, cells in all)``

    Returns
    -------
    StoredMap

    Raises
    ------
    InputError
        where `path` holds something else and `overwrite` is not set.
    Refusal
        where the regimes are not separated by polynomials; `OverBudget` where the time for these is over.
    SymsslError
        where a chunk fails; finished chunks are kept, and a rerun continues.
    """
    one_of("method", method, ("auto", "discriminant", "sturm"))
    grid, given, fixed = prepared(flow, axes, values)
    path, overwrite, progress = path_of(path), flag("overwrite", overwrite), progress_of(progress)
    executor_of(executor)
    if jobs is not None:
        whole("jobs", jobs, 1)
        if executor is not None:
            raise InputError("give an executor or a number of jobs, not both")
    if bad := next((p.name for p in grid if p.name == CLASSES or not _plain(p.name)), None):
        raise InputError(f"an axis of a store cannot be called {bad!r}: rename the parameter")
    shape = tuple(map(len, grid.values()))
    exact = tuple((p, exact_number(v, p)) for p, v in given.items())
    along = tuple((p, np.array(v)) for p, v in grid.items())
    conditions = regime_conditions(flow, grid, dict(exact), method, budget=budget)
    found = (conditions.flow, conditions.axes, conditions.polynomials, conditions.proof)
    job = _Job(flow, exact, along, method, str(path), _chunk(shape, chunk), found)
    layout = job.layout
    finished = _finished_before(job, overwrite)
    if finished is None:
        _opened(job, overwrite)
        layout.create([values for _, values in job.axes])
        records = {block: record for block in layout.blocks if (record := _record_of(job, block)) is not None}
    else:
        layout.create([values for _, values in job.axes])
        records = {block: None for block in layout.blocks if _is_whole(layout, block, finished)}
    computed = _computed(job, [b for b in layout.blocks if b not in records], executor, jobs)
    with closing(_told(layout, records, computed, progress)) as steps:
        for block, record in steps:
            records[block] = record
    if finished is None:
        _finish(job, records, fixed)
    else:
        _mend(job, records, finished)
    shutil.rmtree(job.records, ignore_errors=True)
    return open_map(path)


def _plain(name):
    """Whether a name can be that of a folder in a store."""
    return name.isprintable() and not set(name) & set("/\\:") and not name.startswith((".", "__"))


def _told(layout, records, computed, progress):
    """Pass finished chunks on, and tell of their cells."""
    total = int(np.prod(layout.shape, dtype=np.int64))
    done = sum(int(np.prod([s.stop - s.start for s in layout.slices(block)], dtype=np.int64)) for block in records)
    if progress:
        progress(done, total)
    with closing(computed):
        for block, record in computed:
            yield block, record
            done += record["cells"]
            if progress:
                progress(done, total)


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


def _finished_before(job, overwrite):
    """The attributes of this map where it was finished before and is not to be computed anew, or None."""
    mark = _mark_of(job)
    if overwrite if mark is None else mark["clear"]:
        return None
    try:
        attributes = attributes_of(Path(job.path), _SEALED)
    except InputError:
        return None  # it is told by `_opened`
    return attributes if attributes["fingerprint"] == job.fingerprint else None


def _is_whole(layout, block, attributes):
    """Whether a chunk of a finished map is what it was."""
    try:
        layout.read(block, _digest_of(layout, block, attributes))
    except InputError:
        return False
    return True


def _digest_of(layout, block, attributes):
    """The digest of a chunk among those of all of them."""
    counts = [-(-n // c) for n, c in zip(layout.shape, layout.chunk)]
    width, number = 2 * DIGEST, int(np.ravel_multi_index(block, counts))
    return attributes["digests"][width * number : width * (number + 1)]


def _mark_of(job):
    """What was written when this map was begun; None for another map's mark, or a damaged one."""
    try:
        mark = read_json(job.mark)
    except (OSError, ValueError):
        return None
    good = isinstance(mark, dict) and is_sealed(mark) and mark.get("fingerprint") == job.fingerprint
    return mark if good else None


def _opened(job, overwrite):
    """Begin the map, or accept the beginning of the same one.

    The mark is written first: from then on the store is this map's, whatever is there of it.
    """
    path, mark = Path(job.path), _mark_of(job)
    if mark is None:
        begun = job.records.is_dir() and any(job.records.iterdir())
        if path.exists() or begun:
            if not overwrite:
                raise InputError(_in_the_way(job, path))
            if path.exists() and not any((path / name / "zarr.json").is_file() for name in ("", CLASSES)):
                raise InputError(f"{path} is no Zarr store: it is not overwritten; remove it or choose another name")
        if job.records.is_dir():
            shutil.rmtree(job.records)
        folder(path.parent)
        folder(job.records)
        mark = seal({"fingerprint": job.fingerprint, "clear": path.exists()})
        write_text(job.mark, json.dumps(mark) + "\n")
    if mark["clear"]:
        if path.exists():
            shutil.rmtree(path)
        write_text(job.mark, json.dumps(seal({**mark, "clear": False})) + "\n")


def _in_the_way(job, path):
    """Why what is at `path` is neither continued nor overwritten."""
    if job.mark.exists():
        try:
            if not is_sealed(read_json(job.mark)):
                raise ValueError("its content is not what was written")
        except (OSError, ValueError, AttributeError) as error:
            return f"{job.mark} is damaged ({error}): the map cannot be continued; choose another name, or overwrite"
    text = f"{path} exists and is not the beginning of this map: choose another name, or overwrite"
    if (path / "zarr.json").is_file():
        try:
            attributes_of(path, _SEALED)
        except InputError as error:
            return f"{error} ({text})"
    return text


def _record_of(job, block):
    """The record of a finished chunk of this map whose cells are there, or None."""
    try:
        record = read_json(job.record(block))
        if not is_sealed(record) or record["fingerprint"] != job.fingerprint:
            return None
        typed(record, _RECORD)
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    for wanted in record["digests"]:
        try:
            job.layout.read(block, wanted)
            return record
        except InputError:
            continue
    return None


def _computed(job, blocks, executor, jobs):
    """(block, record) as chunks are finished; the first failure is raised after the others were taken in."""
    if executor is None and (jobs is None or not blocks):
        for block in blocks:
            try:
                yield block, compute_chunk(job, block)
            except Exception as error:
                raise _unfinished(block, error) from error
        return
    results = _by_workers(job, blocks, jobs) if executor is None else _by_executor(job, blocks, executor)
    failures = []
    with closing(results):
        for block, record, failure in results:
            if failure is None:
                yield block, record
            else:
                failures.append((block, failure))
    if failures:
        raise _unfinished(*failures[0], len(failures)) from failures[0][1]


def _by_workers(job, blocks, jobs):
    """(block, record, error) from worker processes; a chunk whose worker was killed is given to another, once."""
    again = set()

    def then(outcome: Outcome) -> list[Task]:
        if not outcome.died or outcome.key in again:
            return []
        again.add(outcome.key)
        return [Task(outcome.key, compute_chunk, (job, outcome.key))]

    told = set()
    with closing(run_tasks([Task(b, compute_chunk, (job, b)) for b in blocks], jobs=jobs, then=then)) as outcomes:
        for outcome in outcomes:
            if outcome.died and outcome.key not in told:
                told.add(outcome.key)
                continue
            yield outcome.key, outcome.value, outcome.error


def _by_executor(job, blocks, executor) -> Iterator[Any]:
    """(block, record, error) from an executor, whose tasks that wait are cancelled where the caller stops."""
    if type(executor).__module__.partition(".")[0] == "distributed":  # a client hands out futures of its own
        from distributed import as_completed

        futures = {executor.submit(compute_chunk, job, block, pure=False): block for block in blocks}
    else:
        from concurrent.futures import as_completed

        futures = {executor.submit(compute_chunk, job, block): block for block in blocks}
    try:
        for future in as_completed(list(futures)):
            done: tuple[Any, Exception | None]
            try:
                done = future.result(), None
            except Exception as failure:  # noqa: BLE001 - a chunk may fail in any way; the first is raised in the end
                done = None, failure
            yield futures[future], *done
    finally:
        for future in futures:
            future.cancel()


def _unfinished(block, error, number=1):
    """What is said of chunks that failed, on a full disk for example."""
    return SymsslError(
        f"{number} chunk{'s' * (number > 1)} failed, the first, {block}, with {type(error).__name__}: {error}; "
        "finished chunks are kept, run again to continue"
    )


def _finish(job, records, fixed):
    """Patterns of all classes into the attributes; each cell on a boundary is counted on its own."""
    conditions, layout = job.conditions, job.layout
    cases = {tuple(point): None for block in layout.blocks for _, point in records[block]["boundary"]}
    cases = {point: pattern_of(conditions.equilibria_at(point)) for point in cases}
    special = {packed([one.exact(point) for one in conditions.signs]) for point in cases}
    patterns = {}
    for block in layout.blocks:
        for number, point in records[block]["seen"].items():
            if int(number) not in patterns and int(number) not in special:
                patterns[int(number)] = pattern_of(conditions.equilibria_at(point))
    spare = iter(sorted(special) + [n for n in range(3 ** len(conditions.polynomials) + 1) if n not in special])
    for pattern in cases.values():
        if pattern not in patterns.values():
            patterns[next(n for n in spare if n not in patterns)] = pattern
    digests = [_renumbered(job, layout, block, records[block], patterns, cases) for block in layout.blocks]
    attributes = {
        "form": FORM,
        "patterns": {
            str(k): [list(p.negative), p.zero, list(p.positive), list(p.stability)] for k, p in patterns.items()
        },
        **layout.attributes(),
        "digests": "".join(digests),
        "values": dict(fixed),
        "method": conditions.proof,
        "flow": str(dict(conditions.flow.states)),
        "rechecked": sum(record["rechecked"] for record in records.values()),
        "seconds": sum(record["seconds"] for record in records.values()),
        "fingerprint": job.fingerprint,
    }
    write_attributes(layout, _flags(patterns, str), CLASSES)
    write_attributes(layout, seal({name: attributes[name] for name in _SEALED}))


def _renumbered(job, layout, block, record, patterns, cases):
    """Give the cells of a chunk that lie on a boundary the class of their pattern; returns the digest of the chunk.

    The record knows both digests before the chunk changes, so that a kill in between loses nothing.
    """
    if not record["boundary"]:
        return record["digests"][0]
    for known in record["digests"]:
        try:
            classes = layout.read(block, known)
            break
        except InputError:
            if known == record["digests"][-1]:
                raise
    for place, point in record["boundary"]:
        pattern = cases[tuple(point)]
        classes[tuple(place)] = next(n for n, p in patterns.items() if p == pattern)
    made = array_digest(classes, block)
    if made != known:
        job.keep(block, {**record, "digests": [known, made]})
        layout.write(block, classes)
    return made


def _mend(job, records, attributes):
    """Number the chunks of a finished map that were computed anew as they were."""
    layout, patterns = job.layout, _patterns_of(attributes)
    for block, record in records.items():
        if record is None:
            continue
        cases = {tuple(p): pattern_of(job.conditions.equilibria_at(tuple(p))) for _, p in record["boundary"]}
        known = set(patterns.values()) >= set(cases.values())
        if not known or _renumbered(job, layout, block, record, patterns, cases) != _digest_of(
            layout, block, attributes
        ):
            raise SymsslError(
                f"the chunk {block} of {layout.path}, computed again, is another one: "
                "overwrite the map to compute all of it anew"
            )
    if (now := {**attributes, **layout.attributes()}) != attributes:  # written by another version of Zarr
        write_attributes(layout, seal({name: now[name] for name in _SEALED}))
    if "flag_values" not in attributes_of_array(layout, CLASSES):
        write_attributes(layout, _flags(patterns, str), CLASSES)


def _flags(patterns: Mapping[int, Pattern], label: Label) -> dict[str, Any]:
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
        cells = " x ".join(map(str, self.shape))
        return f"StoredMap, {cells} cells over {', '.join(self.attributes.get('axes', ()))} at {self.path}"

    @property
    def _layout(self) -> Layout:
        """The layout that the files keep to now."""
        path = Path(self.path)
        return layout_of(path, attributes_of(path, _SEALED))

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(self.attributes["shape"])

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
        label_of(label)
        write_attributes(self._layout, _flags(self.patterns, label), CLASSES)

    def counts(self, label: Label = str) -> dict[str, int]:
        """Cells by meaning, read chunk by chunk, largest first.

        Raises `InputError` where a chunk is missing or damaged, and names it.
        """
        label_of(label)
        cells: dict[int, int] = {}
        for _, part in self._chunks():
            for number, count in zip(*np.unique(part, return_counts=True)):
                cells[int(number)] = cells.get(int(number), 0) + int(count)
        totals: dict[str, int] = {}
        for number, count in cells.items():
            meaning = meaning_of(label, self.patterns[number])
            totals[meaning] = totals.get(meaning, 0) + count
        return dict(sorted(totals.items(), key=lambda pair: -pair[1]))

    def _chunks(self) -> Iterator[tuple[tuple[slice, ...], np.ndarray]]:
        """Every chunk with its place; `InputError` for the first that is not what was written."""
        layout = self._layout
        for block in layout.blocks:
            classes = layout.read(block, _digest_of(layout, block, self.attributes))
            if not set(np.unique(classes).tolist()) <= set(self.patterns):
                raise InputError(f"the chunk {block} of the map at {self.path} holds a class without a pattern")
            yield layout.slices(block), classes

    def load(self) -> RegimeMap:
        """The whole map in memory, as a `RegimeMap`.

        Raises `InputError` where a chunk is missing or damaged, which is named, and where memory is too small.
        """
        layout, a = self._layout, self.attributes
        try:
            classes = np.empty(layout.shape, layout.dtype)
        except (MemoryError, ValueError):
            cells = " x ".join(map(str, layout.shape))
            raise InputError(
                f"{cells} cells do not fit into memory: counts() and to_xarray() go chunk by chunk"
            ) from None
        for slices, part in self._chunks():
            classes[slices] = part
        return RegimeMap(
            Field({name: layout.read_axis(name) for name in layout.names}),
            Field(a["values"]),
            classes,
            Field(self.patterns),
            a["rechecked"],
            a["seconds"],
            a["method"],
            {"flow": a["flow"]},
        )

    def to_xarray(self) -> Any:
        """A lazy xarray Dataset over the store.

        Raises `InputError` where xarray, which is optional, is missing, and where a chunk is; one that is
        damaged is found out by its checksum when it is read.
        """
        try:
            import xarray
        except ImportError:
            raise InputError("to_xarray() needs xarray: pip install 'symssl[scale]'") from None
        layout = self._layout
        if gone := next((block for block in layout.blocks if not layout.file(block).is_file()), None):
            layout.read(gone, "")
        return xarray.open_zarr(self.path, consolidated=False)


def open_map(path: str | PathLike[str]) -> StoredMap:
    """The finished map stored at a path.

    Raises `InputError` where there is none, where it is not finished, and where its metadata or its axes are
    not what was written; that of the cells is found out when they are read.
    """
    path = path_of(path)
    attributes = attributes_of(path, _SEALED)
    layout_of(path, attributes)
    try:
        if attributes["rechecked"] < 0 or not 0 <= float(attributes["seconds"]) < float("inf"):
            raise ValueError("the cells that were rechecked and the seconds are no counts")
        return StoredMap(str(path), _patterns_of(attributes), attributes)
    except ValueError as error:
        raise InputError(f"{path / 'zarr.json'} is damaged: {error}") from None


def _patterns_of(attributes: Mapping[str, Any]) -> dict[int, Pattern]:
    """{class: Pattern} from the attributes of a finished map; ValueError for what is no pattern."""
    patterns = {int(k): Pattern(tuple(n), z, tuple(p), tuple(s)) for k, (n, z, p, s) in attributes["patterns"].items()}
    for pattern in patterns.values():
        pattern._verify()
    return patterns
