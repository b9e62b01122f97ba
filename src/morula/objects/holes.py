"""Holes in masks and in objects, filled."""

from __future__ import annotations

import numpy as np

from morula.images.room import Room, room_for
from morula.objects.contacts import ClassPieces


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
    regions = ClassPieces.found(mask, 0)
    cut = regions.merged.any_of([at_border(regions.of(band), band, mask.shape, len(numbers))
                                 for band, numbers in regions.bands])
    hole = (regions.sizes <= most * (1 + 1e-9)) & ~cut
    hole[0] = False
    lowest, highest = _around(regions, hole)
    hole &= lowest == highest
    found = room_for(mask.shape, mask.dtype)
    for band, places, those in regions.within(hole):
        here = mask[band].copy()
        here.reshape(-1)[places] = highest[those]
        found[band] = here
    return found, int(hole.sum()), int(regions.sizes[hole].sum())


def _around(regions: ClassPieces, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest number beside each of some pieces of background, int64 `(pieces + 1,)` each."""
    lowest, highest = np.full(len(regions.sizes), np.iinfo(np.int64).max), np.zeros(len(regions.sizes), np.int64)
    for region, beside in regions.contacts(chosen):
        np.minimum.at(lowest, region, beside)
        np.maximum.at(highest, region, beside)
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
