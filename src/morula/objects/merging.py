"""Pieces that were numbered band by band become those of the whole frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np


@dataclass(frozen=True, eq=False)
class Merged:
    """The pieces of a frame.

    Attributes:
        numbers: for each band, which piece of the frame each of its own belongs to, int64 `(own + 1,)`: from 1 on, in
            the order of their first pixels, and 0 for 0. However a frame is cut, these are the same.
        count: how many there are.
    """

    numbers: tuple[np.ndarray, ...]
    count: int

    def summed(self, counted: Sequence[np.ndarray]) -> np.ndarray:
        """What was counted of the pieces of each band `(own + 1,)`, of the pieces of the frame, int64 `(count + 1,)`.
        """
        total = np.zeros(self.count + 1, np.int64)
        for numbers, here in zip(self.numbers, counted, strict=True):
            np.add.at(total, numbers, here)
        return total

    def any_of(self, told: Sequence[np.ndarray]) -> np.ndarray:
        """Whether a thing is true of any part of a piece, bool `(count + 1,)`."""
        return self.summed(told) > 0


class Merging:
    """Bands are added from top to bottom, and what touches across their borders is one.

    A piece is known by its band and its number there, together a number of 64 bits. Only the rows at the border of two
    bands are compared, which takes the memory of a row and of the pairs that touch (Galler and Fischer 1964).
    """

    def __init__(self, *, corners: bool = True):
        """`corners` says whether pixels that share no more than a corner or an edge touch."""
        self._corners = corners
        self._counts: list[int] = []
        self._pairs = [np.empty((2, 0), np.int64)]
        self._above: np.ndarray | None = None

    def add(self, pieces: np.ndarray, count: int) -> None:
        """Add a band.

        Args:
            pieces: the number of the piece at each pixel, whole `(rows, *rest)`, from 1 on in the order of their first
                pixels; 0 for none.
            count: how many there are.
        """
        if self._above is not None:
            first = sum(self._counts)
            firsts = np.array([[first - self._counts[-1]], [first]], np.int64)
            self._pairs.append(_touching(self._above, pieces[0], self._corners) + firsts)
        self._counts.append(count + 1)
        self._above = pieces[-1].copy()

    def done(self) -> Merged:
        """The pieces of all bands together."""
        if len(self._counts) == 1:
            return Merged((np.arange(self._counts[0]),), self._counts[0] - 1)
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        nodes = sum(self._counts)
        ends = np.cumsum(self._counts)[:-1]
        joined = np.concatenate(self._pairs, axis=1)
        nothing = np.stack([np.zeros_like(ends), ends])  # 0 of every band is the same: none
        joined = np.concatenate([nothing, joined], axis=1)
        graph = coo_array((np.ones(joined.shape[1], bool), tuple(joined)), (nodes, nodes))
        _, piece = connected_components(graph, directed=False)
        _, first, place = np.unique(piece, return_index=True, return_inverse=True)
        numbers = np.argsort(np.argsort(first))[place]  # the first of all is 0
        return Merged(tuple(np.split(numbers, ends)), len(first) - 1)


def _touching(above: np.ndarray, below: np.ndarray, corners: bool) -> np.ndarray:
    """Pairs of pieces of two neighbouring rows `(*rest)` that touch, `(2, pairs)`."""
    around = np.pad(above, 1)
    pairs = [np.empty((2, 0), np.int64)]
    for shift in product(range(3), repeat=below.ndim) if corners else [(1,) * below.ndim]:
        beside = around[tuple(slice(start, start + length) for start, length in zip(shift, below.shape, strict=True))]
        both = (beside > 0) & (below > 0)
        packed = beside[both].astype(np.int64) << 32 | below[both]  # far faster to sort than columns
        packed = np.unique(packed[np.append(True, packed[1:] != packed[:-1])[: len(packed)]])  # most follow their like
        pairs.append(np.stack([packed >> 32, packed & (2**32 - 1)]))
    return np.concatenate(pairs, axis=1)
