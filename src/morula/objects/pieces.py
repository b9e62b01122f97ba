"""The connected pieces of a mask at a glance: how many there are, how large they are, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from morula.images.room import Room
from morula.objects.labels import connected_pieces

LARGEST = 2**22
"""Pixels of a mask in which pieces are told apart; a larger one is thinned first."""


@dataclass(frozen=True)
class Pieces:
    """What is separate in a mask, whatever its class.

    Attributes:
        sizes: the pixels (voxels) of each piece, float64 `(pieces,)`.
        cut: whether each touches the border of the frame, bool `(pieces,)`.
        centre: the mean position of all foreground, in pixels along each axis; empty where there is none.
        extent: the pixels (voxels) of the whole frame.
    """

    sizes: np.ndarray
    cut: np.ndarray
    centre: tuple[float, ...]
    extent: float

    def of_size(self, least: float) -> Pieces:
        """Those that have so many pixels at least."""
        kept = self.sizes >= least
        return replace(self, sizes=self.sizes[kept], cut=self.cut[kept])

    def enlarged(self, factor: float) -> Pieces:
        """The same in pixels of which one is so many of theirs."""
        return replace(self, sizes=self.sizes * factor, extent=self.extent * factor)


def find_pieces(mask: Room, steps: tuple[int, ...] | None = None, *, numbered: bool = False) -> Pieces:
    """The connected pieces of the foreground of a mask. Pixels that touch by a corner are connected.

    Args:
        mask: class numbers, uint8 `(*space)`; what is not annotated belongs to no piece.
        numbered: the mask is a label image `(*space)` of any unsigned kind instead, whose objects are the pieces.
        steps: along each axis, every so many pixels one is looked at; all where left out. Of a mask that is still
            too large to be looked at in little time and memory, fewer.
    """
    steps = steps or (1,) * mask.ndim
    looked_at = np.prod([-(-length // step) for length, step in zip(mask.shape, steps, strict=True)], dtype=float)
    further = max(1, int(np.ceil((looked_at / LARGEST) ** (1 / mask.ndim))))
    steps = tuple(min(step * further, length) for step, length in zip(steps, mask.shape, strict=True))
    thinned = mask[tuple(slice(step // 2, None, step) for step in steps)]
    labels, sizes = (thinned, np.bincount(thinned.ravel())) if numbered else connected_pieces(thinned)
    cut = np.zeros(len(sizes), bool)
    for axis in range(mask.ndim):
        cut[labels.take([0, -1], axis)] = True
    there = 1 + np.flatnonzero(sizes[1:])  # small objects may lie between the pixels that are looked at
    return Pieces(sizes[there] * float(np.prod(steps)), cut[there], _centre(labels > 0, steps), float(mask.size))


def _centre(found: np.ndarray, steps: tuple[int, ...]) -> tuple[float, ...]:
    if not found.any():
        return ()
    centre = []
    for axis, step in enumerate(steps):
        profile = np.count_nonzero(found, axis=tuple(other for other in range(found.ndim) if other != axis))
        centre.append(float(profile @ np.arange(len(profile)) / profile.sum() * step + step // 2))
    return tuple(centre)
