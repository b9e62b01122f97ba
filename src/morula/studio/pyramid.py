"""Parts of images as large as a screen needs them, whatever the size of the image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from morula.images.image import Box, Image
from morula.projects.project import NotThere

TILE = 256
"""Pixels along a side of a tile on the screen."""
WHOLE = 2**24
"""Numbers of a plane that is read at once and kept; of larger ones, parts are read, and an overview is kept."""
OVERVIEW = 2048
"""Pixels along the longer side of an overview, at most."""
BAND = 512
"""Rows that are read at once for an overview."""
KEPT = 2**28
"""Bytes of planes and overviews that are kept, at most."""


@dataclass(frozen=True)
class Place:
    """A tile: of which frame and slice, at which level, and where.

    At level L, a pixel of the screen stands for 2^L pixels of the image along each side.
    """

    t: int
    z: int
    level: int
    x: int
    y: int

    def box(self, image: Image) -> tuple[slice, slice]:
        """The rows and columns of the image that it covers.

        Raises:
            NotThere: it lies outside.
        """
        height, width = image.space[-2:]
        side = TILE << self.level
        top, left = self.y * side, self.x * side
        slices = image.space[0] if len(image.space) == 3 else 1
        if self.t >= image.frames or self.z >= slices or top >= height or left >= width:
            raise NotThere("There is no such part of the image.")
        return slice(top, min(top + side, height)), slice(left, min(left + side, width))


class Pyramid:
    """Planes of images at every size. What was read last is kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple, np.ndarray] = OrderedDict()
        self._reading: dict[tuple, Lock] = {}
        self._lock = Lock()

    def tile(self, image: Image, key: str, place: Place) -> np.ndarray:
        """The numbers of a tile, `(channels, rows, columns)`; several pixels become their mean.

        Args:
            image: where they come from.
            key: the same for the same file only.
            place: which tile.

        Raises:
            NotThere: there is no such tile.
            FileError: the file cannot be read.
        """
        return self.part(image, key, place.t, place.z, place.box(image), 1 << place.level)

    def part(self, image: Image, key: str, t: int, z: int, box: tuple[slice, slice], step: int) -> np.ndarray:
        """The numbers of a part of a plane, `(channels, rows, columns)`; squares of `step` pixels become their mean.

        Args:
            image: where they come from.
            key: the same for the same file only.
            t: the frame.
            z: the slice.
            box: rows and columns; they begin at multiples of `step`.
            step: a power of two.

        Raises:
            FileError: the file cannot be read.
        """
        rows, columns = box
        if _numbers(image) <= WHOLE:
            plane = self._remembered((key, t, z), lambda: _region(image, t, z, _whole(image)))
            return shrunk(plane[:, rows, columns], step)
        coarse = overview_step(image)
        if step < coarse:
            return shrunk(_region(image, t, z, box), step)
        plane = self._remembered((key, t, z, "overview"), lambda: overview(image, t, z))
        inside = (slice(part.start // coarse, -(-part.stop // coarse)) for part in box)
        return shrunk(plane[(slice(None), *inside)], step // coarse)

    def sample(self, image: Image, key: str, t: int, z: int) -> np.ndarray:
        """Numbers from all over a plane, `(channels, rows, columns)`, at most some millions."""
        if _numbers(image) <= WHOLE:
            return self._remembered((key, t, z), lambda: _region(image, t, z, _whole(image)))
        return self._remembered((key, t, z, "overview"), lambda: overview(image, t, z))

    def _remembered(self, key: tuple, read: Callable[[], np.ndarray]) -> np.ndarray:
        """What was read before, or is read now: by one of all that ask for it at once."""
        with self._lock:
            reading = self._reading.setdefault(key, Lock())
        with reading:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
            try:
                plane = read()
            finally:
                with self._lock:
                    self._reading.pop(key, None)
            with self._lock:
                self._kept[key] = plane
                while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > KEPT:
                    self._kept.popitem(last=False)
            return plane


def overview_step(image: Image) -> int:
    """Every how many pixels one is taken for the overview of a large image: a power of two."""
    step = 1
    while max(image.space[-2:]) > OVERVIEW * step:
        step *= 2
    return step


def overview(image: Image, t: int, z: int) -> np.ndarray:
    """Every so many pixels of a plane, read a band of rows at a time: `(channels, rows, columns)`."""
    step, (height, width) = overview_step(image), image.space[-2:]
    rows = max(BAND, step)
    bands = [_region(image, t, z, (slice(top, min(top + rows, height)), slice(0, width)))[:, ::step, ::step].copy()
             for top in range(0, height, rows)]
    return np.concatenate(bands, axis=1)


def shrunk(plane: np.ndarray, step: int) -> np.ndarray:
    """The mean of squares of so many pixels along a side; at the right and lower end, of what is left of them."""
    return plane if step == 1 else _means(_means(plane, step, -2), step, -1)


def _means(plane: np.ndarray, step: int, axis: int) -> np.ndarray:
    """Means along an axis: all first numbers are added, then all second ones. `np.add.reduceat` takes fifteen times
    as long."""
    along = np.moveaxis(plane, axis, 0)
    sums = along[::step].astype(np.float32)
    for first in range(1, step):
        part = along[first::step]
        sums[: len(part)] += part
    sums[:-1] /= step
    sums[-1] /= len(along) - step * (len(sums) - 1)
    return np.moveaxis(sums, 0, axis)


def _region(image: Image, t: int, z: int, part: tuple[slice, slice]) -> np.ndarray:
    box: Box = (slice(z, z + 1), *part) if len(image.space) == 3 else part
    pixels = image.region(t, box)
    return pixels.reshape(len(pixels), *pixels.shape[-2:])


def _whole(image: Image) -> tuple[slice, slice]:
    height, width = image.space[-2:]
    return slice(0, height), slice(0, width)


def _numbers(image: Image) -> float:
    return float(np.prod(image.space[-2:], dtype=float)) * len(image.channels)
