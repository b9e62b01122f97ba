"""CZI, the files of Zeiss' ZEN: scenes of tiles on planes, read by region through pylibCZIrw.

Tiles are put together as their places say, and a region is read from those that it touches, at the full resolution.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from morula.errors import FileError
from morula.formats.scenes import Scene, require_known, whole_moments, with_colours
from morula.formats.stored import Box, Contents, box_shape
from morula.headers.limits import require_decodable, require_planes
from morula.headers.units import micrometres

if TYPE_CHECKING:
    from pylibCZIrw.czi import CziReader

_TYPES = {"Gray8": ("u1", 1), "Gray16": ("u2", 1), "Gray32Float": ("f4", 1), "Bgr24": ("u1", 3), "Bgr48": ("u2", 3),
          "Bgr96Float": ("f4", 3)}
"""The type of the numbers and how many a pixel has, by what the library calls both."""
_GARBLED = ("Bgr48", 6)
"""Colours of 16 bits whose upper and lower bytes are packed apart (Zstd1): pylibCZIrw 6.1 puts a third of them together
again, and leaves what was in memory in the place of the others."""
_OTHER_AXES = {"R": "rotations", "I": "illuminations", "H": "phases", "V": "views", "B": "blocks"}


class _Field(NamedTuple):
    """Where a scene lies on the stage, in pixels, and its number in the file; None in a file that counts none."""

    number: int | None
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class TiledScene:
    """A scene as an array `T C Z Y X`, without those axes that have length one and are left out.

    Attributes:
        path: the file.
        field: where it lies.
        moments: what the file calls them.
        numbers: along C, the channel that each is in, and which number of a pixel it is there.
        slices: what the file calls them.
        dtype: of the numbers.
    """

    path: Path
    field: _Field
    moments: tuple[int, ...]
    numbers: tuple[tuple[int, int], ...]
    slices: tuple[int, ...]
    dtype: np.dtype

    @property
    def full(self) -> tuple[int, ...]:
        """The lengths of all axes."""
        return len(self.moments), len(self.numbers), len(self.slices), self.field.height, self.field.width

    @property
    def kept(self) -> tuple[int, ...]:
        """The axes that are not left out."""
        return tuple(axis for axis, length in enumerate(self.full) if length != 1 or "TCZYX"[axis] in "YX")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.full[axis] for axis in self.kept)

    def read(self, where: Box) -> np.ndarray:
        pieces = dict(zip(self.kept, where, strict=True))
        moments, numbers, slices, rows, columns = (pieces.get(axis, slice(0, 1)) for axis in range(5))
        part = np.empty(box_shape((moments, numbers, slices, rows, columns)), self.dtype)
        region = (self.field.left + columns.start, self.field.top + rows.start,
                  columns.stop - columns.start, rows.stop - rows.start)
        wanted = self.numbers[numbers]
        with _opened(self.path) as file:
            for (t, moment), (z, depth) in product(enumerate(self.moments[moments]), enumerate(self.slices[slices])):
                planes = {channel: file.read(region, {"T": moment, "C": channel, "Z": depth}, self.field.number)
                          for channel, _ in wanted}
                for c, (channel, number) in enumerate(wanted):
                    part[t, c, z] = planes[channel][..., number]
        return part.reshape(box_shape(where))


def czi_scenes(path: Path) -> list[Scene]:
    """The scenes of a file, in its order."""
    with _opened(path) as file:
        names = {int(scene.get("Index", -1)): scene.get("Name", "")
                 for scene in _metadata(file).iterfind(".//Image/Dimensions/S/Scenes/Scene")}
        sizes = {letter: stop - start for letter, (start, stop) in file.total_bounding_box.items()}
        return [Scene(names.get(field.number or 0, ""),
                      {letter: sizes.get(letter, 1) for letter in "TCZ"} | {"Y": field.height, "X": field.width})
                for field in _fields(file)]


def open_czi(path: Path, scene: int) -> Contents:
    """What one of the scenes of a file holds, counted from 0; lengths are in metres.

    Raises:
        FileError: it has axes or types of numbers that are not read, or a tile that is too large to be decoded.
    """
    with _opened(path) as file:
        field = _fields(file)[scene]
        sizes = {letter: stop - start for letter, (start, stop) in file.total_bounding_box.items()}
        require_known(path, sizes, _OTHER_AXES)
        require_planes(path, math.prod(sizes[letter] for letter in "TCZ"))
        found = _found(path, file, field)
        types = {number: file.get_channel_pixel_type(number) for number in {channel for _, channel, _ in found}}
        metadata = _metadata(file)
    if unknown := next((kind for kind in types.values() if kind not in _TYPES), None):
        raise FileError(f"{path} holds pixels of the type {unknown}, which are not read. Save it with 8 or 16 bits, or "
                        "as OME-TIFF, with the program that it came from.")
    moments, channels, slices = (tuple(sorted(set(places))) for places in zip(*found, strict=True))
    often = Counter(moment for moment, _, _ in found)
    whole, unfinished = whole_moments([often[moment] for moment in moments], len(channels) * len(slices))
    kinds, samples = zip(*(_TYPES[types[channel]] for channel in channels), strict=True)
    # Colours are stored from blue to red.
    numbers = tuple((channel, number) for channel, count in zip(channels, samples, strict=True)
                    for number in reversed(range(count)))
    names = _channel_names(metadata)
    stored = TiledScene(path, field, moments[:whole], numbers, slices, np.result_type(*kinds))
    return Contents(
        stored,
        "".join("TCZYX"[axis] for axis in stored.kept),
        _pixel_size(metadata),
        with_colours([names.get(channel, "") for channel in channels], samples),
        unfinished=unfinished,
    )


def _opened(path: Path) -> Any:
    from pylibCZIrw.czi import open_czi

    return open_czi(str(path))


def _fields(file: CziReader) -> list[_Field]:
    scenes = sorted(file.scenes_bounding_rectangle_no_pyramid.items())
    return [_Field(number, each.x, each.y, each.w, each.h)
            for number, each in scenes or [(None, file.total_bounding_rectangle_no_pyramid)]]


def _found(path: Path, file: CziReader, field: _Field) -> set[tuple[int, int, int]]:
    """The planes that have a tile in a scene, as the file counts them along T, C and Z.

    Raises:
        FileError: there is none, or one cannot be decoded.
    """
    found: set[tuple[int, int, int]] = set()
    sizes, packed = {(0, 0)}, set()

    def look(_: int, tile: Any) -> bool:
        place = tile.coordinate.to_dict()
        if field.number is None or place.get("S", field.number) == field.number:
            found.add((place.get("T", 0), place.get("C", 0), place.get("Z", 0)))
            sizes.add((tile.physicalSize.h, tile.physicalSize.w))
            packed.add((tile.pixelType.name, tile.compressionModeRaw))
        return True

    file.enumerate_subblocks_subset(look, only_layer0=True)
    if not found:
        raise FileError(f"{path} holds no pixels. Copy it again from where it came from, or leave it out.")
    require_decodable(path, max(sizes, key=math.prod), "a tile")
    if _GARBLED in packed:
        raise FileError(f"{path} holds colours of 16 bits packed by Zstd, which pylibCZIrw unpacks wrongly. Save it "
                        "without compression, with the program that it came from.")
    return found


def _metadata(file: CziReader) -> ElementTree.Element:
    text = file.raw_metadata
    return ElementTree.fromstring(text) if text.strip() else ElementTree.Element("ImageDocument")


def _pixel_size(metadata: ElementTree.Element) -> dict[str, float]:
    lengths = {each.get("Id", ""): float(each.findtext("Value") or 0)
               for each in metadata.iterfind(".//Scaling/Items/Distance")}
    return {letter: size for letter, length in lengths.items() if (size := micrometres(length, "m"))}


def _channel_names(metadata: ElementTree.Element) -> dict[int, str]:
    """By their number; a name for display stands in for one that is missing."""
    names: dict[int, str] = {}
    for place in (".//DisplaySetting/Channels/Channel", ".//Image/Dimensions/Channels/Channel"):
        for number, channel in enumerate(metadata.iterfind(place)):
            if name := channel.get("Name", ""):
                names[number] = name
    return names
