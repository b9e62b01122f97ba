"""How much images of unknown magnification are enlarged or reduced before a model sees them.

A model that has learned from things of many sizes still knows some best. Which of a few magnifications suits a set of
images is tried on a few of them: it is the one at which the model is surest of its masks, or that of what it has
learned from, if no other one is beyond doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LARGEST = 1.5
"""Images are not enlarged more: there is nothing more in them to be seen."""
TRIED = 8
"""Images that are tried, at most."""
DIFFER = 0.05
"""By about so much the expected IoU of one image differs between two magnifications that are equally good; it says how
far few images are to be believed."""


def zooms(sides: Sequence[int], spaces: Sequence[tuple[int, ...]]) -> list[float]:
    """The factors that are tried, from small to large.

    Args:
        sides: to which the shorter side of images is brought, in pixels.
        spaces: the shapes of images, of which the middle one counts.

    >>> zooms((128, 256, 1024), [(512, 600)])
    [0.25, 0.5, 1.5]
    """
    shorter = float(np.median([min(space) for space in spaces]))
    return sorted({min(side / shorter, LARGEST) for side in sides})


def surest(expected: np.ndarray, factors: Sequence[float], learned: float) -> float:
    """The factor at which images are seen.

    Another one than the next to what was learned from is worth it only if a better mask is expected, by more than the
    standard error of the difference between the two: few images tell the best of several too often by chance.

    Args:
        expected: the IoU of their masks, `(factors, images)`.
        factors: that were tried.
        learned: the one at which images are as large as those learned from.

    >>> surest(np.array([[0.9, 0.9], [0.8, 0.96]]), (0.5, 1.0), learned=1.0)
    1.0
    >>> surest(np.array([[0.9, 0.96], [0.8, 0.85]]), (0.5, 1.0), learned=1.0)
    0.5
    """
    usual = int(np.argmin(np.abs(np.log(factors) - np.log(learned))))
    better = expected - expected[usual]
    mean, count = better.mean(1), expected.shape[1]
    error = np.sqrt(((better - mean[:, None]) ** 2).sum(1) + DIFFER**2) / count
    gained = np.where(mean > error, mean, 0.0)
    return factors[int(gained.argmax()) if gained.any() else usual]
