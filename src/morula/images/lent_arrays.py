"""Images as arrays of other libraries: of dask, which reads when it is asked, and of xarray, which has names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from morula.libraries import asked_of

LARGEST_SIDE = 2048
"""Pixels of a plane that are read at once: larger planes are read in squares."""

Region = Callable[[int, tuple[slice, ...]], np.ndarray]
"""Reads a part of a frame, see `Image.region`."""


def in_planes(region: Region, shape: Sequence[int], dtype: np.dtype) -> Any:
    """An array of dask, of which a plane of one frame with all its channels is read at once.

    Args:
        region: reads a part of a frame.
        shape: `(frames, channels, *space)`.
        dtype: of its numbers.

    Raises:
        RequestError: dask is not installed.
    """
    with asked_of("dask", "An array that is read when it is asked for"):
        from dask.array import map_blocks
        from dask.array.core import normalize_chunks

    def read(block_info: Mapping[Any, Any]) -> np.ndarray:
        (frame, _), _, *sides = block_info[None]["array-location"]
        return region(frame, tuple(slice(*side) for side in sides))[None]

    _, channels, *depth = shape[:-2]
    plane = (math.ceil(side / math.ceil(side / LARGEST_SIDE)) for side in shape[-2:])
    chunks = normalize_chunks((1, channels, *(1 for _ in depth), *plane), tuple(shape))
    return map_blocks(read, chunks=chunks, dtype=dtype, meta=np.empty((0,) * len(shape), dtype))


def with_places(
    array: np.ndarray, axes: str, channels: Sequence[str], pixel_size: Sequence[float] | None, name: str
) -> Any:
    """A DataArray of xarray whose axes are called t, c, z, y and x; along the last, places of pixel centres in µm.

    Args:
        array: numbers with the axes `axes`.
        axes: letters of `TCZYX`.
        channels: names, the coordinates along c.
        pixel_size: µm along each spatial axis; None where unknown, and places are not told.
        name: of the array.

    Raises:
        RequestError: xarray is not installed.
    """
    with asked_of("xarray", "An array with names"):
        import xarray

    sizes = dict(zip("ZYX"[-len(pixel_size):], pixel_size, strict=True)) if pixel_size else {}
    lengths = dict(zip(axes, array.shape, strict=True))
    places = {letter.lower(): (letter.lower(), size * np.arange(lengths[letter]), {"units": "micrometer"})
              for letter, size in sizes.items()}
    return xarray.DataArray(array, {"c": list(channels), **places}, [letter.lower() for letter in axes], name)
