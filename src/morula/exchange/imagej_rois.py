"""ImageJ: a `.roi` file for one outline, or a `.zip` file of many, as the ROI manager saves them.

The layout is that of `ij.io.RoiDecoder`: a header of 64 bytes, big-endian, then corners, then a second header with
positions and the name.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from morula.errors import FileError, reason
from morula.exchange.areas import Area, Drawn, Rings, Shape, ellipse, rectangle
from morula.exchange.outlined import OutlinedMask, OutlinedObject
from morula.exchange.plain_data import MOST_BYTES, numbers, read_bytes
from morula.files import whole_file

MAGIC = b"Iout"
HEADER = 64
POLYGON, RECTANGLE, OVAL, FREEHAND, TRACED = 0, 1, 2, 7, 8
NO_AREAS = {3: "line", 4: "line", 5: "line", 6: "empty ROI", 9: "angle", 10: "point"}
TEXT, ARROW, ELLIPSE, PICTURE, ROTATED = 1, 2, 3, 4, 5
SUBPIXEL = 128
SUBPIXEL_SINCE = 222
MOVE, LINE, QUADRATIC, CUBIC, CLOSE = 0, 1, 2, 3, 4
ARGUMENTS = {MOVE: 2, LINE: 2, QUADRATIC: 4, CUBIC: 6, CLOSE: 0}
BENDS = np.linspace(0, 1, 17)[1:, None]
"""Where a curve is given corners."""
CLASS = "class"
"""The property that names the class of a ROI."""
LARGEST = 2**15 - 1
"""Coordinates beyond this are written as numbers with a fraction, which hold them."""
WRAPPED = -5000
"""Smaller numbers of 16 bits are coordinates beyond 32,767 that did not fit."""

UNPACKING = (zlib.error, lzma.LZMAError)
"""What unpacking raises of contents that are damaged."""


def is_imagej(path: Path) -> bool:
    """Whether a file is one of ImageJ; of an archive that cannot be opened it is not known, and the answer is yes."""
    if path.suffix.lower() == ".roi":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(".roi") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return True


def read_imagej(path: Path) -> list[Drawn]:
    """What lies in a `.roi` file, or in a `.zip` file or a folder of them.

    Classes are the groups of ImageJ, `group 1` and so on, unless a ROI has the property `class`.

    Raises:
        ValueError: the file holds something else.
        FileError: it cannot be read.
    """
    shapes, no_areas = [], Counter[str]()
    for number, (name, data) in enumerate(_entries(path)):
        try:
            found = _shape(data, number)
        except (struct.error, IndexError) as error:
            raise ValueError(f"the ROI {name} is cut short. Save it again in ImageJ") from error
        except ValueError as error:
            raise ValueError(f"the ROI {name}: {error}") from error
        if isinstance(found, str):
            no_areas[found] += 1
        else:
            shapes.append(found)
    return [Drawn(path, tuple(shapes), None, no_areas)]


def _entries(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir() or path.suffix.lower() == ".roi":
        yield from ((file.name, read_bytes(file)) for file in (sorted(path.glob("*.roi")) if path.is_dir() else [path]))
        return
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            names = [each for each in archive.infolist() if each.filename.lower().endswith(".roi")]
            if not names:
                raise ValueError("this archive holds no ROIs of ImageJ. Is it an export of another program? Unpack it, "
                                 "and give the folder")
            for each in names:
                left -= each.file_size
                if left < 0:
                    raise ValueError(f"its ROIs unpack to more than {MOST_BYTES / 2**30:.0f} GiB. Save them in parts")
                with archive.open(each) as file:
                    yield each.filename, file.read(each.file_size)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, *UNPACKING) as error:
        raise FileError(f"{path} is no archive that can be unpacked ({reason(error)}). Save the ROIs again in ImageJ, "
                        "with More, Save… of the ROI manager.") from error


def _shape(data: bytes, number: int) -> Shape | str:
    """What one ROI is; the name of what has no area."""
    if data[:4] != MAGIC:
        raise ValueError("it does not begin as ROIs of ImageJ do. Save it again in ImageJ")
    _, kind = struct.unpack_from(">hB", data, 4)
    (subtype,) = struct.unpack_from(">h", data, 48)
    position, second = struct.unpack_from(">ii", data, 56)
    if kind in NO_AREAS or subtype in (TEXT, ARROW, PICTURE):
        return NO_AREAS.get(kind, "text or picture")
    area = _area(data, kind, subtype)
    if area is None:
        return "outline of fewer than three corners"
    level = moment = group = 0
    named = ""
    if HEADER <= second <= len(data) - 32:
        level, moment = struct.unpack_from(">ii", data, second + 8)
        group = data[second + 30]
        if not group and len(data) >= second + 54 and struct.unpack_from(">h", data, 4)[0] >= 229:
            (group,) = struct.unpack_from(">H", data, second + 52)
        named = _property(data, second)
    name = named or (f"group {group}" if group else "")
    if level > 0 or moment > 0:
        return Shape(name, area, number, moment - 1 if moment > 0 else None, level - 1 if level > 0 else None)
    return Shape(name, area, number, plane=position - 1 if position > 0 else None)


def _property(data: bytes, second: int) -> str:
    """The class of a ROI, as its properties say it in a line `class: cell`."""
    if len(data) < second + 48:
        return ""
    start, length = struct.unpack_from(">ii", data, second + 40)
    if not HEADER <= start <= len(data) or not 0 < length <= (len(data) - start) // 2:
        return ""
    for line in data[start : start + 2 * length].decode("utf-16-be", "replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == CLASS:
            return value.strip()
    return ""


def _area(data: bytes, kind: int, subtype: int) -> Area | None:
    (version,) = struct.unpack_from(">h", data, 4)
    (options,) = struct.unpack_from(">h", data, 50)
    (floats,) = struct.unpack_from(">i", data, 36)
    subpixel = bool(options & SUBPIXEL) and version >= SUBPIXEL_SINCE
    if kind == RECTANGLE and floats > 0:
        return _composite(data, floats)
    if kind in (RECTANGLE, OVAL):
        return _box(data, kind, subpixel)
    if kind not in (POLYGON, FREEHAND, TRACED):
        raise ValueError(f"its type {kind} is not known")
    if kind == FREEHAND and subtype in (ELLIPSE, ROTATED):
        return _along_a_line(data, subtype)
    corners = _corners(data, subpixel)
    return Rings((corners,)) if len(corners) > 2 else None


def _corners(data: bytes, subpixel: bool) -> np.ndarray:
    """`(corners, 2)`; beside corners to the pixel there may be exact ones."""
    top, left = (_unwrapped(value) for value in struct.unpack_from(">hh", data, 8))
    (count,) = struct.unpack_from(">H", data, 16)
    if not count:
        (count,) = struct.unpack_from(">i", data, 18)
    bytes_each = 12 if subpixel else 4
    if not 0 <= count <= (len(data) - HEADER) // bytes_each:
        raise ValueError(f"it names {count:,} corners, and holds fewer. It is cut short: save it again in ImageJ")
    if subpixel:
        x, y = np.frombuffer(data, ">f4", 2 * count, HEADER + 4 * count).reshape(2, count)
        return _checked(np.stack([y, x], axis=1))
    x, y = np.frombuffer(data, ">u2", 2 * count, HEADER).reshape(2, count).astype(float)
    return _checked(np.stack([y + top, x + left], axis=1))


def _unwrapped(value: int) -> int:
    return value + 65536 if value < WRAPPED else value


def _box(data: bytes, kind: int, subpixel: bool) -> Rings:
    top, left, bottom, right = (float(_unwrapped(value)) for value in struct.unpack_from(">hhhh", data, 8))
    if subpixel:
        left, top, width, height = _checked(np.array(struct.unpack_from(">ffff", data, 18))).tolist()
        bottom, right = top + height, left + width
    middle, half = ((top + bottom) / 2, (left + right) / 2), ((bottom - top) / 2, (right - left) / 2)
    if kind == OVAL:
        return ellipse(middle, half)
    (arc,) = struct.unpack_from(">h", data, 54)
    return _rounded(top, left, bottom, right, arc / 2) if arc > 0 else rectangle(top, left, bottom, right)


def _rounded(top: float, left: float, bottom: float, right: float, radius: float) -> Rings:
    """A rectangle with round corners."""
    half = min(radius, (bottom - top) / 2), min(radius, (right - left) / 2)
    inner = rectangle(top + half[0], left + half[1], bottom - half[0], right - half[1]).rings[0]
    turn = np.linspace(0, np.pi / 2, 17)
    quarter = np.stack([-np.cos(turn) * half[0], -np.sin(turn) * half[1]], axis=1)[::-1]  # from the left to the top
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])
    arcs = [corner + (quarter if place % 2 == 0 else quarter[::-1]) * sign
            for place, (corner, sign) in enumerate(zip(inner, signs, strict=True))]
    return Rings((np.concatenate(arcs),))


def _along_a_line(data: bytes, subtype: int) -> Rings:
    """An ellipse whose long axis is a line, or a rectangle along it."""
    x1, y1, x2, y2 = _checked(np.array(struct.unpack_from(">ffff", data, 18))).tolist()
    (across,) = _checked(np.array(struct.unpack_from(">f", data, 52))).tolist()
    length, angle = float(np.hypot(x2 - x1, y2 - y1)), float(np.arctan2(y2 - y1, x2 - x1))
    middle = (y1 + y2) / 2, (x1 + x2) / 2
    if subtype == ELLIPSE:
        return ellipse(middle, (length / 2 * across, length / 2), angle)
    half = across / 2
    return rectangle(middle[0] - half, middle[1] - length / 2, middle[0] + half, middle[1] + length / 2, angle)


def _composite(data: bytes, floats: int) -> Rings:
    """A path of lines and curves that is taken up and put down, as Java has it."""
    if floats > (len(data) - HEADER) // 4:
        raise ValueError(f"its path should have {floats:,} numbers, and has fewer. It is cut short: save it again")
    path = _checked(np.frombuffer(data, ">f4", floats, HEADER)).tolist()
    rings: list[np.ndarray] = []
    corners: list[list[float]] = []
    place = 0
    while place < len(path):
        kind = int(path[place])
        if kind not in ARGUMENTS or (kind not in (MOVE, CLOSE) and not corners):
            raise ValueError("its path holds a part that is not known")
        told = path[place + 1 : place + 1 + ARGUMENTS[kind]]
        if len(told) < ARGUMENTS[kind]:
            raise ValueError("its path ends in the middle of a part")
        place += 1 + ARGUMENTS[kind]
        if kind in (MOVE, CLOSE):
            rings += [np.array(corners)[:, ::-1]] if len(corners) > 2 else []
            corners = [told] if kind == MOVE else corners[:1]
        else:
            corners += _curve([corners[-1], *zip(told[::2], told[1::2], strict=True)])
    rings += [np.array(corners)[:, ::-1]] if len(corners) > 2 else []
    if not rings:
        raise ValueError("its path encloses nothing")
    return Rings(tuple(rings))


def _curve(points: Sequence) -> list[list[float]]:
    """The corners behind the first of a line, or of a curve of Bézier."""
    if len(points) == 2:
        return [list(points[1])]
    levels = [np.array(point) + np.zeros_like(BENDS) for point in points]
    while len(levels) > 1:
        levels = [(1 - BENDS) * one + BENDS * other for one, other in pairwise(levels)]
    return levels[0].tolist()


def _checked(values: np.ndarray) -> np.ndarray:
    return numbers(values, "what it says of places", (-1,) * values.ndim)


def write_rois(path: Path, mask: OutlinedMask) -> None:
    """Write the objects of a mask as a zip file for ImageJ's ROI manager, each at its frame.

    What has holes or several parts is a composite. Classes, where there are several, are groups with names.

    Raises:
        OutputError: the file cannot be written.
    """
    from roifile import roiwrite

    rois = [_roi(mask, each) for each in mask.objects]
    with whole_file(path, option="--rois") as temporary:
        roiwrite(temporary, rois, mode="w")


def _roi(mask: OutlinedMask, each: OutlinedObject):
    from roifile import ROI_TYPE, ImagejRoi

    rings = [ring[:, ::-1] for part in each.parts for ring in (part.outer, *part.holes)]
    corners = np.concatenate(rings)
    large = corners.max() > LARGEST
    roi = ImagejRoi.frompoints(corners.astype(float) if large else corners, name=each.label, t=each.frame)
    roi.roitype = ROI_TYPE.TRACED
    if len(rings) > 1:
        roi.roitype = ROI_TYPE.RECT
        roi.multi_coordinates = np.concatenate([_path(ring) for ring in rings])
        roi.shape_roi_size = len(roi.multi_coordinates)
        roi.integer_coordinates, roi.subpixel_coordinates, roi.n_coordinates = None, None, 0
        roi.options &= ~SUBPIXEL
    roi.right, roi.bottom = (min(LARGEST, side) for side in corners.max(axis=0).tolist())
    roi.left, roi.top = (min(LARGEST, side) for side in corners.min(axis=0).tolist())
    if len(mask.classes) > 1:
        roi.group, roi.props = each.kind, f"{CLASS}: {mask.class_of(each)}\n"
    return roi


def _path(ring: np.ndarray) -> np.ndarray:
    """An outline as parts of a path, float32."""
    steps = np.column_stack([np.full(len(ring), LINE), ring]).astype(np.float32)
    steps[0, 0] = MOVE
    return np.append(steps.ravel(), np.float32(CLOSE))
