"""What was drawn on an image, whatever it was drawn with: areas by their outlines, or by their runs of pixels.

Positions are in pixels from the corner of the image, y before x: its first pixel reaches from 0 to 1. A pixel belongs
to an area that holds its middle, so that an outline along the edges of pixels gives back exactly these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

Box = tuple[slice, slice]
"""Rows and columns with start and stop."""

AT_ONCE = 2**22
"""Places at which outlines cross rows that are held in memory together."""


class Area(Protocol):
    """Some of the pixels of a plane."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Top, left, bottom and right."""
        ...

    def fill(self, box: Box) -> tuple[np.ndarray, int]:
        """Which pixels of a box are in it, bool `(*box)`; and how many are not although an outline goes round them, for
        it does so twice."""
        ...


@dataclass(frozen=True, eq=False)
class Rings:
    """What an odd number of closed outlines goes round: an outline that lies in another is a hole.

    Attributes:
        rings: corners of each, float `(corners, 2)`.
    """

    rings: tuple[np.ndarray, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        corners = np.concatenate(self.rings)
        (top, left), (bottom, right) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return top, left, bottom, right

    def fill(self, box: Box) -> tuple[np.ndarray, int]:
        inside = np.zeros(tuple(side.stop - side.start for side in box), bool)
        twice = 0
        for ring in self.rings:
            low, high = np.floor(ring.min(axis=0)).astype(int).tolist(), np.ceil(ring.max(axis=0)).astype(int).tolist()
            part = [slice(max(side.start, first), max(side.start, first, min(side.stop, last)))
                    for side, first, last in zip(box, low, high, strict=True)]
            windings = _windings(ring, (part[0], part[1]))
            here = tuple(slice(one.start - side.start, one.stop - side.start)
                         for one, side in zip(part, box, strict=True))
            inside[here] ^= (windings & 1).astype(bool)
            twice += int(np.count_nonzero((windings != 0) & (windings % 2 == 0)))
        return inside, twice


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of pixels in a box, which is read row by row or column by column.

    Attributes:
        corner: the first row and the first column of the box.
        shape: its rows and columns.
        starts: the place of the first pixel of each run, counted along the box, ascending.
        stops: the place behind its last one.
        by_columns: the box is read column by column.
    """

    corner: tuple[int, int]
    shape: tuple[int, int]
    starts: np.ndarray
    stops: np.ndarray
    by_columns: bool = False

    @classmethod
    def of(cls, inside: np.ndarray, corner: tuple[int, int] = (0, 0)) -> Runs:
        """Those of a mask, bool `(rows, columns)`."""
        edges = np.flatnonzero(np.diff(inside.ravel(), prepend=False, append=False))
        return cls(corner, (inside.shape[0], inside.shape[1]), edges[::2], edges[1::2])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        (top, left), (rows, columns) = self.corner, self.shape
        first, last = self._lines
        if self.by_columns:
            return top, left + first, top + rows, left + last
        return top + first, left, top + last, left + columns

    def fill(self, box: Box) -> tuple[np.ndarray, int]:
        first, last = self._lines
        along = self.shape[0] if self.by_columns else self.shape[1]
        steps = np.zeros((last - first) * along + 1, np.int8)
        np.add.at(steps, self.starts - first * along, 1)
        np.add.at(steps, self.stops - first * along, -1)
        lines = np.cumsum(steps[:-1], dtype=np.int8).astype(bool).reshape(-1, along)
        top, left, *_ = (int(side) for side in self.bounds)
        return _part(lines.T if self.by_columns else lines, (top, left), box), 0

    @property
    def _lines(self) -> tuple[int, int]:
        """The first line with a pixel, and the one behind the last."""
        if not len(self.starts):
            return 0, 0
        along = self.shape[0] if self.by_columns else self.shape[1]
        return int(self.starts[0]) // along, -(-int(self.stops[-1]) // along)


@dataclass(frozen=True, eq=False)
class Shape:
    """An area that was drawn.

    Attributes:
        name: of its class; empty where nobody named it.
        area: where it is.
        owner: the same for all areas that make up one object.
        moment: the frame that it belongs to, from 0; None for all.
        level: the slice of a volume, from 0; None for all.
        plane: in place of both, the number of the plane in a stack of slices of moments, from 0.
    """

    name: str
    area: Area
    owner: Hashable
    moment: int | None = None
    level: int | None = None
    plane: int | None = None

    def place(self, depth: int) -> tuple[int | None, int | None]:
        """The moment and the slice in a stack of so many slices a moment."""
        return (self.moment, self.level) if self.plane is None else divmod(self.plane, depth)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn on one image, in the order in which it lies: what comes later lies above.

    Attributes:
        file: what a person is told it comes from; its name is that of the image.
        shapes: the areas.
        size: rows and columns of the image, where the file says so.
        no_areas: what else was drawn and has no area, such as points, by its name, and how many there are.
    """

    file: Path
    shapes: tuple[Shape, ...]
    size: tuple[int, int] | None = None
    no_areas: Counter[str] = field(default_factory=Counter)


def ellipse(centre: Sequence[float], half: Sequence[float], angle: float = 0.0) -> Rings:
    """An ellipse as an outline of many corners.

    Args:
        centre: y and x.
        half: its half axes along y and x, before it is turned.
        angle: by which it is turned, in radians, from x towards y.
    """
    steps = np.linspace(0, 2 * np.pi, max(64, min(4096, int(8 * max(half)))), endpoint=False)
    y, x = half[0] * np.sin(steps), half[1] * np.cos(steps)
    return Rings((np.stack([centre[0] + x * np.sin(angle) + y * np.cos(angle),
                            centre[1] + x * np.cos(angle) - y * np.sin(angle)], axis=1),))


def rectangle(top: float, left: float, bottom: float, right: float, angle: float = 0.0) -> Rings:
    """A rectangle, turned about its middle by an angle in radians, from x towards y."""
    corners = np.array([[top, left], [top, right], [bottom, right], [bottom, left]], float)
    middle = corners.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Rings(((corners - middle) @ turn + middle,))


def _windings(ring: np.ndarray, box: Box) -> np.ndarray:
    """How many times an outline goes round the middle of each pixel of a box, int32 `(*box)`.

    Each edge changes the number from the pixel on whose middle or before whose middle it crosses the middle line of a
    row. Edges count from their upper end on and without their lower end, so that neighbours that share an edge share no
    pixel and leave none.
    """
    rows, columns = box
    width = columns.stop - columns.start + 1
    steps = np.zeros((rows.stop - rows.start) * width, np.int32)
    ahead = np.concatenate([ring[1:], ring[:1]])
    upper = np.where((ring[:, 0] <= ahead[:, 0])[:, None], ring, ahead)
    lower = np.where((ring[:, 0] <= ahead[:, 0])[:, None], ahead, ring)
    first = np.clip(np.ceil(upper[:, 0] - 0.5), rows.start, rows.stop).astype(int)
    counts = np.clip(np.ceil(lower[:, 0] - 0.5), rows.start, rows.stop).astype(int) - first
    for some in _in_parts(counts):
        each = np.repeat(some, counts[some])
        row = first[each] + np.arange(len(each)) - np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
        slope = (lower[each, 1] - upper[each, 1]) / (lower[each, 0] - upper[each, 0])
        across = upper[each, 1] + (row + 0.5 - upper[each, 0]) * slope
        column = np.clip(np.ceil(across - 0.5), columns.start, columns.stop).astype(int) - columns.start
        way = np.where(ring[each, 0] <= ahead[each, 0], 1, -1)
        np.add.at(steps, (row - rows.start) * width + column, way)
    return np.cumsum(steps.reshape(-1, width), axis=1, dtype=np.int32)[:, :-1]


def _in_parts(counts: np.ndarray) -> list[np.ndarray]:
    """The edges that cross rows, in parts that cross few enough at once."""
    crossing = np.flatnonzero(counts)
    parts = np.cumsum(counts[crossing]) // AT_ONCE
    return np.split(crossing, np.flatnonzero(np.diff(parts)) + 1) if len(crossing) else []


def _part(found: np.ndarray, corner: tuple[int, int], box: Box) -> np.ndarray:
    """What a box holds of an array that lies at a corner; nothing where the array is not."""
    part = np.zeros(tuple(side.stop - side.start for side in box), bool)
    here, there = [], []
    for side, start, length in zip(box, corner, found.shape, strict=True):
        low, high = max(side.start, start), min(side.stop, start + length)
        here.append(slice(low - side.start, max(low, high) - side.start))
        there.append(slice(low - start, max(low, high) - start))
    part[tuple(here)] = found[tuple(there)]
    return part
