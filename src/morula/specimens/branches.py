"""Tubes, fibres and vessels that bend, branch, taper and cross each other."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.things import Things

STEP = 0.6
"""Pixels between points of a midline, so that it has no gaps."""


def branches(shape: tuple[int, ...], spacing: tuple[float, ...], radius: float, rng: np.random.Generator) -> Things:
    """Trees of tubes of about this radius; what hangs together has one number."""
    extent = np.multiply(shape, spacing)
    bend, fork, taper = breadths.TUBE_BEND.drawn(rng), rng.choice([0.0, breadths.FORKS.drawn(rng)]), rng.uniform(0, 0.7)
    wanted = int(np.clip(breadths.TUBES.drawn(rng) * extent.max() / (8 * radius), 2, 40))
    common = _unit(rng.standard_normal((1, extent.size)))
    aligned = rng.random() < breadths.ALIGNED
    points, radii = [], []
    for _ in range(wanted):
        heading = _unit(common + 0.3 * rng.standard_normal((1, extent.size))) if aligned else None
        start = rng.uniform(0, 1, extent.size) * extent
        _grow(start, heading, radius * rng.lognormal(0, 0.25), (bend, fork, taper), extent, rng, points, radii)
    places = np.concatenate(points)
    at = np.rint(places / spacing).astype(int)
    within = ((at >= 0) & (at < shape)).all(axis=1)
    if not within.any():
        return Things(np.zeros(shape, np.int32), spacing)
    at = tuple(at[within].T)
    widths = np.zeros(shape, np.float32)
    np.maximum.at(widths, at, np.concatenate(radii)[within])
    away, nearest = ndimage.distance_transform_edt(widths == 0, sampling=spacing, return_indices=True)
    inside = away <= widths[tuple(nearest)]
    labels, _ = ndimage.label(inside, np.ones([3] * len(shape)))
    return Things.numbered(labels.astype(np.int32), spacing)


def _grow(start: np.ndarray, heading: np.ndarray | None, radius: float, habit: tuple[float, float, float],
          extent: np.ndarray, rng: np.random.Generator, points: list, radii: list, depth: int = 0) -> None:
    """Add a tube, and the tubes that branch off it, to lists of points of midlines and of radii there."""
    bend, fork, taper = habit
    count = int(rng.uniform(0.3, 1.2) * extent.max() / STEP * 0.7**depth)
    axes = extent.size
    turns = np.cumsum(rng.standard_normal((count, axes)) * bend * np.sqrt(STEP / radius / 5), axis=0)
    first = _unit(rng.standard_normal((1, axes))) if heading is None else heading
    headings = _unit(first + turns)
    path = start + STEP * np.cumsum(headings, axis=0)
    along = np.linspace(0, 1, count)
    waves = 1 + 0.12 * np.sin(2 * np.pi * (along * rng.uniform(1, 8) + rng.random()))
    widths = np.maximum(radius * (1 - taper * along) * waves, 0.8)
    points.append(path)
    radii.append(widths.astype(np.float32))
    if depth < 3 and radius > 1:
        for at in rng.integers(count // 5, count, int(rng.poisson(fork))):
            side = _unit(headings[at : at + 1] + rng.uniform(0.4, 1.2) * _unit(rng.standard_normal((1, axes))))
            _grow(path[at], side, float(widths[at]) * rng.uniform(0.5, 0.9), habit, extent, rng, points, radii, depth + 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
