"""Smooth noise of a given width in planes and in volumes, whatever lies between their planes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

COARSEST = 3.5
"""Noise that is wider than so many pixels is made on a coarser grid, between whose points it is straight."""


def mottle(
    shape: tuple[int, ...], width: float, rng: np.random.Generator, spacing: tuple[float, ...] | None = None
) -> np.ndarray:
    """Gaussian noise `shape`, float32, of mean 0 and standard deviation 1.

    Args:
        shape: of the plane or volume.
        width: how far apart places are alike, in pixels of a row.
        rng: where chance comes from.
        spacing: how far neighbours lie apart along each axis; 1 if not given.
    """
    widths = width / np.array(spacing or (1.0,) * len(shape))
    steps = np.maximum(1, (widths / COARSEST).astype(int))
    coarse = [int(length) // int(step) + 3 for length, step in zip(shape, steps, strict=True)]
    noise = rng.standard_normal(coarse, dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, widths / steps / 2, mode="wrap", truncate=3.0)
    for axis, (length, step) in enumerate(zip(shape, steps.tolist(), strict=True)):
        noise = _finer(noise, axis, length, step)
    return (noise - noise.mean()) / max(float(noise.std()), 1e-6)


def _finer(noise: np.ndarray, axis: int, length: int, step: int) -> np.ndarray:
    """So many points along an axis, of which every `step`-th was there."""
    if step == 1:
        return noise[tuple(slice(length) if each == axis else slice(None) for each in range(noise.ndim))]
    before, between = np.divmod(np.arange(length), step)
    between = (between / step).astype(np.float32).reshape([-1 if each == axis else 1 for each in range(noise.ndim)])
    return noise.take(before, axis) * (1 - between) + noise.take(before + 1, axis) * between
