"""The doubt beside a mask: how unsure the model was of each pixel, and how much that means."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from morula.images.image import Image
from morula.images.write import write_mask_of

DOUBT = "doubt"
"""The folder beside the masks."""


def doubt_path(mask: Path) -> Path:
    """Where the doubt of a mask lies: under the same name, in a folder beside it."""
    return mask.parent / DOUBT / mask.name


def write_with_doubt(image: Image, mask: Path, frames: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Write the mask of an image and its doubt; the mask comes last, so that where one lies, all is there.

    Args:
        image: see `write_mask_of`.
        mask: the file to make.
        frames: class numbers and doubt of each frame, uint8 `(*space)`, taken one at a time.

    Raises:
        OutputError: a file cannot be written.
    """
    kept: list[tuple[bytes, np.dtype, tuple[int, ...]]] = []

    def doubts() -> Iterator[np.ndarray]:
        for numbers, doubt in frames:
            kept.append((zlib.compress(np.ascontiguousarray(numbers).data, level=1), numbers.dtype, numbers.shape))
            yield doubt

    write_mask_of(image, doubt_path(mask), doubts())
    write_mask_of(image, mask, (np.frombuffer(zlib.decompress(packed), dtype).reshape(shape)
                                for packed, dtype, shape in kept))
