"""The rows of a frame, read when they are asked for where memory should not hold all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from morula.images import room
from morula.images.image import Image

RowsOf = Callable[[slice], np.ndarray]
"""Gives some rows of a picture, or planes of a volume, `(channels, rows, *rest)`."""


def rows_of(image: Image, frame: int) -> RowsOf:
    """How to get at the rows of one frame.

    What memory may hold is read once and at once: some files are unpacked as a whole, however little of them is wanted.

    Raises:
        FileError: the frame cannot be read.
    """
    if np.prod(image.space, dtype=float) <= room.IN_MEMORY:
        whole = image.frame(frame)
        return lambda rows: whole[:, rows]
    return lambda rows: image.region(frame, (rows, *image.whole[1:]))

