"""Images as OME-Zarr, with smaller levels down to one that fits on a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.formats.stored import default_channels
from morula.images.colours import COLOURS
from morula.images.image import Image
from morula.pyramids.regions import averaged, halved, part_of, regions
from morula.pyramids.zarr_words import axes_said, create_array, level_said, multiscale_said, write_group

if TYPE_CHECKING:
    from zarr import Array

SMALLEST = 512
"""Pixels of the longer side of the smallest level, at most."""
_CHUNKS = {2: (512, 512), 3: (16, 256, 256)}
"""Pixels along the spatial axes of a chunk, by their number."""
_SHARD = 8
"""Chunks along the last two axes of a shard."""
_PURE = {"red": "FF0000", "green": "00FF00", "blue": "0000FF"}


def write_levels(folder: Path, image: Image, version: str, *, shards: bool = False, masks: bool = False) -> list[Array]:
    """Write an image into a group that is there, level by level, each from the one before.

    Args:
        folder: the group.
        image: read region by region.
        version: of OME-Zarr.
        shards: whether chunks are put together.
        masks: whether smaller levels hold every second number, where those of images hold means.

    Returns:
        The levels, the full resolution first; their axes are those of `stored_letters`.

    Raises:
        FileError: the image cannot be read.
    """
    letters = stored_letters(image)
    sizes = dict(zip(image.axes, image.shape, strict=True))
    inner = dict(zip("ZYX"[-len(image.space) :], _CHUNKS[len(image.space)], strict=True))
    arrays: list[Array] = []
    while not arrays or max(sizes["Y"], sizes["X"]) > SMALLEST:
        if arrays:
            sizes |= {letter: halved(sizes[letter]) for letter in "YX"}
        chunks = [min(inner.get(letter, 1), sizes[letter]) for letter in letters]
        packed = [chunk * _SHARD if letter in "YX" else chunk for letter, chunk in zip(letters, chunks, strict=True)]
        array = create_array(folder / str(len(arrays)), version, letters, [sizes[letter] for letter in letters],
                             image.dtype, chunks, packed if shards else None)
        for box in regions(array.shape, array.shards or array.chunks):
            if not arrays:
                array[box] = part_of(image, letters, box)
                continue
            *others, rows, columns = box
            larger = np.asarray(arrays[-1][*others, _doubled(rows, arrays[-1].shape[-2]),
                                           _doubled(columns, arrays[-1].shape[-1])])
            array[box] = larger[..., ::2, ::2] if masks else averaged(larger)
        arrays.append(array)
    return arrays


def write_ome_zarr(folder: Path, image: Image, version: str, *, shards: bool = False, masks: bool = False) -> None:
    """Write an image as OME-Zarr into an empty folder; its description comes last. As for `write_levels`."""
    levels = write_levels(folder, image, version, shards=shards, masks=masks)
    letters = stored_letters(image)
    size = dict(zip(reversed("ZYX"), reversed(image.pixel_size or ()), strict=False))
    described = []
    for number in range(len(levels)):
        larger = {letter: 2**number if letter in "YX" else 1 for letter in letters}
        scale = [size.get(letter, 1.0) * larger[letter] for letter in letters]
        # The middle of a pixel is that of the pixels that it is made of; of masks it is the first of them.
        moved = [0.0 if masks else size.get(letter, 1.0) * (larger[letter] - 1) / 2 for letter in letters]
        described.append(level_said(str(number), scale, moved))
    unit = "micrometer" if image.pixel_size else None
    said: dict[str, Any] = {"multiscales": [multiscale_said(version, image.name, axes_said(letters, unit), described)]}
    if image.channels != default_channels(len(image.channels)):
        said["omero"] = {"channels": _channels(image, levels[-1], letters)}
    write_group(folder, version, said)


def stored_letters(image: Image) -> str:
    """The axes that an image is stored along: those that have something along them."""
    several = {"T": image.frames > 1, "C": len(image.channels) > 1 or image.channels != default_channels(1)}
    return "".join(letter for letter in image.axes if several.get(letter, True))


def _doubled(piece: slice, length: int) -> slice:
    return slice(2 * piece.start, min(2 * piece.stop, length))


def _channels(image: Image, smallest: Array, letters: str) -> list[dict[str, Any]]:
    """How channels are called, and between which values they are shown: those of the smallest level."""
    shown = np.moveaxis(np.asarray(smallest[...]), letters.index("C"), 0)
    full = np.iinfo(image.dtype) if image.dtype.kind in "iu" else None
    channels = []
    for name, numbers in zip(image.channels, shown, strict=True):
        low, high = float(numbers.min()), float(numbers.max())
        window = {"min": float(full.min) if full else low, "max": float(full.max) if full else high, "start": low,
                  "end": high}
        colour = _PURE[name] if image.channels == COLOURS else "FFFFFF"
        channels.append({"label": name, "color": colour, "active": True, "window": window})
    return channels
