"""Masks with a file for each object, gathered into one label image."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import FileError
from morula.formats.stored import Box, Contents

MOST = np.iinfo(np.uint16).max
"""Objects that can be numbered."""


@dataclass(frozen=True)
class PackedLabels:
    """A label image, uint16, that takes little memory."""

    data: bytes
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint16)

    def read(self, where: Box) -> np.ndarray:
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)[where]


def gather(folder: Path, files: Sequence[tuple[Path, Contents]]) -> Contents:
    """One label image of masks that show an object each, numbered from 1 in the order of the files.

    A pixel that several claim is the first one's.

    Args:
        folder: where they lie.
        files: at least one.

    Raises:
        FileError: they differ in shape, or are too many.
    """
    first, described = files[0]
    if len(files) > MOST:
        raise FileError(f"{folder} holds {len(files)} files, and at most {MOST} objects of one image are numbered.")
    shape = _object(described).shape
    labels, overlapping = np.zeros(shape, np.uint16), np.zeros(shape, bool)
    for number, (path, contents) in enumerate(files, start=1):
        mask = _object(contents)
        if mask.shape != labels.shape:
            raise FileError(f"{path} has the shape {mask.shape}, and {first} {labels.shape}. Give the masks of all "
                            "objects of one image its size.")
        overlapping |= mask & (labels > 0)
        labels[mask & (labels == 0)] = number
    packed = PackedLabels(zlib.compress(labels.data, level=1), labels.shape)
    return Contents(packed, described.axes.replace("C", ""), described.pixel_size, overlapping=int(overlapping.sum()))


def _object(contents: Contents) -> np.ndarray:
    """Where the object of a file is, bool, without an axis of channels."""
    pixels = contents.stored.read(tuple(slice(0, length) for length in contents.stored.shape))
    if "C" in contents.axes:
        colours = pixels.shape[contents.axes.index("C")] - ("alpha" in contents.channels)
        pixels = np.moveaxis(pixels, contents.axes.index("C"), 0)[:colours].max(axis=0)
    return pixels > pixels.max() / 2  # grey edges and the grain of JPEG are no objects
