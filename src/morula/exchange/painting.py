"""What was drawn becomes a mask: each area over those that were drawn before it, and what did not fit is counted."""

from __future__ import annotations

import math
import zlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from morula.exchange.areas import Area, Box, Drawn, Shape
from morula.exchange.plain_data import MOST_PIXELS
from morula.images import image
from morula.plurals import many

BACKGROUND, UNKNOWN = "background", "ignore"
"""What classes are called that are none: what is cleared again, and what nobody annotated."""

NOTHING = 0
TOGETHER = 2**22
"""Pixels of a mask that are packed together: so many are unpacked for any small part."""
OUTER = 1.0
"""Pixels by which an outline may reach beyond its image without a word: many programs let it."""


@dataclass(frozen=True)
class Numbering:
    """What stands in a mask.

    Attributes:
        classes: the number of each class.
        objects: where each object has a number of its own and the classes do not show, how many there are at most in
            one mask; else None.
    """

    classes: Mapping[str, int]
    objects: int | None

    @property
    def unknown(self) -> int:
        """What stands where nobody annotated."""
        return int(np.iinfo(self.dtype).max)

    @property
    def dtype(self) -> np.dtype:
        if self.objects is None:
            return np.dtype(np.uint8)
        return np.dtype(np.uint16 if self.objects < np.iinfo(np.uint16).max else np.int32)


