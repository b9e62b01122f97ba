"""Regions by which a large array is written: each whole chunks, and each written once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from morula.formats.stored import Box, box_shape
from morula.images.image import Image

LARGEST = 2**24
"""Numbers in a region, if a chunk has not more."""


def regions(shape: Sequence[int], chunk: Sequence[int]) -> Iterator[Box]:
    """Boxes that cover an array once, in its order; each has as many chunks as do not make it too large.

    >>> [tuple((part.start, part.stop) for part in box) for box in regions((5, 3), (2, 2))]
    [((0, 5), (0, 3))]
    """
    sides = list(chunk)
    for axis in reversed(range(len(shape))):
        others = math.prod(sides) // sides[axis]
        sides[axis] *= max(1, min(LARGEST // (others * sides[axis]), -(-shape[axis] // sides[axis])))
    for corner in product(*(range(0, length, side) for length, side in zip(shape, sides, strict=True))):
        yield tuple(slice(start, min(start + side, length))
                    for start, side, length in zip(corner, sides, shape, strict=True))


def part_of(image: Image, letters: str, box: Box) -> np.ndarray:
    """A part of an image in the order of other axes.

    Args:
        image: of which axes that the others lack have length one.
        letters: of `TCZYX`, for each of the other axes.
        box: a piece of each of these.
    """
    where = dict(zip(letters, box, strict=True))
    space = tuple(where[letter] for letter in "ZYX"[-len(image.space) :])
    moments, channels = where.get("T", slice(0, 1)), where.get("C", slice(0, len(image.channels)))
    part = np.stack([image.region(moment, space)[channels] for moment in range(moments.start, moments.stop)])
    part = part.reshape(*part.shape[:2], *(1,) * (3 - len(space)), *part.shape[2:])  # T C Z Y X
    order = ["TCZYX".index(letter) for letter in letters]
    return part.transpose([*order, *({*range(5)} - {*order})]).reshape(box_shape(box))


def halved(length: int) -> int:
    """How long an axis is where pairs of pixels became one; the last may be alone."""
    return -(-length // 2)


def averaged(part: np.ndarray) -> np.ndarray:
    """The means of squares of four pixels along the last two axes, in the same type; at odd ends of fewer."""
    mean = part.astype(np.float64 if part.dtype.itemsize > 2 else np.float32)
    for axis in (-2, -1):
        starts = np.arange(0, part.shape[axis], 2)
        counts = np.minimum(2, part.shape[axis] - starts).reshape([-1, *[1] * (-1 - axis)])
        mean = np.add.reduceat(mean, starts, axis=axis) / counts
    return (np.rint(mean) if part.dtype.kind in "bui" else mean).astype(part.dtype)


def nearest(length: int, smaller: int, wanted: slice) -> np.ndarray:
    """Which pixels of an axis stand for those of a smaller one: the nearest to their middles.

    >>> nearest(5, 3, slice(0, 3)).tolist()
    [0, 2, 4]
    """
    return ((np.arange(wanted.start, wanted.stop) + 0.5) * length / smaller).astype(np.intp)
