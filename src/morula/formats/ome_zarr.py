"""OME-Zarr: images as many packed pieces in a folder, at full resolution and smaller (https://ngff.openmicroscopy.org).

Versions 0.4 (Zarr v2) and 0.5 (Zarr v3, with shards or without). A part is read from the chunks that it touches.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.errors import FileError, reason
from morula.formats.scenes import named
from morula.formats.stored import Box, Contents, box_shape
from morula.headers.limits import require_decodable, require_planes
from morula.headers.units import is_strange, micrometres
from morula.headers.zarr_groups import attributes, images_inside, member
from morula.names.endings import LABELS, called
from morula.plurals import many
from morula.whereabouts import files_below, gives_parts, lists, store_of, way_failed

if TYPE_CHECKING:
    from zarr import Array

_KINDS = {"time": "T", "channel": "C"}
_CHUNK = re.compile(r"(c[./])?\d+([./]\d+)*")
"""What a chunk is called in its array."""
_MOST_ABSENT = 0.1
"""Share of chunks that may be absent, as empty ones are, before it is said."""


@dataclass(frozen=True)
class Level:
    """An image at one resolution.

    Attributes:
        path: the array.
        scale: how far its pixels are apart along each axis.
        translation: where the first one lies.
    """

    path: Path
    scale: tuple[float, ...]
    translation: tuple[float, ...]


@dataclass(frozen=True)
class Multiscale:
    """An image at several resolutions, as its group describes it.

    Attributes:
        group: where it lies.
        version: of OME-Zarr.
        letters: of `TCZYX`, one for each axis.
        axes: what is said of each: its name, its type, its unit.
        levels: the full resolution first.
        channels: their names; none where two would have the same.
    """

    group: Path
    version: str
    letters: str
    axes: tuple[Mapping[str, Any], ...]
    levels: tuple[Level, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class ChunkedArray:
    """An array of Zarr, without those of its axes that have length one and are left out."""

    path: Path
    full: tuple[int, ...]  # the lengths of all axes
    dtype: np.dtype
    kept: tuple[int, ...]  # the axes that are not left out

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.full[axis] for axis in self.kept)

    def read(self, where: Box) -> np.ndarray:
        pieces = dict(zip(self.kept, where, strict=True))
        array = open_array(self.path)
        if array.shape != self.full:
            raise FileError(f"{self.path} has another shape than before: {array.shape} instead of {self.full}. "
                            "Something is writing to it: wait until that is done, and begin again.")
        try:
            part = array[tuple(pieces.get(axis, slice(0, 1)) for axis in range(len(self.full)))]
        except MemoryError:
            raise
        except Exception as error:  # codecs fail in their own ways, and promise none
            if failed := way_failed(self.path, error):
                raise failed from None
            raise FileError(f"{self.path} holds a chunk that cannot be read ({reason(error)}). It is damaged or cut "
                            "short: copy the OME-Zarr again, or leave it out.") from error
        return np.asarray(part).reshape(box_shape(where))


def open_ome_zarr(path: Path) -> Contents:
    """What an image in an OME-Zarr holds, at its full resolution; units of length become µm.

    Args:
        path: the group of the image, or that of a whole file that holds one image.

    Raises:
        FileError: there is no image or more than one, it is damaged, or of a version that is not read.
    """
    multiscale = open_multiscale(path)
    full = multiscale.levels[0]
    array = open_array(full.path)
    letters = multiscale.letters
    if len(array.shape) != len(letters):
        raise FileError(f"{path} names the axes {letters.lower()}, and its array has {len(array.shape)}. It is "
                        "damaged: write it again with the program that it came from.")
    sizes = dict(zip(letters, array.shape, strict=True))
    require_planes(path, math.prod(sizes.get(letter, 1) for letter in "TCZ"))
    require_decodable(path, array.chunks, "a chunk")
    if array.shards and not gives_parts(full.path / "zarr.json"):
        raise FileError(f"{path} has shards, of which parts are read, and its server gives whole files alone. Copy the "
                        "OME-Zarr here first.")
    kept = tuple(axis for axis, letter in enumerate(letters) if letter in "YX" or array.shape[axis] != 1)
    lengths = {letter: (scale, str(axis.get("unit") or ""))
               for letter, axis, scale in zip(letters, multiscale.axes, full.scale, strict=True) if letter in "ZYX"}
    return Contents(
        ChunkedArray(full.path, array.shape, array.dtype, kept),
        "".join(letters[axis] for axis in kept),
        {letter: size for letter, length in lengths.items() if (size := micrometres(*length))},
        multiscale.channels,
        {letter: unit for letter, (_, unit) in lengths.items() if is_strange(unit)},
        _absent(path, array, full.path),
    )


def open_multiscale(path: Path) -> Multiscale:
    """How an image in an OME-Zarr is described.

    Raises:
        FileError: as for `open_ome_zarr`.
    """
    found = attributes(path)
    if found is not None and "multiscales" not in found:
        inside = images_inside(path)
        if len(inside) > 1:
            raise FileError(f"{path} holds {len(inside)} images. Give one of them, such as {inside[0]}.")
        if inside != [path]:
            return open_multiscale(inside[0])
    if found is None and not path.exists():
        raise FileNotFoundError(path)
    if not found or "multiscales" not in found:
        raise FileError(f"{path} is no OME-Zarr: nothing in it says what its arrays are. If its name misleads, rename "
                        "it; else write it again with the program that it came from.")
    try:
        return _described(path, found)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path} is damaged: its description of the image (multiscales) is not that of OME-Zarr "
                        f"{found['version']}. Write it again with the program that it came from.") from error


def _described(path: Path, found: Mapping[str, Any]) -> Multiscale:
    """What a group says of the first of its images, which is mostly the only one."""
    described = found["multiscales"][0]
    axes = tuple(described["axes"])
    letters = "".join(map(_letter, axes))
    if "?" in letters or len(set(letters)) < len(letters) or not {"Y", "X"} <= set(letters):
        named = ", ".join(str(axis.get("name")) for axis in axes)
        raise FileError(f"{path} has the axes {named}, and t, c, z, y and x are known, each once, y and x among them. "
                        "Write it again without the others.")
    whole_scale, whole_shift = _transformed(described, len(axes))
    levels = []
    for dataset in described["datasets"]:
        scale, shift = _transformed(dataset, len(axes))
        levels.append(Level(member(path, dataset["path"]), tuple(map(math.prod, zip(scale, whole_scale, strict=True))),
                            tuple(a * b + c for a, b, c in zip(shift, whole_scale, whole_shift, strict=True))))
    _ = levels[0]  # there is one
    return Multiscale(path, found["version"], letters, axes, tuple(levels), _channels(found.get("omero") or {}))


def _letter(axis: Mapping[str, Any]) -> str:
    name = str(axis["name"]).upper()
    return name if len(name) == 1 and name in "TCZYX" else _KINDS.get(axis.get("type", ""), "?")


def _transformed(described: Mapping[str, Any], axes: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Scale and translation along each axis, which come in this order."""
    scale, translation = (1.0,) * axes, (0.0,) * axes
    for each in described.get("coordinateTransformations", ()):
        if each["type"] == "scale":
            scale = tuple(map(float, each["scale"]))
        elif each["type"] == "translation":
            translation = tuple(map(float, each["translation"]))
    if not len(scale) == len(translation) == axes:
        raise ValueError("as many numbers as axes")
    return scale, translation


