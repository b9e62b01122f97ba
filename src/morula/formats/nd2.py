"""ND2, the files of Nikon's NIS-Elements: frames of all channels, read one by one through nd2; positions are scenes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.errors import FileError
from morula.formats.scenes import Scene, require_known, whole_moments, with_colours
from morula.formats.stored import Box, Contents, box_shape
from morula.headers.limits import require_decodable, require_memory, require_planes
from morula.headers.units import micrometres

if TYPE_CHECKING:
    from nd2 import ND2File

_LETTERS = {"TimeLoop": "T", "NETimeLoop": "T", "ZStackLoop": "Z", "XYPosLoop": "P"}
"""What a loop of an experiment runs over: moments, slices or positions."""
_OTHER_AXES = {"?": "entries of a loop that is not known"}


@dataclass(frozen=True)
class FrameSequence:
    """A position as an array `T Z C Y X`, without those axes that have length one and are left out.

    Attributes:
        path: the file.
        full: the lengths of all axes.
        colours: how many numbers a pixel of each channel has, which follow one another in C.
        dtype: of the numbers.
        first: the number of the first frame in the file.
        steps: frames from one moment to the next, and from one slice to the next.
    """

    path: Path
    full: tuple[int, int, int, int, int]
    colours: int
    dtype: np.dtype
    first: int
    steps: tuple[int, int]

    @property
    def kept(self) -> tuple[int, ...]:
        """The axes that are not left out."""
        return tuple(axis for axis, length in enumerate(self.full) if length != 1 or "TZCYX"[axis] in "YX")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.full[axis] for axis in self.kept)

    def read(self, where: Box) -> np.ndarray:
        pieces = dict(zip(self.kept, where, strict=True))
        moments, slices, *within = (pieces.get(axis, slice(0, 1)) for axis in range(5))
        part = np.empty(box_shape((moments, slices, *within)), self.dtype)
        _, _, channels, height, width = self.full
        with _opened(self.path) as file:
            for moment, depth in product(range(moments.start, moments.stop), range(slices.start, slices.stop)):
                frame = file.read_frame(self.first + moment * self.steps[0] + depth * self.steps[1])
                frame = frame.reshape(-1, height, width, self.colours)
                planes = np.moveaxis(frame, -1, 1).reshape(channels, height, width)
                part[moment - moments.start, depth - slices.start] = planes[tuple(within)]
        return part.reshape(box_shape(where))


def nd2_scenes(path: Path) -> list[Scene]:
    """The positions of a file, in its order."""
    with _opened(path) as file:
        loops = _loops(path, file)
        attributes = file.attributes
        sizes = {"T": loops.get("T", 1), "C": attributes.componentCount, "Z": loops.get("Z", 1),
                 "Y": attributes.heightPx, "X": attributes.widthPx or 0}
        points = next((loop.parameters.points for loop in file.experiment if loop.type == "XYPosLoop"), [])
        names = [point.name or "" for point in points]
    return [Scene(names[place] if place < len(names) else "", sizes) for place in range(loops.get("P", 1))]


def open_nd2(path: Path, scene: int) -> Contents:
    """What is at one of the positions of a file, counted from 0; lengths are in µm.

    Raises:
        FileError: it is of an older kind, has axes that are not read, or more pixels than are decoded at once.
    """
    with _opened(path) as file:
        loops, attributes, dtype = _loops(path, file), file.attributes, file.dtype
        described = _channels(file)
    height, width, channels = attributes.heightPx, attributes.widthPx or 0, attributes.componentCount
    require_decodable(path, (height, width, channels), "a frame")
    require_memory(path, 2 * height * width * channels * dtype.itemsize)
    letters = list(loops)
    steps = {letter: math.prod(list(loops.values())[place + 1 :]) for place, letter in enumerate(letters)}
    first = scene * steps.get("P", 0)
    slices = range(0, loops.get("Z", 1) * steps.get("Z", 0), steps["Z"]) if "Z" in steps else range(1)
    there = [sum(first + moment * steps.get("T", 0) + depth < attributes.sequenceCount for depth in slices)
             for moment in range(loops.get("T", 1))]
    moments, unfinished = whole_moments(there, len(slices))
    colours = channels // (attributes.channelCount or 1)
    stored = FrameSequence(path, (moments, len(slices), channels, height, width), colours, dtype, first,
                           (steps.get("T", 0), steps.get("Z", 0)))
    names = [each.channel.name or "" for each in described]
    return Contents(
        stored,
        "".join("TZCYX"[axis] for axis in stored.kept),
        _pixel_size(described[0].volume) if described else {},
        with_colours(names, [colours] * len(names)),
        unfinished=unfinished,
    )


def _opened(path: Path) -> ND2File:
    from nd2 import ND2File

    file = ND2File(path)
    if file.is_legacy:
        file.close()
        raise FileError(f"{path} is ND2 of the older kind, in JPEG 2000, which is not read. Save it anew with "
                        "NIS-Elements, or as TIFF.")
    return file


def _loops(path: Path, file: ND2File) -> Mapping[str, int]:
    """How often each loop of the experiment runs, by its letter, the outermost first.

    Raises:
        FileError: one is not known, or there are two of a kind, or more frames than any file has.
    """
    kinds = [(_LETTERS.get(loop.type, "?"), loop.count) for loop in file.experiment]
    require_planes(path, math.prod(count for _, count in kinds))
    loops = dict(kinds)
    require_known(path, {letter: count for letter, count in loops.items() if letter != "P"}, _OTHER_AXES)
    if len(loops) < len(kinds):
        raise FileError(f"{path} runs twice through the same kind of loop, which is not read. Save its parts as files "
                        "of their own with NIS-Elements.")
    return loops


def _channels(file: ND2File) -> list[Any]:
    """What is said of each channel; nothing where nd2 does not understand it, which keeps no pixel from being read."""
    with suppress(Exception):
        return list(file.metadata.channels or [])
    return []


def _pixel_size(volume: Any) -> dict[str, float]:
    sizes = zip("XYZ", volume.axesCalibrated, volume.axesCalibration, strict=True)
    return {letter: size for letter, told, length in sizes if told and (size := micrometres(length, "µm"))}
