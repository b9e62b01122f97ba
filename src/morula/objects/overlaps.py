"""Which objects of two label images share pixels, and how many: counted sparsely, however many objects there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from morula.pairs.stored_values import distinct_values


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The objects of two label images and the pixels that pairs of them share.

    Attributes:
        first: the object numbers of the first image, ascending, 0 left out, `(n,)`.
        second: the same of the second image, `(m,)`.
        first_sizes: pixels of each object of the first image, int64 `(n,)`.
        second_sizes: the same of the second image, `(m,)`.
        pairs: places in `first` and `second` of each two objects that share pixels, `(pairs, 2)`.
        shared: how many pixels they share, int64 `(pairs,)`.
    """

    first: np.ndarray
    second: np.ndarray
    first_sizes: np.ndarray
    second_sizes: np.ndarray
    pairs: np.ndarray
    shared: np.ndarray

    @classmethod
    def count(cls, first: np.ndarray, second: np.ndarray) -> Self:
        """The overlaps of two label images of whole numbers, `(*space)` each; 0 is no object.

        Raises:
            ValueError: the images differ in shape.

        >>> found = Overlaps.count(np.array([1, 1, 5, 0]), np.array([2, 3, 3, 3]))
        >>> found.pairs.tolist(), found.shared.tolist()
        ([[0, 0], [0, 1], [1, 1]], [1, 1, 1])
        """
        from scipy.sparse import coo_array

        if first.shape != second.shape:
            raise ValueError(f"label images of the shapes {first.shape} and {second.shape} cannot overlap")
        (rows, row), (columns, column) = distinct_values(first[None]), distinct_values(second[None])
        pixels = np.ones(first.size, np.int64)
        table = coo_array((pixels, (row.ravel(), column.ravel())), shape=(len(rows), len(columns))).tocsr()
        ours, theirs = rows[:, 0] != 0, columns[:, 0] != 0
        both = table[ours][:, theirs].tocoo()
        return cls(
            rows[ours, 0],
            columns[theirs, 0],
            table.sum(axis=1)[ours],
            table.sum(axis=0)[theirs],
            np.stack(both.coords, axis=1),
            both.data,
        )

    @property
    def ious(self) -> np.ndarray:
        """Intersection over union of each pair, float64 `(pairs,)`."""
        first, second = self.pairs.T
        return self.shared / (self.first_sizes[first] + self.second_sizes[second] - self.shared)
