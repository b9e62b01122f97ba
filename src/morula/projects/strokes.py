"""Strokes as they travel: a box, and runs of numbers row by row through it."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from morula.settings import Settings

LEAVE = -1
"""A pixel that stays as it is."""
LARGEST = 2**24
"""Pixels of a box, at most."""
FARTHEST = 2**24

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

    @model_validator(mode="after")
    def _fits(self) -> Self:
        left, top, right, bottom = self.box
        if right <= left or bottom <= top or (right - left) * (bottom - top) > LARGEST:
            raise ValueError(f"the box must hold between 1 and {LARGEST:,} pixels")
        lengths = self.runs[1::2]
        if len(self.runs) % 2 or min(lengths, default=0) < 1 or sum(lengths) != (right - left) * (bottom - top):
            raise ValueError("the runs must fill the box")
        if not all(LEAVE <= number <= 65535 for number in self.runs[::2]):
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
        left, top, right, bottom = self.box
        return np.repeat(np.array(self.runs[::2], np.int32), self.runs[1::2]).reshape(bottom - top, right - left)

    def on(self, pixels: np.ndarray) -> np.ndarray:
        """What the pixels of the box become, of the same type."""
        numbers = self.numbers
        return np.where(numbers == LEAVE, pixels, numbers).astype(pixels.dtype)
