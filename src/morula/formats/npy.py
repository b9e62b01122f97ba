"""NPY: an array of numbers as NumPy keeps it, mapped into memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from morula.errors import FileError
from morula.formats.stored import Contents, MappedArray
from morula.names.endings import ending


def open_npy(path: Path) -> Contents:
    """What an NPY file holds, whose axes it does not name.

    Raises:
        FileError: it holds no numbers, or is cut short.
    """
    with path.open("rb") as file:
        shape, fortran, dtype = _header(file)
        if dtype.hasobject:
            raise FileError(f"{path} holds Python objects, not numbers. Save it as an array of numbers.")
        offset = file.tell()
    return Contents(MappedArray(path, offset, shape, dtype, "F" if fortran else "C"), "?" * len(shape))


def holds_objects(path: Path) -> bool:
    """Whether a file is an array of Python objects, such as Cellpose's `_seg.npy`. These are never unpacked, for that
    could run what is in them."""
    if ending(path) != ".npy" or not path.is_file():
        return False
    with suppress(Exception), path.open("rb") as file:  # whatever is wrong with it is told when it is opened
        return _header(file)[2].hasobject
    return False


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether the first axis counts fastest, and type; what the array holds is not read."""
    old = npy.read_magic(file) == (1, 0)
    return npy.read_array_header_1_0(file) if old else npy.read_array_header_2_0(file)
