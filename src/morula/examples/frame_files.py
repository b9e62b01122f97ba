"""Files of prepared frames, from which patches are read without the rest.

The parts of a file:

- the image, as stored in its own file; float16 where pixels are binned or take more than two bytes;
- the annotation, uint8: class numbers, or the share of each class where pixels are binned; and, where objects are told
  apart, the distances of pixels from the edges of theirs;
- numbers, float64: the annotated share of the frame, the levels of its channels, and its spots.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from morula.errors import FileError, reason
from morula.examples.example import Piece, class_planes
from morula.examples.places import Places, spots_of_a_class
from morula.examples.tiled import TiledPlanes
from morula.images.image import Box
from morula.models.preprocessing import Levels

UNCHANGED = Levels(*(np.array([value], np.float32) for value in (-np.inf, np.inf, 0, 1)))
"""Levels that leave numbers as they are."""


@dataclass(frozen=True)
class Layout:
    """Where the parts of a frame's file lie."""

    image: TiledPlanes
    annotation: TiledPlanes
    classes: int
    distance: bool = False

    @property
    def as_stored(self) -> bool:
        """Whether the image lies here as in its own file, to be normalised when it is read."""
        return self.image.dtype != np.float16

    @property
    def in_numbers(self) -> bool:
        """Whether the annotation lies here as class numbers, since each pixel belongs to one class."""
        return self.annotation.planes - self.distance == 1

    @property
    def most_bytes(self) -> int:
        """No file of this layout is larger."""
        spots = spots_of_a_class(self.image.space) * (self.classes + 1)
        return self.annotation.end + 8 * (1 + 4 * self.image.planes + spots)

    def write_numbers(self, file: BinaryIO, levels: Levels, places: Places) -> None:
        """Write the last part of a file: the levels of the frame, and the places where something can be learned."""
        to_apply = levels if self.as_stored else UNCHANGED
        numbers = [np.broadcast_to(part.ravel(), self.image.planes) for part in astuple(to_apply)]
        file.seek(self.annotation.end)
        file.write(np.concatenate([[places.annotated], *numbers, places.spots]).astype(np.float64).data)


@cache
def layout_of(
    space: tuple[int, ...], channels: int, dtype: np.dtype, classes: int, binning: tuple[int, ...], distance: bool
) -> Layout:
    """The layout of frames of one kind: thousands of them share it."""
    fine = set(binning) == {1}
    as_stored = fine and dtype.kind in "bui" and dtype.itemsize <= 2
    small = tuple(-(-length // factor) for length, factor in zip(space, binning, strict=True))
    image = TiledPlanes(0, channels, small, dtype.newbyteorder("=") if as_stored else np.dtype(np.float16))
    planes = (1 if fine else classes + 1) + distance
    return Layout(image, TiledPlanes(image.end, planes, small, np.dtype(np.uint8)), classes, distance)


@dataclass(frozen=True)
class StoredExample:
    """An example whose pixels are on disk until they are asked for.

    Attributes:
        name: of its frame.
        key: stands for all it was made from.
        folder: where its file lies.
        layout: where the parts of that file lie.
    """

    name: str
    key: str
    folder: Path
    layout: Layout

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / f"{self.key}.frame"

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.layout.image.planes, *self.layout.image.space)

    @property
    def classes(self) -> int:
        return self.layout.classes + 1

    @property
    def places(self) -> Places:
        with self._reading() as file:
            numbers = self._numbers(file)
            return Places(numbers[1 + 4 * self.shape[0] :].astype(np.int64), float(numbers[0]))

    def cut(self, box: Box) -> Piece:
        channels = self.shape[0]
        with self._reading() as file:
            image = self.layout.image.read(file, box)
            annotation = self.layout.annotation.read(file, box)
            levels = self._numbers(file, 1 + 4 * channels)[1:].astype(np.float32)
        levels = Levels(*levels.reshape(4, channels, *[1] * len(box)))
        annotation, distances = (annotation[:-1], annotation[-1:]) if self.layout.distance else (annotation, None)
        if self.layout.in_numbers:
            annotation = class_planes(annotation[0], self.layout.classes) * np.uint8(255)
        return Piece(levels.apply(image), annotation, distances)

    def _numbers(self, file: BinaryIO, count: int = -1) -> np.ndarray:
        file.seek(self.layout.annotation.end)
        return np.frombuffer(file.read(8 * count if count > 0 else -1))

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        """Its file, without a buffer: each part is read in pieces of its own size."""
        try:
            with self.path.open("rb", buffering=0) as file:
                yield file
        except (OSError, ValueError, IndexError) as error:
            raise FileError(f"{self.path}, where {self.name} lies prepared, cannot be read ({reason(error)}). "
                            "Delete it and go on with --resume, which prepares it again.") from error
