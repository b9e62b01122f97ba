"""Masks that outline only some of the objects: around these a rim is background, and the rest is not annotated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from morula.images.image import Box, Image, Pixels
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Pair

RIM = 0.15
"""Width of the rim, as a share of the side of a typical object: enough to see its edge, and seldom in a neighbour."""
LEAST_RIM = 2.0
"""Pixels."""
UNKNOWN = -1
"""What is stored where nobody annotated: no object has this number."""


def with_unknown(reading: MaskReading, partial: int, frames: int) -> MaskReading:
    """The same reading, which knows what `partly_annotated` stores where nobody annotated.

    Args:
        reading: of the masks as they are.
        partial: how many frames are partly annotated.
        frames: of so many.
    """
    unknown = (float(UNKNOWN),) * (3 if reading.carrier == "colour" else 1)
    known = {code: number for code, number in zip(reading.codes, reading.numbers, strict=True) if code != unknown}
    said = f"in {partial} of {frames} frames only the objects and a rim around them are annotated"
    return replace(reading, codes=(*known, unknown), numbers=(*known.values(), NOT_ANNOTATED),
                   sentence=f"{reading.sentence}; {said}")


def partly_annotated(pair: Pair, reading: MaskReading, partial: Collection[int], side: float) -> Pair:
    """The same pair, with a mask that says of some moments that little of them is annotated.

    Args:
        pair: with its mask as it is stored.
        reading: of such masks.
        partial: the moments in which only some objects are outlined.
        side: of a typical object, in pixels.
    """
    mask = pair.mask
    smallest = min(mask.pixel_size or (1.0,))
    spacing = tuple(size / smallest for size in mask.pixel_size or (1.0,) * len(mask.space))
    pixels = _Partial(mask.pixels, mask.space, reading, frozenset(partial), max(LEAST_RIM, RIM * side), spacing)
    return replace(pair, mask=_with_pixels(mask, pixels), partial=frozenset(partial))


def _with_pixels(mask: Image, pixels: Pixels) -> Image:
    wide = np.promote_types(mask.dtype, np.int16) if mask.dtype.kind != "f" else mask.dtype
    return replace(mask, pixels=pixels, dtype=np.dtype(wide))


@dataclass(frozen=True)
class _Partial:
    """Stored pixels, with `UNKNOWN` where some moments are not annotated; `spacing` is in its smallest."""

    pixels: Pixels
    space: tuple[int, ...]
    reading: MaskReading
    partial: frozenset[int]
    rim: float
    spacing: tuple[float, ...]

    def read(self, frame: int, box: Box) -> np.ndarray:
        from scipy import ndimage

        reach = [int(np.ceil(self.rim / size)) + 1 for size in self.spacing]
        around = tuple(slice(max(0, side.start - more), min(length, side.stop + more))
                       for side, more, length in zip(box, reach, self.space, strict=True))
        stored = self.pixels.read(frame, around)
        stored = stored.astype(np.promote_types(stored.dtype, np.int16), copy=True)
        stored[stored == UNKNOWN] = 0  # where -1 was no object
        if frame in self.partial:
            background = self.reading.class_numbers(stored) == 0
            far = (np.asarray(ndimage.distance_transform_edt(background, self.spacing)) > self.rim
                   if not background.all() else background)
            stored[:, far] = UNKNOWN
        inner = (slice(side.start - more.start, side.stop - more.start)
                 for side, more in zip(box, around, strict=True))
        return stored[(slice(None), *inner)]
