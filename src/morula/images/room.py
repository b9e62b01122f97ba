"""Room for the numbers of one frame: in memory, or in a file without a name where they are too many for that."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from morula.errors import OutputError

T = TypeVar("T")

IN_MEMORY = 2**26
"""Pixels of a frame whose numbers are held in memory."""
BAND = 2**23
"""Pixels that are looked at together, where a frame is gone through from top to bottom."""
SLAB = 2**25
"""Bytes of a file that are mapped at once."""


class OnDisk:
    """Numbers `(*space)` that are read and written a part at a time, as those of an array are.

    They begin as 0. Nothing but the parts that are asked for is in memory, and the file goes with the object.

    Raises:
        OutputError: there is no room on the disk.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype | type):
        self.shape, self.dtype = shape, np.dtype(dtype)
        folder = _folder()
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
            left = self.size * self.dtype.itemsize
            while left:  # what was never written would be missed only when it is mapped, which ends the process
                left -= self._file.write(bytes(min(left, SLAB)))
            self._file.flush()
        except OSError as error:
            raise OutputError(f"A frame of {' × '.join(map(str, shape))} pixels is too large for the memory, and for "
                              f"{folder} ({error.strerror or error}). Make room there, or name another folder with "
                              "TMPDIR.") from error

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=object))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, box: Any) -> np.ndarray:
        """A copy of a part, by slices with or without steps."""
        first, *rest = box if isinstance(box, tuple) else (box,)
        start, stop, step = first.indices(self.shape[0])
        part = np.empty(np.broadcast_to(self.dtype.type(), self.shape)[first, *rest].shape, self.dtype)
        at_once = max(1, SLAB // (self.dtype.itemsize * (self.size // self.shape[0]) * step))
        for row in range(0, len(part), at_once):
            part[row : row + at_once] = self._mapped("r")[start + row * step : stop : step, *rest][:at_once]
        return part

    def __setitem__(self, box: Any, numbers: Any) -> None:
        self._mapped("r+")[box] = numbers

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """All of it, in memory.

        Raises:
            ValueError: `copy` is False.
        """
        if copy is False:
            raise ValueError("numbers on disk are no array without a copy of them")
        return self[:].astype(dtype or self.dtype, copy=False)

    def _mapped(self, mode: Any) -> np.ndarray:
        """All of the file for a moment: what was touched of it counts as memory of this process until it is let go."""
        return np.memmap(self._file, self.dtype, mode, shape=self.shape)


Room: TypeAlias = np.ndarray | OnDisk
"""The numbers of a frame, wherever they are."""


def room_for(shape: tuple[int, ...], dtype: np.dtype | type) -> Room:
    """Room for numbers `(*space)`, all of which will be written."""
    return np.empty(shape, dtype) if np.prod(shape, dtype=float) <= IN_MEMORY else OnDisk(shape, dtype)


def bands_of(shape: tuple[int, ...], multiple: int = 1) -> Iterator[slice]:
    """The rows of a frame, or planes of a volume, from top to bottom, so many at a time that memory holds them; all
    bands begin at a multiple of so many."""
    rows = max(1, BAND // max(1, int(np.prod(shape[1:], dtype=object))))
    rows = max(multiple, rows - rows % multiple)
    return (slice(start, min(start + rows, shape[0])) for start in range(0, shape[0], rows))


def kept_once(look: Callable[[slice], T]) -> Callable[[slice], T]:
    """The same look at a band, not taken again while it is the same one: most frames are a single band."""
    last: list[tuple[slice, T]] = []

    def kept(band: slice) -> T:
        if not last or last[0][0] != band:
            last[:] = [(band, look(band))]
        return last[0][1]

    return kept


def _folder() -> Path:
    """Where large files may lie for a while: the folder that systems have for it is often one in memory."""
    lasting = Path("/var/tmp")
    return lasting if "TMPDIR" not in os.environ and lasting.is_dir() else Path(tempfile.gettempdir())
