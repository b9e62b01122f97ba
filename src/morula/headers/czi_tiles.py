"""What a CZI says of its tiles, weighed before pylibCZIrw is given it.

A file names how many dimensions each of its tiles has, in a directory and where the tile begins, and there how many
bytes it has. The library believes both, and a wrong number ends Python. (Zeiss, ZISRAW file format: header of the file,
directory of tiles, head of a tile.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from morula.errors import FileError, reason

MOST_DIMENSIONS = 32
"""Of a tile; there are letters for twelve."""
TILE = np.dtype([(name, np.int64) for name in (
    "position", "type", "packing", "x", "y", "width", "height", "S", "T", "C", "Z")])
"""Where a tile begins in the file, the numbers of its type of pixels and of how they are packed, where it lies and how
large it is in pixels, and its place along the other axes, of which S is -1 where it has none."""
_DIRECTORY_AT = 84
"""Where the file header says at which byte the directory begins."""
_SEGMENT = struct.Struct("<16sqq")
_ENTRY = struct.Struct("<2sIqiiBxxxxxI")
"""Schema, type of pixels, position in the file, part of it, packing, pyramid, and the number of dimensions."""
_DIMENSION = struct.Struct("<4siifi")
"""Letter, start, size, a coordinate, and the size that is stored, 0 where that is the same."""
_BEFORE_ENTRIES = 128
_LENGTHS = struct.Struct("<iiq")
"""What a tile says before it repeats the directory: bytes of its description, of what is attached, of its pixels."""


class _Entry(NamedTuple):
    """What the directory, and a tile itself, say of it: numbers by name, and start, size and stored size of each
    dimension by its letter."""

    type: int
    position: int
    packing: int
    dimensions: Mapping[str, tuple[int, int, int]]


def czi_tiles(path: Path) -> np.ndarray:
    """The tiles of a file at full resolution, of the type `TILE`, shape `(tiles,)`.

    Raises:
        FileError: the directory is damaged.
    """
    return _tiles(path, path.stat().st_mtime_ns)


def require_sound(path: Path, positions: Iterable[int]) -> None:
    """Raise a FileError if one of the tiles that begin at these bytes is none, or says of itself what no tile can."""
    before = _SEGMENT.size + _LENGTHS.size
    with path.open("rb") as file, _damage(path):
        size = path.stat().st_size
        for position in positions:
            file.seek(position)
            head = file.read(before + _ENTRY.size + MOST_DIMENSIONS * _DIMENSION.size)
            lengths = _LENGTHS.unpack_from(head, _SEGMENT.size)
            if not head.startswith(b"ZISRAWSUBBLOCK\0") or min(lengths) < 0 or position + sum(lengths) > size:
                raise ValueError("a tile does not lie where it should")
            _entry(head, before)


@lru_cache(maxsize=2)  # parts of one file are asked for one after another
def _tiles(path: Path, modified: int) -> np.ndarray:
    found = []
    with _damage(path):
        directory = _directory(path)
        (count,) = struct.unpack_from("<I", directory)
        place = _BEFORE_ENTRIES
        for _ in range(count):
            entry = _entry(directory, place)
            place += _ENTRY.size + len(entry.dimensions) * _DIMENSION.size
            (x, width, stored_width), (y, height, stored_height) = entry.dimensions["X"], entry.dimensions["Y"]
            if (width, height) == (stored_width, stored_height):  # else it is of a pyramid
                others = [entry.dimensions.get(letter, (missing, 1, 1))[0]
                          for letter, missing in zip("STCZ", (-1, 0, 0, 0), strict=True)]
                found.append((entry.position, entry.type, entry.packing, x, y, width, height, *others))
    return np.array(found, TILE)


def _directory(path: Path) -> bytes:
    """What the directory says, behind its name and size."""
    with path.open("rb") as file:
        file.seek(_DIRECTORY_AT)
        (position,) = struct.unpack("<q", file.read(8))
        file.seek(position)
        name, _, used = _SEGMENT.unpack(file.read(_SEGMENT.size))
        if name.rstrip(b"\0") != b"ZISRAWDIRECTORY" or not 0 < used <= path.stat().st_size:
            raise ValueError("there is no directory of tiles where it should be")
        return file.read(used)


def _entry(data: bytes, place: int) -> _Entry:
    schema, kind, position, _, packing, _, count = _ENTRY.unpack_from(data, place)
    if schema != b"DV" or not 0 < count <= MOST_DIMENSIONS:
        raise ValueError(f"a tile names {count:,} dimensions")
    dimensions = {}
    for number in range(count):
        letter, start, size, _, stored = _DIMENSION.unpack_from(data, place + _ENTRY.size + number * _DIMENSION.size)
        dimensions[letter.rstrip(b"\0").decode("ascii")] = start, size, stored or size
    if len(dimensions) < count:
        raise ValueError("a tile names the same dimension twice")
    return _Entry(kind, position, packing, dimensions)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (struct.error, ValueError, KeyError, OSError) as error:
        raise FileError(f"{path} is damaged or cut short ({reason(error)}). Copy it again from where it came from, or "
                        "leave it out.") from error
