"""LIF, the files of Leica's LAS: images that lie unpacked in the file, found by liffile and mapped into memory.

Where each number lies is said by the file: how many bytes further the next one is along an axis, and where each channel
begins. So a region is read without the rest. The tiles of a mosaic, which LAS keeps unjoined, are scenes of their own.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from morula.errors import FileError
from morula.formats.scenes import Scene, named, require_known
from morula.formats.stored import Box, Contents, require_bytes
from morula.headers.limits import require_planes
from morula.headers.units import is_strange, micrometres

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from liffile import LifFile, LifImageABC

# What liffile logs is either mended by itself or found by us: it must not reach a user's terminal.
logging.getLogger("liffile").addHandler(logging.NullHandler())

_DIMENSIONS = {1: "X", 2: "Y", 3: "Z", 4: "T", 5: "λ", 6: "A", 7: "N", 8: "Q", 9: "Λ", 10: "M", 11: "L"}
"""What the numbers of axes mean."""
_TILES = "M"
_OTHER_AXES = {"λ": "wavelengths", "Λ": "wavelengths of excitation", "A": "angles", "L": "loops"}
_COLOURS = {1: "red", 2: "green", 3: "blue"}
"""What the tags of channels mean that are colours of a picture."""
_UNTOLD = {"gray", "grey"}
"""Names of tables of colours that say nothing of a channel."""


class Dimension(NamedTuple):
    """An axis: how many entries, bytes from one to the next, and its length from the first to the last, with its
    unit."""

    letter: str
    count: int
    step: int
    length: float
    unit: str


class Channel(NamedTuple):
    """A channel: where its numbers begin, and its name, empty where it has none."""

    offset: int
    name: str


@dataclass(frozen=True)
class SteppedArray:
    """Numbers with the same number of bytes from one to the next along each axis, but for channels, which may begin
    anywhere and are the first axis; a lone one is no axis.

    Attributes:
        path: the file.
        offsets: where each channel begins in it.
        within: the lengths of the other axes.
        steps: bytes along these.
        dtype: of the numbers.
        end: bytes up to the end of the block that they should lie in.
    """

    path: Path
    offsets: tuple[int, ...]
    within: tuple[int, ...]
    steps: tuple[int, ...]
    dtype: np.dtype
    end: int

    def __post_init__(self):
        require_bytes(self.path, self.end)
        last = sum((length - 1) * step for length, step in zip(self.within, self.steps, strict=True))
        if min(*self.steps, *self.offsets) < 0 or max(self.offsets) + last + self.dtype.itemsize > self.end:
            raise FileError(f"{self.path} is damaged: an image in it does not fit where it should lie. Copy it again, "
                            "or leave it out.")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.within if len(self.offsets) == 1 else (len(self.offsets), *self.within)

    def read(self, where: Box) -> np.ndarray:
        data = np.memmap(self.path, np.uint8, "r")
        channels, piece = (slice(0, 1), where) if len(self.offsets) == 1 else (where[0], where[1:])
        part = np.stack([np.ndarray(self.within, self.dtype, data, offset, self.steps)[piece]
                         for offset in self.offsets[channels]])
        return part[0] if len(self.offsets) == 1 else part


def lif_scenes(path: Path) -> list[Scene]:
    """The images of a file, in its order, and of each all tiles."""
    with _opened(path) as file:
        return [Scene(image.path if tile is None else f"{image.path}, tile {tile + 1}",
                      {"C": len(_channels(image))} | {each.letter: each.count for each in _dimensions(image)
                                                      if each.letter != _TILES})
                for image, tile in _tiles(file)]


def open_lif(path: Path, scene: int) -> Contents:
    """What one of the images of a file holds, counted from 0; of a mosaic, one of its tiles.

    Raises:
        FileError: it is cut short, or has axes that are not read.
    """
    with _opened(path) as file:
        image, tile = _tiles(file)[scene]
        dimensions, channels, dtype = _dimensions(image), _channels(image), image.dtype
        try:
            block = image.memory_block
        except KeyError as error:
            raise FileError(f"{path} is cut short: the pixels of {image.path} are not in it. Copy it again from where "
                            "it came from, or leave it out.") from error
    axes = [each for each in dimensions if each.letter != _TILES]
    sizes = {each.letter: each.count for each in axes}
    if len(sizes) < len(axes):
        raise FileError(f"{path} names an axis of {image.path} twice, which is not understood. Save it as OME-TIFF.")
    require_known(path, sizes, _OTHER_AXES)
    require_planes(path, math.prod(count for letter, count in sizes.items() if letter not in "YX"))
    begin = block.offset + sum((tile or 0) * each.step for each in dimensions if each.letter == _TILES)
    kept = [each for each in axes if each.letter in "YX" or each.count != 1]
    lengths = {each.letter: (each.length / (each.count - 1), each.unit)
               for each in kept if each.letter in "ZYX" and each.count > 1}
    stored = SteppedArray(path, tuple(begin + channel.offset for channel in channels),
                          tuple(each.count for each in kept), tuple(each.step for each in kept), dtype,
                          block.offset + block.size)
    return Contents(
        stored,
        ("C" if len(channels) > 1 else "") + "".join(each.letter for each in kept),
        {letter: size for letter, length in lengths.items() if (size := micrometres(*length))},
        named([channel.name for channel in channels]),
        {letter: unit for letter, (_, unit) in lengths.items() if is_strange(unit)},
    )


def _opened(path: Path) -> LifFile:
    from liffile import LifFile

    return LifFile(path)


def _tiles(file: LifFile) -> list[tuple[LifImageABC, int | None]]:
    """The images of a file, without those that are lifetimes; of a mosaic each tile by its number, of others None."""
    found: list[tuple[LifImageABC, int | None]] = []
    for image in file.images:
        if not image.is_flim:
            tiles = next((each.count for each in _dimensions(image) if each.letter == _TILES), 1)
            require_planes(Path(file.filepath), tiles)
            found += [(image, tile if tiles > 1 else None) for tile in range(tiles)]
    return found


def _dimensions(image: LifImageABC) -> list[Dimension]:
    """The axes of an image, the first of which counts slowest."""
    found = [Dimension(_DIMENSIONS.get(int(each.attrib["DimID"]), "?"), int(each.attrib["NumberOfElements"]),
                       int(each.attrib["BytesInc"]), abs(float(each.attrib["Length"])), each.get("Unit", ""))
             for each in image.xml_element.iterfind("./Data/Image/ImageDescription/Dimensions/DimensionDescription")]
    return sorted(found, key=lambda each: -each.step)


def _channels(image: LifImageABC) -> list[Channel]:
    """The channels of an image, in their order; those of a colour picture from red to blue."""
    described = image.xml_element.findall("./Data/Image/ImageDescription/Channels/ChannelDescription")
    tags = [int(each.get("ChannelTag", 0)) for each in described]
    begins = [int(each.attrib["BytesInc"]) for each in described]
    if sorted(tags) == sorted(_COLOURS):
        return [Channel(begin, _COLOURS[tag]) for tag, begin in sorted(zip(tags, begins, strict=True))]
    return sorted(Channel(begin, _name(each)) for begin, each in zip(begins, described, strict=True))


def _name(described: Element) -> str:
    """What a channel was stained with, or else its table of colours."""
    told = {each.findtext("Key", ""): each.findtext("Value", "") for each in described.iterfind("ChannelProperty")}
    name = (told.get("DyeName") or described.get("LUTName", "")).strip()
    return "" if name.casefold() in _UNTOLD else name
