"""How coarse pixels may be: the coarsest that still hold the outlines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.examples.example import class_planes, object_numbers
from morula.models.preprocessing import binned
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.planning.given import Given, mask_of
from morula.scores.compare import compare_masks

KEPT, SMALLEST_SIDE = 0.985, 192
"""Outlines must survive binning with at least this mean IoU, and frames stay at least so large, in pixels."""
KEPT_COARSE, SMALLEST_COARSE_SIDE = 0.95, 64
"""The same where a quick network is asked for."""
LOOKED_AT = 12
"""Frames that are looked at to plan how coarse pixels may be."""
NARROWEST = 12
"""Objects that are told apart stay at least so many binned pixels wide, but for a tenth of them."""


def plan_binning(given: Given, reasons: list[str]) -> tuple[int, ...]:
    """The coarsest pixels that still hold the outlines."""
    axes, reading, settings = given.axes, given.reading, given.settings
    if settings.binning:
        reasons.append(f"{settings.binning} pixels along each axis are averaged to one, as asked.")
        return (settings.binning,) * axes
    if given.earlier:
        reasons.append("Pixels are averaged and scaled as for the earlier model.")
        return given.earlier.binning
    frames = evenly(given.frames, LOOKED_AT)
    masks = [mask_of(frame, reading) for frame in frames]
    smallest = min(min(mask.shape[-2:]) for mask in masks)
    narrow = _narrow_object(frames, reading) if settings.objects else np.inf
    least, side = (KEPT_COARSE, SMALLEST_COARSE_SIDE) if settings.quick else (KEPT, SMALLEST_SIDE)
    for factor in (4, 3, 2):
        binning = (*[1] * (axes - 2), factor, factor)
        if smallest // factor < side or narrow / factor < NARROWEST:
            continue
        kept = outlines_kept(masks, reading.classes, binning)
        if kept >= least:
            reasons.append(f"{factor} × {factor} pixels are averaged to one: outlines survive that with an IoU of "
                           f"{kept:.3f}, and the network sees more at once.")
            return binning
    reasons.append("Pixels are used as they are: coarser ones would lose detail of the outlines.")
    return (1,) * axes


def outlines_kept(masks: Sequence[np.ndarray], classes: int, binning: tuple[int, ...]) -> float:
    """The mean IoU, background included, of masks with themselves after binning and back.

    Args:
        masks: class numbers `(*space)`.
        classes: the number of classes without background.
        binning: pixels averaged to one along each axis.
    """
    found = []
    for mask in masks:
        coarse = binned(class_planes(mask, classes), binning)
        back = _enlarged(coarse, binning)[(slice(None), *(slice(0, length) for length in mask.shape))]
        scores = compare_masks(mask, np.where(mask == NOT_ANNOTATED, mask, back.argmax(0)).astype(np.uint8),
                               classes, name="mask", outlines=False)
        found.append(scores.mean_iou or 0.0)
    return float(np.mean(found))


def _narrow_object(frames: Sequence[Frame], reading: MaskReading) -> float:
    """How wide a small object is in pixels, as the side of a square or cube of its size."""
    labels = [object_numbers(frame, reading) for frame in frames]
    sizes = np.concatenate([np.unique(each[each > 0], return_counts=True)[1] for each in labels])
    return float(np.percentile(sizes, 10)) ** (1 / labels[0].ndim) if len(sizes) else np.inf


def _enlarged(planes: np.ndarray, binning: tuple[int, ...]) -> np.ndarray:
    """Planes `(planes, *space)` with each axis stretched linearly, as probabilities are after the network."""
    for axis, factor in enumerate(binning, start=1):
        if factor == 1:
            continue
        length = planes.shape[axis]
        places = ((np.arange(length * factor) + 0.5) / factor - 0.5).clip(0, length - 1)
        low = np.minimum(places.astype(int), max(0, length - 2))
        share = (places - low).reshape(-1, *[1] * (planes.ndim - 1 - axis))
        high = np.minimum(low + 1, length - 1)
        planes = planes.take(low, axis) * (1 - share) + planes.take(high, axis) * share
    return planes
