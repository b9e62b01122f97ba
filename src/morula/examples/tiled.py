"""Planes of a frame in a file, tile after tile, so that a patch of it lies in few places however large the frame is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import BinaryIO

import numpy as np

from morula.formats.stored import Box, box_shape
from morula.images.tiles import largest_box

TILE = 2**14
"""Pixels of a tile at most. With larger ones, many more are read for a patch than it has."""


@dataclass(frozen=True)
class TiledPlanes:
    """Planes `(planes, *space)` that lie in a file as `(*grid, planes, *tile)`, from byte `offset` on."""

    offset: int
    planes: int
    space: tuple[int, ...]
    dtype: np.dtype

    @cached_property
    def tile(self) -> tuple[int, ...]:
        """The sides of a tile, chosen so that the last tile of a row is nearly full."""
        sides = largest_box(self.space, TILE)
        counts = (-(-length // side) for length, side in zip(self.space, sides, strict=True))
        return tuple(-(-length // count) for length, count in zip(self.space, counts, strict=True))

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape in the file, `(*grid, planes, *tile)`."""
        grid = (-(-length // side) for length, side in zip(self.space, self.tile, strict=True))
        return (*grid, self.planes, *self.tile)

    @property
    def end(self) -> int:
        """The byte behind the last one."""
        return self.offset + self._bytes_from(0)

    def read(self, file: BinaryIO, box: Box) -> np.ndarray:
        """The part in `box`, `(planes, *box)`, of an unbuffered file.

        Raises:
            OSError: the file cannot be read, or ends too early.
        """
        part = np.empty((self.planes, *box_shape(box)), self.dtype)
        *outer, inner = (range(piece.start // side, -(-piece.stop // side))
                         for piece, side in zip(box, self.tile, strict=True))
        for above in product(*outer):
            row = self._run(file, (*above, inner.start), len(inner))
            for last, stored in zip(inner, row, strict=True):
                source, target = [], []
                for piece, index, side in zip(box, (*above, last), self.tile, strict=True):
                    begin, end = max(piece.start, index * side), min(piece.stop, (index + 1) * side)
                    source.append(slice(begin - index * side, end - index * side))
                    target.append(slice(begin - piece.start, end - piece.start))
                part[(slice(None), *target)] = stored[(slice(None), *source)]
        return part

    def write(self, file: BinaryIO, row: int, band: np.ndarray) -> None:
        """Write some rows, `(planes, rows, *rest)`, of which the first is `row` and begins a tile."""
        padding = [(0, -length % side) for length, side in zip(band.shape[1:], self.tile, strict=True)]
        padded = np.pad(band.astype(self.dtype, copy=False), [(0, 0), *padding])
        split = [part for length, side in zip(padded.shape[1:], self.tile, strict=True)
                 for part in (length // side, side)]
        axes = len(self.tile)
        tiles = padded.reshape(self.planes, *split).transpose(*range(1, 2 * axes, 2), 0, *range(2, 2 * axes + 1, 2))
        file.seek(self.offset + row // self.tile[0] * self._bytes_from(1))
        file.write(np.ascontiguousarray(tiles).data)

    def _run(self, file: BinaryIO, first: tuple[int, ...], count: int) -> np.ndarray:
        """Tiles that lie in a row in one piece of the file, `(count, planes, *tile)`."""
        file.seek(self.offset + sum(place * self._bytes_from(axis + 1) for axis, place in enumerate(first)))
        shape = (count, self.planes, *self.tile)
        wanted = math.prod(shape) * self.dtype.itemsize
        if len(stored := file.read(wanted)) < wanted:
            raise OSError(f"it ends {wanted - len(stored)} bytes too early")
        return np.frombuffer(stored, self.dtype).reshape(shape)

    def _bytes_from(self, axis: int) -> int:
        """The size of what the axes from `axis` on span."""
        return int(np.prod(self.shape[axis:], dtype=object)) * self.dtype.itemsize
