"""Masks on their way from one process to another, packed: of most, some kilobytes are left."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from morula.images.room import Room, bands_of, room_for
from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.judged_masks import JudgedMask


@dataclass(frozen=True)
class PackedArray:
    """The numbers of a frame, packed and unpacked a band at a time."""

    data: bytes
    dtype: np.dtype
    shape: tuple[int, ...]

    @classmethod
    def of(cls, numbers: Room) -> Self:
        packer = zlib.compressobj(strategy=zlib.Z_RLE)  # masks are runs: half as large as other ways, and as quick
        parts = [packer.compress(np.ascontiguousarray(numbers[band]).data) for band in bands_of(numbers.shape)]
        return cls(b"".join([*parts, packer.flush()]), numbers.dtype, numbers.shape)

    @property
    def unpacked(self) -> Room:
        numbers, unpacker, packed = room_for(self.shape, self.dtype), zlib.decompressobj(), self.data
        row = self.dtype.itemsize * prod(self.shape[1:])
        for band in bands_of(self.shape):
            part = unpacker.decompress(packed, max(1, row * (band.stop - band.start)))
            packed = unpacker.unconsumed_tail
            numbers[band] = np.frombuffer(part, self.dtype).reshape(-1, *self.shape[1:])
        return numbers


@dataclass(frozen=True)
class PackedMask:
    """What `JudgedMask` holds, unpacked when it is asked for."""

    row: SegmentedFrame
    packed: PackedArray
    packed_doubt: PackedArray | None

    @classmethod
    def of(cls, made: JudgedMask) -> Self:
        doubt = None if made.doubt is None else PackedArray.of(made.doubt)
        return cls(made.row, PackedArray.of(made.mask), doubt)

    @property
    def mask(self) -> Room:
        return self.packed.unpacked

    @property
    def mask_and_doubt(self) -> tuple[Room, Room]:
        assert self.packed_doubt is not None
        return self.mask, self.packed_doubt.unpacked
