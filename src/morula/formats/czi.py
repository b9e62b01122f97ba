"""CZI, the files of Zeiss' ZEN: scenes of tiles on planes, read by region through pylibCZIrw.

Tiles are put together as their places say, and a region is read from those that it touches, at the full resolution.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from morula.errors import FileError
from morula.formats.scenes import Scene, require_known, whole_moments, with_colours
from morula.formats.stored import Box, Contents, box_shape
from morula.headers.czi_tiles import czi_tiles, require_sound
from morula.headers.limits import require_decodable, require_planes
from morula.headers.units import micrometres

if TYPE_CHECKING:
    from pylibCZIrw.czi import CziReader

_TYPES = {0: ("u1", 1), 1: ("u2", 1), 2: ("f4", 1), 3: ("u1", 3), 4: ("u2", 3), 8: ("f4", 3)}
"""The type of the numbers and how many a pixel has, by the number that CZI has for both."""
_GARBLED = (4, 6)
"""Colours of 16 bits whose upper and lower bytes are packed apart (Zstd1): pylibCZIrw 6.1 puts a third of them together
again, and leaves what was in memory in the place of the others."""
_MOST_EMPTY = 10_000
"""How many times the area of its tiles a scene may have: a slide with a tile in each corner has less."""
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
        self._require_sound(moments, wanted, slices, region)
        with _opened(self.path) as file:
            for (t, moment), (z, depth) in product(enumerate(self.moments[moments]), enumerate(self.slices[slices])):
                planes = {channel: file.read(region, {"T": moment, "C": channel, "Z": depth}, self.field.number)
                          for channel, _ in wanted}
                for c, (channel, number) in enumerate(wanted):
                    part[t, c, z] = planes[channel][..., number]
        return part.reshape(box_shape(where))

    def _require_sound(
        self, moments: slice, wanted: Sequence[tuple[int, int]], slices: slice, region: tuple[int, int, int, int]
    ) -> None:
        """Weigh the tiles that a part is read from."""
        tiles = czi_tiles(self.path)
        left, top, width, height = region
        touched = (tiles["x"] < left + width) & (tiles["x"] + tiles["width"] > left)
        touched &= (tiles["y"] < top + height) & (tiles["y"] + tiles["height"] > top)
        for letter, places in (("T", self.moments[moments]), ("C", [channel for channel, _ in wanted]),
                               ("Z", self.slices[slices])):
            touched &= np.isin(tiles[letter], places)
        require_sound(self.path, tiles["position"][touched].tolist())


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
        metadata = _metadata(file)
    tiles = _tiles_of(path, field)
    moments, channels, slices = (tuple(np.unique(tiles[letter]).tolist()) for letter in "TCZ")
    often = Counter(tile["T"].item() for tile in np.unique(tiles[["T", "C", "Z"]]))
    whole, unfinished = whole_moments([often[moment] for moment in moments], len(channels) * len(slices))
    kinds, samples = zip(*(_TYPES[tiles["type"][tiles["C"] == channel].max()] for channel in channels), strict=True)
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

    czi_tiles(path)  # raises where the library would end Python
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise FileError(f"{path} has a name with bytes that are no text, by which pylibCZIrw cannot open it. Rename "
                        "it, or its folder.") from None
    return open_czi(str(path))


def _fields(file: CziReader) -> list[_Field]:
    scenes = sorted(file.scenes_bounding_rectangle_no_pyramid.items())
    return [_Field(number, each.x, each.y, each.w, each.h)
            for number, each in scenes or [(None, file.total_bounding_rectangle_no_pyramid)]]


def _tiles_of(path: Path, field: _Field) -> np.ndarray:
    """The tiles of a scene, of the type `TILE`.

    Raises:
        FileError: there is none, or one cannot be decoded.
    """
    tiles = czi_tiles(path)
    tiles = tiles if field.number is None else tiles[np.isin(tiles["S"], (field.number, -1))]
    if not len(tiles):
        raise FileError(f"{path} holds no pixels. Copy it again from where it came from, or leave it out.")
    areas = tiles["width"].astype(float) * tiles["height"]
    if float(field.width) * field.height > _MOST_EMPTY * areas.sum():
        raise FileError(f"{path} is damaged: its tiles lie {field.width:,} × {field.height:,} pixels apart, which is "
                        "farther than on any slide. Copy it again from where it came from, or leave it out.")
    largest = tiles[np.argmax(areas)]
    require_decodable(path, (int(largest["height"]), int(largest["width"])), "a tile")
    if unknown := set(tiles["type"].tolist()) - set(_TYPES):
        raise FileError(f"{path} holds pixels of the type {min(unknown)} of CZI, which are not read. Save it with 8 or "
                        "16 bits, or as OME-TIFF, with the program that it came from.")
    if ((tiles["type"] == _GARBLED[0]) & (tiles["packing"] == _GARBLED[1])).any():
        raise FileError(f"{path} holds colours of 16 bits packed by Zstd, which pylibCZIrw unpacks wrongly. Save it "
                        "without compression, with the program that it came from.")
    return tiles


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
