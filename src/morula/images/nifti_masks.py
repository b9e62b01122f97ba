"""Masks of NIfTI files: turned back to how their image lies in its file, so that they lie on it voxel by voxel."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from nibabel.nifti1 import Nifti1Header, Nifti1Image
from nibabel.nifti2 import Nifti2Header, Nifti2Image

from morula.files import whole_file
from morula.formats.nifti import axes_of, is_kept, read_header
from morula.formats.stored import errors_naming
from morula.images.image import Image
from morula.images.room import Room


def write_nifti_mask(path: Path, frames: Iterable[Room], image: Image) -> None:
    """Write class or object numbers as `.nii.gz`, with affine, units and order of voxels of their image's file.

    Args:
        path: the file to make.
        frames: unsigned `(*space)`, one for each frame of the image.
        image: read from a NIfTI file, which is still there.

    Raises:
        OutputError: the file cannot be written.
        FileError: the image's file is no longer there, or no NIfTI file.
    """
    assert image.path is not None
    with errors_naming(image.path):
        header = read_header(image.path)
    mask = _turned_back(np.stack([np.asarray(frame) for frame in frames]), image, header)
    header.set_data_dtype(mask.dtype)
    header.set_slope_inter(1, 0)
    header.set_intent("label")
    header["cal_min"] = header["cal_max"] = 0  # the brightness at which the image is shown
    kind = Nifti2Image if isinstance(header, Nifti2Header) else Nifti1Image
    data = kind(mask, None, header).to_bytes()
    with whole_file(path) as temporary:
        temporary.write_bytes(gzip.compress(data, compresslevel=6, mtime=0))


def _turned_back(mask: np.ndarray, image: Image, header: Nifti1Header) -> np.ndarray:
    """A mask `(frames, *space)` along the axes of its image's file, except that it has a single channel."""
    letters = "T" + "ZYX"[-len(image.space) :]
    if "T" not in image.stored_axes:
        mask, letters = mask[0], letters[1:]
    mask = mask.transpose([letters.index(letter) for letter in image.stored_axes if letter != "C"])
    named = iter(image.stored_axes)
    axes = [axis if is_kept(axis) and next(named) != "C" else axis._replace(length=1) for axis in axes_of(header)]
    while len(axes) > min(3, len(header.get_data_shape())) and axes[-1].length == 1:
        axes.pop()
    mask = mask.reshape([axis.length for axis in axes])
    return np.flip(mask, tuple(place for place, axis in enumerate(axes) if axis.backwards))
