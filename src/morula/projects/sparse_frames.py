"""Frames of numbers in a file that takes room only where something is, and is changed in place.

It is read through a map into memory, as fast as memory, and written through the file: on a full disk, a write through
a map would end the process, and one through the file is an error that can be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from threading import Lock

import numpy as np

from morula.files import errors_of_writing, reach_the_disk
from morula.images.image import Box


class SparseFrames:
    """Numbers `(frames, *space)` in a file of NumPy's, all 0 at first.

    Attributes:
        new: whether the file was made just now, since there was none of this shape and type.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype):
        self._path = path
        with errors_of_writing(path, option=None):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.new = _kind(path) != (shape, dtype)
            if self.new:
                np.lib.format.open_memmap(path, "w+", dtype, shape)
            self._seen = np.lib.format.open_memmap(path, "r")
            self._file = path.open("r+b", buffering=0)
        self._lock = Lock()

    def read(self, frame: int, box: Box, step: int = 1) -> np.ndarray:
        """A copy of a part of a frame, `(*box)`; of rows and columns, one of so many."""
        return np.array(self._seen[(frame, *box)][..., ::step, ::step])

    def write(self, frame: int, box: Box, numbers: np.ndarray) -> None:
        """Put numbers `(*box)` into a part of a frame; they are kept by the system when this returns.

        Raises:
            OutputError: the disk is full, or gone.
            ValueError: they are not as many.
        """
        numbers = np.ascontiguousarray(numbers, self._seen.dtype)
        if numbers.shape != tuple(part.stop - part.start for part in box):
            raise ValueError(f"numbers of the shape {numbers.shape} do not fit {box}")
        whole = _whole_axes(box, self._seen.shape[1:])
        leading = len(box) - whole - 1  # rows of what is contiguous in the file are written at once
        for place in np.ndindex(numbers.shape[: max(leading, 0)]):
            starts = [part.start + along for part, along in zip(box, place, strict=False)]
            starts += [part.start for part in box[len(place) :]]
            self._put([frame, *starts], numbers[place])

    def reach_the_disk(self) -> None:
        """Wait until what was written is safe from a pulled plug.

        Raises:
            OutputError: the disk fails.
        """
        with errors_of_writing(self._path, option=None):
            reach_the_disk(self._file.fileno())

    def highest(self, frame: int) -> int:
        """The highest number of a frame."""
        return int(self._seen[frame].max())

    def any(self, frame: int) -> bool:
        """Whether anything of a frame is not 0."""
        return bool(self._seen[frame].any())

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _put(self, starts: Sequence[int], numbers: np.ndarray) -> None:
        offset = sum(start * stride for start, stride in zip(starts, self._seen.strides, strict=True))
        left = numbers.reshape(-1).view(np.uint8).data
        with self._lock, errors_of_writing(self._path, option=None):
            self._file.seek(self._seen.offset + offset)
            while left:
                left = left[self._file.write(left) :]


def _whole_axes(box: Box, space: tuple[int, ...]) -> int:
    """How many of the last axes a box covers from end to end."""
    count = 0
    for part, length in zip(reversed(box), reversed(space), strict=True):
        if (part.start, part.stop) != (0, length):
            break
        count += 1
    return count


def put_in_place(path: Path, shape: tuple[int, ...], dtype: np.dtype, *, beside: Path) -> None:
    """Put a file of another shape or type aside, and one that fits back in its place, each with a file beside it."""
    there = _kind(path)
    if there == (shape, dtype):
        return
    for each in (path, beside):
        if there and each.is_file():
            each.replace(_aside(each, *there))
        if (aside := _aside(each, shape, dtype)).is_file():
            aside.replace(each)


def _aside(path: Path, shape: tuple[int, ...], dtype: np.dtype) -> Path:
    return path.with_suffix(f".{'x'.join(map(str, shape))}.{dtype.name}{path.suffix}")


def _kind(path: Path) -> tuple[tuple[int, ...], np.dtype] | None:
    """Shape and type of the numbers in such a file; None if there is none, or it is not whole."""
    try:
        seen = np.lib.format.open_memmap(path, "r")
    except FileNotFoundError:
        return None
    except OSError:  # which says nothing of what is in it, and it must not be made anew
        raise
    except Exception:  # NumPy fails in its own ways, and promises none
        return None
    return (seen.shape, seen.dtype) if seen.size == prod(seen.shape) else None
