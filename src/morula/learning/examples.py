"""Frames made ready to learn from: binned and normalised images, and the share of each pixel that a class covers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from morula.images.image import Box
from morula.images.masks import NOT_ANNOTATED, MaskReading
from morula.images.pairs import Frame
from morula.learning.places import PlaceFinder, Places
from morula.models.plan import Intensity
from morula.models.preprocessing import binned, measure_levels
from morula.progress import Progress, silent


@dataclass(frozen=True)
class Piece:
    """A part of a frame as the network learns from it.

    Attributes:
        image: float32 `(channels, *space)`, binned and normalised.
        shares: uint8 `(classes with background, *space)`: the share of each pixel that each class covers,
            255 for all of it; zero in all classes where the pixel is not annotated.
    """

    image: np.ndarray
    shares: np.ndarray

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
    def places(self) -> Places:
        """Where its patches may look."""
        ...

    def cut(self, box: Box) -> Piece:
        """The part in `box`, one slice for each spatial axis."""
        ...


@dataclass(frozen=True)
class ArrayExample:
    """An example in memory; `image` and `shares` as in a `Piece` that is the whole frame."""

    name: str
    image: np.ndarray
    shares: np.ndarray
    places: Places = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        finder = PlaceFinder(self.shape[1:], len(self.shares) - 1)
        finder.look(Piece(self.image, self.shares).truth)
        object.__setattr__(self, "places", finder.places())

    @property
    def shape(self) -> tuple[int, ...]:
        return self.image.shape

    @property
    def key(self) -> str:
        digest = hashlib.sha256(self.name.encode())
        for array in (self.image, self.shares):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def cut(self, box: Box) -> Piece:
        return Piece(self.image[(slice(None), *box)], self.shares[(slice(None), *box)])


def class_planes(mask: np.ndarray, classes: int) -> np.ndarray:
    """One plane for each class with background: bool `(classes + 1, *space)` from class numbers `(*space)`."""
    return np.stack([mask == number for number in range(classes + 1)])


def class_shares(mask: np.ndarray, classes: int, binning: tuple[int, ...]) -> np.ndarray:
    """The share of each binned pixel that each class covers, uint8 `(classes + 1, *space)`, 255 for all of it."""
    return np.rint(binned(class_planes(mask, classes), binning) * 255).astype(np.uint8)


def make_example(frame: Frame, reading: MaskReading, binning: tuple[int, ...], intensity: Intensity) -> ArrayExample:
    """Read one frame and its mask and prepare them."""
    pixels = frame.pair.image.frame(frame.index)
    mask = reading.class_numbers(frame.pair.mask.frame(frame.index))
    image = binned(measure_levels(pixels, intensity).apply(pixels), binning)
    return ArrayExample(frame.name, image, class_shares(mask, reading.classes, binning))


def make_examples(
    frames: Sequence[Frame],
    reading: MaskReading,
    binning: tuple[int, ...],
    intensity: Intensity,
    progress: Progress = silent,
) -> list[ArrayExample]:
    """Read and prepare all frames."""
    examples = []
    for done, frame in enumerate(frames):
        progress(done, len(frames), "reading")
        examples.append(make_example(frame, reading, binning, intensity))
    return examples
