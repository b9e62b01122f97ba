"""Which places of a frame something can be learned from, kept in a few numbers however large the frame is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.images.image import Box
from morula.images.tiles import largest_box

SPARSE = 0.5
"""Of a frame with less than this share annotated, every patch is drawn to what is."""
SOUGHT = 1 / 3
"""Share of the patches of other frames that are drawn to foreground."""


@dataclass(frozen=True)
class Places:
    """Where the patches of a frame may look.

    Attributes:
        spots: int64 `(spots,)`, pixels counted along the rows of the frame: as many of each class; those of the
            background only where annotation is sparse.
        annotated: the share of the pixels that are annotated.
    """

    spots: np.ndarray
    annotated: float

    def draw(self, space: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...]:
        """A pixel of the frame to look at: a spot, or any."""
        sought = 1.0 if self.annotated < SPARSE else SOUGHT
        if len(self.spots) and rng.random() < sought:
            place = np.unravel_index(self.spots[rng.integers(len(self.spots))], space)
        else:
            place = rng.integers(space)
        return tuple(map(int, place))

    def window(self, space: tuple[int, ...], pixels: int) -> Box:
        """The whole frame, or around the middle of its spots a part of at most so many pixels."""
        sides = largest_box(space, pixels)
        spots = np.unravel_index(self.spots, space) if len(self.spots) else [[length // 2] for length in space]
        starts = (int(np.clip(np.median(along) - side // 2, 0, length - side))
                  for along, side, length in zip(spots, sides, space, strict=True))
        return tuple(slice(start, start + side) for start, side in zip(starts, sides, strict=True))


class PlaceFinder:
    """Finds the places of a frame that comes in parts, from its first row to its last."""

    def __init__(self, space: tuple[int, ...], classes: int):
        self._rng = np.random.default_rng(0)
        self._count = spots_of_a_class(space)
        self._found: list[list[tuple[np.ndarray, int]]] = [[] for _ in range(classes + 1)]
        self._passed = 0

    def look(self, truth: np.ndarray) -> None:
        """Look at the next rows, class numbers `(rows, *rest)`."""
        for number, found in enumerate(self._found):
            spots = np.flatnonzero(truth == number)
            if len(spots):
                found.append((self._passed + self._rng.choice(spots, self._count), len(spots)))
        self._passed += truth.size

    def places(self) -> Places:
        """The places of all that was looked at."""
        annotated = sum(count for found in self._found for _, count in found) / self._passed
        wanted = self._found if annotated < SPARSE else self._found[1:]
        spots = [self._fair_share(found) for found in wanted if found]
        return Places(np.concatenate(spots) if spots else np.empty(0, np.int64), annotated)

    def _fair_share(self, found: list[tuple[np.ndarray, int]]) -> np.ndarray:
        """Of the spots of all parts, as if they had been drawn from the whole."""
        counts = np.array([count for _, count in found])
        part = self._rng.choice(len(found), self._count, p=counts / counts.sum())
        return np.stack([spots for spots, _ in found])[part, np.arange(self._count)]


def spots_of_a_class(space: tuple[int, ...]) -> int:
    """How many spots of each class are remembered of a frame of this size."""
    return int(np.clip(np.prod(space, dtype=np.int64) // 512, 16, 4096))
