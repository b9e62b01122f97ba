"""TIFF in all its dresses: ImageJ, OME, tiled, pyramidal, compressed, plain."""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
from tifffile import PHOTOMETRIC, TiffFile, TiffFrame, TiffPage, TiffPageSeries

from morula.errors import FileError
from morula.formats.stored import (
    OURS,
    Box,
    Contents,
    MappedArray,
    Stored,
    TranslatedArray,
    TurnedArray,
    box_shape,
    default_channels,
    require_bytes,
)
from morula.formats.unfinished import Stack, whole_part
from morula.headers.limits import require_decodable, require_planes
from morula.headers.packed import require_fitting
from morula.headers.units import is_strange, micrometres

# What tifffile logs is either mended by itself or found by us: it must not reach a user's terminal.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


_TURNED = {
    2: (False, "X"), 3: (False, "YX"), 4: (False, "Y"), 5: (True, ""), 6: (True, "X"), 7: (True, "YX"), 8: (True, "Y"),
}
"""Where the first row and column lie, by the tag Orientation of TIFF 6.0: whether Y and X change places, and which of
them are then counted backwards. 1 is upright."""


@dataclass(frozen=True)
class TiffPages:
    """An array whose first axes count pages and whose last axes lie within each; only the strips and
    tiles that a part touches are read and decoded."""

    path: Path
    pages: tuple[TiffPage | TiffFrame, ...]
    shape: tuple[int, ...]
    dtype: np.dtype
    counting: int
    """How many of the first axes count pages."""

    def read(self, where: Box) -> np.ndarray:
        part = np.empty(box_shape(where), self.dtype)
        over, within = where[: self.counting], where[self.counting :]
        with self.path.open("rb") as file:
            for place in product(*(range(piece.start, piece.stop) for piece in over)):
                number = _ravel(place, self.shape[: self.counting])
                target = tuple(index - piece.start for index, piece in zip(place, over, strict=True))
                part[target] = _read_page(file, self.pages[number], within)
        return part


def open_tiff(path: Path) -> Contents:
    """What a TIFF file holds: its full-resolution picture, volume or stack.

    Raises:
        FileError: the file is cut short, or holds several pictures of similar size.
    """
    # A file of an OME set that spans many files is read for what it holds itself: its neighbours are
    # opened in their own right, and would otherwise come once for each file.
    with path.open("rb") as file, TiffFile(file, name=path.name, _multifile=False) as tif:
        require_planes(path, _named_planes(tif))
        series = _main_series(path, tif)
        stack = whole_part(path, tif, series)
        letters, shape = _without_ones(stack.axes, stack.shape)
        axes = "".join(letter if letter in "TCZYX" else "?" for letter in letters.replace("S", "C"))
        page = series.keyframe
        stored = _stored(path, tif, series, stack, shape)
        table = _table(tif, page)
        if table is not None:
            stored = TranslatedArray(stored, table)
            axes += "C" * (len(stored.shape) - len(axes))
        described = _ome_image(path, tif, series)
        lengths = _lengths(tif, series, described)
        orientation = page.tags.valueof("Orientation", 1)
        if orientation in _TURNED:
            swap, backwards = _TURNED[orientation]
            swapped = (axes.index("Y"), axes.index("X" if swap else "Y"))
            stored = TurnedArray(stored, swapped, tuple(axes.index(letter) for letter in backwards))
            if swap:
                exchanged = {"Y": "X", "X": "Y"}
                lengths = {exchanged.get(letter, letter): length for letter, length in lengths.items()}
        sizes = {letter: size for letter, length in lengths.items() if (size := micrometres(*length))}
        strange = {letter: unit for letter, (_, unit) in lengths.items() if is_strange(unit)}
        upright = None if str(page.tags.valueof("Software", "")).startswith(f"{OURS} ") else 1
        return Contents(stored, axes, sizes, _channels(tif, series, described), strange, stack.unfinished,
                        orientation if orientation in _TURNED else upright)


def _named_planes(tif: TiffFile) -> int:
    """The most planes that a description names, each of which tifffile keeps a place for, there or not."""
    named = [0]
    if tif.is_mmstack:
        told = tif.micromanager_metadata or {}
        named += [math.prod(max(1, int(told["Summary"].get(name, 1))) for name in
                            ("Frames", "Slices", "Channels", "Positions")),
                  math.prod((told["IndexMap"][:, :4].max(axis=0) + 1).tolist())]
    if tif.is_ome and tif.ome_metadata:
        for pixels in ElementTree.fromstring(tif.ome_metadata).iterfind("{*}Image/{*}Pixels"):
            named.append(math.prod(int(pixels.get(f"Size{letter}", 1)) for letter in "ZCT"))
            named += [int(data.get(name, 0)) for data in pixels for name in ("PlaneCount", "NumPlanes")]
    return max(named)


