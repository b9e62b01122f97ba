"""Images become files here: compressed TIFF, which Fiji, QuPath, napari and we can read; masks of NIfTI are NIfTI."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import OutputError
from morula.files import whole_file
from morula.formats.stored import OURS, Box, default_channels
from morula.images.aside import Aside, put_aside
from morula.images.colours import COLOURS
from morula.images.image import Image
from morula.images.room import IN_MEMORY, Room, bands_of
from morula.names.endings import NIFTI_ENDINGS, ending, stem

_IMAGEJ_TYPES = {"uint8", "uint16", "float32"}
_OME_TYPES = _IMAGEJ_TYPES | {"bool", "int8", "int16", "int32", "uint32", "float64"}
STRIP = 2**18
"""Bytes of a strip of rows, which is packed on its own."""
STRIPS = 64
"""How many of them are held at once, of planes that are not."""
_LARGEST_CLASSIC = 2**32 - 2**25
"""Bytes of pixels; beyond, the positions in a classic TIFF have no room."""


def write_stack(path: Path, image: Image, *, white: float | None = None) -> None:
    """Write an image as a TIFF with deflate, a frame at a time, whole or not at all.

    Axes, channel names and pixel size are kept; only a volume of a single plane comes back as a picture.
    The file is an ImageJ hyperstack where ImageJ knows the type of numbers and has room for all of them;
    OME-TIFF otherwise, and BigTIFF above 4 GB. ImageJ shows the value `white` as white, where it is given.

    Raises:
        OutputError: the file cannot be written, or no such TIFF can hold the type of numbers.
        FileError: a frame cannot be read.
    """
    from tifffile import TiffWriter

    if image.dtype.name not in _OME_TYPES:
        raise OutputError(
            f"{path}: few programs read a TIFF of {image.dtype} values. "
            "Convert them to float32 or to whole numbers of at most 32 bits."
        )
    shape = (image.frames, *((1,) * (3 - len(image.space)) + image.space))  # T Z Y X
    bytes_needed = int(np.prod((*shape, len(image.channels)), dtype=object)) * image.dtype.itemsize
    as_imagej = (
        image.dtype.name in _IMAGEJ_TYPES
        and bytes_needed < _LARGEST_CLASSIC
        and image.space[-1] > 1  # tifffile takes a width of one for colours
        and (len(image.channels) > 1 or image.channels == default_channels(1))
    )
    as_colours = as_imagej and image.dtype == np.uint8 and image.channels == COLOURS
    options = _imagej_options(image, as_colours, white) if as_imagej else _ome_options(image)
    frames, depth, *plane = shape
    rows = None if as_colours or np.prod(plane) <= IN_MEMORY else max(1, STRIP // (plane[1] * image.dtype.itemsize))
    channels = len(image.channels)
    with (
        whole_file(path) as temporary,
        TiffWriter(
            temporary, imagej=as_imagej, ome=not as_imagej, bigtiff=bytes_needed >= _LARGEST_CLASSIC
        ) as writer,
    ):
        writer.write(
            _strips(image, rows) if rows else _planes(image, as_colours),
            shape=(frames, depth, 1, *plane, 3) if as_colours else (frames, depth, channels, *plane),
            dtype=image.dtype,
            photometric="rgb" if as_colours else "minisblack",
            compression="zlib",
            rowsperstrip=rows,
            software=_software(),
            **options,
        )


@cache
def _software() -> str:
    """Who wrote it. Looking up the version reads a file each time."""
    return f"{OURS} {version('morula')}"


def write_mask(path: Path, frames: Iterable[Room], *, pixel_size: tuple[float, ...] | None) -> None:
    """Write class or object numbers as a TIFF: a plain picture for one frame, a stack in time for many.

    ImageJ shows the largest number as white; class 1 of 255 possible values would look black.

    Args:
        path: the file to make.
        frames: arrays of the shape `(*space)`, all alike, taken one at a time and, if they are several, put aside
            packed. Frames with more objects may have a wider type than others; then all are written in the widest.
        pixel_size: µm for each spatial axis, or None where unknown.

    Raises:
        ValueError: there are no frames, or they differ in shape or in the kind of numbers.
        OutputError: the file cannot be written.
    """
    frames = iter(frames)
    first, second = next(frames, None), next(frames, None)
    if first is None:
        raise ValueError("a mask must have frames, all alike; there are none")
    if second is None:
        kind = default_channels(1), first.shape, first.dtype, pixel_size
        return write_stack(path, Image(_PixelsOfOne(first), stem(path), 1, *kind), white=_largest(first))
    with put_aside(path) as aside:
        kinds, types, largest = set(), set(), 1.0
        for frame in chain((first, second), frames):
            largest = max(largest, _largest(frame))
            kinds.add((frame.shape, frame.dtype.kind))
            types.add(frame.dtype)
            aside.put(frame)
        if len(kinds) > 1:
            raise ValueError(f"a mask must have frames, all alike; these are {sorted(map(str, kinds))}")
        pixels, space = _PixelsAside(aside, np.result_type(*types)), first.shape
        image = Image(pixels, stem(path), len(aside), default_channels(1), space, pixels.dtype, pixel_size)
        write_stack(path, image, white=largest)


def _largest(mask: Room) -> float:
    """The largest number in a mask, or 1."""
    return max(1.0, *(float(mask[band].max()) for band in bands_of(mask.shape)))


def mask_name(image: Path) -> str:
    """What the mask of an image file is called: NIfTI beside NIfTI, and TIFF beside all others.

    >>> mask_name(Path("scan.nii")), mask_name(Path("cell.png"))
    ('scan.nii.gz', 'cell.tif')
    """
    return stem(image) + (".nii.gz" if ending(image) in NIFTI_ENDINGS else ".tif")


def write_mask_of(image: Image, path: Path, frames: Iterable[Room]) -> None:
    """Write the mask of an image in the form that the ending of `path` says, with what the image knows of its place.

    Args:
        image: the image, of which a NIfTI mask takes affine, units and the order of voxels from its file.
        path: the file to make, as `mask_name` calls it.
        frames: class or object numbers, unsigned `(*space)` for each frame, taken one at a time.

    Raises:
        OutputError: the file cannot be written.
    """
    if ending(path) not in NIFTI_ENDINGS:
        return write_mask(path, frames, pixel_size=image.pixel_size)
    from morula.images.nifti_masks import write_nifti_mask

    write_nifti_mask(path, frames, image)


@dataclass(frozen=True)
class _PixelsOfOne:
    """The numbers of a single frame, wherever they are."""

    numbers: Room

    def read(self, frame: int, box: Box) -> np.ndarray:
        return self.numbers[box][None]


@dataclass(frozen=True)
class _PixelsAside:
    """Frames of one channel, put aside until their number is known, which a stack begins with.

    Each has a type of its own, and is read as `dtype`.
    """

    aside: Aside
    dtype: np.dtype

    def read(self, frame: int, box: Box) -> np.ndarray:
        return self.aside[frame][box][None].astype(self.dtype, copy=False)


def _planes(image: Image, as_colours: bool) -> Iterator[np.ndarray]:
    """The pages of the file: for each frame and z one page a channel, or one page with all three colours."""
    for slab in _slabs(image):
        volume = slab.reshape(len(image.channels), -1, *image.space[-2:])
        for level in range(volume.shape[1]):
            if as_colours:
                yield np.moveaxis(volume[:, level], 0, -1)
            else:
                yield from volume[:, level]


def _slabs(image: Image) -> Iterator[np.ndarray]:
    """The frames, and of large volumes some planes at a time, `(channels, *space)`."""
    small = len(image.space) < 3 or np.prod(image.space, dtype=float) <= IN_MEMORY
    for frame in range(image.frames):
        for planes in image.whole[:1] if small else bands_of(image.space):
            yield image.region(frame, (planes, *image.whole[1:]))


def _strips(image: Image, rows: int) -> Iterator[bytes]:
    """The pages of a file whose planes are too large to be held: so many rows at a time, packed."""
    at_once = rows * STRIPS
    with ThreadPoolExecutor() as threads:
        for frame, *place, channel in np.ndindex(image.frames, *image.space[:-2], len(image.channels)):
            before = tuple(slice(at, at + 1) for at in place)
            for start in range(0, image.space[-2], at_once):
                band = slice(start, min(start + at_once, image.space[-2]))
                read = image.region(frame, (*before, band, image.whole[-1]))[channel].reshape(-1, image.space[-1])
                yield from threads.map(zlib.compress, (read[at : at + rows] for at in range(0, len(read), rows)))


def _imagej_options(image: Image, as_colours: bool, white: float | None) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": "TZCYXS" if as_colours else "TZCYX"}
    if white is not None:
        metadata |= {"min": 0.0, "max": white}
    if len(image.channels) > 1 and not as_colours:
        planes = image.frames * (image.space[0] if len(image.space) == 3 else 1)
        metadata |= {"mode": "composite", "Labels": list(image.channels) * planes}
    if not image.pixel_size:
        return {"metadata": metadata}
    *depth, height, width = image.pixel_size
    metadata["unit"] = "\\u00B5m"  # as ImageJ itself writes µm
    if depth:
        metadata["spacing"] = depth[0]
    return {"metadata": metadata, "resolution": (1 / width, 1 / height), "resolutionunit": "none"}


def _ome_options(image: Image) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": "TZCYX", "Channel": {"Name": list(image.channels)}}
    for letter, size in zip(reversed("ZYX"), reversed(image.pixel_size or ()), strict=False):
        metadata |= {f"PhysicalSize{letter}": size, f"PhysicalSize{letter}Unit": "µm"}
    return {"metadata": metadata}
