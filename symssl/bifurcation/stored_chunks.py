"""The files of a stored regime map: what they must hold, and whether they do.

A store is a Zarr group with the array ``classes`` and one array for each axis.  Every chunk carries a
checksum of its own, which any reader of Zarr checks.  The attributes of the group hold a digest of every
chunk with its place, and one of the metadata of every array, and are sealed themselves; so a file that
is missing, damaged, exchanged or of another map is found out before its cells are counted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..support.files import read_json, write_text, write_whole
from ..support.seals import DIGEST, array_digest, is_sealed
from .json_form import restored

__all__ = [
    "CLASSES",
    "FORM",
    "Layout",
    "attributes_of",
    "attributes_of_array",
    "layout_of",
    "typed",
    "write_attributes",
]

CLASSES = "classes"  # the name of the array
FORM = 1  # of the attributes
_LOCAL = ("shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value", "codecs", "dimension_names")
_AGAIN = "run its computation again, which computes anew what is missing"
_ANEW = "compute the map again, and overwrite it"  # where it is lost whose map it is


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the cells of a map lie in its store.

    Attributes
    ----------
    path : of the store
    names : of the axes
    shape : cells along each axis
    chunk : cells along each axis in a chunk
    dtype : of the classes
    """

    path: Path
    names: tuple[str, ...]
    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def blocks(self) -> list[tuple[int, ...]]:
        """Index of every chunk."""
        return list(product(*(range(-(-n // c)) for n, c in zip(self.shape, self.chunk))))

    def slices(self, block: tuple[int, ...]) -> tuple[slice, ...]:
        """The cells of a chunk."""
        return tuple(slice(b * c, min((b + 1) * c, n)) for b, c, n in zip(block, self.chunk, self.shape))

    def file(self, block: tuple[int, ...]) -> Path:
        """The file of a chunk."""
        return self.path.joinpath(CLASSES, "c", *map(str, block))

    def create(self, axes: list[np.ndarray]) -> None:
        """Write the metadata and the axes, as far as they are not there already; no chunk is touched."""
        for name, content in self._files(axes).items():
            path = self.path / name
            if path.name == "zarr.json":
                there = _same_metadata(path, content)
            else:
                there = path.is_file() and path.read_bytes() == content
            if not there:
                write_whole(path, partial(_put, content))

    def _files(self, axes):
        """Every file but the chunks by its name, made by Zarr in memory."""
        files: dict[str, Any] = {}
        group = self._group(files)
        for name, values in zip(self.names, axes):
            array = group.create_array(name, **self._axis(name, len(values)))
            array[:] = values
        return {name: buffer.to_bytes() for name, buffer in files.items()}

    def _group(self, files):
        """A group in memory with the empty array of classes."""
        import zarr
        from zarr.codecs import Crc32cCodec, ZstdCodec
        from zarr.storage import MemoryStore

        group = zarr.open_group(MemoryStore(files), mode="w")
        group.create_array(
            CLASSES,
            shape=self.shape,
            chunks=self.chunk,
            dtype=self.dtype,
            fill_value=np.iinfo(self.dtype).max,  # no class: a chunk that is missing for another reader is none
            compressors=[ZstdCodec(level=0), Crc32cCodec()],
            dimension_names=list(self.names),
            config={"write_empty_chunks": True},
        )
        return group

    def _axis(self, name, length):
        """An axis is not compressed, so that the size of its file tells how long it is before it is read."""
        from zarr.codecs import Crc32cCodec

        return {
            "shape": (length,),
            "chunks": (length,),
            "dtype": "float64",
            "compressors": [Crc32cCodec()],
            "dimension_names": [name],
            "config": {"write_empty_chunks": True},
        }

    def write(self, block: tuple[int, ...], classes: np.ndarray) -> None:
        """Write a chunk, whole or not at all."""
        files: dict[str, Any] = {}
        group = self._group(files)
        group[CLASSES][self.slices(block)] = classes
        key = "/".join((CLASSES, "c", *map(str, block)))
        write_whole(self.file(block), partial(_put, files[key].to_bytes()))

    def read(self, block: tuple[int, ...], wanted: str) -> np.ndarray:
        """The classes of a chunk whose digest is wanted; `InputError` names it where they are others, or none."""
        file = self.file(block)
        if not file.is_file():
            raise InputError(f"the chunk {block} of the map at {self.path} is missing ({file}): {_AGAIN}")
        try:
            import zarr

            array: Any = zarr.open_group(str(self.path), mode="r")[CLASSES]
            classes: np.ndarray = array[self.slices(block)]
        except MemoryError:
            raise InputError(f"the chunk {block} of the map at {self.path} does not fit into memory") from None
        except Exception as error:  # noqa: BLE001 - what Zarr and its codecs raise depends on the damage
            raise InputError(
                f"the chunk {block} of the map at {self.path} is damaged ({file}: {type(error).__name__}: {error}): "
                f"{_AGAIN}"
            ) from None
        if array_digest(classes, block) != wanted:
            raise InputError(
                f"the chunk {block} of the map at {self.path} is damaged ({file}: its cells are not those that were "
                f"written): {_AGAIN}"
            )
        return classes

    def read_axis(self, name: str) -> np.ndarray:
        """The values along an axis."""
        path = self.path / name / "c" / "0"
        length = self.shape[self.names.index(name)]
        try:
            if (size := path.stat().st_size) != 8 * length + 4:
                raise ValueError(f"{size} bytes are not {length} doubles")
            import zarr

            array: Any = zarr.open_group(str(self.path), mode="r")[name]
            values: np.ndarray = array[:]
        except Exception as error:  # noqa: BLE001 - what Zarr and its codecs raise depends on the damage
            damage = f"{path}: {type(error).__name__}: {error}"
            raise InputError(f"the axis {name} of the map at {self.path} is damaged ({damage}): {_AGAIN}") from None
        return values

    def attributes(self) -> dict[str, Any]:
        """What `layout_of` makes the layout from again, and compares the files with."""
        return {
            "axes": list(self.names),
            "shape": list(self.shape),
            "chunk": list(self.chunk),
            "dtype": self.dtype.str,
            # less the attributes of the arrays, which others may add to
            "metadata": [_metadata_digest(self.path / name / "zarr.json") for name in (CLASSES, *self.names)],
            "axis_digests": [array_digest(self.read_axis(name)) for name in self.names],
        }


def _put(content, file):
    file.write(content)


def write_attributes(layout: Layout, attributes: dict[str, Any], name: str = "") -> None:
    """Replace some attributes of the group, or of an array of it, in one step."""
    path = layout.path / name / "zarr.json"
    data = _metadata(path)
    write_text(path, json.dumps({**data, "attributes": {**data.get("attributes", {}), **attributes}}, indent=1) + "\n")


def attributes_of_array(layout: Layout, name: str) -> dict[str, Any]:
    """The attributes of an array."""
    attributes: dict[str, Any] = _metadata(layout.path / name / "zarr.json").get("attributes", {})
    return attributes


def _metadata(path, remedy=_AGAIN):
    """The content of a ``zarr.json``."""
    try:
        data = read_json(path)
        if not isinstance(data, dict) or not isinstance(data.get("attributes", {}), dict):
            raise ValueError("it holds no object with attributes")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}): {remedy}") from None
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}): {remedy}") from None
    return data


def _metadata_digest(path):
    data = _metadata(path)
    kept = {key: data.get(key) for key in ("zarr_format", "node_type", *_LOCAL)}
    return blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=DIGEST).hexdigest()