@dataclass(frozen=True)
class PaintedPixels:
    """Frames of a mask that take little memory.

    Attributes:
        packed: of each frame some rows (of volumes, slices) at a time.
        space: the shape of a frame.
        dtype: of the numbers.
        rows: how many are packed together.
    """

    packed: tuple[tuple[bytes, ...], ...]
    space: tuple[int, ...]
    dtype: np.dtype
    rows: int

    @classmethod
    def of(cls, frames: Iterable[np.ndarray], space: tuple[int, ...], dtype: np.dtype) -> PaintedPixels:
        """Frames, each of which is let go before the next one is taken."""
        rows = max(1, TOGETHER // math.prod(space[1:]))
        packed = tuple(tuple(zlib.compress(np.ascontiguousarray(frame[row : row + rows]).data, level=1)
                             for row in range(0, space[0], rows)) for frame in frames)
        return cls(packed, space, dtype, rows)

    def read(self, frame: int, box: image.Box) -> np.ndarray:
        first, last = box[0].start // self.rows, -(-box[0].stop // self.rows)
        parts = [np.frombuffer(zlib.decompress(part), self.dtype) for part in self.packed[frame][first:last]]
        found = np.concatenate([*parts, np.zeros(0, self.dtype)]).reshape(-1, *self.space[1:])
        above = first * self.rows
        return found[(slice(box[0].start - above, box[0].stop - above), *box[1:])][None]


@dataclass
class _Seen:
    """What did not fit: shapes by their numbers, and pixels."""

    cut: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)
    twice: int = 0
    over: int = 0
    owners: dict[Hashable, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectPixels:
    """The numbers of objects in a drawing, painted whenever they are asked for; 0 for none."""

    drawn: Drawn
    space: tuple[int, ...]

    def read(self, frame: int, box: image.Box) -> np.ndarray:
        numbering = Numbering({}, len(self.drawn.shapes))
        found = _painted(self.drawn, frame, self.space, numbering, _Seen())[box][None]
        found[found == numbering.unknown] = NOTHING
        return found


def paint(drawn: Drawn, frames: int, space: tuple[int, ...], numbering: Numbering) -> tuple[PaintedPixels, list[str]]:
    """A mask of the size of an image, and what of the drawing did not fit, a problem and advice each.

    Args:
        drawn: what was drawn.
        frames: of the image.
        space: the shape of a frame, `(y, x)` or `(z, y, x)`.
        numbering: what stands in the mask.

    Raises:
        ValueError: no image has so many pixels.
    """
    if math.prod(space) > MOST_PIXELS:
        raise ValueError(f"{' × '.join(map(str, space))} pixels are too many for one mask. Cut the image into tiles")
    depth = math.prod(space[:-2])
    seen = _Seen(outside={place for place, shape in enumerate(drawn.shapes) if not _is_somewhere(shape, frames, depth)})
    painted = (_painted(drawn, frame, space, numbering, seen) for frame in range(frames))
    pixels = PaintedPixels.of(painted, space, numbering.dtype)
    return pixels, _remarks(seen, drawn)


def _painted(drawn: Drawn, frame: int, space: tuple[int, ...], numbering: Numbering, seen: _Seen) -> np.ndarray:
    """One frame, shape `space`."""
    depth = math.prod(space[:-2])
    volume = np.zeros((depth, *space[-2:]), numbering.dtype)
    covered = np.zeros(volume.shape, bool)
    seen.owners.clear()
    for place, shape in enumerate(drawn.shapes):
        levels = _levels(shape, frame, depth)
        if levels and (box := _box(place, shape.area, space[-2:], seen)):
            _lay(place, shape, box, volume[levels], covered[levels], numbering, seen)
    seen.over += int(np.count_nonzero(covered))
    return volume.reshape(space)


def _levels(shape: Shape, frame: int, depth: int) -> slice | None:
    """The slices of a frame that a shape lies in."""
    moment, level = shape.place(depth)
    if moment is not None and moment != frame:
        return None
    if level is None:
        return slice(0, depth)
    return slice(level, level + 1) if 0 <= level < depth else None


def _is_somewhere(shape: Shape, frames: int, depth: int) -> bool:
    moment, level = shape.place(depth)
    return (moment is None or 0 <= moment < frames) and (level is None or 0 <= level < depth)


def _lay(
    place: int, shape: Shape, box: Box, planes: np.ndarray, covered: np.ndarray, numbering: Numbering, seen: _Seen
) -> None:
    """Paint a shape over what there is of some slices, `(z, y, x)`; what it covers of another one is marked."""
    inside, twice = shape.area.fill(box)
    seen.twice += twice
    if not inside.any():
        seen.empty.add(place)
    number = _number(shape, numbering, seen)
    for plane, over in zip(planes, covered, strict=True):
        here = plane[box]
        over[box] |= inside & (here != NOTHING) & (here != number) & (number != NOTHING)
        here[inside] = number


def _number(shape: Shape, numbering: Numbering, seen: _Seen) -> int:
    if shape.name == BACKGROUND:
        return NOTHING
    if shape.name == UNKNOWN:
        return numbering.unknown
    if numbering.objects is None:
        return numbering.classes[shape.name]
    return seen.owners.setdefault((shape.name, shape.owner), len(seen.owners) + 1)


def _box(place: int, area: Area, size: tuple[int, ...], seen: _Seen) -> Box | None:
    """The part of an image that holds all of an area that lies in it."""
    top, left, bottom, right = area.bounds
    rows, columns = (slice(max(0, math.floor(low)), min(length, math.ceil(high)))
                     for low, high, length in ((top, bottom, size[0]), (left, right, size[1])))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        (seen.outside if min(top, left) < 0 or bottom > size[0] or right > size[1] else seen.empty).add(place)
        return None
    if min(top, left) < -OUTER or bottom > size[0] + OUTER or right > size[1] + OUTER:
        seen.cut.add(place)
    return rows, columns


def _remarks(seen: _Seen, drawn: Drawn) -> list[str]:
    remarks = []
    drawn_in_all = f"of {many(len(drawn.shapes), 'outline')}"
    where = [f"{len(places):,} {said}" for places, said in (
        (seen.outside, "outside of the image"), (seen.cut, "cut at its border")) if places]
    if where:
        remarks.append(f"{drawn_in_all}, {' and '.join(where)}. Look whether they were drawn on this image, at this "
                       "size.")
    if seen.empty:
        remarks.append(f"{drawn_in_all}, {len(seen.empty):,} without the middle of a pixel, so that nothing is marked. "
                       "If something is to be seen there, draw it larger.")
    if seen.twice:
        remarks.append(f"outlines cross themselves, and {many(seen.twice, 'pixel')} that they go round twice are left "
                       "out. Draw them without crossings, if these belong to them.")
    if seen.over:
        remarks.append(f"{many(seen.over, 'pixel')} belong to several outlines. Each was given to the one that was "
                       "drawn last.")
    if drawn.no_areas:
        what = " and ".join(many(count, kind) for kind, count in drawn.no_areas.most_common())
        remarks.append(f"{what} enclose nothing and are passed over. Outline what is to be found.")
    return remarks
