"""How many steps teach something: with few images, more learn these by heart, and make masks of others worse."""

from __future__ import annotations

import math
from collections.abc import Iterable

ALONE, EACH = 1000, 30
"""Steps that one image is worth at least, and each one more. Five photographs were outlined best after 500 to 1,500
steps, and worse by 0.005 to 0.012 after 2,500 and more; fourteen micrographs no better after 2,500 than after 1,000."""
PATCHES = 16
"""An image counts once, and a large one once for so many patches as have room in it."""


def enough(spaces: Iterable[tuple[int, ...]], patch: tuple[int, ...]) -> int:
    """Steps after which a training that goes by the clock ends, though time be left.

    >>> enough([(512, 512)] * 14, (128, 128)), enough([(2048, 2048)], (128, 128))
    (1420, 1480)

    Args:
        spaces: the size of each image that teaches, in binned pixels.
        patch: the size of what a step shows, likewise.
    """
    images = sum(max(1.0, math.prod(space) / (PATCHES * math.prod(patch))) for space in spaces)
    return round(ALONE + EACH * images)