def _channels(omero: Mapping[str, Any]) -> tuple[str, ...]:
    return named([str(channel.get("label") or "") for channel in omero.get("channels", ())])


def open_array(path: Path) -> Array:
    """An array of Zarr, or a FileError where it is missing, damaged, or packed in a way that is not known."""
    import zarr

    try:
        return zarr.open_array(store_of(path), mode="r")
    except FileNotFoundError as error:
        raise FileError(f"{path} is missing, or is no array of Zarr. Copy the OME-Zarr again, or leave it "
                        "out.") from error
    except Exception as error:  # whatever a file that others write may lack
        if failed := way_failed(path, error):
            raise failed from None
        raise FileError(f"{path} cannot be opened ({reason(error)}). It is damaged, or packed in an unknown way: copy "
                        "the OME-Zarr again, or write it with another codec, such as zstd.") from error


def _absent(path: Path, array: Array, folder: Path) -> str:
    """What is said of chunks that are not there: a program leaves out empty ones, and so does a copy that stopped."""
    sides = array.shards or array.chunks
    expected = math.prod(-(-length // side) for length, side in zip(array.shape, sides, strict=True))
    if not lists(folder):
        return ""
    there = sum(bool(_CHUNK.fullmatch(file.relative_to(folder).as_posix())) for file in files_below(folder))
    if path.parent.name == LABELS or there >= (1 - _MOST_ABSENT) * expected:
        return ""
    if not there and expected:
        raise FileError(f"{path} holds not one of its {many(expected, 'chunk')}: {called(folder)} is empty. Copy the "
                        "OME-Zarr again from where it came from, or leave it out.")
    return (f"{expected - there:,} of the {many(expected, 'chunk')} of {called(folder)} are absent, and are read as "
            f"{array.fill_value}. If they were not left out for being empty, copy the OME-Zarr again from where it "
            "came from.")
