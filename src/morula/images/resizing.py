"""Another number of pixels for the same picture, of any number of axes."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from morula.images.tiles import mirrored

if TYPE_CHECKING:
    from scipy.sparse import csr_array

REACH = 4
"""Deviations of a bell curve on either side of its middle; beyond there is nothing."""


def resized(pixels: np.ndarray, space: tuple[int, ...]) -> np.ndarray:
    """Another number of pixels for the same picture, `(planes, *any)` to float32 `(planes, *space)`.

    Interpolated linearly; what shrinks is smoothed first, so that fine grain does not turn into false structure: by a
    bell curve whose deviation is half of what a pixel grows by, as scikit-image does. Mirrored at its ends.
    """
    pixels, axes = pixels.astype(np.float32), range(1, pixels.ndim)
    shrinking = [axis for axis in axes if space[axis - 1] < pixels.shape[axis]]
    growing = [axis for axis in axes if space[axis - 1] > pixels.shape[axis]]
    for axis in (*shrinking, *reversed(growing)):  # columns, which are the slowest, where there are fewest pixels
        before, length, behind = pixels.shape[:axis], pixels.shape[axis], pixels.shape[axis + 1 :]
        weights = _weights(length, space[axis - 1])
        if behind:
            blocks = pixels.reshape(-1, length, prod(behind))
            found = np.stack([weights @ block for block in blocks])
        else:
            found = np.ascontiguousarray((weights @ pixels.reshape(-1, length).T).T)
        pixels = found.reshape(*before, space[axis - 1], *behind)
    return pixels


@lru_cache(maxsize=32)
def _weights(length: int, wanted: int) -> csr_array:
    """What each of so many pixels takes of each of those that were there, float32 `(wanted, length)`.

    Nearly all is nothing, which is not multiplied: that takes less time than two threads need to be woken.
    """
    from scipy.sparse import coo_array

    deviation = max(0.0, (length / wanted - 1) / 2)
    reach = round(REACH * deviation)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(deviation, 1e-6)) ** 2)
    bell /= bell.sum()
    places = (np.arange(wanted)[:, None] + 0.5) * length / wanted - 0.5
    first = np.floor(places).astype(int)
    share = places - first
    taken = (1 - share) * np.append(bell, 0) + share * np.insert(bell, 0, 0)
    of = first + np.arange(-reach, reach + 2)
    inside = mirrored(int(of.min()), int(of.max()) + 1, length)[of - of.min()]
    rows = np.broadcast_to(np.arange(wanted)[:, None], of.shape)
    # What is mirrored onto the same pixel is added up.
    return coo_array((taken.astype(np.float32).ravel(), (rows.ravel(), inside.ravel())), shape=(wanted, length)).tocsr()
