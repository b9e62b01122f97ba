"""Holes in masks and in objects, filled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from morula.images.room import Room, bands_of, kept_once, room_for
from morula.objects.merging import Merged, Merging


def filled(mask: Room, most: float) -> tuple[Room, int, int]:
    """The mask with its holes of at most so many pixels filled, how many these are, and their pixels.

    A hole is background that the border of the frame cannot be reached from, by the sides of pixels, and that lies in
    one class or one object alone.

    Args:
        mask: class or object numbers, unsigned `(*space)`.
        most: pixels of the largest hole that is filled.

    >>> filled(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8), 1)[1:]
    (1, 1)
    """
    regions_of = kept_once(lambda band: _regions(mask[band]))
    merging, sizes, cut = Merging(corners=False), [], []
    for band in bands_of(mask.shape):
        regions, count = regions_of(band)
        merging.add(regions, count)
        sizes.append(np.bincount(regions.ravel(), minlength=count + 1))
        cut.append(at_border(regions, band, mask.shape, count + 1))
    merged = merging.done()
    size, around = merged.summed(sizes), _around(mask, merged, regions_of)
    hole = (around[0] == around[1]) & (size <= most * (1 + 1e-9)) & ~merged.any_of(cut)
    hole[0] = False
    fill, found = np.where(hole, around[1], 0).astype(mask.dtype), room_for(mask.shape, mask.dtype)
    for band, numbers in zip(bands_of(mask.shape), merged.numbers, strict=True):
        found[band] = mask[band] + fill[numbers][regions_of(band)[0]]  # a hole is 0
    return found, int(hole.sum()), int(size[hole].sum())


def _regions(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """The number of the piece of background at each pixel, int32, and how many there are."""
    from scipy import ndimage

    regions = np.empty(mask.shape, np.int32)
    return regions, int(ndimage.label(mask == 0, output=regions))  # pyright: ignore[reportArgumentType]


def _around(
    mask: Room, merged: Merged, regions_of: Callable[[slice], tuple[np.ndarray, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest number beside each piece of background, int64 `(pieces + 1,)` each."""
    lowest, highest = np.full(merged.count + 1, np.iinfo(np.int64).max), np.zeros(merged.count + 1, np.int64)
    for band, numbers in zip(bands_of(mask.shape), merged.numbers, strict=True):
        own = mask[band]
        above, below = mask[max(0, band.start - 1) : band.start], mask[band.stop : band.stop + 1]
        regions = np.zeros((len(above) + len(own) + len(below), *own.shape[1:]), np.int32)
        regions[len(above) : len(above) + len(own)] = numbers.astype(np.int32)[regions_of(band)[0]]
        values = np.concatenate([above, own, below])
        for axis in range(mask.ndim):
            before, after = ((*[slice(None)] * axis, part) for part in (slice(None, -1), slice(1, None)))
            for beside, region in ((values[before], regions[after]), (values[after], regions[before])):
                both = (beside > 0) & (region > 0)
                np.minimum.at(lowest, region[both], beside[both])
                np.maximum.at(highest, region[both], beside[both])
    return lowest, highest


def at_border(numbers: np.ndarray, band: slice, shape: tuple[int, ...], count: int) -> np.ndarray:
    """Which numbers of a band touch the border of the frame, bool `(count,)`.

    Args:
        numbers: whole `(rows, *rest)`, below the count.
        band: where in the frame these rows lie.
        shape: of the frame.
        count: of numbers, with 0.
    """
    found = np.zeros(count, bool)
    if band.start == 0:
        found[numbers[0]] = True
    if band.stop == shape[0]:
        found[numbers[-1]] = True
    for axis in range(1, numbers.ndim):
        found[numbers.take([0, -1], axis)] = True
    return found
