"""Strokes as they travel: a box, and runs of numbers row by row through it; and areas, which are one number each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from morula.images.image import Box
from morula.settings import Settings

LEAVE = -1
"""A pixel that stays as it is."""
LARGEST = 2**24
"""Pixels of a box, at most."""
FARTHEST = 2**24
BAND = 2**22
"""Pixels of an area that are changed at once, about."""

Coordinate = Annotated[int, Field(ge=0, le=FARTHEST)]


class Stroke(Settings):
    """Numbers for some pixels of one plane."""

    t: int = Field(ge=0)
    """The frame, from 0."""
    z: int = Field(default=0, ge=0)
    """The slice, from 0."""
    tab: str = Field(default="", max_length=40)
    """Which page drew it, so that it need not be told."""
    box: tuple[Coordinate, Coordinate, Coordinate, Coordinate]
    """Left, top, right and bottom, in pixels; the last two lie outside."""
    runs: list[int] = Field(max_length=LARGEST)
    """Number, length, number, length and so on, row by row through the box; -1 leaves pixels as they are."""
    over: list[int] | None = Field(default=None, max_length=LARGEST)
    """What pixels must be to be changed, likewise; -1 is anything, and so is all if it is left out."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        left, top, right, bottom = self.box
        if right <= left or bottom <= top or (right - left) * (bottom - top) > LARGEST:
            raise ValueError(f"the box must hold between 1 and {LARGEST:,} pixels")
        for runs in (self.runs, self.over):
            if runs is None:
                continue
            lengths = runs[1::2]
            if len(runs) % 2 or min(lengths, default=0) < 1 or sum(lengths) != (right - left) * (bottom - top):
                raise ValueError("the runs must fill the box")
            if not all(LEAVE <= number <= 65535 for number in runs[::2]):
                raise ValueError("the numbers must lie between -1 and 65535")
        return self

    @property
    def plane(self) -> tuple[slice, slice]:
        """Where in the plane it lies."""
        left, top, right, bottom = self.box
        return slice(top, bottom), slice(left, right)

    @property
    def numbers(self) -> np.ndarray:
        """Those of all pixels of the box, int32 `(rows, columns)`."""
        return self._plane_of(self.runs)

    def on(self, pixels: np.ndarray) -> np.ndarray:
        """What the pixels of the box become, of the same type."""
        numbers = self.numbers
        changes = numbers != LEAVE
        if self.over is not None:
            over = self._plane_of(self.over)
            changes &= (over == LEAVE) | (over == pixels)
        return np.where(changes, numbers, pixels).astype(pixels.dtype)

    def _plane_of(self, runs: list[int]) -> np.ndarray:
        left, top, right, bottom = self.box
        return np.repeat(np.array(runs[::2], np.int32), runs[1::2]).reshape(bottom - top, right - left)


class Area(Settings):
    """One number for a large part of a plane."""

    t: int = Field(default=0, ge=0)
    """The frame, from 0."""
    z: int = Field(default=0, ge=0)
    """The slice, from 0."""
    tab: str = Field(default="", max_length=40)
    """Which page drew it, so that it need not be told."""
    number: int = Field(ge=0, le=65535)
    """What its pixels become."""
    kept: bool = False
    """Whether what is drawn already stays as it is."""
    spans: list[Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)]] = Field(min_length=3, max_length=LARGEST)
    """Row, first column, and the column after the last, again and again, by rows; what lies outside is left out."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.spans) % 3 or self.spans[::3] != sorted(self.spans[::3]):
            raise ValueError("spans are a row and two columns each, by rows")
        return self

    def within(self, space: Sequence[int]) -> Box:
        """The part of a frame `(*space)` in which it lies, from end to end of rows if it is wide; empty if outside."""
        height, width = space[-2:]
        spans = np.reshape(self.spans, (-1, 3))
        top, bottom = np.clip([spans[:, 0].min(), spans[:, 0].max() + 1], 0, height).tolist()
        left, right = np.clip([spans[:, 1].min(), spans[:, 2].max()], 0, width).tolist()
        if 2 * (right - left) > width:  # whole rows are written at once
            left, right = 0, width
        plane = slice(top, bottom), slice(left, max(left, right))
        return (slice(self.z, self.z + 1), *plane) if len(space) == 3 else plane

    def bands(self, space: Sequence[int]) -> Iterator[Box]:
        """The same in bands of rows."""
        *slices, rows, columns = self.within(space)
        height = max(1, BAND // max(columns.stop - columns.start, 1))
        for top in range(rows.start, rows.stop, height):
            yield (*slices, slice(top, min(top + height, rows.stop)), columns)

    def on(self, pixels: np.ndarray, box: Box, unknown: int) -> np.ndarray:
        """What the pixels of a box become, in place; `unknown` is the number of what nobody annotated."""
        rows, columns = box[-2:]
        plane = pixels.reshape(pixels.shape[-2:])
        spans = np.reshape(self.spans, (-1, 3))
        first, last = np.searchsorted(spans[:, 0], [rows.start, rows.stop])
        inside = np.clip(spans[first:last] - [rows.start, columns.start, columns.start], 0, None).tolist()
        for row, start, end in inside:
            part = plane[row, start:end]
            if self.kept:
                part[part == unknown] = self.number
            else:
                part[:] = self.number
        return pixels
