"""Masks and label images cleaned: holes filled, small objects and those at the border taken out, all of it counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field, field_validator

from morula.objects.labels import connected_pieces
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

    mask: np.ndarray
    notes: tuple[str, ...]


def clean(
    mask: np.ndarray, cleaning: Cleaning, pixel_size: tuple[float, ...] | None = None, *, numbered: bool = False
) -> Cleaned:
    """Fill holes, then take out objects; the threshold was applied where the mask was made.

    A hole is background that the frame's border cannot be reached from, by the sides of pixels, and that lies in one
    class or one object alone. Objects are those of a label image, which are numbered without a gap again, or the
    connected pieces of all foreground, whatever its classes, where pixels that touch by a corner are connected. All
    of the frame is looked at at once, in some ten bytes for each pixel.

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
        mask, holes, pixels = _filled(mask, most, unit)
        which = "holes" if most == np.inf else f"holes up to {most:g} {measured}"
        notes.append(f"{which}: {holes:,} filled ({many(pixels, 'pixel')})")
    if not cleaning.min_size and not cleaning.drop_border:
        return Cleaned(mask, tuple(notes))
    if numbered:
        pieces, sizes = mask, np.bincount(mask.ravel())
        sizes[0] = 0
    else:
        pieces, sizes = connected_pieces(mask)
    left = sizes > 0
    small = left & (sizes * unit < cleaning.min_size * (1 - 1e-9))
    left &= ~small
    if cleaning.min_size:
        notes.append(f"smaller than {cleaning.min_size:g} {measured}: {_removed(sizes[small])}")
    if cleaning.drop_border:
        cut = left & np.isin(np.arange(len(sizes)), _at_border(pieces))
        left &= ~cut
        notes.append(f"at the border: {_removed(sizes[cut])}")
    if numbered:
        return Cleaned((np.cumsum(left) * left).astype(mask.dtype)[mask], tuple(notes))
    return Cleaned(np.where(left[pieces], mask, 0).astype(mask.dtype), tuple(notes))


def _removed(sizes: np.ndarray) -> str:
    return f"{len(sizes):,} removed ({many(int(sizes.sum()), 'pixel')})"


def _filled(mask: np.ndarray, most: float, unit: float) -> tuple[np.ndarray, int, int]:
    """The mask with its holes of at most this size filled, how many these are, and their pixels."""
    from scipy import ndimage

    regions = np.empty(mask.shape, np.int32)
    count = int(ndimage.label(mask == 0, output=regions))  # pyright: ignore[reportArgumentType]
    sizes = np.bincount(regions.ravel(), minlength=count + 1)
    lowest, highest = np.full(count + 1, np.iinfo(np.int64).max), np.zeros(count + 1, np.int64)
    for axis in range(mask.ndim):
        before, after = ((*[slice(None)] * axis, part) for part in (slice(None, -1), slice(1, None)))
        for values, region in ((mask[before], regions[after]), (mask[after], regions[before])):
            beside = (values > 0) & (region > 0)
            np.minimum.at(lowest, region[beside], values[beside])
            np.maximum.at(highest, region[beside], values[beside])
    hole = (lowest == highest) & (sizes * unit <= most * (1 + 1e-9))
    hole[0] = False
    hole[_at_border(regions)] = False
    return (np.where(hole[regions], highest.astype(mask.dtype)[regions], mask), int(hole.sum()),
            int(sizes[hole].sum()))


def _at_border(labels: np.ndarray) -> np.ndarray:
    """The numbers that occur at an end of an axis, ascending."""
    return np.unique(np.concatenate([np.unique(labels.take([0, -1], axis)) for axis in range(labels.ndim)]))
