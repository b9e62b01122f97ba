"""Numbers as they lie in a file, and the way from there to frames."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from morula.errors import FileError, reason
from morula.headers.limits import require_memory, too_large
from morula.whereabouts import is_elsewhere, way_failed

Box = tuple[slice, ...]
"""One slice for each axis, with start and stop inside of it and no step."""


class Stored(Protocol):
    """An array in a file, read in pieces. Every read opens the file anew: no handle is kept, and
    threads do not meet."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype: ...

    def read(self, where: Box) -> np.ndarray:
        """The part at `where`, one slice for each axis as stored."""
        ...


def box_shape(box: Box) -> tuple[int, ...]:
    """How many pixels a box has along each axis."""
    return tuple(piece.stop - piece.start for piece in box)


OURS = "Morula"
"""What the tag Software of a TIFF of ours says, before the version."""


@dataclass(frozen=True)
class Contents:
    """What a file says about itself.

    Attributes:
        stored: the numbers.
        axes: a letter of `TCZYX` for each stored axis, `?` where the file does not say.
        pixel_size: µm along the axes whose size is known, by letter.
        channels: the names of the channels, empty where the file has none.
        strange_units: the units of axes whose size is not known because the unit is not, by letter.
        unfinished: what is missing in a file that holds less than it names; empty where nothing is.
        orientation: how the picture lay before it was turned upright, as the tag of TIFF counts; 1 is upright, and
            None is a file of ours, which says nothing of how the image lay that it was made of.
        overlapping: pixels that several objects claim, where each has a file of its own.
    """

    stored: Stored
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    strange_units: Mapping[str, str] = field(default_factory=dict)
    unfinished: str = ""
    orientation: int | None = 1
    overlapping: int = 0


def default_channels(count: int) -> tuple[str, ...]:
    """The names of channels that nobody named."""
    return ("grey",) if count == 1 else tuple(f"channel {number}" for number in range(1, count + 1))


@dataclass(frozen=True)
class MappedArray:
    """An uncompressed array that begins at byte `offset` of a file; `dtype` tells the byte order."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype
    order: str = "C"

    def __post_init__(self):
        needed = self.offset + int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize
        require_bytes(self.path, needed)

    def read(self, where: Box) -> np.ndarray:
        if is_elsewhere(self.path):
            return self._asked_for(where)
        array = np.memmap(self.path, self.dtype, "r", self.offset, self.shape, self.order)  # type: ignore
        return np.array(array[where])

    def _asked_for(self, where: Box) -> np.ndarray:
        """The part at `where`, of the bytes from its first number to its last."""
        counted = self.shape if self.order == "C" else self.shape[::-1]
        behind = [math.prod(counted[axis + 1 :]) * self.dtype.itemsize for axis in range(len(counted))]
        steps = behind if self.order == "C" else behind[::-1]
        begin = sum(piece.start * step for piece, step in zip(where, steps, strict=True))
        span = sum((piece.stop - piece.start - 1) * step for piece, step in zip(where, steps, strict=True))
        require_memory(self.path, span)
        with self.path.open("rb") as file:
            file.seek(self.offset + begin)
            data = file.read(span + self.dtype.itemsize)
        return np.ndarray(box_shape(where), self.dtype, data, 0, steps).copy()


@dataclass(frozen=True)
class TranslatedArray:
    """Stored numbers that stand for rows of a table: a palette's colours, or grey upside down.

    `table` has the shape `(levels,)`, or `(levels, channels)`, which adds a last axis.
    """

    stored: Stored
    table: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stored.shape + self.table.shape[1:]

    @property
    def dtype(self) -> np.dtype:
        return self.table.dtype

    def read(self, where: Box) -> np.ndarray:
        own = len(self.stored.shape)
        levels = self.stored.read(where[:own]).astype(np.intp)
        return self.table[levels][(..., *where[own:])]


@dataclass(frozen=True)
class TurnedArray:
    """Stored numbers turned upright: axes of which two may change places, and some are counted from their other end.

    Attributes:
        stored: the numbers as they lie.
        swapped: the two axes that change places; the same twice where none do.
        backwards: the axes that are counted from their other end, once they have changed places.
    """

    stored: Stored
    swapped: tuple[int, int]
    backwards: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self._swap(self.stored.shape)

    @property
    def dtype(self) -> np.dtype:
        return self.stored.dtype

    def read(self, where: Box) -> np.ndarray:
        turned = tuple(
            slice(length - piece.stop, length - piece.start) if place in self.backwards else piece
            for place, (piece, length) in enumerate(zip(where, self.shape, strict=True))
        )
        return np.flip(self.stored.read(self._swap(turned)).swapaxes(*self.swapped), self.backwards)

    def _swap(self, of_axes: tuple[Any, ...]) -> tuple[Any, ...]:
        swapped = list(of_axes)
        one, other = self.swapped
        swapped[one], swapped[other] = of_axes[other], of_axes[one]
        return tuple(swapped)


@dataclass(frozen=True)
class StoredPixels:
    """The pixels of an `Image` whose axes lie in the file in another order; `axes` has no `?` any more."""

    path: Path
    stored: Stored
    axes: str

    def read(self, frame: int, box: Box) -> np.ndarray:
        sizes = dict(zip(self.axes, self.stored.shape, strict=True))
        wanted = {"T": slice(frame, frame + 1), "C": slice(0, sizes.get("C", 1))}
        wanted.update(zip("ZYX"[-len(box) :], box, strict=True))
        channels, itemsize = sizes.get("C", 1), self.stored.dtype.itemsize
        with errors_naming(self.path):
            require_memory(self.path, 2 * math.prod(box_shape(box)) * channels * itemsize)  # while it is put together
            part = self.stored.read(tuple(wanted[letter] for letter in self.axes))
        part = part.transpose([self.axes.index(letter) for letter in "TCZYX" if letter in self.axes])
        part = part.reshape(wanted["C"].stop, *box_shape(box))
        return np.ascontiguousarray(part, self.stored.dtype.newbyteorder("="))


def require_bytes(path: Path, needed: int) -> None:
    """Raise a FileError unless the file has at least `needed` bytes."""
    size = path.stat().st_size
    if size < needed:
        raise FileError(
            f"{path} is cut short: it has {size:,} bytes and should have at least {needed:,}. "
            "Copy it again from where it came from, or leave it out."
        )


@contextmanager
def errors_naming(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong inside into a FileError that names the file."""
    try:
        yield
    except FileError:
        raise
    except FileNotFoundError as error:
        what = f"is a link to {path.readlink()}, which does not exist" if path.is_symlink() else "does not exist"
        raise FileError(f"{path} cannot be read, for it {what}. Check the spelling and the folder.") from error
    except MemoryError as error:
        raise too_large(path, error) from error
    except Exception as error:  # decoders fail in their own ways, and promise none
        if failed := way_failed(path, error):
            raise failed from None
        raise FileError(
            f"{path} cannot be read ({reason(error)}). It is damaged, cut short or not an image: "
            "open it in Fiji and save it as TIFF, copy it again, or leave it out."
        ) from error
