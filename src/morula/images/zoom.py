"""How much images of unknown magnification are enlarged or reduced before a model sees them.

A model that has learned from things of many sizes still knows some best. Which of a few magnifications suits a set of
images is tried on a few of them: it is the one at which the model is surest of its masks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LARGEST = 1.5
"""Images are not enlarged more: there is nothing more in them to be seen."""
TRIED = 4
"""Images that are tried, at most."""


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
