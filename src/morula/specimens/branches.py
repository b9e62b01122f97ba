"""Tubes, fibres and vessels that bend, branch, taper and cross each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.things import Things

STEP = 0.6
"""Pixels between points of a midline, so that it has no gaps."""
DEEPEST = 3
"""How often a tube branches off one that branched off."""


@dataclass(frozen=True)
class Habit:
    """How the tubes of one picture grow.

    Attributes:
        length: of the longest, in pixels of a row.
        bend: how fast they turn.
        forks: how many branch off each, on average.
        taper: by which share they are thinner at their end.
    """

    length: float
    bend: float
    forks: float
    taper: float


def branches(shape: tuple[int, ...], spacing: tuple[float, ...], radius: float, rng: np.random.Generator) -> Things:
    """Trees of tubes of about this radius; what hangs together has one number."""
    extent = np.multiply(shape, spacing)
    forks = breadths.FORKS.drawn(rng) if rng.random() < 0.5 else 0.0
    habit = Habit(float(extent.max()), breadths.TUBE_BEND.drawn(rng), forks, rng.uniform(0, 0.7))
    across = extent.prod() / extent.max() / (8 * radius) ** (extent.size - 1)
    common, spread = rng.standard_normal(extent.size), 0.3 if rng.random() < breadths.ALIGNED else 100.0
    tubes = []
    for _ in range(int(np.clip(breadths.TUBES.drawn(rng) * across, 3, 60))):
        heading = _unit(_unit(common) + spread * rng.standard_normal(extent.size))
        tubes += _grown(rng.uniform(0, extent), heading, radius * rng.lognormal(0, 0.25), habit, rng)
    at = np.rint(np.concatenate([path for path, _ in tubes]) / spacing).astype(int)
    within = ((at >= 0) & (at < shape)).all(axis=1)
    radii = np.zeros(shape, np.float32)
    np.maximum.at(radii, tuple(at[within].T), np.concatenate([own for _, own in tubes])[within])
    nearest, away = np.zeros((len(shape), *shape), np.int32), np.zeros(shape)
    ndimage.distance_transform_edt(radii == 0, spacing, return_indices=True, distances=away, indices=nearest)
    labels = np.zeros(shape, np.int32)
    ndimage.label(away <= radii[tuple(nearest)], np.ones([3] * len(shape)), output=labels)
    return Things.numbered(labels, spacing)


def _grown(
    start: np.ndarray, heading: np.ndarray, radius: float, habit: Habit, rng: np.random.Generator, depth: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A tube, and those that branch off it: points of the midline `(points, axes)` and the radius at each."""
    count = int(rng.uniform(0.3, 1.2) * habit.length / STEP * 0.7**depth)
    turns = np.cumsum(rng.standard_normal((count, start.size)) * habit.bend * np.sqrt(STEP / radius / 5), axis=0)
    headings = _unit(heading + turns)
    path = start + STEP * np.cumsum(headings, axis=0)
    along = np.linspace(0, 1, count)
    waves = 1 + 0.12 * np.sin(2 * np.pi * (along * rng.uniform(1, 8) + rng.random()))
    radii = np.maximum(radius * (1 - habit.taper * along) * waves, 0.8).astype(np.float32)
    yield path, radii
    if depth < DEEPEST and radius > 1:
        for at in rng.integers(count // 5, count, int(rng.poisson(habit.forks))):
            side = _unit(headings[at] + rng.uniform(0.4, 1.2) * _unit(rng.standard_normal(start.size)))
            yield from _grown(path[at], side, float(radii[at]) * rng.uniform(0.5, 0.9), habit, rng, depth + 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
