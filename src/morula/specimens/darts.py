"""Places for things of given sizes, at random and yet not too close to each other."""

from __future__ import annotations

import numpy as np

MOST = 700
"""How many places are tried at most."""


def thrown(
    extent: np.ndarray, radii: np.ndarray, closeness: float, rng: np.random.Generator, *, heaps: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Which of the things found room: their centres `(things, axes)` and their radii `(things,)`.

    Args:
        extent: how long the frame is along each axis, in the unit of `radii`.
        radii: of the things that look for room, one after the other.
        closeness: how near centres may come, as a share of the sum of both radii.
        rng: where chance comes from.
        heaps: 0 to lie anywhere, or in how many heaps they lie.
    """
    radii = radii[:MOST]
    if heaps:
        middles = rng.uniform(0, extent, (heaps, extent.size))
        width = rng.uniform(1.5, 4.0) * radii.mean()
        tried = middles[rng.integers(heaps, size=radii.size)] + rng.normal(0, width, (radii.size, extent.size))
    else:
        beyond = radii[:, None] * (0.3 if radii.size > 8 else -0.4)  # of a few, none is to be a sliver at the edge
        tried = rng.uniform(np.minimum(-beyond, extent / 2), np.maximum(extent + beyond, extent / 2))
    kept = np.zeros(radii.size, bool)
    for each, (place, radius) in enumerate(zip(tried, radii, strict=True)):
        away = ((tried[:each] - place) ** 2).sum(axis=1)
        kept[each] = not (kept[:each] & (away < (closeness * (radii[:each] + radius)) ** 2)).any()
    return tried[kept], radii[kept]
