"""Touching objects told apart: from a mask, and how far its pixels lie from edges, to a number for each object.

What lies deep inside an object is its core. Cores do not touch even where objects do; from them objects grow until the
mask is filled, towards the edges first where these are farthest (a watershed, Beucher and Lantuéjoul 1979).
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from morula.settings import Settings

GROWN_AT_ONCE = 2**24
"""Pixels that grow at once, in some 50 bytes each; larger frames grow band by band."""
REACH = {1: 4096, 2: 256, 3: 32}
"""Rows beyond a band from which objects may grow into it, by the number of spatial axes."""


class Separation(Settings):
    """How touching objects are told apart."""

    core: float = Field(default=0.5, gt=0, lt=1)
    """What lies farther from the edge than this share of an object's depth is its core, from which it grows."""
    smallest: int = Field(default=1, ge=1)
    """Objects of fewer pixels are left out."""


def separated(mask: np.ndarray, distances: np.ndarray, separation: Separation) -> np.ndarray:
    """Number the objects of a mask.

    A connected piece of the mask without any core is an object as it is: so each foreground pixel belongs to an object,
    unless that is too small.

    Args:
        mask: class numbers, uint8 `(*space)`.
        distances: how far pixels lie from the edge of their object, uint8 `(*space)`, see `edge_distances`.
        separation: how deep cores are, and how small objects may be.

    Returns:
        Object numbers from 1, without a gap, `(*space)`; 0 for none. uint16, or uint32 for more than 65,535 objects.
    """
    foreground = mask > 0
    labels = _cores(foreground, distances, separation.core)
    _grow(labels, foreground, distances)
    small = np.bincount(labels.ravel()) < separation.smallest
    if small[1:].any():
        labels[small[labels]] = 0
        _grow(labels, foreground, distances)  # what touches them takes their place
    kept = np.bincount(labels.ravel()) > 0
    kept[0] = False
    kind = np.uint16 if np.count_nonzero(kept) < 2**16 else np.uint32
    return (np.cumsum(kept) * kept).astype(kind)[labels]


def _cores(foreground: np.ndarray, distances: np.ndarray, core: float) -> np.ndarray:
    """A number for each core, and for each piece without one, int32 `(*space)`; 0 elsewhere."""
    from scipy import ndimage

    touch = np.ones((3,) * foreground.ndim)
    labels, pieces = np.empty(foreground.shape, np.int32), np.empty(foreground.shape, np.int32)
    ndimage.label(foreground & (distances >= core * 255), touch, output=labels)
    ndimage.label(foreground, touch, output=pieces)
    alone = np.ones(pieces.max(initial=0) + 1, bool)
    alone[pieces[labels > 0]] = False
    alone[0] = False
    without = alone[pieces]
    labels[without] = (labels.max(initial=0) + np.cumsum(alone))[pieces[without]]
    return labels


def _grow(labels: np.ndarray, foreground: np.ndarray, distances: np.ndarray) -> None:
    """Let numbers spread over the foreground that is connected with them, in place, from top to bottom.

    The last row of a band is what the next grows from, so that no object ends at a seam.
    """
    from skimage.segmentation import watershed

    rows = foreground.shape[0]
    if labels.size > GROWN_AT_ONCE:
        rows = max(1, GROWN_AT_ONCE // (labels.size // foreground.shape[0]))
    for start in range(0, foreground.shape[0], rows):
        first, stop = max(0, start - 1), start + rows
        window = slice(first, stop + REACH[labels.ndim])
        grown = watershed(255 - distances[window], labels[window], labels.ndim, mask=foreground[window])
        labels[start:stop] = grown[start - first : stop - first]
