"""How patches may be turned and flipped: freely, but not where the classes say which way is up."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from morula.models.plan import Augmentation
from morula.pairs.spread import evenly
from morula.planning.given import COUNTED, ENOUGH, Given, mask_of

STEADY = 2.5
"""Two classes lie in a fixed direction from each other if the mean of their distance is so many deviations long."""
LEAST = 3
"""Two frames that are alike may be one frame twice."""
ROUNDING = 0.25
"""Centres of few pixels are known to about so many of them, however alike frames are."""
CHANCE = 0.001
"""And if classes without any direction would lie like that in so few sets of as many frames."""


def plan_augmentation(given: Given, reasons: list[str]) -> Augmentation:
    """Patches are flipped and turned freely, but not where the classes say which way is up."""
    axes, reading = given.axes, given.reading
    frames = given.frames
    if len(frames) < ENOUGH:  # those of one movie are no witnesses for each other
        frames = list({frame.group: frame for frame in frames}.values())
    masks = [mask_of(frame, reading) for frame in evenly(frames, COUNTED)]
    steady = steady_axes(masks, reading.classes)
    flips = tuple(axis for axis in range(axes) if axis not in steady)
    if not steady:
        return Augmentation(flips=flips)
    names, them = ["zyx"[axis - axes] for axis in steady], "it" if len(steady) == 1 else "them"
    reasons.append(f"Classes always lie in the same direction from each other along {' and '.join(names)}, so patches "
                   f"are not flipped along {them}, and turned only a little.")
    turns = not {axes - 1, axes - 2} & set(steady)
    return Augmentation(flips=flips, turns=turns, rotation=180.0 if turns else 15.0)


def steady_axes(masks: Sequence[np.ndarray], classes: int) -> tuple[int, ...]:
    """The axes along which some two classes always lie in the same direction from each other.

    The fewer frames show it, the more deviations must the mean of their distance be long (Student's t), so that chance
    is not taken for a rule.

    Args:
        masks: class numbers `(*space)`.
        classes: the number of classes without background.
    """
    centres = np.array([[np.argwhere(mask == number).mean(0) if (mask == number).any() else [np.nan] * mask.ndim
                         for number in range(1, classes + 1)] for mask in masks])
    found = set()
    for one in range(classes):
        for other in range(one):
            apart = centres[:, one] - centres[:, other]
            apart = apart[np.isfinite(apart).all(1)]
            if (count := len(apart)) >= LEAST:
                needed = max(STEADY, -stdtrit(count - 1, CHANCE / 2) / math.sqrt(count - 1))
                mean, deviation = apart.mean(0), np.maximum(apart.std(0), ROUNDING)
                found |= set(np.flatnonzero(np.abs(mean) > needed * deviation).tolist())
    return tuple(sorted(found))
