"""What a mask holds, counted in bands of rows, so that memory has little of it at a time.

A band is looked at with the row above and the row below it. What lies in a row that two bands see has a number in
each of them, and so the pieces of both are known to be one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.images.banded import RowsOf
from morula.images.room import bands_of
from morula.pairs.stored_values import distinct_values, without_alpha

KEPT = 1024
"""Values of one frame that are remembered; only photographs and crowded label images hold more."""
FEWEST_BETWEEN = 4
"""Values of a frame, at the least, for it to be looked at which of them lie between others."""


@dataclass(frozen=True)
class Counted:
    """The stored values of one frame, all of them; as those of `Census`."""

    codes: np.ndarray
    counts: np.ndarray
    border: np.ndarray
    between: np.ndarray
    pieces: int


def counted(rows_of: RowsOf, space: tuple[int, ...]) -> Counted:
    """Count the values of a frame.

    Args:
        rows_of: gives its rows.
        space: its shape without channels.
    """
    fewest = FEWEST_BETWEEN if len([*bands_of(space)]) == 1 else 3  # a band may lack values that others hold
    pieces, parts = _Pieces(), []
    for band in bands_of(space):
        seen = slice(max(0, band.start - 1), min(band.stop + 1, space[0]))
        own = slice(band.start - seen.start, band.stop - seen.start)
        codes, index = distinct_values(rows_of(seen))
        pieces.add(index[: own.stop], codes)
        border = np.concatenate([edge.ravel() for edge in _edges(index[own], band, space)])
        between = _between(index, own) if fewest <= len(codes) <= KEPT else border[:0]
        parts.append((codes, *(np.bincount(found.ravel(), minlength=len(codes))
                               for found in (index[own], border, between))))
    codes, place = distinct_values(np.concatenate([codes for codes, *_ in parts]).T)
    counts, border, between = (np.bincount(place, np.concatenate(weights), len(codes)).astype(int)
                               for weights in list(zip(*parts, strict=True))[1:])
    if not FEWEST_BETWEEN <= len(codes) <= KEPT:
        between = np.zeros_like(counts)
    return Counted(codes, counts, border, between, pieces.count)


class _Pieces:
    """Connected regions of one value each, counted as bands are added from top to bottom."""

    def __init__(self) -> None:
        self._counted = 0
        self._last: np.ndarray | None = None
        self._pairs = [np.empty((2, 0), np.int64)]

    def add(self, index: np.ndarray, codes: np.ndarray) -> None:
        """Add a band, from the last row of the one before: the place of each pixel in the codes `(values, channels)`.

        What is 0 or -1 is no piece.
        """
        from skimage.measure import label

        plain = without_alpha(codes.T)
        none = np.flatnonzero((plain == 0).all(axis=0) | (plain == -1).all(axis=0))
        regions = np.where(np.isin(index, none), none[0], index) if len(none) > 1 else index
        numbers = np.asarray(label(regions, background=none[0] if len(none) else -1))
        first, last = (row.ravel().astype(np.int64) for row in (numbers[0], numbers[-1]))
        if self._last is not None:
            there = first > 0
            both = np.unique(self._last[there] << 32 | first[there] + self._counted)
            self._pairs.append(np.stack([both >> 32, both & (2**32 - 1)]))
        self._last = last + self._counted
        self._counted += int(numbers.max())

    @property
    def count(self) -> int:
        """How many there are: pieces of two bands that are one were counted twice."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        pairs = np.concatenate(self._pairs, axis=1)
        if not pairs.size:
            return self._counted
        met, place = np.unique(pairs, return_inverse=True)
        above, below = place.reshape(pairs.shape)
        graph = coo_array((np.ones(len(above), bool), (above, below)), (len(met), len(met)))
        return self._counted - len(met) + int(connected_components(graph, directed=False, return_labels=False))


def _edges(index: np.ndarray, band: slice, space: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """What of a band lies on the outermost rows and columns of the frame, or of each plane of a volume."""
    top = index.ndim > 2 or band.start == 0
    bottom = index.ndim > 2 or band.stop == space[0]
    end = index.shape[-2] - bottom
    inner = index[..., int(top) : end, :]
    return index[..., : int(top), :], index[..., end:, :], inner[..., :1], inner[..., -1:]


def _between(index: np.ndarray, own: slice) -> np.ndarray:
    """The places in the codes of all pixels of some rows that touch a smaller and a larger one, `(pixels,)`."""
    from scipy import ndimage

    index = index.astype(np.uint16)
    inner = (ndimage.minimum_filter(index, 3) < index) & (index < ndimage.maximum_filter(index, 3))
    return index[own][inner[own]]
