"""Frames made ready to learn from: binned and normalised images, and the share of each pixel that a class covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.images.masks import NOT_ANNOTATED, MaskReading
from morula.images.pairs import Frame
from morula.models.plan import Intensity
from morula.models.preprocessing import binned, measure_levels
from morula.progress import Progress, silent


@dataclass(frozen=True)
class Example:
    """A frame ready to learn from.

    Attributes:
        name: the frame's name.
        image: float32 `(channels, *space)`, binned and normalised as the network wants it.
        shares: uint8 `(classes with background, *space)`: the share of each pixel that each class covers,
            255 for all of it; zero in all classes where the pixel is not annotated.
    """

    name: str
    image: np.ndarray
    shares: np.ndarray


def class_planes(mask: np.ndarray, classes: int) -> np.ndarray:
    """One plane for each class with background: bool `(classes + 1, *space)` from class numbers `(*space)`."""
    return np.stack([mask == number for number in range(classes + 1)])


def class_shares(mask: np.ndarray, classes: int, binning: tuple[int, ...]) -> np.ndarray:
    """The share of each binned pixel that each class covers, uint8 `(classes + 1, *space)`, 255 for all of it."""
    return np.rint(binned(class_planes(mask, classes), binning) * 255).astype(np.uint8)


def make_example(frame: Frame, reading: MaskReading, binning: tuple[int, ...], intensity: Intensity) -> Example:
    """Read one frame and its mask and prepare them."""
    pixels = frame.pair.image.frame(frame.index)
    mask = reading.class_numbers(frame.pair.mask.frame(frame.index))
    image = binned(measure_levels(pixels, intensity).apply(pixels), binning)
    return Example(frame.name, image, class_shares(mask, reading.classes, binning))


def make_examples(
    frames: Sequence[Frame],
    reading: MaskReading,
    binning: tuple[int, ...],
    intensity: Intensity,
    progress: Progress = silent,
) -> list[Example]:
    """Read and prepare all frames."""
    examples = []
    for done, frame in enumerate(frames):
        progress(done, len(frames), "reading")
        examples.append(make_example(frame, reading, binning, intensity))
    return examples


def truth_of(example: Example) -> np.ndarray:
    """The class that covers most of each pixel, uint8 `(*space)`, 255 where nothing is annotated."""
    truth = example.shares.argmax(0).astype(np.uint8)
    truth[example.shares.max(0) == 0] = NOT_ANNOTATED
    return truth
