"""Frames of any size made small enough to be drawn, with little of them in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from morula.images.image import Image
from morula.models.preprocessing import binned

LARGEST = 2**22
"""Pixels of what is drawn; of larger frames, blocks of pixels become one."""
BAND = 2**24
"""Pixels that are read at once, about."""


def block_side(image: Image) -> int:
    """How many pixels along each axis become one, so that a frame is small enough."""
    return max(1, int(np.ceil((np.prod(image.space, dtype=float) / LARGEST) ** (1 / len(image.space)))))


def averaged(image: Image, frame: int, side: int) -> np.ndarray:
    """A frame with the mean of each block, `(channels, *ceil(space / side))`, numbers of the type of the image."""
    blocks = (side,) * len(image.space)
    bands = [binned(band, blocks).astype(image.dtype) for band in _bands(image, frame, side)]
    return np.concatenate(bands, axis=1)


def thinned(image: Image, frame: int, side: int) -> np.ndarray:
    """A frame with the first pixel of each block, of the same shape: for what has no mean, such as class numbers."""
    every = (slice(None), *[slice(None, None, side)] * len(image.space))
    return np.concatenate([band[every] for band in _bands(image, frame, side)], axis=1)


def _bands(image: Image, frame: int, side: int) -> Iterator[np.ndarray]:
    """The frame from top to bottom, each part some rows of blocks high but the last."""
    rows = max(1, int(BAND / np.prod(image.space[1:], dtype=float)) // side) * side
    for start in range(0, image.space[0], rows):
        yield image.region(frame, (slice(start, min(start + rows, image.space[0])), *image.whole[1:]))
