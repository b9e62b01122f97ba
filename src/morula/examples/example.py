"""Frames made ready to learn from: binned and normalised images, and the share of each pixel that a class covers.

Where objects are told apart, the distance of each pixel from the edge of its object is annotated, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from morula.errors import FileError
from morula.examples.places import PlaceFinder, Places
from morula.images.image import Box
from morula.models.plan import Intensity
from morula.models.preprocessing import binned, measure_levels
from morula.objects.distances import edge_distances
from morula.objects.labels import numbered_objects
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame
from morula.progress import Progress, silent
from morula.spreadsheets import written


@dataclass(frozen=True)
class Piece:
    """A part of a frame as the network learns from it.

    Attributes:
        image: float32 `(channels, *space)`, binned and normalised.
        shares: uint8 `(classes with background, *space)`: the share of each pixel that each class covers,
            255 for all of it; zero in all classes where the pixel is not annotated.
        distances: uint8 `(1, *space)`, see `edge_distances`; None where objects are not told apart.
    """

    image: np.ndarray
    shares: np.ndarray
    distances: np.ndarray | None = None

    @property
    def planes(self) -> list[np.ndarray]:
        """All there is, each `(planes, *space)`: what moves one must move all."""
        return [each for each in (self.image, self.shares, self.distances) if each is not None]

    @property
    def truth(self) -> np.ndarray:
        """The class that covers most of each pixel, uint8 `(*space)`, 255 where nothing is annotated."""
        truth = self.shares.argmax(0).astype(np.uint8)
        truth[self.shares.max(0) == 0] = NOT_ANNOTATED
        return truth


class Example(Protocol):
    """A frame ready to learn from, wherever its numbers lie."""

    @property
    def name(self) -> str:
        """The frame's name."""
        ...

    @property
    def key(self) -> str:
        """Letters and digits that no other example has."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """`(channels, *space)`, in binned pixels."""
        ...

    @property
    def classes(self) -> int:
        """The number of classes with background."""
        ...

    @property
    def places(self) -> Places:
        """Where its patches may look."""
        ...

    def cut(self, box: Box) -> Piece:
        """The part in `box`, one slice for each spatial axis."""
        ...


@dataclass(frozen=True)
class ArrayExample:
    """An example in memory; `image`, `shares` and `distances` as in a `Piece` that is the whole frame."""

    name: str
    image: np.ndarray
    shares: np.ndarray
    distances: np.ndarray | None = None
    places: Places = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        finder = PlaceFinder(self.shape[1:], self.classes - 1)
        finder.look(self._whole.truth)
        object.__setattr__(self, "places", finder.places())

    @property
    def shape(self) -> tuple[int, ...]:
        return self.image.shape

    @property
    def classes(self) -> int:
        return len(self.shares)

    @property
    def key(self) -> str:
        digest = hashlib.sha256(written(self.name).encode())
        for planes in self._whole.planes:
            digest.update(np.ascontiguousarray(planes).data)
        return digest.hexdigest()

    def cut(self, box: Box) -> Piece:
        return Piece(*(planes[(slice(None), *box)] for planes in self._whole.planes))

    @property
    def _whole(self) -> Piece:
        return Piece(self.image, self.shares, self.distances)


def class_planes(mask: np.ndarray, classes: int) -> np.ndarray:
    """One plane for each class with background: bool `(classes + 1, *space)` from class numbers `(*space)`."""
    return np.stack([mask == number for number in range(classes + 1)])


def class_shares(mask: np.ndarray, classes: int, binning: tuple[int, ...]) -> np.ndarray:
    """The share of each binned pixel that each class covers, uint8 `(classes + 1, *space)`, 255 for all of it."""
    return np.rint(binned(class_planes(mask, classes), binning) * 255).astype(np.uint8)


def object_numbers(frame: Frame, reading: MaskReading) -> np.ndarray:
    """The object number at each pixel of a frame's mask, whole `(*space)`: 0 for none, and where nobody annotated.

    Raises:
        FileError: the mask does not number objects.
    """
    mask = frame.pair.mask
    stored = mask.frame(frame.index)
    truth = reading.class_numbers(stored)
    try:
        return np.where(truth == NOT_ANNOTATED, 0, numbered_objects(stored))
    except ValueError as error:
        raise FileError(f"{mask.path or mask.name}: {error}. Separating objects with --objects is learned from label "
                        "images, in which each has a number of its own.") from error


def object_distances(frame: Frame, reading: MaskReading) -> np.ndarray:
    """The distance of each pixel from the edge of its object, uint8 `(1, *space)`, see `edge_distances`.

    Raises:
        FileError: the mask does not number objects.
    """
    unknown = reading.class_numbers(frame.pair.mask.frame(frame.index)) == NOT_ANNOTATED
    spacing = frame.pair.image.pixel_size or (1.0,) * unknown.ndim
    return edge_distances(object_numbers(frame, reading), spacing, unknown)[None]


def binned_distances(distances: np.ndarray, binning: tuple[int, ...]) -> np.ndarray:
    """The mean distance in each binned pixel, uint8 `(1, *binned)` from `(1, *space)`."""
    return np.rint(binned(distances, binning)).astype(np.uint8)


def make_example(
    frame: Frame, reading: MaskReading, binning: tuple[int, ...], intensity: Intensity, *, separate: bool = False
) -> ArrayExample:
    """Read one frame and its mask and prepare them; with `separate`, what tells objects apart, too."""
    pixels = frame.pair.image.frame(frame.index)
    mask = reading.class_numbers(frame.pair.mask.frame(frame.index))
    image = binned(measure_levels(pixels, intensity).apply(pixels), binning)
    distances = binned_distances(object_distances(frame, reading), binning) if separate else None
    return ArrayExample(frame.name, image, class_shares(mask, reading.classes, binning), distances)


def make_examples(
    frames: Sequence[Frame],
    reading: MaskReading,
    binning: tuple[int, ...],
    intensity: Intensity,
    progress: Progress = silent,
    *,
    separate: bool = False,
) -> list[ArrayExample]:
    """Read and prepare all frames."""
    examples = []
    for done, frame in enumerate(frames):
        progress(done, len(frames), "reading")
        examples.append(make_example(frame, reading, binning, intensity, separate=separate))
    return examples
