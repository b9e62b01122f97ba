"""How bodies lie in a frame, which tells what a model is for from other things that look like it one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from morula.images.room import Room
from morula.objects.labels import connected_pieces
from morula.settings import Settings

SPECK = 1e-4
"""Smaller pieces of the first class, as a share of the frame, are no bodies."""
LITTLE = 1e-3
"""A share of the frame that makes no difference."""
LOOKED_AT = 2**22
"""Pixels of a mask that are looked at, about."""
SELDOM = 0.015
"""Of the frames that a model is for, as many may be told as strange."""


class Layout(Settings):
    """What tells frames of other things: a weighted sum of two numbers, see `layout_of`, and a limit."""

    weights: tuple[float, float]
    """Of each number, the more the stranger."""
    limit: float
    """The sum above which a frame is strange."""

    @classmethod
    def of(cls, usual: Sequence[Room], others: Sequence[Room]) -> Self:
        """What tells masks apart (R. A. Fisher 1936, doi 10.1111/j.1469-1809.1936.tb02137.x).

        Args:
            usual: masks of frames that the model is for; class numbers, uint8 `(*space)`.
            others: those that it makes of frames with other things.
        """
        known, strange = (np.array([seen for mask in masks if (seen := layout_of(mask)) is not None])
                          for masks in (usual, others))
        weights = np.linalg.solve(np.cov(known.T) + np.cov(strange.T), strange.mean(0) - known.mean(0))
        weights /= np.linalg.norm(weights)
        return cls(weights=tuple(weights.tolist()), limit=float(np.quantile(known @ weights, 1 - SELDOM)))

    def is_strange(self, mask: Room) -> bool:
        """Whether bodies lie in a mask as other things do; not where there is none."""
        seen = layout_of(mask)
        return seen is not None and float(seen @ self.weights) > self.limit


def layout_of(mask: Room) -> np.ndarray | None:
    """The square root of how many bodies there are, and the logarithm of how much of the frame is other foreground.

    A body is a connected piece of the first class. Neither depends on the magnification, as long as a frame shows the
    same.

    Args:
        mask: class numbers, uint8 `(*space)`.

    Returns:
        float64 `(2,)`; None where there is no body.
    """
    step = max(1, round((np.prod(mask.shape, dtype=float) / LOOKED_AT) ** (1 / mask.ndim)))
    thinned = np.asarray(mask[(slice(None, None, step),) * mask.ndim])
    _, sizes = connected_pieces(thinned == 1)
    bodies = np.count_nonzero(sizes >= SPECK * thinned.size)
    return np.array([np.sqrt(bodies), np.log((thinned > 1).mean() + LITTLE)]) if bodies else None
