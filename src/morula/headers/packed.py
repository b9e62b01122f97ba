"""How large a picture is that is packed in a strip or tile of a TIFF, by its own word, before it is unpacked.

Where each strip is a file of another format, that format says its size once more, and a decoder believes it: 70 bytes
of LERC become as many gigabytes as they ask for.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple

MOST_ABOVE = 2**20
"""Numbers that may be there beyond those of a strip or tile, which is rounded up by some programs."""


class Size(NamedTuple):
    """Rows and columns, and how many numbers a pixel has, where that is not the same for all files of a format."""

    rows: int
    columns: int
    depth: int = 1


def require_fitting(compression: int, data: bytes, numbers: int) -> None:
    """Raise a ValueError if packed data would unpack to far more than what belongs there.

    Args:
        compression: the number of the format, as the tag Compression of TIFF counts.
        data: a strip or tile.
        numbers: that it should have, in all channels.
    """
    try:
        size = SIZES[compression](data) if compression in SIZES else None
    except (struct.error, IndexError):
        size = None  # it is cut short, which the decoder finds out
    if size and math.prod(size) > 2 * numbers + MOST_ABOVE:
        said = " × ".join(f"{side:,}" for side in size if side != 1)
        raise ValueError(f"a strip or tile of {numbers:,} numbers says that it has {said}")


def _jpeg(data: bytes) -> Size | None:
    """ITU-T T.81, B.2.2: of the markers before the pixels, one begins a frame."""
    place = 2
    while data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF:  # filling
            place += 1
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return Size(*struct.unpack_from(">HH", data, place + 5))
        elif kind == 0xDA:  # pixels
            return None
        elif 0xD0 <= kind <= 0xD9 or kind == 1:  # nothing belongs to these
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _jpeg_2000(data: bytes) -> Size | None:
    """ITU-T T.800, A.5.1: sizes stand behind the first two markers, also in a file of JP2."""
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0:
        return None
    right, bottom, left, top = struct.unpack_from(">IIII", data, start + 8)
    return Size(max(0, bottom - top), max(0, right - left))


def _jpeg_xr(data: bytes) -> Size | None:
    """ITU-T T.832, A.7: a table of tags as that of TIFF."""
    (table,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, table)
    sides = {}
    for number in range(count):
        tag, kind, _ = struct.unpack_from("<HHI", data, table + 2 + 12 * number)
        if tag in (0xBC80, 0xBC81):
            (sides[tag],) = struct.unpack_from({1: "<B", 3: "<H"}.get(kind, "<I"), data, table + 10 + 12 * number)
    return Size(sides[0xBC81], sides[0xBC80]) if len(sides) == 2 else None


def _png(data: bytes) -> Size:
    """The first chunk of the format."""
    columns, rows = struct.unpack_from(">II", data, 16)
    return Size(rows, columns)


def _webp(data: bytes) -> Size | None:
    """RFC 9649: lossy, lossless, or with more than that in it."""
    kind = data[12:16]
    if kind == b"VP8 ":
        columns, rows = struct.unpack_from("<HH", data, 26)
        return Size(rows & 0x3FFF, columns & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Size((bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1)
    if kind == b"VP8X":
        return Size(int.from_bytes(data[27:30], "little") + 1, int.from_bytes(data[24:27], "little") + 1)
    return None


def _lerc(data: bytes) -> Size | None:
    """Esri's LERC: since version 3 of the second format behind a checksum, and since 4 with a depth."""
    if data.startswith(b"Lerc2 "):
        (version,) = struct.unpack_from("<i", data, 6)
        return Size(*struct.unpack_from("<III" if version >= 4 else "<II", data, 14 if version >= 3 else 10))
    if data.startswith(b"CntZImage "):
        return Size(*struct.unpack_from("<II", data, 18))
    return None


SIZES: Mapping[int, Callable[[bytes], Size | None]] = {
    **dict.fromkeys((6, 7, 33007, 34892), _jpeg), **dict.fromkeys((33003, 33004, 33005, 34712), _jpeg_2000),
    **dict.fromkeys((22610, 34934), _jpeg_xr), 34887: _lerc, 34933: _png, **dict.fromkeys((34927, 50001), _webp),
}
"""Who reads the size of each format, by the number of its compression."""
