"""NIfTI, the form of medical volumes: `.nii` and `.nii.gz`, in both versions of the format.

A file counts its voxels along x, y and z, then along time and components, and says where x, y and z point in the
body. Here they are turned to point right, to the front and up, as nearly as the file's axes allow: then an image and a
mask lie on each other even if they were stored turned differently. (https://nifti.nimh.nih.gov/nifti-1)
"""

from __future__ import annotations

import gzip
import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.orientations import inv_ornt_aff, io_orientation

from morula.errors import FileError
from morula.formats.stored import Box, Contents, MappedArray, Stored
from morula.headers.limits import require_memory
from morula.headers.units import micrometres

_GZIP = b"\x1f\x8b"
_TIGHTEST = 1032
"""Bytes that one byte can stand for at most (RFC 1951: a code of one bit each for a distance and a length of 258)."""
_PADDING = 2**16
"""Bytes behind the array that some programs fill up."""
_LONGEST_HEADER = 2**24
"""Bytes that a header with all that is added to it may have."""
_HEADERS: dict[int, type[Nifti1Header]] = {348: Nifti1Header, 540: Nifti2Header}
"""By their size in bytes, with which they begin."""

# What nibabel finds peculiar about a header is either mended by it or an error: it must not reach a user's terminal.
_QUIET = logging.getLogger(__name__)
_QUIET.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class PackedArray:
    """An array inside a file packed by gzip, which has to be unpacked as a whole; the first axis counts fastest."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype

    def __post_init__(self):
        if self.needed > self.path.stat().st_size * _TIGHTEST:
            raise FileError(f"{self.path} is cut short: what it names is {self.needed:,} bytes, and no packed file of "
                            "its size holds so much. Copy it again from where it came from, or leave it out.")
        require_memory(self.path, 2 * self.needed)  # while it is unpacked

    @property
    def needed(self) -> int:
        """Bytes from the beginning of what is packed to the end of the array."""
        return self.offset + math.prod(self.shape) * self.dtype.itemsize

    def read(self, where: Box) -> np.ndarray:
        data = _unpacked(self.path, self.path.stat().st_mtime_ns, self.needed)
        count = math.prod(self.shape)
        return np.frombuffer(data, self.dtype, count, self.offset).reshape(self.shape, order="F")[where].copy()


@dataclass(frozen=True)
class Voxels:
    """Stored numbers along axes of which some are counted from their other end, scaled as the header says."""

    stored: Stored
    backwards: tuple[bool, ...]
    slope: float
    intercept: float

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stored.shape

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.float32) if self._scaled else self.stored.dtype

    @property
    def _scaled(self) -> bool:
        return (self.slope, self.intercept) != (1, 0)

    def read(self, where: Box) -> np.ndarray:
        turned = tuple(
            slice(length - piece.stop, length - piece.start) if back else piece
            for piece, length, back in zip(where, self.shape, self.backwards, strict=True)
        )
        part = np.flip(self.stored.read(turned), tuple(place for place, back in enumerate(self.backwards) if back))
        return (part.astype(float) * self.slope + self.intercept).astype(np.float32) if self._scaled else part


class Axis(NamedTuple):
    """An axis of a file: its letter, how many voxels it counts, and whether it counts them backwards."""

    letter: str
    length: int
    backwards: bool


def open_nifti(path: Path) -> Contents:
    """What a NIfTI file holds: mm become µm, and a unit that is not given is mm, if the file says where it lies."""
    header = read_header(path)
    axes = axes_of(header)
    kept = [axis for axis in axes if is_kept(axis)]
    offset, shape, dtype = header.get_data_offset(), tuple(axis.length for axis in kept), header.get_data_dtype()
    stored = (
        PackedArray(path, offset, shape, dtype) if _is_packed(path) else MappedArray(path, offset, shape, dtype, "F")
    )
    slope, intercept = header.get_slope_inter()
    backwards = tuple(axis.backwards for axis in kept)
    voxels = Voxels(stored, backwards, 1 if slope is None else slope, intercept or 0)
    # What tells no size is mended to 1 by the check.
    told = np.nan_to_num(np.asarray(_stored_header(path)["pixdim"][1:4], float)) > 0
    sizes = _pixel_size(header, axes) if told.all() else {}
    return Contents(voxels, "".join(axis.letter for axis in kept), sizes)


def voxels_apart(image: Path, mask: Path) -> float:
    """How far from a voxel of an image the same voxel of its mask lies in the body, by what both files say.

    Returns:
        The farthest of the corners, in voxels of the image along one axis; 0 where one of them does not say it.
    """
    headers = [read_header(path) for path in (image, mask)]
    if not all(map(_says_where_it_lies, headers)):
        return 0.0
    (affine, corners), (_, others) = map(_corners, headers)
    away = np.linalg.solve(affine[:3, :3], (others - corners).T)
    return float(np.abs(away).max()) if np.isfinite(away).all() else 0.0


def _corners(header: Nifti1Header) -> tuple[np.ndarray, np.ndarray]:
    """The affine of a volume as it is read, `(4, 4)`, and where its corner voxels lie in the body, `(8, 3)`."""
    shape = (*header.get_data_shape(), 1, 1)[:3]
    affine = header.get_best_affine()
    affine = affine @ inv_ornt_aff(io_orientation(affine), shape)
    turned = np.array([axis.length for letter in "XYZ" for axis in axes_of(header)[:3] if axis.letter == letter])
    corners = np.array(list(product((0, 1), repeat=3))) * (turned - 1)
    return affine, corners @ affine[:3, :3].T + affine[:3, 3]


def axes_of(header: Nifti1Header) -> list[Axis]:
    """The axes as they lie in the file, those of length one too."""
    shape = header.get_data_shape()
    shape = (*shape, *[1] * (3 - len(shape)))
    letters, backwards = "XYZ", [False] * len(shape)
    if _says_where_it_lies(header):
        orientation = io_orientation(header.get_best_affine())
        if np.isfinite(orientation).all():
            letters = "".join("XYZ"[int(axis)] for axis in orientation[:, 0])
            backwards[:3] = (orientation[:, 1] < 0).tolist()
    letters += "TC??"[: len(shape) - 3]
    return [Axis(*axis) for axis in zip(letters, shape, backwards, strict=True)]


def is_kept(axis: Axis) -> bool:
    """Whether an image has this axis: programs add and drop axes of length one as they like; but Y and X stay."""
    return axis.length != 1 or axis.letter in "YX"


def _says_where_it_lies(header: Nifti1Header) -> bool:
    return int(header["sform_code"]) > 0 or int(header["qform_code"]) > 0


def _pixel_size(header: Nifti1Header, axes: list[Axis]) -> Mapping[str, float]:
    unit = str(header.get_xyzt_units()[0])
    if unit == "unknown" and _says_where_it_lies(header):  # positions in the body are in mm
        unit = "mm"
    lengths = (float(f"{length:.7g}") for length in header.get_zooms()[:3])  # stored with seven digits
    found = {axis.letter: micrometres(length, unit) for axis, length in zip(axes, lengths, strict=False)}
    return {letter: size for letter, size in found.items() if size}


def read_header(path: Path) -> Nifti1Header:
    """The header, checked: what is wrong in it raises nibabel's HeaderDataError."""
    header = _stored_header(path)
    header.check_fix(logger=_QUIET)
    return header


