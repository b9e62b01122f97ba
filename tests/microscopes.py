"""Files of microscopes for tests to read: CZI as pylibCZIrw writes it, LIF and ND2 byte by byte after their layouts.

LIF: Leica Image File Formats 3.2, as liffile's documentation names it. ND2: the layout of version 3 that the authors of
nd2 have written down, in chunks whose text is a binary tree of named values.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np


def write_czi(path: Path, scenes: Sequence[np.ndarray], *, tile: int | None = None, pixel_size=(0.0, 0.0, 0.0),
              channels: Sequence[str] = (), compression: str | None = None, begin: Mapping[str, int] | None = None,
              leave_out: Sequence[tuple[int, int, int]] = ()) -> None:
    """Scenes `(t, c, z, y, x, samples)`, on a stage beside each other, of tiles of `tile` pixels.

    Args:
        path: the file to make.
        scenes: colours from blue to red, as the library has them.
        tile: each side of a tile; else a plane is one.
        pixel_size: µm along x, y and z.
        channels: their names.
        compression: in the library's words, such as `zstd1:ExplicitLevel=2`.
        begin: what the file calls the first place along an axis.
        leave_out: planes `(t, c, z)` that are not written.
    """
    from pylibCZIrw.czi import create_czi

    begin = begin or {}
    left = 0
    with create_czi(str(path), exist_ok=True, compression_options=compression) as file:
        for number, scene in enumerate(scenes):
            moments, count, slices, height, width, _ = scene.shape
            for t, c, z in product(range(moments), range(count), range(slices)):
                if (t, c, z) in leave_out:
                    continue
                side = tile or max(height, width)
                for y, x in product(range(0, height, side), range(0, width, side)):
                    plane = {"T": t + begin.get("T", 0), "C": c, "Z": z + begin.get("Z", 0)}
                    file.write(scene[t, c, z, y : y + side, x : x + side], location=(left + x, 7 + y), plane=plane,
                               scene=number)
            left += width + 100
        x, y, z = (size * 1e-6 for size in pixel_size)
        file.write_metadata(path.stem, dict(enumerate(channels)), x, y, z)


def write_lif(path: Path, images: Mapping[str, tuple[np.ndarray, str]], *, step=(0.5, 0.5, 2.0), unit: str = "m",
              tables: Sequence[str] = (), tags: Sequence[int] = (), padding: int = 0, version: int = 2) -> None:
    """Images by name, arrays with the axes they are given with: any of `TZCYXM`, C last where they are colours.

    Args:
        path: the file to make.
        images: their names, arrays and axes.
        step: µm along x, y and z.
        unit: in which the file measures, its numbers being those of metres.
        tables: of colours, one for each channel.
        tags: of channels; 1 to 3 are red, green and blue.
        padding: bytes behind each row.
        version: 1 counts bytes in 32 bits, 2 in 64.
    """
    elements, blocks = [], []
    for number, (name, (array, axes)) in enumerate(images.items()):
        itemsize, steps, bytes_on = array.dtype.itemsize, {}, array.dtype.itemsize
        for letter, length in zip(reversed(axes), reversed(array.shape), strict=True):
            steps[letter] = bytes_on
            bytes_on = bytes_on * length + (padding if letter == "X" else 0)
        sizes = dict(zip(axes, array.shape, strict=True))
        dimensions = "".join(
            f'<DimensionDescription DimID="{" XYZT".find(letter) if letter in "XYZT" else 10}" '
            f'NumberOfElements="{sizes[letter]}" Origin="0" Unit="{unit if letter in "XYZ" else "s"}" '
            f'Length="{(sizes[letter] - 1) * length * 1e-6}" BitInc="0" BytesInc="{steps[letter]}"/>'
            for letter, length in zip("XYZTM", (*step, 1, 1), strict=True) if letter in sizes)
        count = sizes.get("C", 1)
        described = "".join(
            f'<ChannelDescription DataType="{int(array.dtype.kind == "f")}" '
            f'ChannelTag="{tags[place] if tags else 0}" Resolution="{8 * itemsize}" NameOfMeasuredQuantity="" Min="0" '
            f'Max="255" Unit="" LUTName={quoteattr(tables[place] if tables else "Gray")} IsLUTInverted="0" '
            f'BytesInc="{place * steps.get("C", 0)}" BitInc="0"/>' for place in range(count))
        elements.append(
            f'<Element Name={quoteattr(name)}><Data><Image><ImageDescription><Channels>{described}</Channels>'
            f'<Dimensions>{dimensions}</Dimensions></ImageDescription></Image></Data>'
            f'<Memory Size="{bytes_on}" MemoryBlockID="MemBlock_{number}"/></Element>')
        data = np.zeros(bytes_on, np.uint8)
        view = np.ndarray(array.shape, array.dtype.newbyteorder("<"), data, 0, tuple(steps[letter] for letter in axes))
        view[...] = array
        blocks.append((f"MemBlock_{number}", data.tobytes()))
    header = (f'<LMSDataContainerHeader Version="{version}"><Element Name="{path.name}"><Memory Size="0" '
              f'MemoryBlockID="none"/><Children>{"".join(elements)}</Children></Element></LMSDataContainerHeader>')
    with path.open("wb") as file:
        file.write(struct.pack("<IIBI", 0x70, 2 * len(header) + 5, 0x2A, len(header)) + header.encode("utf-16-le"))
        for name, data in blocks:
            file.write(struct.pack("<IIBQBI" if version == 2 else "<IIBIBI", 0x70, 0, 0x2A, len(data), 0x2A, len(name)))
            file.write(name.encode("utf-16-le") + data)


def write_nd2(path: Path, frames: np.ndarray, loops: Mapping[str, int], *, names: Sequence[str] = (), colours: int = 1,
              pixel_size: float | None = None, step: float = 2.0, positions: Sequence[str] = (), packed: bool = False,
              padding: int = 0, held: int | None = None, probe: bool = True) -> None:
    """Frames `(frame, y, x, components)`, as loops run through them, the outermost first: letters of `TPZ`.

    Args:
        path: the file to make.
        frames: unsigned, of 8 or 16 bits, or float32.
        loops: how often each runs.
        names: of the channels.
        colours: components of each channel.
        pixel_size: µm; None says that nobody measured it.
        step: µm from slice to slice.
        positions: the names of those of P.
        packed: whether frames are.
        padding: bytes behind each row.
        held: frames that are there; else all.
        probe: whether channels say what was stained, without which nd2 0.12 tells nothing of them.
    """
    count, height, width, components = frames.shape
    held = count if held is None else held
    row = width * components * frames.itemsize + padding
    channels = components // colours
    chunks: dict[str, bytes] = {
        "ImageAttributesLV!": _tree("SLxImageAttributes", {
            "uiWidth": width, "uiWidthBytes": row, "uiHeight": height, "uiComp": components,
            "uiBpcInMemory": 8 * frames.itemsize, "uiBpcSignificant": 8 * frames.itemsize, "uiSequenceCount": held,
            "eCompression": 0 if packed else 2, "dCompressionParam": 1.0}),
        "ImageMetadataSeqLV|0!": _tree("SLxPictureMetadata", {
            "bCalibrated": pixel_size is not None, "dCalibration": pixel_size or -1.0,
            "sPicturePlanes": {"uiCount": channels, "sPlaneNew": {
                f"a{place}": {"uiCompCount": colours, "sDescription": names[place] if names else "",
                            **({"pFluorescentProbe": {"m_sName": "dye"}} if probe else {})}
                for place in range(channels)}}}),
    }
    if loops:
        chunks["ImageMetadataLV!"] = _tree("SLxExperiment", _loop([*loops.items()], step, positions))
    for number, frame in enumerate(frames[:held]):
        rows = np.pad(frame.reshape(height, -1).view(np.uint8), ((0, 0), (0, padding)))
        data = rows.tobytes()
        chunks[f"ImageDataSeq|{number}!"] = struct.pack("<d", number) + (zlib.compress(data) if packed else data)
    _write_chunks(path, chunks)


def _loop(loops: Sequence[tuple[str, int]], step: float, positions: Sequence[str]) -> dict[str, Any]:
    (letter, count), *inner = loops
    names = [*positions, *[""] * count][:count]
    kind, about = {
        "T": (1, {"dStart": 0.0, "dPeriod": 1000.0, "dDuration": 1000.0 * count}),
        "P": (2, {"Points": [{"dPosX": 10.0, "dPosY": 0.0, "dPosZ": 0.0, "dPosName": name} for name in names]}),
        "Z": (4, {"dZStep": step, "dZLow": 0.0, "dZHigh": step * (count - 1), "dZHome": 0.0}),
    }[letter]
    about["uiCount"] = count
    return {"eType": kind, "uLoopPars": about, **({"ppNextLevelEx": [_loop(inner, step, positions)]} if inner else {})}


def _tree(name: str, value: Any) -> bytes:
    """A named value: its type, its name, and itself; of several these, and then where each of them begins."""
    head = struct.pack("BB", _kind(value), len(name) + 1 if name else 1) + f"{name}\0".encode("utf-16-le")
    if isinstance(value, Mapping | list):
        items = [*value.items()] if isinstance(value, Mapping) else [("", each) for each in value]
        inside = [_tree(each, held) for each, held in items]
        length = len(head) + 12 + sum(map(len, inside))
        return head + struct.pack("<IQ", len(items), length) + b"".join(inside) + bytes(8 * len(items))
    if isinstance(value, str):
        return head + f"{value}\0".encode("utf-16-le")
    return head + struct.pack({bool: "<B", int: "<I", float: "<d"}[type(value)], value)


def _kind(value: Any) -> int:
    return {bool: 1, int: 3, float: 6, str: 8, dict: 11, list: 11}[type(value)]


def _write_chunks(path: Path, chunks: Mapping[str, bytes]) -> None:
    """Chunks with their names, from the beginnings of blocks of 4096 bytes, and then a map of where they are."""
    with path.open("wb") as file:
        file.write(_chunk("ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"), 32))
        places = {}
        for name, data in chunks.items():
            file.write(bytes(-file.tell() % 4096))
            places[name] = (file.tell(), len(data))
            file.write(_chunk(name, data, 4096 - 24))  # so that pixels, behind a time, begin a block
        file.write(bytes(-file.tell() % 4096))
        begin = file.tell()
        listed = b"".join(name.encode() + struct.pack("<QQ", *place) for name, place in places.items())
        end = b"ND2 CHUNK MAP SIGNATURE 0000001!" + struct.pack("<Q", begin)
        file.write(_chunk("ND2 FILEMAP SIGNATURE NAME 0001!", listed + end, 4096 - 16))


def _chunk(name: str, data: bytes, reserved: int) -> bytes:
    return struct.pack("<IIQ", 0x0ABECEDA, reserved, len(data)) + name.encode().ljust(reserved, b"\0") + data
