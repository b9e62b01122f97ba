"""Masks and label images cleaned: holes filled, small objects and those at the border taken out, all of it counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field, field_validator

from morula.images.room import Room, bands_of, kept_once, room_for
from morula.objects.holes import at_border, filled
from morula.objects.labels import connected_pieces
from morula.objects.merging import Merging
from morula.plurals import many
from morula.settings import Settings


class Cleaning(Settings):
    """What is done to a mask once it is there, in this order."""

    threshold: float | None = Field(default=None, gt=0, lt=1)
    """What is at least so probable is foreground, for models of one class; 0.5 if left out."""
    fill_holes: Literal["all"] | float | None = None
    """Fill holes within an object up to this area, or all: µm² (volumes: µm³) where the pixel size is known, and \
pixels where it is not."""
    min_size: float = Field(default=0, ge=0)
    """Take out objects that are smaller, in the same unit."""
    drop_border: bool = False
    """Take out objects that touch the border of the frame."""

    @field_validator("fill_holes", mode="before")
    @classmethod
    def _all_or_none(cls, value: Any) -> Any:
        return ("all" if value else None) if isinstance(value, bool) else value

    @field_validator("fill_holes")
    @classmethod
    def _an_area(cls, value: Literal["all"] | float | None) -> Literal["all"] | float | None:
        if isinstance(value, float) and value <= 0:
            raise ValueError("should be greater than 0, or all")
        return value

    @property
    def asked_for(self) -> bool:
        """Whether there is anything to do."""
        return self != Cleaning()


@dataclass(frozen=True)
class Cleaned:
    """A mask or label image that was cleaned.

    Attributes:
        mask: of the type and shape that it had, `(*space)`.
        notes: what was done, each in words; empty where nothing was asked for.
    """

    mask: Room
    notes: tuple[str, ...]


def clean(
    mask: Room, cleaning: Cleaning, pixel_size: tuple[float, ...] | None = None, *, numbered: bool = False
) -> Cleaned:
    """Fill holes, then take out objects; the threshold was applied where the mask was made.

    A hole is background that the frame's border cannot be reached from, by the sides of pixels, and that lies in one
    class or one object alone. Objects are those of a label image, which are numbered without a gap again, or the
    connected pieces of all foreground, whatever its classes, where pixels that touch by a corner are connected. A large
    frame is gone through band by band, and what comes of it is the same.

    Args:
        mask: class numbers, or object numbers, unsigned `(*space)`.
        cleaning: what to do.
        pixel_size: µm along each axis; sizes are in pixels where it is left out.
        numbered: it is a label image.
    """
    notes = [] if cleaning.threshold is None else [f"threshold {cleaning.threshold:g}"]
    unit = float(np.prod(pixel_size or (1.0,)))
    measured = ("µm²" if mask.ndim == 2 else "µm³") if pixel_size else "px"
    if cleaning.fill_holes is not None:
        most = np.inf if cleaning.fill_holes == "all" else float(cleaning.fill_holes)
        mask, holes, pixels = filled(mask, most / unit)
        which = "holes" if most == np.inf else f"holes up to {most:g} {measured}"
        notes.append(f"{which}: {holes:,} filled ({many(pixels, 'pixel')})")
    if not cleaning.min_size and not cleaning.drop_border:
        return Cleaned(mask, tuple(notes))
    pieces_of = kept_once(lambda band: connected_pieces(mask[band]))
    things = _objects(mask) if numbered else _pieces(mask.shape, pieces_of)
    left = things.sizes > 0
    small = left & (things.sizes * unit < cleaning.min_size * (1 - 1e-9))
    left &= ~small
    if cleaning.min_size:
        notes.append(f"smaller than {cleaning.min_size:g} {measured}: {_removed(things.sizes[small])}")
    if cleaning.drop_border:
        cut = left & things.cut
        left &= ~cut
        notes.append(f"at the border: {_removed(things.sizes[cut])}")
    cleaned, numbers = room_for(mask.shape, mask.dtype), (np.cumsum(left) * left).astype(mask.dtype)
    for place, band in enumerate(bands_of(mask.shape)):
        here = mask[band]
        cleaned[band] = numbers[here] if numbered else np.where(left[things.of[place]][pieces_of(band)[0]], here, 0)
    return Cleaned(cleaned, tuple(notes))


@dataclass(frozen=True)
class _Things:
    """What may be taken out, by its number.

    Attributes:
        sizes: pixels of each, `(things + 1,)`, the first of which is 0.
        cut: whether it touches the border of the frame.
        of: for each band, the thing that each of its pieces belongs to; empty of a label image.
    """

    sizes: np.ndarray
    cut: np.ndarray
    of: tuple[np.ndarray, ...] = ()


def _pieces(space: tuple[int, ...], pieces_of: Callable[[slice], tuple[np.ndarray, np.ndarray]]) -> _Things:
    merging, sizes, cut = Merging(), [], []
    for band in bands_of(space):
        pieces, here = pieces_of(band)
        merging.add(pieces, len(here) - 1)
        sizes.append(here)
        cut.append(at_border(pieces, band, space, len(here)))
    merged = merging.done()
    return _Things(merged.summed(sizes), merged.any_of(cut), merged.numbers)


def _objects(mask: Room) -> _Things:
    count = max(int(mask[band].max()) for band in bands_of(mask.shape)) + 1
    sizes, cut = np.zeros(count, np.int64), np.zeros(count, bool)
    for band in bands_of(mask.shape):
        here = mask[band]
        sizes += np.bincount(here.ravel(), minlength=count)
        cut |= at_border(here, band, mask.shape, count)
    sizes[0] = 0
    return _Things(sizes, cut)


def _removed(sizes: np.ndarray) -> str:
    return f"{len(sizes):,} removed ({many(int(sizes.sum()), 'pixel')})"
