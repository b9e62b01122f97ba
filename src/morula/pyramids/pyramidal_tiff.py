"""Images as OME-TIFF of tiles, with smaller levels in SubIFDs, as Bio-Formats and QuPath read them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.errors import OutputError
from morula.files import whole_file
from morula.images.image import Image
from morula.pyramids.zarr_images import stored_letters, write_levels

if TYPE_CHECKING:
    from zarr import Array

TILE = 512
_TYPES = {"uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"}
_LARGEST_CLASSIC = 2**31
"""Bytes of pixels; larger ones, with all levels, might not fit into a classic TIFF."""


def write_pyramidal_tiff(path: Path, image: Image, *, masks: bool = False) -> None:
    """Write an image as OME-TIFF, whole or not at all; its levels are made in a folder beside it, and read from there.

    Args:
        path: the file to make.
        image: read region by region.
        masks: whether smaller levels hold every second number, where those of images hold means.

    Raises:
        OutputError: the file cannot be written, or OME-TIFF does not know the type of numbers.
        FileError: the image cannot be read.
    """
    from tifffile import TiffWriter

    if image.dtype.name not in _TYPES:
        raise OutputError(f"{path}: OME-TIFF knows no numbers of the type {image.dtype}. Write OME-Zarr, which does.")
    large = int(np.prod(image.shape, dtype=object)) * image.dtype.itemsize > _LARGEST_CLASSIC
    with whole_file(path) as temporary, tempfile.TemporaryDirectory(dir=path.parent, prefix=".levels-") as folder:
        levels = write_levels(Path(folder), image, "0.4", masks=masks)
        depth = image.space[0] if len(image.space) == 3 else 1
        options: dict[str, Any] = {"dtype": image.dtype, "tile": (TILE, TILE), "compression": "zlib",
                                   "photometric": "minisblack"}
        with TiffWriter(temporary, ome=True, bigtiff=large) as writer:
            for number, level in enumerate(levels):
                own: dict[str, Any] = {"subfiletype": 1}
                if number == 0:
                    own = {"subifds": len(levels) - 1, "metadata": _said(image)}
                shape = (image.frames, len(image.channels), depth, *level.shape[-2:])
                writer.write(_tiles(level, stored_letters(image), shape), shape=shape, **options, **own)


def _tiles(level: Array, letters: str, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """The tiles of all planes of a level, in the order of the file; those at the edges are filled up."""
    *counts, height, width = shape
    for place in product(*map(range, counts)):
        at = dict(zip("TCZ", place, strict=True))
        plane = tuple(at[letter] for letter in letters[:-2])
        for row in range(0, height, TILE):
            band = np.asarray(level[(*plane, slice(row, row + TILE), slice(None))])
            for column in range(0, width, TILE):
                part = band[:, column : column + TILE]
                yield np.pad(part, [(0, TILE - part.shape[0]), (0, TILE - part.shape[1])])


def _said(image: Image) -> dict[str, Any]:
    said: dict[str, Any] = {"axes": "TCZYX", "Channel": {"Name": list(image.channels)}}
    for letter, size in zip(reversed("ZYX"), reversed(image.pixel_size or ()), strict=False):
        said |= {f"PhysicalSize{letter}": size, f"PhysicalSize{letter}Unit": "µm"}
    return said