def _stored_header(path: Path) -> Nifti1Header:
    """The header as it lies in the file."""
    with _opened(path) as file:
        beginning = file.read(4)
        sizes = {int.from_bytes(beginning, "little"), int.from_bytes(beginning, "big")} & set(_HEADERS)
        if not sizes:
            raise FileError(f"{path} holds no NIfTI volume. Unpack it, or give it the ending of what is in it.")
        size = sizes.pop()
        start = beginning + file.read(size - len(beginning))
        added = max(0, _HEADERS[size](start, check=False).get_data_offset() - size)
        start += file.read(min(added, _LONGEST_HEADER))
    return _HEADERS[size].from_fileobj(BytesIO(start), check=False)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """What is in a file, unpacked where it is packed."""
    packed = _is_packed(path)
    with path.open("rb") as file:
        yield gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[misc]


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP


@lru_cache(maxsize=1)  # parts of one volume are asked for one after another
def _unpacked(path: Path, modified: int, needed: int) -> bytes:
    """So many bytes that are packed in a file, whose checksum stands at its end, so that it has to be reached."""
    with _opened(path) as file:
        data = file.read(needed + _PADDING)
    if not needed <= len(data) < needed + _PADDING:
        raise FileError(f"{path} holds {'less' if len(data) < needed else 'far more'} than the {needed:,} bytes that "
                        "it names. It is damaged: copy it again from where it came from, or leave it out.")
    return data
