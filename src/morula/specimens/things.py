"""What lies where: a number for each thing, and how deep each place lies in it or how far from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

SMALLEST = 12
"""Pixels: less of a thing is not seen as one."""
FAR = 2.0
"""Pixels of a row: neighbours farther apart are not seen to meet, as the seam lies between their planes."""


@dataclass(frozen=True)
class Things:
    """Things in a plane or in a volume.

    Attributes:
        labels: int32 `(*space)`: 0 where nothing lies, and 1, 2, … in the things.
        spacing: how far neighbours lie apart along each axis, in pixels of a row.
    """

    labels: np.ndarray
    spacing: tuple[float, ...]

    @classmethod
    def numbered(cls, labels: np.ndarray, spacing: tuple[float, ...]) -> Things:
        """With numbers that follow each other, and without crumbs."""
        sizes = np.bincount(labels.ravel())
        kept = sizes >= SMALLEST
        kept[0] = False
        numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
        return cls(numbers[labels], spacing)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.labels.shape

    @cached_property
    def count(self) -> int:
        return int(self.labels.max(initial=0))

    @cached_property
    def inside(self) -> np.ndarray:
        """Whether anything lies there, bool `(*space)`."""
        return self.labels > 0

    @cached_property
    def depth(self) -> np.ndarray:
        """How far each place of a thing lies from what is not of it, in pixels, float32; 0 where nothing lies."""
        within = self.inside & ~rims(self.labels, self.spacing)
        depth = ndimage.distance_transform_edt(within, sampling=self.spacing)
        return (np.asarray(depth, np.float32) + np.float32(0.5)) * self.inside

    @cached_property
    def thickness(self) -> np.ndarray:
        """How deep the deepest place of each thing lies, `(1 + things,)`."""
        deepest = np.full(self.count + 1, 0.5, np.float32)
        np.maximum.at(deepest, self.labels.ravel(), self.depth.ravel())
        return deepest

    @cached_property
    def share(self) -> np.ndarray:
        """Depth as a share of the deepest place of the same thing: 0 at the rim to 1, float32 `(*space)`."""
        return self.depth / self.thickness[self.labels]

    @cached_property
    def away(self) -> np.ndarray:
        """How far each place lies from the nearest thing, in pixels, float32; 0 inside."""
        if not self.count:
            return np.full(self.shape, 1e3, np.float32)
        return np.asarray(ndimage.distance_transform_edt(~self.inside, sampling=self.spacing), np.float32)


def rims(labels: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Which places have a near neighbour with another number, bool `(*space)`."""
    return _beside(labels, spacing, np.not_equal)


def seams(labels: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Which places of a thing have a near neighbour that is of another thing, bool `(*space)`."""
    return _beside(labels, spacing, lambda one, other: (one != other) & (one > 0) & (other > 0))


def _beside(
    labels: np.ndarray, spacing: tuple[float, ...], wanted: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    """Both places of each pair of near neighbours that are as wanted."""
    found = np.zeros(labels.shape, bool)
    for axis in range(labels.ndim):
        if spacing[axis] > FAR:
            continue
        one, other = (tuple(part if each == axis else slice(None) for each in range(labels.ndim))
                      for part in (slice(1, None), slice(None, -1)))
        pairs = wanted(labels[one], labels[other])
        found[one] |= pairs
        found[other] |= pairs
    return found