def _same_metadata(path, content):
    """Whether a ``zarr.json`` says what it should, whatever attributes it has."""
    try:
        found, wanted = _metadata(path), json.loads(content)
    except InputError:
        return False
    return all(found.get(key) == wanted.get(key) for key in ("zarr_format", "node_type", *_LOCAL))


def typed(data: Mapping[str, Any], types: Mapping[str, Any]) -> None:
    """Raise ValueError, with the name, where an entry of some JSON is missing or of another type than it should be."""
    for name, wanted in types.items():
        if name not in data:
            raise ValueError(f"{name} is missing")
        try:
            restored(data[name], wanted, {})
        except (ValueError, TypeError, ArithmeticError) as error:
            raise ValueError(f"{name}: {error}") from None


def attributes_of(path: Path, types: Mapping[str, Any]) -> dict[str, Any]:
    """The named attributes of the finished map at a path, which are what was written, each of its type.

    Raises `InputError` where there is no map, where it is not finished, and where the file is damaged.
    """
    file = path / "zarr.json"
    if not file.is_file():
        raise InputError(f"{path} holds no regime map: there is no {file}")
    attributes = _metadata(file, _ANEW).get("attributes", {})
    if "patterns" not in attributes:
        raise InputError(f"the map at {path} is not finished: run its computation again to continue")
    if attributes.get("form") != FORM:
        raise InputError(
            f"the map at {path} has the form {attributes.get('form')!r}; this version of symssl reads form {FORM}: "
            "compute it again, and overwrite it"
        )
    ours = {name: attributes[name] for name in (*types, "checksum") if name in attributes}
    if set(ours) != {*types, "checksum"} or not is_sealed(ours):
        raise InputError(f"{file} is damaged: its attributes are not those that were written: {_ANEW}")
    try:
        typed(ours, types)
    except ValueError as error:
        raise InputError(f"{file} is damaged: {error}: {_ANEW}") from None
    return ours


def layout_of(path: Path, attributes: dict[str, Any]) -> Layout:
    """The layout of a finished map; `InputError` names the file of metadata or of an axis that is another."""
    names, shape, chunk = (attributes[key] for key in ("axes", "shape", "chunk"))
    lengths = {len(attributes[key]) for key in ("axes", "shape", "chunk", "axis_digests")} | {len(set(names))}
    wanted = lengths == {len(attributes["metadata"]) - 1} and min((*shape, *chunk), default=0) > 0
    digests, dtype = attributes["digests"], attributes["dtype"]
    if not wanted or dtype not in ("|u1", "<u2", "<u4") or any(c > n for c, n in zip(chunk, shape)):
        raise InputError(f"{path / 'zarr.json'} is damaged: the shape, the chunks and the axes do not fit together")
    if len(digests) != 2 * DIGEST * math.prod(-(-n // c) for n, c in zip(shape, chunk)):
        raise InputError(f"{path / 'zarr.json'} is damaged: the digests do not fit the chunks")
    layout = Layout(path, tuple(names), tuple(shape), tuple(chunk), np.dtype(dtype))
    for name, written in zip((CLASSES, *names), attributes["metadata"], strict=True):
        if _metadata_digest(path / name / "zarr.json") != written:
            raise InputError(f"{path / name / 'zarr.json'} is damaged: it is not what was written: {_AGAIN}")
    for name, written in zip(names, attributes["axis_digests"], strict=True):
        if array_digest(layout.read_axis(name)) != written:
            raise InputError(f"{path / name / 'c' / '0'} is damaged: it holds another axis {name}: {_AGAIN}")
    return layout
