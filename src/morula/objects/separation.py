"""Touching objects told apart: from a mask, and how far its pixels lie from edges, to a number for each object.

What lies deep inside an object is its core. Cores do not touch even where objects do; from them objects grow until the
mask is filled, towards the edges first where these are farthest (a watershed, Beucher and Lantuéjoul 1979).
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from morula.images.room import Room, bands_of, room_for
from morula.objects.growing import AT_ONCE, grow, grow_in_blocks
from morula.objects.merging import Merging
from morula.settings import Settings


class Separation(Settings):
    """How touching objects are told apart."""

    core: float = Field(default=0.5, gt=0, lt=1)
    """What lies farther from the edge than this share of an object's depth is its core, from which it grows."""
    smallest: int = Field(default=1, ge=1)
    """Objects of fewer pixels are left out."""


def separated(mask: Room, distances: Room, separation: Separation) -> Room:
    """Number the objects of a mask.

    A connected piece of the mask without any core is an object as it is: so each foreground pixel belongs to an object,
    unless that is too small. Objects with a core come first, as rows are read, then those without.

    Args:
        mask: class numbers, uint8 `(*space)`.
        distances: how far pixels lie from the edge of their object, uint8 `(*space)`, see `edge_distances`.
        separation: how deep cores are, and how small objects may be.

    Returns:
        Object numbers from 1, without a gap, `(*space)`; 0 for none. uint16, or uint32 for more than 65,535 objects.
    """
    if mask.size > AT_ONCE:
        return _separated_in_parts(mask, distances, separation)
    mask, distances = np.asarray(mask), np.asarray(distances)
    foreground = mask > 0
    labels = _cores(foreground, distances, separation.core)
    grow(labels, foreground, distances)
    small = np.bincount(labels.ravel()) < separation.smallest
    if small[1:].any():
        labels[small[labels]] = 0
        grow(labels, foreground, distances)  # what touches them takes their place
    numbers = _without_gaps(np.bincount(labels.ravel()))
    return numbers[labels]


def _without_gaps(sizes: np.ndarray) -> np.ndarray:
    """New numbers for objects of such sizes, 0 for those of which nothing is left, in as small a type as masks have."""
    kept = sizes > 0
    kept[0] = False
    return (np.cumsum(kept) * kept).astype(np.uint16 if np.count_nonzero(kept) < 2**16 else np.uint32)


def _cores(foreground: np.ndarray, distances: np.ndarray, core: float) -> np.ndarray:
    """A number for each core, and for each piece without one, int32 `(*space)`; 0 elsewhere."""
    labels, pieces = _numbered_parts(foreground, distances, core)
    alone = np.ones(pieces.max(initial=0) + 1, bool)
    alone[pieces[labels > 0]] = False
    alone[0] = False
    without = alone[pieces]
    labels[without] = (labels.max(initial=0) + np.cumsum(alone))[pieces[without]]
    return labels


def _separated_in_parts(mask: Room, distances: Room, separation: Separation) -> Room:
    """The same for frames that memory does not hold: cores are found band by band, and grow block by block."""
    labels = room_for(mask.shape, np.int32)
    count = _plant(labels, mask, distances, separation.core)
    grow_in_blocks(labels, mask, distances)
    small = _sizes(labels, count) < separation.smallest
    if small[1:].any():
        for band in bands_of(mask.shape):
            here = labels[band]
            labels[band] = np.where(small[here], 0, here)
        grow_in_blocks(labels, mask, distances)
    numbers = _without_gaps(_sizes(labels, count))
    found = room_for(mask.shape, numbers.dtype)
    for band in bands_of(mask.shape):
        found[band] = numbers[labels[band]]
    return found


def _plant(labels: Room, mask: Room, distances: Room, core: float) -> int:
    """Write a number for each core, as `_cores` has them, and for all of a piece that has but one; return how many.

    What is left as 0 in the mask lies between several cores.
    """
    cores, pieces, within = Merging(), Merging(), []
    for band in bands_of(mask.shape):
        found, there = _numbered_parts(mask[band] > 0, distances[band], core)
        here = np.zeros(found.max(initial=0) + 1, np.int64)
        here[found] = there
        cores.add(found, len(here) - 1)
        pieces.add(there, int(there.max(initial=0)))
        within.append(here)
    core_of, piece_of = cores.done(), pieces.done()
    piece = np.zeros(core_of.count + 1, np.int64)
    for own, whole, here in zip(core_of.numbers, piece_of.numbers, within, strict=True):
        piece[own] = whole[here]
    held = np.bincount(piece[1:], minlength=piece_of.count + 1)
    alone = held == 0
    alone[0] = False
    numbers = (core_of.count + np.cumsum(alone)) * alone
    single = 1 + np.flatnonzero(held[piece[1:]] == 1)
    numbers[piece[single]] = single
    for band, own, whole in zip(bands_of(mask.shape), core_of.numbers, piece_of.numbers, strict=True):
        found, there = _numbered_parts(mask[band] > 0, distances[band], core)
        labels[band] = np.where(found > 0, own.astype(np.int32)[found], numbers[whole].astype(np.int32)[there])
    return core_of.count + int(np.count_nonzero(alone))


def _numbered_parts(foreground: np.ndarray, distances: np.ndarray, core: float) -> tuple[np.ndarray, np.ndarray]:
    """The number of the core at each pixel of a band, and that of the piece, int32 `(rows, *rest)` each."""
    from scipy import ndimage

    touch = np.ones((3,) * foreground.ndim)
    cores, pieces = np.empty(foreground.shape, np.int32), np.empty(foreground.shape, np.int32)
    ndimage.label(foreground & (distances >= core * 255), touch, output=cores)
    ndimage.label(foreground, touch, output=pieces)
    return cores, pieces


def _sizes(labels: Room, count: int) -> np.ndarray:
    return sum((np.bincount(labels[band].ravel(), minlength=count + 1) for band in bands_of(labels.shape)),
               start=np.zeros(count + 1, np.int64))
