"""Noise of a given width: grain, mottle, and the patterns of packed cells."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

COARSEST = 3.0
"""Noise that is wider than so many pixels is made on a coarser grid, and enlarged."""


def grain(shape: tuple[int, int], width: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian texture `shape`, float32, of mean 0 and standard deviation 1, so many pixels wide."""
    step = max(1, int(width / COARSEST))
    coarse = tuple(length // step + 3 for length in shape)
    noise = rng.standard_normal(coarse, dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, width / step / 2, mode="wrap")
    if step > 1:
        noise = ndimage.zoom(noise, step, order=1)[: shape[0], : shape[1]]
    return _even(np.asarray(noise)[: shape[0], : shape[1]])


def packed(shape: tuple[int, int], width: float, rng: np.random.Generator) -> np.ndarray:
    """Cells side by side, as light bodies with dark seams: `shape`, float32, of mean 0 and standard deviation 1."""
    step = max(2.0, width)
    rows, columns = (np.arange(-1, length / step + 2) for length in shape)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
    seeds = (grid + rng.uniform(-0.45, 0.45, grid.shape)).reshape(-1, 2) * step
    marks = np.ones(shape, bool)
    inside = np.rint(seeds).astype(int)
    kept = ((inside >= 0) & (inside < shape)).all(axis=1)
    marks[tuple(inside[kept].T)] = False
    away = np.asarray(ndimage.distance_transform_edt(marks), np.float32) / step
    return _even(-np.clip(away, 0, 1))


def _even(texture: np.ndarray) -> np.ndarray:
    return (texture - texture.mean()) / max(float(texture.std()), 1e-6)
