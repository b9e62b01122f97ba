"""Numbers that spread over a mask from where they are, deep places first, however large the frame is.

A watershed (Beucher and Lantuéjoul 1979). A large frame is cut into blocks, and each is looked at in a window that
shows what lies around it. Whatever lies farther away comes in over the rim of the window: so the rim is taken for an
object of its own, `BEYOND`, which comes as early as anything could. What another object takes before it, that object
takes in the whole frame too: nothing that happens outside comes earlier, and what happens among the others happens in
the same order. So a block that `BEYOND` does not reach is, pixel for pixel, that of the whole; where it is reached, the
window is made larger. Of pixels that are equally deep, those go first that were reached first, and before them those
from which all begins, as rows are read; neither depends on where a window ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from morula.formats.stored import Box
from morula.images.room import Room, bands_of

AT_ONCE = 2**24
"""Pixels of a frame that is not cut: there some 50 bytes are taken for each."""
SIDES = {1: 2**20, 2: 2048, 3: 128}
"""Sides of a block, by the number of spatial axes."""
REACHES = {1: (2**12, 2**20), 2: (128, 512), 3: (24, 48)}
"""How far beyond a block is looked, the next where one is too little."""
BEYOND = np.iinfo(np.int32).max
"""The number of what comes from farther away."""


def grow(labels: np.ndarray, foreground: np.ndarray, distances: np.ndarray) -> None:
    """Let numbers spread over the foreground that is connected with them, in place, over all of a frame at once.

    Args:
        labels: object numbers, int32 `(*space)`, 0 where none is yet.
        foreground: where objects are, bool `(*space)`.
        distances: how deep each pixel lies, uint8 `(*space)`.
    """
    from skimage.segmentation import watershed

    labels[:] = watershed(255 - distances, labels, labels.ndim, mask=foreground)


def grow_in_blocks(labels: Room, mask: Room, distances: Room) -> int:
    """The same for frames that are too large to be looked at as a whole.

    What lies too deep in an object that touches another, so that even the largest window does not tell, grows from what
    is known around it, from block to block.

    Args:
        labels: as in `grow`.
        mask: 0 where no object is, uint8 `(*space)`.
        distances: as in `grow`.

    Returns:
        How many pixels are not known to be those of the frame as a whole.
    """
    doubtful = []
    for block in _blocks(labels.shape):
        open_ = (labels[block] == 0) & (mask[block] > 0)
        if open_.any():
            found = _in_window(labels, mask, distances, block, open_, REACHES[labels.ndim])
            labels[block] = np.where(open_ & (found != BEYOND), -found, labels[block])  # negative until all has grown
            if (found[open_] == BEYOND).any():
                doubtful.append(block)
    filled = _settle(labels, mask, distances, doubtful)
    for band in bands_of(labels.shape):
        labels[band] = np.abs(labels[band])
    return filled


def _in_window(
    labels: Room, mask: Room, distances: Room, block: Box, open_: np.ndarray, reaches: Sequence[int]
) -> np.ndarray:
    """What a block grows to, int32 `(*block)`; `BEYOND` where even the largest window does not tell."""
    reach, *farther = reaches
    window, inside = _around(block, reach, labels.shape)
    markers, foreground = np.maximum(labels[window], 0), mask[window] > 0
    markers[_rim(window, labels.shape) & foreground & (markers == 0)] = BEYOND
    found = _grown(markers, foreground, distances[window])[inside]
    if farther and (found[open_] == BEYOND).any():
        return _in_window(labels, mask, distances, block, open_, farther)
    return found


def _settle(labels: Room, mask: Room, distances: Room, blocks: list[Box]) -> int:
    """Let what is known spread into what is left of blocks, until nothing changes; how many pixels that fills."""
    filled, gained = 0, -1
    while gained:
        gained = 0
        for block in blocks:
            window, inside = _around(block, 1, labels.shape)
            markers = np.abs(labels[window])
            open_ = (markers[inside] == 0) & (mask[block] > 0)
            if not open_.any() or not markers.any():
                continue
            found = _grown(markers, mask[window] > 0, distances[window])[inside]
            labels[block] = np.where(open_, -found, labels[block])
            gained += int(np.count_nonzero(found[open_]))
        filled += gained
    return filled


def _grown(markers: np.ndarray, foreground: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """A watershed in which markers that are equally deep begin in their order, and before what they reach."""
    from scipy.ndimage import maximum_filter
    from skimage.segmentation import watershed

    near = maximum_filter(foreground & (markers == 0), 3)  # deep inside of what is known nothing happens
    values = np.arange(markers.size, dtype=float).reshape(markers.shape)
    values /= 2 * markers.size
    values[markers == 0] = 0.5
    values += 255 - distances
    return watershed(values, markers, markers.ndim, mask=foreground & near)


def _blocks(shape: tuple[int, ...]) -> Iterator[Box]:
    side = SIDES[len(shape)]
    for corner in product(*(range(0, length, side) for length in shape)):
        yield tuple(slice(start, min(start + side, length)) for start, length in zip(corner, shape, strict=True))


def _around(block: Box, reach: int, shape: tuple[int, ...]) -> tuple[Box, Box]:
    """A block with what lies around it, as far as there is a frame; and the place of the block in that."""
    window = tuple(slice(max(0, part.start - reach), min(part.stop + reach, length))
                   for part, length in zip(block, shape, strict=True))
    inside = tuple(slice(part.start - around.start, part.stop - around.start)
                   for part, around in zip(block, window, strict=True))
    return window, inside


def _rim(window: Box, shape: tuple[int, ...]) -> np.ndarray:
    """The outermost pixels of a window, but where the frame ends, bool `(*window)`."""
    rim = np.zeros([part.stop - part.start for part in window], bool)
    for axis, (part, length) in enumerate(zip(window, shape, strict=True)):
        ends = np.moveaxis(rim, axis, 0)
        ends[0] |= part.start > 0
        ends[-1] |= part.stop < length
    return rim
