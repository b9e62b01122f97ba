"""Space bent smoothly, so that straight seams become crooked and ellipses become cells."""

from __future__ import annotations

import numpy as np

from morula.specimens.mottles import mottle


def bent(
    shape: tuple[int, ...], spacing: tuple[float, ...], strength: float, width: float, rng: np.random.Generator
) -> list[np.ndarray]:
    """Where each place lies after bending, one array `shape` an axis, in pixels of a row.

    Args:
        shape: of the space.
        spacing: of neighbours along each axis.
        strength: how far places move: a standard deviation, in pixels.
        width: how far apart places move alike, in pixels.
        rng: where chance comes from.
    """
    straight = list(np.meshgrid(*(step * np.arange(length, dtype=np.float32)
                                  for step, length in zip(spacing, shape, strict=True)), indexing="ij"))
    if strength < 0.1:
        return straight
    return [at + strength * np.clip(mottle(shape, width, rng, spacing), -2, 2) for at in straight]
