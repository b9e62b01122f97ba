"""Files become layers: one for each channel, colours as one, and masks that `morula segment` has written as labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.images.colours import COLOURS
from morula.images.image import Image
from morula.images.read import open_image, without_alpha
from morula.napari_plugin.placing import place_of
from morula.segmenting.frames import TABLE, SegmentedFrame, read_frames

if TYPE_CHECKING:
    from napari.types import LayerData

AT_ONCE = 2**28
"""Bytes that are read at once; of larger files, planes when they are looked at."""


def reader_of(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """What reads these files; None where they are a stack, which napari puts together from its own."""
    return read_layers if isinstance(path, str) else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """The layers of a file.

    Raises:
        FileError: it cannot be read.
    """
    file = Path(str(path))
    image = without_alpha(open_image(file))
    rows = [row for rows in read_frames(file.parent / TABLE).values() for row in rows if row.mask == file.name]
    if rows and image.dtype.kind in "ui" and len(image.channels) == 1:
        return [labels_layer(image, rows)]
    return image_layers(image)


def image_layers(image: Image) -> list[LayerData]:
    """A layer for each channel of an image, or one for its three colours."""
    pixels = _pixels(image)
    place = {**place_of(image), "metadata": {"morula": {"warnings": list(image.warnings)}}}
    if image.channels == COLOURS:
        return [(_shown(np.moveaxis(pixels, 1, -1), image), {**place, "name": image.name, "rgb": True}, "image")]
    names = [image.name] if len(image.channels) == 1 else [f"{image.name} {channel}" for channel in image.channels]
    blended = {"blending": "additive"} if len(names) > 1 else {}
    return [(_shown(pixels[:, number], image), {**place, **blended, "name": name}, "image")
            for number, name in enumerate(names)]


def labels_layer(image: Image, rows: Sequence[SegmentedFrame]) -> LayerData:
    """A mask of `morula segment` with what its table says of it."""
    words = [row.in_words for row in sorted(rows, key=lambda row: row.frame)]
    told = {"name": image.name, "metadata": {"morula": {"model": rows[0].model, "frames": words}}}
    return (_shown(_pixels(image)[:, 0], image), {**place_of(image), **told}, "labels")


def _pixels(image: Image) -> Any:
    """All of them `(frames, channels, *space)`, in memory where they are few."""
    few = np.prod(image.shape, dtype=float) * image.dtype.itemsize <= AT_ONCE
    return image.array() if few else image.to_dask()


def _shown(pixels: Any, image: Image) -> Any:
    """Without the axis of time where there is but one moment."""
    return pixels[0] if image.frames == 1 else pixels
