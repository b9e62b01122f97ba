"""Masks on their way from one process to another, packed: of most, some kilobytes are left."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np

from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.judged_masks import JudgedMask


@dataclass(frozen=True)
class PackedArray:
    """An array of numbers, packed."""

    data: bytes
    dtype: np.dtype
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: np.ndarray) -> Self:
        packer = zlib.compressobj(strategy=zlib.Z_RLE)  # masks are runs: half as large as other ways, and as quick
        data = packer.compress(np.ascontiguousarray(array).data) + packer.flush()
        return cls(data, array.dtype, array.shape)

    @property
    def unpacked(self) -> np.ndarray:
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)


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
    def mask(self) -> np.ndarray:
        return self.packed.unpacked

    @property
    def mask_and_doubt(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.packed_doubt is not None
        return self.mask, self.packed_doubt.unpacked
