"""Frames put aside, packed: in memory while they take little of it, then in a file without a name."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from morula.errors import OutputError
from morula.images.room import OnDisk, Room

IN_MEMORY = 2**24
"""Bytes of packed frames that are kept in memory."""


class _Packed(NamedTuple):
    """Where a packed frame begins and how long it is, and what it was."""

    start: int
    length: int
    dtype: np.dtype
    shape: tuple[int, ...]


class Aside:
    """Arrays that are put aside one after the other, and read again in any order."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._packed: list[_Packed | OnDisk] = []
        self._end = 0

    def put(self, frame: Room) -> None:
        """Put one more aside, of any shape and type of numbers; one that is on disk already stays there."""
        if isinstance(frame, OnDisk):
            return self._packed.append(frame)
        data = zlib.compress(np.ascontiguousarray(frame).data, level=1)
        self._file.seek(self._end)
        self._file.write(data)
        self._packed.append(_Packed(self._end, len(data), frame.dtype, frame.shape))
        self._end += len(data)

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, number: int) -> Room:
        held = self._packed[number]
        if isinstance(held, OnDisk):
            return held
        start, length, dtype, shape = held
        self._file.seek(start)
        return np.frombuffer(zlib.decompress(self._file.read(length)), dtype).reshape(shape)


@contextmanager
def put_aside(path: Path) -> Iterator[Aside]:
    """Room for frames that belong into `path` once all of them are known; nothing of it is left afterwards.

    Raises:
        OutputError: there is not enough.
    """
    try:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            yield Aside(file)
    except OSError as error:
        raise OutputError(f"{path} cannot be put together ({error.strerror or error}). Make room in "
                          f"{tempfile.gettempdir()}, or name another folder with TMPDIR.") from error
