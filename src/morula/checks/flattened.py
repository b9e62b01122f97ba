"""A frame of any size as one plane of few pixels, by which images are compared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from morula.images.banded import rows_of
from morula.images.image import Image
from morula.images.room import bands_of

LARGEST = 256
"""Pixels along the longer side; larger planes are binned."""


class Flattening:
    """One plane that is made of a frame while its rows are read.

    A volume is averaged along its first axis, and blocks of pixels where they are too many. Channels are brought to
    mean 0 and standard deviation 1, and averaged.
    """

    def __init__(self, space: tuple[int, ...]):
        """`space` is the shape of the frame without channels."""
        self._space = space
        self._block = [min(side, -(-max(space[-2:]) // LARGEST)) for side in space[-2:]]
        self._rows: list[np.ndarray] = []
        self._sum: np.ndarray | None = None

    @property
    def bands(self) -> Iterator[slice]:
        """The rows of a picture, or planes of a volume, that are to be added one after the other."""
        return bands_of(self._space, 1 if len(self._space) == 3 else self._block[0])

    def add(self, part: np.ndarray) -> None:
        """Add the next of the bands, `(channels, rows, *rest)`."""
        if len(self._space) == 2:
            return self._rows.append(self._binned(part.astype(np.float32)))
        found = part.sum(axis=1, dtype=np.float32)
        self._sum = found if self._sum is None else self._sum + found

    @property
    def plane(self) -> np.ndarray:
        """What came of all bands, `(y, x)`, dtype float32, at most `LARGEST` pixels wide."""
        flat = (np.concatenate(self._rows, axis=1) if self._sum is None
                else self._binned(self._sum / np.float32(self._space[0])))
        flat -= flat.mean(axis=(1, 2), keepdims=True)
        flat /= np.maximum(flat.std(axis=(1, 2), keepdims=True), 1e-6)
        return flat.mean(axis=0)

    def _binned(self, flat: np.ndarray) -> np.ndarray:
        """Means of blocks; what is left over at the far ends is left out."""
        (tall, wide), (height, width) = self._block, flat.shape[1:]
        high, broad = height // tall, width // wide
        return flat[:, : high * tall, : broad * wide].reshape(len(flat), high, tall, broad, wide).mean(axis=(2, 4))


def plane_of(image: Image, frame: int = 0) -> np.ndarray:
    """One plane of a frame, as `Flattening` makes it, `(y, x)`.

    Raises:
        FileError: the frame cannot be read.
    """
    flattening, rows = Flattening(image.space), rows_of(image, frame)
    for band in flattening.bands:
        flattening.add(rows(band))
    return flattening.plane
