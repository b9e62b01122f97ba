"""Large parts of a body in section: compact ones, walls around a hollow, and parts within parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from morula.specimens import breadths
from morula.specimens.crowds import Manner, crowd
from morula.specimens.partitions import partition
from morula.specimens.things import Things

FORMS = ("compact", "hollow", "filled")
"""A hollow part is a wall around what is outside, too; a filled one has another part within its wall."""


def organs(
    shape: tuple[int, ...], spacing: tuple[float, ...], rng: np.random.Generator
) -> tuple[Things, np.ndarray]:
    """Large parts, and how much lighter each is than what is around it, `(1 + things,)`: neighbours always differ."""
    if rng.random() < breadths.EMPTY:
        return Things(np.zeros(shape, np.int32), spacing), np.zeros(1, np.float32)
    labels, levels = (_mosaic if rng.random() < breadths.MOSAIC else _apart)(shape, spacing, rng)
    things = Things.numbered(labels, spacing)
    left = np.unique(labels[things.inside])  # numbering anew keeps their order
    return things, np.concatenate([[0], levels[left]]).astype(np.float32)


def _mosaic(
    shape: tuple[int, ...], spacing: tuple[float, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Parts side by side, some of which are the floor."""
    parts = partition(shape, spacing, breadths.PART.drawn(rng) * min(shape[-2:]), 0.0, rng)
    levels = rng.permutation(np.linspace(-1.3, 1.3, parts.count + 2))[: parts.count + 1]
    floor = rng.random(parts.count + 1) < rng.uniform(0.1, 0.5)
    floor[rng.integers(1, parts.count + 1)] = True  # a frame that one part fills shows no part
    kept = ~floor & (np.abs(levels) > 0.3)
    return parts.labels * kept[parts.labels], levels


def _apart(
    shape: tuple[int, ...], spacing: tuple[float, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Parts that lie in something, each of a form of its own."""
    radius = breadths.ORGAN.drawn(rng) * min(shape[-2:])
    manner = replace(Manner.drawn(rng, radius, longest=2.5), closeness=rng.uniform(0.9, 1.3),
                     cover=rng.uniform(0.1, 1.2), heaps=0, square=2.0, spread=rng.uniform(0, 0.5))
    whole = crowd(shape, spacing, manner, rng)
    form = rng.integers(len(FORMS), size=whole.count + 1)
    wall = np.where(form == FORMS.index("compact"), 2.0, rng.uniform(*breadths.WALL, size=form.size))
    within = whole.share > wall[whole.labels].astype(np.float32)
    labels = np.where(within & (form == FORMS.index("hollow"))[whole.labels], 0, whole.labels)
    filled = within & (form == FORMS.index("filled"))[whole.labels]
    outer = rng.choice([-1, 1]) * rng.uniform(0.5, 1.3, whole.count + 1)
    if rng.random() < 0.6:
        outer *= rng.choice([-1, 1], outer.size)
    inner = outer - np.sign(outer) * rng.choice([-0.6, 0.7, 1.6], outer.size) * rng.uniform(0.9, 1.1, outer.size)
    return labels + filled * np.int32(whole.count), np.concatenate([outer, inner[1:]])