def _main_series(path: Path, tif: TiffFile) -> TiffPageSeries:
    if not tif.series:
        raise FileError(f"{path} holds no picture. Save it again where it came from, or leave it out.")
    main, *others = sorted(tif.series, key=_area, reverse=True)
    if others and 4 * _area(others[0]) > _area(main):  # smaller ones are thumbnails and labels
        raise FileError(
            f"{path} holds {len(tif.series)} pictures that do not make one stack. "
            "Save each as a file of its own (in Fiji: open it with Bio-Formats, then save)."
        )
    if _lacks_pages(tif):
        raise FileError(f"{path} is cut short: its last pages are missing. Copy it again, or leave it out.")
    return main


def _without_ones(axes: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """Axes and lengths without the axes of length one, which programs add and drop as they like; but Y and X
    stay."""
    kept = [(letter, n) for letter, n in zip(axes, shape, strict=True) if n != 1 or letter in "YX"]
    return "".join(letter for letter, _ in kept), tuple(n for _, n in kept)


def _area(series: TiffPageSeries) -> int:
    return series.keyframe.imagewidth * series.keyframe.imagelength


def _lacks_pages(tif: TiffFile) -> bool:
    """Whether the last page says that another follows, or the file ends before it can say so."""
    tif.filehandle.seek(tif.pages.next_page_offset or 0)
    next_page = tif.filehandle.read(tif.tiff.offsetsize)
    return len(next_page) < tif.tiff.offsetsize or any(next_page)


def _stored(path: Path, tif: TiffFile, series: TiffPageSeries, stack: Stack, shape: tuple[int, ...]) -> Stored:
    if series.dataoffset is not None:
        return MappedArray(path, series.dataoffset, shape, series.dtype.newbyteorder(tif.byteorder))
    page = series.keyframe
    _, within = _without_ones(page.axes, page.shape)
    counting = len(shape) - len(within)
    pages = stack.pages
    if shape[counting:] != within or len(pages) != np.prod(shape[:counting], dtype=object):
        raise FileError(f"{path} is laid out in a way not understood. Save it again as TIFF with Fiji.")
    require_decodable(path, _chunks(page), "a tile or strip")
    for each in pages:
        if not len(each.dataoffsets) == len(each.databytecounts) == np.prod(page.chunked, dtype=object):
            raise FileError(f"{path} is damaged: it lacks strips or tiles. Copy it again, or leave it out.")
        require_bytes(path, max(map(sum, zip(each.dataoffsets, each.databytecounts, strict=True))))
    _ = page.decode  # made from tags, so made while the file is open
    return TiffPages(path, pages, shape, series.dtype, counting)


def _read_page(file: BinaryIO, page: TiffPage | TiffFrame, within: Box) -> np.ndarray:
    """The part of a page at `within`, which has no slice for axes of length one other than Y and X."""
    key = page.keyframe
    assert key is not None
    pieces = iter(within)
    where = [next(pieces) if n != 1 or letter in "YX" else slice(0, 1)
             for letter, n in zip(key.axes, key.shape, strict=True)]
    part = np.full(box_shape(tuple(where)), key.nodata, key.dtype)
    chunks = _chunks(key)
    touched = (
        range(piece.start // size, -(-piece.stop // size))
        for piece, size in zip(where, chunks, strict=True)
    )
    for place in product(*touched):
        number = _ravel(place, key.chunked)
        if not page.databytecounts[number]:
            continue  # a hole, which the format allows
        file.seek(page.dataoffsets[number])
        data = file.read(page.databytecounts[number])
        require_fitting(key.compression, data, math.prod(chunks))
        chunk = key.decode(data, number, jpegtables=page.jpegtables)[0]
        assert chunk is not None
        lengths = dict(zip("ZYXS", chunk.shape, strict=True))
        chunk = chunk.reshape([lengths[letter] for letter in key.axes])
        source, target = [], []
        for piece, index, size, length in zip(where, place, chunks, chunk.shape, strict=True):
            begin, end = max(piece.start, index * size), min(piece.stop, index * size + length)
            source.append(slice(begin - index * size, end - index * size))
            target.append(slice(begin - piece.start, end - piece.start))
        part[tuple(target)] = chunk[tuple(source)]
    return part.reshape(box_shape(within))


def _chunks(page: TiffPage) -> tuple[int, ...]:
    """The size of a strip or tile along the axes of its page."""
    sizes = {"S": page.samplesperpixel if page.planarconfig == 1 else 1, "Z": max(page.tiledepth, 1)}
    if page.is_tiled:
        sizes |= {"Y": page.tilelength, "X": page.tilewidth}
    else:
        sizes |= {"Y": min(page.rowsperstrip, page.imagelength), "X": page.imagewidth}
    return tuple(sizes[letter] for letter in page.axes)


def _ravel(place: tuple[int, ...], shape: tuple[int, ...]) -> int:
    number = 0
    for index, size in zip(place, shape, strict=True):
        number = number * size + index
    return number


def _table(tif: TiffFile, page: TiffPage) -> np.ndarray | None:
    """What the stored levels stand for, if not for themselves."""
    grey = page.dtype is not None and page.dtype.kind in "bu" and page.bitspersample <= 16
    # ImageJ keeps an inverting lookup table as "white is zero", and a way of showing grey values as a palette: what it
    # stores is what was measured, however it is shown.
    # tifffile calls what is stored in one bit "white is zero", whatever it was given, and True was what was meant.
    if tif.is_imagej or (page.bitspersample == 1 and page.software.startswith("tifffile")):
        return None
    if page.photometric == PHOTOMETRIC.MINISWHITE and grey:
        return np.arange(2**page.bitspersample)[::-1].astype(page.dtype)
    if page.photometric == PHOTOMETRIC.PALETTE and page.colormap is not None:
        colours = page.colormap.T
        colours = (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)
        return colours[:, 0] if (colours == colours[:, :1]).all() else colours
    return None


def _ome_image(path: Path, tif: TiffFile, series: TiffPageSeries) -> ElementTree.Element | None:
    """The description of the picture in OME-XML (https://docs.openmicroscopy.org/ome-model), which may describe many.

    In a set of many files each describes the pictures of all: this one is in the image that names this file, and the
    page of the picture in it.
    """
    if not tif.is_ome or not tif.ome_metadata:
        return None
    described = ElementTree.fromstring(tif.ome_metadata)
    images = described.findall("{*}Image/{*}Pixels")
    own, page = described.get("UUID"), series.keyframe.index
    for pixels in images:
        for data in pixels.findall("{*}TiffData"):
            file = data.find("{*}UUID")
            elsewhere = file is not None and file.text != own and file.get("FileName", "").lower() != path.name.lower()
            first = int(data.get("IFD", 0))
            count = int(data.get("PlaneCount", data.get("NumPlanes", 1 if "IFD" in data.attrib else 0)))
            if not elsewhere and first <= page and (page < first + count or not count):
                return pixels
    number = tif.series.index(series)
    return images[number if number < len(images) else 0] if images else None


def _lengths(
    tif: TiffFile, series: TiffPageSeries, described: ElementTree.Element | None
) -> dict[str, tuple[float, str]]:
    """The size of a pixel along the axes that the file measures, with its unit, by letter."""
    if described is not None:
        return {letter: (float(size), described.get(f"PhysicalSize{letter}Unit", "µm"))
                for letter in "ZYX" if (size := described.get(f"PhysicalSize{letter}"))}
    page = series.keyframe
    about = tif.imagej_metadata or {}
    unit = str(about.get("unit", {2: "inch", 3: "cm"}.get(int(page.resolutionunit), "")))
    # ImageJ leaves out what is as usual: the units of y and z if they are that of x, and a z step of exactly 1.
    found = {}
    for letter, name, own in (("X", "XResolution", "unit"), ("Y", "YResolution", "yunit")):
        pixels, lengths = page.tags.valueof(name, (0, 0))
        if pixels:
            found[letter] = (lengths / pixels, str(about.get(own, unit)))
    if "spacing" in about or about.get("slices", 1) > 1:
        found["Z"] = (abs(float(about.get("spacing", 1))), str(about.get("zunit", unit)))
    return found


def _channels(tif: TiffFile, series: TiffPageSeries, described: ElementTree.Element | None) -> tuple[str, ...]:
    page = series.keyframe
    if described is not None and page.samplesperpixel == 1:
        names = [channel.get("Name", "") for channel in described.findall("{*}Channel")]
        defaults = default_channels(len(names))
        return tuple(name or default for name, default in zip(names, defaults, strict=True))
    if page.photometric == PHOTOMETRIC.PALETTE:
        return ("red", "green", "blue")
    if "S" in page.axes:
        alpha = ("alpha",) if [int(kind) for kind in page.extrasamples] in ([1], [2]) else ()
        return {1: ("grey",), 3: ("red", "green", "blue")}.get(page.samplesperpixel - len(alpha), ()) + alpha
    # ImageJ has a label for each plane, channels first: "c:1/3 z:1/20 - DAPI", or just "DAPI".
    labels = (tif.imagej_metadata or {}).get("Labels") or []
    count = dict(zip(series.axes, series.shape, strict=True)).get("C", 1)
    names = [re.sub(r"^(?:[czt]:\d+/\d+ ?)+(?:- )?", "", label) for label in labels[:count]]
    return tuple(names) if count > 1 and all(names) and len(set(names)) == count else ()
