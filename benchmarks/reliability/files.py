"""Damaged files of four kinds: stored maps, checkpoints of training, saved results, the ledger with its cache.

Every case damages a copy of a good file, in one of several ways, and reads it by the public way.  The answer
must be the one that the good file gives, or an `InputError`; for an entry of the cache also that it is not
there, and for the ledger that `verify` names the entry.  What was read is compared number by number here,
with what was made before it was written.
"""

import json
import random
import shutil
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import sympy as sp

from symssl import Flow
from symssl.bifurcation import (
    bifurcation_diagram,
    find_equilibria,
    load,
    open_map,
    planar_basins,
    regime_map,
    regime_map_to_zarr,
)
from symssl.claims.ledger.cache import Cache
from symssl.claims.ledger.lock import read_lock, record
from symssl.errors import InputError
from symssl.simulate import CrossCorrelation, Run, train

from .report import Report

x, v = sp.symbols("x v", real=True)
m, k = sp.symbols("m k", real=True)
CUBIC = Flow({x: m + k * x - x**3}, (m, k))


# --- what a result says, in plain data ----------------------------------------------------


def plain(value):
    """Every number and word of a result; NaN is equal to itself, and types are told apart."""
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), value.tobytes().hex()]
    if isinstance(value, np.generic):
        return [value.dtype.str, value.tobytes().hex()]
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, sp.Basic):
        return sp.srepr(value)
    if isinstance(value, dict) or hasattr(value, "items"):
        return [[plain(key), plain(entry)] for key, entry in value.items()]
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        kept = [name for name, f in value.__dataclass_fields__.items() if f.metadata.get("saved", True)]
        return [type(value).__name__, *(plain(getattr(value, name)) for name in kept)]
    if hasattr(value, "rhs") and hasattr(value, "parameters"):
        return [plain(dict(value.rhs)), plain(value.parameters)]
    return repr(value)


# --- the four kinds -----------------------------------------------------------------------


class Maps:
    """A store with several chunks, some cells of which lie on a boundary."""

    def make(self, folder):
        axes = {m: (-1.0, 1.0, 17), k: (-1.0, 3.0, 9)}
        regime_map_to_zarr(CUBIC, axes, folder / "map.zarr", chunk=(5, 4))
        regime_map_to_zarr(CUBIC, {m: (-2.0, 1.0, 17), k: (-1.0, 2.0, 9)}, folder / "other.zarr", chunk=(5, 4))
        return folder / "map.zarr"

    def read(self, path):
        stored = open_map(path)
        found = stored.load()
        return [plain(list(stored.counts().items())), plain(found.classes), plain(found.axes), plain(found.values),
                plain(found.patterns), found.rechecked, found.seconds.hex(), found.method]  # fmt: skip


class Checkpoints:
    """Runs with momentum, so that there is a velocity."""

    def make(self, folder):
        for name, seed in (("run.npz", 3), ("other.npz", 4)):
            learner = CrossCorrelation(np.diag([1.0, 0.5, 0.25]), components=2, scale=1e-2)
            train(learner, steps=60, eta=0.05, momentum=0.5, rng=seed, every=10).save(folder / name)
        return folder / "run.npz"

    def read(self, path):
        return plain(Run.load(path))


class Results:
    """One of every kind of saved result."""

    def make(self, folder):
        made = [
            bifurcation_diagram(Flow({x: m * x - x**3}, (m,)), m, (-1, 1)),
            find_equilibria(CUBIC, {m: sp.Rational(1, 3), k: 2}),
            regime_map(CUBIC, {m: (-1, 1, 9), k: (0, 3, 7)}),
            planar_basins(Flow({x: v, v: x - x**3 - v / 2}), {x: (-2, 2), v: (-2, 2)}, n=5),
        ]
        (folder / "results").mkdir()
        for number, result in enumerate(made):
            result.save(folder / "results" / f"{number}.json")
        return folder / "results"

    def read(self, path):
        return [plain(load(path / f"{number}.json")) for number in range(4)]


class Ledgers:
    """A lock file and a cache with entries of both kinds; an entry of the cache may be missing, but never another."""

    def make(self, folder):
        entries = {
            f"paper.eq{number}": {"verdict": verdict, "evidence": "symbolic", "source": "printed", "correction": text,
                                  "witness": f"x = {number}", "stated": f"{number:032x}", "correction_latex": text,
                                  "reason": "a reason; β and 中"}
            for number, (verdict, text) in enumerate([("holds", ""), ("corrected", "x**2 - 1"), ("refuted", "")])
        }  # fmt: skip
        (folder / "ledger").mkdir()
        record(folder / "ledger" / "ledger.lock.json", entries, set(entries))
        cache = Cache(folder / "ledger" / "cache")
        for number in range(4):
            cache.write(("verdicts", "catalogues")[number % 2], f"{number:x}{number:x}ff", {"id": number, "β": [1.5]})
        return folder / "ledger"

    def read(self, path):
        cache = Cache(path / "cache")
        kept = [cache.read(("verdicts", "catalogues")[n % 2], f"{n:x}{n:x}ff") for n in range(4)]
        if not all(entry in (None, {"id": n, "β": [1.5]}) for n, entry in enumerate(kept)):
            raise AssertionError(f"the cache gives {kept}")
        return read_lock(path / "ledger.lock.json")


KINDS = {"map": Maps, "checkpoint": Checkpoints, "result": Results, "ledger": Ledgers}


# --- the ways of damage -------------------------------------------------------------------


def flip(path, rng, folder):
    raw = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 1, 2, 8])):
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    path.write_bytes(raw)


