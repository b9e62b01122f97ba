"""The doubt beside a mask: how unsure the model was of each pixel, and how much that means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from morula.images.aside import put_aside
from morula.images.image import Image
from morula.images.room import Room, room_for
from morula.images.write import write_mask_of
from morula.models.model import Model
from morula.models.sweep import Band

DOUBT = "doubt"
"""The folder beside the masks."""


class Doubt:
    """The doubt of each pixel of a frame, collected from its bands (`model.mask(image, on_band=doubt.add)`).

    Attributes:
        pixels: 255 × (1 − the probability of the most probable class), uint8 `(*space)`. A piece that is left out of
            the mask since it is not the main object keeps the doubt of having been found there.
    """

    def __init__(self, space: tuple[int, ...]):
        self.pixels = room_for(space, np.uint8)

    def add(self, band: Band) -> None:
        """Take the next band into account."""
        self.pixels[band.box] = band.doubt


def mask_and_doubt(model: Model, image: Image, frame: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The mask of one frame and the doubt of each of its pixels, both uint8 `(*space)`."""
    doubt = Doubt(image.space)
    return model.mask(image, frame, on_band=doubt.add), np.asarray(doubt.pixels)


def doubt_path(mask: Path) -> Path:
    """Where the doubt of a mask lies: under the same name, in a folder beside it."""
    return mask.parent / DOUBT / mask.name


def write_with_doubt(image: Image, mask: Path, frames: Iterable[tuple[Room, Room]]) -> None:
    """Write the mask of an image and its doubt; the mask comes last, so that where one lies, all is there.

    Args:
        image: see `write_mask_of`.
        mask: the file to make.
        frames: class numbers and doubt of each frame, uint8 `(*space)`, taken one at a time.

    Raises:
        OutputError: a file cannot be written.
    """
    with put_aside(mask) as masks:

        def doubts() -> Iterator[Room]:
            for numbers, doubt in frames:
                masks.put(numbers)
                yield doubt

        write_mask_of(image, doubt_path(mask), doubts())
        write_mask_of(image, mask, (masks[number] for number in range(len(masks))))
