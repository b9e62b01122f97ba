"""TIFF stacks that hold fewer planes than they name, as where an acquisition was stopped: whole moments or slices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tifffile import TiffFile, TiffFrame, TiffPage, TiffPageSeries

from morula.errors import FileError
from morula.headers.limits import require_planes
from morula.plurals import many

_COUNTED = {"T": "moment", "Z": "slice", "I": "plane"}


@dataclass(frozen=True)
class Stack:
    """The planes of a file in their order.

    Attributes:
        axes: the letters that tifffile gives.
        shape: their lengths.
        pages: one for each plane, the last axes counting fastest.
        unfinished: what is missing, a sentence and another that says what to do; empty where nothing is.
    """

    axes: str
    shape: tuple[int, ...]
    pages: tuple[TiffPage | TiffFrame, ...]
    unfinished: str = ""


def whole_part(path: Path, tif: TiffFile, series: TiffPageSeries) -> Stack:
    """What a series holds, and of one that was stopped early the whole moments (slices, if it has no moments).

    Raises:
        FileError: planes are missing in between, not one moment is whole, or whole channels are missing.
    """
    axes, shape = series.get_axes(False), tuple(series.get_shape(False))
    pages = None
    if tif.is_imagej and series.kind in ("imagej", "generic"):
        counted, counts = _named_by_imagej(tif)
        require_planes(path, math.prod(counts))
        promised, held = int(np.prod(counts, dtype=object)), len(tif.pages)
        # A lone page that is not packed has all other planes behind it, as ImageJ writes large stacks.
        if held < promised and not (held == 1 and series.keyframe.is_final):
            axes, shape = counted + series.keyframe.axes, counts + series.keyframe.shape
            pages = [*tif.pages, *[None] * (promised - held)]
        elif series.kind == "generic" and promised > 1:
            raise _cut_short(path)
    pages = list(series) if pages is None else pages
    there = [page for page in pages if page is not None]
    if len(there) == len(pages):
        return Stack(axes, shape, tuple(there))
    first = next(place for place, length in enumerate(shape) if length > 1)
    whole = _whole([page is not None for page in pages], shape[first])
    if not whole or axes[first] not in _COUNTED:
        raise _cut_short(path)
    unfinished = (
        f"the file holds {len(there)} of the {many(len(pages), 'plane')} that it names, enough for "
        f"{many(whole, _COUNTED[axes[first]])}, and is read as far as that. "
        "If it was not stopped early, copy it again from where it came from."
    )
    kept = there[: whole * len(pages) // shape[first]]
    return Stack(axes, (*shape[:first], whole, *shape[first + 1 :]), tuple(kept), unfinished)


def _named_by_imagej(tif: TiffFile) -> tuple[str, tuple[int, ...]]:
    """The axes that ImageJ counts pages by, and how many there should be along each."""
    about = tif.imagej_metadata or {}
    frames, slices, channels = (int(about.get(name, 1)) for name in ("frames", "slices", "channels"))
    if channels == tif.pages.first.samplesperpixel:  # some programs count colours as channels
        channels = 1
    if frames * slices * channels == 1:
        return "I", (int(about.get("images", 1)),)
    return "TZC", (frames, slices, channels)


def _whole(there: Sequence[bool], length: int) -> int:
    """How many parts of the first axis, of this length, are whole; 0 if a later plane than those is there."""
    parts = np.reshape(there, (length, -1))
    whole = int(np.argmin(np.append(parts.all(axis=1), False)))
    return 0 if parts[whole + 1 :].any() else whole


def _cut_short(path: Path) -> FileError:
    return FileError(f"{path} is cut short: it names more pages than it holds. Copy it again, or leave it out.")