def cut(path, rng, folder):
    raw = path.read_bytes()
    path.write_bytes(raw[: rng.randrange(len(raw))])


def lengthen(path, rng, folder):
    raw = path.read_bytes()
    path.write_bytes(raw + rng.choice([b"\0" * 64, raw, b"}", rng.randbytes(100)]))


def overwrite(path, rng, folder):
    path.write_bytes(rng.choice([b"", b"{}", b"[]", b"null", b"[" * 100_000, b'{"a":' * 50_000, rng.randbytes(300)]))


def remove(path, rng, folder):
    path.unlink()


def swap(path, rng, folder):
    """Parts of two results exchanged: two files of a store or a cache; of a result in one file its second half.

    A whole file of the other result is that result, and says so: nothing is damaged then.
    """
    others = [p for p in sorted(folder.rglob("*")) if p.is_file() and p != path and p.suffix == path.suffix]
    other = rng.choice(others or [path])
    one, two = path.read_bytes(), other.read_bytes()
    if path.parent in (folder, folder / "results"):
        differ = [place for place, pair in enumerate(zip(one, two)) if pair[0] != pair[1]]
        some = differ[len(differ) // 4 : 3 * len(differ) // 4]  # with enough of both: a zip says the same thing twice
        at = rng.choice(some) if some else 0
        path.write_bytes(one[:at] + two[at:])
    else:
        path.write_bytes(two)
        other.write_bytes(one)


WILD = [0, -1, 1, 2, 10**12, -(10**12), 1e308, 1.5, True, None, "", "nan", "1e999", [], {}, [[[]]], "holds", "x**2"]


def replace_value(path, rng, folder):
    """One value inside, by a wild one; text that is no JSON, and arrays, are damaged in their own way."""
    if path.suffix == ".npz":
        return replace_array(path, rng, folder)
    try:
        data = json.loads(path.read_bytes())
    except ValueError:
        return flip(path, rng, folder)
    places = []

    def walk(part):
        for key in part if isinstance(part, dict) else range(len(part)):
            places.append((part, key))
            if isinstance(part[key], (dict, list)):
                walk(part[key])

    walk(data)
    part, key = rng.choice(places)
    if rng.random() < 0.2:
        del part[key]
    else:
        part[key] = rng.choice(WILD)
    path.write_text(json.dumps(data))
    return None


def replace_array(path, rng, folder):
    """Another array, a wrong shape or type, a huge shape, or an entry more or less, in a zip that is a good one."""
    with np.load(path) as file:
        arrays = dict(file)
    name = rng.choice(sorted(arrays))
    how = rng.randrange(7)
    huge = None
    if how == 0:
        del arrays[name]
    elif how == 1:
        arrays[name] = np.asarray(rng.choice([np.nan, np.inf, -1, 1j, "text", [[1.0, 2.0]]]))
    elif how == 2:
        arrays[name + rng.choice(["x", "/y", ""])] = np.zeros(rng.choice([0, 3, 1000]))
    elif how == 3 and arrays[name].dtype.kind in "fi":
        arrays[name] = arrays[name] + 1
    elif how == 4:
        arrays[name] = arrays[name].astype(complex) if arrays[name].dtype.kind == "f" else arrays[name].ravel()[:0]
    elif how == 5:
        other = rng.choice(sorted(arrays))
        arrays[name], arrays[other] = arrays[other], arrays[name]
    else:
        huge = name
    with zipfile.ZipFile(path, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for entry, array in arrays.items():
            buffer = BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            raw = buffer.getvalue()
            if entry == huge:
                buffer = BytesIO()
                header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
                np.lib.format.write_array_header_1_0(buffer, header)
                raw = buffer.getvalue() + bytes(64)
            archive.writestr(f"{entry}.npy", raw)


WAYS = (flip, flip, cut, lengthen, overwrite, remove, swap, replace_value, replace_value)


def examine(count, seed):
    """`count` damaged files; a failure says how to repeat it."""
    report, rng = Report("damaged files", seed), random.Random(seed)
    with tempfile.TemporaryDirectory() as where:
        good = {}
        for name, kind in KINDS.items():
            folder = Path(where) / name / "good"
            folder.mkdir(parents=True)
            good[name] = (kind(), kind().make(folder))
        wanted = {name: kind.read(path) for name, (kind, path) in good.items()}
        for number in range(count):
            name = rng.choice(list(KINDS))
            kind, path = good[name]
            report.add(*_case(kind, name, path, wanted[name], Path(where) / name / "case", rng, number))
    return report


def _case(kind, name, path, wanted, folder, rng, number):
    """Damage one file of a copy, read it, and say how that ended."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(path.parent, folder)
    copy = folder / path.name
    files = sorted(p for p in copy.rglob("*") if p.is_file()) if copy.is_dir() else [copy]
    file, way = rng.choice(files), rng.choice(WAYS)
    way(file, rng, folder)
    where = f"case {number}: {name}, {file.relative_to(folder)}, {way.__name__}"
    try:
        found = kind.read(copy)
    except InputError as error:
        text = str(error)
        if "\n" in text or str(copy) not in text:
            return "refused", f"{where}: the message does not name the file in one line: {text[:200]}"
        return "refused", None
    except Exception as error:  # noqa: BLE001 - any other exception is what is looked for
        return "crashed", f"{where}: {type(error).__name__}: {str(error)[:200]}"
    if found == wanted:
        return "the same result", None
    if name == "ledger" and not (copy / "ledger.lock.json").exists() and found == {}:
        return "nothing recorded", None
    return "another result", f"{where}: another result without a word"
