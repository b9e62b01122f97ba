"""Places of a picture by which an altered copy of it is known again.

A landmark is a blob: a place and a size at which the picture, blurred a little more and a little less, differs
most (Lowe 2004, doi 10.1023/B:VISI.0000029664.99615.94). A small patch around it describes it, in units of its
size, turned and flipped into the one of eight positions that its own brightness points to. So it stays the same
when the picture is turned by quarters, flipped, cropped or resized, and nearly the same when its contrast
changes or it is compressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import ndimage

MOST = 120  # landmarks of a plane
SIZES = 2.0 * 2 ** (np.arange(8) / 3)  # of the blurs, in pixels
SIDE = 10  # points along the side of a patch
STEP = 0.9  # between them, in sizes of the landmark
NEARLY = 0.9  # a position that is so nearly the best is kept too
CLEAR = 0.002  # of the whole range must a landmark stand out
LEVELS = 4096  # of grey that are told apart

SYMMETRIES = np.array([
    [[a, 0], [0, b]] if straight else [[0, a], [b, 0]]
    for straight, a, b in product((True, False), (1, -1), (1, -1))
])
"""The eight ways to turn a square by quarters and to flip it, as matrices over y and x, shape `(8, 2, 2)`."""


def _grid() -> np.ndarray:
    """Where the points of a patch lie around its middle, shape `(SIDE², 2)`."""
    steps = np.arange(SIDE) - (SIDE - 1) / 2
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)


GRID = _grid()
TURNED = np.stack([
    np.rint((GRID @ turn.T + (SIDE - 1) / 2) @ (SIDE, 1)).astype(int) for turn in SYMMETRIES
])
"""Which point of a patch comes to each place under each symmetry, shape `(8, SIDE²)`."""


@dataclass(frozen=True)
class Landmarks:
    """The landmarks of a plane; one whose position is doubtful is there twice.

    Attributes:
        places: y and x in pixels of the plane, shape `(n, 2)`.
        sizes: in pixels, shape `(n,)`.
        symmetries: which of `SYMMETRIES` brought the patch into its position, shape `(n,)`.
        patches: of mean 0 and length 1, shape `(n, SIDE²)`, dtype float16.
    """

    places: np.ndarray
    sizes: np.ndarray
    symmetries: np.ndarray
    patches: np.ndarray

    def __len__(self) -> int:
        return len(self.places)


NO_LANDMARKS = Landmarks(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), np.zeros(0, np.uint8),
                         np.zeros((0, SIDE**2), np.float16))


def equalised(plane: np.ndarray) -> np.ndarray:
    """The plane with each value replaced by the share of pixels below it: no monotone change of contrast alters it."""
    low, high = np.percentile(plane, (0.1, 99.9))
    codes = ((plane - low) * ((LEVELS - 1) / max(high - low, 1e-6))).clip(0, LEVELS - 1).astype(np.int32)
    counts = np.bincount(codes.ravel(), minlength=LEVELS)
    ranks = (np.cumsum(counts) - counts / 2) / codes.size
    return ranks.astype(np.float32)[codes]


def landmarks_of(plane: np.ndarray) -> Landmarks:
    """The clearest landmarks of a plane, shape `(y, x)`."""
    blurred = _blurred(equalised(plane))
    change = np.diff(blurred, axis=0)
    strength = np.abs(change)
    peaks = (strength == ndimage.maximum_filter(strength, 3)) & (strength > CLEAR)
    peaks[-1] = False
    peaks[:, [0, -1]] = False
    peaks[:, :, [0, -1]] = False
    found = np.argwhere(peaks)
    smallest = found[:, 0] == 0  # they may be smaller still, so that they cannot be told in a resized copy
    found = found[np.lexsort((-strength[tuple(found.T)], smallest))[:MOST]]
    level, *_ = found.T
    exact = found + _towards_the_top(change, found)
    places, sizes = exact[:, 1:], SIZES[0] * 2 ** (exact[:, 0] / 3)
    where = places[:, :, None] + STEP * sizes[:, None, None] * GRID.T  # (n, 2, SIDE²)
    levels = np.broadcast_to(level[:, None], where[:, 0].shape)
    patches = ndimage.map_coordinates(blurred, [levels, where[:, 0], where[:, 1]], order=1, mode="nearest")
    patches -= patches.mean(axis=1, keepdims=True)
    patches /= np.maximum(np.linalg.norm(patches, axis=1, keepdims=True), 1e-6)
    return _into_position(places, sizes, patches)


def _blurred(plane: np.ndarray) -> np.ndarray:
    """The plane blurred by each of `SIZES`, shape `(sizes, y, x)`."""
    blurred = np.empty((len(SIZES), *plane.shape), np.float32)
    known = 0.0
    for place, size in enumerate(SIZES.tolist()):
        ndimage.gaussian_filter(plane, (size**2 - known**2) ** 0.5, output=blurred[place], truncate=3)
        plane, known = blurred[place], size
    return blurred


def _towards_the_top(values: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """How far the true top lies from each peak, along each axis: that of the parabola through three values."""
    offsets = np.zeros(peaks.shape)
    middle = values[tuple(peaks.T)]
    for axis in range(values.ndim):
        step = np.eye(values.ndim, dtype=int)[axis]
        before, after = values[tuple(np.maximum(peaks - step, 0).T)], values[tuple((peaks + step).T)]
        bend = before - 2 * middle + after
        offsets[:, axis] = (0.5 * (before - after) / np.where(bend == 0, 1, bend)).clip(-0.5, 0.5)
    return offsets


def _into_position(places: np.ndarray, sizes: np.ndarray, patches: np.ndarray) -> Landmarks:
    """Turn and flip each patch so that it grows brighter in the direction between down and down-right."""
    aims = SYMMETRIES @ (np.cos(np.pi / 8), np.sin(np.pi / 8))  # where that direction comes from, shape (8, 2)
    fits = patches @ GRID @ aims.T
    which, symmetries = np.nonzero(fits >= NEARLY * fits.max(axis=1, keepdims=True))
    turned = np.take_along_axis(patches[which], TURNED[symmetries], axis=1)
    return Landmarks(places[which].astype(np.float32), sizes[which].astype(np.float32),
                     symmetries.astype(np.uint8), turned.astype(np.float16))
