"""How well an annotation agrees with what is seen when all its outlines are drawn wider or narrower."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.sights import dice, weights

REACH = 8.0
"""Pixels by which outlines are moved, at most, outwards and inwards."""
STEP = 0.5
BESIDE = 6.0
"""Pixels to each side of an outline in which what is drawn and what is seen are compared."""
RINGS = np.arange(-REACH, REACH + STEP, STEP)
"""By how many pixels they are moved outwards."""


def agreement_by_girth(classes: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """The agreement of all foreground with the probability of any, for each of `RINGS`.

    Args:
        classes: uint8 `(*space)`, 255 for what nobody annotated.
        foreground: float32 `(*space)`.
    """
    annotated = weights(classes) > 0
    outside = _outside((classes > 0) & annotated)[annotated]
    ring = np.clip(np.floor((outside + REACH) / STEP).astype(int) + 1, 0, len(RINGS))  # the first that holds it
    kinds: dict[str, Any] = {"minlength": len(RINGS) + 1}
    overlap = np.bincount(ring, foreground[annotated], **kinds).cumsum()[: len(RINGS)]
    return dice(overlap, np.bincount(ring, **kinds).cumsum()[: len(RINGS)], foreground[annotated].sum())


def drawn_wider(classes: np.ndarray, foreground: np.ndarray) -> float | None:
    """By how many pixels outlines lie farther out than what is seen, in the mean along them; below 0 farther in.

    The area that is drawn less the one that is seen, both beside the outlines, over the length of these, drawn and
    seen in the mean: of a disc, whose area is the integral of its length, this is the difference of the radii. Unlike
    `agreement_by_girth` it tells parts of a pixel.

    Args:
        classes: uint8 `(*space)`, 255 for what nobody annotated.
        foreground: float32 `(*space)`.

    Returns:
        None where nothing is drawn, or all of it.
    """
    annotated = weights(classes) > 0
    drawn = (classes > 0) & annotated
    beside = annotated & (np.abs(_outside(drawn)) < BESIDE)
    length = (_length(drawn, beside) + _length(foreground > 0.5, beside)) / 2
    return float((drawn[beside] - foreground[beside]).sum() / length) if length else None


def _length(inside: np.ndarray, counted: np.ndarray) -> float:
    """The length of outlines, the area of surfaces: faces of pixels on them, times what turned ones have too many of.

    Over all directions, lines have 4 / π faces a pixel, and planes 3 / 2 (Cauchy's formula of projections).
    """
    faces = 0
    for axis in range(inside.ndim):
        before, after = ((slice(None),) * axis + (part,) for part in (slice(None, -1), slice(1, None)))
        faces += np.count_nonzero((inside[before] != inside[after]) & counted[before] & counted[after])
    return faces * (np.pi / 4 if inside.ndim == 2 else 2 / 3)


def redrawn(classes: np.ndarray, by: float) -> np.ndarray:
    """The same annotation with its outlines farther out: what is new is of the class that is nearest.

    Args:
        classes: uint8 `(*space)`; what nobody annotated, 255, stays so.
        by: pixels outwards; inwards below 0.
    """
    drawn = (classes > 0) & (classes != NOT_ANNOTATED)
    if not drawn.any():
        return classes.copy()
    nearest = ndimage.distance_transform_edt(~drawn, return_distances=False, return_indices=True)
    wanted = np.where(_outside(drawn) < by, classes[tuple(np.asarray(nearest))], 0)
    return np.where(classes == NOT_ANNOTATED, classes, wanted).astype(np.uint8)


def _outside(drawn: np.ndarray) -> np.ndarray:
    """How far the middle of each pixel lies outside of what is drawn, in pixels; negative inside.

    Args:
        drawn: bool `(*space)`.
    """
    if not drawn.any():
        return np.full(drawn.shape, 2 * REACH)
    if drawn.all():
        return np.full(drawn.shape, -2 * REACH)
    outside, inside = (np.asarray(ndimage.distance_transform_edt(each)) for each in (~drawn, drawn))
    return np.where(drawn, 0.5 - inside, outside - 0.5)
